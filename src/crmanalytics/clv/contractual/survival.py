r"""Survival of a mixed discrete Weibull lifetime, in a form that keeps its digits.

A customer with churn propensity p survives t renewals with probability (1 - p)^(t^c); over
p ~ Beta(alpha, beta) that is S(t) = B(alpha, beta + t^c) / B(alpha, beta). Its logarithm is a
second difference of log Gamma, and is computed as such: the recurrence of Gamma leaves terms of one
sign, and so, nearly, does Stirling's series. Nothing cancels, whether the parameters are tiny or
huge, and whether the survival is near 1 or far below the smallest double.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["log_survival_ratio", "mixed_difference"]

_SHIFT = 12  # from here on Stirling's series is exact to rounding
_STIRLING = (-1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156)
_TINY = 1e-6  # share of z below which a difference is taken by a derivative
_FAR, _FARTHER = 150.0, 300.0  # logarithms of t^c beyond which survival is a pure power


def log_survival_ratio(
    alpha: float, beta: float, c: float, start: ArrayLike, ahead: ArrayLike
) -> Floats:
    """Return log S(start + ahead) - log S(start), for S(t) = B(alpha, beta + t^c) / B(alpha, beta).

    Parameters
    ----------
    alpha, beta, c : float
        Positive parameters.
    start, ahead : array_like
        Periods, at least 0; not necessarily whole.

    Returns
    -------
    ndarray
        Logarithms of conditional survival probabilities, at most 0.

    Examples
    --------
    >>> float(np.exp(log_survival_ratio(1.0, 1.0, 1.0, 0, 3)).round(12))
    0.25
    """
    n, k = np.broadcast_arrays(np.asarray(start, dtype=float), np.asarray(ahead, dtype=float))
    moves, begun = k > 0, n > 0
    log_n = np.log(np.where(begun, n, 1.0))
    growth = c * np.log1p(np.where(moves, k, 1.0) / np.where(begun, n, 1.0))
    afresh = c * np.log(np.where(moves, k, 1.0))
    log_gap = np.where(begun, c * log_n + growth + np.log(-np.expm1(-growth)), afresh)
    # far out only the ratio of both matters, so that both may be scaled down together
    shift = np.where(begun, np.maximum(c * log_n - _FAR, 0.0), 0.0)
    base = np.where(begun, np.exp(c * log_n - shift), 0.0)
    log_gap = log_gap - shift
    capped = np.minimum(log_gap, _FARTHER)
    fall = mixed_difference(beta + base, alpha, np.exp(capped)) + alpha * (log_gap - capped)
    return np.asarray(np.where(moves, -fall, 0.0))


def mixed_difference(z: ArrayLike, a: ArrayLike, x: ArrayLike) -> Floats:
    """Return log [Gamma(z + a + x) Gamma(z) / (Gamma(z + a) Gamma(z + x))], for positive arguments.

    Examples
    --------
    >>> float(mixed_difference(1.0, 1.0, 1.0).round(12)) == float(np.log(2).round(12))
    True
    """
    arrays = (np.asarray(v, dtype=float) for v in (z, a, x))
    z, a, x = np.broadcast_arrays(*arrays)
    total = np.zeros(z.shape)
    small = z < _SHIFT
    if small.any():
        steps = z[small][..., None] + np.arange(_SHIFT)
        near_a, near_x = a[small][..., None], x[small][..., None]
        total[small] = np.log1p(near_a / steps * (near_x / (steps + near_a + near_x))).sum(axis=-1)
        z = np.where(small, z + _SHIFT, z)
    both = z + a + x
    bend = np.log1p(a / z * (x / both))
    body = a * np.log1p(x / (z + a)) + x * np.log1p(a / (z + x)) - (z - 0.5) * bend
    # the series' first term, 1 / (12 z), is differenced in closed form: it is the largest
    first = a / (z + a) * (x / (z + x)) * ((z + both) / both) / z / 12
    return np.asarray(total + body + first + _higher_difference(z, a, x))


def _higher_difference(z: Floats, a: Floats, x: Floats) -> Floats:
    """Return the difference of the series' other terms, by their derivatives where it is tiny."""
    direct = _higher(z + a + x) - _higher(z + a) - _higher(z + x) + _higher(z)
    step, stride = np.minimum(a, x), np.maximum(a, x)
    tiny = step < _TINY * z
    if not tiny.any():
        return direct
    start = z + step / 2
    once = step * (_higher(start + stride, 1) - _higher(start, 1))
    twice = step * stride * _higher(start + stride / 2, 2)
    return np.where(tiny, np.where(stride < _TINY * z, twice, once), direct)


def _higher(z: Floats, derivative: int = 0) -> Floats:
    """Return the series without its first term, or its first or second derivative."""
    inverse = 1 / z
    square = inverse * inverse
    total = np.zeros_like(z)
    for k in range(len(_STIRLING), 0, -1):
        factor = (1.0, -(2 * k + 1.0), (2 * k + 1.0) * (2 * k + 2.0))[derivative]
        total = total * square + _STIRLING[k - 1] * factor
    return total * square * inverse ** (derivative + 1)
