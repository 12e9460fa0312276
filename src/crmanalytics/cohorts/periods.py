"""Calendar periods as whole numbers: weeks from Monday, months, quarters, years."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["PERIODS", "Calendar", "Period", "period_of", "period_start"]

Period = Literal["W", "M", "Q", "Y"]

PERIODS: Final = get_args(Period)
_MONDAY = 3  # 1970-01-01 was a Thursday
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
    def of(cls, days: Ints, end: int, period: str) -> Calendar:
        """Begin with the period of the earliest of some days.

        Examples
        --------
        >>> len(Calendar.of(np.array([5, 10]), 59, "M"))
        3
        """
        return cls(period, int(period_of(days.min(keepdims=True), period)[0]), end)

    def __len__(self) -> int:
        return int(self.number(np.array([self.end]))[0]) + 1

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
