"""Does a contractual model fit? Departures seen and expected, renewal by renewal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.clv.contractual.histories import from_cohorts, from_customers
from crmanalytics.clv.fit import the_model
from crmanalytics.frames import column_names

if TYPE_CHECKING:
    from crmanalytics.clv.contractual.base import ContractualModel
    from crmanalytics.clv.contractual.histories import Histories
    from crmanalytics.clv.fit import Fit

__all__ = ["retention_check"]


def retention_check(
    frame: Any,  # noqa: ANN401 - any frame
    model: ContractualModel | Fit[ContractualModel],
    *,
    weight: str | None = None,
) -> pd.DataFrame:
    """Return how many customers left at each renewal, beside how many the model expected to.

    Parameters
    ----------
    frame : DataFrame
        Survivors of cohorts (period, survivors), or customers (renewals, churned): the data fitted
        to, or later data to test the projection on.
    model : model or Fit
        A contractual model.
    weight : str, optional
        Of customers: column with the number of customers that a row stands for.

    Returns
    -------
    DataFrame
        One row per renewal: facing (customers who came to it), churned, expected_churned,
        retention_rate, expected_retention_rate, and residual: churned less expected, in standard
        deviations of a binomial count. Residuals of one sign in a row, or several beyond 2, say
        that the model does not fit.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.clv import BetaDiscreteWeibull, ShiftedBetaGeometric
    >>> survivors = [1000, 869, 743, 653, 593, 551, 517, 491]
    >>> cohort = pd.DataFrame({"period": range(8), "survivors": survivors})
    >>> for model in (ShiftedBetaGeometric, BetaDiscreteWeibull):
    ...     print(retention_check(cohort, model.fit_cohorts(cohort))["residual"].round(1).to_list())
    [-1.6, 2.1, 1.6, 0.2, -0.7, -0.8, -1.3]
    [0.0, -0.3, 0.5, 0.1, -0.3, -0.0, -0.3]
    """
    told = column_names(frame)
    histories = from_cohorts(frame) if c.SURVIVORS in told else from_customers(frame, weight)
    period, facing, churned = _by_renewal(histories)
    expected = the_model(model).retention_rate(period)
    left = facing * (1 - expected)
    table = {
        "facing": facing,
        c.CHURNED: churned,
        "expected_churned": left,
        "retention_rate": 1 - churned / facing,
        "expected_retention_rate": expected,
        "residual": (churned - left) / np.sqrt(left * expected),
    }
    return pd.DataFrame(table, index=pd.Index(period.astype(np.int64), name=c.PERIOD))


def _by_renewal(histories: Histories) -> tuple[Any, Any, Any]:
    last = histories.renewals_faced
    period = histories.period.astype(np.int64)
    ended = np.bincount(period, weights=histories.weight, minlength=last + 1)
    left = np.bincount(period, weights=histories.weight * histories.churned, minlength=last + 1)
    facing = np.cumsum(ended[::-1])[::-1]
    return np.arange(1.0, last + 1), facing[1:].astype(float), left[1:].astype(float)
