"""The options of the churn commands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

__all__ = ["ChurnLearning", "ChurnModel", "ChurnScoring", "Estimator"]

_TABLE = "A ready table of customers"
_PANEL = "What to foretell, from a purchase log"
_MODEL = "The classifier"


class Estimator(StrEnum):
    """What learns."""

    logistic = "logistic"
    boosting = "boosting"


@dataclass(frozen=True)
class ChurnLearning:
    """Where labels come from, and what learns them."""

    target: Annotated[
        str | None,
        typer.Option(
            help="Column that says who churned (two values; the greater one is churn). LOG is then "
            "a table with one row per customer, and all columns but --customer-id and --time are "
            "features.",
            metavar="NAME",
            rich_help_panel=_TABLE,
        ),
    ] = None
    time: Annotated[
        str | None,
        typer.Option(
            help="Column of the table that says when; the latest rows then calibrate.",
            metavar="NAME",
            rich_help_panel=_TABLE,
        ),
    ] = None
    snapshot: Annotated[
        list[str] | None,
        typer.Option(
            help="A day to look ahead from; may be repeated, and must be with two days at least so "
            "that the last one calibrates.",
            metavar="YYYY-MM-DD",
            rich_help_panel=_PANEL,
        ),
    ] = None
    horizon: Annotated[
        int,
        typer.Option(
            help="Days after the snapshot: who buys nothing in them has churned.",
            min=1,
            rich_help_panel=_PANEL,
        ),
    ] = 90
    estimator: Annotated[Estimator, typer.Option(help="What learns.", rich_help_panel=_MODEL)] = (
        Estimator.logistic
    )
    seed: Annotated[
        int, typer.Option(help="Seed of random numbers.", min=0, rich_help_panel=_MODEL)
    ] = 0


@dataclass(frozen=True)
class ChurnModel:
    """A classifier saved before."""

    model: Annotated[
        Path,
        typer.Option(help="Folder that train wrote.", file_okay=False, metavar="DIR"),
    ]


@dataclass(frozen=True)
class ChurnScoring:
    """Whom to score, and where the scores go."""

    out: Annotated[
        Path,
        typer.Option(
            help="File for the scores, ending in .parquet or .csv.", dir_okay=False, metavar="FILE"
        ),
    ]
    at: Annotated[
        str | None,
        typer.Option(
            help="Day to look ahead from; only what was before it counts.",
            show_default="the day after the log's last",
            metavar="YYYY-MM-DD",
        ),
    ] = None
    top: Annotated[int, typer.Option(help="How many reasons for each customer.", min=0)] = 3
