"""Intervals of many numbers from their refits to resamples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from crmanalytics.inference import check_level
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Interval", "Parts", "accelerations", "intervals"]

Interval = Literal["percentile", "basic", "normal", "bca"]
_SAME = 1e-12  # refits that near to the estimate are equal to it


@dataclass(frozen=True, eq=False)
class Parts:
    """Which part of a sample each refit of a jackknife left out.

    Parameters
    ----------
    stratum : ndarray of shape (refits,)
        Number of the stratum that the part is of.
    size : ndarray of shape (refits,)
        Parts of that stratum.
    """

    stratum: Ints
    size: Ints


def intervals(
    estimate: Floats,
    refits: Floats,
    level: float,
    interval: Interval,
    acceleration: Floats | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return standard error and bounds of each number, from its refits (draws, numbers).

    A number that some refits do not have (such as HTMT2) has no interval.

    References
    ----------
    Efron, B. (1987), "Better bootstrap confidence intervals", Journal of the American Statistical
    Association 82(397), 171-185, equation 2.3, for ``bca``.

    Examples
    --------
    >>> refits = np.arange(101.0)[:, None]
    >>> se, low, high = intervals(np.array([40.0]), refits, 0.9, "percentile")
    >>> se.round(2).tolist(), low.round(6).tolist(), high.round(6).tolist()
    ([29.3], [5.0], [95.0])

    Four in ten refits are below the estimate: it is high for its kind, so that bounds move down.

    >>> se, low, high = intervals(np.array([40.0]), refits, 0.9, "bca", np.zeros(1))
    >>> low.round(1).tolist(), high.round(1).tolist()
    ([1.6], [87.4])
    """
    tail = (1 - check_level(level)) / 2
    one_of("interval", interval, get_args(Interval))
    se = refits.std(axis=0, ddof=1)
    if interval == "normal":
        from scipy.special import ndtri

        reach = -ndtri(tail) * se
        return se, estimate - reach, estimate + reach
    if interval == "bca":
        still = np.zeros(len(estimate)) if acceleration is None else acceleration
        return se, *_corrected(estimate, refits, tail, still)
    low, high = np.quantile(refits, [tail, 1 - tail], axis=0)
    if interval == "basic":
        low, high = 2 * estimate - high, 2 * estimate - low
    return se, low, high


def _corrected(
    estimate: Floats, refits: Floats, tail: float, acceleration: Floats
) -> tuple[Floats, Floats]:
    """Return the quantiles that bias and skewness call for."""
    from scipy.special import ndtr, ndtri

    draws = len(refits)
    near = _SAME * np.maximum(1.0, np.abs(estimate))
    below = (refits < estimate - near).sum(axis=0)
    same = (np.abs(refits - estimate) <= near).sum(axis=0)
    share = np.clip((below + same / 2) / draws, 0.5 / draws, 1 - 0.5 / draws)
    shift = ndtri(share)
    ordered = np.sort(refits, axis=0)
    void = np.isnan(refits).any(axis=0) | np.isnan(acceleration)
    bounds = []
    for end in (tail, 1 - tail):
        moved = shift + ndtri(end)
        # beyond this the formula turns round: the outermost refit is then all there is to say
        stretch = np.maximum(1 - np.where(void, 0.0, acceleration) * moved, 1e-9)
        bounds.append(_quantiles(ordered, ndtr(shift + moved / stretch)))
    low, high = (np.where(void, np.nan, each) for each in bounds)
    return low, high


def _quantiles(ordered: Floats, level: Floats) -> Floats:
    """Return a quantile of its own of each column."""
    place = level * (len(ordered) - 1)
    first = np.floor(place).astype(np.int64)
    second = np.minimum(first + 1, len(ordered) - 1)
    column = np.arange(ordered.shape[1])
    low, high = ordered[first, column], ordered[second, column]
    return np.asarray(low + (place - first) * (high - low))


def accelerations(refits: Floats, parts: Parts) -> Floats:
    """Return how fast the standard error of each number changes with it, from a jackknife.

    Parameters
    ----------
    refits : ndarray of shape (refits, numbers)
        The numbers, each time without a part of the sample.
    parts : Parts
        Which part.

    Returns
    -------
    ndarray of shape (numbers,)
        A sixth of the skewness of influences.

    References
    ----------
    Efron, B. (1987), "Better bootstrap confidence intervals", equation 6.6; within strata as
    Shao, J. and Tu, D. (1995), The jackknife and bootstrap, section 6.2.

    Examples
    --------
    >>> values = np.array([1.0, 2, 3, 10])
    >>> left_out = ((values.sum() - values) / 3)[:, None]
    >>> accelerations(left_out, Parts(np.zeros(4, dtype=int), np.full(4, 4))).round(4).tolist()
    [0.0849]
    """
    count = np.bincount(parts.stratum).astype(float)
    mean = np.array([np.bincount(parts.stratum, weights=column) for column in refits.T]).T
    away = (mean / np.maximum(count, 1)[:, None])[parts.stratum] - refits
    influence = away * (parts.size - 1)[:, None]
    spread = (influence**2).sum(axis=0)
    some = spread > 0
    cubes = (influence**3).sum(axis=0)
    found = np.where(some, cubes / (6 * np.where(some, spread, 1.0) ** 1.5), 0.0)
    return np.where(np.isnan(spread), np.nan, found)
