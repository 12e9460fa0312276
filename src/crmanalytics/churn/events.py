"""What else is known before a snapshot: contacts, complaints, answers, and columns that change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NoReturn

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.log import plain_ids
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float, as_numpy
from crmanalytics.frames.eager import column_names
from crmanalytics.transactions.window import days_of

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.churn.history import Columns
    from crmanalytics.churn.log import Log

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = [
    "ANSWERS",
    "answer_columns",
    "event_columns",
    "events_contract",
    "refuse_repeated",
    "static_contract",
    "static_rows",
]

_WHO: Final = (Column(c.CUSTOMER_ID, Kind.IDENTIFIER), Column(c.DATE, Kind.DATE))
_RESOLVED: Final = Column(c.RESOLVED, Kind.DATE, required=False, nullable=True)

#: What a frame of answers must hold.
ANSWERS: Final = Contract(
    frame="satisfaction", columns=(*_WHO, Column(c.SATISFACTION, Kind.NUMBER))
)


def events_contract(frame: str) -> Contract:
    """Return what a frame of events must hold.

    Examples
    --------
    >>> [column.name for column in events_contract("contacts").columns]
    ['customer_id', 'date', 'resolved']
    """
    return Contract(frame=frame, columns=(*_WHO, _RESOLVED))


def event_columns(
    log: Log,
    events: Any,  # noqa: ANN401 - any eager frame
    frame: str,
    at: int,
    windows: tuple[int, ...],
) -> Columns:
    """Count events before a snapshot per customer and window, and the days since the last one.

    Where events have a column ``resolved`` (a date, missing while open), those open at the
    snapshot are counted as well: resolved on it or later is not resolved yet.
    """
    own = admit_eager(events, events_contract(frame))
    codes, days = log.codes_for(plain_ids(own), frame), days_of(own)
    known = (codes >= 0) & (days < at)
    whose, when = codes[known], days[known]
    columns: Columns = {
        f"{frame}_{w}d": np.bincount(whose[when >= at - w], minlength=log.size).astype(np.int64)
        for w in windows
    }
    latest = np.full(log.size, np.iinfo(np.int64).min)
    np.maximum.at(latest, whose, when)
    never = latest == np.iinfo(np.int64).min
    columns[f"days_since_{frame}"] = np.where(never, np.nan, at - np.where(never, 0, latest))
    if c.RESOLVED in own.columns:
        closed = as_numpy(own, c.RESOLVED).astype("M8[D]")
        opened = np.isnat(closed) | (closed.astype(np.int64) >= at)
        columns[f"{frame}_open"] = np.bincount(codes[known & opened], minlength=log.size).astype(
            np.int64
        )
    return columns


def answer_columns(log: Log, answers: Any, at: int) -> Columns:  # noqa: ANN401 - any eager frame
    """Return each customer's latest answer before a snapshot, its age, and the change to it.

    Answers of one customer on one day are averaged.
    """
    own = admit_eager(answers, ANSWERS)
    codes, days = log.codes_for(plain_ids(own), "satisfaction"), days_of(own)
    values = as_float(own, c.SATISFACTION)
    known = (codes >= 0) & (days < at)
    codes, days, values = codes[known], days[known], values[known]
    order = np.lexsort((values, days, codes))
    codes, days, values = codes[order], days[order], values[order]
    new = np.ones(len(codes), dtype=bool)
    new[1:] = (np.diff(codes) != 0) | (np.diff(days) != 0)
    group = np.cumsum(new) - 1
    mean = np.bincount(group, weights=values) / np.maximum(np.bincount(group), 1)
    codes, days = codes[new], days[new]
    closing = np.append(np.flatnonzero(np.diff(codes)), len(codes) - 1) if len(codes) else group
    columns = {
        name: np.full(log.size, np.nan)
        for name in ("satisfaction", "satisfaction_age", "satisfaction_change")
    }
    columns["satisfaction"][codes[closing]] = mean[closing]
    columns["satisfaction_age"][codes[closing]] = at - days[closing]
    again = closing[(closing > 0) & (codes[closing] == codes[closing - 1])]
    columns["satisfaction_change"][codes[again]] = mean[again] - mean[again - 1]
    return dict(columns)


def static_contract(static: Any, *, known_from_start: bool) -> tuple[bool, Contract]:  # noqa: ANN401 - any frame
    """Return whether static columns are dated, and what their frame must hold.

    Examples
    --------
    >>> import pandas as pd
    >>> static = pd.DataFrame({"customer_id": [1], "city": ["Graz"]})
    >>> static_contract(static, known_from_start=True)[0]
    False
    """
    dated = c.VALID_FROM in column_names(static)
    if dated == known_from_start:
        raise ParameterError(
            f"static has {'a' if dated else 'no'} column '{c.VALID_FROM}', so static_known_from_"
            f"start must {'not ' if dated else ''}be True. Columns without a date may have been "
            "changed by what came later (a status 'cancelled', a segment): give the day from which "
            "each row holds, or promise that they were known from the start and never changed."
        )
    who = _WHO[0]
    wanted = (who, Column(c.VALID_FROM, Kind.DATE)) if dated else (who,)
    return dated, Contract(frame="static", columns=wanted)


def static_rows(
    log: Log,
    static: Any,  # noqa: ANN401 - any eager frame
    at: int,
    *,
    known_from_start: bool,
) -> tuple[nw.DataFrame[Any], Ints]:
    """Return the frame of static columns, and which of its rows holds for each code; -1 for none.

    With ``valid_from`` it is the latest row before the snapshot; without it the caller must have
    promised that the columns never change.
    """
    dated, contract = static_contract(static, known_from_start=known_from_start)
    own = admit_eager(static, contract)
    codes = log.codes_for(plain_ids(own), "static")
    if dated:
        when = as_numpy(own, c.VALID_FROM).astype("M8[D]").astype(np.int64)
    else:
        when = np.full(len(own), at - 1)
    known = np.flatnonzero((codes >= 0) & (when < at))
    order = known[np.lexsort((when[known], codes[known]))]
    _refuse_repeated(own, codes[order], when[order], order, dated=dated)
    rows = np.full(log.size, -1)
    rows[codes[order]] = order
    return own, rows


def _refuse_repeated(
    own: nw.DataFrame[Any], codes: Ints, when: Ints, rows: Ints, *, dated: bool
) -> None:
    twice = np.flatnonzero((np.diff(codes) == 0) & (np.diff(when) == 0))
    if len(twice):
        first = [own[c.CUSTOMER_ID][int(row)] for row in rows[twice[:3]]]
        refuse_repeated(len(twice), first, dated=dated)


def refuse_repeated(count: int, first: list[Any], *, dated: bool) -> NoReturn:
    """Say that rows of static columns are there more than once.

    Examples
    --------
    >>> refuse_repeated(1, ["ann"], dated=False)
    Traceback (most recent call last):
    crmanalytics.errors.InvalidValuesError: static must have one row per customer_id: 1 are there
    twice (first: ['ann']). Keep one of each.
    """
    raise InvalidValuesError(
        f"static must have one row per {c.CUSTOMER_ID}{f' and {c.VALID_FROM}' if dated else ''}"
        f": {count:,} are there twice (first: {first}). Keep one of each."
    )
