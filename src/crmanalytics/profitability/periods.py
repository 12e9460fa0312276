"""Calendar periods of dates: days, weeks from Monday, months, quarters, years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics.transactions.expressions import day_number
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["Period", "check_period", "numbered", "started", "truncated"]

Period = Literal["D", "W", "M", "Q", "Y"]

_PERIODS: Final = ("D", "W", "M", "Q", "Y")
_TRUNCATE: Final = {"D": "1d", "M": "1mo", "Q": "1q", "Y": "1y"}
_MONDAY: Final = 3  # 1970-01-01 was a Thursday
_LONG_AGO: Final = 7 * 110_000  # so that no day is below zero


def check_period(argument: str, period: str | None) -> None:
    """Refuse a period that there is not.

    Examples
    --------
    >>> check_period("period", "M")
    """
    if period is not None:
        one_of(argument, period, _PERIODS)


def numbered(stamps: NDArray[Any], period: str) -> Ints:
    """Return the number of the period of each date; they ascend by one.

    Examples
    --------
    >>> numbered(np.array(["1970-01-05", "1970-04-01"], dtype="M8[s]"), "Q").tolist()
    [0, 1]
    """
    if period == "W":
        days: Ints = stamps.astype("M8[D]").view(np.int64)
        return (days + _MONDAY) // 7
    unit = "M" if period == "Q" else period
    numbers: Ints = stamps.astype(f"M8[{unit}]").view(np.int64)
    return numbers // 3 if period == "Q" else numbers


def started(numbers: Ints, period: str) -> NDArray[Any]:
    """Return the first day of the periods that :func:`numbered` numbers.

    Examples
    --------
    >>> started(np.array([1]), "Q").astype(str).tolist()
    ['1970-04-01T00:00:00']
    """
    if period == "W":
        return (numbers * 7 - _MONDAY).astype("M8[D]").astype("M8[s]")
    unit = "M" if period == "Q" else period
    return (numbers * 3 if period == "Q" else numbers).astype(f"M8[{unit}]").astype("M8[s]")


def truncated(name: str, dtype: nw.dtypes.DType, period: str | None) -> nw.Expr:
    """Return a column of dates as the first day of each one's period, in any engine.

    Examples
    --------
    >>> import datetime
    >>> own = nw.from_dict({"date": [datetime.datetime(2024, 5, 17)]}, backend="polars")
    >>> str(own.select(truncated("date", own.schema["date"], "Q"))["date"][0])
    '2024-04-01 00:00:00'
    """
    dates = nw.col(name)
    if isinstance(dtype, nw.Datetime) and dtype.time_zone is not None:
        dates = dates.dt.replace_time_zone(None)
    if period is None:
        return dates
    if period != "W":
        return dates.dt.truncate(_TRUNCATE[period])
    # what older releases of DuckDB truncate to days are dates, which they do not add to
    day = week = dates.dt.truncate("1d").cast(nw.Datetime("us"))
    after = (day_number(dates) + _MONDAY + _LONG_AGO) % 7  # engines differ about Sunday's number
    for late in range(1, 7):
        week = nw.when(after == late).then(day.dt.offset_by(f"-{late}d")).otherwise(week)
    return week
