"""A user's table of rules, checked: its columns, its bounds, and rows that say the same twice."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Column, Contract, Kind, Rule, admit_eager, column_names
from crmanalytics.rfm.rulebook import BOUNDS, Box

__all__ = ["boxes_of"]


def boxes_of(table: Any, n: tuple[int, int, int]) -> tuple[Box, ...]:  # noqa: ANN401 - any frame
    """Return a user's table of rules as boxes, or say all that is wrong with it.

    Parameters
    ----------
    table : DataFrame
        ``segment`` and the bounds; see :func:`crmanalytics.rfm.rules`.
    n : tuple of int
        Scores of r, f and m.

    Returns
    -------
    tuple of Box
        In the order of the rows.

    Examples
    --------
    >>> import pandas as pd
    >>> boxes_of(pd.DataFrame({"segment": ["Best"], "r_low": [4], "r_high": [5]}), (5, 5, 5))[0]
    Box(segment='Best', r_low=4, r_high=5, f_low=1, f_high=5, m_low=1, m_high=5)
    """
    own = admit_eager(table, _contract(n), need=_needed(table))
    if not len(own):
        raise InvalidValuesError("rules has no rows: a table of rules needs at least one.")
    bounds = [_bound(own, name, n[place // 2]) for place, name in enumerate(BOUNDS)]
    names = [str(name) for name in own["segment"].to_list()]
    boxes = tuple(Box(*row) for row in zip(names, *bounds, strict=True))
    twice = sorted({str(tuple(box)) for box in boxes if boxes.count(box) > 1})
    if twice:
        raise InvalidValuesError(f"rules has rows that repeat: {'; '.join(twice)}. Keep one each.")
    return boxes


def _contract(n: tuple[int, int, int]) -> Contract:
    bounds = [
        Column(name, Kind.COUNT, required=False, low=1, high=n[place // 2])
        for place, name in enumerate(BOUNDS)
    ]
    ordered = [
        Rule(f"must not exceed rules[{high!r}]", nw.col(low) > nw.col(high), (low, high))
        for low, high in zip(BOUNDS[::2], BOUNDS[1::2], strict=True)
    ]
    columns = (Column("segment", Kind.LABEL), *bounds)
    return Contract("rules", columns, tuple(ordered), names_row_by="segment")


def _needed(table: Any) -> list[str]:  # noqa: ANN401 - any frame
    """Both bounds of each dimension that has one; those of recency where there are none at all."""
    present = set(column_names(table))
    pairs = zip(BOUNDS[::2], BOUNDS[1::2], strict=True)
    found = [name for pair in pairs if present.intersection(pair) for name in pair]
    return found or list(BOUNDS[:2])


def _bound(own: nw.DataFrame[Any], name: str, n: int) -> list[int]:
    if name in own.columns:
        return [int(x) for x in own[name].to_list()]
    return [1 if name.endswith("low") else n] * len(own)
