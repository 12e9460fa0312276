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
from scipy.special import expit, polygamma, psi

from crmanalytics.clv.btyd.survival_sums import expected_surviving_purchases
from crmanalytics.clv.special import (
    log1pexp,
    log_beta_ratio,
    log_negative_binomial_tail,
    log_poch,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]

__all__ = ["BetaGeometricFormulas", "BetaGeometricObjective"]


@dataclass(frozen=True)
class BetaGeometricFormulas:
    """The formulas, for parameters r, alpha (purchasing) and a, b (dropout)."""

    r: float
    alpha: float
    a: float
    b: float
    extra: int

    def log_odds_dead(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return the log-odds of having left after the last purchase; -inf where impossible."""
        chances = self.b + x + (self.extra - 1)
        possible = x + self.extra > 0
        silence = (self.r + x) * np.log1p((T - t_x) / (self.alpha + t_x))
        lead = np.log(self.a / np.where(possible, chances, 1.0))
        return np.where(possible, lead + silence, -np.inf)

    def log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        """Return each customer's log-likelihood."""
        purchasing = (
            log_poch(self.r, x) - self.r * np.log1p(T / self.alpha) - x * np.log(self.alpha + T)
        )
        surviving = log_beta_ratio(self.a, self.b, x + self.extra)
        return purchasing + surviving + log1pexp(self.log_odds_dead(x, t_x, T))

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
        odds = horizon / self.alpha
        with np.errstate(divide="ignore"):
            log_share = -np.log1p(1 / np.where(odds > 0, odds, 1.0))
            log_share = np.where(odds > 0, log_share, -np.inf)
        counted = np.where(n > 0, n * np.where(n > 0, log_share, 0.0), 0.0)
        still = log_poch(self.r, n) - log_poch(1.0, n) + counted - self.r * np.log1p(odds)
        stays = log_beta_ratio(self.a, self.b, n + self.extra) + still
        may_leave = n + self.extra > 0
        last = np.maximum(n + self.extra - 1, 0)
        leaves = (
            log_beta_ratio(self.a, self.b, last)
            + np.log(self.a / (self.a + self.b + last))
            + log_negative_binomial_tail(n, self.r, odds)
        )
        return np.logaddexp(stays, np.where(may_leave, leaves, -np.inf))


class BetaGeometricObjective:
    """The weighted log-likelihood with analytic gradient and Hessian.

    Whatever depends on frequency, recency or T alone is computed once per distinct value; only the
    odds of having left need a pass over the cells.
    """

    def __init__(self, cells: Cells, extra: int) -> None:
        weight = cells.weight
        self.extra = extra
        self.x, code = np.unique(cells.frequency, return_inverse=True)
        self.at_x = np.bincount(code, weights=weight)
        self.T, code_T = np.unique(cells.T, return_inverse=True)
        self.at_T = np.bincount(code_T, weights=weight)
        self.purchases_at_T = np.bincount(code_T, weights=weight * cells.frequency)
        self.t_x, code_t_x = np.unique(cells.recency, return_inverse=True)
        may = cells.frequency + extra > 0
        self.weight = weight[may]
        self.code_x, self.code_T, self.code_t_x = code[may], code_T[may], code_t_x[may]
        self.x_may = self.x[self.code_x]

    def value_and_gradient(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the log-parameters."""
        r, alpha, a, b = parameters = np.exp(log_parameters)
        base, base_gradient = self._separable(r, alpha, a, b)
        log_odds, slopes = self._dead(r, alpha, a, b)
        gain = self.weight * expit(log_odds)
        value = base + float(self.weight @ _log1pexp_fast(log_odds))
        gradient = base_gradient + np.array([gain @ slope for slope in slopes])
        return value, gradient * parameters

    def hessian(self, log_parameters: Floats) -> Floats:
        """Return the second derivatives by the log-parameters."""
        r, alpha, a, b = parameters = np.exp(log_parameters)
        log_odds, slopes = self._dead(r, alpha, a, b)
        dead = expit(log_odds)
        gain = self.weight * dead
        spread = gain * (1 - dead)
        scaled = np.array([slope * spread for slope in slopes])
        natural = scaled @ np.array(slopes).T
        natural += self._separable_hessian(r, alpha, a, b)
        natural += self._dead_curvature(gain, r, alpha, a, b)
        _, gradient = self.value_and_gradient(log_parameters)
        return np.asarray(natural * np.outer(parameters, parameters) + np.diag(gradient))

    def _separable(self, r: float, alpha: float, a: float, b: float) -> tuple[float, Floats]:
        x, n = self.x, self.x + self.extra
        log_T, inverse_T = np.log1p(self.T / alpha), 1 / (alpha + self.T)
        value = self.at_x @ (log_poch(r, x) + log_beta_ratio(a, b, n))
        value -= r * (self.at_T @ log_T) + self.purchases_at_T @ np.log(alpha + self.T)
        total = psi(a + b) - psi(a + b + n)
        gradient = [
            self.at_x @ (psi(r + x) - psi(r)) - self.at_T @ log_T,
            r / alpha * (self.at_T @ (self.T * inverse_T)) - self.purchases_at_T @ inverse_T,
            self.at_x @ total,
            self.at_x @ (psi(b + n) - psi(b) + total),
        ]
        return float(value), np.array(gradient)

    def _separable_hessian(self, r: float, alpha: float, a: float, b: float) -> Floats:
        x, n = self.x, self.x + self.extra
        inverse_T = 1 / (alpha + self.T)
        share = self.T * inverse_T
        total = self.at_x @ (polygamma(1, a + b) - polygamma(1, a + b + n))
        hessian = np.zeros((4, 4))
        hessian[0, 0] = self.at_x @ (polygamma(1, r + x) - polygamma(1, r))
        hessian[0, 1] = hessian[1, 0] = self.at_T @ share / alpha
        hessian[1, 1] = self.purchases_at_T @ inverse_T**2
        hessian[1, 1] -= r / alpha * (self.at_T @ (share * (1 / alpha + inverse_T)))
        hessian[2:, 2:] = total
        hessian[3, 3] += self.at_x @ (polygamma(1, b + n) - polygamma(1, b))
        return np.asarray(hessian)

    def _dead(self, r: float, alpha: float, a: float, b: float) -> tuple[Floats, list[Floats]]:
        """Return the log-odds of having left, per cell, and their derivatives."""
        silence = np.log(alpha + self.T)[self.code_T] - np.log(alpha + self.t_x)[self.code_t_x]
        faster = (1 / (alpha + self.T))[self.code_T] - (1 / (alpha + self.t_x))[self.code_t_x]
        rate = r + self.x_may
        chances = (b + self.x + (self.extra - 1))[self.code_x]
        log_odds = np.log(a / chances) + rate * silence
        return log_odds, [silence, rate * faster, np.full_like(rate, 1 / a), -1 / chances]

    def _dead_curvature(self, gain: Floats, r: float, alpha: float, a: float, b: float) -> Floats:
        """Return the gain-weighted second derivatives of the log-odds."""
        inverse_T = (1 / (alpha + self.T))[self.code_T]
        inverse_t_x = (1 / (alpha + self.t_x))[self.code_t_x]
        chances = (b + self.x + (self.extra - 1))[self.code_x]
        curvature = np.zeros((4, 4))
        curvature[0, 1] = curvature[1, 0] = gain @ (inverse_T - inverse_t_x)
        curvature[1, 1] = gain @ ((r + self.x_may) * (inverse_t_x**2 - inverse_T**2))
        curvature[2, 2] = -gain.sum() / a**2
        curvature[3, 3] = gain @ (1 / chances**2)
        return curvature


def _log1pexp_fast(x: Floats) -> Floats:
    # for sums of many terms absolute precision is enough, and a logarithm costs half a log1p
    return np.asarray(np.maximum(x, 0) + np.log(1 + np.exp(-np.abs(x))))
