"""Kano's pairs of questions: what an answer with and one without a feature say together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.frames import with_new, with_parameters
from crmanalytics.inference import read_sample

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample

    Floats = NDArray[np.float64]
    Features = Mapping[str, tuple[str, str]]

__all__ = ["CATEGORIES", "EVALUATION", "Answers", "kano_classify", "read_answers"]

#: Must-be, one-dimensional, attractive, indifferent, reverse, questionable: the order in which ties
#: are decided, since what is needed most must not be overlooked.
CATEGORIES: Final = ("M", "O", "A", "I", "R", "Q")

#: One row per answer if the feature is there, from 'I like it' over 'it must be so', 'neutral' and
#: 'I can live with it' to 'I dislike it'; one letter per answer if it is not, in the same order.
EVALUATION: Final = ("QAAAO", "RIIIM", "RIIIM", "RIIIM", "RRRRQ")

#: Berger et al. (1993): how much an answer says for the feature. Negative evidence is weaker.
_FUNCTIONAL: Final = np.array([4.0, 2.0, 0.0, -1.0, -2.0])
_DYSFUNCTIONAL: Final = np.array([-2.0, -1.0, 0.0, 2.0, 4.0])


@dataclass(frozen=True, eq=False)
class Answers:
    """The answers about one feature, one per row of the sample.

    Parameters
    ----------
    category : ndarray
        Place in :data:`CATEGORIES`, missing without both answers.
    functional, dysfunctional : ndarray
        Scores of the two answers, from -2 to 4; missing without both.
    """

    category: Floats
    functional: Floats
    dysfunctional: Floats


def read_answers(
    survey: Any,  # noqa: ANN401 - any eager frame
    features: Features,
    *,
    codes: Sequence[float] = (1, 2, 3, 4, 5),
    table: Sequence[str] = EVALUATION,
    **design: Any,  # noqa: ANN401 - arguments of read_sample
) -> tuple[Sample, dict[str, Answers]]:
    """Check a survey and read the answers about each feature.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    features : mapping of str to pair of str
        Feature to its columns: the answer if it is there, and the answer if it is not.
    codes : sequence of float
        The five codes, from 'I like it' to 'I dislike it'.
    table : sequence of str
        The evaluation table, as :data:`EVALUATION`.
    **design
        Groups, weights, design, codes of no answer, level: see
        :func:`crmanalytics.inference.read_sample`.

    Returns
    -------
    tuple of Sample and dict of str to Answers
        The sample, and per feature what was answered.

    Raises
    ------
    DataError
        If columns are missing, or an answer is none of the codes.
    ParameterError
        If an argument is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"with": [1, 3], "without": [5, None]})
    >>> sample, answers = read_answers(survey, {"brakes": ("with", "without")})
    >>> answers["brakes"].category.tolist(), answers["brakes"].functional.tolist()
    ([1.0, nan], [4.0, nan])
    """
    letters = _letters(table)
    known = np.asarray(codes, dtype=np.float64)
    pairs = list(features.values())
    if known.shape != (5,) or len(np.unique(known)) != 5:
        raise ParameterError(f"codes must be five different numbers, not {codes!r}")
    if not features or any(isinstance(p, str) or len(p) != 2 for p in pairs):
        raise ParameterError(
            "features must map each feature to two columns: the answers with it and without it"
        )
    names = list(dict.fromkeys(name for pair in pairs for name in pair))
    sample = read_sample(survey, names, allowed=tuple(known.tolist()), **design)
    found = {}
    for feature, (there, absent) in features.items():
        up, down = (_places(sample.answers(name), known) for name in (there, absent))
        category = _picked(letters.ravel().astype(float), 5 * up + down)
        # one answer alone is no evidence: means are of the same people as counts
        up, down = (np.where(np.isnan(category), np.nan, each) for each in (up, down))
        scores = _picked(_FUNCTIONAL, up), _picked(_DYSFUNCTIONAL, down)
        found[feature] = Answers(category, *scores)
    return sample, found


def _letters(table: Sequence[str]) -> NDArray[np.intp]:
    rows = [list(row) for row in table]
    if len(rows) != 5 or any(len(row) != 5 or set(row) - set(CATEGORIES) for row in rows):
        raise ParameterError(
            f"table must be five rows of five letters of {''.join(CATEGORIES)}, not {table!r}"
        )
    return np.array([[CATEGORIES.index(letter) for letter in row] for row in rows])


def _places(answers: Floats, codes: Floats) -> Floats:
    """Return the place of each answer among the codes, missing for no answer."""
    order = np.argsort(codes)
    found = order[np.minimum(np.searchsorted(codes[order], answers), 4)].astype(float)
    return np.where(np.isnan(answers), np.nan, found)


def _picked(values: Floats, places: Floats) -> Floats:
    missing = np.isnan(places)
    return np.where(missing, np.nan, values[np.where(missing, 0, places).astype(np.intp)])


def kano_classify(
    survey: Any,  # noqa: ANN401 - any eager frame
    features: Features,
    *,
    codes: Sequence[float] = (1, 2, 3, 4, 5),
    table: Sequence[str] = EVALUATION,
    no_answer: Sequence[float] = (),
    suffix: str = "_kano",
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say for each respondent what each feature is to them: must-be, attractive, ...

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    features : mapping of str to pair of str
        Feature to its columns: the answer if it is there, and the answer if it is not.
    codes : sequence of float
        The five codes, from 'I like it' to 'I dislike it'.
    table : sequence of str
        The evaluation table, as ``EVALUATION``; some authors also question answers that agree.
    no_answer : sequence of float
        Codes of no answer.
    suffix : str
        What follows the feature in the names of the new columns.

    Returns
    -------
    DataFrame
        Of the same kind, with its rows and columns, and per feature the letter of the category (M,
        O, A, I, R, Q; missing without both answers) and the scores ``..._functional`` and
        ``..._dysfunctional``, from -2 to 4. It joins to customers by the respondent.

    Raises
    ------
    DataError
        If columns are missing, or an answer is none of the codes.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Kano, N. et al. (1984), "Attractive quality and must-be quality", Journal of the Japanese
    Society for Quality Control 14(2), 39-48. Berger, C. et al. (1993), "Kano's methods for
    understanding customer-defined quality", Center for Quality Management Journal 2(4), 3-36.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"customer_id": [7, 8], "with": [1, 3], "without": [5, 5]})
    >>> found = crm.satisfaction.kano_classify(survey, {"brakes": ("with", "without")})
    >>> found[["customer_id", "brakes_kano", "brakes_kano_dysfunctional"]]
       customer_id brakes_kano  brakes_kano_dysfunctional
    0            7           O                        4.0
    1            8           M                        4.0
    """
    sample, found = read_answers(survey, features, codes=codes, table=table, no_answer=no_answer)
    made: dict[str, Any] = {}
    for feature, answers in found.items():
        letters = [None if np.isnan(x) else CATEGORIES[int(x)] for x in answers.category]
        made[f"{feature}{suffix}"] = np.array(letters, dtype=object)
        made[f"{feature}{suffix}_functional"] = answers.functional
        made[f"{feature}{suffix}_dysfunctional"] = answers.dysfunctional
    return with_parameters(with_new(sample.own, made), codes=list(codes), table=list(table))
