"""The core: how few customers hold half of the business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import table_like
from crmanalytics.segments.inequality import read_spread

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["core_customers"]


def core_customers(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    value: str = c.TOTAL,
    *,
    share: Sequence[float] = (0.5, 0.8),
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Count how many of the largest customers it takes to make up half of the value, or 80%.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        Negative values are allowed as long as the sum is positive.
    value : str
        The column.
    share : sequence of float
        Shares of the value, above 0 and up to 1.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory, whose distinct values come to the
        driver: polars for polars, else pandas), one row per share, in the order given:
        ``value_share`` (asked for), ``customers`` (the fewest that hold as much or more),
        ``customer_share`` and ``value`` (what they hold).

    Raises
    ------
    DataError
        If there are no rows, columns or values are missing, or the sum is not positive.
    ParameterError
        If a share is outside 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> core_customers(pd.DataFrame({"total": [60.0, 10.0, 20.0, 10.0]}))
       value_share  customers  customer_share  value
    0          0.5          1            0.25   60.0
    1          0.8          2            0.50   80.0
    """
    wanted = [float(each) for each in share]
    if not wanted or any(not 0 < each <= 1 for each in wanted):
        raise ParameterError(f"share must be shares above 0 and up to 1, not {share!r}")
    values, times, own = read_spread(customers, value, None)
    if own is None:
        raise ParameterError("customers must be a data frame")
    values, times = values[::-1], times[::-1]
    last, running = np.cumsum(times), np.cumsum(values * times)
    # the running sum falls again where values are negative, so look for the first that suffices
    peak = np.maximum.accumulate(running)
    enough = np.round(np.array(wanted) * running[-1], 9)
    place = np.minimum(np.searchsorted(np.round(peak, 9), enough), len(values) - 1)
    before, each = running[place] - values[place] * times[place], values[place]
    more = np.divide(enough - before, each, out=times[place].copy(), where=each > 0)
    more = np.clip(np.ceil(np.round(more, 9)), 1, times[place])  # of those who are alike
    count = last[place] - times[place] + more
    table = {
        "value_share": wanted,
        "customers": count.astype(np.int64),
        "customer_share": count / last[-1],
        "value": before + more * each,
    }
    return table_like(own, table)
