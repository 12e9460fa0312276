"""Profiles: what each segment is, in customers, orders and money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.frames import (
    RFM_INPUT,
    Column,
    Contract,
    Kind,
    admit,
    as_float,
    as_numpy,
    collected,
    frame_like,
    table_like,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["profile", "ratio"]

_SEGMENTED: Final = Contract(
    frame="segmented",
    columns=(*RFM_INPUT.columns, Column(c.SEGMENT, Kind.LABEL)),
    names_row_by=c.CUSTOMER_ID,
)


def profile(segmented: Any) -> Any:  # noqa: ANN401 - any frame
    """Describe each segment: how many customers, and how much of the business they are.

    The figures describe the customers given, all of them: they are no estimates.

    Parameters
    ----------
    segmented : DataFrame of shape (customers, ...)
        What :func:`segment` returned, or any frame with ``segment``, ``days_since_last``,
        ``orders`` and ``total``.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory: polars for polars, else pandas), one
        row per segment, the one with most customers first: ``segment``,
        ``customers``, ``share`` (of customers), ``orders``, ``revenue``, ``revenue_share``,
        ``average_order_value`` (revenue per order), and ``mean_`` and ``median_`` of the three
        columns. Shares sum to one; a share of no revenue at all, and the value of an order where
        there was none, are missing.

    Raises
    ------
    DataError
        If columns are missing or hold impossible values.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.rfm import profile
    >>> segmented = pd.DataFrame(
    ...     {
    ...         "segment": ["Best", "Best", "Rest"],
    ...         "days_since_last": [3, 5, 90],
    ...         "orders": [9, 5, 1],
    ...         "total": [900.0, 500.0, 20.0],
    ...     }
    ... )
    >>> profile(segmented)[["segment", "customers", "revenue", "average_order_value"]]
      segment  customers  revenue  average_order_value
    0    Best          2   1400.0                100.0
    1    Rest          1     20.0                 20.0
    """
    own = admit(segmented, _SEGMENTED)
    if isinstance(own, nw.LazyFrame):
        return _described(own)
    codes, labels = pd.factorize(as_numpy(own, c.SEGMENT).astype(object), sort=True)
    size = np.bincount(codes, minlength=len(labels))
    days, orders, money = (as_float(own, x) for x in (c.DAYS_SINCE_LAST, c.ORDERS, c.TOTAL))
    counted = np.bincount(codes, orders, minlength=len(labels))
    revenue = np.bincount(codes, money, minlength=len(labels))
    columns = {
        "segment": labels,
        "customers": size,
        "share": ratio(size, size.sum()),
        "orders": counted.astype(np.int64),
        "revenue": revenue,
        "revenue_share": ratio(revenue, revenue.sum()),
        "average_order_value": ratio(revenue, counted),
        **_middles(codes, size, c.DAYS_SINCE_LAST, days),
        **_middles(codes, size, c.ORDERS, orders),
        **_middles(codes, size, c.TOTAL, money),
    }
    order = np.argsort(-size, kind="stable")
    ordered = {name: np.asarray(values)[order] for name, values in columns.items()}
    return frame_like(own, ordered | {"segment": [str(labels[place]) for place in order]})


def _described(own: nw.LazyFrame[Any]) -> Any:  # noqa: ANN401 - a small native frame
    """Describe segments on the engine; a row of each comes to the driver."""
    named = (c.DAYS_SINCE_LAST, c.ORDERS, c.TOTAL)
    number = {name: nw.col(name).cast(nw.Float64) for name in named}
    found = collected(
        own.select(nw.col(c.SEGMENT).cast(nw.String), *(x.alias(k) for k, x in number.items()))
        .group_by(c.SEGMENT)
        .agg(
            nw.len().alias("customers"),
            *(nw.col(name).sum().alias(f"sum_{name}") for name in named),
            *(nw.col(name).median().alias(f"median_{name}") for name in named),
        )
    ).sort(c.SEGMENT)
    size = np.asarray(found["customers"].to_numpy()).astype(np.int64)
    sums = {name: as_float(found, f"sum_{name}") for name in named}
    columns: dict[str, Any] = {
        "customers": size,
        "share": ratio(size, size.sum()),
        "orders": sums[c.ORDERS].astype(np.int64),
        "revenue": sums[c.TOTAL],
        "revenue_share": ratio(sums[c.TOTAL], sums[c.TOTAL].sum()),
        "average_order_value": ratio(sums[c.TOTAL], sums[c.ORDERS]),
    }
    for name in named:
        columns[f"mean_{name}"] = ratio(sums[name], size)
        columns[f"median_{name}"] = as_float(found, f"median_{name}")
    order = np.argsort(-size, kind="stable")
    labels = found[c.SEGMENT].to_list()
    ordered = {name: np.asarray(values)[order] for name, values in columns.items()}
    return table_like(own, {"segment": [labels[k] for k in order]} | ordered)


def ratio(part: NDArray[Any], whole: Any) -> Floats:  # noqa: ANN401 - an array or a number
    """Divide, leaving out what has nothing to divide by.

    Examples
    --------
    >>> ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist()
    [0.5, nan]
    """
    top, bottom = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    found = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=found, where=bottom != 0)
    return found


def _middles(codes: Codes, size: NDArray[np.intp], name: str, values: Floats) -> dict[str, Floats]:
    mean = ratio(np.bincount(codes, values, minlength=len(size)), size)
    ordered = values[np.lexsort((values, codes))]
    start = np.cumsum(size) - size
    median = (ordered[start + (size - 1) // 2] + ordered[start + size // 2]) / 2.0
    return {f"mean_{name}": mean, f"median_{name}": median}
