"""Integrals of functions with a concave logarithm, however narrow or far away their peak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Function = Callable[[Floats], Floats]

__all__ = ["log_integral"]

_NEGLIGIBLE = 42.0
_HALVINGS = 60
_PANELS = 16
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(20)
_AT = ((np.arange(_PANELS)[:, None] + (1 + _NODES) / 2) / _PANELS).ravel()
_SHARE = np.tile(_WEIGHTS / (2 * _PANELS), _PANELS)


def log_integral(log_f: Function, slope: Function, low: Floats, high: Floats) -> Floats:
    """Return the logarithms of many integrals of one kind.

    The peak is found by bisection of the slope, the interval is narrowed to where the integrand
    matters, and a composite Gauss-Legendre rule does the rest.

    Parameters
    ----------
    log_f : callable
        The logarithm of the integrands, for points of shape (integrals,) or (nodes, integrals).
    slope : callable
        Its derivative, which must not increase.
    low, high : ndarray of shape (integrals,)
        Limits.

    Returns
    -------
    ndarray of shape (integrals,)
        Logarithms of the integrals; -inf for an empty interval.

    Examples
    --------
    >>> wide = np.array([-99.0]), np.array([1e6])
    >>> area = log_integral(lambda y: -y * y / 2, lambda y: -y, *wide)
    >>> float(np.exp(2 * area[0]).round(12)), round(2 * np.pi, 12)
    (6.28318530718, 6.28318530718)
    """
    peak = _peak(slope, low, high)
    top = log_f(peak)
    start = peak - _reach(log_f, peak, top, low - peak)
    end = peak + _reach(log_f, peak, top, high - peak)
    nodes = start + _AT[:, None] * (end - start)
    total = _SHARE @ np.exp(log_f(nodes) - top)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(total * (end - start)))


def _peak(slope: Function, low: Floats, high: Floats) -> Floats:
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        rises = slope(middle) > 0
        low, high = np.where(rises, middle, low), np.where(rises, high, middle)
    return np.asarray((low + high) / 2)


def _reach(log_f: Function, peak: Floats, top: Floats, way: Floats) -> Floats:
    """Return how far from its peak an integrand matters, at most twice too much."""
    for _ in range(_HALVINGS):
        too_far = top - log_f(peak + way / 2) > _NEGLIGIBLE
        if not too_far.any():
            break
        way = np.where(too_far, way / 2, way)
    return np.abs(way)
