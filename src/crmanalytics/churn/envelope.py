"""The best of many straight lines, for every acceptance rate: what profit measures integrate.

Contacting the customers down to some score earns ``rate * A - B``: a line over the rate at which
churners accept the offer. The best cut for each rate lies on the upper hull of the points (B, A).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = NDArray[np.intp]

__all__ = ["BetaLaw", "Envelope", "Law", "LossLaw", "upper_hull"]

_SLOW = 0.98


class Law(Protocol):
    """A distribution of rates between 0 and 1."""

    def mass(self, at: Floats) -> Floats:
        """Return the probability of a rate up to here."""

    def moment(self, at: Floats) -> Floats:
        """Return the part of the mean that rates up to here make up."""


@dataclass(frozen=True)
class BetaLaw:
    """Rates that follow a beta distribution.

    Parameters
    ----------
    alpha, beta : float
        Its shape; the mean is alpha / (alpha + beta).

    Examples
    --------
    >>> law = BetaLaw(6, 14)
    >>> law.mass(np.array([1.0])).tolist(), law.moment(np.array([1.0])).tolist()
    ([1.0], [0.3])
    """

    alpha: float
    beta: float

    def mass(self, at: Floats) -> Floats:
        """Return the probability of a rate up to here."""
        from scipy.special import betainc

        return np.asarray(betainc(self.alpha, self.beta, np.clip(at, 0, 1)))

    def moment(self, at: Floats) -> Floats:
        """Return the part of the mean that rates up to here make up."""
        from scipy.special import betainc

        mean = self.alpha / (self.alpha + self.beta)
        return np.asarray(mean * betainc(self.alpha + 1, self.beta, np.clip(at, 0, 1)))


@dataclass(frozen=True)
class LossLaw:
    """Rates that are 0 or 1 with some probability, and anything in between otherwise.

    Parameters
    ----------
    nothing, everything : float
        Probabilities of 0 and of 1.

    Examples
    --------
    >>> law = LossLaw(0.55, 0.1)
    >>> law.mass(np.array([0.0, 1.0])).tolist(), law.moment(np.array([1.0])).round(3).tolist()
    ([0.55, 1.0], [0.275])
    """

    nothing: float
    everything: float

    def mass(self, at: Floats) -> Floats:
        """Return the probability of a rate up to here."""
        between = (1 - self.nothing - self.everything) * np.clip(at, 0, 1)
        return np.asarray((at >= 0) * self.nothing + between + (at >= 1) * self.everything)

    def moment(self, at: Floats) -> Floats:
        """Return the part of the mean that rates up to here make up."""
        between = (1 - self.nothing - self.everything) * np.clip(at, 0, 1) ** 2 / 2
        return np.asarray(between + (at >= 1) * self.everything)


@dataclass(frozen=True, eq=False)
class Envelope:
    """The cuts that are best at some rate, by rising rate.

    Parameters
    ----------
    benefit, cost, reached : ndarray of shape (cuts,)
        What each cut brings per unit of the rate, what it costs, and the share of customers.
    rates : ndarray of shape (cuts - 1,)
        The rate from which on the next cut is better.
    """

    benefit: Floats
    cost: Floats
    reached: Floats
    rates: Floats

    @classmethod
    def of(cls, benefit: Floats, cost: Floats, reached: Floats) -> Envelope:
        """Find the best cuts among all.

        Parameters
        ----------
        benefit, cost, reached : ndarray of shape (steps + 1,)
            Running sums from nobody on; costs must not fall.

        Examples
        --------
        >>> benefit, cost = np.array([0.0, 3.0, 3.5, 8.0]), np.array([0.0, 1.0, 2.0, 3.0])
        >>> found = Envelope.of(benefit, cost, np.array([0.0, 0.2, 0.5, 1.0]))
        >>> found.cost.tolist(), found.rates.round(3).tolist()
        ([0.0, 1.0, 3.0], [0.333, 0.4])
        """
        at = _highest(cost, benefit)
        at = at[upper_hull(cost[at], benefit[at])]
        at = at[: int(np.argmax(benefit[at])) + 1]
        rates = np.diff(cost[at]) / np.diff(benefit[at])
        return cls(benefit[at], cost[at], reached[at], np.maximum.accumulate(rates))

    def mean(self, law: Law) -> tuple[float, float]:
        """Return the mean profit of always choosing the best cut, and the mean share reached."""
        edges = np.concatenate([[-1.0], np.clip(self.rates, 0.0, 2.0), [2.0]])
        mass, moment = np.diff(law.mass(edges)), np.diff(law.moment(edges))
        profit = float(self.benefit @ moment - self.cost @ mass)
        return profit, float(self.reached @ mass)


def _highest(across: Floats, up: Floats) -> Places:
    """Return for each distinct place across the first of its highest points."""
    starts = np.flatnonzero(np.concatenate([[True], np.diff(across) > 0]))
    if len(starts) == len(across):
        return starts
    top = np.maximum.reduceat(up, starts)
    step = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(across))))
    best = np.flatnonzero(up == top[step])
    return np.asarray(best[np.concatenate([[True], np.diff(step[best]) > 0])])


def upper_hull(across: Floats, up: Floats) -> Places:
    """Return the corners of the upper hull of points that rise strictly across.

    A point below the line between two others is no corner, whichever others are dropped with it:
    so all points below their neighbours' line go at once, again and again. Where that becomes slow
    the rest is walked through one by one.

    Examples
    --------
    >>> upper_hull(np.arange(4.0), np.array([0.0, 3.0, 1.0, 4.0])).tolist()
    [0, 1, 3]
    """
    at = np.arange(len(across))
    while len(at) > 2:
        over, rise = np.diff(across[at]), np.diff(up[at])
        corner = rise[:-1] * over[1:] > rise[1:] * over[:-1]
        if corner.all():
            break
        at = at[np.concatenate([[True], corner, [True]])]
        if corner.mean() > _SLOW:
            return _walked(across, up, at)
    return at


def _walked(across: Floats, up: Floats, at: Places) -> Places:
    x, y = across[at].tolist(), up[at].tolist()
    kept: list[int] = []
    for k in range(len(x)):
        while len(kept) > 1:
            i, j = kept[-2], kept[-1]
            if (y[j] - y[i]) * (x[k] - x[j]) > (y[k] - y[j]) * (x[j] - x[i]):
                break
            kept.pop()
        kept.append(k)
    return np.asarray(at[np.array(kept)])
