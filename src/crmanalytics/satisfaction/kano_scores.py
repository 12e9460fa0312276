"""Kano's model of a group: what a feature does for satisfaction, with intervals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.inference import estimate_means, estimate_proportions
from crmanalytics.satisfaction.kano_answers import CATEGORIES, EVALUATION, read_answers
from crmanalytics.satisfaction.laying import tidy_by_item

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates, Sample
    from crmanalytics.satisfaction.kano_answers import Answers

    Floats = NDArray[np.float64]

__all__ = ["counts_of", "kano", "ranked"]

_M, _O, _A, _I = range(4)
_NAMES: Final = ("must_be", "one_dimensional", "attractive", "indifferent", "reverse")


def kano(
    survey: Any,  # noqa: ANN401 - any eager frame
    features: Mapping[str, tuple[str, str]],
    *,
    codes: Sequence[float] = (1, 2, 3, 4, 5),
    table: Sequence[str] = EVALUATION,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Find which features delight, which are taken for granted, and which nobody needs.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    features : mapping of str to pair of str
        Feature to its columns: the answer if it is there, and the answer if it is not.
    codes : sequence of float
        The five codes, from 'I like it' over 'must be', 'neutral', 'can live with it' to 'dislike'.
    table : sequence of str
        The evaluation table, as ``EVALUATION``.
    by : str or sequence of str, optional
        Columns of groups.
    weight, strata, clusters, population, raked, base_weight : optional
        Columns of weights, of the design, and of what weights were raked to; see
        :func:`crmanalytics.inference.read_sample`.
    no_answer : sequence of float
        Codes of no answer.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Per group and feature the tidy columns, with the metrics

        - ``better``: (A + O) / (A + O + M + I), how far satisfaction rises with the feature;
          missing where nobody is in these categories,
        - ``worse``: -(O + M) / (A + O + M + I), how far it falls without,
        - ``total_strength``: (M + O + A) / all, whether the feature matters at all,
        - ``category_strength``: the largest share less the second; an interval that holds 0 leaves
          open which category comes first,
        - ``functional``, ``dysfunctional``: mean scores of the answers with and without the
          feature, from -2 to 4 (the continuous form),
        - ``must_be``, ``one_dimensional``, ``attractive``, ``indifferent``, ``reverse``,
          ``questionable``: shares.

    Raises
    ------
    DataError
        If columns are missing, or an answer is none of the codes.
    ParameterError
        If an argument is wrong.

    See Also
    --------
    crmanalytics.satisfaction.kano_table : Counts, category and Fong's test.
    crmanalytics.satisfaction.kano_classify : The category of each respondent.

    References
    ----------
    Berger, C. et al. (1993), "Kano's methods for understanding customer-defined quality", Center
    for Quality Management Journal 2(4), 3-36; therein Timko, page 17 (better and worse), and
    DuMouchel, page 20 (continuous form). Lee, M. C. and Newcomb, J. F. (1997), "Applying the Kano
    methodology to meet customer requirements", Quality Management Journal 4(3), 95-106 (strengths).

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"with": [1, 1, 3, 1], "without": [3, 3, 5, 5]})
    >>> found = crm.satisfaction.kano(survey, {"navigation": ("with", "without")})
    >>> found[["feature", "metric", "estimate", "low", "high"]].round(2).head(2)
          feature  metric  estimate   low  high
    0  navigation  better      0.75  0.30  0.95
    1  navigation   worse     -0.50 -0.85 -0.15
    """
    sample, found = read_answers(
        survey,
        features,
        codes=codes,
        table=table,
        by=by,
        weight=weight,
        strata=strata,
        clusters=clusters,
        population=population,
        raked=raked,
        base_weight=base_weight,
        no_answer=no_answer,
        level=level,
    )
    metrics: dict[tuple[str, ...], Estimates] = {}
    for feature, answers in found.items():
        for name, estimates in _metrics(sample, answers).items():
            metrics[feature, name] = estimates
    return tidy_by_item(sample, metrics, ["feature"])


def _metrics(sample: Sample, answers: Answers) -> dict[str, Estimates]:
    category = answers.category
    clear = np.where(category <= _I, category, np.nan)
    unanswered = sample.groups.count(np.isnan(category))

    def share(places: Sequence[int], among: Floats) -> Estimates:
        hits = np.where(np.isnan(among), np.nan, np.isin(among, places))
        # those who answered otherwise than in the base are not missing
        return replace(estimate_proportions(sample, hits), n_missing=unanswered)

    fall = share((_O, _M), clear)
    made = {
        "better": share((_A, _O), clear),
        "worse": _negative(fall),
        "total_strength": share((_M, _O, _A), category),
        "category_strength": _lead(sample, category),
        "functional": estimate_means(sample, answers.functional),
        "dysfunctional": estimate_means(sample, answers.dysfunctional),
    }
    shares = {name: share((k,), category) for k, name in enumerate((*_NAMES, "questionable"))}
    return made | shares


def _negative(found: Estimates) -> Estimates:
    # added to zero, so that none is written as -0
    return replace(found, estimate=0 - found.estimate, low=0 - found.high, high=0 - found.low)


def counts_of(sample: Sample, category: Floats) -> Floats:
    """Return the weight in each category, of shape (groups, categories).

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"a": [1.0, 2.0, 3.0]}), "a")
    >>> counts_of(sample, np.array([0.0, 3.0, np.nan])).tolist()
    [[1.0, 0.0, 0.0, 1.0, 0.0, 0.0]]
    """
    every = range(len(CATEGORIES))
    return np.column_stack([sample.groups.total(sample.weight * (category == k)) for k in every])


def ranked(counts: Floats) -> NDArray[np.intp]:
    """Return the categories of each group, the largest first, ties as they stand in CATEGORIES.

    Examples
    --------
    >>> ranked(np.array([[1.0, 5.0, 0.0, 5.0, 0.0, 0.0]]))[0, :2].tolist()
    [1, 3]
    """
    return np.argsort(-np.round(counts, 9), axis=1, kind="stable")


def _lead(sample: Sample, category: Floats) -> Estimates:
    """Estimate by how much the largest share exceeds the second."""
    order = ranked(counts_of(sample, category))
    first, second = (order[sample.groups.of_row, place] for place in (0, 1))
    ahead = (category == first).astype(float) - (category == second)
    return estimate_means(sample, np.where(np.isnan(category), np.nan, ahead))
