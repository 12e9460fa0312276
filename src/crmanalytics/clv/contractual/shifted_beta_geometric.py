"""The shifted-beta-geometric model of Fader & Hardie (2007)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from crmanalytics.clv.contractual.base import ContractualModel
from crmanalytics.persistence import register

__all__ = ["ShiftedBetaGeometric"]


@register("clv.ShiftedBetaGeometric")
@dataclass(frozen=True)
class ShiftedBetaGeometric(ContractualModel):
    """How many customers will renew their contract, and how often? The sBG model.

    At each renewal a customer leaves with a probability of their own that never changes; these
    follow a beta distribution. A cohort's retention rate rises with time all the same, because
    customers with a high probability leave first.

    Parameters
    ----------
    alpha, beta : float
        Parameters of the distribution of leaving probabilities, whose mean is
        alpha / (alpha + beta). Both small: customers are of two extreme kinds; both large: alike.

    References
    ----------
    Fader & Hardie (2007), How to project customer retention. Journal of Interactive Marketing
    21(1), 76-90.
    Fader & Hardie (2010), Customer-base valuation in a contractual setting: the perils of ignoring
    heterogeneity. Marketing Science 29(1), 85-93.

    Examples
    --------
    >>> import pandas as pd
    >>> survivors = [1000, 869, 743, 653, 593, 551, 517, 491]
    >>> fit = ShiftedBetaGeometric.fit_cohorts(
    ...     pd.DataFrame({"period": range(8), "survivors": survivors})
    ... )
    >>> round(fit.model.alpha, 3), round(fit.model.beta, 3), round(fit.log_likelihood, 1)
    (0.668, 3.806, -1611.2)
    """

    @property
    def _duration_dependence(self) -> float:
        return 1.0

    def _ahead(self, start: float, rate: float, horizon: float) -> float:
        if rate == 0 and math.isinf(horizon):
            excess = self.alpha - 1
            return (excess + self.beta + start) / excess if excess > 0 else math.inf
        return super()._ahead(start, rate, horizon)
