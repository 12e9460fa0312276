"""Migration: who moved from which segment to which, who came, who left, and the money with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit,
    as_float,
    is_lazy,
    table_like,
    with_parameters,
)
from crmanalytics.inference import check_level, wilson_interval
from crmanalytics.segments.labels import coded, known_labels, plain_series
from crmanalytics.segments.moves import Moves, moves_on_engine

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["migration"]

_UNLIKE: Final = (
    f"before['{c.CUSTOMER_ID}'] is {{}}, after['{c.CUSTOMER_ID}'] is {{}}: numbers and texts never "
    "match. Give both the same type."
)


def migration(
    before: Any,  # noqa: ANN401 - any frame that narwhals knows
    after: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    state: str = c.SEGMENT,
    value: str | None = None,
    states: Sequence[Hashable] | None = None,
    entered: Hashable = "Entered",
    left: Hashable = "Left",
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Count who moved from which segment to which between two days, and the money that moved along.

    Parameters
    ----------
    before, after : DataFrame of shape (customers, ...)
        The same base segmented on two days: one row per customer, ``customer_id`` and `state`.
        The two may be any segmentations: RFM segments, tiers, clusters, life-cycle states.
    state : str
        The column of segments in both frames.
    value : str, optional
        A column of money in both frames; its flows are then added up.
    states : sequence of hashable, optional
        The segments in the order wanted, those that nobody is in included. Otherwise the order of
        the categories if both columns are categorical and alike; failing that, sorted.
    entered, left : hashable
        Names of two states more: of customers who are only in `after` (they come from `entered`)
        and only in `before` (they go to `left`).
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the same kind (for frames that are not in memory, which must be of one engine: polars
        for polars, else pandas), one row per pair of states, those that never occurred included:
        ``from_state``, ``to_state``, ``count``, ``probability`` (of going there for those from
        here; rows of the same ``from_state`` sum to 1), its ``standard_error`` and the bounds
        ``low`` and ``high``. With `value` also ``value_before``, ``value_after`` and
        ``value_change``, summed over the customers of the pair, who bring nothing before they
        entered and after they left: the changes add up to the change of the whole.

        Nobody goes to `entered`, and from `left` nobody returns (probability 1, count 0): two days
        show no return. A segment without customers before has missing probabilities. For pandas
        ``attrs["crmanalytics"]`` keeps `state`, `value`, `states`, `entered`, `left` and `level`.

        The standard error is the multinomial one, sqrt(p (1 - p) / n); the bounds are Wilson's.

    Raises
    ------
    DataError
        If columns or values are missing, a customer occurs twice, or a segment is not in `states`.
    ParameterError
        If both frames are empty, or `entered` or `left` is the name of a segment.

    References
    ----------
    Anderson, T. W. and Goodman, L. A. (1957), "Statistical inference about Markov chains", Annals
    of Mathematical Statistics 28(1), 89-110, for estimates and their errors.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import migration
    >>> spring = pd.DataFrame({"customer_id": [1, 2, 3], "segment": ["good", "good", "poor"]})
    >>> autumn = pd.DataFrame({"customer_id": [1, 2, 4], "segment": ["good", "poor", "good"]})
    >>> moves = migration(spring, autumn)
    >>> moves.loc[moves["count"] > 0, ["from_state", "to_state", "count", "probability"]]
      from_state to_state  count  probability
    0       good     good      1          0.5
    1       good     poor      1          0.5
    7       poor     Left      1          1.0
    8    Entered     good      1          1.0
    """
    check_level(level)
    first, second = _admitted(before, after, state, value)
    if isinstance(first, nw.LazyFrame) or isinstance(second, nw.LazyFrame):
        moves = moves_on_engine(first, second, state, value)
    else:
        moves = _moves(first, second, state, value)
    named = _labels(moves.columns, states, state, entered, left)
    size = len(named) + 2
    frm, to = (
        _states(column, place, named, missing)
        for column, place, missing in zip(
            moves.columns, moves.places, (size - 2, size - 1), strict=True
        )
    )
    cell = frm * size + to
    count = np.bincount(cell, moves.customers, minlength=size * size).astype(np.int64)
    every = [*named, entered, left]
    table = _rates(count.reshape(size, size), every, level)
    if moves.money is not None:
        table |= _money(cell, *moves.money, size)
    return with_parameters(
        table_like(first, table),
        state=state, value=value, states=named, entered=entered, left=left, level=level,
    )  # fmt: skip


