"""The face that the BG/CNBD-k and the MBG/CNBD-k share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.beta_geometric_model import start_values
from crmanalytics.clv.btyd.draws import geometric, poisson_times
from crmanalytics.clv.btyd.regular_objective import RegularObjective
from crmanalytics.clv.btyd.regular_outlook import expected_regular_purchases, for_ever
from crmanalytics.clv.btyd.regular_timing import RegularTiming, events_at_least
from crmanalytics.clv.special import log_beta_ratio, log_poch
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
        odds = horizon / self.alpha
        survived = n + self.EXTRA
        last = np.maximum(survived - 1, 0)
        with np.errstate(divide="ignore"):
            stays = log_beta_ratio(self.a, self.b, survived) + self._log_between(n, odds)
            leaves = (
                log_beta_ratio(self.a, self.b, last)
                + np.log(self.a / (self.a + self.b + last))
                + np.log(events_at_least(n * self.k, np.full_like(n, self.r), odds))
            )
        return np.logaddexp(stays, np.where(survived > 0, leaves, -np.inf))

    def _log_between(self, n: Floats, odds: Floats) -> Floats:
        """Return log P(n k <= N < (n + 1) k) of a new customer's events."""
        events = n[:, None] * self.k + np.arange(self.k)
        share = np.where(odds > 0, odds / (1 + odds), 1.0)[:, None]
        logs = log_poch(self.r, events) - log_poch(1.0, events) + events * np.log(share)
        logs = np.where((odds[:, None] > 0) | (events == 0), logs, -np.inf)
        top = np.maximum(logs.max(axis=1), -1e300)
        total = np.log(np.exp(logs - top[:, None]).sum(axis=1)) + top
        return np.asarray(total - self.r * np.log1p(odds))

    def _log_count_if_alive(
        self, x: Floats, t_x: Floats, T: Floats, n: Floats, horizon: float
    ) -> Floats:
        shape, odds = self.r + self.k * x, horizon / (self.alpha + T)
        b = self.b + x + self.EXTRA
        survives = np.exp(log_poch(b, n) - log_poch(self.a + b, n))
        before = np.maximum(n - 1, 0)
        drops = np.exp(log_poch(b, before) - log_poch(self.a + b, before)) * self.a
        drops = np.where(n > 0, drops / (self.a + b + before), 0.0)
        phases = self._phases(x, t_x, T)
        total = np.zeros_like(x)
        for j in range(self.k):
            reached = events_at_least(n * self.k - j, shape + j, odds)
            more = events_at_least((n + 1) * self.k - j, shape + j, odds)
            total += phases[:, j] * ((reached - more) * survives + reached * drops)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(np.maximum(total, 0)))

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
