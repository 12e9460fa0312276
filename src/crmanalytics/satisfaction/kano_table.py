"""Kano's table: how many find a feature what, the category that follows, and how sure it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.inference import effective_size, influence_of_means, tidy_table
from crmanalytics.satisfaction.kano_answers import CATEGORIES, EVALUATION, read_answers
from crmanalytics.satisfaction.kano_scores import counts_of, ranked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.satisfaction.kano_answers import Answers

    Floats = NDArray[np.float64]

__all__ = ["kano_table"]

#: Lee and Newcomb (1997): a feature that matters to most, but not in the same way to most.
_MIXED: Final = (0.60, 0.06)
#: From this mean score on an answer counts as 'must be', halfway to 'like'.
_STRONG: Final = 2.0


def kano_table(
    survey: Any,  # noqa: ANN401 - any eager frame
    features: Mapping[str, tuple[str, str]],
    *,
    codes: Sequence[float] = (1, 2, 3, 4, 5),
    table: Sequence[str] = EVALUATION,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    no_answer: Sequence[float] = (),
    z: float = 1.65,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Count what each feature is to whom, and name its category with Fong's test.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    features : mapping of str to pair of str
        Feature to its columns: the answer if it is there, and the answer if it is not.
    codes : sequence of float
        The five codes, from 'I like it' to 'I dislike it'.
    table : sequence of str
        The evaluation table, as ``EVALUATION``.
    by : str or sequence of str, optional
        Columns of groups.
    weight : str, optional
        Column of weights; counts are then sums of weights, and the test takes the effective number
        of answers.
    no_answer : sequence of float
        Codes of no answer.
    z : float
        Quantile of Fong's test; his 1.65 is a level of 90 %.

    Returns
    -------
    DataFrame
        Per group and feature: ``n``, ``n_effective``, ``n_missing``, the counts ``M, O, A, I, R,
        Q``, ``category`` (the largest; in a tie what comes first in that order) and ``second``,
        ``category_by_rule`` (the largest of M, O, A where these outnumber I, R, Q, else of these),
        ``category_by_means`` (of the mean scores; missing where one is negative), ``mixed``
        (total strength of at least 0.60 and category strength of at most 0.06), ``lead`` (the
        largest count less the second), ``lead_needed`` and ``fong_significant`` (whether the lead
        reaches it). Without answers they are missing, and the flags false.

    Raises
    ------
    DataError
        If columns are missing, or an answer is none of the codes.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Fong, D. (1996), "Using the self-stated importance questionnaire to interpret Kano questionnaire
    results", Center for Quality Management Journal 5(3), 21-23.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"with": [1, 1, 3, 1], "without": [3, 3, 5, 5]})
    >>> found = crm.satisfaction.kano_table(survey, {"navigation": ("with", "without")})
    >>> found[["feature", "M", "O", "A", "category", "fong_significant"]]
          feature    M    O    A category  fong_significant
    0  navigation  1.0  1.0  2.0        A             False
    """
    sample, found = read_answers(
        survey, features, codes=codes, table=table, by=by, weight=weight, no_answer=no_answer
    )
    parts = [_columns(sample, answers, z) for answers in found.values()]
    made: dict[str, Any] = {"feature": list(found) * sample.groups.size}
    for name in parts[0]:
        stacked = np.stack([part[name] for part in parts], axis=1)
        made[name] = stacked.ravel() if stacked.dtype != np.dtype("O") else list(stacked.ravel())
    return tidy_table(sample.own, made, sample.groups.labels, len(parts))


def _columns(sample: Sample, answers: Answers, z: float) -> dict[str, NDArray[Any]]:
    category = answers.category
    answered = np.asarray(~np.isnan(category))
    counts = counts_of(sample, category)
    total = counts.sum(axis=1)
    none = np.zeros(sample.groups.size)
    size = effective_size(sample, answered, none, none)
    order = ranked(counts)
    every = np.arange(len(counts))
    scale = size / np.where(total > 0, total, np.nan)
    first, second = (counts[every, order[:, place]] * scale for place in (0, 1))
    needed = z * np.sqrt((first + second) * (2 * size - first - second) / (2 * size + (size == 0)))
    strong = counts[:, :3].sum(axis=1) >= _MIXED[0] * total
    empty = total == 0
    return {
        c.N: sample.groups.count(answered),
        c.N_EFFECTIVE: size,
        c.N_MISSING: sample.groups.count(~answered),
        **{letter: counts[:, k] for k, letter in enumerate(CATEGORIES)},
        "category": _letters(order[:, 0], empty),
        "second": _letters(order[:, 1], empty | (second == 0)),
        "category_by_rule": _letters(_by_rule(counts), empty),
        "category_by_means": _by_means(sample, answers),
        "mixed": strong & (first - second <= _MIXED[1] * size) & ~empty,
        "lead": first - second,
        "lead_needed": needed,
        "fong_significant": first - second >= needed,
    }


def _letters(places: NDArray[np.intp], missing: NDArray[np.bool_]) -> NDArray[Any]:
    letters = np.array(CATEGORIES, dtype=object)[places]
    letters[missing] = None
    return np.asarray(letters)


def _by_rule(counts: Floats) -> NDArray[np.intp]:
    matters = counts[:, :3].sum(axis=1) > counts[:, 3:].sum(axis=1)
    wanted, rest = ranked(counts[:, :3])[:, 0], ranked(counts[:, 3:])[:, 0] + 3
    return np.where(matters, wanted, rest)


def _by_means(sample: Sample, answers: Answers) -> NDArray[Any]:
    """Return the quadrant of the two mean scores; they say nothing where one is negative."""
    up = influence_of_means(sample, answers.functional)[0]
    down = influence_of_means(sample, answers.dysfunctional)[0]
    high, low = up >= _STRONG, down >= _STRONG
    place = np.select([high & low, high, low], [1, 2, 0], default=3)
    with np.errstate(invalid="ignore"):
        return _letters(place, ~((up >= 0) & (down >= 0)))
