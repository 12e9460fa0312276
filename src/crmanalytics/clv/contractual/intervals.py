"""Intervals for what a fitted model predicts, by the delta method."""

from __future__ import annotations

from dataclasses import replace
from operator import methodcaller
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.clv.contractual.base import ContractualModel
from crmanalytics.errors import ParameterError
from crmanalytics.inference import check_level, delta_standard_errors, normal_interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.fit import Fit

    Floats = NDArray[np.float64]

__all__ = ["Scale", "prediction_interval", "retention_curves"]

M = TypeVar("M", bound=ContractualModel)
Scale = Literal["log", "logit"]
_SCALES: Final = ("log", "logit")
_STEP = 1e-4  # in log-parameters: the error of a central difference is of the order of its square


def prediction_interval(
    fit: Fit[M],
    predict: Callable[[M], Any],
    *,
    scale: Scale,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return any prediction of a fitted model with its standard error and interval.

    The interval speaks of the uncertainty of the parameters, not of how single customers scatter
    around their expectation.

    Parameters
    ----------
    fit : Fit
        A fitted contractual model.
    predict : callable
        Takes a model and returns a number, an array, or a Series, as the model's methods do.
    scale : {"log", "logit"}
        Where the interval is symmetric: "log" for positive numbers such as lifetimes, "logit" for
        probabilities. Its bounds never leave the possible values.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        estimate, standard_error, low, high: one row per predicted value, on the index of a
        predicted Series. Where an expectation is infinite, at the estimate or a small step beside
        it, the standard error is infinite and the interval spans all possible values.

    Raises
    ------
    ParameterError
        If the scale is unknown or the level is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.clv import ShiftedBetaGeometric
    >>> survivors = [1000, 869, 743, 653, 593, 551, 517, 491]
    >>> fit = ShiftedBetaGeometric.fit_cohorts(
    ...     pd.DataFrame({"period": range(8), "survivors": survivors})
    ... )
    >>> prediction_interval(
    ...     fit, lambda model: model.discounted_lifetime(discount_rate=0.1), scale="log"
    ... ).round(2)
       estimate  standard_error   low  high
    0      5.92            0.15  5.64  6.22
    """
    if scale not in _SCALES:
        raise ParameterError(f"scale must be 'log' or 'logit', not {scale!r}")
    check_level(level)
    found = predict(fit.model)
    estimate = _as_values(found)
    error = _standard_errors(fit, predict, len(estimate))
    low, high = _bounds(estimate, error, scale, level)
    return pd.DataFrame(
        {"estimate": estimate, c.STANDARD_ERROR: error, "low": low, "high": high},
        index=found.index if isinstance(found, pd.Series) else None,
    )


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
        predict = methodcaller(name, periods)
        curve = prediction_interval(fit, predict, scale="logit", level=level)
        columns[name] = curve["estimate"].to_numpy()
        columns[f"{name}_low"] = curve["low"].to_numpy()
        columns[f"{name}_high"] = curve["high"].to_numpy()
    return pd.DataFrame(columns, index=pd.Index(periods, name=c.PERIOD))


def _as_values(found: Any) -> Floats:  # noqa: ANN401 - a number, an array or a Series
    return np.asarray(found, dtype=float).reshape(-1)


def _standard_errors(fit: Fit[M], predict: Callable[[M], Any], size: int) -> Floats:
    names = fit.model.parameter_names()
    gradient = np.zeros((size, len(names)))
    for i, name in enumerate(names):
        value = getattr(fit.model, name)
        up, down = value * np.exp(_STEP), value * np.exp(-_STEP)
        above = _as_values(predict(replace(fit.model, **{name: up})))
        below = _as_values(predict(replace(fit.model, **{name: down})))
        finite = np.isfinite(above) & np.isfinite(below)
        change = np.where(finite, above, 1.0) - np.where(finite, below, 1.0)
        gradient[:, i] = np.where(finite, change / (up - down), np.inf)
    known = np.isfinite(gradient).all(axis=1)
    error = np.full(size, np.inf)
    error[known] = delta_standard_errors(gradient[known], np.array(fit.covariance_matrix))
    return error


def _bounds(estimate: Floats, error: Floats, scale: Scale, level: float) -> tuple[Floats, Floats]:
    inner = (estimate > 0) & np.isfinite(estimate) & np.isfinite(error)
    if scale == "logit":
        inner &= estimate < 1
    value, spread = np.where(inner, estimate, 0.5), np.where(inner, error, 0.0)
    rest = 1 - value if scale == "logit" else np.ones_like(value)
    middle, widest = np.log(value) - np.log(rest), np.inf if scale == "log" else 1.0
    low, high = normal_interval(middle, spread / (value * rest), level)
    if scale == "logit":
        low, high = 1 / (1 + np.exp(-low)), 1 / (1 + np.exp(-high))
    else:
        low, high = np.exp(low), np.exp(high)
    certain = np.isfinite(error)
    outside = np.where(certain, estimate, 0.0), np.where(certain, estimate, widest)
    return np.where(inner, low, outside[0]), np.where(inner, high, outside[1])
