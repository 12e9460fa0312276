"""Each customer's own rhythm: how long it usually takes until they buy again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import (
    TRANSACTIONS,
    admit,
    as_float,
    column_names,
    frame_like,
    with_parameters,
)
from crmanalytics.segments.labels import plain_series
from crmanalytics.segments.on_engine import first_visit, rhythm_on_engine, visits_on_engine
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.encoding import encoded
from crmanalytics.transactions.units import as_day, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from crmanalytics.transactions.units import Day

    Floats = NDArray[np.float64]
    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
    Ints = NDArray[np.int64]

__all__ = ["Visits", "admit_log", "read_visits", "rhythm"]


def rhythm(
    transactions: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    until: Day,
    customer_id: str = c.CUSTOMER_ID,
    date: str = c.DATE,
    amount: str = c.AMOUNT,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how often each customer buys, how long ago they last did, and how they came back.

    Parameters
    ----------
    transactions : DataFrame of shape (rows, ...)
        The purchase log, cleaned. Rows with a negative amount are refunds and no purchases;
        without an amount column each row is a purchase. All purchases of a day count once.
    until : str or date
        Last day of observation; later rows are left out.
    customer_id, date, amount : str
        The caller's column names.

    Returns
    -------
    DataFrame
        Of the same kind, lazy frames staying lazy, one row per customer, by identifier (in no
        order where rows have none): ``customer_id``, ``orders`` (days
        with a purchase), ``days_since_last``, ``mean_gap`` (mean days between purchases),
        ``last_gap`` (days between the last two) and ``gap_before`` (mean of the gaps before that).
        The three are missing for those with too few purchases. For pandas
        ``attrs["crmanalytics"]`` keeps `until`.

    Raises
    ------
    DataError
        If columns or values are missing, or there is no purchase up to `until`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import rhythm
    >>> days = ["2024-01-01", "2024-01-11", "2024-03-01", "2024-02-10"]
    >>> log = pd.DataFrame({"customer_id": [1, 1, 1, 2], "date": pd.to_datetime(days)})
    >>> rhythm(log, until="2024-03-05")
       customer_id  orders  days_since_last  mean_gap  last_gap  gap_before
    0            1       3                4      30.0      50.0        10.0
    1            2       1               24       NaN       NaN         NaN
    """
    names = {c.CUSTOMER_ID: customer_id, c.DATE: date, c.AMOUNT: amount}
    own, end = admit_log(transactions, names), as_day(until, "until")
    nobody = f"transactions has no purchase up to {as_text(end)}."
    if isinstance(own, nw.LazyFrame):
        days = visits_on_engine(own)
        if first_visit(days) > end:
            raise InvalidValuesError(nobody)
        ordered = own.implementation.is_polars()
        lazily = rhythm_on_engine(days, end)
        return (lazily.sort(c.CUSTOMER_ID) if ordered else lazily).to_native()
    visits = read_visits(own)
    which, table = visits.as_of(end)
    if not len(which):
        raise InvalidValuesError(nobody)
    who = visits.decode(visits.customers[which])
    identifiers = who if isinstance(transactions, pd.DataFrame) else who.to_list()
    found = frame_like(visits.frame, {c.CUSTOMER_ID: identifiers, **table})
    return with_parameters(found, until=as_text(end))


@dataclass(frozen=True, eq=False)
class Visits:
    """Days on which customers bought, each day once, by customer and day.

    Parameters
    ----------
    customers : ndarray of shape (customers,)
        Their codes, ascending.
    start : ndarray of shape (customers + 1,)
        Where the days of each begin; the last entry is the end.
    day : ndarray of shape (visits,)
        Day numbers.
    decode : callable
        Takes codes, gives identifiers.
    frame : narwhals.DataFrame
        The log, for the kind of frame that it is.
    """

    customers: Ints
    start: NDArray[np.intp]
    day: Ints
    decode: Callable[[Ints], pd.Series[Any]]
    frame: nw.DataFrame[Any]

    def as_of(self, end: int) -> tuple[NDArray[np.intp], dict[str, NDArray[Any]]]:
        """Return who had bought by the end of a day, and what could be said of them then.

        Examples
        --------
        >>> days = pd.to_datetime(["1970-01-02", "1970-01-05"])
        >>> log = pd.DataFrame({"customer_id": [7, 7], "date": days})
        >>> visits = read_visits(nw.from_native(log, eager_only=True))
        >>> which, table = visits.as_of(6)
        >>> which.tolist(), table["orders"].tolist(), table["last_gap"].tolist()
        ([0], [2], [3.0])
        """
        running = np.zeros(len(self.day) + 1, dtype=np.int64)
        np.cumsum(self.day <= end, out=running[1:])
        times = np.diff(running[self.start])
        which = np.flatnonzero(times)
        n, first = times[which], self.start[which]
        last = first + n - 1
        latest, second = self.day[last], self.day[np.maximum(last - 1, first)]
        span = (latest - self.day[first]).astype(float)
        gap = (latest - second).astype(float)
        missing = np.full(len(n), np.nan)
        table = {
            c.ORDERS: n,
            c.DAYS_SINCE_LAST: end - latest,
            "mean_gap": np.divide(span, n - 1, out=missing.copy(), where=n > 1),
            "last_gap": np.where(n > 1, gap, np.nan),
            "gap_before": np.divide(span - gap, n - 2, out=missing, where=n > 2),
        }
        return which, table


def admit_log(transactions: object, names: Mapping[str, str]) -> Frame:
    """Check a log, in memory or not, for customers, dates, and amounts where it has them.

    Examples
    --------
    >>> log = pd.DataFrame({"who": [7], "date": pd.to_datetime(["1970-01-05"]), "shop": ["a"]})
    >>> admit_log(log, {"customer_id": "who", "date": "date", "amount": "amount"}).columns
    ['customer_id', 'date']
    """
    has_money = names[c.AMOUNT] in column_names(transactions) or names[c.AMOUNT] != c.AMOUNT
    wanted = [c.CUSTOMER_ID, c.DATE, *([c.AMOUNT] if has_money else [])]
    contract = TRANSACTIONS.requiring(wanted)
    own = admit(transactions, contract, names={name: names[name] for name in wanted})
    return own.select(wanted)


def read_visits(own: nw.DataFrame[Any]) -> Visits:
    """Return the days on which each customer of an admitted log bought.

    Examples
    --------
    >>> days = pd.to_datetime(["1970-01-05", "1970-01-02", "1970-01-02"])
    >>> log = pd.DataFrame({"customer_id": [7, 7, 7], "date": days})
    >>> read_visits(nw.from_native(log, eager_only=True)).day.tolist()
    [1, 4]
    """
    stamps = np.asarray(own.select(local(own, None))[c.DATE].to_numpy())
    day = stamps.astype("M8[D]").astype(np.int64)
    codes, decode = encoded(plain_series(own, c.CUSTOMER_ID))
    if c.AMOUNT in own.columns:
        bought = as_float(own, c.AMOUNT) >= 0
        day, codes = day[bought], codes[bought]
    low = int(day.min(initial=0)) if len(day) else 0
    width = int(day.max(initial=low)) - low + 1
    key = np.sort(codes * width + (day - low))
    key = key[_is_new(key)]  # np.unique hashes whole numbers, which takes many times as long
    who = key // width
    start = np.flatnonzero(_is_new(who))
    return Visits(who[start], np.append(start, len(who)), key - who * width + low, decode, own)


def _is_new(ordered: Ints) -> NDArray[np.bool_]:
    """Return whether each value differs from the one before it."""
    new = np.ones(len(ordered), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return new
