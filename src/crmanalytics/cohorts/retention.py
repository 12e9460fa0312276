"""Retention: the customers won in a period, followed from period to period."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from crmanalytics import columns as c
from crmanalytics.cohorts.measures import Visits, measure_ratio, measure_share, members_of
from crmanalytics.cohorts.periods import PERIODS, Calendar
from crmanalytics.cohorts.rows import read_rows
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.inference import check_level
from crmanalytics.transactions.units import as_day, as_text, one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.cohorts.periods import Period
    from crmanalytics.cohorts.rows import Rows
    from crmanalytics.transactions.units import Day

    Array = NDArray[Any]
    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["observed", "retention"]

Value = Literal["customers", "orders", "revenue", "margin"]

_log = logging.getLogger(__name__)


def retention(
    transactions: Any,  # noqa: ANN401 - any eager frame
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
        The purchase log, cleaned. Without an amount column, each row is a purchase.
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
        Of the same kind, one row per cohort and period up to `until`, those without customers or
        activity included: ``cohort`` (its first day), ``period`` (0 is the first), ``customers``
        (of the cohort), ``active`` (of them, in this period), ``orders``, ``revenue`` or
        ``margin`` where asked for, ``rate``, its bounds ``low`` and ``high``, and ``complete``:
        false where the period had not ended by `until`, so that its figures will still grow. The
        bounds are Wilson's for customers, and by linearisation over customers for the ratios; the
        first period is 1 by definition. A rate of nobody, or of no money, is missing. For pandas
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
    rows = read_rows(
        transactions,
        names | {c.PROFIT: profit},
        money=value == "revenue",
        orders=value == "orders",
        profit=value == "margin",
    )
    seen, bought, end = observed(rows, until)
    calendar = Calendar.of(bought.day, end, period)
    visits = _visits(calendar, bought.customer, bought.day)
    members = members_of(visits, len(calendar))
    active = members.count(visits)
    totals: dict[str, Array] = {}
    if value == "customers":
        rates = list(measure_share(members, active, level))
    else:
        measured = _orders(calendar, bought) if value == "orders" else _money(calendar, seen)
        totals[value], *rates = measure_ratio(members, measured, level)
        if value == "orders":
            totals[value] = totals[value].astype(np.int64)
    columns = {"active": active, **totals, **dict(zip(("rate", "low", "high"), rates, strict=True))}
    table = frame_like(rows.frame, _long(members.size, columns, calendar))
    return with_parameters(table, period=period, until=as_text(end), value=value, level=level)


def observed(rows: Rows, until: Day | None) -> tuple[Rows, Rows, int]:
    """Return the rows up to the last day of observation, those of them that buy, and that day.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer_id": [1], "date": pd.to_datetime(["1970-01-03"])})
    >>> names = {x: x for x in ("customer_id", "date", "amount", "order_id", "profit")}
    >>> observed(read_rows(log, names, money=False, orders=False), "1970-01-05")[2]
    4
    """
    end = _last_day(rows, until)
    seen = rows.only(rows.day <= end)
    bought = seen.only(seen.money >= 0)
    if not len(bought.day):
        raise InvalidValuesError(f"transactions has no purchase up to {as_text(end)}.")
    return seen, bought, end


def _last_day(rows: Rows, until: Day | None) -> int:
    if until is not None:
        return as_day(until, "until")
    if not len(rows.day):
        raise InvalidValuesError("transactions has no rows.")
    end = int(rows.day.max())
    _log.info("until was not given: the last day of the log, %s, is taken", as_text(end))
    return end


def _visits(calendar: Calendar, customer: Ints, day: Ints, money: Floats | None = None) -> Visits:
    return Visits.of(customer, calendar.number(day), len(calendar), money)


def _orders(calendar: Calendar, bought: Rows) -> Visits:
    return _visits(calendar, *bought.per_order())


def _money(calendar: Calendar, seen: Rows) -> Visits:
    since = seen.only(calendar.number(seen.day) >= 0)  # a refund may come before any purchase
    return _visits(calendar, since.customer, since.day, since.earned)


def _long(size: Ints, columns: dict[str, Array], calendar: Calendar) -> dict[str, Array]:
    cohort, since = np.nonzero(np.tri(len(size), dtype=bool)[::-1])
    key = {
        "cohort": calendar.first_day(cohort).astype("M8[D]"),
        "period": since,
        "customers": size[cohort],
    }
    values = {name: each[cohort, since] for name, each in columns.items()}
    return {**key, **values, "complete": calendar.last_day(cohort + since) <= calendar.end}
