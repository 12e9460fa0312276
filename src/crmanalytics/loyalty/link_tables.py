"""The link of one group of customers: its forms fitted, compared and laid out as tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import FitError
from crmanalytics.inference import TIDY
from crmanalytics.loyalty.link_errors import near_break, parameter_errors
from crmanalytics.loyalty.link_forms import FORMS, log_score
from crmanalytics.loyalty.link_rows import link_rows

if TYPE_CHECKING:
    from crmanalytics.inference import Sample
    from crmanalytics.loyalty.link_forms import Counts, Fitted
    from crmanalytics.loyalty.link_rows import LinkRows, Units

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
    rows = link_rows(sample, group, ask.columns)
    counts = rows.counts(ask.loyal_from)
    units = rows.units()
    fitted: dict[str, Fitted] = {}
    scores: dict[str, tuple[float, float]] = {}
    reasons: dict[str, str] = {}
    if units.size < ask.folds or not 0 < counts.loyal.sum() < counts.number.sum():
        reason = "nobody, or everybody, is loyal: there is no link to estimate"
        if units.size < ask.folds:
            what = "complete rows" if units.alone else "clusters with complete rows"
            reason = f"{units.size} {what} are fewer than the {ask.folds} folds"
        if not ask.lenient:
            raise FitError(reason)
        reasons = dict.fromkeys(ask.forms, reason)
    for form in (each for each in ask.forms if each not in reasons):
        try:
            one = FORMS[form](counts)
            scores[form] = _cross_validated(rows, units, form, ask)
            fitted[form] = one
        except FitError as problem:
            if not ask.lenient:
                raise
            reasons[form] = str(problem)
    comparison = _compared(fitted, counts, scores)
    if rows.dependent:
        comparison["aic"] = np.nan
    if ask.lenient:
        comparison = _with_reasons(comparison, reasons)
    return Tables(
        _curve(fitted, counts, rows), comparison, _estimates(fitted, counts, rows), fitted
    )


def _cross_validated(rows: LinkRows, units: Units, form: str, ask: Ask) -> tuple[float, float]:
    """Return a form's mean log-probability of what it had not seen, and its standard error."""
    part = (np.random.default_rng(ask.seed).permutation(units.size) % ask.folds)[units.of_row]
    scored = np.empty(len(rows.given))
    for k in range(ask.folds):
        seen, unseen = rows.part(part != k), rows.part(part == k)
        counts = seen.counts(ask.loyal_from)
        chance = np.clip(FORMS[form](counts).probability(unseen.given), 1e-12, 1 - 1e-12)
        loyal = unseen.came >= ask.loyal_from
        scored[part == k] = np.where(loyal, np.log(chance), np.log1p(-chance))
    mean = float(np.average(scored, weights=rows.weight))
    error = rows.error(rows.weight * (scored - mean) / rows.weight.sum())
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


def _curve(fitted: dict[str, Fitted], counts: Counts, rows: LinkRows) -> pd.DataFrame:
    shares = rows.shares(counts)
    table = {
        "satisfaction": counts.levels,
        c.N: shares.n.astype(np.int64),
        c.N_EFFECTIVE: shares.n_effective,
        "share": shares.estimate,
        c.LOW: shares.low,
        c.HIGH: shares.high,
    }
    return pd.DataFrame(table | {k: f.probability(counts.levels) for k, f in fitted.items()})


def _estimates(fitted: dict[str, Fitted], counts: Counts, rows: LinkRows) -> pd.DataFrame:
    """Return parameters with their standard errors and intervals, where there are any."""
    found: list[tuple[Any, ...]] = []
    n, effective = len(rows.given), float(counts.number.sum())
    for form, each in fitted.items():
        errors, sizes = parameter_errors(each, counts, rows)
        low, high = rows.bounds(np.array([*each.parameters.values()]), errors)
        method = "student, linearised" if rows.dependent else "normal, observed information"
        for k, (name, value) in enumerate(each.parameters.items()):
            bounds, size, how = (float(low[k]), float(high[k])), float(sizes[k]), method
            if name == "break":
                bounds = near_break(counts, rows, size)
                how = "profile likelihood" + (", scaled to the design" if rows.dependent else "")
            row = (form, name, value, float(errors[k]), *bounds, n, effective * size, rows.missing)
            found.append((*row, how))
    return pd.DataFrame(found, columns=["form", *TIDY])
