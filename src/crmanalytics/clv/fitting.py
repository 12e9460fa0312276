"""Maximum likelihood: the one user of the optimiser, and the proof that it arrived.

All models here have positive parameters: they are estimated on their logarithms, where the
likelihood is smoother and no bound is needed. The end of a fit is accepted only if the Newton
decrement, which bounds how much log-likelihood could still be gained, is negligible and the
information matrix is positive definite.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from crmanalytics.errors import ConvergenceError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from threadpoolctl import ThreadpoolController

    Floats = NDArray[np.float64]

__all__ = ["Convergence", "Maximum", "Objective", "maximise", "numerical_hessian"]

_SHORTFALL = 1e-6  # log-likelihood that may be missing at the end, at most
_VAGUEST = 10.0  # standard error of a log-parameter from which on it is not determined at all
_FARTHEST = 60.0  # |log parameter| beyond which an estimate is at the edge, not inside


class Objective(Protocol):
    """A weighted log-likelihood of log-parameters."""

    def value_and_gradient(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient."""

    def hessian(self, log_parameters: Floats) -> Floats:
        """Return the matrix of second derivatives."""


@dataclass(frozen=True)
class Convergence:
    """How the optimiser ended.

    Parameters
    ----------
    iterations : int
        Iterations over the full data.
    gradient_norm : float
        Largest gradient component, per customer.
    shortfall : float
        Newton's estimate of the log-likelihood still missing.
    """

    iterations: int
    gradient_norm: float
    shortfall: float


@dataclass(frozen=True)
class Maximum:
    """The maximum of an objective: where, how high, how curved."""

    log_parameters: Floats
    value: float
    covariance: Floats
    convergence: Convergence


@dataclass(frozen=True)
class _Penalised:
    """A log-likelihood plus the log-density of independent normal priors on log-parameters.

    The optimiser asks for the same point more than once: the last answers are remembered.
    """

    inner: Objective
    centre: Floats
    penalty: float
    scale: float
    memory: dict[str, tuple[bytes, Any]] = field(default_factory=dict)

    def _remembered(self, name: str, log_parameters: Floats) -> Any:  # noqa: ANN401 - as the method's
        at = np.asarray(log_parameters).tobytes()
        known, answer = self.memory.get(name, (b"", None))
        if known != at:
            answer = getattr(self.inner, name)(log_parameters)
            self.memory[name] = (at, answer)
        return answer

    def negative(self, log_parameters: Floats) -> tuple[float, Floats]:
        value, gradient = self._remembered("value_and_gradient", log_parameters)
        away = log_parameters - self.centre
        value -= 0.5 * self.penalty * float(away @ away)
        return -value / self.scale, -(gradient - self.penalty * away) / self.scale

    def negative_hessian(self, log_parameters: Floats) -> Floats:
        hessian = self._remembered("hessian", log_parameters)
        return np.asarray(-(hessian - self.penalty * np.eye(len(hessian))) / self.scale)


def maximise(
    objective: Objective,
    starts: Sequence[Floats],
    *,
    n: float,
    rough: Objective | None = None,
    rough_n: float | None = None,
    penalty: float = 0.0,
    centre: Floats | None = None,
    names: Sequence[str] = (),
    near: bool = False,
) -> Maximum:
    """Find the maximum of a log-likelihood and prove it.

    Parameters
    ----------
    objective : Objective
        The log-likelihood on all data.
    starts : sequence of ndarray
        Log-parameters to start from; later ones are tried only if earlier ones fail.
    n : float
        Number of customers, by which the log-likelihood is scaled.
    rough : Objective, optional
        The same on coarser data, to come near the maximum cheaply.
    rough_n : float, optional
        Number of customers behind `rough`.
    penalty : float
        Precision of a normal prior on each log-parameter; 0 is plain maximum likelihood.
    centre : ndarray, optional
        Mean of that prior; log-parameters of zero by default.
    names : sequence of str
        Parameter names, for the message.
    near : bool
        Whether the starts are known to be close to the maximum, as when a fit is repeated.

    Returns
    -------
    Maximum
        Estimates and covariance matrix on the log scale; ``value`` is without the penalty.

    Raises
    ------
    ConvergenceError
        If no start leads to a proven maximum.
    """
    if penalty < 0 or not np.isfinite(penalty):
        raise ParameterError(f"penalty must be a number of at least 0, not {penalty!r}")
    middle = np.zeros_like(starts[0]) if centre is None else centre
    full = _Penalised(objective, middle, penalty, n)
    coarse = _Penalised(rough, middle, penalty, rough_n or n) if rough is not None else None
    failure = ""
    # sums over cells are short: a second thread would spend its time waiting for the first
    with _thread_pools().limit(limits=1, user_api="blas"):
        for start in starts:
            found, iterations = _climb(full, coarse, start, near=near)
            maximum, failure = _proven(full, found, iterations, names)
            if maximum is not None:
                return maximum
    raise ConvergenceError(failure)


