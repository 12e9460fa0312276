"""Profits per customer and period from a purchase log, a margin, and what customers cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers
from crmanalytics.clv.discounting.tables import customer_codes, per_customer
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import TRANSACTIONS, as_float, as_numpy, column_like
from crmanalytics.frames.eager import admit_eager, frame_like
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    import datetime as dt

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = ["profits_from_transactions"]

_MONTHS: Final = {"M": 1, "Q": 3, "Y": 12}
_MONDAY: Final = 3  # 1970-01-01, day 0, was a Thursday: three days after a Monday


def profits_from_transactions(
    transactions: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    period: Literal["W", "M", "Q", "Y"],
    until: str | dt.date,
    margin: float | str,
    cost_to_serve: float,
    cost_to_keep: float,
    acquisition_cost: float,
    count_from: Literal["first_purchase", "calendar"] = "first_purchase",
    customer_id: str = c.CUSTOMER_ID,
    date: str = c.DATE,
    amount: str = c.AMOUNT,
    order_id: str | None = None,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Work out what each customer earned in each period, costs to serve and to keep included.

    Parameters
    ----------
    transactions : DataFrame
        A cleaned purchase log: customer_id, date, amount; rows with a negative amount are refunds.
    period : {"W", "M", "Q", "Y"}
        Calendar weeks (from Monday), months, quarters or years.
    until : date or str
        Last day counted; later rows are left out. Periods without a purchase up to this day
        belong to the relationship: they cost `cost_to_keep`.
    margin : float or str
        Share of the amount that is left after the cost of the goods; a number, or the name of a
        column with one per row. 0.3 is thirty percent.
    cost_to_serve : float
        Money per order (picking, shipping, payment).
    cost_to_keep : float
        Money per customer and period (service, catalogues, loyalty scheme).
    acquisition_cost : float
        Money per customer, charged in the period of the first purchase.
    count_from : {"first_purchase", "calendar"}
        Whether period 0 is each customer's own first period, or the log's first one.
    customer_id, date, amount : str
        The log's names of these columns.
    order_id : str, optional
        The log's name of the order; without it, all rows of a customer's day are one order.

    Returns
    -------
    DataFrame
        customer_id, period, revenue, orders, cost_to_serve, cost_to_keep, acquisition_cost,
        profit; one row for each period of each relationship. profit is margin x revenue less the
        three costs.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the log breaks its contract.
    ParameterError
        If an argument is out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": ["a", "a", "b"],
    ...         "date": pd.to_datetime(["2024-01-05", "2024-03-02", "2024-02-10"]),
    ...         "amount": [100.0, 50.0, 80.0],
    ...     }
    ... )
    >>> profits = profits_from_transactions(
    ...     log, period="M", until="2024-03-31", margin=0.5,
    ...     cost_to_serve=2.0, cost_to_keep=1.0, acquisition_cost=10.0,
    ... )
    >>> profits[["customer_id", "period", "revenue", "profit"]]
      customer_id  period  revenue  profit
    0           a       0    100.0    37.0
    1           a       1      0.0    -1.0
    2           a       2     50.0    22.0
    3           b       0     80.0    27.0
    4           b       1      0.0    -1.0
    """
    names = {c.CUSTOMER_ID: customer_id, c.DATE: date, c.AMOUNT: amount}
    names |= {c.ORDER_ID: order_id} if order_id is not None else {}
    costs = [
        float(numbers(name, value, low=0))
        for name, value in (
            (c.COST_TO_SERVE, cost_to_serve),
            (c.COST_TO_KEEP, cost_to_keep),
            (c.ACQUISITION_COST, acquisition_cost),
        )
    ]
    one_of("count_from", count_from, ("first_purchase", "calendar"))
    own: Any = admit_eager(transactions, TRANSACTIONS, names=names, need=[c.AMOUNT])
    own, days = _until(own, until)
    share = per_customer(own, "margin", margin)
    codes, customers = customer_codes(own)
    index = _period_of(days, period)
    last = int(_period_of(np.array([_day(until)]), period)[0])
    begin = np.full(len(customers), last)
    np.minimum.at(begin, codes, index)
    start = np.concatenate([[0], np.cumsum(last - begin + 1)])
    cell, size = start[codes] + index - begin[codes], int(start[-1])
    money = as_float(own, c.AMOUNT)
    orders = _orders(own, cell, days, size, named=order_id is not None)
    who = np.repeat(np.arange(len(customers)), last - begin + 1)
    age = np.arange(size) - start[who]
    shift = begin - begin.min() if count_from == "calendar" else np.zeros_like(begin)
    return frame_like(
        own,
        {
            c.CUSTOMER_ID: customers[who],
            c.PERIOD: age + shift[who],
            c.REVENUE: _sums(cell, money, size),
            c.ORDERS: orders,
            **_accounts(_sums(cell, money * share, size), orders, age == 0, costs),
        },
    )


def _accounts(
    earned: Floats, orders: Integers, new: NDArray[np.bool_], costs: list[float]
) -> dict[str, Floats]:
    serve, keep, acquire = costs
    serving, keeping = serve * orders, np.full(len(orders), keep)
    winning = np.where(new, acquire, 0.0)
    return {
        c.COST_TO_SERVE: serving,
        c.COST_TO_KEEP: keeping,
        c.ACQUISITION_COST: winning,
        c.PROFIT: earned - serving - keeping - winning,
    }


def _sums(cell: Integers, values: Floats, size: int) -> Floats:
    """Sum over cells in an order of the values' own, so that the rows' order has no effect."""
    order = np.lexsort((values, cell))
    summed = np.bincount(cell[order], weights=values[order], minlength=size)
    return np.asarray(summed, dtype=float)


def _orders(
    own: nw.DataFrame[Any], cell: Integers, days: Integers, size: int, *, named: bool
) -> Integers:
    """Count the orders with a purchase in them, by cell; refunds alone are no order."""
    import pandas as pd

    bought = as_float(own, c.AMOUNT) >= 0
    keys = pd.factorize(as_numpy(own, c.ORDER_ID))[0] if named else days
    pairs = pd.DataFrame({"cell": cell[bought], "key": keys[bought]}).drop_duplicates()
    return np.bincount(pairs["cell"].to_numpy(), minlength=size).astype(np.int64)


def _day(until: str | dt.date) -> int:
    try:
        day = np.datetime64(until, "D")
    except (TypeError, ValueError) as error:
        raise ParameterError(
            f"until must be a date like '2024-12-31', not {until!r}; it is the last day counted"
        ) from error
    if np.isnat(day):
        raise ParameterError("until must be a date like '2024-12-31', not a missing one")
    return int(day.astype(np.int64))


def _until(own: nw.DataFrame[Any], until: str | dt.date) -> tuple[nw.DataFrame[Any], Integers]:
    """Leave out the rows after the last day; return the others and their days."""
    days = as_numpy(own, c.DATE).astype("M8[D]").astype(np.int64)
    kept = days <= _day(until)
    if not kept.any():
        raise InvalidValuesError(f"transactions has no row up to until={until!s}")
    if kept.all():
        return own, days
    mask = nw.from_native(column_like(own, "kept", kept), series_only=True)
    return own.filter(mask), days[kept]


def _period_of(days: Integers, period: str) -> Integers:
    if period == "W":
        return (days + _MONDAY) // 7
    one_of("period", period, _MONTHS)
    months = days.astype("M8[D]").astype("M8[M]").astype(np.int64)
    return np.asarray(months // _MONTHS[period])
