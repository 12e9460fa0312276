"""Where to cut one column: quantiles that agree with pandas, ranks, and the R package's rule.

Every rule looks at the sorted values only, so the order of rows never matters, and answers with
cuts between values, so that customers with equal values always share a score.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["MOST_SCORES", "TIES", "Closed", "Ties", "closed_side", "cut", "cut_counted", "interval"]

Ties = Literal["cut", "low", "average", "high", "rfm-r"]
Closed = Literal["right", "left"]

TIES: Final = get_args(Ties)
MOST_SCORES: Final = 9  # each score is one digit of rfm_score


def closed_side(ties: str) -> Closed:
    """Return the side on which an interval between two cuts holds its own end.

    Examples
    --------
    >>> closed_side("cut"), closed_side("rfm-r")
    ('right', 'left')
    """
    return "left" if ties == "rfm-r" else "right"


def cut(values: Floats, n: int, ties: str) -> tuple[float, ...]:
    """Return the n - 1 cuts that part values into n groups as equal as the ties allow.

    Parameters
    ----------
    values : ndarray of shape (customers,)
        Finite values, at least one of them.
    n : int
        Groups wanted.
    ties : {"cut", "low", "average", "high", "rfm-r"}
        The rule; see :func:`crmanalytics.rfm.breaks`.

    Returns
    -------
    tuple of float
        Ascending; equal neighbours where ties leave a group empty, ``-inf`` where even the smallest
        value is above the cut.

    Examples
    --------
    >>> values = np.array([1.0, 1.0, 1.0, 2.0, 8.0])
    >>> cut(values, 4, "cut"), cut(values, 4, "high")
    ((1.0, 1.0, 2.0), (-inf, -inf, 1.0))
    """
    if n == 1:
        return ()
    if ties == "cut":
        found = _quantiles(values, n)
    elif ties == "rfm-r":
        found = _quantiles(values, n) + 1.0
    else:
        found = _rank_cuts(values, n, ties)
    return tuple(found.tolist())


def cut_counted(distinct: Floats, times: NDArray[np.int64], n: int, ties: str) -> tuple[float, ...]:
    """Return what :func:`cut` does, from the distinct values and how often each occurs.

    Parameters
    ----------
    distinct : ndarray of shape (values,)
        Ascending.
    times : ndarray of shape (values,)
        How many customers have each.
    n, ties
        As for :func:`cut`.

    Examples
    --------
    >>> cut_counted(np.array([1.0, 2.0, 8.0]), np.array([3, 1, 1]), 4, "cut")
    (1.0, 1.0, 2.0)
    """
    if n == 1:
        return ()
    if ties not in ("cut", "rfm-r"):
        return tuple(_cuts_of_ranks(distinct, times, n, ties).tolist())
    upto = np.cumsum(times)
    found = _interpolated(int(upto[-1]), n, lambda k: distinct[np.searchsorted(upto, k, "right")])
    return tuple((found + 1.0 if ties == "rfm-r" else found).tolist())


def interval(values: Floats, cuts: tuple[float, ...], closed: str) -> NDArray[np.int64]:
    """Return which interval each value is in, from 0; a few comparisons beat a binary search.

    Examples
    --------
    >>> values = np.array([1.0, 2.0, 3.0])
    >>> interval(values, (2.0,), "right").tolist(), interval(values, (2.0,), "left").tolist()
    ([0, 0, 1], [0, 1, 1])
    """
    place = np.zeros(len(values), dtype=np.int8)
    for each in cuts:
        place += (values > each) if closed == "right" else (values >= each)
    return place.astype(np.int64)


def _quantiles(values: Floats, n: int) -> Floats:
    """Hyndman and Fan's type 7, with positions in whole numbers so that no cut is off by an ulp."""
    ordered = np.sort(values)  # vectorised, and so faster than a partition around 2(n - 1) places
    return _interpolated(len(values), n, lambda place: ordered[place])


def _interpolated(rows: int, n: int, at: Callable[[NDArray[np.intp]], Floats]) -> Floats:
    position = (rows - 1) * np.arange(1, n)
    below, part = position // n, (position % n) / n
    low, high = at(below), at(np.minimum(below + 1, rows - 1))
    between = np.where(part > 0, (1.0 - part) * low + part * high, low)
    return np.clip(between, low, high)


def _rank_cuts(values: Floats, n: int, ties: str) -> Floats:
    return _cuts_of_ranks(*np.unique(values, return_counts=True), n, ties)


def _cuts_of_ranks(distinct: Floats, times: NDArray[np.intp], n: int, ties: str) -> Floats:
    scores = _rank_scores(times, n, ties)
    last = np.searchsorted(scores, np.arange(1, n), side="right")
    return np.concatenate([[-np.inf], distinct])[last]


def _rank_scores(times: NDArray[np.intp], n: int, ties: str) -> NDArray[np.int64]:
    rows, upto = int(times.sum()), np.cumsum(times, dtype=np.int64)
    if ties == "low":
        scores = (upto - times) * n // rows + 1
    elif ties == "average":
        scores = -(-n * (2 * upto - times + 1) // (2 * rows))
    else:
        scores = -(-n * upto // rows)
    return np.asarray(scores, dtype=np.int64)
