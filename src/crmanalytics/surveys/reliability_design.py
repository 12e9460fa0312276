"""How sure reliability is in samples with strata and clusters: linearised variances.

Alpha and omega are functions of the items' covariances, and these are means of products: so each
row has an influence on them, and the design says how sums of influences vary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.surveys.one_factor import omega_slope

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.surveys.one_factor import OneFactor

    Floats = NDArray[np.float64]

__all__ = ["alpha_influence", "alpha_slope", "bounds_of", "omega_influence"]


def alpha_slope(covariance: Floats) -> Floats:
    """Return how alpha changes with each covariance.

    Examples
    --------
    >>> alpha_slope(np.array([[1.0, 0.5], [0.5, 1.0]])).round(3).tolist()
    [[-0.222, 0.444], [0.444, -0.222]]
    """
    k, whole, parts = len(covariance), float(covariance.sum()), float(np.trace(covariance))
    return np.asarray(k / (k - 1) * (parts / whole**2 - np.eye(k) / whole))


def alpha_influence(values: Floats, weight: Floats, *, standardised: bool = False) -> Floats:
    """Return the influence of each row on alpha.

    Parameters
    ----------
    values : ndarray of shape (rows, items)
        Complete answers.
    weight : ndarray of shape (rows,)
        What each row counts.
    standardised : bool
        Whether it is the alpha of correlations.

    Returns
    -------
    ndarray of shape (rows,)
        Change of alpha per unit of the row's weight, times the weight.

    References
    ----------
    Maydeu-Olivares, A., Coffman, D. L. and Hartmann, W. M. (2007), "Asymptotically
    distribution-free (ADF) interval estimation of coefficient alpha", Psychological Methods 12(2),
    157-176: the same influences for rows that are independent.

    Examples
    --------
    >>> values = np.array([[1.0, 2.0], [2.0, 2.0], [3.0, 5.0]])
    >>> bool(abs(alpha_influence(values, np.ones(3)).sum()) < 1e-12)
    True
    """
    share = weight / weight.sum()
    centred = values - share @ values
    if not standardised:
        return _quadratic(centred, share, alpha_slope((centred * share[:, None]).T @ centred))
    scores = centred / np.sqrt(share @ centred**2)
    correlation = (scores * share[:, None]).T @ scores
    slope = alpha_slope(correlation)
    own = np.diag((slope * correlation).sum(axis=1))  # rows move the deviations as well
    return _quadratic(scores, share, slope - own)


def omega_influence(values: Floats, weight: Floats, fit: OneFactor) -> Floats:
    """Return the influence of each row on omega, the model being about right.

    References
    ----------
    Satorra, A. and Bentler, P. M. (1994), "Corrections to test statistics and standard errors in
    covariance structure analysis", in von Eye and Clogg (eds.), Latent Variables Analysis, 399-419.

    Examples
    --------
    >>> from crmanalytics.surveys.one_factor import OneFactor
    >>> fit = OneFactor(np.full(3, 0.8), np.full(3, 0.36), 0.0, proper=True)
    >>> values = np.random.default_rng(0).normal(size=(9, 3))
    >>> bool(abs(omega_influence(values, np.ones(9), fit).sum()) < 1e-12)
    True
    """
    share = weight / weight.sum()
    factor = len(values) / (len(values) - 1)  # by which the covariances were fitted larger
    return _quadratic(values - share @ values, share, omega_slope(fit) * factor)


def _quadratic(centred: Floats, share: Floats, slope: Floats) -> Floats:
    """Return the influences on a mean of products, weighted by a matrix."""
    each = ((centred @ slope) * centred).sum(axis=1)
    return np.asarray(share * (each - share @ each))


def bounds_of(
    estimate: float, error: float, degrees: float, level: float, *, share: bool
) -> tuple[float, float]:
    """Return Student's bounds, symmetric for the logit of a share, else for log (1 - estimate).

    Examples
    --------
    >>> print(*(round(x, 3) for x in bounds_of(0.8, 0.02, 30, 0.95, share=False)))
    0.755 0.837
    >>> print(*(round(x, 3) for x in bounds_of(0.8, 0.02, 30, 0.95, share=True)))
    0.756 0.838
    """
    from scipy.special import expit, logit, stdtrit

    step = float(stdtrit(degrees, 0.5 + level / 2)) * error
    left = 1 - estimate
    if not np.isfinite(step) or left <= 0 or (share and estimate <= 0):
        return float("nan"), float("nan")
    if share:
        half = step / (estimate * left)
        return float(expit(logit(estimate) - half)), float(expit(logit(estimate) + half))
    return 1 - left * float(np.exp(step / left)), 1 - left * float(np.exp(-step / left))
