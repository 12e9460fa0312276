"""Intervals of a net promoter score from the shares of promoters and detractors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

import numpy as np

from crmanalytics.inference import check_level, normal_quantile, wilson_interval
from crmanalytics.satisfaction.score_types import IntervalMethod
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["METHODS", "adjusted", "check_interval_method", "nps_interval", "score_statistic"]

METHODS: Final[tuple[IntervalMethod, ...]] = get_args(IntervalMethod)
#: Adjusted Wald adds three answers: this many to promoters and to detractors, the rest between.
_ADDED: Final = 0.75
_STEPS: Final = 60


def check_interval_method(method: str) -> None:
    """Say which methods there are, if this is none of them."""
    one_of("method", method, METHODS)


def nps_interval(
    promoters: ArrayLike,
    detractors: ArrayLike,
    n: ArrayLike,
    level: float = 0.95,
    *,
    method: IntervalMethod = "mover",
) -> tuple[Floats, Floats]:
    """Return the bounds of an interval of the net promoter score, from shares and a size.

    Parameters
    ----------
    promoters, detractors : array_like
        Shares of the answers, of any common shape.
    n : array_like
        Answers, or the effective number of them.
    level : float
        Confidence level.
    method : str
        ``mover`` joins Wilson's intervals of both shares (never leaves the scale); ``score``
        inverts the score test, iteratively; ``adjusted-wald`` adds three answers; ``wald`` is the
        textbook's. The last two may leave the scale.

    Returns
    -------
    tuple of ndarray
        Lower and upper bounds, on the scale from -1 to 1; missing without answers.

    Raises
    ------
    ParameterError
        If the method is none of these.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), "Construction of confidence limits about effect measures",
    Statistics in Medicine 27(10), 1693-1702; Newcombe, R. G. (1998), "Interval estimation for the
    difference between independent proportions", Statistics in Medicine 17(8), 873-890; Rocks, B.
    (2016), "Interval estimation for the net promoter score", The American Statistician 70(4),
    365-372; Tango, T. (1998), "Equivalence test and confidence interval for the difference in
    proportions for the paired-sample design", Statistics in Medicine 17(8), 891-908, for the
    score.

    Examples
    --------
    60 promoters and 15 detractors of 100:

    >>> low, high = nps_interval(0.60, 0.15, 100)
    >>> print(f"{low:.3f} {high:.3f}")
    0.292 0.579
    """
    check_interval_method(method)
    p, d, size = np.broadcast_arrays(*(np.asarray(x, float) for x in (promoters, detractors, n)))
    size = np.where((size > 0) & ~np.isnan(p + d), size, np.nan)
    z = normal_quantile(check_level(level))
    if method == "mover":
        return _mover(p, d, size, level)
    if method == "score":
        return _score(p, d, size, z)
    if method == "adjusted-wald":
        p, d, size = adjusted(p, d, size)
    half = z * np.sqrt(np.maximum(p + d - (p - d) ** 2, 0) / size)
    return p - d - half, p - d + half


def adjusted(p: Floats, d: Floats, n: Floats) -> tuple[Floats, Floats, Floats]:
    """Return shares and size with three answers more: 3/4 promoters, 3/4 detractors, 3/2 others.

    Examples
    --------
    >>> adjusted(np.array([1.0]), np.array([0.0]), np.array([9.0]))
    (array([0.8125]), array([0.0625]), array([12.]))
    """
    more = n + 4 * _ADDED
    return (p * n + _ADDED) / more, (d * n + _ADDED) / more, more


def _mover(p: Floats, d: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    """Join the intervals of two shares of one sample, whose estimates go against each other."""
    p_low, p_high = wilson_interval(p * n, n, level)
    d_low, d_high = wilson_interval(d * n, n, level)
    both = p * (1 - p) * d * (1 - d)
    together = np.where(both > 0, -p * d / np.sqrt(np.where(both > 0, both, 1.0)), 0.0)
    together = np.maximum(together, -1.0)
    score = p - d

    def reach(one: Floats, other: Floats) -> Floats:
        return np.sqrt(np.maximum(one**2 + other**2 - 2 * together * one * other, 0))

    low = score - reach(p - p_low, d_high - d)
    high = score + reach(p_high - p, d - d_low)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def score_statistic(p: Floats, d: Floats, n: Floats, score: Floats) -> Floats:
    """Return how many standard errors, as they would be if it were true, a score is away.

    Examples
    --------
    >>> shares, size = (np.array([0.6]), np.array([0.15])), np.array([100.0])
    >>> score_statistic(*shares, size, np.array([0.0])).round(4).tolist()
    [5.1962]
    """
    # share of detractors that is most likely, given the score (Tango 1998, after equation 6)
    linear = (2 - p + d) * score - p - d
    root = np.sqrt(np.maximum(linear**2 + 8 * d * score * (1 - score), 0))
    likely = np.clip((root - linear) / 4, 0.0, None)
    variance = np.maximum(2 * likely + score * (1 - score), 0) / n
    gap = p - d - score
    known = variance > 0
    away = np.where(gap == 0, 0.0, np.copysign(np.inf, gap))
    return np.where(known, gap / np.sqrt(np.where(known, variance, 1.0)), away)


def _score(p: Floats, d: Floats, n: Floats, z: float) -> tuple[Floats, Floats]:
    """Halve the distance to each bound until it is known to the last digit."""
    found = []
    for end in (-1.0, 1.0):
        inside, outside = p - d, np.full(p.shape, end)
        for _ in range(_STEPS):
            middle = (inside + outside) / 2
            within = np.abs(score_statistic(p, d, n, middle)) <= z
            inside = np.where(within, middle, inside)
            outside = np.where(within, outside, middle)
        found.append(np.where(np.isnan(n), np.nan, inside))
    return found[0], found[1]
