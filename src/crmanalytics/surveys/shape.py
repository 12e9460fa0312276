"""Surveys one row per person, and one row per answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.frames import SURVEY, Column, Contract, Kind, admit_eager
from crmanalytics.inference import label_codes, names_of
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["to_long", "to_wide"]

_ITEM = "item"
_ANSWER = "answer"


def to_long(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: Sequence[str],
    *,
    respondent_id: str = c.RESPONDENT_ID,
    keep: str | Sequence[str] = (),
    drop_missing: bool = False,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Lay a survey out with one row per person and item.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent; see the contract of a survey.
    items : sequence of str
        Columns of answers.
    respondent_id : str
        The caller's name of the column of respondents.
    keep : str or sequence of str
        Further columns to repeat in each row, such as weights.
    drop_missing : bool
        Whether rows without an answer are left out; otherwise they stay, so that the way back
        gives the same frame.

    Returns
    -------
    DataFrame
        Of the same kind: ``respondent_id``, the columns of `keep`, ``item`` and ``answer``; sorted
        by respondents as in the survey, then items as given.

    Raises
    ------
    DataError
        If columns are missing, or a respondent occurs twice.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"respondent_id": ["a", "b"], "q1": [5, 3], "q2": [4, 2]})
    >>> to_long(survey, ["q1", "q2"])
      respondent_id item  answer
    0             a   q1       5
    1             a   q2       4
    2             b   q1       3
    3             b   q2       2
    """
    kept, asked = names_of(keep), list(items)
    own = admit_eager(survey, SURVEY, names={c.RESPONDENT_ID: respondent_id})
    lacking = [name for name in [*kept, *asked] if name not in own.columns]
    if lacking:
        raise MissingColumnsError(no_column("survey", lacking[0], own.columns))
    if not asked or len(set(asked)) != len(asked):
        raise ParameterError(f"items must name each column once, and at least one, not {asked!r}")
    index = [c.RESPONDENT_ID, *(name for name in kept if name != c.RESPONDENT_ID)]
    rows, width = len(own), len(asked)
    long = own.select(*index, *asked).unpivot(
        asked, index=index, variable_name=_ITEM, value_name=_ANSWER
    )
    # unpivot lays item under item: take the rows person by person
    order = np.arange(rows * width).reshape(width, rows).T.ravel()
    long = long[order.tolist()]
    if drop_missing:
        present = ~nw.col(_ANSWER).is_null()
        if long[_ANSWER].dtype.is_float():
            present = present & ~nw.col(_ANSWER).is_nan()
        long = long.filter(present)
    return _numbered(long)


def to_wide(
    answers: Any,  # noqa: ANN401 - any eager frame
    *,
    respondent_id: str = c.RESPONDENT_ID,
    item: str = _ITEM,
    answer: str = _ANSWER,
    items: Sequence[str] | None = None,
    keep: str | Sequence[str] = (),
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Lay a table of answers out with one row per person and one column per item.

    Parameters
    ----------
    answers : DataFrame
        One row per person and item.
    respondent_id, item, answer : str
        Columns of who answered, what was asked, and the number that was answered.
    items : sequence of str, optional
        Items in the order of the columns wanted; all that occur, sorted, otherwise. An item that
        nobody was asked is a column of missing values.
    keep : str or sequence of str
        Further columns, which must not vary within a respondent.

    Returns
    -------
    DataFrame
        Of the same kind, one row per respondent, sorted: ``respondent_id``, the columns of `keep`,
        and a column of floats per item, missing where there is no answer.

    Raises
    ------
    DataError
        If columns are missing, somebody answered an item twice, or a column of `keep` varies.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"respondent_id": ["b", "a", "b"], "item": ["q1", "q1", "q2"],
    ...                         "answer": [3, 5, 2]})
    >>> to_wide(answers)
      respondent_id   q1   q2
    0             a  5.0  NaN
    1             b  3.0  2.0
    """
    kept = names_of(keep)
    names = {c.RESPONDENT_ID: respondent_id, _ITEM: item, _ANSWER: answer}
    wanted = (
        Column(c.RESPONDENT_ID, Kind.IDENTIFIER),
        Column(_ITEM, Kind.LABEL),
        Column(_ANSWER, Kind.NUMBER, nullable=True),
        *(Column(name, Kind.LABEL, nullable=True) for name in kept),
    )
    own = admit_eager(answers, Contract("answers", wanted), names=names)
    person, people = label_codes(own, c.RESPONDENT_ID)
    labels = [str(each) for each in own[_ITEM].to_list()]
    asked = list(items) if items is not None else sorted(set(labels))
    places = {name: k for k, name in enumerate(asked)}
    strange = sorted(set(labels) - set(places))
    if strange:
        raise InvalidValuesError(f"answers[{item!r}] holds items that are not asked for: {strange}")
    column = np.array([places[each] for each in labels], dtype=np.int64)
    _refuse_twice(person * max(len(asked), 1) + column, answer)
    table = np.full((people, len(asked)), np.nan)
    table[person, column] = own[_ANSWER].cast(nw.Float64).to_numpy()
    first = np.empty(people, dtype=np.int64)
    first[person[::-1]] = np.arange(len(own))[::-1]
    _refuse_varying(own, kept, person, first)
    base = own.select(c.RESPONDENT_ID, *kept)[first.tolist()]
    backend = own.implementation
    made = [nw.new_series(name, table[:, k], backend=backend) for name, k in places.items()]
    return _numbered(base, made)


def _refuse_twice(cell: Any, answer: str) -> None:  # noqa: ANN401 - an array of whole numbers
    twice = len(cell) - len(np.unique(cell))
    if twice:
        raise InvalidValuesError(
            f"answers[{answer!r}] must be one per person and item: {twice:,} rows are more than "
            "that. Keep one of each."
        )


def _refuse_varying(own: nw.DataFrame[Any], kept: list[str], person: Any, first: Any) -> None:  # noqa: ANN401 - arrays of whole numbers
    for name in kept:
        codes = label_codes(own, name)[0]
        varying = int((codes != codes[first][person]).sum())
        if varying:
            raise InvalidValuesError(
                f"answers[{name!r}] must be the same in all rows of a respondent: {varying:,} rows "
                "differ from the first one. Leave it out of keep."
            )


def _numbered(frame: nw.DataFrame[Any], more: Sequence[nw.Series[Any]] = ()) -> Any:  # noqa: ANN401 - a native frame
    """Return the native frame with rows numbered from 0, and columns added."""
    if frame.implementation.is_pandas():
        plain = nw.from_native(frame.to_native().reset_index(drop=True), eager_only=True)
        return plain.with_columns(*more).to_native() if more else plain.to_native()
    return frame.with_columns(*more).to_native() if more else frame.to_native()