def _admitted(before: object, after: object, state: str, value: str | None) -> tuple[Frame, Frame]:
    columns = [Column(c.CUSTOMER_ID, Kind.IDENTIFIER), Column(state, Kind.LABEL)]
    if value is not None:
        columns.append(Column(value, Kind.NUMBER))
    lazy = is_lazy(before) or is_lazy(after)
    # frames in memory are looked into for customers who repeat when they are matched
    unique = (c.CUSTOMER_ID,) if lazy else ()
    first, second = (
        admit(frame, Contract(name, tuple(columns), names_row_by=c.CUSTOMER_ID, unique=unique))
        for name, frame in (("before", before), ("after", after))
    )
    if lazy and (first.implementation, is_lazy(before)) != (second.implementation, is_lazy(after)):
        raise ParameterError(
            "before and after must be both in memory or both of one engine, not "
            f"{first.implementation.value} and {second.implementation.value}: collect them."
        )
    ids = [own.collect_schema()[c.CUSTOMER_ID] for own in (first, second)]
    if lazy and len({each.is_numeric() for each in ids}) > 1:
        raise InvalidValuesError(_UNLIKE.format(*ids))
    return first, second


def _moves(
    first: nw.DataFrame[Any], second: nw.DataFrame[Any], state: str, value: str | None
) -> Moves:
    """Return the moves of each customer of frames in memory."""
    place, new = _matched(first, second)
    here = np.concatenate([np.arange(len(place)), np.full(len(new), -1)])
    there = np.concatenate([place, new])
    money = None
    if value is not None:
        then, now = (np.append(as_float(own, value), 0.0) for own in (first, second))
        money = (then[here], now[there])
    columns = [plain_series(own, state) for own in (first, second)]
    return Moves(columns, (here, there), None, money)


def _states(column: pd.Series[Any], place: Codes, named: list[Any], missing: int) -> Codes:
    """Return the state of each move; of those at no place, the one of being nowhere."""
    return np.append(coded(column, named), missing)[place]


def _labels(
    columns: list[pd.Series[Any]],
    states: Sequence[Hashable] | None,
    state: str,
    entered: Hashable,
    left: Hashable,
) -> list[Any]:
    named, _ = known_labels(columns, states, "before and after", state)
    if not named:
        raise ParameterError("before and after are both empty: there is nobody to move")
    if entered in named or left in named or entered == left:
        raise ParameterError(
            f"entered={entered!r} and left={left!r} must differ from each other and from the "
            "segments: name them otherwise"
        )
    return named


def _matched(first: nw.DataFrame[Any], second: nw.DataFrame[Any]) -> tuple[Codes, Codes]:
    """Return where in the second frame each customer of the first is (-1: nowhere), and the new."""
    ids = [pd.Index(plain_series(own, c.CUSTOMER_ID)) for own in (first, second)]
    for index, name in zip(ids, ("before", "after"), strict=True):
        if not index.is_unique:
            twice = index[index.duplicated()].unique()
            shown = ", ".join(map(str, twice[:3]))
            raise InvalidValuesError(
                f"{name}['{c.CUSTOMER_ID}'] must not repeat: {len(twice):,} values do "
                f"(first: [{shown}]). Keep one row of each."
            )
    if len(ids[0]) and len(ids[1]) and len({_is_number(index) for index in ids}) > 1:
        raise InvalidValuesError(_UNLIKE.format(ids[0].dtype, ids[1].dtype))
    place = ids[1].get_indexer(ids[0])
    fresh = np.ones(len(ids[1]), dtype=bool)
    fresh[place[place >= 0]] = False
    return place, np.flatnonzero(fresh)


def _is_number(index: pd.Index[Any]) -> bool:
    return bool(pd.api.types.is_numeric_dtype(index.dtype))


def _rates(count: NDArray[np.int64], every: list[Any], level: float) -> dict[str, Any]:
    size = len(every)
    seen = np.repeat(count.sum(axis=1), size)
    hits = count.ravel()
    share = np.divide(hits, seen, out=np.full(size * size, np.nan), where=seen > 0)
    error = np.sqrt(np.divide(share * (1 - share), seen, out=share * 0, where=seen > 0))
    low, high = wilson_interval(hits, seen, level)
    frm, to = np.divmod(np.arange(size * size), size)
    for each in (share, low, high):  # by definition, not by observation
        each[frm == size - 1] = to[frm == size - 1] == size - 1
    error[frm == size - 1] = 0.0
    return {
        "from_state": [every[k] for k in frm],
        "to_state": [every[k] for k in to],
        "count": hits,
        c.PROBABILITY: share,
        c.STANDARD_ERROR: error,
        "low": low,
        "high": high,
    }


def _money(cell: Codes, before: Floats, after: Floats, size: int) -> dict[str, Floats]:
    then, now = (
        np.bincount(cell, each, minlength=size * size).astype(np.float64, copy=False)
        for each in (before, after)
    )
    return {"value_before": then, "value_after": now, "value_change": now - then}
