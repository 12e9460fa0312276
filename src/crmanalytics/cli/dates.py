"""Dates as they are written in files, to the calendar days that they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from crmanalytics.errors import InvalidValuesError
from crmanalytics.transactions.counting import known_zone

if TYPE_CHECKING:
    from crmanalytics.cli.options import LogOptions

__all__ = ["parse_dates", "texts"]

_OFFSET: Final = r"(?i)[T ]\d{1,2}:?\d{2}[\d:.,]*\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)$"
_ANY: Final = r"(?i)\s*(?:Z|UTC|[+-]\d{2}(?::?\d{2})?)$"


def texts(values: pd.Series) -> pd.Series:
    """Return what a column holds as texts without blanks around them, empty where missing.

    Examples
    --------
    >>> texts(pd.Series([" a", None, 3])).tolist()
    ['a', '', '3']
    """
    whole = values.astype(object).where(values.notna(), "")
    return whole.astype(str).str.strip()


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
        If there is no such time zone.
    """
    zone = known_zone(options.time_zone)
    if pd.api.types.is_datetime64_any_dtype(values):
        return _without_zone(values, zone)
    written = texts(values)
    if options.date_format is not None and "%z" in options.date_format.lower():
        return _formatted_with_zone(written, options.date_format, options.date, zone)
    form = options.date_format or "ISO8601"
    if form != "ISO8601":
        return pd.to_datetime(written, format=form, errors="coerce")
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


def _formatted_with_zone(written: pd.Series, form: str, column: str, zone: str | None) -> pd.Series:
    if zone is None:
        raise _mixed(column, ["as written with %z"])
    aware = pd.to_datetime(written, format=form, errors="coerce", utc=True)
    return _without_zone(aware, zone)


def _mixed(column: str, kinds: list[str]) -> InvalidValuesError:
    shown = ", ".join(kinds[:4]) + (", ..." if len(kinds) > 4 else "")
    return InvalidValuesError(
        f"column {column!r} mixes time zones (offsets: {shown}). Say where the calendar days are "
        "meant, such as --time-zone Europe/Vienna or --time-zone UTC."
    )
