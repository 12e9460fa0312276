"""Reliability: do the items of a scale measure one thing, and how well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ConvergenceError, InvalidValuesError, ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.inference import read_sample, tidy_table
from crmanalytics.surveys.one_factor import fit_one_factor, omega_of
from crmanalytics.surveys.reliability_design import (
    alpha_influence,
    bounds_of,
    omega_influence,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample

    Floats = NDArray[np.float64]
    _Row = tuple[float, float, float, float, str]

__all__ = ["item_statistics", "reliability"]

#: A variance of the sum below this, beside those of the items, is rounding.
_ROUNDING = 1e-12
_NO_SUM = "none: the sum of the items does not vary"


def reliability(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: Sequence[str],
    *,
    scale: tuple[float, float] | None = None,
    by: str | Sequence[str] | None = None,
    no_answer: Sequence[float] = (),
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how reliable the sum of several items is: Cronbach's alpha, raw and standardised; omega.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent. Who left an item out is not counted, but reported as missing.
    items : sequence of str
        Columns of the scale, two or more, all asked the same way round (see :func:`reverse`).
    scale : tuple of float, optional
        Lowest and highest answer; any other number is an error.
    by : str or sequence of str, optional
        Columns to group by. A group that cannot be measured has missing estimates, and the reason
        as its method.
    no_answer : sequence of float
        Codes that stand for no answer.
    weight : str, optional
        Column of weights. They enter the covariances; without a design intervals take Kish's
        effective size.
    strata, clusters, population : str, optional
        Columns of the design, as in :func:`crmanalytics.satisfaction.nps`: strata, clusters within
        them, and how many clusters the population has in each stratum. Errors are then linearised,
        with clusters less strata as degrees of freedom.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the same kind, with the columns of `by`, ``metric``, ``estimate``, ``se``, ``low``,
        ``high``, ``n``, ``n_effective``, ``n_missing``, ``method``, and the rows 'alpha' and
        'alpha_standardised' (both with Feldt's interval) and, for three items or more, 'omega'
        (McDonald's, of a one-factor model fitted by maximum likelihood to the covariances; delta
        method on the logit scale). With a design bounds are Student's, symmetric for the logarithm
        of 1 - alpha and for the logit of omega. For pandas ``attrs["crmanalytics"]["omega"]`` says
        whether the fit was ``proper`` (with groups, a list of that): without, some item has no
        unique variance (a Heywood case), and omega has no interval. Where the model has no maximum,
        as with copies of an item, omega is missing and its method says so. ``n_effective`` is
        Kish's: what uneven weights leave of the answers.

    Raises
    ------
    DataError
        If columns are missing, answers are out of range, an item does not vary, fewer people
        than items answered them all, or a stratum has but one cluster.
    ParameterError
        If there are fewer than two items.

    References
    ----------
    Cronbach, L. J. (1951), "Coefficient alpha and the internal structure of tests", Psychometrika
    16(3), 297-334; Feldt, L. S. (1965), "The approximate sampling distribution of Kuder-Richardson
    reliability coefficient twenty", Psychometrika 30(3), 357-370; McDonald, R. P. (1999), Test
    Theory, equation 6.20a; Jöreskog, K. G. (1967), "Some contributions to maximum likelihood
    factor analysis", Psychometrika 32(4), 443-482.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"a": [5, 4, 2, 1, 3, 4], "b": [5, 5, 1, 2, 3, 3],
    ...                        "c": [4, 5, 2, 1, 2, 4]})
    >>> reliability(survey, ["a", "b", "c"])[["metric", "estimate", "low", "n"]].round(3)
                   metric  estimate    low  n
    0               alpha     0.939  0.741  6
    1  alpha_standardised     0.940  0.745  6
    2               omega     0.939  0.775  6
    """
    sample = _read(
        survey, items, scale, no_answer, weight, level=level, by=by,
        design=(strata, clusters, population),
    )  # fmt: skip
    groups = [_of_group(sample, items, group) for group in range(sample.groups.size)]
    metrics = ["alpha", "alpha_standardised", *(["omega"] if len(items) > 2 else [])]
    rows = [row for group in groups for row in group.rows]
    names = (c.ESTIMATE, c.SE, c.LOW, c.HIGH, c.METHOD)
    table: dict[str, Any] = {c.METRIC: metrics * len(groups)}
    table |= {name: [row[place] for row in rows] for place, name in enumerate(names)}
    method = table.pop(c.METHOD)
    for name in (c.N, c.N_EFFECTIVE, c.N_MISSING):
        table[name] = [getattr(group, name) for group in groups for _ in metrics]
    table[c.METHOD] = method
    found = tidy_table(sample.own, table, sample.groups.labels, len(metrics))
    found = with_parameters(found, level=level)
    proper = [group.proper for group in groups]
    several = sample.groups.labels is not None
    whether = {"proper": proper if several else proper[0]}
    return with_parameters(found, omega=whether) if len(items) > 2 else found


