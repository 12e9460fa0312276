"""Numbers as they are written in files: each is read whole or not at all."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from crmanalytics.cli.options import LogOptions

__all__ = ["parse_numbers", "texts"]


def texts(values: pd.Series) -> pd.Series:
    """Return what a column holds as texts without blanks around them, empty where missing.

    Examples
    --------
    >>> texts(pd.Series([" a", None, 3])).tolist()
    ['a', '', '3']
    """
    if not isinstance(values.dtype, pd.StringDtype):
        values = values.astype(object).where(values.notna(), "").astype(str)
    return values.fillna("").str.strip()


def parse_numbers(values: pd.Series, options: LogOptions) -> pd.Series:
    """Read numbers, with the decimal mark and the mark between thousands that the options say.

    Parameters
    ----------
    values : Series
        Texts, or numbers already.
    options : LogOptions
        With decimal and thousands.

    Returns
    -------
    Series
        Floats; NaN where what is written is not all of one number.

    Raises
    ------
    ParameterError
        If the two marks are the same.
    """
    if pd.api.types.is_bool_dtype(values.dtype):
        return pd.Series(np.nan, index=values.index)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return values.astype("float64")
    written = texts(values)
    if any(isinstance(each, Decimal) for each in values.dropna().head(1)):
        return pd.to_numeric(written, errors="coerce").astype("float64")
    readable = written.str.fullmatch(_pattern(options.decimal, options.thousands))
    if options.thousands:
        written = written.str.replace(options.thousands, "", regex=False)
    written = written.str.replace(options.decimal, ".", regex=False)
    return pd.to_numeric(written.where(readable, ""), errors="coerce").astype("float64")


def _pattern(decimal: str, thousands: str) -> str:
    if decimal == thousands:
        raise ParameterError(f"--decimal and --thousands cannot both be {decimal!r}.")
    point = re.escape(decimal)
    whole = r"\d+"
    if thousands:
        whole = rf"(?:\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+|\d+)"
    return rf"[+-]?(?:{whole}(?:{point}\d*)?|{point}\d+)(?:[eE][+-]?\d+)?"
