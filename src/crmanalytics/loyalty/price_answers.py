"""Answers to the four questions of the price meter, checked, and their curves over the price."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.inference import read_sample
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

__all__ = ["Intent", "Intransitive", "PriceAnswers", "Prices", "read_prices", "shares_above"]

Intransitive = Literal["refuse", "exclude", "keep"]
QUESTIONS: Final = ("too_cheap", "cheap", "expensive", "too_expensive")


@dataclass(frozen=True, eq=False)
class Intent:
    """How likely each person would buy at the own cheap and at the own expensive price."""

    cheap: Floats
    expensive: Floats


@dataclass(frozen=True, eq=False)
class PriceAnswers:
    """Prices that people named, with the rows that count.

    Parameters
    ----------
    sample : Sample
        The admitted rows, with groups and weights.
    prices : ndarray of shape (rows, 4)
        Too cheap, cheap, expensive, too expensive.
    used : ndarray of bool
        Rows that are complete and, unless kept, in order.
    disordered : ndarray of bool
        Complete rows whose prices do not rise from question to question.
    intent : Intent or None
        Chances of buying, if they were asked.
    """

    sample: Sample
    prices: Floats
    used: Flags
    disordered: Flags
    intent: Intent | None


@dataclass(frozen=True, eq=False)
class Prices:
    """The answers of one group and what each counts."""

    prices: Floats
    weight: Floats
    intent: Intent | None

    @property
    def grid(self) -> Floats:
        """All prices that somebody named, ascending."""
        return np.unique(self.prices)


def read_prices(
    survey: Any,  # noqa: ANN401 - any eager frame
    questions: Sequence[str],
    *,
    by: str | Sequence[str] | None,
    weight: str | None,
    intransitive: Intransitive,
    intent: tuple[str, str] | None,
    calibration: Mapping[float, float] | None,
    level: float,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
) -> PriceAnswers:
    """Check the answers of a price meter.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"a": [1, 5], "b": [2, 2], "c": [3, 3], "d": [4, 4]})
    >>> found = read_prices(survey, list("abcd"), by=None, weight=None, intransitive="exclude",
    ...                     intent=None, calibration=None, level=0.95)
    >>> found.used.tolist()
    [True, False]
    """
    one_of("intransitive", intransitive, ("refuse", "exclude", "keep"))
    if (intent is None) != (calibration is None):
        raise ParameterError(
            "calibration says how likely people buy who gave each answer to the questions in "
            "buy_at: give both or neither"
        )
    scales: dict[str, tuple[float, float]] = dict.fromkeys(questions, (0.0, np.inf))
    sample = read_sample(
        survey, [*questions, *(intent or ())], by=by, scale=scales, weight=weight, level=level,
        strata=strata, clusters=clusters, population=population,
    )  # fmt: skip
    prices = np.column_stack([sample.answers(name) for name in questions])
    complete = np.asarray(~np.isnan(prices).any(axis=1))
    disordered = np.asarray(complete & ~(np.diff(prices, axis=1) > 0).all(axis=1))
    if disordered.any() and intransitive == "refuse":
        raise InvalidValuesError(
            f"the prices in {list(questions)} must rise from question to question: "
            f"{int(disordered.sum()):,} of {len(prices):,} rows do not (first: "
            f"{np.flatnonzero(disordered)[:3].tolist()}). Say intransitive='exclude' to leave them "
            "out (they are counted as missing) or 'keep' to use them as they are."
        )
    used = np.asarray(complete & ~disordered) if intransitive == "exclude" else complete
    chances = None
    if intent is not None and calibration is not None:
        chances = Intent(*(_calibrated(sample, name, calibration) for name in intent))
        used = used & ~np.isnan(chances.cheap) & ~np.isnan(chances.expensive)
    return PriceAnswers(sample, prices, used, disordered, chances)


def _calibrated(sample: Sample, name: str, calibration: Mapping[float, float]) -> Floats:
    """Return the chance of buying behind each answer."""
    if not all(0 <= chance <= 1 for chance in calibration.values()):
        raise ParameterError("calibration must give probabilities, from 0 to 1")
    given = sample.answers(name)
    found = np.full(len(given), np.nan)
    for answer, chance in calibration.items():
        found[given == answer] = chance
    strange = ~np.isnan(given) & np.isnan(found)
    if strange.any():
        raise InvalidValuesError(
            f"{name!r} has answers that calibration does not name: {int(strange.sum()):,} rows "
            f"(first: {given[strange][:3].tolist()})"
        )
    return found


def shares_above(named: Floats, weight: Floats, grid: Floats) -> Floats:
    """Return the share of people whose price lies above each price of a grid.

    Examples
    --------
    >>> shares_above(np.array([1.0, 3.0]), np.ones(2), np.array([1.0, 2.0, 3.0])).tolist()
    [0.5, 0.5, 0.0]
    """
    order = np.argsort(named, kind="stable")
    reached = np.append(0.0, np.cumsum(weight[order]))
    return np.asarray(1 - reached[np.searchsorted(named[order], grid, side="right")] / reached[-1])
