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

__all__ = [
    "Lives",
    "Members",
    "Sums",
    "Visits",
    "is_new",
    "measure_ratio",
    "measure_share",
    "members_of",
    "sums_of",
]

#: Cells per row up to which arrays hold every cell.
_DENSE: Final = 4
_ROUNDING: Final = 1e-13


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


@dataclass(frozen=True, eq=False)
class Sums:
    """All that is to be known of each cell, by cohort and periods since, to measure what is kept.

    Parameters
    ----------
    active : ndarray of shape (periods, periods)
        Customers who bought; in the first column all of the cohort.
    total, squares, cross : ndarray of shape (periods, periods), or None
        Sums over customers of what they did in the cell: of itself, of its square, and of its
        product with what they did in the first period.
    scale : float
        What one is in `total`; hundredfold for money in cents, which adds up without rounding.
    """

    active: Ints
    total: Floats | None = None
    squares: Floats | None = None
    cross: Floats | None = None
    scale: float = 1.0

    @property
    def size(self) -> Ints:
        """Customers of each cohort.

        Examples
        --------
        >>> Sums(np.array([[2, 1], [3, 0]])).size.tolist()
        [2, 3]
        """
        return self.active[:, 0]


@dataclass(frozen=True, eq=False)
class Lives:
    """When customers came and when they lapsed, as numbers of periods.

    Parameters
    ----------
    cohort, gone : ndarray of shape (lives,)
        Period of the first purchase, and of lapsing: -1 for those not known to have lapsed.
    customers : ndarray of shape (lives,)
        How many had such a life.
    """

    cohort: Ints
    gone: Ints
    customers: Ints


def sums_of(members: Members, active: Ints, visits: Visits, scale: float) -> Sums:
    """Add up what members did, by cohort and periods since.

    Examples
    --------
    >>> members = Members(np.array([4, 7]), np.array([0, 0]), 2)
    >>> money = np.array([30.0, 10.0, 20.0])
    >>> visits = Visits.of(np.array([4, 7, 4]), np.array([0, 0, 1]), 2, money)
    >>> found = sums_of(members, members.count(visits), visits, 1.0)
    >>> found.total[0].tolist(), found.cross[0].tolist()
    ([40.0, 20.0], [1000.0, 600.0])
    """
    member, cell, amount = members.place(visits)
    base = np.zeros(len(members.customer))
    at_first = cell % members.periods == 0
    base[member[at_first]] = amount[at_first]

    def summed(values: Floats) -> Floats:
        flat = np.bincount(cell, values, minlength=members.periods**2)
        return flat.astype(np.float64, copy=False).reshape(active.shape)

    return Sums(active, summed(amount), summed(amount**2), summed(amount * base[member]), scale)


def measure_share(sums: Sums, level: float) -> dict[str, Floats]:
    """Return the share of customers active per cell, with Wilson's interval.

    In the period that a cohort is defined by, everyone is active for certain.

    Examples
    --------
    >>> found = measure_share(Sums(np.array([[2, 1], [0, 0]])), 0.95)
    >>> found["rate"][0].tolist(), found["low"][0].round(3).tolist()
    ([1.0, 0.5], [1.0, 0.095])
    """
    size = sums.size[:, None]
    share = np.full(sums.active.shape, np.nan)
    np.divide(sums.active, size, out=share, where=size > 0)
    low, high = wilson_interval(sums.active, size, level)
    low[:, 0] = high[:, 0] = share[:, 0]
    return {"rate": share, "low": low, "high": high}


def measure_ratio(sums: Sums, level: float) -> dict[str, Floats]:
    """Return totals per cell, their ratio to the first period's total, and its interval.

    The standard error is that of a ratio of sums over customers, by linearisation: the residuals
    ``y - R x`` of each customer, x being what they did in the first period.

    Examples
    --------
    >>> each = [np.array([[x, y]]) for x, y in ((40.0, 20.0), (1000.0, 400.0), (1000.0, 600.0))]
    >>> found = measure_ratio(Sums(np.array([[2, 1]]), *each), 0.95)
    >>> found["rate"][0].tolist(), found["low"][0].round(3).tolist()
    ([1.0, 0.5], [1.0, 0.01])
    """
    if sums.total is None or sums.squares is None or sums.cross is None:
        return measure_share(sums, level)
    whole, n = sums.total[:, :1], sums.size[:, None]
    ratio = np.full(sums.active.shape, np.nan)
    np.divide(sums.total, whole, out=ratio, where=whole > 0)
    squares = sums.squares + ratio**2 * sums.squares[:, :1]
    residual = squares - 2.0 * ratio * sums.cross
    residual[residual < _ROUNDING * squares] = 0.0  # all customers alike, but for rounding
    error = np.full(sums.active.shape, np.nan)
    scale = np.divide(n, n - 1.0, out=np.full(n.shape, np.nan), where=n > 1)
    np.divide(np.sqrt(scale * residual), whole, out=error, where=whole > 0)
    low, high = normal_interval(ratio, error, level)
    return {"total": sums.total / sums.scale, "rate": ratio, "low": low, "high": high}
