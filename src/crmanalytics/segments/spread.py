"""Distinct values of a column and how many customers have each: all that ranks and shares need.

Of a frame that is not in memory, the engine counts them and they alone come to the driver.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import Column, Contract, Kind, admit, as_float, collected

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["admit_values", "spread", "spread_of"]

_TIMES = "times"


def admit_values(
    frame: object, value: str, weight: str | None = None, *, called: str = "customers"
) -> Frame:
    """Check a frame for a column of values, and one of weights.

    Examples
    --------
    >>> import pandas as pd
    >>> admit_values(pd.DataFrame({"total": [1.0]}), "total").columns
    ['total']
    """
    wanted = [Column(c.CUSTOMER_ID, Kind.IDENTIFIER, required=False), Column(value, Kind.NUMBER)]
    if weight is not None:
        wanted.append(Column(weight, Kind.NUMBER, low=0))
    return admit(frame, Contract(called, tuple(wanted), names_row_by=c.CUSTOMER_ID))


def spread_of(own: Frame, value: str, weight: str | None = None) -> tuple[Floats, Floats]:
    """Return values of an admitted frame and the number of customers of each.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.LazyFrame({"total": [9, 5, 9]}))
    >>> [each.tolist() for each in spread_of(own, "total")]
    [[5.0, 9.0], [1.0, 2.0]]
    """
    if isinstance(own, nw.DataFrame):
        return spread(as_float(own, value), None if weight is None else as_float(own, weight))
    number = nw.col(value).cast(nw.Float64).alias(value)
    times = nw.lit(1.0) if weight is None else nw.col(weight).cast(nw.Float64)
    rows = own.select(number, times.alias(_TIMES)).group_by(value)
    found = collected(rows.agg(nw.col(_TIMES).sum())).sort(value)
    return as_float(found, value), as_float(found, _TIMES)


def spread(values: Floats, weights: Floats | None = None) -> tuple[Floats, Floats]:
    """Return distinct values, ascending, and the number of customers of each.

    Examples
    --------
    >>> [each.tolist() for each in spread(np.array([9.0, 5.0, 9.0]))]
    [[5.0, 9.0], [1.0, 2.0]]
    """
    if weights is None:
        distinct, times = np.unique(values, return_counts=True)
        return distinct, times.astype(np.float64)
    distinct, code = np.unique(values, return_inverse=True)
    return distinct, np.bincount(code, weights, minlength=len(distinct)).astype(np.float64)
