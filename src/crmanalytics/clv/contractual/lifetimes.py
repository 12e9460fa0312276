r"""Sums of discounted survival probabilities over a finite or an endless future.

The sum over j of S(start + j) / S(start) (1 + d)^-j has many terms where the discount rate d is
small, and never ends where it is 0. Short stretches are added term by term. Long ones are cut into
blocks that grow with t, and each block of 2^m terms is replaced by 20 terms: the Gauss rule of
summation (its nodes belong to the discrete Chebyshev polynomials), exact for polynomials of degree
39. The summand is analytic around each block, up to an angle of pi / c in the plane of t, so that
the rule converges geometrically.

Where to stop is proven. As S falls, what lies beyond K periods is at most the share
exp(-K log(1 + d)) / (1 - exp(-K log(1 + d))) of the whole. Without discounting,
-d log S / d log t >= q = c x log(1 + alpha / (beta + x)) at x = t^c and ever after (q grows with
t), so that what lies beyond t is at most S(t) (1 + t / (q - 1)) where q > 1. And once x is far
above alpha and beta, S is a pure power of t whose sum is known.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.clv.contractual.survival import log_survival_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["discounted_survival"]

_NODES = 20
_DIRECT = 32  # terms added one by one where a block would not be longer
_AT_ONCE = 16  # blocks evaluated together
_NEGLIGIBLE = 1e-18
_UNDISCOUNTED = 45.0  # exp(-45) < 3e-20
_LARGEST = 1e290


def discounted_survival(
    alpha: float, beta: float, c: float, *, start: float, rate: float, horizon: float
) -> float:
    """Return the sum over 0 <= j < horizon of S(start + j) / S(start) (1 + rate)^-j.

    Parameters
    ----------
    alpha, beta, c : float
        Parameters of S(t) = B(alpha, beta + t^c) / B(alpha, beta).
    start : float
        Periods survived so far.
    rate : float
        Discount rate per period, at least 0.
    horizon : float
        Number of terms; infinity for all.

    Returns
    -------
    float
        The sum; infinite if it diverges (rate 0, no horizon, alpha c <= 1) or exceeds 1e290.

    Examples
    --------
    >>> f"{discounted_survival(3.0, 2.0, 1.0, start=0, rate=0.0, horizon=math.inf):.10f}"
    '2.0000000000'
    """
    endless = math.isinf(horizon)
    if endless and rate == 0 and alpha * c <= 1:
        return math.inf
    future = _Future(alpha, beta, c, start, math.log1p(rate))
    end = min(horizon, math.ceil(_UNDISCOUNTED / future.force)) if future.force else horizon
    total, done = 0.0, 0.0
    while done < end:
        ahead, weight, done = future.nodes(done, end)
        total += float(weight @ np.exp(future.log_terms(ahead)))
        rest = future.rest(done)
        if rest.at_most <= _NEGLIGIBLE * total:
            break
        if endless and rest.exactly is not None:
            return total + rest.exactly
        if start + done > _LARGEST:
            return math.inf
    return total


@dataclass(frozen=True)
class _Rest:
    """What lies beyond a period: a bound, and the value where it is known."""

    at_most: float
    exactly: float | None


@dataclass(frozen=True)
class _Future:
    """The summand as a function of the periods ahead, and how smooth it is."""

    alpha: float
    beta: float
    c: float
    start: float
    force: float  # of interest: log(1 + rate)

    def log_terms(self, ahead: Floats) -> Floats:
        """Return the logarithms of discounted survival, so many periods ahead."""
        survival = log_survival_ratio(self.alpha, self.beta, self.c, self.start, ahead)
        return survival - self.force * ahead

    def nodes(self, done: float, end: float) -> tuple[Floats, Floats, float]:
        """Return nodes and weights for the next blocks, and how far they reach."""
        where, weights = [], []
        for _ in range(_AT_ONCE):
            length = self._block(done, end)
            if length < _DIRECT:
                length = min(float(_DIRECT), end - done)
                offset, weight = np.arange(length), np.ones(int(length))
            else:
                offset, weight = _summation_rule(length)
            where.append(done + offset)
            weights.append(weight)
            done += length
            if done >= end or self.start + done > _LARGEST:
                break
        return np.concatenate(where), np.concatenate(weights), done

    def _block(self, done: float, end: float) -> float:
        """Return how many terms a block may span here: a power of 2."""
        t = self.start + done
        if t <= 0:
            return 0.0
        log_x, steepness = self._steepness(t)
        bend = 1.0 if self._is_power(log_x) else 1 / self.c
        span = t * min(math.log(2), bend, 5 / steepness if steepness > 0 else math.inf)
        if self.force:
            span = min(span, 20 / self.force)
        return 2.0 ** math.floor(math.log2(max(min(span, end - done), 1.0)))

    def _steepness(self, t: float) -> tuple[float, float]:
        """Return log t^c, and an upper bound of -d log S / d log t."""
        log_x = self.c * math.log(t)
        if self._is_power(log_x):
            return log_x, self.c * self.alpha
        x = math.exp(log_x)
        z = self.beta + x
        slope = math.log1p(self.alpha / z) + self.alpha / z / (z + self.alpha)
        return log_x, self.c * x * slope

    def _is_power(self, log_x: float) -> bool:
        a, b = self.alpha, self.beta
        return log_x > math.log(1e17) + math.log1p(a) + math.log1p(a + 2 * b)

    def rest(self, done: float) -> _Rest:
        """Return what is known of the terms from here on."""
        t = self.start + done
        log_x = self.c * math.log(t)
        term = math.exp(float(self.log_terms(np.array([done]))[0]))
        power = self.c * self.alpha
        if self._is_power(log_x):
            least = power
        else:
            x = math.exp(log_x)
            least = self.c * x * math.log1p(self.alpha / (self.beta + x))
        at_most = term * (1 + t / (least - 1)) if least > 1 else math.inf
        known = self.force == 0 and self._is_power(log_x) and t >= 2048 * (1 + power)
        if not (known and power > 1):
            return _Rest(at_most, None)
        return _Rest(at_most, term * (t / (power - 1) + 0.5 + power / (12 * t)))


@lru_cache(maxsize=2048)
def _summation_rule(length: float) -> tuple[Floats, Floats]:
    """Return nodes and weights that sum polynomials over 0, 1, ..., length - 1 exactly."""
    k = np.arange(1, _NODES)
    off = np.sqrt(k**2 * (1 - (k / length) ** 2) / (4 * (4 * k**2 - 1.0)))
    roots, vectors = np.linalg.eigh(np.diag(off, 1) + np.diag(off, -1))
    nodes, weights = (length - 1) / 2 + length * roots, length * vectors[0] ** 2
    nodes.setflags(write=False)
    weights.setflags(write=False)
    return nodes, weights
