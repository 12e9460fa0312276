"""The BG/BB model of Fader, Hardie & Shang (2010)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.bg_bb_likelihood import (
    BetaBernoulliObjective,
    Silences,
    log_alive_likelihood,
)
from crmanalytics.clv.btyd.bg_bb_outlook import (
    log_count_probability,
    probability_of_any,
    survived_opportunities,
)
from crmanalytics.clv.btyd.draws import geometric
from crmanalytics.clv.cells import count_cells
from crmanalytics.clv.grouping import group_rows
from crmanalytics.clv.special import log1pexp, times_probability
from crmanalytics.errors import ParameterError
from crmanalytics.persistence import register

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.discount_plan import DiscountPlan
    from crmanalytics.clv.cells import Cells

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["BGBB"]


@register("clv.BGBB")
@dataclass(frozen=True)
class BGBB(PurchaseModel):
    """Who still gives, attends or renews now and then, at countable opportunities? The BG/BB model.

    For purchases that can happen only at given opportunities, at most one each: a yearly appeal, a
    weekly shop, a cruise each season. A customer who is alive takes an opportunity with their own
    probability (beta-distributed: alpha, beta), and leaves for good before any of them with another
    (beta-distributed: gamma, delta).

    ``frequency`` counts the opportunities taken, ``recency`` is the number of the last one taken
    (0 for none), ``T`` the number of opportunities so far; horizons count opportunities to come.
    A unit, where there is one, is the time between opportunities. A fit's Hessian is a central
    difference of the analytic gradient.

    Parameters
    ----------
    alpha, beta : float
        Parameters of the distribution of purchase probabilities, with mean alpha / (alpha + beta).
    gamma, delta : float
        Parameters of the distribution of dropout probabilities, with mean gamma / (gamma + delta).
    unit : str, optional
        Time between opportunities: D, W, M or Y.

    References
    ----------
    Fader, Hardie & Shang (2010), Customer-base analysis in a discrete-time noncontractual setting.
    Marketing Science 29(6), 1086-1108: equations 5 (likelihood), 7 and 8 (new customers), 11
    (P(alive)), 13 (conditional expectation), 14 (DERT).

    Examples
    --------
    >>> from crmanalytics.datasets import load_donations
    >>> fit = BGBB.fit(load_donations(), weight="weight")
    >>> model = fit.model
    >>> [round(v, 3) for v in (model.alpha, model.beta, model.gamma, model.delta)]
    [1.204, 0.75, 0.657, 2.783]
    """

    alpha: float
    beta: float
    gamma: float
    delta: float

    # opportunities cannot be rounded to a grid, and their cells are few
    COARSE_CELLS: ClassVar[int] = sys.maxsize

    @property
    def _values(self) -> Floats:
        return np.array([self.alpha, self.beta, self.gamma, self.delta])

    @classmethod
    def _objective(cls, cells: Cells, settings: dict[str, Any]) -> BetaBernoulliObjective:  # noqa: ARG003 - this model has no settings
        return BetaBernoulliObjective(cells)

    @classmethod
    def _starts(cls, cells: Cells) -> list[Floats]:  # noqa: ARG003 - no times to scale by
        return [np.log(p) for p in ((1.0, 1.0, 0.5, 2.0), (1.0, 1.0, 1.0, 1.0), (0.5, 1, 0.2, 5))]

    @classmethod
    def _prior_centre(cls, cells: Cells) -> Floats:  # noqa: ARG003 - all four are shapes
        return np.zeros(4)

    def probability_alive_next(self, customers: Any) -> Any:  # noqa: ANN401 - any frame in, its Series out
        """Return the probability that each customer will still be there at the next opportunity.

        ``probability_alive`` is as of the last opportunity; the paper's P(alive) is this one.

        Parameters
        ----------
        customers : DataFrame or Cells
            frequency, recency, T.

        Returns
        -------
        Series
            Probabilities, on the frame's index.

        References
        ----------
        Fader, Hardie & Shang (2010), equation 11.

        Examples
        --------
        >>> import pandas as pd
        >>> model = BGBB(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783)
        >>> one = pd.DataFrame({"frequency": [4], "recency": [5], "T": [6]})
        >>> model.probability_alive(one).round(3).to_list()
        [0.749]
        >>> model.probability_alive_next(one).round(3).to_list()
        [0.697]
        """
        cells = count_cells(customers)
        stays = (self.delta + cells.T) / (self.gamma + self.delta + cells.T)
        both = self._times_alive(cells.frequency, cells.recency, cells.T, stays)
        return cells.spread(both, c.P_ALIVE)

    def _log_odds_dead(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return Silences.of(x, t_x, T).log_odds_dead(self._values)[0]

    def _log_likelihood(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        log_odds = self._log_odds_dead(x, t_x, T)
        return log_alive_likelihood(self._values, x, T) + log1pexp(log_odds)

    def _alive(self, x: Floats, t_x: Floats, T: Floats) -> Floats:
        return np.exp(-log1pexp(self._log_odds_dead(x, t_x, T)))

    def _log_count_if_alive(
        self,
        x: Floats,
        t_x: Floats,  # noqa: ARG002 - whoever is alive at T has had T opportunities
        T: Floats,
        n: Floats,
        horizon: float,
    ) -> Floats:
        cases = group_rows(x, T, n)
        taken, past, count = cases.columns
        known = np.array(
            [
                self.alpha + taken,
                self.beta + past - taken,
                np.full(len(past), self.gamma),
                self.delta + past,
            ]
        )
        values = log_count_probability(known, count, np.full(len(count), horizon))
        return np.asarray(values[cases.codes])

    def _expected_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        lives = survived_opportunities(self.gamma, self.delta + T, horizon)
        return self._mean_probability(x, T) * lives

    def _active_if_alive(self, x: Floats, T: Floats, horizon: Floats) -> Floats:
        purchase = self.alpha + x, self.beta + T - x
        return probability_of_any(purchase, (self.gamma, self.delta + T), horizon)

    def _expected_new(self, horizon: Floats) -> Floats:
        return self._expected_if_alive(np.zeros(1), np.zeros(1), horizon)

    def _log_pmf(self, n: Floats, horizon: Floats) -> Floats:
        return log_count_probability(self._values, n, horizon)

    def _times_alive(self, x: Floats, t_x: Floats, T: Floats, values: Floats) -> Floats:
        return times_probability(values, -log1pexp(self._log_odds_dead(x, t_x, T)))

    def _discounted_if_alive(self, x: Floats, T: Floats, plan: DiscountPlan) -> Floats:
        # purchases are made at the opportunity, the end of its period, unless paid for sooner
        sooner = {"start": 1.0, "middle": 0.5}.get(plan.timing, 0.0)
        lives = survived_opportunities(self.gamma, self.delta + T, plan.horizon, plan.delta)
        return np.asarray(self._mean_probability(x, T) * lives * np.exp(sooner * plan.delta))

    def _draw_purchases(self, random: np.random.Generator, T: Floats) -> tuple[Codes, Floats]:
        if (T % 1).any():
            raise ParameterError(f"T must be a whole number of opportunities, not {T.max():g}")
        buys = random.beta(self.alpha, self.beta, len(T))
        lives = geometric(random, random.beta(self.gamma, self.delta, len(T))) - 1
        seen = np.minimum(lives, T).astype(np.intp)
        who = np.repeat(np.arange(len(T)), seen)
        opportunity = np.arange(1, len(who) + 1) - np.repeat(np.cumsum(seen) - seen, seen)
        made = random.random(len(who)) < buys[who]
        return who[made], opportunity[made].astype(float)

    def _draw_future_if_alive(
        self,
        random: np.random.Generator,
        x: Floats,
        t_x: Floats,  # noqa: ARG002 - whoever is alive at T has had T opportunities
        T: Floats,
        horizon: float,
    ) -> Floats:
        buys = random.beta(self.alpha + x, self.beta + T - x)
        lives = geometric(random, random.beta(self.gamma, self.delta + T)) - 1
        seen = np.minimum(lives, horizon).astype(np.int64)
        return random.binomial(seen, buys).astype(float)

    def _mean_probability(self, x: Floats, T: Floats) -> Floats:
        return (self.alpha + x) / (self.alpha + self.beta + T)
