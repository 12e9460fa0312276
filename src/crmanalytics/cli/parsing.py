"""Text to identifiers, dates and amounts: each value is read whole or marked as unreadable."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pandas as pd

from crmanalytics.errors import InvalidValuesError, ParameterError

if TYPE_CHECKING:
    from crmanalytics.cli.request import Request

    Parsed = tuple[pd.Series, pd.Series]

__all__ = ["parse_amounts", "parse_dates", "parse_ids"]

_OFFSET = r"(Z|[+-]\d{2}:?\d{2})$"


def parse_ids(values: pd.Series) -> Parsed:
    """Return identifiers, whole numbers as such, and which of them are missing."""
    missing = values.isna()
    if not pd.api.types.is_string_dtype(values.dtype):
        return values, missing
    text = values.str.strip()
    missing = missing | (text == "").fillna(value=True)
    known = text[~missing]
    # leading zeros and signs are part of a name: only what a whole number would print is one
    if len(known) and known.str.fullmatch(r"0|[1-9]\d{0,17}").all():
        return pd.to_numeric(text.where(~missing, "0")).astype("int64"), missing
    return text, missing


def parse_amounts(values: pd.Series) -> Parsed:
    """Return numbers as float64, and which values are not finite numbers."""
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    bad = numbers.isna() | numbers.abs().eq(float("inf"))
    return numbers, bad


def parse_dates(values: pd.Series, request: Request) -> Parsed:
    """Return stamps, and which values are not dates."""
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        return values, values.isna()
    if not pd.api.types.is_string_dtype(values.dtype):
        text = values.astype("str")
    else:
        text = values.str.strip()
    offsets = text.str.extract(_OFFSET, expand=False) if request.date_format is None else None
    if offsets is not None and offsets.notna().any() and text.str.contains(":").any():
        return _with_offsets(text, offsets, request)
    stamps = pd.to_datetime(
        text, format=request.date_format or "ISO8601", errors="coerce", utc=False
    )
    return stamps, stamps.isna()


def _with_offsets(text: pd.Series, offsets: pd.Series, request: Request) -> Parsed:
    stamps = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True)
    readable = stamps.notna()
    kinds = offsets[readable].fillna("none").unique()
    if len(kinds) > 1 and request.time_zone is None:
        shown = ", ".join(sorted(map(str, kinds))[:4])
        raise InvalidValuesError(
            f"column {request.date!r} mixes time zones (offsets: {shown}): pass --time-zone to say "
            "where calendar days are those of."
        )
    if "none" in kinds:
        raise InvalidValuesError(
            f"column {request.date!r} holds stamps with and without a UTC offset: "
            f"{int((offsets.isna() & readable).sum()):,} have none. Write them all in one way."
        )
    zone = request.time_zone or _fixed(str(kinds[0]))
    try:
        local = stamps.dt.tz_convert(zone)
    except (KeyError, ValueError) as error:
        raise ParameterError(f"--time-zone {zone!r} is not a known time zone.") from error
    return cast("pd.Series", local.dt.tz_localize(None)), ~readable


def _fixed(offset: str) -> str:
    if offset == "Z":
        return "UTC"
    digits = offset.replace(":", "")
    return f"{digits[:3]}:{digits[3:]}"
