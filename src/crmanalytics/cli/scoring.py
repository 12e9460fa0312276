"""The job itself, as calls of the library in their order: clean, summarise, fit, score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from crmanalytics import clv, rfm
from crmanalytics import columns as c
from crmanalytics.cli.reading import read_log
from crmanalytics.errors import InvalidValuesError
from crmanalytics.transactions import clean, summarize

if TYPE_CHECKING:
    from crmanalytics.cli.request import Request, Valuing
    from crmanalytics.rfm import Breaks
    from crmanalytics.transactions import Cleaned

__all__ = ["Models", "Prepared", "fit_models", "prepare", "score_customers"]

PURCHASES: dict[str, type[clv.PurchaseModel]] = {
    "mbg-nbd": clv.MBGNBD,
    "bg-nbd": clv.BGNBD,
    "pareto-nbd": clv.ParetoNBD,
}
_FEWEST = 2


@dataclass(frozen=True)
class Prepared:
    """A cleaned log, what cleaning removed, and its customers."""

    cleaned: Cleaned
    cleaning: pd.DataFrame
    customers: pd.DataFrame
    until: str

    @property
    def halfway(self) -> str:
        """The day by which half of the time has gone, up to which a model is put to the test."""
        first = self.customers[c.FIRST_DATE].min()
        return f"{first + (pd.Timestamp(self.until) - first) / 2:%Y-%m-%d}"


@dataclass(frozen=True)
class Models:
    """What is fitted to a base of customers."""

    purchases: clv.Fit[Any]
    spend: clv.Fit[Any]
    breaks: Breaks


def prepare(request: Request) -> Prepared:
    """Read, clean and summarise the log of a request."""
    read = read_log(request)
    if request.until is None:
        _refuse_future(read.transactions[c.DATE])
    known = read.transactions.columns
    cleaned = clean(
        read.transactions,
        order_id=c.ORDER_ID if c.ORDER_ID in known else None,
        product_id=c.PRODUCT_ID if c.PRODUCT_ID in known else None,
        quantity=c.QUANTITY if c.QUANTITY in known else None,
        refunds=request.refunds,  # type: ignore[arg-type]
        exclude_customers=_like(request.exclude_customers, read.transactions, c.CUSTOMER_ID),
        exclude_products=_like(request.exclude_products, read.transactions, c.PRODUCT_ID),
        until=request.until,
        time_zone=request.time_zone,
    )
    if cleaned.transactions.empty:
        raise InvalidValuesError("nothing is left of the log after cleaning: see its rules.")
    customers = summarize(
        cleaned.transactions,
        until=request.until,
        unit=request.unit,  # type: ignore[arg-type]
        occasion=request.occasion,  # type: ignore[arg-type]
        time_zone=request.time_zone,
    )
    until = str(customers.attrs["crmanalytics"]["until"])
    return Prepared(cleaned, _with_unreadable(cleaned.log, read.unreadable), customers, until)


def _refuse_future(dates: pd.Series) -> None:
    # the only use of the clock: a date that cannot have happened yet is a mistake in the file
    today = pd.Timestamp(datetime.now(UTC).date())
    days = dates.dt.tz_localize(None) if dates.dt.tz is not None else dates
    ahead = days > today + pd.Timedelta(days=1)
    if ahead.any():
        raise InvalidValuesError(
            f"{int(ahead.sum()):,} of {len(dates):,} rows are dated in the future (last: "
            f"{days.max():%Y-%m-%d}). Mend them, or pass --until with the last day to count."
        )


def _like(values: tuple[str, ...], log: pd.DataFrame, column: str) -> list[Any]:
    """Return identifiers given as text in the type that the log's column has."""
    if column in log and pd.api.types.is_integer_dtype(log[column].dtype):
        return [int(value) if value.isdigit() else value for value in values]
    return list(values)


def _with_unreadable(log: pd.DataFrame, unreadable: int) -> pd.DataFrame:
    if not unreadable:
        return log
    first = pd.DataFrame(
        {"rule": ["unreadable rows"], "rows": [unreadable], "money": [0.0], "customers": [0]}
    )
    return pd.concat([first, log], ignore_index=True)


def fit_models(customers: pd.DataFrame, model: str) -> Models:
    """Fit what can be fitted to customers, or say in one sentence why not."""
    if len(customers) < _FEWEST:
        raise InvalidValuesError(
            "the log holds a single customer: models compare customers with one another, and need "
            "more of them."
        )
    if not (customers[c.FREQUENCY] > 0).any():
        raise InvalidValuesError(
            f"none of {len(customers):,} customers bought a second time: without repeat purchases "
            "there is nothing to learn when customers come back. Is customer_id the right column, "
            "or does --occasion merge their purchases?"
        )
    breaks = rfm.breaks(customers)
    return Models(PURCHASES[model].fit(customers), clv.GammaGamma.fit(customers), breaks)


def score_customers(customers: pd.DataFrame, models: Models, valuing: Valuing) -> pd.DataFrame:
    """Return customers with their scores, segment, outlook and value."""
    scored: pd.DataFrame = rfm.segment(rfm.score(customers, breaks=models.breaks))
    cells = clv.count_cells(customers)
    purchases, spend = models.purchases.model, models.spend.model
    scored = scored.assign(
        **{
            c.P_ALIVE: purchases.probability_alive(cells),
            c.EXPECTED_PURCHASES: purchases.expected_purchases(cells, valuing.horizon),
            c.EXPECTED_SPEND: spend.expected_spend(customers),
        }
    )
    if valuing.in_money:
        scored[c.CLV] = clv.lifetime_value(
            customers,
            purchases,
            spend,
            horizon=valuing.horizon,
            discount_rate=valuing.discount_rate or 0.0,
            margin=valuing.margin or 0.0,
        )
    return scored
