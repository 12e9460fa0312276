"""Dates as they are written in files, to the calendar days that they mean."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pandas as pd

from crmanalytics.cli.values import texts
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.transactions.counting import known_zone

if TYPE_CHECKING:
    from crmanalytics.cli.options import LogOptions

__all__ = ["parse_dates"]

_YEARS: Final = ("%Y", "%y", "%G", "%c", "%x")
_OFFSET: Final = r"(?i)[T ]\d{1,2}:?\d{2}[\d:.,]*\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)$"
# a whole day, so that no bare year, number or word such as "now" is taken for a date
_DAY: Final = r"\d{4}([-/]?)\d{2}\1\d{2}(?:[T ].*)?"
_ANY: Final = r"(?i)\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)$"


def parse_dates(values: pd.Series, options: LogOptions) -> pd.Series:
    """Read dates or stamps; those with an offset as the clocks of one time zone show them.

    Parameters
    ----------
    values : Series
        Texts, or dates already.
    options : LogOptions
        With date_format and time_zone.

    Returns
    -------
    Series
        Stamps without a zone; NaT where nothing can be read.

    Raises
    ------
    InvalidValuesError
        If they carry several offsets and no time zone is given.
    ParameterError
        If there is no such time zone, or the format is none.
    """
    zone = known_zone(options.time_zone)
    if pd.api.types.is_datetime64_any_dtype(values):
        return _without_zone(values, zone)
    written = texts(values)
    if options.date_format is not None:
        return _formatted(written, options.date_format, options.date, zone)
    form = "ISO8601"
    written = written.where(written.str.fullmatch(_DAY), "")
    offset = written.str.extract(_OFFSET, expand=False).fillna("").str.upper()
    offset = offset.replace({"Z": "+00:00", "UTC": "+00:00"})
    has = offset != ""
    if not has.any():
        return pd.to_datetime(written, format=form, errors="coerce")
    kinds = sorted({each or "none" for each in offset[written != ""].unique()})
    if zone is None and len(kinds) > 1:
        raise _mixed(options.date, kinds)
    local = written.str.replace(_ANY, "", regex=True).where(has, written)
    stamps = pd.to_datetime(local, format=form, errors="coerce")
    if zone is None:
        return stamps
    aware = pd.to_datetime(written[has], format=form, errors="coerce", utc=True)
    moved = aware.dt.tz_convert(zone).dt.tz_localize(None).astype(stamps.dtype)
    both: pd.Series = pd.concat([stamps[~has], moved]).sort_index()
    return both


def _without_zone(stamps: pd.Series, zone: str | None) -> pd.Series:
    if stamps.dt.tz is None:
        return stamps
    moved = stamps if zone is None else stamps.dt.tz_convert(zone)
    local: pd.Series = moved.dt.tz_localize(None)
    return local


def _formatted(written: pd.Series, form: str, column: str, zone: str | None) -> pd.Series:
    if not any(year in form for year in _YEARS):
        raise ParameterError(f"--date-format must say where the year is (%Y or %y), not {form!r}.")
    zoned = "%z" in form.lower()
    if zoned and zone is None:
        raise ParameterError(
            f"{column!r} is written with an offset (%z): say where the calendar days are meant, "
            "such as --time-zone Europe/Vienna or --time-zone UTC."
        )
    try:
        stamps = pd.to_datetime(written, format=form, errors="coerce", utc=zoned)
    except (ValueError, re.error) as error:
        raise ParameterError(f"--date-format {form!r} will not do: {error}.") from error
    return _without_zone(stamps, zone) if zoned else stamps


def _mixed(column: str, kinds: list[str]) -> InvalidValuesError:
    shown = ", ".join(kinds[:4]) + (", ..." if len(kinds) > 4 else "")
    return InvalidValuesError(
        f"column {column!r} mixes time zones (offsets: {shown}). Say where the calendar days are "
        "meant, such as --time-zone Europe/Vienna or --time-zone UTC."
    )
