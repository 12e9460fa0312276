"""Customer satisfaction and customer effort: shares of the best answers, and mean answers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.inference import (
    Estimates,
    bootstrap_interval,
    bootstrap_means,
    estimate_means,
    estimate_proportions,
    read_sample,
    tidy,
)
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.satisfaction.score_types import ShareMethod

    Floats = NDArray[np.float64]

__all__ = ["ces", "csat", "share_estimates", "top_boxes"]


def csat(
    survey: Any,  # noqa: ANN401 - any eager frame
    answer: str | Sequence[str],
    *,
    scale: tuple[int, int],
    top: int = 2,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    method: ShareMethod | Literal["bootstrap"] = "wilson",
    mean: bool = False,
    level: float = 0.95,
    bootstraps: int = 2000,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which share of the customers is satisfied: those who gave one of the best answers.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet.
    answer : str or sequence of str
        Columns of whole numbers, more being better; several columns give a metric each.
    scale : tuple of int
        Lowest and highest answer, such as (1, 5). Any other number is an error.
    top : int
        How many of the best answers count as satisfied: 2 is the usual 'top-two box'.
    by, weight, strata, clusters, population, raked, base_weight, no_answer
        As for :func:`nps`.
    method : str
        ``wilson`` (the default), ``logit``, ``beta`` (Clopper and Pearson's, exact without
        weights), ``wald`` or ``bootstrap``. With weights they work on the effective number of
        answers, with a design also on its degrees of freedom.
    mean : bool
        Whether the mean answer is wanted too, with Student's interval.
    level : float
        Confidence level.
    bootstraps, seed : int
        For ``bootstrap``: samples to draw, and the start of random numbers.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group and metric ('csat', or 'csat:' and the column where
        there are several; 'csat_mean'): the columns of `by`, then as for :func:`nps`. Shares lie
        from 0 to 1.

    Raises
    ------
    DataError
        If columns are missing or answers are out of range.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Wilson, E. B. (1927), "Probable inference, the law of succession, and statistical inference",
    Journal of the American Statistical Association 22(158), 209-212; Korn, E. L. and Graubard, B.
    I. (1998), Survey Methodology 24(2), 193-201, for designs.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"happy": [5, 4, 4, 2, 5, 9], "shop": ["a", "a", "b", "b", "b", "b"]})
    >>> found = csat(survey, "happy", scale=(1, 5), no_answer=[9], by="shop").round(3)
    >>> found[["shop", "metric", "estimate", "low", "high", "n", "n_missing"]]
      shop metric  estimate    low   high  n  n_missing
    0    a   csat     1.000  0.342  1.000  2          0
    1    b   csat     0.667  0.208  0.939  3          1
    """
    items = [answer] if isinstance(answer, str) else list(answer)
    sample = read_sample(
        survey, items, by=by, scale=scale, whole=True, weight=weight, strata=strata,
        clusters=clusters, population=population, raked=raked, base_weight=base_weight,
        no_answer=no_answer, level=level,
    )  # fmt: skip
    metrics = {}
    for item in items:
        tail = "" if len(items) == 1 else f":{item}"
        given = sample.answers(item)
        best = top_boxes(given, scale, top)
        metrics[f"csat{tail}"] = share_estimates(sample, best, method, bootstraps, seed)
        if mean:
            metrics[f"csat_mean{tail}"] = _on_scale(estimate_means(sample, given), scale)
    return tidy(sample, metrics)


def ces(
    survey: Any,  # noqa: ANN401 - any eager frame
    answer: str,
    *,
    scale: tuple[int, int] = (1, 7),
    easy: Literal["high", "low"] = "high",
    top: int = 3,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    method: ShareMethod = "wilson",
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how easy we make it for customers: the share who found it easy, and the mean answer.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet.
    answer : str
        Column of answers, whole numbers: how far one agrees that it was easy, or how much effort
        it took.
    scale : tuple of int
        Lowest and highest answer; 1 to 7 is that of the second edition of the score.
    easy : str
        Whether ``high`` answers say that it was easy ('the company made it easy to...'), or
        ``low`` ones ('how much effort did you have to put forth?').
    top : int
        How many of the best answers count as easy; 3 of 7 are 'somewhat agree' and better.
    by, weight, strata, clusters, population, raked, base_weight, no_answer, method, level
        As for :func:`csat`.

    Returns
    -------
    DataFrame
        Of the same kind, two rows per group: 'ces' (share, from 0 to 1) and 'ces_mean' (on the
        scale asked, Student's interval, cut at the ends of the scale); columns as for :func:`nps`.

    Raises
    ------
    DataError
        If columns are missing or answers are out of range.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Dixon, M., Freeman, K. and Toman, N. (2010), "Stop trying to delight your customers", Harvard
    Business Review 88(7/8), 116-122.

    Examples
    --------
    >>> import pandas as pd
    >>> found = ces(pd.DataFrame({"easy": [7, 6, 5, 2, 7]}), "easy").round(3)
    >>> found[["metric", "estimate", "low", "high", "n"]]
         metric  estimate    low   high  n
    0       ces       0.8  0.376  0.964  5
    1  ces_mean       5.4  2.825  7.000  5
    """
    one_of("easy", easy, ("high", "low"))
    sample = read_sample(
        survey, answer, by=by, scale=scale, whole=True, weight=weight, strata=strata,
        clusters=clusters, population=population, raked=raked, base_weight=base_weight,
        no_answer=no_answer, level=level,
    )  # fmt: skip
    given = sample.answers(answer)
    upward = given if easy == "high" else scale[0] + scale[1] - given
    share = estimate_proportions(sample, top_boxes(upward, scale, top), method)
    mean = _on_scale(estimate_means(sample, given), scale)
    return tidy(sample, {"ces": share, "ces_mean": mean})


def _on_scale(mean: Estimates, scale: tuple[float, float]) -> Estimates:
    """Take off an interval what lies beyond the scale, where no mean can be."""
    low, high = (np.clip(each, *scale) for each in (mean.low, mean.high))
    return replace(mean, low=low, high=high)


def top_boxes(given: Floats, scale: tuple[float, float], top: int) -> Floats:
    """Return 1 for each of the best answers, 0 for others, and NaN where there is none.

    Examples
    --------
    >>> top_boxes(np.array([5.0, 3.0, np.nan]), (1, 5), 2).tolist()
    [1.0, 0.0, nan]
    """
    boxes = scale[1] - scale[0] + 1
    if not 1 <= top < boxes:
        raise ParameterError(
            f"top must be from 1 to {boxes - 1:g} of {boxes:g} answers, not {top!r}"
        )
    return np.where(np.isnan(given), np.nan, (given > scale[1] - top).astype(float))


def share_estimates(
    sample: Sample, hits: Floats, method: str, bootstraps: int, seed: int
) -> Estimates:
    """Estimate shares by any method, the bootstrap included.

    Examples
    --------
    >>> import pandas as pd
    >>> sample = read_sample(pd.DataFrame({"hit": [1.0, 1.0, 0.0, 1.0]}), "hit")
    >>> share_estimates(sample, sample.answers("hit"), "bootstrap", 500, 1).estimate.tolist()
    [0.75]
    """
    if method != "bootstrap":
        return estimate_proportions(sample, hits, method)
    plain = estimate_proportions(sample, hits)
    means = bootstrap_means(sample, hits, times=bootstraps, seed=seed)
    low, high = bootstrap_interval(means, sample.level)
    counts = (plain.n, plain.n_effective, plain.n_missing)
    return Estimates(plain.estimate, plain.se, low, high, *counts, method)
