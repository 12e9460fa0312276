"""The likelihood of renewals and departures, with analytic first and second derivatives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import polygamma, psi

from crmanalytics.clv.contractual.survival import log_survival_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.contractual.histories import Histories

    Floats = NDArray[np.float64]

__all__ = ["ContractualObjective"]

_LARGEST = 1e140  # of t^c: its square is a double too
_LEAST_FALL = 1e-150  # of log survival in one period: the square of its inverse is a double too
_ASYMPTOTIC = 1e4  # from here on three terms of the series are exact to rounding


class ContractualObjective:
    """Weighted log-likelihood of (alpha, beta) or (alpha, beta, c), given as logarithms.

    A customer who left at the t-th renewal adds log(S(t - 1) - S(t)), one who is still there after
    it adds log S(t). With two parameters c is 1.
    """

    def __init__(self, histories: Histories, free: int) -> None:
        self.free = free
        left = histories.churned
        self.departure, self.departed = histories.period[left], histories.weight[left]
        self.survived, self.staying = histories.period[~left], histories.weight[~left]

    def value_and_gradient(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient by the log-parameters."""
        alpha, beta, c = self._parameters(log_parameters)
        before = log_survival_ratio(alpha, beta, c, 0, self.departure - 1)
        fall = -log_survival_ratio(alpha, beta, c, self.departure - 1, 1)
        stay = log_survival_ratio(alpha, beta, c, 0, self.survived)
        value = self.departed @ (before + np.log(-np.expm1(-fall))) + self.staying @ stay
        slope_before, _ = _derivatives(alpha, beta, c, self.departure - 1)
        slope_after, _ = _derivatives(alpha, beta, c, self.departure)
        slope_stay, _ = _derivatives(alpha, beta, c, self.survived)
        odds = 1 / np.expm1(np.maximum(fall, _LEAST_FALL))
        gradient = (slope_before + (slope_before - slope_after) * odds) @ self.departed
        gradient = gradient + slope_stay @ self.staying
        scale = np.array([alpha, beta, c])
        return float(value), (gradient * scale)[: self.free]

    def hessian(self, log_parameters: Floats) -> Floats:
        """Return the second derivatives by the log-parameters."""
        alpha, beta, c = self._parameters(log_parameters)
        fall = -log_survival_ratio(alpha, beta, c, self.departure - 1, 1)
        slope_before, curve_before = _derivatives(alpha, beta, c, self.departure - 1)
        slope_after, curve_after = _derivatives(alpha, beta, c, self.departure)
        _, curve_stay = _derivatives(alpha, beta, c, self.survived)
        odds = 1 / np.expm1(np.maximum(fall, _LEAST_FALL))
        slope = slope_before - slope_after
        bend = curve_before + (curve_before - curve_after) * odds
        bend = bend - slope[:, None] * slope[None, :] * (odds * (1 + odds))
        natural = bend @ self.departed + curve_stay @ self.staying
        scale = np.array([alpha, beta, c])[: self.free]
        natural = natural[: self.free, : self.free] * np.outer(scale, scale)
        _, gradient = self.value_and_gradient(log_parameters)
        return np.asarray(natural + np.diag(gradient))

    def _parameters(self, log_parameters: Floats) -> tuple[float, float, float]:
        alpha, beta, *c = map(float, np.exp(log_parameters))
        return alpha, beta, c[0] if c else 1.0


def _derivatives(alpha: float, beta: float, c: float, t: Floats) -> tuple[Floats, Floats]:
    """Return the derivatives of log S(t): first (3, n), and second (3, 3, n)."""
    log_t = np.log(np.maximum(t, 1.0))  # t = 0 has survival 1 whatever the parameters
    x = np.where(t > 0, np.minimum(np.exp(c * log_t), _LARGEST), 0.0)
    by_c, by_c_twice = x * log_t, x * log_t**2
    by_total = psi(alpha + beta) - psi(alpha + beta + x)
    by_x = -_digamma_step(beta + x, alpha)
    first = np.array([by_total, by_total + psi(beta + x) - psi(beta), by_x * by_c])
    far = polygamma(1, alpha + beta + x)
    near = polygamma(1, beta + x)
    apart = _trigamma_step(beta + x, alpha)
    total = polygamma(1, alpha + beta) - far
    second = np.empty((3, 3, len(t)))
    second[0, 0] = second[0, 1] = second[1, 0] = total
    second[1, 1] = total + near - polygamma(1, beta)
    second[0, 2] = second[2, 0] = -far * by_c
    second[1, 2] = second[2, 1] = apart * by_c
    second[2, 2] = apart * by_c**2 + by_x * by_c_twice
    return first, second


def _digamma_step(z: Floats, a: float) -> Floats:
    """Return psi(z + a) - psi(z), without subtracting nearly equal numbers where z is large."""
    u, v = 1 / z, 1 / (z + a)
    series = np.log1p(a * u) + a * u * v * (0.5 + (u + v) / 12)
    return np.where(z > _ASYMPTOTIC, series, psi(z + a) - psi(z))


def _trigamma_step(z: Floats, a: float) -> Floats:
    """Return psi'(z) - psi'(z + a), likewise."""
    u, v = 1 / z, 1 / (z + a)
    series = a * u * v * (1 + (u + v) / 2 + (u * u + u * v + v * v) / 6)
    return np.where(z > _ASYMPTOTIC, series, polygamma(1, z) - polygamma(1, z + a))
