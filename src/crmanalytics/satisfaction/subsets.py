"""How much of an outcome each subset of drivers explains, and what each driver adds on average."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["added_first_and_last", "average_added", "sizes_of", "subset_r_squared"]

#: A driver of which the drivers before it leave less than this share is taken as their combination.
_SINGULAR = 1e-12


def subset_r_squared(correlation: Floats) -> Floats:
    """Return R squared of the regression of the last variable on every subset of the others.

    Variables are swept out one after another, each subset in two copies, with and without; what is
    left to sweep shrinks as the copies double, so that all 2^p subsets cost little more than 2^p
    numbers.

    Parameters
    ----------
    correlation : ndarray of shape (..., p + 1, p + 1)
        Correlation matrices.

    Returns
    -------
    ndarray of shape (..., 2**p)
        At place s, whose bit j says whether variable j is in the subset.

    Examples
    --------
    >>> r = np.array([[1.0, 0.0, 0.6], [0.0, 1.0, 0.3], [0.6, 0.3, 1.0]])
    >>> subset_r_squared(r).round(4)
    array([0.  , 0.36, 0.09, 0.45])
    """
    left = correlation[..., None, :, :]
    for _ in range(correlation.shape[-1] - 1):
        pivot = left[..., 0, 0]
        sound = pivot > _SINGULAR
        scale = np.where(sound, 1 / np.where(sound, pivot, 1.0), 0.0)
        column, rest = left[..., 0, 1:], left[..., 1:, 1:]
        swept = rest - column[..., :, None] * (scale[..., None] * column)[..., None, :]
        left = np.concatenate([rest, swept], axis=-3)
    return np.asarray(1 - left[..., 0, 0])


def sizes_of(p: int) -> NDArray[np.int64]:
    """Return how many of p variables each subset holds.

    Examples
    --------
    >>> sizes_of(2).tolist()
    [0, 1, 1, 2]
    """
    sizes = np.zeros(1, dtype=np.int64)
    for _ in range(p):
        sizes = np.concatenate([sizes, sizes + 1])
    return sizes


def average_added(explained: Floats) -> Floats:
    """Return what each variable adds, averaged over all orders in which variables can enter.

    This is LMG, the Shapley value of R squared, general dominance: it sums to what all explain.

    Parameters
    ----------
    explained : ndarray of shape (..., 2**p)
        What each subset explains, placed as by :func:`subset_r_squared`.

    Returns
    -------
    ndarray of shape (..., p)
        Shares of what all of them explain.

    References
    ----------
    Lindeman, R. H., Merenda, P. F. and Gold, R. Z. (1980), Introduction to bivariate and
    multivariate analysis, page 119. Gromping, U. (2007), "Estimators of relative importance in
    linear regression based on variance decomposition", The American Statistician 61(2), equation 5.

    Examples
    --------
    >>> average_added(np.array([0.0, 0.36, 0.25, 0.41])).round(4)
    array([0.26, 0.15])
    """
    from scipy.special import gammaln

    p = int(explained.shape[-1]).bit_length() - 1
    size = sizes_of(p)
    # orders in which exactly the variables of a subset come before the next one
    before = np.exp(gammaln(size + 1) + gammaln(np.maximum(p - size, 1)) - gammaln(p + 1))
    made = np.empty((*explained.shape[:-1], p))
    for j in range(p):
        pairs = explained.reshape(*explained.shape[:-1], -1, 2, 2**j)
        weight = before.reshape(-1, 2, 2**j)[:, 0, :]
        added = pairs[..., 1, :] - pairs[..., 0, :]
        made[..., j] = np.einsum("...ab,ab->...", added, weight)
    return made


def added_first_and_last(explained: Floats) -> tuple[Floats, Floats]:
    """Return what each variable explains alone, and what it adds to all others.

    Examples
    --------
    >>> first, last = added_first_and_last(np.array([0.0, 0.36, 0.25, 0.41]))
    >>> first, last.round(2)
    (array([0.36, 0.25]), array([0.16, 0.05]))
    """
    p = int(explained.shape[-1]).bit_length() - 1
    one = 2 ** np.arange(p)
    alone = explained[..., one] - explained[..., :1]
    return alone, explained[..., -1:] - explained[..., 2**p - 1 - one]
