"""Intervals of proportions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.inference.intervals import check_level

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["wilson_interval"]


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
    from scipy.special import ndtri

    z2 = float(ndtri(0.5 + check_level(level) / 2)) ** 2
    hits, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    known = np.where(n > 0, n, np.nan)
    middle = (hits + z2 / 2) / (known + z2)
    half = np.sqrt(z2 * (hits * (known - hits) / known + z2 / 4)) / (known + z2)
    low = np.where(hits == 0, 0.0 * known, middle - half)
    high = np.where(hits == known, 0.0 * known + 1.0, middle + half)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)
