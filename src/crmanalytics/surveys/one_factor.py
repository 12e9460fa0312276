"""The one-factor model: what several items have in common, by maximum likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.errors import ConvergenceError
from crmanalytics.frames import Shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["OneFactor", "fit_one_factor", "omega_of", "omega_slope"]

#: A unique variance at this share of an item's variance is at the edge of what there can be.
_EDGE: Final = 1e-4


@dataclass(frozen=True, repr=False)
class OneFactor(Shown):
    """Items as one factor each times its loading, plus something of their own.

    Parameters
    ----------
    loadings : ndarray of shape (items,)
        In units of the items.
    uniques : ndarray of shape (items,)
        Variances of what is not shared.
    discrepancy : float
        How far the model is from the covariances; n - 1 times it is the likelihood ratio.
    proper : bool
        Whether every unique variance is clearly above 0.
    """

    loadings: Floats
    uniques: Floats
    discrepancy: float
    proper: bool

    def _told(self) -> list[str]:
        fine = "" if self.proper else ", NOT PROPER: a unique variance is 0"
        return [f"OneFactor: {len(self.loadings)} items, discrepancy {self.discrepancy:.4g}{fine}"]

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        columns = {name: getattr(self, name) for name in ("loadings", "standardised", "uniques")}
        return {"": pd.DataFrame(columns)}

    @property
    def standardised(self) -> Floats:
        """Loadings in units of the items' standard deviations.

        Examples
        --------
        >>> OneFactor(np.array([3.0]), np.array([16.0]), discrepancy=0.0, proper=True).standardised
        array([0.6])
        """
        return np.asarray(self.loadings / np.sqrt(self.loadings**2 + self.uniques))


def fit_one_factor(covariance: Floats) -> OneFactor:
    """Fit the model to a covariance matrix of three items or more.

    Parameters
    ----------
    covariance : ndarray of shape (items, items)
        Positive definite.

    Returns
    -------
    OneFactor
        The model; signs are such that the loadings sum to something positive.

    Raises
    ------
    ConvergenceError
        If the optimiser did not arrive.

    References
    ----------
    Lawley, D. N. and Maxwell, A. E. (1971), Factor Analysis as a Statistical Method, chapter 4:
    given the unique variances, the best loadings are an eigenvector; the rest is a search over
    their logarithms.

    Examples
    --------
    >>> loadings = np.array([0.9, 0.7, 0.5])
    >>> matrix = np.outer(loadings, loadings) + np.diag([0.19, 0.51, 0.75])
    >>> fit_one_factor(matrix).loadings.round(6).tolist()
    [0.9, 0.7, 0.5]
    """
    from scipy.optimize import minimize

    deviations = np.sqrt(np.diag(covariance))
    matrix = covariance / np.outer(deviations, deviations)
    # unique variances cannot exceed an item's; start where multiple regression sees them
    start = np.clip(1 / np.diag(np.linalg.pinv(matrix)), 0.05, 0.95)
    found = minimize(
        _concentrated,
        np.log(start),
        args=(matrix,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(np.log(_EDGE), 0.0)] * len(matrix),
        options={"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-10},
    )
    slope = np.asarray(found.jac)
    free = (found.x > np.log(_EDGE)) & (found.x < 0)
    if not np.isfinite(found.fun) or np.abs(slope[free]).max(initial=0.0) > 1e-5:
        raise ConvergenceError(
            "the one-factor model did not reach its likelihood's maximum: look for items that are "
            "nearly copies of each other, or unrelated to all others"
        )
    uniques = np.exp(found.x)
    loadings = _loadings(uniques, matrix)[0]
    proper = bool((uniques > 2 * _EDGE).all())
    return OneFactor(loadings * deviations, uniques * deviations**2, float(found.fun), proper)


def _loadings(uniques: Floats, matrix: Floats) -> tuple[Floats, Floats]:
    """Return the best loadings for given unique variances, and the eigenvalues they come from."""
    roots = np.sqrt(uniques)
    values, vectors = np.linalg.eigh(matrix / np.outer(roots, roots))
    loadings = roots * vectors[:, -1] * np.sqrt(max(values[-1] - 1, 0.0))
    return loadings * (1 if loadings.sum() >= 0 else -1), values


def _concentrated(logs: Floats, matrix: Floats) -> tuple[float, Floats]:
    """Return the discrepancy at its least for these unique variances, and its slope.

    With eigenvalues e of the scaled matrix it is the sum of e - log e - 1 over all but the largest
    (Lawley and Maxwell 1971, equation 4.18).
    """
    uniques = np.exp(logs)
    loadings, values = _loadings(uniques, matrix)
    left = np.maximum(values[:-1], 1e-300)
    short = min(values[-1] - 1, 0.0)  # a factor that explains nothing explains nothing less
    value = float((left - np.log(left) - 1).sum() + (short - np.log1p(short) if short else 0.0))
    implied = np.outer(loadings, loadings) + np.diag(uniques)
    inverse = np.linalg.inv(implied)
    slope = np.diag(inverse @ (implied - matrix) @ inverse) * uniques
    return value, np.asarray(slope)


def omega_of(fit: OneFactor, n: float, level: float) -> tuple[float, float, float, float]:
    """Return omega, the share of the sum's variance that is shared, its error and bounds.

    Parameters
    ----------
    fit : OneFactor
        The model.
    n : float
        Answers, or the effective number of them.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Estimate, standard error (delta method from the expected information of normal data),
        lower and upper bound (symmetric for the logit). The last three are missing for a fit at
        the edge.

    References
    ----------
    McDonald, R. P. (1999), Test Theory, equation 6.20a; Raykov, T. (2002), "Analytic estimation of
    standard error and confidence interval for scale reliability", Multivariate Behavioral Research
    37(1), 89-103.

    Examples
    --------
    >>> fit = OneFactor(np.full(4, 0.8), np.full(4, 0.36), 0.0, proper=True)
    >>> print(*(round(x, 4) for x in omega_of(fit, 200, 0.95)))
    0.8767 0.0142 0.846 0.902
    """
    from crmanalytics.inference import normal_quantile

    shared, own = float(fit.loadings.sum()), float(fit.uniques.sum())
    omega = shared**2 / (shared**2 + own)
    if not fit.proper or not 0 < omega < 1:
        return omega, float("nan"), float("nan"), float("nan")
    slope = _slope(fit)
    information = _information(fit) * n / 2
    error = float(np.sqrt(slope @ np.linalg.solve(information, slope)))
    centre, half = np.log(omega / (1 - omega)), error / (omega * (1 - omega))
    step = normal_quantile(level) * half
    low, high = (float(1 / (1 + np.exp(-(centre + sign * step)))) for sign in (-1, 1))
    return omega, error, low, high


def omega_slope(fit: OneFactor) -> Floats:
    """Return how omega changes with each covariance that the model is fitted to.

    The model being about right, parameters move as in one step of scoring from where they are.

    Examples
    --------
    >>> fit = OneFactor(np.full(3, 0.8), np.full(3, 0.36), 0.0, proper=True)
    >>> omega_slope(fit).round(3).tolist()[0]
    [-0.123, 0.096, 0.096]
    """
    inverse, changes = _changes(fit)
    step = np.linalg.solve(_information(fit), _slope(fit))
    return np.asarray(sum(s * inverse @ d @ inverse for s, d in zip(step, changes, strict=True)))


def _slope(fit: OneFactor) -> Floats:
    """Return how omega changes with the loadings and unique variances."""
    shared, own, k = float(fit.loadings.sum()), float(fit.uniques.sum()), len(fit.loadings)
    whole = shared**2 + own
    parts = (np.full(k, 2 * shared * own / whole**2), np.full(k, -(shared**2) / whole**2))
    return np.concatenate(parts)


def _information(fit: OneFactor) -> Floats:
    """Return tr(S^-1 dS_i S^-1 dS_j) for the loadings and unique variances, S being implied."""
    inverse, changes = _changes(fit)
    scaled = [inverse @ change for change in changes]
    return np.array([[np.sum(a * b.T) for b in scaled] for a in scaled])


def _changes(fit: OneFactor) -> tuple[Floats, list[Floats]]:
    """Return the inverse of what the model implies, and how that changes with each parameter."""
    k = len(fit.loadings)
    implied = np.outer(fit.loadings, fit.loadings) + np.diag(fit.uniques)
    inverse = np.asarray(np.linalg.inv(implied), dtype=float)
    eye = np.eye(k)
    changes = [np.outer(eye[i], fit.loadings) + np.outer(fit.loadings, eye[i]) for i in range(k)]
    changes += [np.outer(eye[i], eye[i]) for i in range(k)]
    return inverse, changes
