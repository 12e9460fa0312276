"""Concentration: which share of the value the largest customers hold, and how sure that is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import table_like, with_parameters
from crmanalytics.inference import normal_interval
from crmanalytics.segments.inequality import read_spread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["concentration"]


def concentration(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    value: str = c.TOTAL,
    *,
    top: Sequence[float] = (0.01, 0.05, 0.10, 0.20, 0.50),
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how much of the business hangs on the largest 1%, 5%, ... of customers.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        Negative values are allowed as long as the sum is positive; a share may then exceed 1: the
        largest customers earn more than all of them together.
    value : str
        The column.
    top : sequence of float
        Shares of customers, above 0 and up to 1.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory, whose distinct values come to the
        driver: polars for polars, else pandas), one row per share, in the order given: ``top``,
        ``customers`` (whole ones, rounded up), ``value`` (their sum), ``value_share`` and its
        ``standard_error``, ``low`` and ``high``, ``smallest`` (the value of the last of them) and
        ``tied`` (how many customers have that value, inside and outside: whichever of them is
        counted in, the sum is the same, so the order of rows plays no part). For pandas
        ``attrs["crmanalytics"]`` keeps `value`, `top` and `level`.

        The standard error is by linearisation, taking customers as a sample of possible ones; the
        interval is the normal one. It is too narrow where the share hangs on a few giants.

    Raises
    ------
    DataError
        If there are no rows, columns or values are missing, or the sum is not positive.
    ParameterError
        If a share is outside 0 to 1.

    References
    ----------
    Beach, C. M. and Davidson, R. (1983), "Distribution-free statistical inference with Lorenz
    curves and income shares", Review of Economic Studies 50(4), 723-735.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import concentration
    >>> customers = pd.DataFrame({"total": [60.0, 10.0, 10.0, 10.0, 10.0]})
    >>> concentration(customers, top=(0.2, 0.5))[["top", "customers", "value_share", "tied"]]
       top  customers  value_share  tied
    0  0.2          1          0.6     1
    1  0.5          3          0.8     4
    """
    shares = [float(share) for share in top]
    if not shares or any(not 0 < share <= 1 for share in shares):
        raise ParameterError(f"top must be shares above 0 and up to 1, not {top!r}")
    values, times, own = read_spread(customers, value, None)
    if own is None:
        raise ParameterError("customers must be a data frame")
    values, times = values[::-1], times[::-1]
    last, running = np.cumsum(times), np.cumsum(values * times)
    # 0.07 * 100 is a hair above 7 in floating point, and must not become 8 customers
    counts = np.array([math.ceil(round(share * last[-1], 9)) for share in shares])
    place = np.searchsorted(last, counts)
    smallest = values[place]
    money = running[place] - (last[place] - counts) * smallest
    held = money / running[-1]
    error = np.array(
        [_standard_error(values, times, *each) for each in zip(smallest, held, strict=True)]
    )
    low, high = normal_interval(held, error, level)
    table = {
        "top": shares,
        "customers": counts,
        "value": money,
        "value_share": held,
        "standard_error": error,
        "low": low,
        "high": high,
        "smallest": smallest,
        "tied": times[place].astype(np.int64),
    }
    return with_parameters(table_like(own, table), value=value, top=shares, level=level)


def _standard_error(values: Floats, times: Floats, edge: float, share: float) -> float:
    """Beach and Davidson's variance of a Lorenz ordinate, as that of its influence function."""
    n = float(times.sum())
    if n < 2:
        return math.nan
    mean, excess = float(values @ times) / n, np.maximum(values - edge, 0.0)
    influence = (excess - float(excess @ times) / n - share * (values - mean)) / mean
    return float(np.sqrt(np.sum(times * influence**2) / (n - 1) / n))
