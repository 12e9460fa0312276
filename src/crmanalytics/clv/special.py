"""Special functions in forms that keep their digits where the textbook ones lose them.

Everything here takes and gives plain arrays, and is exact to rounding for any positive argument,
however small or large: no subtraction of nearly equal numbers, no hypergeometric function.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, betaincc

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "log1pexp",
    "log_beta_ratio",
    "log_negative_binomial_tail",
    "log_poch",
    "times_probability",
]

_STIRLING = (1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
_SHIFT = 12  # from here on seven terms of Stirling's series are exact to rounding
_LONGEST_SUM = 3000
_SHORT_SUM = 300
_SMALLEST_LOG = -700.0  # below, exp() has fewer digits, and soon none


def _stirling(z: Floats) -> Floats:
    inverse = 1 / (z * z)
    total = np.zeros_like(z)
    for coefficient in reversed(_STIRLING):
        total = total * inverse + coefficient
    return total / z


def log_poch(z: ArrayLike, n: ArrayLike) -> Floats:
    """Return log Gamma(z + n) - log Gamma(z), for z > 0 and n >= 0.

    Examples
    --------
    >>> float(np.exp(log_poch(3.0, 2.0)).round(12))
    12.0
    """
    z, n = np.broadcast_arrays(np.asarray(z, dtype=float), np.asarray(n, dtype=float))
    shifted = np.zeros(z.shape)
    small = z < _SHIFT
    if small.any():
        near, count = z[small], n[small]
        steps = near[..., None] + np.arange(_SHIFT)
        shifted[small] = np.log1p(count[..., None] / steps).sum(axis=-1)
        z = np.where(small, z + _SHIFT, z)
    grown = z + n
    body = (z - 0.5) * np.log1p(n / z) + n * (np.log(grown) - 1)
    return np.asarray(body + (_stirling(grown) - _stirling(z)) - shifted)


def log_beta_ratio(a: Floats | float, b: Floats | float, x: ArrayLike) -> Floats:
    """Return log B(a, b + x) - log B(a, b), for whole x >= 0.

    Under p ~ Beta(a, b) it is the logarithm of E[(1 - p)^x]. The arguments broadcast.

    Examples
    --------
    >>> float(np.exp(log_beta_ratio(1.0, 1.0, 3)).round(12))
    0.25
    """
    x = np.asarray(x, dtype=float)
    if not x.size:
        return np.zeros(x.shape)
    if np.ndim(a) or np.ndim(b):
        return _log_beta_ratios(*np.broadcast_arrays(a, b, x))
    if x.max() <= _LONGEST_SUM:
        steps = -np.log1p(a / (b + np.arange(x.max())))
        table = np.concatenate([[0.0], np.cumsum(steps)])
        return np.asarray(table[x.astype(np.intp)])
    return np.asarray(log_poch(b, a) - log_poch(b + x, a))


def _log_beta_ratios(a: Floats, b: Floats, x: Floats) -> Floats:
    """Return the same for different a and b: a sum of positive terms where it is short."""
    out = np.asarray(log_poch(b, a) - log_poch(b + x, a))
    short = np.flatnonzero(x <= _SHORT_SUM)
    rows = short[np.argsort(-x.reshape(-1)[short], kind="stable")]
    near, steps, count = (v.reshape(-1)[rows] for v in (a, b, x))
    total = np.zeros(len(rows))
    for k in range(int(count[0]) if len(rows) else 0):
        on = slice(0, int(np.searchsorted(-count, -k)))
        total[on] -= np.log1p(near[on] / (steps[on] + k))
    out.reshape(-1)[rows] = total
    return out


def log1pexp(x: Floats) -> Floats:
    """Return log(1 + exp(x)) without overflow.

    Examples
    --------
    >>> log1pexp(np.array([-1000.0, 0.0, 1000.0])).round(4).tolist()
    [0.0, 0.6931, 1000.0]
    """
    return np.asarray(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))


def log_negative_binomial_tail(n: Floats, r: Floats | float, odds: Floats) -> Floats:
    """Return log P(N >= n) for a negative binomial count N.

    Parameters
    ----------
    n : ndarray
        Counts.
    r : float or ndarray
        Shape.
    odds : ndarray
        Success odds: time over the gamma rate, t / alpha.

    Returns
    -------
    ndarray
        Log-probabilities, exact far into the tail.

    Examples
    --------
    >>> log_negative_binomial_tail(np.array([0.0, 2000.0]), 1.0, np.ones(1)).round(3).tolist()
    [0.0, -1386.294]
    """
    n, r, odds = (v.astype(float) for v in np.broadcast_arrays(n, r, odds))
    shape = np.maximum(n, 1.0)
    share = odds / (1 + odds)
    tail = np.where(share > 0.5, betaincc(r, shape, 1 / (1 + odds)), betainc(shape, r, share))
    deep = (tail < 1e-250) & (odds > 0) & (n > 0)
    with np.errstate(divide="ignore"):
        out = np.where(n > 0, np.log(np.where(n > 0, tail, 1.0)), 0.0)
    if deep.any():
        out[deep] = _deep_tail(n[deep], r[deep], odds[deep])
    return out


def _deep_tail(n: Floats, r: Floats, odds: Floats) -> Floats:
    log_share = -log1pexp(-np.log(odds))
    log_pmf = log_poch(r, n) - log_poch(1.0, n) + n * log_share - r * np.log1p(odds)
    share = odds / (1 + odds)
    term, total, j = np.ones_like(n), np.ones_like(n), 0
    while (term > 1e-17 * total).any():
        term = term * share * (r + n + j) / (n + 1 + j)
        total = total + term
        j += 1
    return np.asarray(log_pmf + np.log(total))


def times_probability(values: Floats, log_probability: Floats) -> Floats:
    """Return values times probabilities, also where a probability is too small for a number.

    Parameters
    ----------
    values : ndarray
        Numbers of at least 0.
    log_probability : ndarray
        Logarithms of the probabilities.

    Returns
    -------
    ndarray
        The products, with all digits as long as the product itself is a normal number.

    Examples
    --------
    >>> float(times_probability(np.array([1e300]), np.array([-750.0]))[0]) > 0
    True
    """
    product = values * np.exp(log_probability)
    deep = (log_probability < _SMALLEST_LOG) & (values > 0)
    if deep.any():
        product[deep] = np.exp(log_probability[deep] + np.log(values[deep]))
    return np.asarray(product)
