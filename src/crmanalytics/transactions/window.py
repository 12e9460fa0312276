"""What each customer bought within a window of days, and whether they had bought before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import admit_eager, as_float, as_numpy, column_names
from crmanalytics.frames.contracts import TRANSACTIONS
from crmanalytics.transactions.counting import Occasion, known_zone, local
from crmanalytics.transactions.encoding import codes_of
from crmanalytics.transactions.units import as_day, as_text
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.transactions.units import Day

    Floats = NDArray[np.float64]

__all__ = ["Activity", "activity_within", "days_of", "window_days"]


@dataclass(frozen=True, eq=False)
class Activity:
    """Customers of a log and what they did within a window, one entry per customer.

    Parameters
    ----------
    customers : narwhals.DataFrame
        The customers who bought within the window or before it, sorted: ``customer_id``.
    occasions : ndarray
        Purchase occasions within the window.
    spend : ndarray or None
        Money within the window, net of refunds; None for a log without amounts.
    before : ndarray of bool
        Whether they had bought before the window.
    """

    customers: nw.DataFrame[Any]
    occasions: Floats
    spend: Floats | None
    before: NDArray[np.bool_]


def window_days(start: Day, end: Day) -> tuple[int, int]:
    """Return a window, from its first day to the day after its last, as day numbers.

    Examples
    --------
    >>> window_days("1970-01-01", "1970-02-01")
    (0, 31)
    """
    days = as_day(start, "start"), as_day(end, "end")
    if days[0] >= days[1]:
        raise ParameterError(
            f"end ({as_text(days[1])}) must be after start ({as_text(days[0])}): it is the first "
            "day that is no longer in the window"
        )
    return days


def days_of(own: nw.DataFrame[Any], time_zone: str | None = None) -> NDArray[np.int64]:
    """Return the calendar day of each row as a day number.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> import pandas as pd
    >>> log = pd.DataFrame({"date": pd.to_datetime(["1970-01-02 13:00"])})
    >>> days_of(nw.from_native(log, eager_only=True)).tolist()
    [1]
    """
    date = own.select(local(own, known_zone(time_zone)).alias(c.DATE))
    return np.asarray(as_numpy(date, c.DATE).astype("M8[D]").astype(np.int64))


def activity_within(
    log: Any,  # noqa: ANN401 - any eager frame
    *,
    start: Day,
    end: Day,
    occasion: Occasion = "day",
    time_zone: str | None = None,
) -> Activity:
    """Count what each customer bought within a window.

    Parameters
    ----------
    log : DataFrame
        The purchase log: ``customer_id``, ``date`` and, where there is money, ``amount``.
    start, end : date
        First day of the window, and the first day after it.
    occasion : {"day", "order", "row"}
        What one purchase occasion is; rows of amounts that are not positive make none.
    time_zone : str, optional
        Where the calendar days are those of.

    Returns
    -------
    Activity
        One entry per customer who bought.

    Raises
    ------
    DataError
        If the log breaks its contract.
    ParameterError
        If an argument is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": [1, 1, 1, 2],
    ...         "date": pd.to_datetime(["2023-12-30", "2024-01-02", "2024-01-09", "2024-01-05"]),
    ...         "amount": [5.0, 7.0, 9.0, 4.0],
    ...     }
    ... )
    >>> found = activity_within(log, start="2024-01-01", end="2024-02-01")
    >>> found.occasions.tolist(), found.spend.tolist(), found.before.tolist()
    ([2.0, 1.0], [16.0, 4.0], [True, False])
    """
    one_of("occasion", occasion, get_args(Occasion))
    first, after = window_days(start, end)
    wanted = [c.CUSTOMER_ID, c.DATE]
    wanted += [c.AMOUNT] if c.AMOUNT in column_names(log) else []
    wanted += [c.ORDER_ID] if occasion == "order" else []
    own = admit_eager(log, TRANSACTIONS.requiring(wanted)).select(wanted)
    days = days_of(own, time_zone)
    codes = codes_of(own[c.CUSTOMER_ID])
    has_money = c.AMOUNT in wanted
    amount = as_float(own, c.AMOUNT) if has_money else np.ones(len(own))
    inside = (days >= first) & (days < after)
    bought = amount > 0
    size = int(codes.max(initial=-1)) + 1
    key = {"day": days, "row": np.arange(len(own))}.get(occasion)
    key = codes_of(own[c.ORDER_ID]) if key is None else key
    occasions = _distinct(codes[inside & bought], key[inside & bought], size)
    before = np.bincount(codes[(days < first) & bought], minlength=size) > 0
    spend = _added(codes[inside], amount[inside], size) if has_money else None
    kept = (occasions > 0) | before
    rows = np.zeros(size, dtype=np.int64)
    rows[codes[::-1]] = np.arange(len(own))[::-1]
    customers = own.select(c.CUSTOMER_ID)[rows[kept].tolist()]
    return Activity(
        customers, occasions[kept], None if spend is None else spend[kept], before[kept]
    )


def _distinct(codes: NDArray[np.int64], key: NDArray[Any], size: int) -> Floats:
    """Count the different keys of each code."""
    order = np.lexsort((key, codes))
    codes, key = codes[order], key[order]
    new = np.ones(len(codes), dtype=bool)
    new[1:] = (np.diff(codes) != 0) | (np.diff(key) != 0)
    return np.bincount(codes[new], minlength=size).astype(float)


def _added(codes: NDArray[np.int64], amount: Floats, size: int) -> Floats:
    order = np.lexsort((amount, codes))  # the order of rows has no effect on the last digit
    return np.asarray(np.bincount(codes[order], weights=amount[order], minlength=size))
