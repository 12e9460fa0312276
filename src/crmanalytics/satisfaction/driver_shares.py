"""What drives satisfaction: how much of an outcome each driver accounts for, with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.inference import names_of, read_sample
from crmanalytics.satisfaction.driver_groups import Plan, found_of
from crmanalytics.satisfaction.importance import LINEAR
from crmanalytics.satisfaction.laying import tidy_by_item, with_reasons
from crmanalytics.satisfaction.logit import PSEUDO
from crmanalytics.satisfaction.resampling import check_draws, from_replicates
from crmanalytics.wording import near, one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates, Sample
    from crmanalytics.satisfaction.driver_groups import Family, Found

    Floats = NDArray[np.float64]

__all__ = ["drivers"]

_LOGISTIC = ("lmg", "johnson", "pratt", "first", "last")
_MOST = 20  # a million subsets


def drivers(
    survey: Any,  # noqa: ANN401 - any eager frame
    outcome: str,
    drivers: Sequence[str],
    *,
    method: str | Sequence[str] = "lmg",
    family: Family = "linear",
    r_squared: str = "mcfadden",
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    scale: tuple[float, float] | None = None,
    no_answer: Sequence[float] = (),
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Find what drives satisfaction: share out what drivers explain of an outcome among them.

    Drivers of satisfaction go together, so that coefficients jump about with each driver that is
    left out. These measures divide the explained variance instead.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    outcome : str
        Column of the outcome: a score, or 0 and 1 for ``family="logistic"``.
    drivers : sequence of str
        Columns of the drivers, at least one.
    method : str or sequence of str
        ``lmg`` (average over all orders of entry; Shapley value), ``johnson`` (relative weights;
        ``genizi`` is another name), ``pratt``, ``car``, ``first`` (alone) or ``last`` (when all
        others are in). For logistic regressions all of them but ``genizi`` and ``car``.
    family : {"linear", "logistic"}
        Kind of regression.
    r_squared : {"mcfadden", "cox_snell", "nagelkerke", "tjur"}
        What a logistic regression explains. Two methods have measures of their own: Johnson's
        weights the squared correlation of outcome and fitted probability, Pratt's the R squared of
        the weighted linear regression at its maximum.
    by : str or sequence of str, optional
        Columns of groups, each analysed by itself.
    weight, strata, clusters, population : str, optional
        Columns of weights and of the design; see :func:`crmanalytics.inference.read_sample`.
    scale : tuple of float, optional
        Lowest and highest answer of outcome and drivers; others are an error.
    no_answer : sequence of float
        Codes of no answer. A row that lacks any answer is left out and counted in ``n_missing``.
    draws : int
        Bootstrap samples for standard errors and percentile intervals, of rows or of clusters
        within strata; 0 for none. A logistic ``lmg`` fits all subsets in each: take fewer.
    seed : int
        Seed of the random numbers. The order of rows has no effect.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Per group, method and driver: ``driver``, the tidy columns (``metric`` is the method), and
        ``share`` of their sum, ``rank`` (1 for the largest) with bounds ``rank_low`` and
        ``rank_high`` (missing without draws), and ``r_squared`` of the regression. Missing, with
        the reason in ``method``, for groups with too few answers or drivers that cannot be told
        apart.

    Raises
    ------
    DataError
        If columns are missing or values wrong; without groups also if there are too few answers,
        or a driver is constant or a combination of others.
    ParameterError
        If an argument is wrong.

    See Also
    --------
    crmanalytics.satisfaction.importance_performance : What to work on first.

    Notes
    -----
    Shares say what goes with the outcome, not what would change it. Percentile intervals of
    ``lmg``, ``johnson``, ``first`` and ``last`` never reach 0, as the measures cannot be negative:
    an interval that ends close to 0 is no evidence of an effect.

    References
    ----------
    Gromping, U. (2007), "Estimators of relative importance in linear regression based on variance
    decomposition", The American Statistician 61(2), 139-147.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> draw = np.random.default_rng(0)
    >>> staff, price = draw.normal(size=(2, 300))
    >>> survey = pd.DataFrame({"staff": staff, "price": price})
    >>> survey["satisfaction"] = 2 * staff + price + draw.normal(size=300)
    >>> found = crm.satisfaction.drivers(survey, "satisfaction", ["staff", "price"], draws=200)
    >>> found[["driver", "metric", "estimate", "low", "high", "rank"]].round(2)
      driver metric  estimate   low  high  rank
    0  staff    lmg      0.69  0.63  0.74   1.0
    1  price    lmg      0.18  0.13  0.23   2.0
    """
    names, methods = _checked(outcome, drivers, method, family, r_squared)
    plan = Plan(tuple(methods), family, r_squared, check_draws(draws), seed)
    logistic = family == "logistic"
    sample = read_sample(
        survey,
        names if logistic else [*names, outcome],
        by=by,
        scale=scale,
        flags=[outcome] if logistic else (),
        weight=weight,
        strata=strata,
        clusters=clusters,
        population=population,
        no_answer=no_answer,
        level=level,
    )
    values = np.column_stack([sample.answers(each) for each in (*names, outcome)])
    answered = np.asarray(~np.isnan(values).any(axis=1))
    groups = range(sample.groups.size)
    found = [found_of(sample, group, values, answered, plan) for group in groups]
    return _laid(sample, answered, names, methods, found)


