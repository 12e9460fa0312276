"""Intervals from estimates and standard errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "check_level",
    "delta_standard_errors",
    "log_interval",
    "normal_interval",
    "normal_quantile",
]


def check_level(level: float) -> float:
    """Return a confidence level, or say why it is none.

    Examples
    --------
    >>> check_level(0.9)
    0.9
    """
    if not 0 < level < 1:
        raise ParameterError(f"level must lie between 0 and 1, not {level!r}; 0.95 is usual")
    return float(level)


def normal_quantile(level: float) -> float:
    """Return how many standard errors an interval of this level reaches to either side.

    Examples
    --------
    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    from scipy.special import ndtri

    return float(ndtri(0.5 + check_level(level) / 2))


def normal_interval(
    estimate: ArrayLike, standard_error: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the bounds of the normal (Wald) interval.

    Parameters
    ----------
    estimate, standard_error : array_like
        Of any common shape.
    level : float
        Confidence level.

    Returns
    -------
    tuple of ndarray
        Lower and upper bounds.

    Examples
    --------
    >>> low, high = normal_interval(10.0, 1.0)
    >>> print(f"{low:.2f} {high:.2f}")
    8.04 11.96
    """
    middle = np.asarray(estimate, dtype=float)
    half = normal_quantile(level) * np.asarray(standard_error, dtype=float)
    return middle - half, middle + half


def log_interval(
    estimate: ArrayLike, standard_error: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the bounds of the interval that is symmetric for the logarithm.

    The right choice for parameters that must be positive: its bounds are positive too.

    Parameters
    ----------
    estimate, standard_error : array_like
        Positive estimates and their standard errors on the natural scale.
    level : float
        Confidence level.

    Returns
    -------
    tuple of ndarray
        Lower and upper bounds.

    Examples
    --------
    >>> low, high = log_interval(0.243, 0.0126)
    >>> print(f"{low:.3f} {high:.3f}")
    0.220 0.269
    """
    middle = np.asarray(estimate, dtype=float)
    factor = np.exp(normal_quantile(level) * np.asarray(standard_error, dtype=float) / middle)
    return middle / factor, middle * factor


def delta_standard_errors(gradient: Floats, covariance: Floats) -> Floats:
    """Return the standard errors of functions of estimates, by the delta method.

    Parameters
    ----------
    gradient : ndarray of shape (n, k)
        Derivatives of each of n functions with respect to the k parameters.
    covariance : ndarray of shape (k, k)
        Covariance matrix of the parameters.

    Returns
    -------
    ndarray of shape (n,)
        Standard errors.

    Examples
    --------
    >>> delta_standard_errors(np.array([[2.0]]), np.array([[0.25]]))
    array([1.])
    """
    variance = np.einsum("ij,jk,ik->i", gradient, covariance, gradient)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))
