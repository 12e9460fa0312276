"""The beta-discrete-Weibull model of Fader, Hardie, Liu, Davin & Steenburgh (2018)."""

from __future__ import annotations

from dataclasses import dataclass

from crmanalytics.clv.contractual.base import ContractualModel
from crmanalytics.persistence import register

__all__ = ["BetaDiscreteWeibull"]


@register("clv.BetaDiscreteWeibull")
@dataclass(frozen=True)
class BetaDiscreteWeibull(ContractualModel):
    """How many customers will renew, if loyalty itself may grow or wear out? The BdW model.

    Like the shifted-beta-geometric, but a customer's own inclination to leave may fall (c < 1) or
    rise (c > 1) with the length of the relationship; c = 1 is the shifted-beta-geometric.

    Parameters
    ----------
    alpha, beta : float
        Parameters of the distribution of the probability of leaving at the first renewal, whose
        mean is alpha / (alpha + beta).
    c : float
        Duration dependence: a customer with probability p makes t renewals with probability
        (1 - p)^(t^c).

    References
    ----------
    Fader, Hardie, Liu, Davin & Steenburgh (2018), "How to project customer retention" revisited:
    the role of duration dependence. Journal of Interactive Marketing 43, 1-16.

    Examples
    --------
    >>> import pandas as pd
    >>> survivors = [1000, 869, 743, 653, 593, 551, 517, 491]
    >>> fit = BetaDiscreteWeibull.fit_cohorts(
    ...     pd.DataFrame({"period": range(8), "survivors": survivors})
    ... )
    >>> [round(value, 3) for value in (fit.model.alpha, fit.model.beta, fit.model.c)]
    [0.214, 1.427, 1.724]
    """

    c: float

    @property
    def _duration_dependence(self) -> float:
        return self.c
