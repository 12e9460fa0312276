"""The weighted log-likelihood of the BG/CNBD-k and the MBG/CNBD-k, with gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit, psi

from crmanalytics.clv.btyd.regular_timing import RegularTiming
from crmanalytics.clv.fitting import numerical_hessian

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]

__all__ = ["RegularObjective"]


class RegularObjective:
    """The log-likelihood as a function of the log-parameters."""

    def __init__(self, cells: Cells, k: int, extra: int) -> None:
        self.x, self.t_x, self.T = cells.frequency, cells.recency, cells.T
        self.weight, self.k, self.extra = cells.weight, k, extra
        self.may_leave = self.x + extra > 0

    def value_and_gradient(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the log-parameters."""
        r, alpha, a, b = parameters = np.exp(log_parameters)
        model = RegularTiming(r, alpha, a, b, self.k, self.extra)
        values = model.log_likelihood(self.x, self.t_x, self.T)
        dead = expit(model.log_odds_dead(self.x, self.t_x, self.T))
        alive_slopes = self._alive_slopes(model)
        odds_slopes = self._odds_slopes(model)
        gradient = [
            self.weight @ (alive + np.where(self.may_leave, dead * odds, 0.0))
            for alive, odds in zip(alive_slopes, odds_slopes, strict=True)
        ]
        return float(self.weight @ values), np.array(gradient) * parameters

    def hessian(self, log_parameters: Floats) -> Floats:
        """Return the second derivatives, as differences of the gradient."""
        return numerical_hessian(self, log_parameters)

    def _phase_slopes(self, model: RegularTiming) -> tuple[Floats, Floats]:
        """Return the derivatives by r and alpha of the logarithm of the phases' sum."""
        shape = model.r + self.k * self.x
        phases = model.phases(self.x, self.t_x, self.T)
        j = np.arange(self.k)
        by_r = (phases * (psi(shape[:, None] + j) - psi(shape)[:, None])).sum(axis=1)
        return by_r, -(phases @ j) / (model.alpha + self.T)

    def _alive_slopes(self, model: RegularTiming) -> list[Floats]:
        events, survived = self.k * self.x, self.x + self.extra
        phase_r, phase_alpha = self._phase_slopes(model)
        reach = model.alpha + self.T
        total = psi(model.a + model.b) - psi(model.a + model.b + survived)
        return [
            psi(model.r + events) - psi(model.r) - np.log1p(self.T / model.alpha) + phase_r,
            model.r * self.T / (model.alpha * reach) - events / reach + phase_alpha,
            total,
            psi(model.b + survived) - psi(model.b) + total,
        ]

    def _odds_slopes(self, model: RegularTiming) -> list[Floats]:
        phase_r, phase_alpha = self._phase_slopes(model)
        reach, last = model.alpha + self.T, model.alpha + self.t_x
        chances = np.where(self.may_leave, model.b + self.x + (self.extra - 1), 1.0)
        rate = model.r + self.k * self.x
        return [
            np.log1p((self.T - self.t_x) / last) - phase_r,
            rate * (1 / reach - 1 / last) - phase_alpha,
            np.full_like(reach, 1 / model.a),
            -1 / chances,
        ]
