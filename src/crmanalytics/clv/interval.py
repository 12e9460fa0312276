"""Intervals for whatever a fitted model predicts."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import pandas as pd

from crmanalytics.clv.draws import Draws, with_parameters
from crmanalytics.errors import ParameterError
from crmanalytics.inference import check_level, normal_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from crmanalytics.clv.fit import Fit

    Floats = NDArray[np.float64]

__all__ = ["Scale", "interval"]

Scale = Literal["log", "logit", "identity"]
_STEP = 1e-4


def interval(
    prediction: Callable[..., Any],
    *evidence: Fit[Any] | Draws[Any],
    level: float = 0.95,
    scale: Scale = "log",
) -> pd.DataFrame:
    """Return a prediction with its interval, as uncertain as the model's parameters make it.

    The interval is for the model's expectation or probability, not for what one customer will do:
    for that, draw futures with ``model.simulate_future``.

    Parameters
    ----------
    prediction : callable
        Takes one model per piece of evidence and returns a Series, an array or a number.
    *evidence : Fit or Draws
        Fits: the delta method, from their covariance matrices. Draws of a bootstrap or a sampler:
        percentiles. Several pieces are taken to be independent of each other.
    level : float
        Confidence level.
    scale : {"log", "logit", "identity"}
        For the delta method: the scale on which the interval is symmetric. Logarithm suits what is
        positive, logit suits probabilities.

    Returns
    -------
    DataFrame
        estimate, standard_error, low, high; one row per value, on the prediction's index.

    Raises
    ------
    ParameterError
        If fits and draws are mixed, or the level is none.

    References
    ----------
    Oehlert (1992), A note on the delta method. The American Statistician 46(1), 27-29.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> customers = crm.datasets.load_cdnow_summary()
    >>> fit = crm.clv.BGNBD.fit(customers)
    >>> table = crm.clv.interval(lambda m: m.expected_purchases(customers, 39), fit)
    >>> table.head(2).round(2)
       estimate  standard_error   low  high
    0      1.23            0.05  1.14  1.32
    1      0.20            0.02  0.17  0.25
    """
    check_level(level)
    if scale not in get_args(Scale):
        raise ParameterError(f"scale must be one of {get_args(Scale)}, not {scale!r}")
    if not evidence:
        raise ParameterError("interval needs the Fit or Draws of each model in the prediction")
    centre = prediction(*(piece.model for piece in evidence))
    index = centre.index if isinstance(centre, pd.Series) else None
    estimate = _values(centre)
    if all(isinstance(piece, Draws) for piece in evidence):
        table = _percentiles(prediction, estimate, evidence, level)
    elif any(isinstance(piece, Draws) for piece in evidence):
        raise ParameterError("give either fits (delta method) or draws (percentiles), not both")
    else:
        table = _delta(prediction, estimate, evidence, level, scale)
    return pd.DataFrame(table, index=index)


def _values(prediction: Any) -> Floats:  # noqa: ANN401 - Series, array or number
    return np.atleast_1d(np.asarray(prediction, dtype=float))


def _delta(
    prediction: Callable[..., Any],
    estimate: Floats,
    fits: Sequence[Any],
    level: float,
    scale: Scale,
) -> dict[str, Floats]:
    variance = np.zeros_like(estimate)
    models = [fit.model for fit in fits]
    for place, fit in enumerate(fits):
        gradient = _gradient(prediction, models, place)
        values = np.array([getattr(fit.model, name) for name in fit.model.parameter_names()])
        covariance = np.array(fit.covariance_matrix) / np.outer(values, values)
        variance += np.einsum("in,ij,jn->n", gradient, covariance, gradient)
    error = np.sqrt(np.maximum(variance, 0))
    low, high = _bounds(estimate, error, level, scale)
    return {"estimate": estimate, "standard_error": error, "low": low, "high": high}


def _gradient(prediction: Callable[..., Any], models: list[Any], place: int) -> Floats:
    """Return the derivatives by one model's log-parameters, by central differences."""
    model = models[place]
    rows = []
    for name in model.parameter_names():
        sides = []
        for sign in (1, -1):
            value = getattr(model, name) * np.exp(sign * _STEP)
            moved = [*models]
            moved[place] = with_parameters(model, {name: value})
            sides.append(_values(prediction(*moved)))
        rows.append((sides[0] - sides[1]) / (2 * _STEP))
    return np.array(rows)


def _bounds(estimate: Floats, error: Floats, level: float, scale: Scale) -> tuple[Floats, Floats]:
    if scale == "identity":
        return normal_interval(estimate, error, level)
    slope = estimate if scale == "log" else estimate * (1 - estimate)
    inside = (slope > 0) & (error > 0)
    middle = estimate[inside]
    centre = np.log(middle) if scale == "log" else np.log(middle) - np.log1p(-middle)
    ends = normal_interval(centre, error[inside] / slope[inside], level)
    bounds = []
    for end in ends:
        side = estimate.copy()  # what does not vary, such as a probability of 1, is its own bound
        side[inside] = np.exp(end) if scale == "log" else 1 / (1 + np.exp(-end))
        bounds.append(side)
    return bounds[0], bounds[1]


def _percentiles(
    prediction: Callable[..., Any], estimate: Floats, draws: Sequence[Any], level: float
) -> dict[str, Floats]:
    count = min(len(piece) for piece in draws)
    sample = np.array(
        [_values(prediction(*models)) for models in islice(zip(*draws, strict=False), count)]
    )
    low, high = np.quantile(sample, [(1 - level) / 2, (1 + level) / 2], axis=0)
    error = sample.std(axis=0, ddof=1)
    return {"estimate": estimate, "standard_error": error, "low": low, "high": high}
