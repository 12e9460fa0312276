r"""Which of two comes first, when each waits a random time with a gamma-distributed rate.

A customer's next purchase and death are such a race. The probability that the first racer (shape s,
rate b) arrives before the other (shape g, rate a) and within a span L is

    integral over 0 < u < L of  s / (b + u) * (b / (b + u))^s * (a / (a + u))^g du.

With the smaller rate m, the substitution m + u = m e^w makes the logarithm of the integrand concave
and smooth on the scale of 1, whichever rate is the smaller and also where they are equal: a
Gauss-Legendre rule with few nodes is exact to rounding, where the hypergeometric forms have two
branches and subtract nearly equal numbers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["RaceBlock", "Racer", "log_first", "race_blocks"]

_NEGLIGIBLE = 42.0  # integrands below exp(-42) of their peak are left out
_BLOCK = 32_768  # nodes at a time: what a processor's cache holds
_WIDEST = 4.0  # of a single panel: the integrand's poles lie pi away from it
_STEEPEST = (1.0, 4.0, 16.0, 50.0)  # slope times width up to which the rules below are exact


class Racer(NamedTuple):
    """A waiting time: exponential, its rate gamma-distributed with this shape and rate."""

    shape: Floats | float
    rate: Floats | float


class RaceBlock(NamedTuple):
    """Some races with their nodes; the arrays of nodes have shape (nodes, races).

    `rows` says which races these are, `growth_first` and `growth_other` hold log((rate + u) / rate)
    of either racer at the nodes u, and `weights` what each node adds to the `total` of its race.
    """

    rows: NDArray[np.intp]
    growth_first: Floats
    growth_other: Floats
    weights: Floats
    total: Floats
    log_probability: Floats


class _Integrand(NamedTuple):
    """exp(lead) times the integral of exp(-p w) (1 + q (e^w - 1))^-g over 0 < w < width."""

    p: Floats
    g: Floats
    q: Floats
    width: Floats
    lead: Floats
    first_is_small: NDArray[np.bool_]


def _rule(panels: int, nodes: int) -> tuple[Floats, Floats]:
    at, weights = np.polynomial.legendre.leggauss(nodes)
    edges = np.arange(panels)[:, None]
    return ((edges + (1 + at) / 2) / panels).ravel(), np.tile(weights / (2 * panels), panels)


_RULES = (_rule(1, 8), _rule(1, 12), _rule(1, 20), _rule(1, 36), _rule(16, 20))


def race_blocks(first: Racer, other: Racer, span: ArrayLike) -> Iterator[RaceBlock]:
    """Go through many races with the nodes that their integrals need.

    Parameters
    ----------
    first, other : Racer
        The racer that is to win, and the other; shapes and rates broadcast against each other.
    span : ndarray
        Time within which the first must arrive.

    Yields
    ------
    RaceBlock
        A few thousand races at a time, in no particular order, each race once.

    Examples
    --------
    >>> death, purchase = Racer(0.606, 11.669), Racer(0.553, np.array([10.578, 99.0]))
    >>> [block.rows.tolist() for block in race_blocks(death, purchase, 39.0)]
    [[0, 1]]
    """
    columns = np.broadcast_arrays(first.shape, first.rate, other.shape, other.rate, span)
    s, b, g, a, length = (np.asarray(column, dtype=float).reshape(-1) for column in columns)
    integrand = _substituted(s, b, g, a, length)
    rules = _rule_of(integrand)
    for number, (nodes, weights) in enumerate(_RULES):
        rows = np.flatnonzero(rules == number)
        size = max(_BLOCK // len(nodes), 1)
        for start in range(0, len(rows), size):
            yield _block(integrand, rows[start : start + size], nodes, weights)


def log_first(first: Racer, other: Racer, span: ArrayLike) -> Floats:
    """Return the log-probability that the first racer wins within the span.

    Parameters
    ----------
    first, other : Racer
        The racer that is to win, and the other.
    span : ndarray
        Time within which the first must arrive.

    Returns
    -------
    ndarray
        Log-probabilities, one per race; -inf for a span of 0.

    Examples
    --------
    >>> alike = Racer(np.array([2.0]), np.array([5.0]))
    >>> float(np.exp(log_first(alike, alike, 1e9))[0].round(12))
    0.5
    """
    shape = np.broadcast_shapes(*(np.shape(v) for v in (*first, *other, span)))
    out = np.empty(int(np.prod(shape)))
    for block in race_blocks(first, other, span):
        out[block.rows] = block.log_probability
    return out.reshape(shape)


def _substituted(s: Floats, b: Floats, g: Floats, a: Floats, length: Floats) -> _Integrand:
    first_is_small = b <= a
    low = np.where(first_is_small, b, a)
    q = low / np.where(first_is_small, a, b)
    p = np.where(first_is_small, s, g - 1)
    power = np.where(first_is_small, g, s + 1)
    # the log-integrand is concave: it falls at least as fast as it does at 0
    width = np.minimum(np.log1p(length / low), _NEGLIGIBLE / np.maximum(p + power * q, 1e-3))
    with np.errstate(divide="ignore"):
        lead = np.log(s) + np.where(first_is_small, 0.0, np.log(q)) + np.log(width)
    return _Integrand(p, power, q, width, lead, first_is_small)


def _rule_of(f: _Integrand) -> NDArray[np.intp]:
    grown = np.expm1(f.width)
    at_end = f.q * (1 + grown) / (1 + f.q * grown)
    slope = np.maximum(np.abs(f.p + f.g * f.q), np.abs(f.p + f.g * at_end))
    rules = np.searchsorted(_STEEPEST, slope * f.width)
    return np.where(f.width > _WIDEST, len(_STEEPEST), rules)


def _block(f: _Integrand, rows: NDArray[np.intp], nodes: Floats, weights: Floats) -> RaceBlock:
    w = nodes[:, None] * f.width[rows]
    grown = np.log1p(f.q[rows] * np.expm1(w))
    density = np.exp(-f.p[rows] * w - f.g[rows] * grown)
    density *= weights[:, None]
    total = density.sum(axis=0)
    is_small = f.first_is_small[rows]
    if is_small.all():
        growth_first, growth_other = w, grown
    elif not is_small.any():
        growth_first, growth_other = grown, w
    else:
        growth_first, growth_other = np.where(is_small, (w, grown), (grown, w))
    return RaceBlock(rows, growth_first, growth_other, density, total, f.lead[rows] + np.log(total))
