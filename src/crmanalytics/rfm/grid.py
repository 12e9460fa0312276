"""Grids: customers and money per cell of two scores, the numbers behind a heat map."""

from __future__ import annotations

from typing import Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float, as_numpy, frame_like
from crmanalytics.rfm.cutting import MOST_SCORES
from crmanalytics.rfm.profile import ratio

__all__ = ["grid"]

_SCORES = (c.R_SCORE, c.F_SCORE, c.M_SCORE)


def grid(
    scored: Any,  # noqa: ANN401 - any eager frame
    value: str = c.TOTAL,
    *,
    rows: str = c.F_SCORE,
    columns: str = c.R_SCORE,
    n: int | tuple[int, int] = 5,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Sum up a column per cell of two scores, such as the money of frequent but lapsed customers.

    Parameters
    ----------
    scored : DataFrame of shape (customers, ...)
        What :func:`score` returned, or any frame with the two scores and the column.
    value : str
        Column of numbers to sum up.
    rows, columns : {"r_score", "f_score", "m_score"}
        The two scores.
    n : int or tuple of int
        How many scores there are, or how many of rows and of columns: cells without a customer
        are listed too.

    Returns
    -------
    DataFrame
        Of the same kind, one row per cell in ascending order: the two scores, ``customers``,
        ``sum`` and ``mean`` (missing where nobody is).

    Raises
    ------
    DataError
        If columns are missing, or scores lie outside 1 to n.
    ParameterError
        If `rows` and `columns` are not two different scores.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.rfm import grid
    >>> scored = pd.DataFrame(
    ...     {"r_score": [1, 2, 2], "f_score": [1, 2, 2], "total": [10.0, 30.0, 50.0]}
    ... )
    >>> grid(scored, n=2)
       f_score  r_score  customers   sum  mean
    0        1        1          1  10.0  10.0
    1        1        2          0   0.0   NaN
    2        2        1          0   0.0   NaN
    3        2        2          2  80.0  40.0
    """
    if rows == columns or not {rows, columns} <= set(_SCORES):
        raise ParameterError(f"rows and columns must be two of {', '.join(_SCORES)}")
    sizes = (n, n) if isinstance(n, int) else n
    if any(not 1 <= size <= MOST_SCORES for size in sizes):
        raise ParameterError(f"n must lie between 1 and {MOST_SCORES}, not {n!r}")
    pairs = zip((rows, columns), sizes, strict=True)
    scores = [Column(name, Kind.COUNT, low=1, high=size) for name, size in pairs]
    own = admit_eager(scored, Contract("scored", (*scores, Column(value, Kind.NUMBER))))
    down, across = (as_numpy(own, name).astype(np.int64) - 1 for name in (rows, columns))
    cell, cells = down * sizes[1] + across, sizes[0] * sizes[1]
    customers = np.bincount(cell, minlength=cells)
    total = np.bincount(cell, as_float(own, value), minlength=cells)
    at = np.indices(sizes).reshape(2, -1) + 1
    found = {"customers": customers, "sum": total, "mean": ratio(total, customers)}
    return frame_like(own, {rows: at[0], columns: at[1], **found})
