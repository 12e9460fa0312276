r"""What the BG/NBD and the MBG/NBD have in common.

While alive a customer buys at rate lambda ~ Gamma(r, alpha) and, after each purchase, drops out
with probability p ~ Beta(a, b). The two models differ in one thing: how many chances to drop out a
customer with x repeat purchases has survived. That is x for the BG/NBD, and x + 1 for the MBG/NBD,
where a customer may leave right after the first purchase. This number of extra chances, 0 or 1, is
called `extra` here.

All formulas are sums of positive terms or logarithms, so that they hold for extreme parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from crmanalytics.clv.btyd.survival_sums import expected_surviving_purchases
from crmanalytics.clv.special import (
    log1pexp,
    log_beta_ratio,
    log_negative_binomial_tail,
    log_poch,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["BetaGeometricFormulas", "log_count_probability"]


@dataclass(frozen=True)
class BetaGeometricFormulas:
    """The formulas, for parameters r, alpha (purchasing) and a, b (dropout).

    Examples
    --------
    >>> cdnow = BetaGeometricFormulas(0.243, 4.414, 0.793, 2.426, extra=0)
    >>> x, t_x, T = np.array([[2.0], [30.43], [38.86]])
    >>> float(cdnow.log_odds_dead(x, t_x, T)[0].round(4))
    -0.9773
    >>> float(cdnow.log_likelihood(x, t_x, T)[0].round(4))
    -9.4586
    >>> float(cdnow.alive(x, t_x, T)[0].round(4))
    0.7266
    >>> float(cdnow.expected_if_alive(x, T, np.array([39.0]))[0].round(4))
    1.6874
    >>> float(cdnow.expected_new(np.array([52.0]))[0].round(3))
    1.446
    """

    r: float
    alpha: float
    a: float
    b: float
    extra: int

    def log_count_if_alive(self, x: Floats, T: Floats, n: Floats, horizon: float) -> Floats:
        """Return log P(n purchases within the horizon) of customers alive at T.

        They are as new customers of a BG/NBD whose parameters know the history.
        """
        purchase, dropout = (self.r + x, self.alpha + T), (self.a, self.b + x + self.extra)
        return log_count_probability(n, np.asarray(horizon), purchase, dropout, extra=0)

    def log_odds_dead(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the log-odds of having left after the last purchase; -inf where impossible."""
        chances = self.b + x + (self.extra - 1)
        possible = x + self.extra > 0
        silence = (self.r + x) * np.log1p((T - t_x) / (self.alpha + t_x))
        lead = np.log(self.a / np.where(possible, chances, 1.0))
        return np.where(possible, lead + silence, -np.inf)

    def log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return each customer's log-likelihood."""
        return self.log_alive_likelihood(x, T) + log1pexp(self.log_odds_dead(x, t_x, T))

    def log_alive_likelihood(self, x: Floats, T: Floats) -> Floats:
        """Return the log-likelihood of having bought x times and being alive at T."""
        purchasing = (
            log_poch(self.r, x) - self.r * np.log1p(T / self.alpha) - x * np.log(self.alpha + T)
        )
        return purchasing + log_beta_ratio(self.a, self.b, x + self.extra)

    def alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return P(alive at T)."""
        return np.asarray(expit(-self.log_odds_dead(x, t_x, T)))

    def expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return the expected purchases of customers alive at T."""
        odds = horizon / (self.alpha + T)
        survived = self.b + x + self.extra
        return expected_surviving_purchases(self.r + x, odds, self.a, survived)

    def active_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        """Return P(at least one purchase) of customers alive at T."""
        return -np.expm1(-(self.r + x) * np.log1p(horizon / (self.alpha + T)))

    def expected_new(self, horizon: Floats) -> Floats:
        """Return the expected repeat purchases of a new customer."""
        zeros = np.zeros_like(horizon)
        stays = self.b / (self.a + self.b) if self.extra else 1.0
        return stays * self.expected_if_alive(zeros, zeros, horizon)

    def log_pmf(self, n: Floats, horizon: Floats) -> Floats:
        """Return log P(X(horizon) = n) of a new customer."""
        purchase, dropout = (self.r, self.alpha), (self.a, self.b)
        return log_count_probability(n, horizon, purchase, dropout, extra=self.extra)


def log_count_probability(
    n: Floats,
    horizon: Floats,
    purchase: tuple[Floats | float, Floats | float],
    dropout: tuple[Floats | float, Floats | float],
    *,
    extra: int,
) -> Floats:
    """Return log P(n purchases within the horizon) of customers alive at its start.

    Parameters
    ----------
    n, horizon : ndarray
        Counts and times.
    purchase : tuple of float or ndarray
        Shape and rate of the distribution of purchase rates.
    dropout : tuple of float or ndarray
        Parameters of the distribution of dropout probabilities.
    extra : int
        1 if a customer may leave before the first of these purchases, else 0.

    Returns
    -------
    ndarray
        Log-probabilities.

    References
    ----------
    Fader, Hardie & Lee (2005), Marketing Science 24(2), equation 8.

    Examples
    --------
    >>> purchase, dropout = (0.243, 4.414), (0.793, 2.426)
    >>> weeks = np.full(3, 39.0)
    >>> log_p = log_count_probability(np.arange(3.0), weeks, purchase, dropout, extra=0)
    >>> np.exp(log_p).round(3).tolist()
    [0.574, 0.199, 0.085]
    """
    (r, alpha), (a, b) = purchase, dropout
    odds = horizon / alpha
    log_odds = np.log(np.where(horizon > 0, horizon, 1.0)) - np.log(alpha)
    log_share = np.where(horizon > 0, -log1pexp(-log_odds), -np.inf)
    counted = np.where(n > 0, n * np.where(n > 0, log_share, 0.0), 0.0)
    still = log_poch(r, n) - log_poch(1.0, n) + counted - r * np.log1p(odds)
    stays = log_beta_ratio(a, b, n + extra) + still
    last = np.maximum(n + extra - 1, 0)
    leaves = (
        log_beta_ratio(a, b, last)
        + np.log(a / (a + b + last))
        + log_negative_binomial_tail(n, r, odds)
    )
    return np.logaddexp(stays, np.where(n + extra > 0, leaves, -np.inf))
