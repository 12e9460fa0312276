"""Survival: for how long customers keep buying before they lapse for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.cohorts.measures import Visits, is_new, members_of
from crmanalytics.cohorts.periods import PERIODS, Calendar
from crmanalytics.cohorts.retention import observed
from crmanalytics.cohorts.rows import read_rows
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.inference import check_level, kaplan_meier_estimate
from crmanalytics.transactions.units import as_text, one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.cohorts.periods import Period
    from crmanalytics.transactions.units import Day

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["survival"]


def survival(
    transactions: Any,  # noqa: ANN401 - any eager frame
    *,
    lapse: int = 3,
    period: Period = "M",
    until: Day | None = None,
    customer_id: str = c.CUSTOMER_ID,
    date: str = c.DATE,
    amount: str = c.AMOUNT,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which share of customers is still there after one, two, ... periods.

    Retention counts who buys in a period; survival counts who has not gone yet. A customer lapses
    at the first of `lapse` periods in a row without a purchase; whoever comes back later has lapsed
    all the same.

    Parameters
    ----------
    transactions : DataFrame of shape (rows, ...)
        The purchase log, as for :func:`retention`.
    lapse : int
        Periods without a purchase that make a customer lapsed, 1 or more.
    period : {"W", "M", "Q", "Y"}
        Calendar weeks (from Monday), months, quarters or years.
    until : str or date, optional
        Last day of observation, as for :func:`retention`. A period that it cuts short is left out.
    customer_id, date, amount : str
        The caller's column names.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the same kind, one row per period since the first purchase: ``period``, ``at_risk``
        (customers not lapsed before, of whom it can be known by now whether they lapsed then),
        ``lapsed``, ``survival``, its ``standard_error``, ``low`` and ``high``. It ends where nobody
        can be known. For pandas ``attrs["crmanalytics"]`` keeps `lapse`, `period`, `until`, and
        `level`.

        The estimate is Kaplan and Meier's: young cohorts count for as long as they can be seen.
        The standard error is Greenwood's; the bounds are symmetric for log(-log S), and so lie
        between 0 and 1.

    Raises
    ------
    DataError
        If columns or values are missing, or no period is complete.
    ParameterError
        If an argument is none of the above.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958), "Nonparametric estimation from incomplete observations",
    Journal of the American Statistical Association 53(282), 457-481.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.cohorts import survival
    >>> days = ["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-01", "2024-04-03"]
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2, 3, 3], "date": pd.to_datetime(days)})
    >>> survival(log, lapse=2, until="2024-05-31")[["period", "at_risk", "lapsed", "survival"]]
       period  at_risk  lapsed  survival
    0       0        3       0  1.000000
    1       1        3       1  0.666667
    2       2        2       1  0.333333
    """
    one_of("period", period, PERIODS)
    check_level(level)
    if isinstance(lapse, bool) or not isinstance(lapse, int) or lapse < 1:
        raise ParameterError(f"lapse must be a whole number of periods from 1, not {lapse!r}")
    names = {c.CUSTOMER_ID: customer_id, c.DATE: date, c.AMOUNT: amount}
    rows = read_rows(transactions, names, money=False, orders=False)
    _, bought, end = observed(rows, until)
    calendar = Calendar.of(bought.day, end, period)
    number = calendar.number(bought.day)
    whole = len(calendar) - int(calendar.last_day(np.array([len(calendar) - 1]))[0] > end)
    seen = number < whole
    if not seen.any():
        raise InvalidValuesError(f"no period of transactions had ended by {as_text(end)}.")
    visits = Visits.of(bought.customer[seen], number[seen], whole)
    at_risk, lapsed = _risk(*_times(visits, whole, lapse))
    table = {"period": np.arange(len(at_risk)), "at_risk": at_risk, "lapsed": lapsed}
    return with_parameters(
        frame_like(rows.frame, table | _kaplan_meier(at_risk, lapsed, level)),
        lapse=lapse, period=period, until=as_text(end), level=level,
    )  # fmt: skip


def _times(visits: Visits, whole: int, lapse: int) -> tuple[Ints, NDArray[np.bool_]]:
    """Return for each customer the period of lapsing, or the last one that is known, and which."""
    members = members_of(visits, whole)
    start = is_new(visits.customer)
    after = np.append(visits.period[1:], whole)
    after[np.append(start[1:], True)] = whole  # after the last visit, nothing up to the end
    idle = after - visits.period - 1 >= lapse
    who = (np.cumsum(start) - 1)[idle]
    gone = np.full(len(members.customer), -1)
    first = is_new(who)
    gone[who[first]] = visits.period[idle][first] + 1
    known = np.maximum(whole - lapse - members.cohort, 0)
    return np.where(gone >= 0, gone - members.cohort, known), gone >= 0


def _risk(time: Ints, gone: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    length = int(time.max()) + 1
    ended = np.bincount(time, minlength=length)
    at_risk = np.cumsum(ended[::-1])[::-1]
    return at_risk, np.bincount(time[gone], minlength=length)


def _kaplan_meier(at_risk: Ints, lapsed: Ints, level: float) -> dict[str, Floats]:
    alive, error, low, high = kaplan_meier_estimate(at_risk, lapsed, level)
    return {"survival": alive, c.STANDARD_ERROR: error, "low": low, "high": high}
