"""Relative importance of the regressors of a linear regression, from its correlation matrix."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics.satisfaction.subsets import average_added, subset_r_squared

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["LINEAR", "car", "first", "johnson", "last", "linear_r_squared", "lmg", "pratt"]


def _parts(correlation: Floats) -> tuple[Floats, Floats]:
    """Return the correlations among drivers, and theirs with the outcome, which comes last."""
    return correlation[..., :-1, :-1], correlation[..., :-1, -1]


def _roots(matrix: Floats) -> tuple[Floats, Floats]:
    """Return the symmetric root of positive definite matrices, and its inverse."""
    values, vectors = np.linalg.eigh(matrix)
    floor = np.finfo(float).eps * values[..., -1:]
    root = np.sqrt(np.maximum(values, floor))[..., None, :]
    turned = np.swapaxes(vectors, -1, -2)
    return np.asarray((vectors * root) @ turned), np.asarray((vectors / root) @ turned)


def _times(matrix: Floats, vector: Floats) -> Floats:
    return np.asarray((matrix @ vector[..., None])[..., 0])


def _coefficients(correlation: Floats) -> Floats:
    among, outcome = _parts(correlation)
    return np.asarray(np.linalg.solve(among, outcome[..., None])[..., 0])


def linear_r_squared(correlation: Floats) -> Floats:
    """Return R squared of the regression on all drivers.

    Parameters
    ----------
    correlation : ndarray of shape (..., p + 1, p + 1)
        Correlation matrices, the outcome last.

    Returns
    -------
    ndarray of shape (...)
        R squared.

    Examples
    --------
    >>> linear_r_squared(np.array([[1.0, 0.6], [0.6, 1.0]])).round(4).item()
    0.36
    """
    return np.asarray((_coefficients(correlation) * _parts(correlation)[1]).sum(axis=-1))


def lmg(correlation: Floats) -> Floats:
    """Return what each driver adds to R squared, averaged over all orders of entry.

    Parameters
    ----------
    correlation : ndarray of shape (..., p + 1, p + 1)
        Correlation matrices, the outcome last.

    Returns
    -------
    ndarray of shape (..., p)
        Shares that sum to R squared, none negative.

    Examples
    --------
    >>> r = np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.4], [0.6, 0.4, 1.0]])
    >>> lmg(r).round(4)
    array([0.2867, 0.0867])
    """
    return average_added(subset_r_squared(correlation))


def johnson(correlation: Floats) -> Floats:
    """Return Johnson's relative weights, which are also Genizi's decomposition.

    Drivers are replaced by the orthogonal variables nearest to them; what these explain is handed
    back in proportion to squared correlations.

    Parameters
    ----------
    correlation : ndarray of shape (..., p + 1, p + 1)
        Correlation matrices, the outcome last.

    Returns
    -------
    ndarray of shape (..., p)
        Shares that sum to R squared, none negative.

    References
    ----------
    Genizi, A. (1993), "Decomposition of R2 in multiple regression with correlated regressors",
    Statistica Sinica 3, 407-420. Johnson, J. W. (2000), "A heuristic method for estimating the
    relative weight of predictor variables in multiple regression", Multivariate Behavioral Research
    35(1), 1-19.

    Examples
    --------
    >>> r = np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.4], [0.6, 0.4, 1.0]])
    >>> johnson(r).round(4)
    array([0.2867, 0.0867])
    """
    among, outcome = _parts(correlation)
    root, inverse = _roots(among)
    return _times(root**2, _times(inverse, outcome) ** 2)


def car(correlation: Floats) -> Floats:
    """Return squared correlations of the outcome with drivers that were made orthogonal.

    Parameters
    ----------
    correlation : ndarray of shape (..., p + 1, p + 1)
        Correlation matrices, the outcome last.

    Returns
    -------
    ndarray of shape (..., p)
        Shares that sum to R squared, none negative.

    References
    ----------
    Zuber, V. and Strimmer, K. (2011), "High-dimensional regression and variable selection using CAR
    scores", Statistical Applications in Genetics and Molecular Biology 10(1), equation 3.

    Examples
    --------
    >>> r = np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.4], [0.6, 0.4, 1.0]])
    >>> car(r).round(4)
    array([0.3021, 0.0712])
    """
    among, outcome = _parts(correlation)
    return np.asarray(_times(_roots(among)[1], outcome) ** 2)


def pratt(correlation: Floats) -> Floats:
    """Return the product of each driver's standardised coefficient and its correlation.

    Parameters
    ----------
    correlation : ndarray of shape (..., p + 1, p + 1)
        Correlation matrices, the outcome last.

    Returns
    -------
    ndarray of shape (..., p)
        Shares that sum to R squared; negative ones tell of suppression.

    References
    ----------
    Pratt, J. W. (1987), "Dividing the indivisible: using simple symmetry to partition variance
    explained", Proceedings of the second Tampere conference in statistics, 245-260.

    Examples
    --------
    >>> r = np.array([[1.0, 0.5, 0.6], [0.5, 1.0, 0.4], [0.6, 0.4, 1.0]])
    >>> pratt(r).round(4)
    array([0.32  , 0.0533])
    """
    return np.asarray(_coefficients(correlation) * _parts(correlation)[1])


def first(correlation: Floats) -> Floats:
    """Return R squared of each driver alone; they sum to more than R squared, or to less.

    Examples
    --------
    >>> first(np.array([[1.0, 0.6], [0.6, 1.0]]))
    array([0.36])
    """
    return np.asarray(_parts(correlation)[1] ** 2)


def last(correlation: Floats) -> Floats:
    """Return what each driver adds to R squared when all others are in; usually sums to less.

    Examples
    --------
    >>> last(np.array([[1.0, 0.6], [0.6, 1.0]])).round(2)
    array([0.36])
    """
    among, _ = _parts(correlation)
    unique = np.diagonal(np.linalg.inv(among), axis1=-2, axis2=-1)
    return np.asarray(_coefficients(correlation) ** 2 / unique)


#: The measures of a linear regression by name; Genizi's decomposition equals Johnson's weights.
LINEAR: Final[dict[str, Callable[[Floats], Floats]]] = {
    "lmg": lmg,
    "johnson": johnson,
    "genizi": johnson,
    "pratt": pratt,
    "car": car,
    "first": first,
    "last": last,
}
