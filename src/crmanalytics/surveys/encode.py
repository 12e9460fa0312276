"""From the words that people ticked to numbers, and what the lack of an answer means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, with_new
from crmanalytics.inference import names_of, read_sample

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["encode", "reverse"]

_SHOWN: Final = 3
_STATES: Final = np.array(["answered", "do not know", "missing"], dtype=object)


def encode(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: str | Sequence[str],
    labels: Mapping[Hashable, float] | Sequence[Hashable],
    *,
    do_not_know: Sequence[Hashable] = (),
    missing: Sequence[Hashable] = (),
    states: bool = False,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Turn labels of answers into numbers; say of each that is no answer why.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet.
    items : str or sequence of str
        Columns to encode; all of them have the same labels.
    labels : mapping or sequence
        Number of each label; or labels from the lowest to the highest, numbered from 1. Numbers
        may be labels too, so that ``range(1, 11)`` passes answers from 1 to 10 through and refuses
        all others.
    do_not_know, missing : sequence
        Labels that mean the person could not say, and that there is no answer (besides empty
        cells).
    states : bool
        Whether a column ``{item}_state`` is wanted that says 'answered', 'do not know' or
        'missing'.

    Returns
    -------
    DataFrame
        Of the same kind, the columns replaced by floats; missing where there is no answer.

    Raises
    ------
    InvalidValuesError
        If a value is neither a label nor said to be no answer; all items are told at once.
    ParameterError
        If a label has two meanings.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"praise": ["agree", "disagree", "no idea", None]})
    >>> encode(survey, "praise", ["disagree", "neither", "agree"], do_not_know=["no idea"],
    ...        states=True)
       praise praise_state
    0     3.0     answered
    1     1.0     answered
    2     NaN  do not know
    3     NaN      missing
    """
    names = names_of(items)
    meaning = _meanings(labels, do_not_know, missing)
    wanted = tuple(Column(name, Kind.LABEL, nullable=True) for name in names)
    own = admit_eager(survey, Contract("survey", wanted, names_row_by=c.RESPONDENT_ID))
    made: dict[str, NDArray[Any]] = {}
    problems = []
    for name in names:
        values, state, strange = _encoded(own, name, meaning)
        made[name] = values
        if states:
            made[f"{name}_state"] = _STATES[state]
        if strange:
            shown = ", ".join(repr(each) for each in strange[:_SHOWN])
            problems.append(
                f"survey[{name!r}] holds {len(strange):,} values that are no labels (first: "
                f"{shown}). Name them in labels, do_not_know or missing."
            )
    if problems:
        raise InvalidValuesError("\n".join(problems))
    return with_new(own, made)


def _meanings(
    labels: Mapping[Hashable, float] | Sequence[Hashable],
    do_not_know: Sequence[Hashable],
    missing: Sequence[Hashable],
) -> dict[Hashable, tuple[float, int]]:
    """Return the number and the state of each label."""
    pairs: list[tuple[Hashable, float]]
    if isinstance(labels, Mapping):
        pairs = [(label, float(number)) for label, number in labels.items()]
    else:
        # numbers that are labels keep their value
        numbers = [x for x in labels if isinstance(x, int | float) and not isinstance(x, bool)]
        own = len(numbers) == len(labels)
        pairs = [(x, float(numbers[k] if own else k + 1)) for k, x in enumerate(labels)]
    every: list[tuple[Hashable, tuple[float, int]]] = [(k, (v, 0)) for k, v in pairs]
    every += [(k, (np.nan, 1)) for k in do_not_know]
    every += [(k, (np.nan, 2)) for k in missing]
    found = dict(every)
    if len(found) != len(every):
        names = [k for k, _ in every]
        twice = next(k for k in names if names.count(k) > 1)
        raise ParameterError(f"the label {twice!r} has two meanings: name it once")
    if not pairs:
        raise ParameterError("labels must name at least one label")
    return found


def _encoded(
    own: nw.DataFrame[Any], name: str, meaning: Mapping[Hashable, tuple[float, int]]
) -> tuple[Floats, NDArray[np.int64], list[Any]]:
    import pandas as pd

    native = own[name].to_native()
    series = native if isinstance(native, pd.Series) else pd.Series(own[name].to_list())
    codes, found = pd.factorize(series)
    known = [meaning.get(label) for label in found]
    strange = [label for label, each in zip(found, known, strict=True) if each is None]
    pairs = [each or (np.nan, 2) for each in known]
    numbers = np.array([*(pair[0] for pair in pairs), np.nan])
    states = np.array([*(pair[1] for pair in pairs), 2])
    return numbers[codes], states[codes], strange  # the code -1 of empty cells is the last place


def reverse(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: str | Sequence[str],
    scale: tuple[float, float],
    *,
    no_answer: Sequence[float] = (),
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Turn items around that were asked the other way, so that more is better everywhere.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet.
    items : str or sequence of str
        Columns of numbers.
    scale : tuple of float
        Lowest and highest answer; any other number is an error.
    no_answer : sequence of float
        Codes that stand for no answer; they become missing.

    Returns
    -------
    DataFrame
        Of the same kind, with ``lowest + highest - answer`` in these columns.

    Raises
    ------
    DataError
        If a column is missing, or an answer is outside the scale.
    ParameterError
        If the scale is none.

    Examples
    --------
    >>> import pandas as pd
    >>> reverse(pd.DataFrame({"annoying": [1, 5, 2]}), "annoying", (1, 5))
       annoying
    0       5.0
    1       1.0
    2       4.0
    """
    low, high = scale
    if not low < high:
        raise ParameterError(f"scale must be (lowest, highest), not {scale!r}")
    names = names_of(items)
    sample = read_sample(survey, names, scale=scale, no_answer=no_answer)
    return with_new(sample.own, {name: low + high - sample.answers(name) for name in names})
