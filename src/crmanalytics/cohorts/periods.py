"""Calendar periods as whole numbers: weeks from Monday, months, quarters, years."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.transactions.units import as_day, as_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.transactions.units import Day

    Ints = NDArray[np.int64]

__all__ = [
    "PERIODS",
    "Calendar",
    "Period",
    "last_day",
    "need_purchase",
    "need_whole",
    "period_of",
    "period_start",
]

_log = logging.getLogger(__name__)

Period = Literal["W", "M", "Q", "Y"]

PERIODS: Final = get_args(Period)
_MONDAY = 3  # 1970-01-01 was a Thursday
_EPOCH: Final = 1970 * 12  # months before it
_MONTHS: Final = {"M": 1, "Q": 3, "Y": 12}


def period_of(days: Ints, period: str) -> Ints:
    """Return the number of the period that each day since 1970-01-01 lies in.

    Parameters
    ----------
    days : ndarray of shape (n,)
        Day numbers.
    period : {"W", "M", "Q", "Y"}
        Weeks start on Monday.

    Returns
    -------
    ndarray of shape (n,)
        Numbers that ascend by one from period to period.

    Examples
    --------
    >>> period_of(np.array([0, 4, 31]), "W").tolist(), period_of(np.array([0, 4, 31]), "M").tolist()
    ([0, 1, 4], [0, 0, 1])
    """
    if period == "W":
        return (days + _MONDAY) // 7
    months = days.astype("M8[D]").astype("M8[M]").astype(np.int64)
    return months // _MONTHS[period]


def period_start(numbers: Ints, period: str) -> Ints:
    """Return the first day, as a day number, of each period that :func:`period_of` numbers.

    Examples
    --------
    >>> period_start(np.array([0, 1]), "W").tolist(), period_start(np.array([0, 1]), "Q").tolist()
    ([-3, 4], [0, 90])
    """
    if period == "W":
        return numbers * 7 - _MONDAY
    months = (numbers * _MONTHS[period]).astype("M8[M]")
    return months.astype("M8[D]").astype(np.int64)


@dataclass(frozen=True)
class Calendar:
    """The periods of an observation, numbered from 0.

    Parameters
    ----------
    period : {"W", "M", "Q", "Y"}
        How long each is.
    start : int
        Number of the first one, as :func:`period_of` gives it.
    end : int
        Last day observed, as a day number.
    """

    period: str
    start: int
    end: int

    @classmethod
    def of(cls, first: int, end: int, period: str) -> Calendar:
        """Begin with the period of the earliest day.

        Examples
        --------
        >>> len(Calendar.of(5, 59, "M"))
        3
        """
        return cls(period, int(period_of(np.array([first]), period)[0]), end)

    def __len__(self) -> int:
        return int(self.number(np.array([self.end]))[0]) + 1

    @property
    def whole(self) -> int:
        """How many periods had ended by the last day; the last one may be cut short.

        Examples
        --------
        >>> Calendar("M", 0, 59).whole, Calendar("M", 0, 58).whole
        (2, 2)
        """
        periods = len(self)
        return periods - int(self.last_day(np.array([periods - 1]))[0] > self.end)

    def number(self, days: Ints) -> Ints:
        """Return the number of the period that each day lies in.

        Examples
        --------
        >>> Calendar("M", 0, 59).number(np.array([5, 40])).tolist()
        [0, 1]
        """
        if not len(days):
            return period_of(days, self.period)
        low, high = int(days.min()), int(days.max())
        if high - low >= len(days):
            return period_of(days, self.period) - self.start
        every = period_of(np.arange(low, high + 1), self.period) - self.start
        return every[days - low]  # far fewer days than rows: look them up

    def number_of(self, date: nw.Expr, day: nw.Expr) -> nw.Expr:
        """Return the same on any engine, for dates whose day numbers are known.

        Examples
        --------
        >>> import datetime
        >>> own = nw.from_dict({"date": [datetime.date(1970, 2, 10)]}, backend="polars")
        >>> number = Calendar("M", 0, 59).number_of(nw.col("date"), nw.lit(40))
        >>> own.select(number.alias("number"))["number"].to_list()
        [1]
        """
        if self.period == "W":
            return ((day + (_MONDAY - 7 * self.start)) // 7).cast(nw.Int64)
        months = date.dt.year().cast(nw.Int64) * 12 + date.dt.month().cast(nw.Int64) - 1
        width = _MONTHS[self.period]
        return (months // width).cast(nw.Int64) - (_EPOCH // width + self.start)

    def first_day(self, numbers: Ints) -> Ints:
        """Return the first day of periods.

        Examples
        --------
        >>> Calendar("M", 0, 59).first_day(np.array([1])).tolist()
        [31]
        """
        return period_start(self.start + numbers, self.period)

    def last_day(self, numbers: Ints) -> Ints:
        """Return the last day of periods.

        Examples
        --------
        >>> Calendar("M", 0, 59).last_day(np.array([1])).tolist()
        [58]
        """
        return self.first_day(numbers + 1) - 1


def last_day(until: Day | None, last: int | None) -> int:
    """Return the last day of observation: as asked for, or the last of the log.

    Examples
    --------
    >>> last_day("1970-01-05", None), last_day(None, 7)
    (4, 7)
    """
    if until is not None:
        return as_day(until, "until")
    if last is None:
        raise InvalidValuesError("transactions has no rows.")
    _log.info("until was not given: the last day of the log, %s, is taken", as_text(last))
    return last


def need_whole(calendar: Calendar) -> int:
    """Return how many periods had ended, or say that none had.

    Examples
    --------
    >>> need_whole(Calendar("M", 0, 59))
    2
    """
    if not calendar.whole:
        end = as_text(calendar.end)
        raise InvalidValuesError(f"no period of transactions had ended by {end}.")
    return calendar.whole


def need_purchase(first: int | None, end: int) -> int:
    """Return the day of the first purchase, or say that there is none.

    Examples
    --------
    >>> need_purchase(3, 9)
    3
    """
    if first is None:
        raise InvalidValuesError(f"transactions has no purchase up to {as_text(end)}.")
    return first
