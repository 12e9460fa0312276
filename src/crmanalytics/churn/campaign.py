"""A retention campaign that follows a score: what it brings and costs down to each score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.churn.envelope import BetaLaw, Envelope
from crmanalytics.churn.ranking import running
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.churn.envelope import Law
    from crmanalytics.churn.ranking import Amounts, Ranking, Scored

    Floats = NDArray[np.float64]

__all__ = ["Campaign", "Profit", "beta_law", "check_rate"]


@dataclass(frozen=True, repr=False)
class Profit(Shown):
    """What a score earns per customer of the base, beside what can be earned without it.

    Parameters
    ----------
    profit : float
        Profit per customer when the best cut of the score is chosen.
    target_rate : float
        Share of the customers to contact then.
    contact_all : float
        Profit per customer when everybody is contacted.
    without_model : float
        Profit per customer of a score that says nothing: everybody or nobody, whichever is better.
    contact_none : float
        Profit when nobody is contacted.

    Examples
    --------
    >>> found = Profit(profit=15.0, target_rate=0.6, contact_all=11.0, without_model=12.0)
    >>> found.over_all, found.over_none, found.over_no_model
    (4.0, 15.0, 3.0)
    """

    profit: float
    target_rate: float
    contact_all: float
    without_model: float
    contact_none: float = 0.0

    def _told(self) -> list[str]:
        return [f"Profit per customer, with {self.target_rate:.1%} of them contacted"]

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        earned = {
            "by this score": self.profit,
            "contacting everybody": self.contact_all,
            "contacting nobody": self.contact_none,
            "without a model": self.without_model,
        }
        return {"": pd.DataFrame({"profit": earned})}

    @property
    def over_all(self) -> float:
        """Gain over contacting everybody.

        Examples
        --------
        >>> Profit(14.0, 0.4, 9.0, 10.0).over_all
        5.0
        """
        return self.profit - self.contact_all

    @property
    def over_none(self) -> float:
        """Gain over contacting nobody.

        Examples
        --------
        >>> Profit(14.0, 0.4, 9.0, 10.0).over_none
        14.0
        """
        return self.profit - self.contact_none

    @property
    def over_no_model(self) -> float:
        """Gain over the better of the two: what the score itself is worth.

        Examples
        --------
        >>> Profit(14.0, 0.4, 9.0, 10.0).over_no_model
        4.0
        """
        return self.profit - self.without_model


@dataclass(frozen=True, eq=False)
class Campaign:
    """Running sums, from the highest score on, of what a campaign brings and costs.

    Parameters
    ----------
    benefit, cost, reached : ndarray of shape (steps + 1,)
        Per customer of the base: ``rate * benefit - cost`` is the profit when churners accept at
        that rate; and the share of customers contacted.
    """

    benefit: Floats
    cost: Floats
    reached: Floats

    @classmethod
    def of(cls, rows: Scored, amounts: Amounts, times: Floats | None = None) -> Campaign:
        """Add up value, offers and contacts over the rows, each counted so many times."""
        if not any(each.ndim for each in amounts):
            return cls.of_steps(rows.ranking(times), amounts)
        clv, offer, contact = amounts
        weight = rows.weight if times is None else rows.weight * times
        saved = weight * rows.churned * (clv - offer)
        spent = weight * (contact + (1.0 - rows.churned) * offer)
        sums = (running(rows.per_step(each)) for each in (saved, spent, weight))
        return cls(*(each / weight.sum() for each in sums))

    @classmethod
    def of_steps(cls, steps: Ranking, amounts: Amounts) -> Campaign:
        """Add up a campaign in which all customers have the same value and costs."""
        clv, offer, contact = (float(each) for each in amounts)
        found, reached = steps.found / steps.total, steps.reached / steps.total
        cost = (contact + offer) * reached - offer * found
        # rounding must not make a cost fall where more customers are contacted
        return cls((clv - offer) * found, np.maximum.accumulate(cost), reached)

    def measure(self, law: Law) -> Profit:
        """Return the expected profit of the best cuts, when acceptance follows a law."""
        ends = np.array([0, -1])
        everyone = [x[ends] for x in (self.benefit, self.cost, self.reached)]
        rate = float(law.moment(np.array([2.0]))[0])
        plain = Envelope.of(*everyone).mean(law)[0]
        profit, reached = Envelope.of(self.benefit, self.cost, self.reached).mean(law)
        return Profit(profit, reached, float(rate * self.benefit[-1] - self.cost[-1]), plain)

    def best(self, rate: float) -> Profit:
        """Return the profit of the best cut, when churners accept at one known rate."""
        earned = rate * self.benefit - self.cost
        top = int(np.argmax(earned))
        everyone = float(earned[-1])
        return Profit(float(earned[top]), float(self.reached[top]), everyone, max(everyone, 0.0))


def beta_law(acceptance: tuple[float, float]) -> BetaLaw:
    """Return the law of acceptance of this shape, or say why there is none.

    Examples
    --------
    >>> beta_law((6, 14))
    BetaLaw(alpha=6.0, beta=14.0)
    """
    try:
        alpha, beta = (float(each) for each in acceptance)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            "acceptance must be the two shapes (alpha, beta) of a beta distribution, not "
            f"{acceptance!r}; for one known rate use mpc"
        ) from error
    if not (0 < alpha < math.inf and 0 < beta < math.inf):
        raise ParameterError(f"acceptance must be two positive numbers, not {acceptance!r}")
    return BetaLaw(alpha, beta)


def check_rate(acceptance: float) -> float:
    """Return a rate of acceptance, or say why it is none.

    Examples
    --------
    >>> check_rate(0.3)
    0.3
    """
    if isinstance(acceptance, (tuple, list)) or not 0 <= acceptance <= 1:
        raise ParameterError(f"acceptance must be a share between 0 and 1, not {acceptance!r}")
    return float(acceptance)
