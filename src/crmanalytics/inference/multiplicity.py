"""Many comparisons at once: p-values that account for how many were made."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["adjust_p_values"]

_METHODS = ("holm", "benjamini-hochberg", "bonferroni", "none")


def adjust_p_values(p_values: ArrayLike, method: str = "holm") -> Floats:
    """Return p-values adjusted for how many there are; missing ones stay so and do not count.

    Parameters
    ----------
    p_values : array_like of shape (tests,)
        From 0 to 1.
    method : str
        ``holm`` and ``bonferroni`` bound the chance of a single false discovery,
        ``benjamini-hochberg`` the expected share of false ones among the discoveries; ``none``.

    Returns
    -------
    ndarray of shape (tests,)
        To be compared with the usual threshold.

    Raises
    ------
    ParameterError
        If the method is none of these.

    References
    ----------
    Holm, S. (1979), "A simple sequentially rejective multiple test procedure", Scandinavian
    Journal of Statistics 6(2), 65-70; Benjamini, Y. and Hochberg, Y. (1995), "Controlling the false
    discovery rate", Journal of the Royal Statistical Society B 57(1), 289-300.

    Examples
    --------
    >>> adjust_p_values([0.01, 0.04, 0.03]).round(4).tolist()
    [0.03, 0.06, 0.06]
    >>> adjust_p_values([0.01, 0.04, 0.03], "benjamini-hochberg").round(4).tolist()
    [0.03, 0.04, 0.04]
    """
    one_of("adjust", method, _METHODS)
    raw = np.asarray(p_values, dtype=float)
    known = np.flatnonzero(~np.isnan(raw))
    order = known[np.argsort(raw[known], kind="stable")]
    tests = len(order)
    rank = np.arange(tests)
    found = raw.copy()
    if method == "bonferroni":
        found[order] = raw[order] * tests
    elif method == "holm":
        found[order] = np.maximum.accumulate(raw[order] * (tests - rank))
    elif method == "benjamini-hochberg":
        rising = raw[order] * tests / (rank + 1)
        found[order] = np.minimum.accumulate(rising[::-1])[::-1]
    return np.asarray(np.minimum(found, 1.0))
