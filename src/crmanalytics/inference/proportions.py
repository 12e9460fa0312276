"""Intervals of proportions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.inference.intervals import normal_quantile
from crmanalytics.wording import none_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["proportion_interval", "shrunk_for_design", "wilson_interval"]


def wilson_interval(
    successes: ArrayLike, trials: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the bounds of Wilson's score interval, which stays sound for small and extreme shares.

    Parameters
    ----------
    successes, trials : array_like
        Counts of any common shape, 0 <= successes <= trials.
    level : float
        Confidence level.

    Returns
    -------
    tuple of ndarray
        Lower and upper bounds within 0 and 1; missing where there was no trial.

    References
    ----------
    Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22(158), 209-212.

    Examples
    --------
    >>> low, high = wilson_interval(8, 10)
    >>> print(f"{low:.4f} {high:.4f}")
    0.4902 0.9433
    """
    z2 = normal_quantile(level) ** 2
    hits, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    known = np.where(n > 0, n, np.nan)
    middle = (hits + z2 / 2) / (known + z2)
    half = np.sqrt(z2 * (hits * (known - hits) / known + z2 / 4)) / (known + z2)
    low = np.where(hits == 0, 0.0 * known, middle - half)
    high = np.where(hits == known, 0.0 * known + 1.0, middle + half)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def proportion_interval(
    share: ArrayLike,
    size: ArrayLike,
    level: float = 0.95,
    *,
    method: str = "wilson",
    rows: ArrayLike | None = None,
    degrees: ArrayLike | None = None,
) -> tuple[Floats, Floats]:
    """Return the bounds of an interval of a share, which may stem from a weighted survey.

    Parameters
    ----------
    share : array_like
        Estimated shares, missing ones allowed.
    size : array_like
        Answers, or the effective number of them.
    level : float
        Confidence level.
    method : str
        ``wilson``, ``logit``, ``beta`` (Clopper and Pearson's) or ``wald``.
    rows, degrees : array_like, optional
        For a survey with strata and clusters: answers, and degrees of freedom (clusters less
        strata). Quantiles are then those of Student's distribution; ``wilson`` and ``beta`` shrink
        the effective size by the squared ratio of the quantiles, after Korn and Graubard.

    Returns
    -------
    tuple of ndarray
        Lower and upper bounds. Those of ``logit`` and ``wald`` are the share itself where it is 0
        or 1; those of ``wald`` may leave the scale.

    Raises
    ------
    ParameterError
        If the method is none of these.

    References
    ----------
    Korn, E. L. and Graubard, B. I. (1998), "Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data", Survey Methodology 24(2),
    193-201.

    Examples
    --------
    >>> low, high = proportion_interval(0.8, 10, method="beta")
    >>> print(f"{low:.4f} {high:.4f}")
    0.4439 0.9748
    """
    from scipy.special import stdtrit

    p, n = np.broadcast_arrays(np.asarray(share, float), np.asarray(size, float))
    known = np.where((n > 0) & ~np.isnan(p), n, np.nan)
    quantile, shrunk = np.full(known.shape, normal_quantile(level)), known
    if rows is not None and degrees is not None:
        few = np.asarray(degrees, float)
        quantile = np.asarray(stdtrit(few, 0.5 + level / 2))
        shrunk = shrunk_for_design(known, level, np.asarray(rows, float), few)
    if method == "wilson":
        return wilson_interval(p * shrunk, shrunk, level)
    if method == "beta":
        return _beta(p, shrunk, level)
    error = np.sqrt(p * (1 - p) / known)
    if method == "wald":
        return p - quantile * error, p + quantile * error
    if method == "logit":
        inner = (p > 0) & (p < 1)
        odds = np.where(inner, p / np.where(inner, 1 - p, 1.0), 1.0)
        step = np.exp(quantile * error / np.where(inner, p * (1 - p), 1.0))
        bounds = (np.where(inner, x / (1 + x), p) for x in (odds / step, odds * step))
        low, high = (np.asarray(each, dtype=float) for each in bounds)
        return low, high
    raise ParameterError(none_of("method", method, ("wilson", "logit", "beta", "wald")))


def shrunk_for_design(n: Floats, level: float, rows: Floats, degrees: Floats) -> Floats:
    """Return effective sizes made smaller for the few degrees of freedom that a design leaves.

    Intervals that know of normal quantiles only then are as wide as Student's (Korn and Graubard).

    Examples
    --------
    >>> size = shrunk_for_design(np.array([50.0]), 0.95, np.array([183.0]), np.array([14.0]))
    >>> print(size.round(2))
    [42.31]
    """
    from scipy.special import stdtrit

    upper = 0.5 + level / 2
    simple = stdtrit(np.maximum(rows - 1, 1), upper)
    return np.asarray(n * (simple / stdtrit(degrees, upper)) ** 2)


def _beta(p: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    from scipy.special import betaincinv

    hits, tail = p * n, 0.5 - level / 2
    misses = n - hits
    some, short = hits > 0, misses > 0
    low = betaincinv(np.where(some, hits, 1.0), misses + 1, tail)
    high = betaincinv(hits + 1, np.where(short, misses, 1.0), 1 - tail)
    gone = np.where(np.isnan(p * n), np.nan, 0.0)
    return np.where(some, low, 0.0) + gone, np.where(short, high, 1.0) + gone
