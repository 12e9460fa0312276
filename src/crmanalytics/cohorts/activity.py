"""Activity: how many customers buy in each period, new ones and known ones, and for how much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.cohorts.periods import period_of, period_start
from crmanalytics.cohorts.retention import retention
from crmanalytics.frames import as_float, as_numpy, frame_like

if TYPE_CHECKING:
    from crmanalytics.cohorts.periods import Period
    from crmanalytics.transactions.units import Day

__all__ = ["activity"]


def activity(
    transactions: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    period: Period = "M",
    until: Day | None = None,
    customer_id: str = c.CUSTOMER_ID,
    date: str = c.DATE,
    amount: str = c.AMOUNT,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Count customers and money per calendar period: whether business grows, and by whom.

    Parameters
    ----------
    transactions : DataFrame of shape (rows, ...)
        The purchase log, cleaned, with amounts. A negative amount is a refund: no activity, but
        it lowers the revenue of its period. A frame that is not in memory is counted by its engine.
    period : {"W", "M", "Q", "Y"}
        Calendar weeks (from Monday), months, quarters or years.
    until : str or date, optional
        Last day of observation; the last day in the log if not given.
    customer_id, date, amount : str
        The caller's column names.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory: polars for polars, else pandas), one
        row per period up to `until`, those without purchases included: ``period_start``,
        ``active`` (customers who bought), ``new`` (for the first time), ``returning`` (the
        others), ``revenue``, ``revenue_new`` (of customers new in the period),
        ``revenue_returning`` and ``complete`` (false for a period that `until` cuts short).

    Raises
    ------
    DataError
        If columns are missing or hold impossible values, or there is no purchase up to `until`.
    ParameterError
        If an argument is none of the above.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.cohorts import activity
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": [1, 1, 2],
    ...         "date": pd.to_datetime(["2024-01-05", "2024-02-10", "2024-02-20"]),
    ...         "amount": [10.0, 20.0, 5.0],
    ...     }
    ... )
    >>> activity(log, until="2024-02-29")[["active", "new", "returning", "revenue"]]
       active  new  returning  revenue
    0       1    1          0     10.0
    1       2    1          1     25.0
    """
    followed = retention(
        transactions,
        period=period,
        until=until,
        value="revenue",
        customer_id=customer_id,
        date=date,
        amount=amount,
    )
    own: nw.DataFrame[Any] = nw.from_native(followed, eager_only=True)
    first_day = as_numpy(own, c.COHORT).astype("M8[D]").astype(np.int64)
    since = as_numpy(own, c.PERIOD).astype(np.int64)
    number = period_of(first_day, period) + since
    start = int(number.min())
    place, size = number - start, int(number.max()) - start + 1
    active, money = as_float(own, "active"), as_float(own, c.REVENUE)
    sums = [
        np.bincount(place[chosen], values[chosen], minlength=size)
        for values in (active, money)
        for chosen in (since == 0, since > 0)
    ]
    counts = [total.astype(np.int64) for total in sums[:2]]
    complete = np.ones(size, dtype=bool)
    complete[place] = as_numpy(own, "complete").astype(bool)
    return frame_like(
        own,
        {
            "period_start": period_start(np.arange(size) + start, period).astype("M8[D]"),
            "active": counts[0] + counts[1],
            "new": counts[0],
            "returning": counts[1],
            "revenue": sums[2] + sums[3],
            "revenue_new": sums[2],
            "revenue_returning": sums[3],
            "complete": complete,
        },
    )
