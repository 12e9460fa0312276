"""Rules: which scores make which segment, as tables that can be read, checked and replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from crmanalytics.errors import ParameterError
from crmanalytics.rfm.rulebook import Box, Rules
from crmanalytics.rfm.ruletable import boxes_of
from crmanalytics.wording import none_of

if TYPE_CHECKING:
    from crmanalytics.rfm.rulebook import Overlap

__all__ = ["rules"]

# Recency against frequency, as most retailers draw it; money does not decide, any m_score fits.
# Each of the 25 pairs, and so each of the 125 cells, belongs to exactly one segment.
_DEFAULT: Final = (
    #   segment                r     f     m
    Box("Champions", 5, 5, 4, 5, 1, 5),
    Box("Loyal Customers", 3, 4, 4, 5, 1, 5),
    Box("Potential Loyalists", 4, 5, 2, 3, 1, 5),
    Box("New Customers", 5, 5, 1, 1, 1, 5),
    Box("Promising", 4, 4, 1, 1, 1, 5),
    Box("Need Attention", 3, 3, 3, 3, 1, 5),
    Box("About To Sleep", 3, 3, 1, 2, 1, 5),
    Box("Can't Lose Them", 1, 2, 5, 5, 1, 5),
    Box("At Risk", 1, 2, 3, 4, 1, 5),
    Box("Hibernating", 1, 2, 1, 2, 1, 5),
)

# The table of the R package rfm, version 0.3.0: read from the top, the first match wins, and what
# nothing matches is "Others".
_RFM_R: Final = (
    Box("Champions", 5, 5, 5, 5, 5, 5),
    Box("Potential Loyalist", 3, 5, 3, 5, 2, 5),
    Box("Loyal Customers", 2, 4, 2, 4, 2, 4),
    Box("Promising", 3, 4, 1, 3, 3, 5),
    Box("New Customers", 4, 5, 1, 3, 1, 5),
    Box("Can't Lose Them", 1, 2, 3, 4, 4, 5),
    Box("At Risk", 1, 2, 2, 5, 4, 5),
    Box("Need Attention", 1, 3, 3, 5, 3, 5),
    Box("About To Sleep", 2, 3, 1, 3, 1, 4),
    Box("Lost", 1, 1, 1, 5, 1, 5),
)

_NAMED: Final = {
    "default": Rules(_DEFAULT),
    "rfm-r-0.3.0": Rules(_RFM_R, overlap="first", others="Others"),
}


def rules(
    table: Any = "default",  # noqa: ANN401 - a name, or any eager frame
    *,
    overlap: Overlap | None = None,
    others: str | None = None,
    n: int | tuple[int, int, int] = 5,
) -> Rules:
    """Return the rules that turn scores into segments: ours, or a table of your own.

    Parameters
    ----------
    table : {"default", "rfm-r-0.3.0"} or DataFrame
        "default" is the widespread map of recency against frequency into ten segments, which
        covers each cell once. "rfm-r-0.3.0" is the table of the R package rfm, whose rules overlap
        (the first match wins) and leave cells to "Others". A frame has one row per rule, with
        ``segment`` and the bounds ``r_low, r_high, f_low, f_high, m_low, m_high``, both ends
        included; a dimension without its two columns may have any score. A segment may have
        several rows.
    overlap : {"refuse", "first"}, optional
        What to do where rules of different segments share a cell: refuse to segment (the default)
        or let the first one win.
    others : str, optional
        Name for cells that no rule covers; without one, :func:`segment` refuses such rules.
    n : int or tuple of int
        The scale of the scores that your table is written for: 5, or one number each for r, f, m.

    Returns
    -------
    Rules
        To be passed to :func:`segment`; ``.check()`` reports what is wrong with them.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the table lacks columns or its bounds make no sense; all problems are listed.
    ParameterError
        If the name is unknown, or comes with arguments that belong to a table of your own.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.rfm import rules
    >>> rules().check().empty
    True
    >>> mine = pd.DataFrame(
    ...     {"segment": ["Best", "Rest"], "r_low": [4, 1], "r_high": [5, 4]},
    ... )
    >>> rules(mine).check()[["problem", "segment", "other", "cells"]]
           problem segment other  cells
    0  overlapping    Best  Rest     25
    """
    if isinstance(table, Rules):
        raise ParameterError("table is rules already: pass it to segment(...) as it is")
    if not isinstance(table, str):
        scale = (n, n, n) if isinstance(n, int) else n
        return Rules(boxes_of(table, scale), overlap or "refuse", others, scale)
    if table not in _NAMED:
        raise ParameterError(none_of("the name of rules", table, _NAMED))
    if overlap is not None or others is not None or n != 5:
        raise ParameterError(f"overlap, others and n are part of the rules named {table!r}")
    return _NAMED[table]
