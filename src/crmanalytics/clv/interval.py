"""Intervals for whatever a fitted model predicts."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from scipy.special import expit

from crmanalytics.clv.coordinates import coordinate_covariance, coordinates, estimates_at
from crmanalytics.clv.draws import Draws
from crmanalytics.errors import ParameterError
from crmanalytics.inference import check_level, normal_interval
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from crmanalytics.clv.fit import Fit

    Floats = NDArray[np.float64]

__all__ = ["Scale", "interval"]

Scale = Literal["log", "logit", "identity"]
_STEP = 1e-4  # in log-parameters: a central difference errs by the order of its square
_SHARE = 1e-2  # of a standard error, where that is less: coefficients may be small numbers
_FEWEST_DRAWS = 2
_RANGES: Final = {"log": (0.0, np.inf), "logit": (0.0, 1.0), "identity": (-np.inf, np.inf)}
_BACK: Final[dict[str, Callable[[Floats], Floats]]] = {
    "log": np.exp,
    "logit": expit,
    "identity": np.positive,
}


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
        Takes one model per piece of evidence and returns a Series, an array or a number. It is
        called many times: count the cells of its customers once, outside.
    *evidence : Fit or Draws
        Fits: the delta method, from their covariance matrices. Draws of a bootstrap or a sampler:
        percentiles. Several pieces are taken to be independent of each other.
    level : float
        Confidence level.
    scale : {"log", "logit", "identity"}
        For the delta method: the scale on which the interval is symmetric. Logarithm suits what is
        positive, logit suits probabilities; the bounds never leave the possible values.

    Returns
    -------
    DataFrame
        estimate, standard_error, low, high; one row per value, on the prediction's index. Where an
        expectation is infinite, at the estimate or close by, the standard error is infinite too,
        and the interval of the delta method spans all possible values.

    Raises
    ------
    ParameterError
        If fits and draws are mixed, predictions are impossible on the scale, there are fewer than
        two draws, or the level is none.

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
    one_of("scale", scale, get_args(Scale))
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
    _check_scale(estimate, scale)
    variance = np.zeros_like(estimate)
    models = [fit.model for fit in fits]
    for place, fit in enumerate(fits):
        covariance = coordinate_covariance(fit.model, fit.covariance_matrix)
        steps = np.minimum(_STEP, _SHARE * np.sqrt(np.diag(covariance)))
        gradient = _gradient(prediction, models, place, steps)
        variance += _variance(gradient, covariance)
    error = np.sqrt(np.maximum(variance, 0))
    low, high = _bounds(estimate, error, level, scale)
    return {"estimate": estimate, "standard_error": error, "low": low, "high": high}


def _check_scale(estimate: Floats, scale: Scale) -> None:
    lowest, highest = _RANGES[scale]
    outside = (estimate < lowest) | (estimate > highest)
    if outside.any():
        raise ParameterError(
            f"on the {scale} scale predictions must lie between {lowest:g} and {highest:g}: "
            f"{int(outside.sum()):,} do not (first: {estimate[outside][:3].tolist()}). "
            "Choose scale='identity'."
        )


def _gradient(
    prediction: Callable[..., Any], models: list[Any], place: int, steps: Floats
) -> Floats:
    """Return the derivatives by one model's coordinates, by central differences.

    They are infinite where the prediction is, at the estimate or a small step beside it.
    """
    model = models[place]
    at, names = coordinates(model), list(model.estimates())
    rows = []
    for i, step in enumerate(steps):
        sides = []
        for sign in (1, -1):
            there = at + sign * step * (np.arange(len(at)) == i)
            moved = [*models]
            moved[place] = model.replaced({names[i]: estimates_at(model, there)[i]})
            sides.append(_values(prediction(*moved)))
        finite = np.isfinite(sides[0]) & np.isfinite(sides[1])
        up, down = (np.where(finite, side, 0.0) for side in sides)
        rows.append(np.where(finite, (up - down) / (2 * step), np.inf))
    return np.array(rows)


def _variance(gradient: Floats, covariance: Floats) -> Floats:
    known = np.isfinite(gradient).all(axis=0)
    variance = np.full(gradient.shape[1], np.inf)
    inside = gradient[:, known]
    variance[known] = np.einsum("in,ij,jn->n", inside, covariance, inside)
    return variance


def _bounds(estimate: Floats, error: Floats, level: float, scale: Scale) -> tuple[Floats, Floats]:
    if scale == "identity":
        slope, centre = np.ones_like(estimate), estimate
    else:
        slope = estimate if scale == "log" else estimate * (1 - estimate)
        centre = np.log(np.where(slope > 0, estimate, 1.0))
    unknown = ~np.isfinite(error)
    inside = (slope > 0) & (error > 0) & ~unknown
    centre = centre[inside]
    if scale == "logit":
        centre = centre - np.log1p(-estimate[inside])
    ends = normal_interval(centre, error[inside] / slope[inside], level)
    bounds = []
    for end, border in zip(ends, _RANGES[scale], strict=True):
        # what does not vary, such as a probability of 1, is its own bound
        side = np.where(unknown, border, estimate)
        with np.errstate(over="ignore"):  # an error far larger than its estimate
            side[inside] = _BACK[scale](end)
        bounds.append(side)
    return bounds[0], bounds[1]


def _percentiles(
    prediction: Callable[..., Any], estimate: Floats, draws: Sequence[Any], level: float
) -> dict[str, Floats]:
    count = min(len(piece) for piece in draws)
    if count < _FEWEST_DRAWS:
        raise ParameterError(f"an interval needs at least {_FEWEST_DRAWS} draws, not {count}")
    sample = np.array(
        [_values(prediction(*models)) for models in islice(zip(*draws, strict=False), count)]
    )
    # order statistics, which may be infinite, rather than means of two of them
    ends = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(sample, ends, axis=0, method="inverted_cdf")
    error = np.full(sample.shape[1], np.inf)
    finite = np.isfinite(sample).all(axis=0)
    error[finite] = sample[:, finite].std(axis=0, ddof=1)
    return {"estimate": estimate, "standard_error": error, "low": low, "high": high}
