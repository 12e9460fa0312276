"""Means and covariances of answers, of a sample as it is and of many drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.satisfaction.resampling import redrawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crmanalytics.satisfaction.resampling import Units

    Floats = NDArray[np.float64]
    Moments = tuple[Floats, Floats]

__all__ = ["correlations", "moments", "moments_redrawn", "sound"]

_BLOCK = 2_000_000
#: Correlations whose smallest eigenvalue is below this hold a variable that repeats the others.
_SINGULAR = 1e-10
#: What varies less than this, beside what it could, varies by rounding.
_ROUNDING = 1e-13


def moments(values: Floats, weight: Floats) -> Moments:
    """Return the weighted means and covariances (divided by the sum of weights) of columns.

    Examples
    --------
    >>> mean, covariance = moments(np.array([[1.0], [3.0]]), np.ones(2))
    >>> mean, covariance
    (array([2.]), array([[1.]]))
    """
    share = weight / weight.sum()
    mean = share @ values
    centred = values - mean
    covariance = np.asarray(centred.T @ (share[:, None] * centred))
    noise = (_ROUNDING * np.abs(values).max(axis=0, initial=0.0)) ** 2
    return mean, _without_noise(covariance, noise)


def _without_noise(covariance: Floats, noise: Floats) -> Floats:
    """Return covariances with exact zeros where a variable varies by rounding alone."""
    flat = np.diagonal(covariance, axis1=-2, axis2=-1) <= noise
    return np.where(flat[..., :, None] | flat[..., None, :], 0.0, covariance)


def moments_redrawn(
    values: Floats, weight: Floats, units: Units, draws: int, seed: int
) -> Iterator[Moments]:
    """Yield means and covariances of samples drawn again, some samples at a time.

    Sums of products are kept per unit, so that a sample costs one row of a matrix product.

    Parameters
    ----------
    values : ndarray of shape (n, k)
        Rows as :func:`crmanalytics.satisfaction.resampling.units_of` ordered them.
    weight : ndarray of shape (n,)
        What each row counts.
    units : Units
        What is drawn.
    draws, seed : int
        How many samples, and the seed of the random numbers.

    Yields
    ------
    tuple of ndarray
        Means, of shape (samples, k), and covariances, of shape (samples, k, k); missing where a
        sample has no weight.

    Examples
    --------
    >>> from crmanalytics.satisfaction.resampling import Units
    >>> units = Units(np.arange(4), np.arange(4), np.zeros(4, dtype=int))
    >>> answers = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> blocks = moments_redrawn(answers, np.ones(4), units, 50, seed=1)
    >>> [mean.shape for mean, covariance in blocks]
    [(50, 1)]
    """
    k = values.shape[1]
    middle, covariance = moments(values, weight)
    noise = _ROUNDING * np.diagonal(covariance)
    upper = np.triu_indices(k)
    kept = _per_unit(values - middle, weight, units, upper)
    at_once = max(1, _BLOCK // (k * k))
    for factors in redrawn(units, draws, seed):
        for start in range(0, len(factors), at_once):
            sums = factors[start : start + at_once] @ kept
            total = np.where(sums[:, :1] > 0, sums[:, :1], np.nan)
            mean, second = sums[:, 1 : k + 1] / total, sums[:, k + 1 :] / total
            square = np.empty((len(sums), k, k))
            square[:, upper[0], upper[1]] = second
            square[:, upper[1], upper[0]] = second
            again = square - mean[:, :, None] * mean[:, None, :]
            yield middle + mean, _without_noise(again, noise)


def _per_unit(
    centred: Floats, weight: Floats, units: Units, upper: tuple[NDArray[np.intp], NDArray[np.intp]]
) -> Floats:
    """Return sums of 1, of the columns and of their products per unit."""
    products = centred[:, upper[0]] * centred[:, upper[1]]
    every = np.column_stack([np.ones(len(centred)), centred, products]) * weight[:, None]
    if units.fraction is None:
        return every
    size = len(units.stratum)
    sums = [np.bincount(units.of_row, weights=each, minlength=size) for each in every.T]
    return np.column_stack(sums)


def correlations(covariance: Floats) -> Floats:
    """Return correlations of covariances; missing where a variable does not vary.

    Examples
    --------
    >>> correlations(np.array([[4.0, 2.0], [2.0, 4.0]])).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    variance = np.diagonal(covariance, axis1=-2, axis2=-1)
    spread = np.sqrt(np.where(variance > 0, variance, np.nan))
    made = covariance / (spread[..., :, None] * spread[..., None, :])
    every = np.arange(covariance.shape[-1])
    made[..., every, every] = np.where(np.isnan(spread), np.nan, 1.0)
    return np.asarray(made)


def sound(correlation: Floats) -> NDArray[np.bool_]:
    """Return whether each matrix is whole, and no driver a combination of the others.

    Parameters
    ----------
    correlation : ndarray of shape (samples, p + 1, p + 1)
        Correlations, the outcome last.

    Returns
    -------
    ndarray of bool, shape (samples,)
        True where drivers can be told apart.

    Examples
    --------
    >>> sound(np.array([[[1.0, 0.5], [0.5, 1.0]]]))
    array([ True])
    """
    known = np.asarray(~np.isnan(correlation).any(axis=(-2, -1)))
    among = correlation[..., :-1, :-1]
    filled = np.where(known[..., None, None], among, np.eye(among.shape[-1]))
    return np.asarray(known & (np.linalg.eigvalsh(filled)[..., 0] > _SINGULAR))
