"""The weighted log-likelihood of the BG/NBD and the MBG/NBD, with gradient and Hessian."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import polygamma, psi

from crmanalytics.clv.special import log_beta_ratio, log_poch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["BetaGeometricObjective"]


@dataclass(frozen=True, eq=False)
class _Levels:
    """Distinct values of each column, and which of them each cell has; weights play no part."""

    x: Floats
    T: Floats
    t_x: Floats
    every_x: Codes
    every_T: Codes
    may_leave: Codes
    some_x: Codes
    starts_x: Codes
    code_x: Codes
    code_T: Codes
    code_t_x: Codes
    x_may: Floats

    @classmethod
    def of(cls, cells: Cells, extra: int) -> _Levels:
        x, code_x = np.unique(cells.frequency, return_inverse=True)
        T, code_T = np.unique(cells.T, return_inverse=True)
        t_x, code_t_x = np.unique(cells.recency, return_inverse=True)
        may = np.flatnonzero(cells.frequency + extra > 0)
        some_x, starts_x = np.unique(code_x[may], return_index=True)
        codes = code_x[may], code_T[may], code_t_x[may]
        return cls(x, T, t_x, code_x, code_T, may, some_x, starts_x, *codes, x[code_x[may]])


@dataclass(frozen=True, eq=False)
class _Dead:
    """How likely each cell's customers have left, and what its logarithm changes with.

    The log-odds are log(a / chances) + (r + x) silence.
    """

    gain: Floats  # weight times P(left)
    log_alive: Floats  # - log P(alive)
    share: Floats  # P(left)
    silence: Floats
    faster: Floats  # derivative of silence by alpha


class BetaGeometricObjective:
    """The log-likelihood as a function of the log-parameters.

    Whatever depends on frequency, recency or T alone is computed once per distinct value; only the
    odds of having left need a pass over the cells.

    Parameters
    ----------
    cells : Cells
        Customers, counted.
    extra : int
        Chances to leave beyond the repeat purchases: 0 (BG/NBD) or 1 (MBG/NBD).
    like : BetaGeometricObjective, optional
        One for the same cells with other weights, whose work on the cells is spared.
    """

    def __init__(
        self, cells: Cells, extra: int, like: BetaGeometricObjective | None = None
    ) -> None:
        self.extra = extra
        self.levels: _Levels = like.levels if like else _Levels.of(cells, extra)
        levels, weight = self.levels, cells.weight
        self.x, self.T, self.t_x = levels.x, levels.T, levels.t_x
        self.at_x = np.bincount(levels.every_x, weights=weight)
        self.at_T = np.bincount(levels.every_T, weights=weight)
        self.purchases_at_T = np.bincount(levels.every_T, weights=weight * cells.frequency)
        self.weight = weight[levels.may_leave]

    def value_and_gradient(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the log-parameters."""
        r, alpha, a, b = parameters = np.exp(log_parameters)
        dead = self._dead(r, alpha, a, b)
        value, gradient = self._natural(dead, r, alpha, a, b)
        return value, gradient * parameters

    def _natural(
        self, dead: _Dead, r: float, alpha: float, a: float, b: float
    ) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the parameters themselves."""
        value, gradient = self._separable(r, alpha, a, b)
        gain_x = self._by_x(dead.gain)
        rate = r + self.levels.x_may
        gradient += [
            dead.gain @ dead.silence,
            (dead.gain * rate) @ dead.faster,
            gain_x.sum() / a,
            -(gain_x / self._chances(b)).sum(),
        ]
        return value + float(self.weight @ dead.log_alive), gradient

    def hessian(self, log_parameters: Floats) -> Floats:
        """Return the second derivatives by the log-parameters."""
        r, alpha, a, b = parameters = np.exp(log_parameters)
        dead = self._dead(r, alpha, a, b)
        natural = self._separable_hessian(r, alpha, a, b)
        natural += self._dead_spread(dead, r, a, b) + self._dead_curvature(dead, r, alpha, a, b)
        _, gradient = self._natural(dead, r, alpha, a, b)
        return np.asarray(
            natural * np.outer(parameters, parameters) + np.diag(gradient * parameters)
        )

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

    def _chances(self, b: float) -> Floats:
        # without a repeat purchase nobody has had a chance to leave a BG/NBD: any number will do
        chances = b + self.x + (self.extra - 1)
        return np.where(self.x + self.extra > 0, chances, 1.0)

    def _by_x(self, values: Floats) -> Floats:
        # cells ascend by frequency, so that those of one frequency stand together
        totals = np.zeros(len(self.x))
        totals[self.levels.some_x] = np.add.reduceat(values, self.levels.starts_x)
        return totals

    def _dead(self, r: float, alpha: float, a: float, b: float) -> _Dead:
        at = self.levels
        silence = np.log(alpha + self.T)[at.code_T]
        silence -= np.log(alpha + self.t_x)[at.code_t_x]
        faster = (1 / (alpha + self.T))[at.code_T]
        faster -= (1 / (alpha + self.t_x))[at.code_t_x]
        log_odds = (r + at.x_may) * silence
        log_odds += np.log(a / self._chances(b))[at.code_x]
        # one exponential serves both P(left) and the logarithm of P(alive); the sums over many
        # cells need absolute precision only, for which log is as good as log1p
        small = np.exp(-np.abs(log_odds))
        share = np.where(log_odds > 0, 1.0, small) / (1 + small)
        log_alive = np.maximum(log_odds, 0) + np.log(1 + small)
        return _Dead(self.weight * share, log_alive, share, silence, faster)

    def _dead_spread(self, dead: _Dead, r: float, a: float, b: float) -> Floats:
        """Return the outer products of the log-odds' slopes, weighted by P(left) P(alive)."""
        spread = dead.gain * (1 - dead.share)
        scaled = (r + self.levels.x_may) * dead.faster
        first, second = spread * dead.silence, spread * scaled
        chances = self._chances(b)
        by_x = [self._by_x(values) for values in (spread, first, second)]
        out = np.zeros((4, 4))
        out[0, :2] = first @ dead.silence, first @ scaled
        out[1, 1] = second @ scaled
        out[0, 2:] = by_x[1].sum() / a, -(by_x[1] / chances).sum()
        out[1, 2:] = by_x[2].sum() / a, -(by_x[2] / chances).sum()
        out[2, 2:] = by_x[0].sum() / a**2, -(by_x[0] / chances).sum() / a
        out[3, 3] = (by_x[0] / chances**2).sum()
        return np.asarray(out + np.triu(out, 1).T)

    def _dead_curvature(self, dead: _Dead, r: float, alpha: float, a: float, b: float) -> Floats:
        """Return the log-odds' second derivatives, weighted by P(left)."""
        inverse_T = 1 / (alpha + self.T)
        inverse_t_x = 1 / (alpha + self.t_x)
        bent = (inverse_t_x**2)[self.levels.code_t_x] - (inverse_T**2)[self.levels.code_T]
        gain_x = self._by_x(dead.gain)
        curvature = np.zeros((4, 4))
        curvature[0, 1] = curvature[1, 0] = dead.gain @ dead.faster
        curvature[1, 1] = (dead.gain * (r + self.levels.x_may)) @ bent
        curvature[2, 2] = -gain_x.sum() / a**2
        curvature[3, 3] = (gain_x / self._chances(b) ** 2).sum()
        return curvature
