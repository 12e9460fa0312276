r"""Purchases to come of customers who buy regularly and may drop out after each purchase.

The expected number is the sum over i >= 1 of P(N >= i k - j) E[(1 - p)^(i - 1)]: the i-th purchase
needs that many events, and i - 1 purchases survived. All terms are positive and fall smoothly. Long
sums are ended by an integral (Euler and Maclaurin, at the middle between two terms), which needs no
more work the longer the sum is.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.clv.btyd.regular_timing import events_at_least
from crmanalytics.clv.special import log_poch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["expected_regular_purchases"]

_LONGEST = 128  # terms that are added one by one
_BLOCK = 4096
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


def expected_regular_purchases(
    shape: Floats, odds: Floats, phase: int, k: int, dropout: tuple[float, Floats]
) -> Floats:
    """Return the expected number of purchases made before dropping out.

    Parameters
    ----------
    shape, odds : ndarray of shape (n,)
        Of the negative binomial number of events within the horizon.
    phase : int
        Events since the last purchase.
    k : int
        Events per purchase.
    dropout : tuple of float and ndarray of shape (n,)
        Parameters of the beta distribution of the dropout probability.

    Returns
    -------
    ndarray of shape (n,)
        Expected numbers.

    Examples
    --------
    >>> one = np.ones(1)
    >>> dropout = 0.793, 2.426 * one
    >>> float(expected_regular_purchases(0.243 * one, 8.8355 * one, 0, 1, dropout)[0].round(4))
    1.1967
    """
    a, b = dropout
    terms = np.maximum(np.ceil((_last_event(shape, odds) + phase) / k), 1)
    order = np.argsort(terms, kind="stable")
    out = np.empty(len(shape))
    for start in range(0, len(order), _BLOCK):
        rows = order[start : start + _BLOCK]
        term = _Term(shape[rows, None], odds[rows, None], phase, k, a, b[rows, None])
        count = int(min(terms[rows[-1]], _LONGEST))
        out[rows] = term(np.arange(1, count + 1, dtype=float)[None, :]).sum(axis=1)
        if terms[rows[-1]] > _LONGEST:
            out[rows] += _rest(term, count + 0.5, np.maximum(terms[rows], count + 1))
    return out


def _last_event(shape: Floats, odds: Floats) -> Floats:
    # mean, 9 standard deviations, and the geometric tail down to exp(-42)
    mean = shape * odds
    tail = 42 / np.log1p(1 / np.maximum(odds, 1e-300))
    return np.asarray(mean + 9 * np.sqrt(mean * (1 + odds)) + tail + 5)


class _Term:
    """The i-th term of the sum, for real i."""

    def __init__(
        self, shape: Floats, odds: Floats, phase: int, k: int, a: float, b: Floats
    ) -> None:
        self.shape, self.odds, self.phase, self.k = shape, odds, phase, k
        self.a, self.b = a, b

    def __call__(self, i: Floats) -> Floats:
        made = events_at_least(i * self.k - self.phase, self.shape, self.odds)
        survived = log_poch(self.b, i - 1) - log_poch(self.a + self.b, i - 1)
        return np.asarray(made * np.exp(survived))


def _rest(term: _Term, start: float, last: Floats) -> Floats:
    """Return the sum of the terms after `start`, which lies between two of them."""
    slope = term(np.array([[start + 0.5]])) - term(np.array([[start - 0.5]]))
    total = slope[:, 0] / 24
    mean, spread = _centre(term)
    # where the count of events falls off there may be a steep slope: it gets panels of its own
    low = np.clip(mean - 9 * spread, start, last)
    high = np.clip(mean + 9 * spread, start, last)
    begin = np.full_like(last, start)
    for end, panels in ((low, 4), (high, 8), (last, 4)):
        total = total + _integral(term, begin, end, panels)
        begin = end
    return total


def _centre(term: _Term) -> tuple[Floats, Floats]:
    mean = (term.shape * term.odds)[:, 0]
    spread = np.sqrt(mean * (1 + term.odds[:, 0]))
    return mean / term.k, spread / term.k


def _integral(term: _Term, begin: Floats, end: Floats, panels: int) -> Floats:
    """Integrate a term over i, in the logarithm of i."""
    if (begin == end).all():
        return np.zeros_like(begin)
    width = np.log(end / begin) / panels
    log_i = np.log(begin)[:, None, None] + width[:, None, None] * (
        np.arange(panels)[:, None] + (1 + _NODES) / 2
    )
    i = np.exp(log_i).reshape(len(begin), -1)
    weights = np.tile(_WEIGHTS, panels) * width[:, None] / 2 * i
    return np.asarray((term(i) * weights).sum(axis=1))


def for_ever(a: float, b: Floats) -> Floats:
    """Return the purchases until dropout when there is all the time in the world."""
    return (a + b - 1) / (a - 1) if a > 1 else np.full_like(b, math.inf)
