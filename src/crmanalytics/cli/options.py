"""The options that the commands share, each described once."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

COLUMNS = "Columns of the log"
CLEANING = "Reading and cleaning"
MODEL = "Time and money"


class Unit(StrEnum):
    """Time units."""

    D = "D"
    W = "W"
    M = "M"
    Y = "Y"


class Refunds(StrEnum):
    """What becomes of refunds."""

    net = "net"
    drop = "drop"
    separate = "separate"
    match = "match"


class Occasion(StrEnum):
    """What one purchase occasion is."""

    day = "day"
    order = "order"
    row = "row"


Log = Annotated[
    str,
    typer.Argument(
        metavar="LOG",
        help="The purchase log: a .csv or .parquet file, or cdnow, a log that comes along.",
    ),
]
Out = Annotated[Path, typer.Option(help="Folder for the results; made if need be.")]

CustomerId = Annotated[str, typer.Option(help="Who bought.", rich_help_panel=COLUMNS)]
Date = Annotated[str, typer.Option(help="When.", rich_help_panel=COLUMNS)]
Amount = Annotated[str, typer.Option(help="Money of the row.", rich_help_panel=COLUMNS)]
OrderId = Annotated[
    str | None, typer.Option(help="Order or invoice of the row.", rich_help_panel=COLUMNS)
]
ProductId = Annotated[str | None, typer.Option(help="Product of the row.", rich_help_panel=COLUMNS)]
Quantity = Annotated[str | None, typer.Option(help="Units of the row.", rich_help_panel=COLUMNS)]

DateFormat = Annotated[
    str | None,
    typer.Option(
        help="How dates are written, as in strftime: %d/%m/%Y. ISO 8601 without it.",
        rich_help_panel=CLEANING,
    ),
]
TimeZone = Annotated[
    str | None,
    typer.Option(
        help="Where calendar days are those of, for stamps with a UTC offset: Europe/Paris.",
        rich_help_panel=CLEANING,
    ),
]
SkipBadRows = Annotated[
    bool,
    typer.Option(
        "--skip-bad-rows",
        help="Leave out rows that cannot be read, and say how many, instead of refusing the file.",
        rich_help_panel=CLEANING,
    ),
]
RefundsOption = Annotated[
    Refunds,
    typer.Option(
        "--refunds",
        help="net: refunds lower their customer's total. drop: they are left out. "
        "separate: as drop, and written to refunds.csv. match: a refund and the purchase that it "
        "undoes are both left out.",
        rich_help_panel=CLEANING,
    ),
]
ExcludeCustomer = Annotated[
    list[str] | None,
    typer.Option(help="A customer to leave out; may be repeated.", rich_help_panel=CLEANING),
]
ExcludeProduct = Annotated[
    list[str] | None,
    typer.Option(help="A product to leave out; may be repeated.", rich_help_panel=CLEANING),
]
OccasionOption = Annotated[
    Occasion,
    typer.Option(
        "--occasion",
        help="What one purchase is: all of a calendar day, an order, or a row.",
        rich_help_panel=CLEANING,
    ),
]

Until = Annotated[
    str | None,
    typer.Option(
        help="Last day of observation, such as 1998-06-30; the log's last day without it.",
        rich_help_panel=MODEL,
    ),
]
UnitOption = Annotated[
    Unit,
    typer.Option(
        "--unit",
        help="Unit of recency, T and the horizon: days, weeks, months or years.",
        rich_help_panel=MODEL,
    ),
]


class Model(StrEnum):
    """Models of purchases."""

    mbg_nbd = "mbg-nbd"
    bg_nbd = "bg-nbd"
    pareto_nbd = "pareto-nbd"


ModelOption = Annotated[
    Model,
    typer.Option(
        "--model",
        help="mbg-nbd: customers may leave after any purchase, the first one too. bg-nbd: only "
        "after repeat purchases, so that one-time buyers all count as alive. pareto-nbd: at any "
        "moment.",
        rich_help_panel=MODEL,
    ),
]
Horizon = Annotated[
    float,
    typer.Option(help="How far to look ahead, in that unit.", min=0, rich_help_panel=MODEL),
]
DiscountRate = Annotated[
    float | None,
    typer.Option(
        help="Per year: 0.1 is 10%. Lifetime values need it and --margin; there is no default.",
        min=0,
        rich_help_panel=MODEL,
    ),
]
Margin = Annotated[
    float | None,
    typer.Option(help="Share of the money that is profit: 0.3 is 30%.", rich_help_panel=MODEL),
]
