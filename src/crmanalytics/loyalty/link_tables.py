"""The link of one group of customers: its forms fitted, compared and laid out as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import FitError
from crmanalytics.inference import TIDY, normal_interval, wilson_interval
from crmanalytics.loyalty.link_forms import FORMS, Counts, log_score, profile_breaks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.loyalty.link_forms import Fitted

    Floats = NDArray[np.float64]

__all__ = ["Ask", "Tables", "tables_of"]


@dataclass(frozen=True)
class Ask:
    """What is wanted of each group.

    Parameters
    ----------
    columns : tuple of str
        Satisfaction and the outcome.
    loyal_from : float
        From where on the outcome counts as loyal.
    forms : tuple of str
        Names of :data:`~crmanalytics.loyalty.link_forms.FORMS`.
    folds, seed : int
        Parts of the cross-validation, and the start of random numbers.
    lenient : bool
        Whether what cannot be estimated is said in the tables, and no error.
    """

    columns: tuple[str, str]
    loyal_from: float
    forms: tuple[str, ...]
    folds: int
    seed: int
    lenient: bool = False


@dataclass(frozen=True, eq=False)
class Tables:
    """The link of a group: see :class:`~crmanalytics.loyalty.SatisfactionLink`."""

    curve: pd.DataFrame
    comparison: pd.DataFrame
    estimates: pd.DataFrame
    forms: dict[str, Fitted]


@dataclass(frozen=True, eq=False)
class _Rows:
    """Complete rows that count, in an order that is that of their values.

    Weights sum to Kish's effective number of them, so that errors are not those of rows which
    uneven weights make worth less.
    """

    given: Floats
    came: Floats
    weight: Floats
    missing: int

    def part(self, rows: NDArray[np.bool_]) -> _Rows:
        return _Rows(self.given[rows], self.came[rows], self.weight[rows], 0)


def tables_of(sample: Sample, group: int, ask: Ask) -> Tables:
    """Fit the forms of the link to one group of a sample, and compare them.

    Raises
    ------
    FitError
        If there is no link, or a form has none, unless such are to be told in the tables.

    Examples
    --------
    >>> from crmanalytics.inference import read_sample
    >>> survey = pd.DataFrame({"happy": [1, 2, 3, 4] * 9, "again": ([0] * 5 + [1] * 4) * 4})
    >>> sample = read_sample(survey, ["happy", "again"])
    >>> ask = Ask(("happy", "again"), 1, ("isotonic",), 3, 0)
    >>> tables_of(sample, 0, ask).curve["share"].round(2).tolist()
    [0.44, 0.44, 0.44, 0.44]
    """
    rows = _rows(sample, group, ask.columns)
    counts = _counts(rows, ask.loyal_from)
    fitted: dict[str, Fitted] = {}
    scores: dict[str, tuple[float, float]] = {}
    reasons: dict[str, str] = {}
    if len(rows.given) < ask.folds or not 0 < counts.loyal.sum() < counts.number.sum():
        reason = "nobody, or everybody, is loyal: there is no link to estimate"
        if len(rows.given) < ask.folds:
            reason = f"{len(rows.given)} complete rows are fewer than the {ask.folds} folds"
        if not ask.lenient:
            raise FitError(reason)
        reasons = dict.fromkeys(ask.forms, reason)
    for form in (each for each in ask.forms if each not in reasons):
        try:
            one = FORMS[form](counts)
            scores[form] = _cross_validated(rows, form, ask)
            fitted[form] = one
        except FitError as problem:
            if not ask.lenient:
                raise
            reasons[form] = str(problem)
    comparison = _compared(fitted, counts, scores)
    if ask.lenient:
        comparison = _with_reasons(comparison, reasons)
    curve = _curve(fitted, counts, rows, sample.level)
    estimates = _estimates(fitted, counts, rows, sample.level)
    return Tables(curve, comparison, estimates, fitted)


def _rows(sample: Sample, group: int, columns: tuple[str, str]) -> _Rows:
    given, came = (sample.answers(name) for name in columns)
    inside = sample.groups.of_row == group
    lacking = np.isnan(given) | np.isnan(came)
    known = np.flatnonzero(inside & ~lacking & (sample.weight > 0))
    order = known[np.lexsort((sample.weight[known], came[known], given[known]))]
    weight = sample.weight[order]
    total = weight.sum()
    weight = weight * (total / (weight**2).sum()) if total > 0 else weight
    return _Rows(given[order], came[order], weight, int((inside & lacking).sum()))


def _counts(rows: _Rows, loyal_from: float) -> Counts:
    levels, row = np.unique(rows.given, return_inverse=True)
    outcomes, column = np.unique(rows.came, return_inverse=True)
    cells = row * len(outcomes) + column
    table: Floats = np.zeros(len(levels) * len(outcomes))
    np.add.at(table, cells, rows.weight)
    first = int(np.searchsorted(outcomes, loyal_from))
    return Counts(levels, table.reshape(len(levels), len(outcomes)), first)


def _cross_validated(rows: _Rows, form: str, ask: Ask) -> tuple[float, float]:
    """Return a form's mean log-probability of what it had not seen, and its standard error."""
    part = np.random.default_rng(ask.seed).permutation(len(rows.given)) % ask.folds
    scored: list[Floats] = []
    for k in range(ask.folds):
        seen, unseen = rows.part(part != k), rows.part(part == k)
        counts = _counts(seen, ask.loyal_from)
        chance = np.clip(FORMS[form](counts).probability(unseen.given), 1e-12, 1 - 1e-12)
        loyal = unseen.came >= ask.loyal_from
        scored.append(
            np.column_stack([np.where(loyal, np.log(chance), np.log1p(-chance)), unseen.weight])
        )
    values, weight = np.concatenate(scored).T
    mean = float(np.average(values, weights=weight))
    error = float(np.sqrt((weight**2 * (values - mean) ** 2).sum()) / weight.sum())
    return mean, error


