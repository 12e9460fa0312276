"""Windows of time around a snapshot: what is known, the gap, and what is to be foretold.

All windows are half-open, [start, end): they hold their first day and not their last, so that
neighbours share no day. A snapshot is the start of its day; what happened on that day is not known.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.transactions.units import as_day, as_text

if TYPE_CHECKING:
    from crmanalytics.transactions.units import Day

__all__ = ["Span", "Windows", "check_covered", "moved", "whole_days", "windows_at"]

Span = int | str | timedelta | np.timedelta64

_EPOCH: Final = date(1970, 1, 1)
_TEXT: Final = re.compile(r"\s*(\d+)\s*([DWMY])\s*")
_MONTHS: Final = {"M": 1, "Y": 12}
_DAYS: Final = {"D": 1, "W": 7}
_LONGEST: Final = 36_525  # a century


@dataclass(frozen=True)
class Windows:
    """Day numbers of the windows around a snapshot.

    Parameters
    ----------
    start : int or None
        First day of the observation window; None for all that came before.
    at : int
        The snapshot: first day that is not known.
    outcome_start, outcome_end : int
        First day of the outcome window, and first day after it.
    """

    start: int | None
    at: int
    outcome_start: int
    outcome_end: int

    def described(self) -> dict[str, Any]:
        """Return the windows as dates, for people and for ``attrs``."""
        return {
            "observation": [None if self.start is None else as_text(self.start), as_text(self.at)],
            "snapshot": as_text(self.at),
            "outcome": [as_text(self.outcome_start), as_text(self.outcome_end)],
        }


def windows_at(
    at: Day, *, horizon: Span, gap: Span = 0, observation: Span | None = None
) -> Windows:
    """Return the windows of a snapshot.

    Examples
    --------
    >>> windows_at("1997-10-01", horizon="3M", gap=7, observation="30D").described()["outcome"]
    ['1997-10-08', '1998-01-08']
    """
    day = as_day(at, "at")
    start = None if observation is None else moved(day, observation, "observation", back=True)
    first = moved(day, gap, "gap")
    end = moved(first, horizon, "horizon")
    if end <= first:
        raise ParameterError(f"horizon must be a day or more, not {horizon!r}")
    if start is not None and start >= day:
        raise ParameterError(f"observation must be a day or more, not {observation!r}")
    return Windows(start, day, first, end)


def check_covered(windows: Windows, until: int) -> None:
    """Refuse an outcome window that ends after the last day that the data cover.

    Examples
    --------
    >>> check_covered(windows_at("1997-10-01", horizon=30), until=10_164)
    """
    if windows.outcome_end > until + 1:
        raise ParameterError(
            f"the outcome window [{as_text(windows.outcome_start)}, "
            f"{as_text(windows.outcome_end)}) of the snapshot {as_text(windows.at)} is not "
            f"covered: the data end with {as_text(until)}, so silence after it says nothing. Take "
            "an earlier snapshot or a shorter horizon; pass until=... if the data reach further."
        )


def moved(day: int, span: Span, argument: str, *, back: bool = False) -> int:
    """Return a day number moved by a span; months and years are those of the calendar.

    Examples
    --------
    >>> as_text(moved(as_day("2024-01-31", "at"), "1M", "horizon"))
    '2024-02-29'
    """
    sign = -1 if back else 1
    found = _TEXT.fullmatch(span) if isinstance(span, str) else None
    if found is not None and found[2] in _MONTHS and int(found[1]) <= _LONGEST // 365:
        return _by_months(day, sign * int(found[1]) * _MONTHS[found[2]])
    return day + sign * whole_days(span, argument)


def whole_days(span: Span, argument: str) -> int:
    """Return the days of a span that has a fixed number of them.

    Examples
    --------
    >>> whole_days("2W", "gap"), whole_days(timedelta(days=3), "gap")
    (14, 3)
    """
    days = _days(span)
    if days is None or not 0 <= days <= _LONGEST or days != int(days):
        raise ParameterError(
            f"{argument} must be a whole number of days, 0 or more, such as 90, '90D' or '12W' "
            f"(windows may also be '3M' or '1Y', by the calendar), not {span!r}"
        )
    return int(days)


def _days(span: object) -> float | None:
    if isinstance(span, str):
        found = _TEXT.fullmatch(span)
        days = _DAYS.get(found[2]) if found else None
        return None if found is None or days is None else float(int(found[1]) * days)
    if isinstance(span, np.timedelta64):
        return float(span / np.timedelta64(1, "D"))
    if isinstance(span, timedelta):
        return span / timedelta(days=1)
    known = isinstance(span, int | np.integer) and not isinstance(span, bool)
    return float(span) if known else None  # type: ignore[arg-type]


def _by_months(day: int, months: int) -> int:
    """Move by calendar months; the day of the month stays within the month arrived at."""
    then = _EPOCH + timedelta(days=day)
    year, month = divmod(then.year * 12 + then.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return (date(year, month + 1, min(then.day, last)) - _EPOCH).days
