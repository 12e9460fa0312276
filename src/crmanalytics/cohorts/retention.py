"""Retention: the customers won in a period, followed from period to period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.cohorts.in_engine import sums_in_engine
from crmanalytics.cohorts.in_memory import sums_in_memory
from crmanalytics.cohorts.measures import measure_ratio
from crmanalytics.cohorts.periods import PERIODS
from crmanalytics.cohorts.rows import admitted
from crmanalytics.frames import table_like, with_parameters
from crmanalytics.inference import check_level
from crmanalytics.transactions.units import as_text
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.cohorts.measures import Sums
    from crmanalytics.cohorts.periods import Calendar, Period
    from crmanalytics.transactions.units import Day

__all__ = ["retention"]

Value = Literal["customers", "orders", "revenue", "margin"]


def retention(
    transactions: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    period: Period = "M",
    until: Day | None = None,
    value: Value = "customers",
    customer_id: str = c.CUSTOMER_ID,
    date: str = c.DATE,
    amount: str = c.AMOUNT,
    order_id: str = c.ORDER_ID,
    profit: str = c.PROFIT,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Follow each cohort of new customers: which share of them is back after one, two, ... periods.

    A customer belongs to the period of their first purchase. Rows with a negative amount are
    refunds: they are no activity and found no cohort, but lower the revenue of their period.

    Parameters
    ----------
    transactions : DataFrame of shape (rows, ...)
        The purchase log, cleaned. Without an amount column, each row is a purchase. A frame that
        is not in memory is counted by its engine; a row per cohort and period comes to the driver.
    period : {"W", "M", "Q", "Y"}
        Calendar weeks (from Monday), months, quarters or years.
    until : str or date, optional
        Last day of observation; later rows are left out. Without it, the last day in the log is
        taken, and said so in the library's log (level info).
    value : {"customers", "orders", "revenue", "margin"}
        What `rate` speaks of: customers active as a share of the cohort, or orders or money as a
        ratio to those of the cohort's first period. The margin adds up the column `profit`.
    customer_id, date, amount, order_id, profit : str
        The caller's column names. Rows of one order count once; without order numbers, an order
        is a customer's day. `profit` is the money earned by the row, which may be a loss; refunds
        carry their loss of profit.
    level : float
        Confidence level of the interval.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory: polars for polars, else pandas), one
        row per cohort and period up to `until`, those without customers or activity included:
        ``cohort`` (its first day), ``period`` (0 is the first), ``customers`` (of the cohort),
        ``active`` (of them, in this period), ``orders``, ``revenue`` or ``margin`` where asked
        for, ``rate``, its bounds ``low`` and ``high``, and ``complete``: false where the period
        had not ended by `until`, so that its figures will still grow. The bounds are Wilson's for
        customers, and by linearisation over customers for the ratios; the first period is 1 by
        definition. A rate of nobody, or of no money, is missing. For pandas
        ``attrs["crmanalytics"]`` keeps `period`, `until`, `value` and `level`.

    Raises
    ------
    DataError
        If columns are missing or hold impossible values, or there is no purchase up to `until`.
    ParameterError
        If an argument is none of the above.

    Notes
    -----
    Customers who bought before the log begins count as new when it sees them first: the first
    cohorts of a log that starts in the middle of business hold old customers too.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.cohorts import retention
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": [1, 1, 2, 3, 3],
    ...         "date": pd.to_datetime(
    ...             ["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-01", "2024-02-03"]
    ...         ),
    ...     }
    ... )
    >>> followed = retention(log, until="2024-02-29")
    >>> followed[["cohort", "period", "customers", "active", "rate", "complete"]]
          cohort  period  customers  active  rate  complete
    0 2024-01-01       0          2       2   1.0      True
    1 2024-01-01       1          2       1   0.5      True
    2 2024-02-01       0          1       1   1.0      True
    """
    one_of("period", period, PERIODS)
    one_of("value", value, get_args(Value))
    check_level(level)
    names = {c.CUSTOMER_ID: customer_id, c.DATE: date, c.AMOUNT: amount, c.ORDER_ID: order_id}
    own = admitted(
        transactions,
        names | {c.PROFIT: profit},
        money=value == "revenue",
        orders=value == "orders",
        profit=value == "margin",
    )
    calendar, sums = (
        sums_in_engine(own, value, until, period)
        if isinstance(own, nw.LazyFrame)
        else sums_in_memory(own, value, until, period)
    )
    table = _long(sums, value, level, calendar)
    end = as_text(calendar.end)
    made = table_like(own, table)
    return with_parameters(made, period=period, until=end, value=value, level=level)


def _long(sums: Sums, value: str, level: float, calendar: Calendar) -> dict[str, NDArray[Any]]:
    measured = measure_ratio(sums, level)
    columns: dict[str, NDArray[Any]] = {"active": sums.active}
    if "total" in measured:
        total = measured.pop("total")
        columns[value] = total.astype(np.int64) if value == "orders" else total
    cohort, since = np.nonzero(np.tri(len(calendar), dtype=bool)[::-1])
    key = {
        "cohort": calendar.first_day(cohort).astype("M8[D]"),
        "period": since,
        "customers": sums.size[cohort],
    }
    values = {name: each[cohort, since] for name, each in {**columns, **measured}.items()}
    return {**key, **values, "complete": calendar.last_day(cohort + since) <= calendar.end}
