"""What the commands do: read, clean, count, fit, score."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from crmanalytics import clv, rfm
from crmanalytics import columns as c
from crmanalytics.cli.parsing import parse
from crmanalytics.cli.reading import read
from crmanalytics.errors import FitError, FormatError, InvalidValuesError, ParameterError
from crmanalytics.persistence import load
from crmanalytics.transactions import clean, summarize
from crmanalytics.transactions.units import as_day, as_text

if TYPE_CHECKING:
    from pathlib import Path

    from crmanalytics.cli.options import LogOptions, ModelOptions, OutlookOptions

__all__ = [
    "MODELS",
    "Base",
    "Models",
    "count",
    "fit_models",
    "fitted",
    "halfway",
    "like",
    "load_models",
    "nothing_left",
    "profile_of",
    "score",
]

MODELS: Final = {"bg-nbd": clv.BGNBD, "mbg-nbd": clv.MBGNBD, "pareto-nbd": clv.ParetoNBD}
_FILES: Final = ("purchases.json", "spend.json", "rfm_breaks.json")


@dataclass(frozen=True, eq=False)
class Base:
    """A log made ready, and its customers.

    Parameters
    ----------
    transactions : DataFrame
        The cleaned log, up to the last day.
    customers : DataFrame
        One row per customer.
    cleaning : DataFrame
        What was left out.
    refunds : DataFrame or None
        Refunds that were set apart.
    until : str
        The last day.
    assumed : bool
        Whether the last day is the log's, for want of another.
    """

    transactions: pd.DataFrame
    customers: pd.DataFrame
    cleaning: pd.DataFrame
    refunds: pd.DataFrame | None
    until: str
    assumed: bool


@dataclass(frozen=True, eq=False)
class Models:
    """What scores are made with."""

    purchases: clv.Fit[Any]
    spend: clv.Fit[clv.GammaGamma]
    breaks: rfm.Breaks

    def save(self, folder: Path) -> list[Path]:
        """Write each model to a file of its own."""
        purchases, spend, breaks = (folder / name for name in _FILES)
        return [self.purchases.save(purchases), self.spend.save(spend), self.breaks.save(breaks)]


def count(options: LogOptions, unit: str) -> Base:
    """Read a log, clean it, and count its customers.

    Parameters
    ----------
    options : LogOptions
        Which log, and how to read it.
    unit : {"D", "W", "M", "Y"}
        Unit of time.

    Returns
    -------
    Base
        The customers, and what was left out on the way.

    Raises
    ------
    CRMAnalyticsError
        If the log will not do; the message says why and how to mend it.
    """
    parsed = parse(read(options), options)
    dtypes = parsed.log.dtypes.items()
    numeric = [name for name, dtype in dtypes if pd.api.types.is_integer_dtype(dtype)]
    cleaned = clean(
        parsed.log,
        refunds=options.refunds.value,
        exclude_customers=like(
            c.CUSTOMER_ID, options.exclude_customer, numeric=c.CUSTOMER_ID in numeric
        ),
        exclude_products=like(
            c.PRODUCT_ID, options.exclude_product, numeric=c.PRODUCT_ID in numeric
        ),
        until=options.until,
    )
    transactions = cleaned.transactions.reset_index(drop=True)
    if not len(transactions):
        raise InvalidValuesError(nothing_left(options.log, cleaned.log))
    until = options.until or str(transactions[c.DATE].max())[:10]
    customers = summarize(
        transactions,
        until=until,
        unit=unit,  # type: ignore[arg-type] # one of the units
        occasion=options.occasion.value,
    )
    cleaning = pd.concat([parsed.skipped, cleaned.log], ignore_index=True)
    assumed = options.until is None
    return Base(transactions, customers, cleaning, cleaned.refunds, until[:10], assumed)


def nothing_left(name: str, cleaning: pd.DataFrame) -> str:
    """Say that cleaning has left no rows, and why."""
    removed = cleaning[cleaning["rows"] > 0]
    said = [f"{n:,} {rule}" for rule, n in zip(removed["rule"], removed["rows"], strict=True)]
    return f"{name} has no rows left to count after cleaning: all are left out ({', '.join(said)})."


def like(column: str, listed: list[str] | None, *, numeric: bool) -> list[Any]:
    """Return identifiers in the dtype that those of the log have."""
    if not listed or not numeric:
        return listed or []
    wrong = [each for each in listed if not each.lstrip("-").isdigit()]
    if wrong:
        raise ParameterError(f"{wrong[0]!r} is to be left out, but all of {column} are numbers.")
    return [int(each) for each in listed]


def fit_models(base: Base, options: ModelOptions) -> Models:
    """Fit the models to the customers of a log.

    Raises
    ------
    InvalidValuesError
        If there are too few customers, or none who came back.
    FitError
        If the data does not determine a model.
    """
    repeat = int((base.customers[c.FREQUENCY] > 0).sum())
    return fitted(base.customers, len(base.customers), repeat, options)


def fitted(customers: Any, size: int, repeat: int, options: ModelOptions) -> Models:  # noqa: ANN401 - any frame
    """Fit the models to customers, of whom so many bought more than once.

    Raises
    ------
    InvalidValuesError, FitError
        As for :func:`fit_models`.
    """
    if size == 1:
        raise InvalidValuesError(
            "the log holds a single customer: models of a customer base learn from how customers "
            "differ, and need many of them."
        )
    if not repeat:
        raise InvalidValuesError(
            f"all {size:,} customers of the log bought only once: the models learn from "
            "repeat purchases, and there are none. Give a log over a longer time, or count "
            "differently with --occasion."
        )
    kind, unit = MODELS[options.model.value], options.unit.value
    try:
        purchases = kind.fit(customers, unit=unit, penalty=options.penalty)
        spend = clv.GammaGamma.fit(customers, penalty=options.penalty)
    except FitError as error:
        mended = str(error).replace("penalty=1", "--penalty 1")
        raise FitError(f"{size:,} customers are not enough to go by: {mended}") from error
    spend = replace(spend, model=replace(spend.model, unit=unit))
    return Models(purchases, spend, rfm.breaks(customers))


def load_models(folder: Path) -> Models:
    """Read saved models from the folder that holds them.

    Raises
    ------
    FormatError
        If a file is not what it should be.
    FileNotFoundError
        If one is not there.
    """
    if not (folder / _FILES[0]).exists() and (folder / "models" / _FILES[0]).exists():
        folder = folder / "models"
    purchases, spend, breaks = (load(folder / name) for name in _FILES)
    wanted = (
        (purchases, clv.Fit, clv.PurchaseModel),
        (spend, clv.Fit, clv.GammaGamma),
    )
    for name, (thing, kind, model) in zip(_FILES[:2], wanted, strict=True):
        if not (isinstance(thing, kind) and isinstance(thing.model, model)):
            raise FormatError(f"{folder / name} does not hold a fitted {model.__name__}")
    if not isinstance(breaks, rfm.Breaks):
        raise FormatError(f"{folder / _FILES[2]} does not hold the limits of RFM scores")
    if purchases.model.unit is None:
        raise FormatError(f"{folder / _FILES[0]} does not say its unit of time: fit again")
    return Models(purchases, spend, breaks)


def score(base: Base, models: Models, outlook: OutlookOptions) -> pd.DataFrame:
    """Score each customer, with a value in money where rate and margin are given.

    Raises
    ------
    ParameterError
        If only one of discount rate and margin is given.
    """
    if (outlook.discount_rate is None) != (outlook.margin is None):
        raise ParameterError(
            "a customer's value needs both --discount-rate and --margin: give both, or neither."
        )
    purchases, spend, horizon = models.purchases.model, models.spend.model, outlook.horizon
    customers = base.customers
    cells = clv.count_cells(customers)
    scored: pd.DataFrame = rfm.segment(rfm.score(customers, models.breaks))
    scored = scored.assign(
        **{
            c.P_ALIVE: purchases.probability_alive(cells),
            c.P_ACTIVE: purchases.probability_active(cells, horizon),
            c.EXPECTED_PURCHASES: purchases.expected_purchases(cells, horizon),
            c.EXPECTED_SPEND: spend.expected_spend(customers),
        }
    )
    if outlook.discount_rate is None or outlook.margin is None:
        return scored
    value = clv.lifetime_value(
        customers,
        models.purchases,
        models.spend,
        horizon=horizon,
        discount_rate=outlook.discount_rate,
        margin=outlook.margin,
    )
    return scored.assign(**{c.CLV: value})


def halfway(base: Base) -> str:
    """Return the day halfway through a log."""
    first = np.datetime64(str(base.customers[c.FIRST_DATE].min())[:10], "D")
    start, end = int(first.astype("int64")), as_day(base.until, "until")
    return as_text((start + end) // 2)


def profile_of(scored: pd.DataFrame) -> pd.DataFrame:
    """Return what each segment is, with the value to expect of it where it is known."""
    profile: pd.DataFrame = rfm.profile(scored)
    if c.CLV not in scored:
        return profile
    values = scored.groupby(c.SEGMENT)[c.CLV].sum()
    return profile.assign(**{c.CLV: profile[c.SEGMENT].map(values)})
