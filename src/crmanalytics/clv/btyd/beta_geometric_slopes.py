"""The BG/NBD's and the MBG/NBD's log-likelihood of cells that have parameters of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, psi

from crmanalytics.clv.btyd.beta_geometric import BetaGeometricFormulas
from crmanalytics.clv.special import log1pexp

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["beta_geometric_slopes"]


def beta_geometric_slopes(
    log_parameters: Floats, history: tuple[Floats, Floats, Floats], extra: int
) -> tuple[Floats, Floats]:
    """Return log-likelihoods and their slopes.

    Parameters
    ----------
    log_parameters : ndarray of shape (4, cells)
        Logarithms of r, alpha, a and b.
    history : tuple of ndarray of shape (cells,)
        Frequency, recency, T.
    extra : int
        Chances to leave beyond the repeat purchases: 0 (BG/NBD) or 1 (MBG/NBD).

    Returns
    -------
    values : ndarray of shape (cells,)
        Log-likelihoods.
    slopes : ndarray of shape (4, cells)
        Their derivatives by the log-parameters.

    Examples
    --------
    >>> cdnow = np.log([[0.243], [4.414], [0.793], [2.426]])
    >>> history = np.array([2.0]), np.array([30.43]), np.array([38.86])
    >>> values, slopes = beta_geometric_slopes(cdnow, history, 0)
    >>> values.round(3).tolist(), slopes.round(3).ravel().tolist()
    ([-9.459], [0.655, -0.001, -0.161, 0.186])
    """
    (x, t_x, T), parameters = history, np.exp(log_parameters)
    r, alpha, a, b = parameters
    formulas = BetaGeometricFormulas(r, alpha, a, b, extra)
    log_odds = formulas.log_odds_dead(x, t_x, T)
    left, survived = expit(log_odds), x + extra
    chances = np.where(survived > 0, b + survived - 1, 1.0)
    reach, last, total = alpha + T, alpha + t_x, psi(a + b) - psi(a + b + survived)
    slopes = np.stack(
        [
            psi(r + x) - psi(r) - np.log1p(T / alpha) + left * np.log1p((T - t_x) / last),
            r * T / (alpha * reach) - x / reach - left * (r + x) * (T - t_x) / (reach * last),
            total + left / a,
            psi(b + survived) - psi(b) + total - left / chances,
        ]
    )
    return formulas.log_alive_likelihood(x, T) + log1pexp(log_odds), slopes * parameters
