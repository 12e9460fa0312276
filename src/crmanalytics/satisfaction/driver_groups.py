"""Relative importance of drivers within one group of a sample, and in samples drawn again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from crmanalytics.errors import ConvergenceError
from crmanalytics.satisfaction.importance import LINEAR, linear_r_squared
from crmanalytics.satisfaction.logit_importance import (
    johnson_logistic,
    pratt_logistic,
    subset_pseudo_r_squared,
)
from crmanalytics.satisfaction.moments import correlations, moments, moments_redrawn, sound
from crmanalytics.satisfaction.resampling import redrawn, units_of
from crmanalytics.satisfaction.subsets import added_first_and_last, average_added

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.satisfaction.resampling import Units

    Floats = NDArray[np.float64]

__all__ = ["Family", "Found", "Plan", "found_of"]

Family = Literal["linear", "logistic"]

_AT_ONCE = 4_000_000
#: What takes one logistic regression, on all drivers, and sums to a measure of its own.
_WHOLE: Final = {"johnson": johnson_logistic, "pratt": pratt_logistic}


@dataclass(frozen=True)
class Plan:
    """What to find out.

    Parameters
    ----------
    methods : tuple of str
        Measures of importance.
    family : {"linear", "logistic"}
        Kind of regression.
    r_squared : str
        What a logistic regression explains.
    draws, seed : int
        Samples to draw again, and the seed of the random numbers.
    """

    methods: tuple[str, ...]
    family: Family = "linear"
    r_squared: str = "mcfadden"
    draws: int = 0
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Found:
    """What was found of one group, or why nothing was.

    Parameters
    ----------
    estimates : ndarray of shape (methods, drivers)
        Shares.
    explained : ndarray of shape (methods,)
        What the shares sum to.
    replicates : ndarray of shape (draws, methods, drivers)
        Shares in samples drawn again.
    reason : str
        Why there are none.
    """

    estimates: Floats
    explained: Floats
    replicates: Floats
    reason: str = ""


def found_of(
    sample: Sample, group: int, values: Floats, answered: NDArray[np.bool_], plan: Plan
) -> Found:
    """Analyse one group of a sample.

    Parameters
    ----------
    sample : Sample
        The sample.
    group : int
        Which group.
    values : ndarray of shape (rows, drivers + 1)
        Answers, the outcome last.
    answered : ndarray of bool
        Rows that have all of them.
    plan : Plan
        What to do.

    Returns
    -------
    Found
        Estimates, or the reason why there are none.

    Raises
    ------
    ConvergenceError
        If a logistic regression has no finite coefficients, and there is one group.
    """
    used = answered & (sample.weight > 0)
    units = units_of(sample, group, used, values)
    rows, weight = values[units.rows], sample.weight[units.rows]
    shape = (len(plan.methods), values.shape[1] - 1)
    reason = _unusable(rows, weight)
    if not reason and plan.family == "linear":
        return _linear(rows, weight, units, plan)
    if not reason:
        try:
            return _logistic(rows, weight, units, plan)
        except ConvergenceError as error:
            if sample.groups.labels is None:
                raise
            reason = str(error).partition(",")[0]
    return Found(np.full(shape, np.nan), np.full(shape[0], np.nan), np.empty((0, *shape)), reason)


def _unusable(rows: Floats, weight: Floats) -> str:
    """Say why the answers of a group cannot be analysed; nothing where they can."""
    if len(rows) < rows.shape[1] + 1:
        return f"too few answers: {len(rows)}"
    covariance = moments(rows, weight)[1]
    spread = np.ptp(rows, axis=0)
    if (spread == 0).any():
        return "a column is constant"
    if not sound(correlations(covariance)[None])[0]:
        return "a driver is a combination of others"
    return ""


def _linear(rows: Floats, weight: Floats, units: Units, plan: Plan) -> Found:
    correlation = correlations(moments(rows, weight)[1])
    measures = [LINEAR[each] for each in plan.methods]
    p = rows.shape[1] - 1
    at_once = max(1, _AT_ONCE >> p) if "lmg" in plan.methods else _AT_ONCE
    parts = [np.empty((0, len(measures), p))]
    for _, covariance in moments_redrawn(rows, weight, units, plan.draws, plan.seed):
        again = correlations(covariance)
        whole = sound(again)
        again[~whole] = np.eye(p + 1)
        for start in range(0, len(again), at_once):
            some = again[start : start + at_once]
            made = np.stack([measure(some) for measure in measures], axis=1)
            made[~whole[start : start + at_once]] = np.nan
            parts.append(made)
    estimates = np.stack([measure(correlation) for measure in measures])
    explained = np.full(len(measures), float(linear_r_squared(correlation)))
    return Found(estimates, explained, np.concatenate(parts))


def _logistic(rows: Floats, weight: Floats, units: Units, plan: Plan) -> Found:
    estimates, explained = _logistic_measures(rows, weight, plan)
    made = [np.empty((0, *estimates.shape))]
    for block in redrawn(units, plan.draws, plan.seed):
        for factors in block:
            again = weight * factors[units.of_row]
            made.append(_logistic_again(rows[again > 0], again[again > 0], plan)[None])
    return Found(estimates, explained, np.concatenate(made))


def _logistic_again(rows: Floats, weight: Floats, plan: Plan) -> Floats:
    """Return the measures of a sample drawn again; missing, which is counted, where it has none."""
    none = np.full((len(plan.methods), rows.shape[1] - 1), np.nan)
    if _unusable(rows, weight):
        return none
    try:
        return _logistic_measures(rows, weight, plan)[0]
    except ConvergenceError:
        return none


def _logistic_measures(rows: Floats, weight: Floats, plan: Plan) -> tuple[Floats, Floats]:
    """Return what each driver explains, and all together, by each method."""
    weight = weight * (len(weight) / weight.sum())
    columns, outcome = rows[:, :-1], rows[:, -1]
    made: dict[str, tuple[Floats, float]] = {}
    if set(plan.methods) - set(_WHOLE):
        explained = subset_pseudo_r_squared(columns, outcome, weight, plan.r_squared)
        whole = float(explained[-1])
        alone, final = added_first_and_last(explained)
        made = {
            "lmg": (average_added(explained), whole),
            "first": (alone, whole),
            "last": (final, whole),
        }
    for name in set(plan.methods) & set(_WHOLE):
        shares = _WHOLE[name](columns, outcome, weight)
        made[name] = (shares, float(shares.sum()))
    pairs = [made[each] for each in plan.methods]
    return np.stack([each[0] for each in pairs]), np.array([each[1] for each in pairs])
