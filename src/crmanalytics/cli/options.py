"""The options of the commands, in groups that several commands share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

__all__ = [
    "EngineName",
    "EngineOptions",
    "LogOptions",
    "Model",
    "ModelOptions",
    "Occasion",
    "OutlookOptions",
    "PredictOptions",
    "Refunds",
    "ReportOptions",
    "TargetOptions",
    "Unit",
]

_COLUMNS = "Columns of the log"
_READING = "How to read the log"
_COUNTING = "How to count"
_OUTLOOK = "Looking ahead"
_REPORT = "The report"
_LARGE = "Larger than memory"


class Unit(StrEnum):
    """Unit of time."""

    day = "D"
    week = "W"
    month = "M"
    year = "Y"


class Occasion(StrEnum):
    """What one purchase is."""

    day = "day"
    order = "order"
    row = "row"


class Refunds(StrEnum):
    """What becomes of rows with a negative amount."""

    net = "net"
    drop = "drop"
    separate = "separate"
    match = "match"


class Model(StrEnum):
    """Models of purchases."""

    mbg_nbd = "mbg-nbd"
    bg_nbd = "bg-nbd"
    pareto_nbd = "pareto-nbd"


@dataclass(frozen=True)
class LogOptions:
    """Which log to read, and how."""

    log: Annotated[
        str,
        typer.Argument(
            metavar="LOG",
            help="The purchase log, one row per purchase or per line of an order: a CSV file, a "
            "Parquet file or a folder of such; or 'cdnow' or 'cdnow-sample' for a public log that "
            "comes along.",
        ),
    ]
    customer_id: Annotated[
        str, typer.Option(help="Who bought.", metavar="NAME", rich_help_panel=_COLUMNS)
    ] = "customer_id"
    date: Annotated[str, typer.Option(help="When.", metavar="NAME", rich_help_panel=_COLUMNS)] = (
        "date"
    )
    amount: Annotated[
        str,
        typer.Option(
            help="Money of the row; negative for a refund.",
            metavar="NAME",
            rich_help_panel=_COLUMNS,
        ),
    ] = "amount"
    unit_price: Annotated[
        str | None,
        typer.Option(
            help="Price of one unit, where there is no amount: the amount is then quantity times "
            "price.",
            metavar="NAME",
            rich_help_panel=_COLUMNS,
        ),
    ] = None
    quantity: Annotated[
        str | None,
        typer.Option(help="Units bought.", metavar="NAME", rich_help_panel=_COLUMNS),
    ] = None
    order_id: Annotated[
        str | None,
        typer.Option(
            help="Order or invoice; needed with --occasion order.",
            metavar="NAME",
            rich_help_panel=_COLUMNS,
        ),
    ] = None
    product_id: Annotated[
        str | None,
        typer.Option(
            help="Product; tells refunds apart with --refunds match.",
            metavar="NAME",
            rich_help_panel=_COLUMNS,
        ),
    ] = None
    date_format: Annotated[
        str | None,
        typer.Option(
            help="How dates are written, such as '%d.%m.%Y' or '%m/%d/%Y %H:%M'.",
            show_default="ISO 8601, such as 2024-12-31",
            metavar="FORMAT",
            rich_help_panel=_READING,
        ),
    ] = None
    time_zone: Annotated[
        str | None,
        typer.Option(
            help="Where the calendar days are those of, such as Europe/Vienna; needed if the dates "
            "carry several offsets.",
            metavar="ZONE",
            rich_help_panel=_READING,
        ),
    ] = None
    separator: Annotated[
        str, typer.Option(help="What parts the columns of a CSV file.", rich_help_panel=_READING)
    ] = ","
    decimal: Annotated[
        str, typer.Option(help="Decimal mark of a CSV file.", rich_help_panel=_READING)
    ] = "."
    thousands: Annotated[
        str,
        typer.Option(
            help="Mark between thousands: ',' for 1,234.50. [default: none]",
            show_default=False,
            metavar="MARK",
            rich_help_panel=_READING,
        ),
    ] = ""
    encoding: Annotated[
        str, typer.Option(help="Encoding of a CSV file.", rich_help_panel=_READING)
    ] = "utf-8"
    skip_bad_rows: Annotated[
        bool,
        typer.Option(
            "--skip-bad-rows",
            help="Leave out rows that cannot be read, up to half of them, and report them. Without "
            "it, such rows end the run.",
            rich_help_panel=_READING,
        ),
    ] = False
    until: Annotated[
        str | None,
        typer.Option(
            help="Last day to count; later rows are left out.",
            show_default="the last day of the log",
            metavar="YYYY-MM-DD",
            rich_help_panel=_COUNTING,
        ),
    ] = None
    occasion: Annotated[
        Occasion,
        typer.Option(
            help="What one purchase is: all of a customer's day, an order, or a row.",
            rich_help_panel=_COUNTING,
        ),
    ] = Occasion.day
    refunds: Annotated[
        Refunds,
        typer.Option(
            help="What becomes of rows with a negative amount: they lower the customer's total "
            "(net), are left out (drop; separate writes them to refunds.csv as well), or undo the "
            "purchase that they match (match).",
            rich_help_panel=_COUNTING,
        ),
    ] = Refunds.net
    exclude_customer: Annotated[
        list[str] | None,
        typer.Option(
            help="A customer to leave out, such as a test account; may be repeated.",
            metavar="ID",
            rich_help_panel=_COUNTING,
        ),
    ] = None
    exclude_product: Annotated[
        list[str] | None,
        typer.Option(
            help="A product to leave out, such as postage; may be repeated. Needs --product-id.",
            metavar="ID",
            rich_help_panel=_COUNTING,
        ),
    ] = None


@dataclass(frozen=True)
class ModelOptions:
    """What to fit."""

    unit: Annotated[
        Unit,
        typer.Option(
            help="Unit of time of the model, and of the horizon: day, week, month or year.",
            rich_help_panel=_COUNTING,
        ),
    ] = Unit.week
    model: Annotated[
        Model,
        typer.Option(
            help="Model of purchases. In mbg-nbd a customer may leave after any purchase; in "
            "bg-nbd only after a repeat purchase, so that one-time buyers all count as active; in "
            "pareto-nbd at any time (slower).",
            rich_help_panel=_COUNTING,
        ),
    ] = Model.mbg_nbd
    penalty: Annotated[
        float,
        typer.Option(
            help="Holds the parameters near moderate values; try 1 if a small log ends in an "
            "error of convergence.",
            min=0.0,
            rich_help_panel=_COUNTING,
        ),
    ] = 0.0


@dataclass(frozen=True)
class OutlookOptions:
    """How far to look ahead, and what it is worth."""

    horizon: Annotated[
        float,
        typer.Option(
            help="How far to look ahead, in the unit of time: 52 weeks are a year.",
            min=0.0,
            rich_help_panel=_OUTLOOK,
        ),
    ] = 52.0
    discount_rate: Annotated[
        float | None,
        typer.Option(
            help="Discount rate per year: 0.1 is 10%. Together with --margin it makes a customer's "
            "value, clv; there is no default for either.",
            rich_help_panel=_OUTLOOK,
        ),
    ] = None
    margin: Annotated[
        float | None,
        typer.Option(
            help="Share of the money that is profit: 0.3 is 30%.", rich_help_panel=_OUTLOOK
        ),
    ] = None


class EngineName(StrEnum):
    """What works on a log that is larger than memory."""

    polars = "polars"
    duckdb = "duckdb"
    spark = "spark"


@dataclass(frozen=True)
class EngineOptions:
    """How to score a log that is larger than memory."""

    engine: Annotated[
        EngineName | None,
        typer.Option(
            help="Score a folder of Parquet files with this engine, part by part, into "
            "DIR/scores, with a shorter report: no cohorts, and no test on a later period. A run "
            "that was killed goes on where it was.",
            show_default="in memory",
            rich_help_panel=_LARGE,
        ),
    ] = None
    memory: Annotated[
        str,
        typer.Option(
            help="What the engine may use (duckdb and spark); models take some 500 bytes per "
            "distinct history besides.",
            metavar="SIZE",
            rich_help_panel=_LARGE,
        ),
    ] = "1GB"
    parts: Annotated[
        int | None,
        typer.Option(
            help="How many parts the customers are cut into, each of them counted and scored by "
            "itself, and a file of the scores.",
            min=1,
            max=9999,
            show_default="one per 6 million rows of the log",
            rich_help_panel=_LARGE,
        ),
    ] = None


@dataclass(frozen=True)
class ReportOptions:
    """How the report looks, and how the model is tested in it."""

    check_at: Annotated[
        str | None,
        typer.Option(
            help="Day on which the model is tested: fitted to what was before, it forecasts what "
            "came after.",
            show_default="halfway through the log",
            metavar="YYYY-MM-DD",
            rich_help_panel=_REPORT,
        ),
    ] = None
    currency: Annotated[
        str, typer.Option(help="Written before amounts, such as $ or €.", rich_help_panel=_REPORT)
    ] = ""
    title: Annotated[str, typer.Option(help="Title of the report.", rich_help_panel=_REPORT)] = (
        "Customer report"
    )


@dataclass(frozen=True)
class TargetOptions:
    """Where results go."""

    out: Annotated[
        Path,
        typer.Option(
            help="Folder for the results; it is made if need be, and files of the same names are "
            "replaced, each in one step.",
            file_okay=False,
            metavar="DIR",
        ),
    ]


@dataclass(frozen=True)
class PredictOptions:
    """Saved models, and the file for the scores."""

    models: Annotated[
        Path,
        typer.Option(
            help="Folder with saved models: the folder 'models' that fit or score wrote, or the "
            "folder that holds it.",
            file_okay=False,
            metavar="DIR",
        ),
    ]
    out: Annotated[
        Path,
        typer.Option(
            help="File for the scores, ending in .parquet or .csv.", dir_okay=False, metavar="FILE"
        ),
    ]
