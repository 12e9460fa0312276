"""The face that the BG/CNBD-k and the MBG/CNBD-k share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.beta_geometric_model import start_values
from crmanalytics.clv.btyd.draws import geometric, poisson_times
from crmanalytics.clv.btyd.regular_counts import log_regular_count, log_total
from crmanalytics.clv.btyd.regular_objective import RegularObjective
from crmanalytics.clv.btyd.regular_outlook import expected_regular_purchases, for_ever
from crmanalytics.clv.btyd.regular_timing import RegularTiming, events_at_least
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["RegularModel"]


@dataclass(frozen=True)
class RegularModel(PurchaseModel):
    """Erlang-k times between purchases, beta-distributed dropout after purchases."""

    r: float
    alpha: float
    a: float
    b: float
    k: int = field(default=2, kw_only=True)

    EXTRA: ClassVar[int]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.k, int) or isinstance(self.k, bool) or self.k < 1:
            raise ParameterError(f"k must be a whole number of at least 1, not {self.k!r}")

    @property
    def _formulas(self) -> RegularTiming:
        return RegularTiming(self.r, self.alpha, self.a, self.b, self.k, self.EXTRA)

    @classmethod
    def _objective(cls, cells: Cells, settings: dict[str, Any]) -> RegularObjective:
        k = cls(1.0, 1.0, 1.0, 1.0, **settings).k  # checks it
        return RegularObjective(cells, k, cls.EXTRA)

    @classmethod
    def _starts(cls, cells: Cells) -> list[Floats]:
        return start_values(cells)

    def _log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.log_likelihood(x, t_x, T)

    def _alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return np.asarray(1 / (1 + np.exp(np.minimum(self._log_odds_dead(x, t_x, T), 700.0))))

    def _log_odds_dead(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.log_odds_dead(x, t_x, T)

    def _phases(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return self._formulas.phases(x, t_x, T)

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        survived = self.b + x + self.EXTRA
        if np.isinf(horizon).any():
            return np.repeat(for_ever(self.a, survived)[:, None], self.k, axis=1)
        odds = np.broadcast_to(horizon / (self.alpha + T), x.shape)
        columns = [
            expected_regular_purchases(self.r + self.k * x + j, odds, j, self.k, (self.a, survived))
            for j in range(self.k)
        ]
        return np.stack(columns, axis=1)

    def _active_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        odds = np.broadcast_to(horizon / (self.alpha + T), x.shape)
        shape = self.r + self.k * x
        columns = [
            events_at_least(np.full_like(x, self.k - j), shape + j, odds) for j in range(self.k)
        ]
        return np.stack(columns, axis=1)

    def _expected_new(self, horizon: Floats) -> Floats:
        zeros = np.zeros_like(horizon)
        stays = self.b / (self.a + self.b) if self.EXTRA else 1.0
        return np.asarray(stays * self._expected_if_alive(zeros, zeros, horizon)[:, 0])

    def _log_pmf(self, n: Floats, horizon: Floats) -> Floats:
        events = np.full(n.shape, self.r), horizon / self.alpha
        dropout = self.a, np.full(n.shape, self.b)
        return log_regular_count(n, events, dropout, 0, k=self.k, extra=self.EXTRA)

    def _log_count_if_alive(
        self, x: Floats, t_x: Floats, T: Floats, n: Floats, horizon: float
    ) -> Floats:
        shape, odds = self.r + self.k * x, horizon / (self.alpha + T)
        dropout = self.a, self.b + x + self.EXTRA
        phases = self._formulas.log_probable_phases(x, t_x, T)
        logs = [
            phases[:, j] + log_regular_count(n, (shape + j, odds), dropout, j, k=self.k)
            for j in range(self.k)
        ]
        return log_total(np.stack(logs, axis=1))

    def _draw_purchases(self, random: np.random.Generator, T: Floats) -> tuple[Codes, Floats]:
        rate = random.gamma(self.r, 1 / self.alpha, len(T))
        last = geometric(random, random.beta(self.a, self.b, len(T))) - self.EXTRA
        who, time, rank = poisson_times(random, rate, T)
        purchase, rest = np.divmod(rank + 1, self.k)
        made = (rest == 0) & (purchase <= last[who])
        return who[made], time[made]

    def _draw_future_if_alive(
        self, random: np.random.Generator, x: Floats, t_x: Floats, T: Floats, horizon: float
    ) -> Floats:
        reached = np.cumsum(self._phases(x, t_x, T), axis=1)
        phase = (random.random(len(x))[:, None] > reached[:, :-1]).sum(axis=1)
        rate = random.gamma(self.r + self.k * x + phase, 1 / (self.alpha + T))
        last = geometric(random, random.beta(self.a, self.b + x + self.EXTRA))
        events = random.poisson(rate * horizon) + phase
        return np.asarray(np.minimum(events // self.k, last), dtype=float)
