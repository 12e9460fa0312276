"""Net promoter score: promoters less detractors, with an interval that holds when n is small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.frames import column_like
from crmanalytics.inference import (
    Estimates,
    bootstrap_interval,
    bootstrap_means,
    effective_size,
    estimate_proportions,
    influence_of_means,
    read_sample,
    shrunk_for_design,
    tidy,
)
from crmanalytics.satisfaction.nps_intervals import check_interval_method, nps_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.satisfaction.score_types import IntervalMethod

    Floats = NDArray[np.float64]

__all__ = ["nps", "nps_category", "nps_estimates"]

_SCALE = (0.0, 10.0)


def nps(
    survey: Any,  # noqa: ANN401 - any eager frame
    answer: str,
    *,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    promoters_from: float = 9,
    detractors_to: float = 6,
    method: IntervalMethod | Literal["bootstrap"] = "mover",
    parts: bool = False,
    level: float = 0.95,
    bootstraps: int = 2000,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how many more customers would recommend us than warn of us, and how sure that is.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet.
    answer : str
        Column of answers to 'how likely would you recommend us?', whole numbers from 0 to 10.
    by : str or sequence of str, optional
        Columns to group by: one score per group.
    weight : str, optional
        Column of weights.
    strata, clusters, population : str, optional
        How the sample was drawn: columns of strata, of clusters (such as shops or households), and
        of how many clusters the population has in the stratum.
    raked, base_weight : str or sequence of str, and str, optional
        Columns that the weights were raked to, and the weights before: what the columns explain
        then no longer counts as uncertain. Without them weights are taken as given. Not with
        ``bootstrap``, whose samples keep their weights.
    no_answer : sequence of float
        Codes that stand for no answer, such as 99 for 'do not know'. They are counted as missing;
        any other number outside 0 to 10 is an error.
    promoters_from, detractors_to : float
        Who counts as promoter and as detractor.
    method : str
        ``mover`` (Wilson's intervals joined; the default, since it keeps its level for small and
        for one-sided samples and stays on the scale), ``score``, ``adjusted-wald``, ``wald`` or
        ``bootstrap``; see :func:`nps_interval`. With weights they work on the effective number of
        answers, with a design also on its degrees of freedom.
    parts : bool
        Whether shares of promoters, passives and detractors are wanted too (Wilson's interval).
    level : float
        Confidence level.
    bootstraps, seed : int
        For ``bootstrap``: samples to draw, and the start of random numbers.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group (and part): the columns of `by`, ``metric`` ('nps'),
        ``estimate``, ``se``, ``low``, ``high``, ``n``, ``n_effective``, ``n_missing``, ``method``.
        The score is on the scale from -1 to 1: multiply by 100 for points.

    Raises
    ------
    DataError
        If columns are missing or answers are out of range.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Reichheld, F. F. (2003), "The one number you need to grow", Harvard Business Review 81(12),
    46-54; Rocks, B. (2016), "Interval estimation for the net promoter score", The American
    Statistician 70(4), 365-372.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"likely": [0, 7, 7, 9, 9, 9, None]})
    >>> found = nps(survey, "likely").round(3)
    >>> found[["metric", "estimate", "se", "low", "high", "n", "n_missing"]]
      metric  estimate     se    low   high  n  n_missing
    0    nps     0.333  0.304 -0.272  0.726  6          1
    """
    if method != "bootstrap":
        check_interval_method(method)
    sample = read_sample(
        survey, answer, by=by, scale=_SCALE, whole=True, weight=weight, strata=strata,
        clusters=clusters, population=population, raked=raked, base_weight=base_weight,
        no_answer=no_answer, level=level,
    )  # fmt: skip
    groups = _categories(sample.answers(answer), promoters_from, detractors_to)
    if method == "bootstrap":
        score = nps_estimates(sample, groups, "wald")
        means = bootstrap_means(sample, groups, times=bootstraps, seed=seed)
        low, high = bootstrap_interval(means, level)
        n = (score.n, score.n_effective, score.n_missing)
        metrics = {"nps": Estimates(score.estimate, score.se, low, high, *n, method)}
    else:
        metrics = {"nps": nps_estimates(sample, groups, method)}
    if parts:
        for name, side in (("promoters", 1.0), ("passives", 0.0), ("detractors", -1.0)):
            metrics[name] = estimate_proportions(sample, _share_of(groups, side))
    return tidy(sample, metrics)


