"""Cohorts of a log in memory, counted by codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.cohorts.measures import Lives, Sums, Visits, is_new, members_of, sums_of
from crmanalytics.cohorts.periods import Calendar, last_day, need_purchase, need_whole
from crmanalytics.cohorts.rows import read_rows
from crmanalytics.transactions.exact import Money

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.cohorts.rows import Rows
    from crmanalytics.transactions.units import Day

    Ints = NDArray[np.int64]

__all__ = ["lives_in_memory", "sums_in_memory"]


def sums_in_memory(
    own: nw.DataFrame[Any], value: str, until: Day | None, period: str
) -> tuple[Calendar, Sums]:
    """Add up an admitted log per cohort and period.

    Parameters
    ----------
    own : narwhals.DataFrame
        The log.
    value : {"customers", "orders", "revenue", "margin"}
        What is added up beside the customers.
    until : str or date, optional
        Last day of observation.
    period : {"W", "M", "Q", "Y"}
        Calendar weeks, months, quarters or years.

    Returns
    -------
    tuple of Calendar and Sums

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> import pandas as pd
    >>> dates = pd.to_datetime(["2024-01-05", "2024-02-10", "2024-01-20"])
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2], "date": dates})
    >>> own = nw.from_native(log, eager_only=True)
    >>> sums_in_memory(own, "customers", None, "M")[1].active.tolist()
    [[2, 1], [0, 0]]
    """
    seen, bought, calendar = _observed(own, until, period)
    visits = _visits(calendar, bought.customer, bought.day)
    members = members_of(visits, len(calendar))
    active = members.count(visits)
    if value == "customers":
        return calendar, Sums(active)
    if value == "orders":
        return calendar, sums_of(members, active, _visits(calendar, *bought.per_order()), 1.0)
    since = seen.only(calendar.number(seen.day) >= 0)  # a refund may come before any purchase
    money = Money.of(since.earned)
    exact = len(money.parts) == 1
    measured = Visits.of(
        since.customer,
        calendar.number(since.day),
        len(calendar),
        money.parts[0] if exact else since.earned,
    )
    return calendar, sums_of(members, active, measured, money.scale if exact else 1.0)


def lives_in_memory(
    own: nw.DataFrame[Any], until: Day | None, period: str, lapse: int
) -> tuple[Calendar, Lives]:
    """Say when customers of an admitted log came, and when they lapsed.

    Parameters
    ----------
    own : narwhals.DataFrame
        The log.
    until : str or date, optional
        Last day of observation.
    period : {"W", "M", "Q", "Y"}
        Calendar weeks, months, quarters or years.
    lapse : int
        Periods without a purchase that make a customer lapsed.

    Returns
    -------
    tuple of Calendar and Lives

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> import pandas as pd
    >>> dates = pd.to_datetime(["2024-01-05", "2024-02-10", "2024-05-20"])
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2], "date": dates})
    >>> own = nw.from_native(log, eager_only=True)
    >>> lives = lives_in_memory(own, "2024-05-31", "M", 2)[1]
    >>> lives.cohort.tolist(), lives.gone.tolist()
    ([0, 4], [2, -1])
    """
    _, bought, calendar = _observed(own, until, period)
    whole = need_whole(calendar)
    number = calendar.number(bought.day)
    seen = number < whole
    visits = Visits.of(bought.customer[seen], number[seen], whole)
    members = members_of(visits, whole)
    start = is_new(visits.customer)
    after = np.append(visits.period[1:], whole)
    after[np.append(start[1:], True)] = whole  # after the last visit, nothing up to the end
    idle = after - visits.period - 1 >= lapse
    who = (np.cumsum(start) - 1)[idle]
    gone = np.full(len(members.customer), -1)
    first = is_new(who)
    gone[who[first]] = visits.period[idle][first] + 1
    return calendar, Lives(members.cohort, gone, np.ones(len(gone), dtype=np.int64))


def _observed(
    own: nw.DataFrame[Any], until: Day | None, period: str
) -> tuple[Rows, Rows, Calendar]:
    """Return the rows up to the last day of observation, those of them that buy, and periods."""
    rows = read_rows(own)
    end = last_day(until, int(rows.day.max()) if len(rows.day) else None)
    seen = rows.only(rows.day <= end)
    bought = seen.only(seen.money >= 0)
    first = need_purchase(int(bought.day.min()) if len(bought.day) else None, end)
    return seen, bought, Calendar.of(first, end, period)


def _visits(calendar: Calendar, customer: Ints, day: Ints) -> Visits:
    return Visits.of(customer, calendar.number(day), len(calendar))
