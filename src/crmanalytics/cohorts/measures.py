"""What is retained: customers, orders or money per customer and period, and then per cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics.inference import normal_interval, wilson_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Members", "Visits", "is_new", "measure_ratio", "measure_share", "members_of"]

#: Cells per row up to which arrays hold every cell.
_DENSE: Final = 4


@dataclass(frozen=True, eq=False)
class Visits:
    """Something per customer and period, one entry for each pair that has any.

    Parameters
    ----------
    customer, period : ndarray of shape (pairs,)
        Code of the customer and number of the period from 0.
    amount : ndarray of shape (pairs,)
        How many orders, or how much money.
    """

    customer: Ints
    period: Ints
    amount: Floats

    @classmethod
    def of(cls, customer: Ints, period: Ints, periods: int, amount: Floats | None = None) -> Visits:
        """Add up rows of the same customer and period; a row counts as one without an amount.

        Examples
        --------
        >>> visits = Visits.of(np.array([0, 0, 1]), np.array([2, 2, 0]), 3)
        >>> visits.customer.tolist(), visits.period.tolist(), visits.amount.tolist()
        ([0, 1], [2, 0], [2.0, 1.0])
        """
        key = customer * periods + period
        cells = (int(customer.max(initial=-1)) + 1) * periods
        if cells <= _DENSE * len(key):  # counting by cell takes less time than sorting
            times = np.bincount(key, minlength=cells)
            pairs = np.flatnonzero(times)
            whole = times if amount is None else np.bincount(key, amount, minlength=cells)
            total = whole[pairs].astype(np.float64, copy=False)
        else:
            pairs, total = _added_up(key, amount)
        who = pairs // periods
        return cls(who, pairs - who * periods, total)


def _added_up(key: Ints, amount: Floats | None) -> tuple[Ints, Floats]:
    if amount is None:
        ordered = np.sort(key)
        start = np.flatnonzero(is_new(ordered))
        return ordered[start], np.diff(np.append(start, len(key))).astype(np.float64)
    pairs, code = np.unique(key, return_inverse=True)
    return pairs, np.bincount(code, amount, minlength=len(pairs)).astype(np.float64, copy=False)


def is_new(ordered: Ints) -> NDArray[np.bool_]:
    """Return whether each value differs from the one before it.

    Examples
    --------
    >>> is_new(np.array([3, 3, 5])).tolist()
    [True, False, True]
    """
    new = np.ones(len(ordered), dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    return new


@dataclass(frozen=True, eq=False)
class Members:
    """Who belongs to which cohort.

    Parameters
    ----------
    customer : ndarray of shape (customers,)
        Their codes, ascending.
    cohort : ndarray of shape (customers,)
        The period of their first purchase.
    periods : int
        Periods in all; there are as many cohorts.
    """

    customer: Ints
    cohort: Ints
    periods: int

    @property
    def size(self) -> Ints:
        """Customers of each cohort.

        Examples
        --------
        >>> Members(np.array([0, 1]), np.array([0, 0]), 2).size.tolist()
        [2, 0]
        """
        return np.bincount(self.cohort, minlength=self.periods).astype(np.int64)

    def place(self, visits: Visits) -> tuple[Ints, Ints, Floats]:
        """Return member, cell (cohort by periods since) and amount of visits of members.

        Examples
        --------
        >>> members = Members(np.array([4, 7]), np.array([0, 1]), 2)
        >>> member, cell, _ = members.place(Visits.of(np.array([4, 4, 7]), np.array([0, 1, 1]), 2))
        >>> member.tolist(), cell.tolist()
        ([0, 0, 1], [0, 1, 2])
        """
        near = np.searchsorted(self.customer, visits.customer)
        near = np.minimum(near, len(self.customer) - 1)
        since = visits.period - self.cohort[near]
        known = (self.customer[near] == visits.customer) & (since >= 0)
        member = near[known]
        return member, self.cohort[member] * self.periods + since[known], visits.amount[known]

    def count(self, visits: Visits) -> Ints:
        """Return how many members visited, by cohort and periods since.

        Examples
        --------
        >>> members = Members(np.array([4, 7]), np.array([0, 1]), 2)
        >>> members.count(Visits.of(np.array([4, 4, 7]), np.array([0, 1, 1]), 2)).tolist()
        [[1, 1], [1, 0]]
        """
        cell = self.place(visits)[1]
        counted = np.bincount(cell, minlength=self.periods**2).astype(np.int64, copy=False)
        return counted.reshape(self.periods, self.periods)


def members_of(bought: Visits, periods: int) -> Members:
    """Return each customer's cohort; visits are in the order of customer and period.

    Examples
    --------
    >>> members = members_of(Visits.of(np.array([4, 4, 7]), np.array([0, 1, 1]), 2), 2)
    >>> members.customer.tolist(), members.cohort.tolist()
    ([4, 7], [0, 1])
    """
    first = is_new(bought.customer)
    return Members(bought.customer[first], bought.period[first], periods)


def measure_share(members: Members, active: Ints, level: float) -> tuple[Floats, Floats, Floats]:
    """Return the share of customers active per cell, with Wilson's interval.

    In the period that a cohort is defined by, everyone is active for certain.

    Examples
    --------
    >>> members = Members(np.array([4, 7]), np.array([0, 0]), 2)
    >>> share, low, high = measure_share(members, np.array([[2, 1], [0, 0]]), 0.95)
    >>> share[0].tolist(), low[0].round(3).tolist()
    ([1.0, 0.5], [1.0, 0.095])
    """
    size = members.size[:, None]
    share = np.full(active.shape, np.nan)
    np.divide(active, size, out=share, where=size > 0)
    low, high = wilson_interval(active, size, level)
    low[:, 0] = high[:, 0] = share[:, 0]
    return share, low, high


def measure_ratio(
    members: Members, visits: Visits, level: float
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return totals per cell, their ratio to the first period's total, and its interval.

    The standard error is that of a ratio of sums over customers, by linearisation: the residuals
    ``y - R x`` of each customer, x being what they did in the first period.

    Examples
    --------
    >>> members = Members(np.array([4, 7]), np.array([0, 0]), 2)
    >>> money = np.array([30.0, 10.0, 20.0])
    >>> visits = Visits.of(np.array([4, 7, 4]), np.array([0, 0, 1]), 2, money)
    >>> total, ratio, *_ = measure_ratio(members, visits, 0.95)
    >>> total[0].tolist(), ratio[0].tolist()
    ([40.0, 20.0], [1.0, 0.5])
    """
    shape = members.periods, members.periods
    member, cell, amount = members.place(visits)
    base = np.zeros(len(members.customer))
    at_first = cell % members.periods == 0
    base[member[at_first]] = amount[at_first]

    def summed(values: Floats) -> Floats:
        flat = np.bincount(cell, values, minlength=shape[0] * shape[1])
        return flat.astype(np.float64, copy=False).reshape(shape)

    total, squares, cross = summed(amount), summed(amount**2), summed(amount * base[member])
    whole, n = total[:, :1], members.size[:, None]
    ratio = np.full(shape, np.nan)
    np.divide(total, whole, out=ratio, where=whole > 0)
    residual = np.maximum(squares - 2.0 * ratio * cross + ratio**2 * squares[:, :1], 0.0)
    error = np.full(shape, np.nan)
    scale = np.divide(n, n - 1.0, out=np.full(n.shape, np.nan), where=n > 1)
    np.divide(np.sqrt(scale * residual), whole, out=error, where=whole > 0)
    low, high = normal_interval(ratio, error, level)
    return total, ratio, low, high
