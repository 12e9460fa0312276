r"""What the BG/CNBD-k and the MBG/CNBD-k have in common.

Purchases come more regularly than at random: each takes k events of a Poisson process, so that the
time between purchases has an Erlang-k distribution. Rates of the events are gamma distributed (r,
alpha), and after each purchase a customer drops out with probability p ~ Beta(a, b).

At T a customer who is alive is in one of k phases: j = 0 .. k-1 events have passed since the last
purchase, unseen. Given the phase, the further events are negative binomial with shape r + k x + j,
and the i-th further purchase is made when there are i k - j of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import betainc, betaincc

from crmanalytics.clv.btyd.regular_counts import log_total
from crmanalytics.clv.special import log1pexp, log_beta_ratio, log_poch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["RegularTiming", "events_at_least", "log_phases", "log_timing"]


@dataclass(frozen=True)
class RegularTiming:
    """The formulas of a customer's past; `extra` is as in the BG/NBD and the MBG/NBD."""

    r: float
    alpha: float
    a: float
    b: float
    k: int
    extra: int

    def log_phases(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the logarithm of the phases' weights, those of phase 0 being 1."""
        return log_phases(self.r + self.k * x, (T - t_x) / (self.alpha + T), self.k)

    def phases(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return P(phase j | alive at T)."""
        return np.exp(self.log_probable_phases(x, t_x, T))

    def log_probable_phases(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return log P(phase j | alive at T)."""
        logs = self.log_phases(x, t_x, T)
        return logs - log_total(logs)[:, None]

    def log_odds_dead(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the log-odds of having left after the last purchase; -inf where impossible."""
        chances = self.b + x + (self.extra - 1)
        possible = x + self.extra > 0
        silence = (self.r + self.k * x) * np.log1p((T - t_x) / (self.alpha + t_x))
        lead = np.log(self.a / np.where(possible, chances, 1.0))
        odds = lead + silence - log_total(self.log_phases(x, t_x, T))
        return np.where(possible, odds, -np.inf)

    def log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return each customer's log-likelihood, on the scale of the BG/NBD's."""
        events = self.k * x
        purchasing = (
            log_poch(self.r, events)
            - self.r * np.log1p(T / self.alpha)
            - events * np.log(self.alpha + T)
            + log_total(self.log_phases(x, t_x, T))
            + log_timing(x, t_x, self.k)
        )
        surviving = log_beta_ratio(self.a, self.b, x + self.extra)
        return purchasing + surviving + log1pexp(self.log_odds_dead(x, t_x, T))


def log_timing(x: Floats, t_x: Floats, k: int) -> Floats:
    r"""Return what the x-th purchase at t_x says of k, whatever the rate, over random timing.

    It has the density lambda^(k x) t_x^(k x - 1) exp(-lambda t_x) / Gamma(k x). The BG/NBD leaves
    out t_x^(x - 1) / Gamma(x), on which no parameter of its own has a bearing; what is left is
    t_x^((k - 1) x) Gamma(x) / Gamma(k x), which makes likelihoods comparable between different k.
    Purchases that all came at the very moment of the first have no density: they are passed over.

    Parameters
    ----------
    x, t_x : ndarray
        Repeat purchases and time of the last one.
    k : int
        Events per purchase.

    Returns
    -------
    ndarray
        Logarithms; 0 for k = 1.

    Examples
    --------
    >>> log_timing(np.array([0.0, 1.0]), np.array([0.0, 3.0]), 2).round(4).tolist()
    [0.0, 1.0986]
    """
    told = (x > 0) & (t_x > 0)
    count, time = np.where(told, x, 1.0), np.where(told, t_x, 1.0)
    more = (k - 1) * count
    return np.where(told, more * np.log(time) - log_poch(count, more), 0.0)


def log_phases(shape: Floats, share: Floats, k: int) -> Floats:
    """Return log of the negative binomial terms Gamma(c+j) / (Gamma(c) j!) z^j, for j below k.

    Parameters
    ----------
    shape, share : ndarray of shape (n,)
        c and z.
    k : int
        How many terms.

    Returns
    -------
    ndarray of shape (n, k)
        Logarithms; -inf where z is 0, but for the first.
    """
    j = np.arange(k, dtype=float)
    known = np.where(share > 0, share, 1.0)
    terms = log_poch(shape[:, None], j) - log_poch(1.0, j) + j * np.log(known)[:, None]
    return np.where((share[:, None] > 0) | (j == 0), terms, -np.inf)


def events_at_least(n: Floats, shape: Floats, odds: Floats) -> Floats:
    """Return P(N >= n) of a negative binomial count, for real n; 1 where n is not positive."""
    n, shape, odds = np.broadcast_arrays(n, shape, odds)
    tail = np.ones(n.shape)
    near, far = (n > 0) & (odds <= 1), (n > 0) & (odds > 1)
    tail[near] = betainc(n[near], shape[near], odds[near] / (1 + odds[near]))
    tail[far] = betaincc(shape[far], n[far], 1 / (1 + odds[far]))
    return tail