def _checked(
    outcome: str, drivers: Sequence[str], method: str | Sequence[str], family: str, r_squared: str
) -> tuple[list[str], list[str]]:
    names, methods = names_of(drivers), names_of(method)
    if not names or len(set(names)) < len(names) or outcome in names:
        raise ParameterError(
            f"drivers must be different columns, and not the outcome {outcome!r}: {names!r}"
        )
    one_of("family", family, ("linear", "logistic"))
    known = tuple(LINEAR) if family == "linear" else _LOGISTIC
    wrong = [each for each in methods if each not in known]
    if wrong or not methods:
        mend = near(wrong[0], known) if wrong else ""
        raise ParameterError(
            f"method of a {family} regression must be of {known}, not {wrong}{mend}"
        )
    if len(names) > _MOST and (family == "logistic" or "lmg" in methods):
        raise ParameterError(
            f"{len(names)} drivers have too many subsets (at most {_MOST} drivers); use "
            "method='johnson', whose weights are close to those of lmg"
        )
    one_of("r_squared", r_squared, PSEUDO)
    return names, methods


def _laid(
    sample: Sample,
    answered: NDArray[np.bool_],
    names: list[str],
    methods: list[str],
    found: list[Found],
) -> Any:  # noqa: ANN401 - a native frame
    if sample.groups.labels is None and found[0].reason:
        raise InvalidValuesError(
            f"survey cannot be analysed: {found[0].reason} (columns: {', '.join(names)} and the "
            "outcome). Leave such drivers out, or ask more people."
        )
    metrics: dict[tuple[str, ...], Estimates] = {}
    for m, method in enumerate(methods):
        for d, name in enumerate(names):
            estimate = np.array([each.estimates[m, d] for each in found])
            drawn = [each.replicates[:, m, d] for each in found]
            metrics[name, method] = from_replicates(sample, answered, estimate, drawn)
    extra = [_beside(each, m, sample.level) for each in found for m in range(len(methods))]
    columns = ("share", "rank", "rank_low", "rank_high", "r_squared")
    none = [np.empty(0)]  # without rows there are no groups
    beside = {name: np.concatenate([each[name] for each in extra] or none) for name in columns}
    reasons = [each.reason for each in found for _ in metrics]
    table = tidy_by_item(sample, metrics, ["driver"], beside)
    return with_reasons(table, reasons)


def _beside(found: Found, m: int, level: float) -> dict[str, Floats]:
    """Return shares and ranks of the drivers by one method."""
    estimate, drawn = found.estimates[m], found.replicates[:, m]
    total = estimate.sum()
    share = estimate / total if total > 0 else np.full(len(estimate), np.nan)
    drawn = drawn[~np.isnan(drawn).any(axis=1)]
    bounds = np.full((2, len(estimate)), np.nan)
    if len(drawn):
        ranks = _ranks(drawn)
        tail = 0.5 - level / 2
        bounds = np.quantile(ranks, (tail, 1 - tail), axis=0, method="inverted_cdf")
    return {
        "share": share,
        "rank": _ranks(estimate[None])[0],
        "rank_low": bounds[0],
        "rank_high": bounds[1],
        "r_squared": np.full(len(estimate), found.explained[m]),
    }


def _ranks(values: Floats) -> Floats:
    """Return how many are larger, and one; missing where nothing is known."""
    larger = (values[:, None, :] > values[:, :, None]).sum(axis=2)
    return np.where(np.isnan(values), np.nan, larger + 1.0)