def _compared(
    fitted: dict[str, Fitted], counts: Counts, scores: dict[str, tuple[float, float]]
) -> pd.DataFrame:
    heights = {form: float(log_score(each, counts).sum()) for form, each in fitted.items()}
    table = pd.DataFrame(
        {
            "form": list(fitted),
            "parameters": [each.freedom for each in fitted.values()],
            "log_likelihood": list(heights.values()),
            "aic": [2 * fitted[form].freedom - 2 * heights[form] for form in fitted],
            "log_score": [scores[form][0] for form in fitted],
            "se": [scores[form][1] for form in fitted],
        }
    )
    return table.sort_values("log_score", ascending=False, kind="stable", ignore_index=True)


def _with_reasons(comparison: pd.DataFrame, reasons: dict[str, str]) -> pd.DataFrame:
    """Add the forms that could not be estimated, with the reason, behind the others."""
    failed = pd.DataFrame({"form": list(reasons), "reason": list(reasons.values())})
    numbers = ["parameters", "log_likelihood", "aic", "log_score", "se"]
    table = comparison.assign(reason=None).astype(dict.fromkeys(numbers, "float64"))
    failed[numbers] = np.nan
    parts = [each for each in (table, failed[[*table.columns]]) if len(each)]
    return pd.concat(parts, ignore_index=True).astype({"form": "str", "reason": "object"})


def _curve(fitted: dict[str, Fitted], counts: Counts, rows: _Rows, level: float) -> pd.DataFrame:
    low, high = wilson_interval(counts.loyal, counts.number, level)
    table = {
        "satisfaction": counts.levels,
        c.N: np.array([(rows.given == each).sum() for each in counts.levels], dtype=np.int64),
        c.N_EFFECTIVE: counts.number,
        "share": counts.loyal / counts.number,
        c.LOW: low,
        c.HIGH: high,
    }
    return pd.DataFrame(table | {k: f.probability(counts.levels) for k, f in fitted.items()})


def _estimates(
    fitted: dict[str, Fitted], counts: Counts, rows: _Rows, level: float
) -> pd.DataFrame:
    """Return parameters with their standard errors and intervals, where there are any."""
    found: list[tuple[Any, ...]] = []
    size = (len(rows.given), float(counts.number.sum()), rows.missing)
    for form, each in fitted.items():
        errors = [np.nan] * len(each.parameters)
        if each.covariance is not None:
            known = np.sqrt(np.diag(each.covariance))
            errors[: len(known)] = [float(error) for error in known]
        for (name, value), error in zip(each.parameters.items(), errors, strict=True):
            low, high = (
                float(x[0]) for x in normal_interval(np.array([value]), np.array([error]), level)
            )
            how = "normal, observed information"
            if name == "break":
                low, high = _near_break(counts, level)
                how = "profile likelihood"
            found.append((form, name, value, error, low, high, *size, how))
    return pd.DataFrame(found, columns=["form", *TIDY])


def _near_break(counts: Counts, level: float) -> tuple[float, float]:
    from scipy.stats import chi2

    breaks, heights = profile_breaks(counts)
    near = breaks[heights >= heights.max() - chi2.ppf(level, 1) / 2]
    return float(near.min()), float(near.max())
