"""The Pareto/NBD model of Schmittlein, Morrison & Colombo (1987)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.draws import lifetimes, poisson_times
from crmanalytics.clv.btyd.pareto_likelihood import (
    ParetoObjective,
    log_alive_likelihood,
    log_odds_dead,
)
from crmanalytics.clv.btyd.pareto_outlook import (
    discounted_lifetime,
    expected_lifetime,
    log_count_probability,
)
from crmanalytics.clv.btyd.race import Racer, log_first
from crmanalytics.clv.grouping import group_rows
from crmanalytics.clv.special import log1pexp, times_probability
from crmanalytics.persistence import register

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.discount_plan import DiscountPlan
    from crmanalytics.clv.cells import Cells
    from crmanalytics.clv.fitting import Objective

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["ParetoNBD"]


@register("clv.ParetoNBD")
@dataclass(frozen=True)
class ParetoNBD(PurchaseModel):
    """Who is still a customer, and how much will they buy? The Pareto/NBD model.

    Customers buy at random at their own rate until they leave for good, which may happen at any
    moment, at a rate of their own too. Purchase rates follow a gamma distribution (shape r, rate
    alpha), leaving rates another one (shape s, rate beta).

    Parameters
    ----------
    r : float
        Shape of the distribution of purchase rates: small means very unequal customers.
    alpha : float
        Its rate, in the time unit of the data; r / alpha is the mean purchase rate.
    s : float
        Shape of the distribution of leaving rates.
    beta : float
        Its rate, in the time unit of the data; s / beta is the mean leaving rate.
    unit : str, optional
        Time unit: D, W, M or Y.

    References
    ----------
    Schmittlein, Morrison & Colombo (1987), Counting your customers: who are they and what will they
    do next? Management Science 33(1), 1-24, equations 11 to 13 (P(alive)) and 22 (expectation).
    Fader & Hardie (2005), A note on deriving the Pareto/NBD model and related expressions. Fader,
    Hardie & Lee (2005), RFM and CLV, Journal of Marketing Research 42(4), equation 2 (DERT).

    Examples
    --------
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> fit = ParetoNBD.fit(load_cdnow_summary())
    >>> model = fit.model
    >>> [round(v, 2) for v in (model.r, model.alpha, model.s, model.beta)]
    [0.55, 10.58, 0.61, 11.67]
    """

    r: float
    alpha: float
    s: float
    beta: float

    @property
    def _values(self) -> Floats:
        return np.array(np.broadcast_arrays(self.r, self.alpha, self.s, self.beta))

    @classmethod
    def _objective(cls, cells: Cells, settings: dict[str, Any]) -> Objective:  # noqa: ARG003 - this model has no settings
        return ParetoObjective(cells)

    @classmethod
    def _starts(cls, cells: Cells) -> list[Floats]:
        time = float(np.average(cells.T, weights=cells.weight)) or 1.0
        shapes = ((0.5, 0.3, 0.6, 0.3), (1.0, 1.0, 1.0, 1.0), (2.0, 0.5, 0.2, 1.0))
        return [np.log([r, alpha * time, s, beta * time]) for r, alpha, s, beta in shapes]

    def _log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        log_odds = log_odds_dead(self._values, x, t_x, T)
        return log_alive_likelihood(self._values, x, T) + log1pexp(log_odds)

    def _alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return np.exp(-log1pexp(log_odds_dead(self._values, x, t_x, T)))

    def _log_odds_dead(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return log_odds_dead(self._values, x, t_x, T)

    def _log_count_if_alive(
        self,
        x: Floats,
        t_x: Floats,  # noqa: ARG002 - a Poisson process does not remember
        T: Floats,
        n: Floats,
        horizon: float,
    ) -> Floats:
        cases = group_rows(self.r + x, self.alpha + T, self.beta + T, n)
        r, alpha, beta, count = cases.columns
        purchase, death = Racer(r, alpha), Racer(self.s, beta)
        values = log_count_probability(count, np.full(len(count), horizon), purchase, death)
        return np.asarray(values[cases.codes])

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        return self._mean_rate(x, T) * expected_lifetime(self.s, self.beta + T, horizon)

    def _active_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        purchase, death = Racer(self.r + x, self.alpha + T), Racer(self.s, self.beta + T)
        return np.exp(log_first(purchase, death, horizon))

    def _expected_new(self, horizon: Floats) -> Floats:
        return self._expected_if_alive(np.zeros(1), np.zeros(1), horizon)

    def _log_pmf(self, n: Floats, horizon: Floats) -> Floats:
        purchase, death = Racer(self.r, self.alpha), Racer(self.s, self.beta)
        return log_count_probability(n, horizon, purchase, death)

    def _times_alive(self, x: Floats, t_x: Floats, T: Floats, values: Floats) -> Floats:
        log_odds = log_odds_dead(self._values, x, t_x, T)
        return times_probability(values, -log1pexp(log_odds))

    def _discounted_if_alive(self, x: Floats, T: Floats, plan: DiscountPlan) -> Floats:
        if plan.timing != "continuous":
            return super()._discounted_if_alive(x, T, plan)
        living = discounted_lifetime(self.s, self.beta + T, plan.horizon, plan.delta)
        return self._mean_rate(x, T) * living

    def _draw_purchases(self, random: np.random.Generator, T: Floats) -> tuple[Codes, Floats]:
        rate = random.gamma(self.r, 1 / self.alpha, len(T))
        leaving = random.gamma(self.s, 1 / self.beta, len(T))
        who, time, _ = poisson_times(random, rate, np.minimum(T, lifetimes(random, leaving)))
        return who, time

    def _draw_future_if_alive(
        self,
        random: np.random.Generator,
        x: Floats,
        t_x: Floats,  # noqa: ARG002 - a Poisson process does not remember
        T: Floats,
        horizon: float,
    ) -> Floats:
        rate = random.gamma(self.r + x, 1 / (self.alpha + T))
        leaving = random.gamma(self.s, 1 / (self.beta + T), len(T))
        span = np.minimum(horizon, lifetimes(random, leaving))
        return random.poisson(rate * span).astype(float)

    def _mean_rate(self, x: Floats, T: Floats) -> Floats:
        return (self.r + x) / (self.alpha + T)