@dataclass(frozen=True)
class _Group:
    """Alphas and omega of a group: estimate, error, bounds and method of each."""

    rows: list[_Row]
    n: int
    n_effective: float
    n_missing: int
    proper: bool


def _of_group(sample: Sample, items: Sequence[str], group: int) -> _Group:
    inside = sample.groups.of_row == group
    try:
        values, complete = _complete(sample, items, inside)
    except InvalidValuesError as problem:
        if sample.groups.labels is None:
            raise
        lost = _lost(str(problem))
        answered = inside & ~np.isnan(np.column_stack([*map(sample.answers, items)])).any(axis=1)
        n = int(answered.sum())
        return _Group(
            [lost] * min(len(items), 3), n, float("nan"), int(inside.sum()) - n, proper=False
        )
    n, size = int(complete.sum()), _kish(sample, complete)
    rest = int(inside.sum()) - n
    if sample.design is not None:
        rows, proper = _design_rows(sample, group, values, complete)
        return _Group(rows, n, size, rest, proper)
    covariance = _covariance(values, sample.weight[complete])
    deviations = np.sqrt(np.diag(covariance))
    rows = [
        _alpha_row(covariance, size, sample.level),
        _alpha_row(covariance / np.outer(deviations, deviations), size, sample.level),
    ]
    proper = True
    if len(items) > 2:
        row, proper = _omega_row(covariance, size, sample.level)
        rows.append(row)
    return _Group(rows, n, size, rest, proper)


def _design_rows(
    sample: Sample, group: int, values: Floats, complete: NDArray[np.bool_]
) -> tuple[list[_Row], bool]:
    """Return alphas and omega with what strata and clusters say of their errors."""
    weight = sample.weight[complete]
    covariance = _covariance(values, weight)
    deviations = np.sqrt(np.diag(covariance))
    rows: list[_Row] = []

    def row(estimate: float, influence: Floats, how: str, *, share: bool) -> _Row:
        error, degrees = sample.error_of(influence, complete, group)
        low, high = bounds_of(estimate, error, degrees, sample.level, share=share)
        return estimate, error, low, high, how

    for standardised in (False, True):
        by = np.outer(deviations, deviations) if standardised else 1.0
        alpha = _alpha(covariance / by)
        if np.isnan(alpha):
            rows.append(_lost(_NO_SUM))
            continue
        influence = alpha_influence(values, weight, standardised=standardised)
        rows.append(row(alpha, influence, "linearised, log (1 - alpha)", share=False))
    if len(covariance) < 3:
        return rows, True
    try:
        fit = fit_one_factor(covariance)
    except ConvergenceError as problem:
        return [*rows, _lost(str(problem))], False
    omega = omega_of(fit, len(values), sample.level)
    how = "maximum likelihood, linearised, logit"
    if np.isnan(omega[1]):
        return [*rows, (*omega, how)], fit.proper
    return [*rows, row(omega[0], omega_influence(values, weight, fit), how, share=True)], fit.proper


