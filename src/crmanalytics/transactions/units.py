"""Units of time, and what calendar day a value stands for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Final, Literal, get_args

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.wording import one_of

__all__ = ["DAYS_PER", "Day", "Unit", "as_day", "as_text", "days_per"]

Unit = Literal["D", "W", "M", "Y"]
Day = str | date | np.datetime64

#: Months and years are mean ones of the Julian calendar, so that every unit is a fixed length.
DAYS_PER: Final[dict[str, float]] = {"D": 1.0, "W": 7.0, "M": 365.25 / 12, "Y": 365.25}


def days_per(unit: str) -> float:
    """Return how many days a unit of time has.

    Parameters
    ----------
    unit : {"D", "W", "M", "Y"}
        Day, week, month (a twelfth of a year) or year (365.25 days).

    Returns
    -------
    float
        Days in one unit.

    Raises
    ------
    ParameterError
        If the unit is none of these.

    Examples
    --------
    >>> days_per("W"), days_per("M")
    (7.0, 30.4375)
    """
    return DAYS_PER[one_of("unit", unit, get_args(Unit))]


def as_day(value: Day, argument: str) -> int:
    """Return the calendar day of a date as the number of days since 1970-01-01.

    Parameters
    ----------
    value : str, datetime.date, datetime.datetime, pandas.Timestamp or numpy.datetime64
        The day; a time of day is ignored, for the day is meant as a whole.
    argument : str
        What the caller's argument is called, for the message.

    Returns
    -------
    int
        Day number.

    Raises
    ------
    ParameterError
        If it is not a date, or a stamp that carries a time zone.

    Examples
    --------
    >>> as_day("1970-01-31", "until")
    30
    """
    day = _parsed(value)
    if day is None:
        raise ParameterError(
            f"{argument} must be a date such as '1997-09-30', not {value!r}; "
            "a stamp with a time zone is not one: give the calendar day that you mean"
        )
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _parsed(value: object) -> date | None:
    if isinstance(value, np.datetime64):
        value = value.astype("M8[D]").item()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if isinstance(value, datetime):
        # pandas' NaT is a datetime too, and the only one that differs from itself
        return value.date() if value.tzinfo is None and value == value else None  # noqa: PLR0124 - NaT
    return value if isinstance(value, date) else None


def as_text(day: int) -> str:
    """Return a day number as the date it stands for, such as '1997-09-30'.

    Examples
    --------
    >>> as_text(30)
    '1970-01-31'
    """
    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()
