"""Importance and performance of attributes, in a sample and in samples drawn again together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.satisfaction.importance import LINEAR
from crmanalytics.satisfaction.moments import correlations, moments, moments_redrawn, sound
from crmanalytics.satisfaction.resampling import redrawn, units_of
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.satisfaction.resampling import Units

    Floats = NDArray[np.float64]

__all__ = ["Ask", "Spots", "spots_of"]


@dataclass(frozen=True)
class Ask:
    """Which columns say what, and how often to draw again.

    Parameters
    ----------
    performance : mapping of str to str
        Attribute to its column.
    importance : mapping of str to str, or None
        Attribute to its column.
    outcome : str or None
        Column to derive importance from.
    method : str
        How to derive it.
    draws, seed : int
        Samples, and the seed of the random numbers.
    """

    performance: Mapping[str, str]
    importance: Mapping[str, str] | None
    outcome: str | None
    method: str
    draws: int
    seed: int

    def __post_init__(self) -> None:
        if self.outcome is not None:
            one_of("method", self.method, LINEAR)

    @property
    def columns(self) -> list[str]:
        """Return all columns of answers, those of performance first."""
        stated = [self.importance[name] for name in self.performance] if self.importance else []
        derived = [self.outcome] if self.outcome else []
        return list(dict.fromkeys([*self.performance.values(), *stated, *derived]))

    def answered(self, sample: Sample, place: int) -> dict[str, NDArray[np.bool_]]:
        """Return which rows say something about an attribute's importance and performance."""
        attribute, column = list(self.performance.items())[place]
        rated = ~np.isnan(sample.answers(column))
        if self.importance is not None:
            stated = ~np.isnan(sample.answers(self.importance[attribute]))
            return {"performance": rated, "importance": stated}
        whole = [~np.isnan(sample.answers(name)) for name in self.columns]
        return {"performance": rated, "importance": np.asarray(np.logical_and.reduce(whole))}


@dataclass(frozen=True, eq=False)
class Spots:
    """Where the attributes of a group lie.

    Parameters
    ----------
    importance, performance : ndarray of shape (attributes,)
        Of the sample.
    importance_drawn, performance_drawn : ndarray of shape (draws, attributes)
        Of the same samples drawn again.
    reason : str, optional
        Why importance is missing.
    """

    importance: Floats
    performance: Floats
    importance_drawn: Floats
    performance_drawn: Floats
    reason: str | None = None


def spots_of(sample: Sample, group: int, ask: Ask) -> Spots:
    """Return importance and performance of a group, with those of samples drawn again.

    Parameters
    ----------
    sample : Sample
        The sample.
    group : int
        Which group.
    ask : Ask
        What is asked.

    Returns
    -------
    Spots
        Missing for attributes without answers.

    Raises
    ------
    InvalidValuesError
        If importance cannot be derived, since answers are few or too much alike; with groups that
        is a reason beside missing importance.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"p": [1.0, 3.0], "i": [5.0, 5.0]}), ["p", "i"])
    >>> spots_of(sample, 0, Ask({"a": "p"}, {"a": "i"}, None, "lmg", 0, 0)).performance
    array([2.])
    """
    values = np.column_stack([sample.answers(name) for name in ask.columns])
    used = ~np.isnan(values).all(axis=1) & (sample.weight > 0)
    units = units_of(sample, group, np.asarray(used), values)
    rows, weight = values[units.rows], sample.weight[units.rows]
    if not len(rows):
        none, drawn = np.full(len(ask.performance), np.nan), np.empty((0, len(ask.performance)))
        return Spots(none, none, drawn, drawn)
    means, drawn = _means(rows, weight, units, ask)
    p = len(ask.performance)
    if ask.importance is not None:
        at = [ask.columns.index(ask.importance[name]) for name in ask.performance]
        return Spots(means[at], means[:p], drawn[:, at], drawn[:, :p])
    try:
        derived, again = _derived(rows, weight, units, ask)
    except InvalidValuesError as problem:
        if sample.groups.labels is None:
            raise
        lost = np.full((len(drawn), p), np.nan)
        return Spots(np.full(p, np.nan), means[:p], lost, drawn[:, :p], str(problem))
    return Spots(derived, means[:p], again, drawn[:, :p])


def _means(rows: Floats, weight: Floats, units: Units, ask: Ask) -> tuple[Floats, Floats]:
    """Return the means of each column, of those who answered it."""
    known = ~np.isnan(rows)
    parts = np.hstack([np.where(known, rows, 0.0), known]) * weight[:, None]
    if units.fraction is not None:
        size = len(units.stratum)
        sums = [np.bincount(units.of_row, weights=each, minlength=size) for each in parts.T]
        parts = np.column_stack(sums)
    blocks = [factors @ parts for factors in redrawn(units, ask.draws, ask.seed)]
    made = [_ratio(each) for each in (parts.sum(axis=0)[None], *blocks)]
    return made[0][0], np.concatenate([np.empty((0, rows.shape[1])), *made[1:]])


def _ratio(sums: Floats) -> Floats:
    up, base = np.hsplit(sums, 2)
    return np.asarray(up / np.where(base > 0, base, np.nan))


def _derived(rows: Floats, weight: Floats, units: Units, ask: Ask) -> tuple[Floats, Floats]:
    """Return what the performance of each attribute accounts for, of rows that are complete."""
    whole = np.asarray(~np.isnan(rows).any(axis=1))
    kept = np.where(whole, weight, 0.0)
    # rows that lack an answer stay with weight 0, so that the same samples are drawn as for means
    filled = np.where(whole[:, None], rows, 0.0)
    measure = LINEAR[ask.method]
    if whole.sum() < rows.shape[1] + 1:
        raise InvalidValuesError(f"survey has {whole.sum()} complete rows of a group: too few")
    correlation = correlations(moments(filled, kept)[1])
    if not sound(correlation[None])[0]:
        raise InvalidValuesError(
            "survey has a column that does not vary, or that others determine: importance cannot "
            f"be derived from {', '.join(ask.columns)}. Leave such attributes out."
        )
    made = [np.empty((0, rows.shape[1] - 1))]
    for _, covariance in moments_redrawn(filled, kept, units, ask.draws, ask.seed):
        again = correlations(covariance)
        fine = sound(again)
        again[~fine] = np.eye(rows.shape[1])
        made.append(np.where(fine[:, None], measure(again), np.nan))
    return measure(correlation), np.concatenate(made)