def item_statistics(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: Sequence[str],
    *,
    scale: tuple[float, float] | None = None,
    no_answer: Sequence[float] = (),
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Describe each item of a scale, and what the scale would be without it.

    Parameters
    ----------
    survey, items, scale, no_answer, weight
        As for :func:`reliability`.

    Returns
    -------
    DataFrame
        Of the same kind, one row per item: ``item``, ``n`` and ``n_missing`` (of the item itself),
        ``mean``, ``sd``, ``floor`` and ``ceiling`` (shares of its lowest and highest answer, on
        the scale given or else that occur), and over those who answered all items: ``rest``
        (correlation with the sum of the other items), ``r_squared`` (how much of it the other
        items explain together), ``loading`` (standardised, of the one-factor model; three items or
        more) and ``alpha_without`` (alpha of the other items; three items or more).

    Raises
    ------
    DataError, ParameterError
        As for :func:`reliability`.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"a": [5, 4, 2, 1, 3, 4], "b": [5, 5, 1, 2, 3, 3],
    ...                        "odd": [4, 1, 5, 2, 1, 4]})
    >>> found = item_statistics(survey, ["a", "b", "odd"]).round(3)
    >>> found[["item", "mean", "rest", "alpha_without"]]
      item   mean   rest  alpha_without
    0    a  3.167  0.788         -1.074
    1    b  3.167  0.264          0.167
    2  odd  2.833 -0.145          0.908
    """
    sample = _read(survey, items, scale, no_answer, weight)
    values, complete = _complete(sample, items, np.full(len(sample.own), fill_value=True))
    covariance = _covariance(values, sample.weight[complete])
    rows = [_described(sample, name, scale) for name in items]
    precision = np.linalg.pinv(covariance)
    several = len(items) > 2
    loadings = fit_one_factor(covariance).standardised if several else np.full(len(items), np.nan)
    for k, row in enumerate(rows):
        others = [j for j in range(len(items)) if j != k]
        rest = covariance[np.ix_(others, others)]
        shared = covariance[k, others].sum()
        row["rest"] = shared / np.sqrt(covariance[k, k] * rest.sum())
        row["r_squared"] = 1 - 1 / (covariance[k, k] * precision[k, k])
        row["loading"] = loadings[k]
        row["alpha_without"] = _alpha(rest) if several else np.nan
    names = list(rows[0])
    table = {"item": list(items), **{name: [row[name] for row in rows] for name in names}}
    return frame_like(sample.own, table)


def _read(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: Sequence[str],
    scale: tuple[float, float] | None,
    no_answer: Sequence[float],
    weight: str | None,
    *,
    level: float = 0.95,
    by: str | Sequence[str] | None = None,
    design: tuple[str | None, str | None, str | None] = (None, None, None),
) -> Sample:
    if isinstance(items, str) or len(items) < 2 or len(set(items)) != len(items):
        raise ParameterError(f"items must name two columns or more, each once, not {items!r}")
    return read_sample(
        survey, items, by=by, scale=scale, no_answer=no_answer, weight=weight, level=level,
        strata=design[0], clusters=design[1], population=design[2],
    )  # fmt: skip


def _complete(
    sample: Sample, items: Sequence[str], inside: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the answers of those of some rows who answered all items, and who they are."""
    values = np.column_stack([sample.answers(name) for name in items])
    complete = inside & ~np.isnan(values).any(axis=1) & (sample.weight > 0)
    kept = values[complete]
    if len(kept) <= len(items):
        raise InvalidValuesError(
            f"survey has {len(kept):,} rows with answers to all of the {len(items)} items: more "
            "rows than items are needed. Leave out items that few people answered."
        )
    constant = [name for name, column in zip(items, kept.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise InvalidValuesError(
            f"survey[{constant[0]!r}] does not vary among those who answered all items; leave out "
            f"such items ({len(constant)} of {len(items)})."
        )
    return kept, complete


def _covariance(values: Floats, weight: Floats) -> Floats:
    """Return the covariance matrix, divided by n - 1 (with weights, by their sum's share of it)."""
    n = len(values)
    share = weight / weight.sum()
    centred = values - share @ values
    return np.asarray((centred * share[:, None]).T @ centred * (n / (n - 1)))


def _kish(sample: Sample, complete: NDArray[np.bool_]) -> float:
    weight = sample.weight[complete]
    return float(weight.sum() ** 2 / (weight**2).sum())


def _alpha(covariance: Floats) -> float:
    k, whole, parts = len(covariance), float(covariance.sum()), float(np.trace(covariance))
    if k < 2 or not whole > _ROUNDING * parts:  # items that undo each other: no sum to speak of
        return float("nan")
    return k / (k - 1) * (1 - parts / whole)


def _lost(why: str) -> _Row:
    return np.nan, np.nan, np.nan, np.nan, why


def _omega_row(covariance: Floats, n: float, level: float) -> tuple[_Row, bool]:
    """Return omega, and whether its model is proper; if there is none, why."""
    try:
        fit = fit_one_factor(covariance)
    except ConvergenceError as problem:
        return _lost(str(problem)), False
    return (*omega_of(fit, n, level), "maximum likelihood, delta method"), fit.proper


def _alpha_row(covariance: Floats, n: float, level: float) -> _Row:
    """Return alpha with Feldt's interval: (1 - alpha) / (1 - estimate) is distributed as F."""
    from scipy.stats import f

    k, alpha = len(covariance), _alpha(covariance)
    degrees = (n - 1, (n - 1) * (k - 1))
    tail = 0.5 - level / 2
    low, high = (1 - (1 - alpha) * float(f.ppf(q, *degrees)) for q in (1 - tail, tail))
    error = (1 - alpha) * float(f.std(*degrees)) if degrees[1] > 4 else float("nan")
    how = "feldt" if np.isfinite(alpha) else _NO_SUM
    return (alpha, error, low, high, how)


def _described(sample: Sample, name: str, scale: tuple[float, float] | None) -> dict[str, float]:
    answers = sample.answers(name)
    known = ~np.isnan(answers) & (sample.weight > 0)
    kept, weight = answers[known], sample.weight[known]
    share = weight / weight.sum()
    mean, n = float(share @ kept), len(kept)
    low, high = scale if scale is not None else (kept.min(), kept.max())
    return {
        c.N: n,
        c.N_MISSING: len(answers) - n,
        "mean": mean,
        "sd": float(np.sqrt(share @ (kept - mean) ** 2 * n / (n - 1))),
        "floor": float(share[kept == low].sum()),
        "ceiling": float(share[kept == high].sum()),
    }
