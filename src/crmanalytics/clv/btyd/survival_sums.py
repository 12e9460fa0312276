r"""Expected purchases of a customer who may drop out after each one.

With a negative binomial number N of purchases that would be made within the horizon (shape c, odds
k) and dropout probability p ~ Beta(a, b), the expected number that are made before dropping out is

    sum over j >= 0 of P(N > j) E[(1 - p)^j]  =  E[ (1 - (1 + p k)^-c) / p ].

The sum has only positive terms and is used where it is short; the expectation over p, by quadrature
in the logit of p, where it is long. Both hold where the closed form with the Gauss hypergeometric
function divides by a - 1 or subtracts nearly equal numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betaln

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["beta_nodes", "expected_surviving_purchases"]

_LONGEST = 300  # terms; beyond, quadrature is cheaper
_BLOCK = 2048
_PANELS = 16
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)


def expected_surviving_purchases(c: ArrayLike, k: ArrayLike, a: ArrayLike, b: ArrayLike) -> Floats:
    """Return the expected number of purchases made before dropping out.

    Parameters
    ----------
    c, k : array_like
        Shape and odds of the negative binomial number of purchases that would be made; the odds
        are all infinite if there is no end.
    a, b : array_like
        Parameters of the beta distribution of the dropout probability.

    Returns
    -------
    ndarray
        Expected numbers, of the common shape.

    Examples
    --------
    >>> float(expected_surviving_purchases(0.243, 39 / 4.414, 0.793, 2.426)[0].round(4))
    1.1967
    """
    c, k, a, b = (np.atleast_1d(v).astype(float) for v in np.broadcast_arrays(c, k, a, b))
    if np.isinf(k).any():
        return _for_ever(a, b)
    terms = _terms_needed(c, k)
    order = np.argsort(terms, kind="stable")
    out = np.empty(len(c))
    for start in range(0, len(order), _BLOCK):
        rows = order[start : start + _BLOCK]
        last = terms[rows[-1]]
        if last <= _LONGEST:
            out[rows] = _by_sum(c[rows], k[rows], a[rows], b[rows], int(last))
        else:
            out[rows] = _by_quadrature(c[rows], k[rows], a[rows], b[rows])
    return out


def _for_ever(a: Floats, b: Floats) -> Floats:
    """Return E[1 / p], the purchases until dropout when there is all the time in the world."""
    ends = a > 1
    return np.where(ends, (a + b - 1) / np.where(ends, a - 1, 1.0), np.inf)


def _terms_needed(c: Floats, k: Floats) -> Floats:
    # mean, 8.5 standard deviations, and the geometric tail down to exp(-42)
    mean = c * k
    with np.errstate(divide="ignore", over="ignore"):
        tail = 42 / np.log1p(1 / np.where(k > 0, k, 1e-300))
    return np.ceil(mean + 8.5 * np.sqrt(mean * (1 + k)) + tail + 5)


def _by_sum(c: Floats, k: Floats, a: Floats, b: Floats, terms: int) -> Floats:
    share = k / (1 + k)
    pmf = np.exp(-c * np.log1p(k))
    tail = -np.expm1(-c * np.log1p(k))
    survives = np.ones_like(c)
    total = tail.copy()
    for j in range(1, terms + 1):
        pmf = pmf * ((c + (j - 1)) / j * share)
        tail = np.maximum(tail - pmf, 0)
        survives = survives * ((b + (j - 1)) / (a + b + (j - 1)))
        total += tail * survives
    return total


def _by_quadrature(c: Floats, k: Floats, a: Floats, b: Floats) -> Floats:
    p, weights, (low, high) = beta_nodes(a, b, reach=a + b + c * k + 2 * k + 2)
    column = slice(None), None
    made = -np.expm1(-c[column] * np.log1p(p * k[column])) / p
    inside = (made * weights).sum(axis=1)
    total = inside + low * c * k + high * -np.expm1(-c * np.log1p(k))
    return np.asarray(total / (weights.sum(axis=1) + low + high))


def beta_nodes(
    a: Floats | float, b: Floats, reach: Floats
) -> tuple[Floats, Floats, tuple[Floats, Floats]]:
    """Return nodes and weights for expectations over p ~ Beta(a, b).

    Parameters
    ----------
    a : float or ndarray of shape (n,)
        First parameter.
    b : ndarray of shape (n,)
        Second parameter.
    reach : ndarray of shape (n,)
        Scale beyond which (p below 1 / reach, or 1 - p) the integrand no longer changes.

    Returns
    -------
    p : ndarray of shape (n, nodes)
        Nodes.
    weights : ndarray of shape (n, nodes)
        Weights, up to a common factor per row.
    tails : tuple of ndarray of shape (n,)
        Weights of what lies below the lowest and above the highest node, on the same scale.

    Examples
    --------
    >>> p, weights, tails = beta_nodes(2.0, np.array([3.0]), np.array([10.0]))
    >>> float((p * weights).sum().round(12)), 2 / (2 + 3)
    (0.4, 0.4)
    """
    middle = np.log(a / b)
    deviation = np.sqrt(1 / a + 1 / b)
    clip = np.log(reach) + 38
    low = np.maximum(middle - 9 * deviation - 42 / a, -clip)
    high = np.minimum(middle + 9 * deviation + 42 / b, clip)
    width = (high - low) / _PANELS
    edges = low[:, None] + width[:, None] * np.arange(_PANELS)
    half = width / 2
    u = edges[:, :, None] + half[:, None, None] * (1 + _NODES)
    u = u.reshape(len(b), -1)
    ends = np.stack([low, high], axis=1)
    log_scale = -betaln(a, b)[:, None]
    powers = np.broadcast_to(a, b.shape)[:, None], b[:, None]
    log_p, log_q = _log_logistic(u)
    density = np.exp(powers[0] * log_p + powers[1] * log_q + log_scale)
    weights = density * (half[:, None] * np.tile(_WEIGHTS, _PANELS))
    log_p_end, log_q_end = _log_logistic(ends)
    below, above = np.exp(powers[0] * log_p_end + powers[1] * log_q_end + log_scale).T
    return np.exp(log_p), weights, (below / a, above / b)


def _log_logistic(u: Floats) -> tuple[Floats, Floats]:
    """Return log p and log(1 - p) for the logit u of p."""
    softplus = np.log1p(np.exp(-np.abs(u)))
    return np.minimum(u, 0) - softplus, -np.maximum(u, 0) - softplus
