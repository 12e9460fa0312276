"""Survival and retention over time, with their intervals."""

from __future__ import annotations

from operator import methodcaller
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.clv.contractual.base import ContractualModel
from crmanalytics.clv.interval import interval

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from crmanalytics.clv.fit import Fit

__all__ = ["retention_curves"]

M = TypeVar("M", bound=ContractualModel)


def retention_curves(fit: Fit[M], periods: ArrayLike, *, level: float = 0.95) -> pd.DataFrame:
    """Return survival and retention rates over time with their intervals.

    Parameters
    ----------
    fit : Fit
        A fitted contractual model.
    periods : array_like
        Renewals, from 1.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row per renewal: survival and retention_rate, each with _low and _high (delta method,
        symmetric in the logit).

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.clv import ShiftedBetaGeometric
    >>> survivors = [1000, 869, 743, 653, 593, 551, 517, 491]
    >>> fit = ShiftedBetaGeometric.fit_cohorts(
    ...     pd.DataFrame({"period": range(8), "survivors": survivors})
    ... )
    >>> curves = retention_curves(fit, [1, 12]).round(3).reset_index()
    >>> curves[["period", "survival", "survival_low", "survival_high"]]
       period  survival  survival_low  survival_high
    0       1     0.851         0.831          0.868
    1      12     0.378         0.341          0.417
    """
    periods = np.atleast_1d(np.asarray(periods))
    columns = {}
    for name in ("survival", "retention_rate"):
        curve = interval(methodcaller(name, periods), fit, scale="logit", level=level)
        columns[name] = curve["estimate"].to_numpy()
        columns[f"{name}_low"] = curve["low"].to_numpy()
        columns[f"{name}_high"] = curve["high"].to_numpy()
    return pd.DataFrame(columns, index=pd.Index(periods, name=c.PERIOD))
