"""What a purchase log says of each customer up to a snapshot: amounts, windows and rhythm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.transactions.exact import Money

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.churn.log import Log

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Columns = dict[str, NDArray[np.int64] | NDArray[np.float64]]

__all__ = ["PurchaseDays", "distinct_sorted", "history_columns", "purchase_days", "share_of"]

_BITS = 22  # of a day within a key: four million days


@dataclass(frozen=True, eq=False)
class PurchaseDays:
    """The days on which customers bought, in order: one entry per customer and day.

    Parameters
    ----------
    codes, days : array of int64
        Customer and day, sorted by both.
    customers : array of int64
        The codes that occur, sorted.
    first, last : array of int64
        Place of the first and the last entry of each of them.
    """

    codes: Ints
    days: Ints
    customers: Ints
    first: Ints
    last: Ints

    @property
    def count(self) -> Ints:
        """Days with a purchase, by customer."""
        return self.last - self.first + 1


def purchase_days(log: Log) -> PurchaseDays:
    """Return the days on which customers bought.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> from crmanalytics.churn.log import read_log
    >>> found = purchase_days(read_log(crm.datasets.load_cdnow_sample()))
    >>> len(found.customers), int(found.count.sum())
    (2357, 6696)
    """
    bought = log.bought()
    keys = distinct_sorted((bought.codes << _BITS) + (bought.days - log.first))
    codes, days = keys >> _BITS, (keys & ((1 << _BITS) - 1)) + log.first
    first = np.flatnonzero(np.diff(codes, prepend=-1))
    last = np.append(first[1:], len(codes)) - 1
    return PurchaseDays(codes, days, codes[first], first, last)


def history_columns(log: Log, at: int, windows: tuple[int, ...]) -> tuple[Ints, Columns]:
    """Return the customers of a log cut at a snapshot, and their features.

    Parameters
    ----------
    log : Log
        Rows before the snapshot only.
    at : int
        The snapshot, as a day number.
    windows : tuple of int
        Lengths of the windows in days.

    Returns
    -------
    codes : array of int64
        Customers with a purchase, sorted.
    columns : dict of str to array
        Features by name, in the order of `codes`.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> from crmanalytics.churn.log import read_log
    >>> log = read_log(crm.datasets.load_cdnow_sample())
    >>> codes, found = history_columns(log.before(log.last), log.last, (30,))
    >>> len(codes), int(found["purchases_30d"].sum())
    (2357, 173)
    """
    bought = purchase_days(log)
    columns = _rhythm(bought, at)
    money = None if log.amounts is None else Money.of(log.amounts)
    if money is not None:
        columns |= _money(log, money, bought)
    if log.products is not None:
        columns["products"] = _distinct(log.bought(), log.size)[bought.customers]
    for window in windows:
        columns |= _window(log, money, bought, at, window)
    return bought.customers, columns


def _rhythm(bought: PurchaseDays, at: int) -> Columns:
    """Return how long ago, how often, how regularly, and how the silence compares with that."""
    first, last = bought.days[bought.first], bought.days[bought.last]
    silence, count = (at - last).astype(float), bought.count
    gaps = np.diff(bought.days)
    inside = bought.codes[1:] == bought.codes[:-1]
    whose, gaps = bought.codes[1:][inside], gaps[inside]
    size = int(bought.customers[-1]) + 1 if len(bought.customers) else 0
    squares = np.bincount(whose, weights=gaps.astype(float) ** 2, minlength=size)[bought.customers]
    longest = np.zeros(size)
    np.maximum.at(longest, whose, gaps.astype(float))
    number, between = (count - 1).astype(float), (last - first).astype(float)
    mean = _divided(between, number)
    # sums of whole numbers, so that equal gaps vary by nothing at all
    spread = np.sqrt(_divided(number * squares - between**2, number * (number - 1)))
    return {
        "days_since_last": at - last,
        "tenure": at - first,
        "purchases": count,
        "gap_mean": mean,
        "gap_sd": spread,
        "gap_longest": np.where(number > 0, longest[bought.customers], np.nan),
        "silence_in_gaps": _divided(silence, mean),
        "silence_over_longest": silence - np.where(number > 0, longest[bought.customers], np.nan),
    }


def _money(log: Log, money: Money, bought: PurchaseDays) -> Columns:
    """Return money, net of refunds, per customer and per purchase day; and what came back."""
    own = bought.customers
    total = money.value(money.sums(log.codes, log.size))[own]
    columns: Columns = {"spend": total, "spend_per_purchase": total / bought.count}
    if log.refund is None:
        zeros = np.zeros(len(own))
        return columns | {
            "refunds": zeros.astype(np.int64),
            "refund_share": _divided(zeros, total),
        }
    back = money.rows(log.refund)
    returned = -back.value(back.sums(log.codes[log.refund], log.size))[own]
    counted = np.bincount(log.codes[log.refund], minlength=log.size)[own]
    return columns | {
        "refunds": counted.astype(np.int64),
        "refund_share": _divided(returned, total + returned),
    }


def _window(log: Log, money: Money | None, bought: PurchaseDays, at: int, window: int) -> Columns:
    """Return purchases and money of the last days, and how they compare with as many before."""
    own, columns = bought.customers, dict[str, "Ints | Floats"]()
    spans = ((at - window, at), (at - 2 * window, at - window))
    days = [
        np.bincount(bought.codes[(bought.days >= low) & (bought.days < high)], minlength=log.size)
        for low, high in spans
    ]
    columns[f"purchases_{window}d"] = days[0][own].astype(np.int64)
    columns[f"purchase_trend_{window}d"] = share_of(*(x[own].astype(float) for x in days))
    if money is not None:
        inside = [(log.days >= low) & (log.days < high) for low, high in spans]
        spent = [money.rows(x).value(money.rows(x).sums(log.codes[x], log.size)) for x in inside]
        columns[f"spend_{window}d"] = spent[0][own]
        columns[f"spend_trend_{window}d"] = share_of(spent[0][own], spent[1][own])
    if log.products is not None:
        recent = log.before(at, at - window).bought()
        columns[f"products_{window}d"] = _distinct(recent, log.size)[own]
    return columns


def share_of(now: Floats, before: Floats) -> Floats:
    """Return (now - before) / (|now| + |before|): from -1, all is gone, to 1, all is new.

    Examples
    --------
    >>> share_of(np.array([3.0, 0.0, 0.0]), np.array([1.0, 2.0, 0.0])).tolist()
    [0.5, -1.0, nan]
    """
    return _divided(now - before, np.asarray(np.abs(now) + np.abs(before)))


def _distinct(log: Log, size: int) -> Ints:
    """Return how many different products each code bought."""
    if log.products is None or not len(log.codes):
        return np.zeros(size, dtype=np.int64)
    width = int(log.products.max()) + 1
    pairs = distinct_sorted(log.codes * width + log.products)
    return np.bincount(pairs // width, minlength=size).astype(np.int64)


def distinct_sorted(keys: Ints) -> Ints:
    """Return the different keys in order, by sorting them in place.

    For millions of them that is several times faster than hashing, as ``numpy.unique`` does.

    Examples
    --------
    >>> distinct_sorted(np.array([7, 3, 7])).tolist()
    [3, 7]
    """
    keys.sort()
    new = np.ones(len(keys), dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=new[1:])
    return keys[new]


def _divided(part: Floats, whole: Floats) -> Floats:
    """Return quotients; missing where there is nothing to divide by."""
    missing = np.full(len(part), np.nan)
    return np.asarray(np.divide(part, whole, out=missing, where=whole > 0))