def nps_estimates(sample: Sample, groups: Floats, method: IntervalMethod) -> Estimates:
    """Estimate the score of each group from 1 (promoter), 0 and -1 (detractor), NaN for no answer.

    Examples
    --------
    >>> import pandas as pd
    >>> sample = read_sample(pd.DataFrame({"side": [1.0, 1.0, 0.0, -1.0]}), "side")
    >>> nps_estimates(sample, sample.answers("side"), "wald").estimate.tolist()
    [0.25]
    """
    if sample.design is None and sample.calibration is None and not sample.weighted:
        return _counted(sample, groups, method)
    answered = ~np.isnan(groups)
    score, influence = influence_of_means(sample, groups)
    decided = influence_of_means(sample, np.abs(groups))[0]
    spread = np.maximum(decided - score**2, 0)
    variance = sample.variance(influence, answered=answered)
    error = np.sqrt(np.where(np.isnan(score), np.nan, variance))
    size = effective_size(sample, answered, spread, variance)
    n = sample.groups.count(answered)
    counted = size
    if sample.design is not None:
        counted = shrunk_for_design(size, sample.level, n, sample.degrees(answered))
    low, high = nps_interval(
        (decided + score) / 2, (decided - score) / 2, counted, sample.level, method=method
    )
    missing = sample.groups.count(~answered)
    return Estimates(score, error, low, high, n, size, missing, method)


def _counted(sample: Sample, groups: Floats, method: IntervalMethod) -> Estimates:
    """Estimate from counts alone, which is all that matters of a simple random sample."""
    kind = np.where(np.isnan(groups), 3, groups + 1).astype(np.int64)
    counts = np.bincount(sample.groups.of_row * 4 + kind, minlength=sample.groups.size * 4)
    down, between, up, missing = counts.reshape(-1, 4).T.astype(float)
    n = down + between + up
    known = np.where(n > 0, n, np.nan)
    p, d = up / known, down / known
    error = np.sqrt(np.maximum(p + d - (p - d) ** 2, 0) / known)
    low, high = nps_interval(p, d, n, sample.level, method=method)
    return Estimates(p - d, error, low, high, n, n, missing, method)


def nps_category(
    survey: Any,  # noqa: ANN401 - any eager frame
    answer: str,
    *,
    no_answer: Sequence[float] = (),
    promoters_from: float = 9,
    detractors_to: float = 6,
) -> Any:  # noqa: ANN401 - a native Series
    """Say of each respondent whether they promote us, are passive, or warn of us.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet.
    answer : str
        Column of answers, whole numbers from 0 to 10.
    no_answer, promoters_from, detractors_to
        As for :func:`nps`.

    Returns
    -------
    Series
        Of the frame's kind and on its index: 'promoter', 'passive', 'detractor' or missing.

    Raises
    ------
    DataError
        If the column is missing or answers are out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> nps_category(pd.DataFrame({"likely": [10, 3, 8]}), "likely").tolist()
    ['promoter', 'detractor', 'passive']
    """
    sample = read_sample(survey, answer, scale=_SCALE, whole=True, no_answer=no_answer)
    side = _categories(sample.answers(answer), promoters_from, detractors_to)
    names = np.array(["detractor", "passive", "promoter", None], dtype=object)
    return column_like(
        sample.own, "nps_category", names[np.nan_to_num(side + 1, nan=3).astype(int)]
    )


def _categories(scores: Floats, promoters_from: float, detractors_to: float) -> Floats:
    if not detractors_to < promoters_from:
        raise ParameterError(
            f"promoters_from ({promoters_from!r}) must exceed detractors_to ({detractors_to!r})"
        )
    side = (scores >= promoters_from).astype(float)
    side -= scores <= detractors_to
    side[np.isnan(scores)] = np.nan
    return side


def _share_of(groups: Floats, side: float) -> Floats:
    return np.where(np.isnan(groups), np.nan, (groups == side).astype(float))
