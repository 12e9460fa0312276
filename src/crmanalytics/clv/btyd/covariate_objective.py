r"""The log-likelihood of a model whose parameters depend on covariates through their logarithms.

In a cell of customers of one kind the logarithm of each of the model's parameters is linear in what
is estimated: its own level, plus or minus coefficients times covariates. So the derivatives of a
cell's log-likelihood by the logarithms of the parameters, which every model knows, give those by
all that is estimated, by the chain rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.kinds import KindCells
    from crmanalytics.clv.fitting import Objective

    Floats = NDArray[np.float64]

__all__ = ["CovariateObjective", "Link", "Slopes", "Standardised", "standardising"]

_STEP = 1e-4  # of the logarithm of a parameter, for second derivatives


class Link(NamedTuple):
    """Which parameter some coefficients multiply, and whether they raise or lower it."""

    coefficients: str
    parameter: str
    sign: int


class Slopes(Protocol):
    """A model's log-likelihood of each cell, with its slopes by the logarithms of parameters."""

    def __call__(
        self, log_parameters: Floats, x: Floats, t_x: Floats, T: Floats
    ) -> tuple[Floats, Floats]:
        """Return values of shape (cells,) and slopes of shape (parameters, cells)."""


class CovariateObjective:
    """The weighted log-likelihood of log-parameters and coefficients.

    Parameters
    ----------
    cells : KindCells
        Customers, counted by kind.
    slopes : callable
        The model without covariates.
    parameters : sequence of str
        Its parameters.
    links : mapping of Link to sequence of str
        Covariates by what they act on.
    """

    def __init__(
        self,
        cells: KindCells,
        slopes: Slopes,
        parameters: Sequence[str],
        links: Mapping[Link, Sequence[str]],
    ) -> None:
        self.slopes, self.weight = slopes, cells.weight
        self.history = cells.frequency, cells.recency, cells.T
        self.kind, self.kinds = cells.kind, len(cells.kinds)
        self.designs = _designs(cells, parameters, links)

    def value_and_gradient(self, at: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood and its gradient."""
        values, slopes = self.slopes(self._log_parameters(at), *self.history)
        gradient = np.zeros(len(at))
        for design, slope in zip(self.designs, slopes, strict=True):
            gradient += design.T @ self._by_kind(slope)
        return float(self.weight @ values), gradient

    def hessian(self, at: Floats) -> Floats:
        """Return the second derivatives, from central differences of each cell's slopes."""
        log_parameters = self._log_parameters(at)
        total = np.zeros((len(at), len(at)))
        for i, design in enumerate(self.designs):
            shift = np.zeros((len(self.designs), 1))
            shift[i] = _STEP
            _, up = self.slopes(log_parameters + shift, *self.history)
            _, down = self.slopes(log_parameters - shift, *self.history)
            bent = (up - down) / (2 * _STEP)
            for other, curvature in zip(self.designs, bent, strict=True):
                total += design.T @ (self._by_kind(curvature)[:, None] * other)
        return np.asarray((total + total.T) / 2)

    def _log_parameters(self, at: Floats) -> Floats:
        return np.stack([(design @ at)[self.kind] for design in self.designs])

    def _by_kind(self, values: Floats) -> Floats:
        totals = np.bincount(self.kind, weights=self.weight * values, minlength=self.kinds)
        return totals.astype(float)


def _designs(
    cells: KindCells, parameters: Sequence[str], links: Mapping[Link, Sequence[str]]
) -> list[Floats]:
    """Return, for each parameter, how its logarithm depends on what is estimated, by kind."""
    width = len(parameters) + sum(len(names) for names in links.values())
    designs = [np.zeros((len(cells.kinds), width)) for _ in parameters]
    for i, design in enumerate(designs):
        design[:, i] = 1.0
    column = len(parameters)
    for link, names in links.items():
        for name in names:
            design = designs[parameters.index(link.parameter)]
            design[:, column] = link.sign * cells.kinds[:, cells.names.index(name)]
            column += 1
    return designs


def standardising(
    cells: KindCells, parameters: Sequence[str], links: Mapping[Link, Sequence[str]]
) -> Floats:
    """Return the matrix that turns estimates for standardised covariates into those for ours.

    Parameters
    ----------
    cells : KindCells
        Customers, counted by kind.
    parameters : sequence of str
        Parameters of the model without covariates.
    links : mapping of Link to sequence of str
        Covariates by what they act on.

    Returns
    -------
    ndarray of shape (estimates, estimates)
        It takes log-parameters of average customers, and coefficients per standard deviation.
    """
    width = len(parameters) + sum(len(names) for names in links.values())
    matrix = np.eye(width)
    column = len(parameters)
    for link, names in links.items():
        for name in names:
            values = cells.covariate(name)
            mean = np.average(values, weights=cells.weight)
            deviation = np.sqrt(np.average((values - mean) ** 2, weights=cells.weight))
            matrix[column, column] = 1 / deviation
            matrix[parameters.index(link.parameter), column] = -link.sign * mean / deviation
            column += 1
    return matrix


@dataclass(frozen=True)
class Standardised:
    """An objective, with its penalty, as a function of estimates for standardised covariates.

    The optimiser finds its way there whatever the covariates are measured in; the penalty is that
    of the objective's own estimates.
    """

    inner: Objective
    matrix: Floats
    penalty: float
    centre: Floats

    def value_and_gradient(self, log_parameters: Floats) -> tuple[float, Floats]:
        """Return the penalised log-likelihood and its gradient."""
        at = self.matrix @ log_parameters
        value, gradient = self.inner.value_and_gradient(at)
        away = at - self.centre
        value -= 0.5 * self.penalty * float(away @ away)
        return value, self.matrix.T @ (gradient - self.penalty * away)

    def hessian(self, log_parameters: Floats) -> Floats:
        """Return the second derivatives."""
        inner = self.inner.hessian(self.matrix @ log_parameters)
        bent = inner - self.penalty * np.eye(len(inner))
        return np.asarray(self.matrix.T @ bent @ self.matrix)
