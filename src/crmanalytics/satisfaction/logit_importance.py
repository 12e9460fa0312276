"""Relative importance of the regressors of a logistic regression."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import ConvergenceError
from crmanalytics.satisfaction.importance import pratt
from crmanalytics.satisfaction.logit import fitted, pseudo_r_squared
from crmanalytics.satisfaction.moments import correlations, moments

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["johnson_logistic", "pratt_logistic", "subset_pseudo_r_squared"]

_BLOCK = 8_000_000


def subset_pseudo_r_squared(
    drivers: Floats, outcome: Floats, weight: Floats, name: str = "mcfadden"
) -> Floats:
    """Return pseudo R squared of the logistic regression on every subset of drivers.

    Parameters
    ----------
    drivers : ndarray of shape (n, p)
        The drivers.
    outcome, weight : ndarray of shape (n,)
        0 or 1, and what each row counts.
    name : str
        See :func:`pseudo_r_squared`.

    Returns
    -------
    ndarray of shape (2**p,)
        Placed as by :func:`~crmanalytics.satisfaction.subsets.subset_r_squared`.

    Raises
    ------
    ConvergenceError
        If drivers tell the two outcomes apart without error, so that no odds are finite.

    Examples
    --------
    >>> drivers = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> found = subset_pseudo_r_squared(drivers, np.array([0.0, 1, 0, 1]), np.ones(4))
    >>> found.round(4).tolist()
    [0.0, 0.1533]
    """
    n, p = drivers.shape
    design, _ = _standardised(drivers, weight)
    used = np.ones((2**p, p + 1), dtype=bool)
    used[:, 1:] = (np.arange(2**p)[:, None] >> np.arange(p)) & 1
    at_once = max(1, _BLOCK // max(n, (p + 1) ** 2))
    parts = []
    for start in range(0, 2**p, at_once):
        odds = fitted(design, outcome, weight, used[start : start + at_once])
        if np.isnan(odds).any():
            raise ConvergenceError(_SEPARATE)
        parts.append(pseudo_r_squared(odds, outcome, weight, name))
    return np.concatenate(parts)


_SEPARATE = (
    "the drivers tell the two outcomes apart without error, so that a logistic regression has no "
    "finite coefficients. Use fewer drivers or family='linear'."
)


def _standardised(drivers: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return a constant beside standardised drivers, and their correlations."""
    share = weight / weight.sum()
    centred = drivers - share @ drivers
    covariance = centred.T @ (share[:, None] * centred)
    spread = np.sqrt(np.diagonal(covariance))
    columns = np.column_stack([np.ones(len(drivers)), centred / spread])
    return columns, covariance / np.outer(spread, spread)


def johnson_logistic(drivers: Floats, outcome: Floats, weight: Floats) -> Floats:
    """Return relative weights of drivers in a logistic regression.

    The regression is made on the orthogonal variables nearest to the drivers, its coefficients
    standardised by the spread of the log odds and the squared correlation of outcome and fitted
    probability, to which the weights sum.

    Parameters
    ----------
    drivers : ndarray of shape (n, p)
        The drivers.
    outcome, weight : ndarray of shape (n,)
        0 or 1, and what each row counts.

    Returns
    -------
    ndarray of shape (p,)
        Relative weights.

    Raises
    ------
    ConvergenceError
        If drivers tell the two outcomes apart without error.

    References
    ----------
    Tonidandel, S. and LeBreton, J. M. (2010), "Determining the relative importance of predictors in
    logistic regression: an extension of relative weight analysis", Organizational Research Methods
    13(4), 767-781.

    Examples
    --------
    >>> drivers = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> johnson_logistic(drivers, np.array([0.0, 1, 0, 1]), np.ones(4)).round(4)
    array([0.17])
    """
    from scipy.special import expit

    design, among = _standardised(drivers, weight)
    values, vectors = np.linalg.eigh(among)
    root = np.sqrt(np.maximum(values, np.finfo(float).eps))
    loading = (vectors * root) @ vectors.T
    nearest = design[:, 1:] @ ((vectors / root) @ vectors.T)
    every = np.ones((1, design.shape[1]), dtype=bool)
    odds = fitted(np.column_stack([design[:, :1], nearest]), outcome, weight, every)[0]
    if np.isnan(odds).any():
        raise ConvergenceError(_SEPARATE)
    share = weight / weight.sum()
    centred = odds - share @ odds
    slopes = nearest.T @ (share * centred)  # orthonormal columns: the regression's coefficients
    fit, seen = expit(odds), outcome - share @ outcome
    fit = fit - share @ fit
    agreed = (share @ (fit * seen)) ** 2 / ((share @ fit**2) * (share @ seen**2))
    return np.asarray(loading**2 @ slopes**2 * agreed / (share @ centred**2))


def pratt_logistic(drivers: Floats, outcome: Floats, weight: Floats) -> Floats:
    """Return Pratt's measure of drivers in a logistic regression.

    At its maximum a logistic regression is a linear one, of log odds with their errors, weighted by
    what each row tells. Pratt's measure is that of this regression, and sums to its R squared.

    Parameters
    ----------
    drivers : ndarray of shape (n, p)
        The drivers.
    outcome, weight : ndarray of shape (n,)
        0 or 1, and what each row counts.

    Returns
    -------
    ndarray of shape (p,)
        Shares; negative ones tell of suppression.

    Raises
    ------
    ConvergenceError
        If drivers tell the two outcomes apart without error.

    References
    ----------
    Thomas, D. R., Zhu, P., Zumbo, B. D. and Dutta, S. (2008), "On measuring the relative importance
    of explanatory variables in a logistic regression", Journal of Modern Applied Statistical
    Methods 7(1), 21-38.

    Examples
    --------
    >>> drivers = np.array([[1.0], [2.0], [3.0], [4.0]])
    >>> pratt_logistic(drivers, np.array([0.0, 1, 0, 1]), np.ones(4)).round(4)
    array([0.1606])
    """
    from scipy.special import expit

    design, _ = _standardised(drivers, weight)
    every = np.ones((1, design.shape[1]), dtype=bool)
    odds = fitted(design, outcome, weight, every)[0]
    if np.isnan(odds).any():
        raise ConvergenceError(_SEPARATE)
    share = expit(odds)
    told = share * (1 - share)
    working = odds + (outcome - share) / told
    covariance = moments(np.column_stack([design[:, 1:], working]), weight * told)[1]
    return pratt(correlations(covariance))
