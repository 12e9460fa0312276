"""The face that the BG/NBD and the MBG/NBD share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.beta_geometric import BetaGeometricFormulas
from crmanalytics.clv.btyd.beta_geometric_objective import BetaGeometricObjective
from crmanalytics.clv.btyd.draws import geometric, poisson_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.cells import Cells
    from crmanalytics.clv.fitting import Objective

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["BetaGeometricModel", "start_values"]


def start_values(cells: Cells) -> list[Floats]:
    """Return log-parameters r, alpha, a, b to start from: alpha in proportion to the mean T."""
    time = float(np.average(cells.T, weights=cells.weight)) or 1.0
    shapes = ((0.5, 0.3, 0.8, 2.5), (1.0, 1.0, 1.0, 1.0), (0.2, 0.1, 0.2, 1.0))
    return [np.log([r, alpha * time, a, b]) for r, alpha, a, b in shapes]


@dataclass(frozen=True)
class BetaGeometricModel(PurchaseModel):
    """Gamma-distributed purchase rates, beta-distributed dropout after purchases."""

    r: float
    alpha: float
    a: float
    b: float

    EXTRA: ClassVar[int]

    @property
    def _formulas(self) -> BetaGeometricFormulas:
        return BetaGeometricFormulas(self.r, self.alpha, self.a, self.b, self.EXTRA)

    @classmethod
    def _objective(cls, cells: Cells, settings: dict[str, Any]) -> Objective:  # noqa: ARG003 - this model has no settings
        return BetaGeometricObjective(cells, cls.EXTRA)

    @classmethod
    def _reweighted(
        cls,
        objective: Objective,
        cells: Cells,
        settings: dict[str, Any],  # noqa: ARG003 - this model has no settings
    ) -> BetaGeometricObjective:
        like = objective if isinstance(objective, BetaGeometricObjective) else None
        return BetaGeometricObjective(cells, cls.EXTRA, like)

    @classmethod
    def _starts(cls, cells: Cells) -> list[Floats]:
        return start_values(cells)

    def _log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.log_likelihood(x, t_x, T)

    def _alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.alive(x, t_x, T)

    def _log_odds_dead(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.log_odds_dead(x, t_x, T)

    def _log_count_if_alive(
        self,
        x: Floats,
        t_x: Floats,  # noqa: ARG002 - a Poisson process does not remember
        T: Floats,
        n: Floats,
        horizon: float,
    ) -> Floats:
        return self._formulas.log_count_if_alive(x, T, n, horizon)

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        return self._formulas.expected_if_alive(x, T, horizon)

    def _active_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        return self._formulas.active_if_alive(x, T, horizon)

    def _expected_new(self, horizon: Floats) -> Floats:
        return self._formulas.expected_new(horizon)

    def _draw_purchases(self, random: np.random.Generator, T: Floats) -> tuple[Codes, Floats]:
        rate = random.gamma(self.r, 1 / self.alpha, len(T))
        p = random.beta(self.a, self.b, len(T))
        last = geometric(random, p) - self.EXTRA  # the first purchase may be the last one too
        who, time, rank = poisson_times(random, rate, T)
        made = rank < last[who]
        return who[made], time[made]

    def _draw_future_if_alive(
        self,
        random: np.random.Generator,
        x: Floats,
        t_x: Floats,  # noqa: ARG002 - a Poisson process does not remember
        T: Floats,
        horizon: float,
    ) -> Floats:
        rate = random.gamma(self.r + x, 1 / (self.alpha + T))
        last = geometric(random, random.beta(self.a, self.b + x + self.EXTRA))
        return np.minimum(random.poisson(rate * horizon), last)

    def _log_pmf(self, n: Floats, horizon: Floats) -> Floats:
        return self._formulas.log_pmf(n, horizon)