@cache
def _thread_pools() -> ThreadpoolController:
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _climb(
    full: _Penalised, coarse: _Penalised | None, start: Floats, *, near: bool
) -> tuple[Floats, int]:
    from scipy.optimize import minimize

    with np.errstate(all="ignore"):  # a wild trial step may overflow; it is then refused
        there = start if near else _approach(coarse or full, start)
        value, gradient = full.negative(there)
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            return there, 0
        try:
            end = minimize(
                full.negative,
                there,
                jac=True,
                hess=full.negative_hessian,
                method="trust-exact",
                options={"gtol": 1e-9, "initial_trust_radius": 0.5, "maxiter": 100},
            )
        except ValueError:  # what its linear algebra says of a Hessian that is not finite
            return there, 0
    return np.asarray(end.x), int(end.nit)


def _approach(objective: _Penalised, start: Floats) -> Floats:
    from scipy.optimize import minimize

    found = minimize(objective.negative, start, jac=True, method="BFGS", options={"gtol": 1e-5})
    return np.clip(found.x, -_FARTHEST, _FARTHEST)


def _proven(
    full: _Penalised, found: Floats, iterations: int, names: Sequence[str]
) -> tuple[Maximum | None, str]:
    told = ", ".join(f"{k} = {v:.3g}" for k, v in zip(names, np.exp(found), strict=False))
    mend = (
        "The data may not say enough to determine this model, or a parameter runs away to its "
        f"limit (ended at {told}). Try penalty=1, more customers, or a simpler model."
    )
    with np.errstate(all="ignore"):
        value, gradient = full.negative(found)
        hessian = full.negative_hessian(found)
    if not (np.isfinite(value) and np.isfinite(gradient).all() and np.isfinite(hessian).all()):
        return None, f"the log-likelihood is not finite where the optimiser ended. {mend}"
    if np.abs(found).max() > _FARTHEST or np.linalg.eigvalsh(hessian)[0] <= 1e-12:
        return None, f"the log-likelihood has no inner maximum. {mend}"
    step = np.linalg.solve(hessian, gradient)
    shortfall = 0.5 * full.scale * float(gradient @ step)
    if not shortfall < _SHORTFALL:
        return None, f"the optimiser stopped {shortfall:.2g} below the maximum. {mend}"
    covariance = np.asarray(np.linalg.inv(hessian) / full.scale, dtype=np.float64)
    if np.sqrt(np.diag(covariance).max()) > _VAGUEST:
        return None, f"the log-likelihood is flat where the optimiser ended. {mend}"
    convergence = Convergence(iterations, float(np.abs(gradient).max()), shortfall)
    away = found - full.centre
    likelihood = 0.5 * full.penalty * float(away @ away) - value * full.scale
    return Maximum(found, float(likelihood), covariance, convergence), ""


def numerical_hessian(objective: Objective, log_parameters: Floats, step: float = 1e-4) -> Floats:
    """Return the derivative of an analytic gradient by central differences."""
    rows = []
    for i in range(len(log_parameters)):
        shift = np.zeros_like(log_parameters)
        shift[i] = step
        _, up = objective.value_and_gradient(log_parameters + shift)
        _, down = objective.value_and_gradient(log_parameters - shift)
        rows.append((up - down) / (2 * step))
    hessian = np.array(rows)
    return (hessian + hessian.T) / 2
