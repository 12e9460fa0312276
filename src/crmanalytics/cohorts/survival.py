"""Survival: for how long customers keep buying before they lapse for the first time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.cohorts.in_engine import lives_in_engine
from crmanalytics.cohorts.in_memory import lives_in_memory
from crmanalytics.cohorts.periods import PERIODS
from crmanalytics.cohorts.rows import admitted
from crmanalytics.errors import ParameterError
from crmanalytics.frames import table_like, with_parameters
from crmanalytics.inference import check_level, kaplan_meier_estimate
from crmanalytics.transactions.units import as_text
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.cohorts.measures import Lives
    from crmanalytics.cohorts.periods import Period
    from crmanalytics.transactions.units import Day

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["survival"]


def survival(
    transactions: Any,  # noqa: ANN401 - any frame that narwhals knows
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
        Of the same kind (for a frame that is not in memory: polars for polars, else pandas), one
        row per period since the first purchase: ``period``, ``at_risk``
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
    own = admitted(transactions, names, money=False, orders=False)
    calendar, lives = (
        lives_in_engine(own, until, period, lapse)
        if isinstance(own, nw.LazyFrame)
        else lives_in_memory(own, until, period, lapse)
    )
    at_risk, lapsed = _risk(lives, calendar.whole - lapse)
    counts = {"period": np.arange(len(at_risk)), "at_risk": at_risk, "lapsed": lapsed}
    table = {**counts, **_kaplan_meier(at_risk, lapsed, level)}
    made = table_like(own, table)
    return with_parameters(
        made, lapse=lapse, period=period, until=as_text(calendar.end), level=level
    )


def _risk(lives: Lives, known: int) -> tuple[Ints, Ints]:
    """Count who could be seen for how long; lives are known up to a period, and when they ended."""
    customers, lapsed = lives.customers, lives.gone >= 0
    last = np.where(lapsed, lives.gone - lives.cohort, known - lives.cohort)
    time = np.maximum(last, 0)
    length = int(time.max()) + 1
    ended = np.bincount(time, customers, minlength=length).astype(np.int64)
    at_risk = np.cumsum(ended[::-1])[::-1]
    return at_risk, np.bincount(time[lapsed], customers[lapsed], minlength=length).astype(np.int64)


def _kaplan_meier(at_risk: Ints, lapsed: Ints, level: float) -> dict[str, Floats]:
    alive, error, low, high = kaplan_meier_estimate(at_risk, lapsed, level)
    return {"survival": alive, c.STANDARD_ERROR: error, "low": low, "high": high}
