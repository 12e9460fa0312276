"""Moves of customers between two days: each by itself in memory, or counted by an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import as_float, collected
from crmanalytics.segments.labels import plain_series

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]
    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["Moves", "labels_in", "moves_on_engine"]

_STATE: Final = ("state before", "state after")
_MONEY: Final = ("money before", "money after")


@dataclass(frozen=True, eq=False)
class Moves:
    """Who went from where to where.

    Parameters
    ----------
    columns : list of pandas.Series
        Labels of states before and after.
    places : tuple of ndarray of shape (moves,)
        Where the labels of each move are in the two columns; -1 for those who are nowhere.
    customers : ndarray of shape (moves,) or None
        How many made the move; one each for None.
    money : tuple of ndarray of shape (moves,) or None
        What they brought before and after.
    """

    columns: list[pd.Series[Any]]
    places: tuple[Codes, Codes]
    customers: Floats | None
    money: tuple[Floats, Floats] | None


def moves_on_engine(first: Frame, second: Frame, state: str, value: str | None) -> Moves:
    """Count moves where the customers are; a row per pair of states comes to the driver.

    The two frames are laid one below the other and grouped by customer, which takes no join.

    Examples
    --------
    >>> import polars as pl
    >>> spring = nw.from_native(pl.LazyFrame({"customer_id": [1, 2], "segment": ["a", "a"]}))
    >>> autumn = nw.from_native(pl.LazyFrame({"customer_id": [2], "segment": ["b"]}))
    >>> moves_on_engine(spring, autumn, "segment", None).customers.tolist()
    [1.0, 1.0]
    """
    halves: list[Any] = [_half(own, state, value, k) for k, own in enumerate((first, second))]
    names = [*_STATE, *(_MONEY if value is not None else ())]
    each = nw.concat(halves).group_by(c.CUSTOMER_ID)
    pairs = each.agg(*(nw.col(name).max() for name in names))
    sums = [nw.col(name).sum() for name in names[2:]]
    found = collected(pairs.group_by(*_STATE).agg(nw.len().alias("customers"), *sums))
    money = None if value is None else (as_float(found, _MONEY[0]), as_float(found, _MONEY[1]))
    known = [~found[name].is_null() for name in _STATE]
    columns = [plain_series(found.filter(k), x) for x, k in zip(_STATE, known, strict=True)]
    here, there = (_places(np.asarray(each.to_numpy()).astype(bool)) for each in known)
    return Moves(columns, (here, there), as_float(found, "customers"), money)


def _half(own: Frame, state: str, value: str | None, place: int) -> Frame:
    """Return one day's frame with room for the other day's state and money."""
    dtype = own.collect_schema()[state]
    plain = dtype if dtype.is_numeric() or dtype == nw.Boolean else nw.String()
    label, nobody = nw.col(state).cast(plain), nw.lit(None).cast(plain)
    columns = [label, nobody] if place == 0 else [nobody, label]
    if value is not None:
        money, nothing = nw.col(value).cast(nw.Float64), nw.lit(None).cast(nw.Float64)
        columns += [money, nothing] if place == 0 else [nothing, money]
    named = zip(columns, (*_STATE, *_MONEY), strict=False)
    return own.select(nw.col(c.CUSTOMER_ID), *(each.alias(name) for each, name in named))


def _places(known: NDArray[np.bool_]) -> Codes:
    return np.where(known, np.cumsum(known) - 1, -1)


def labels_in(own: Frame, name: str) -> pd.Series[Any]:
    """Return the labels of a column: all of them in memory, else each once.

    Examples
    --------
    >>> import polars as pl
    >>> sorted(labels_in(nw.from_native(pl.LazyFrame({"a": [1, 2, 1]})), "a"))
    [1, 2]
    """
    if isinstance(own, nw.LazyFrame):
        return plain_series(collected(own.select(name).unique()), name)
    return plain_series(own, name)
