"""Kaplan and Meier's estimate of survival from counts, with Greenwood's error."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.inference.intervals import normal_interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["kaplan_meier_estimate"]


def kaplan_meier_estimate(
    at_risk: ArrayLike, events: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return survival, its standard error and its bounds after each time.

    Parameters
    ----------
    at_risk, events : array_like of shape (times,)
        Who was still there just before each time, and to how many of them it happened then.
    level : float
        Confidence level; the bounds are symmetric for log(-log S), and so lie between 0 and 1.

    Returns
    -------
    tuple of ndarray
        Survival, standard error (Greenwood's), lower and upper bound.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958), "Nonparametric estimation from incomplete observations",
    Journal of the American Statistical Association 53(282), 457-481.

    Examples
    --------
    >>> alive, *_ = kaplan_meier_estimate([10, 8], [2, 4])
    >>> alive.round(3).tolist()
    [0.8, 0.4]
    """
    here, gone = np.asarray(at_risk, dtype=np.float64), np.asarray(events, dtype=np.float64)
    alive: Floats = np.cumprod(1.0 - gone / here, dtype=np.float64)
    left = here - gone
    share = np.divide(gone, here * left, out=np.zeros(len(here)), where=left > 0)
    spread = np.sqrt(np.cumsum(share))
    low, high = alive.copy(), alive.copy()
    inner = (alive > 0) & (alive < 1)
    depth = -np.log(alive[inner])
    ends = normal_interval(np.log(depth), spread[inner] / depth, level)
    high[inner], low[inner] = (np.exp(-np.exp(end)) for end in ends)
    return alive, alive * spread, low, high
