"""What is written in a file to a log that can be cleaned; rows that cannot be read are named."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.cli.dates import parse_dates
from crmanalytics.cli.values import parse_numbers, texts
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.cli.options import LogOptions
    from crmanalytics.cli.reading import Raw

    Flags = NDArray[np.bool_]

__all__ = ["Parsed", "names_of", "parse"]

_WHOLE: Final = r"(?:0|-?[1-9]\d{0,17})"
# what programs write into files of text where there is nothing
_NOTHING: Final = ("", "NA", "N/A", "#N/A", "<NA>", "nan", "NaN", "NULL", "null", "None", "NaT")
_SHOWN: Final = 3
_MOST_SKIPPED: Final = 0.5
_MENDS: Final = {
    c.DATE: "Is it the right column? If so, say how dates are written, such as --date-format "
    "'%d.%m.%Y'.",
    c.AMOUNT: "Is it the right column? If so, say how numbers are written with --decimal and "
    "--thousands.",
}


@dataclass(frozen=True, eq=False)
class Parsed:
    """A log under canonical names, and the record of rows that could not be read.

    Parameters
    ----------
    log : DataFrame
        customer_id, date, amount and whatever else was named.
    skipped : DataFrame
        rule, rows, money (as far as it could be read), customers.
    """

    log: pd.DataFrame
    skipped: pd.DataFrame


def parse(raw: Raw, options: LogOptions) -> Parsed:
    """Read dates, amounts and identifiers.

    Parameters
    ----------
    raw : Raw
        What the file holds.
    options : LogOptions
        Which columns, and how they are written.

    Returns
    -------
    Parsed
        The rows that could be read.

    Raises
    ------
    MissingColumnsError
        If a column is not there.
    InvalidValuesError
        If rows cannot be read, unless they are to be skipped; or if dates lie in the future.
    """
    names = names_of(options)
    _require(raw, names)
    frame = pd.DataFrame(index=raw.frame.index)
    bad: dict[str, Flags] = {}
    for canonical, name in names.items():
        values = raw.frame[name]
        if canonical == c.DATE:
            frame[canonical] = parse_dates(values, options)
            bad[f"unreadable {name}"] = frame[canonical].isna().to_numpy()
        elif canonical in (c.AMOUNT, c.QUANTITY, "unit_price"):
            frame[canonical] = parse_numbers(values, options)
            bad[f"unreadable {name}"] = ~np.isfinite(frame[canonical].to_numpy())
        else:
            missing = values.isna() | texts(values).isin(_NOTHING if raw.is_text else ("",))
            bad[f"missing {name}"] = missing.to_numpy()
            frame[canonical] = values
    if "unit_price" in frame:
        frame[c.AMOUNT] = (frame[c.QUANTITY] * frame.pop("unit_price")).round(6)
    wrong = np.logical_or.reduce(list(bad.values()))
    if wrong.any() or raw.ragged:
        _refuse_or_skip(raw, options, names, bad, wrong)
    kept = frame[~wrong].reset_index(drop=True)
    for canonical in (c.CUSTOMER_ID, c.ORDER_ID, c.PRODUCT_ID):
        if canonical in kept:
            kept[canonical] = _identifiers(kept[canonical], is_text=raw.is_text)
    if options.until is None:
        _refuse_future(raw, kept, np.flatnonzero(~wrong))
    return Parsed(kept, _record(frame, bad, len(raw.ragged)))


def names_of(options: LogOptions) -> dict[str, str]:
    """Return the log's name of each column that the options ask for, by what it is called here.

    Raises
    ------
    ParameterError
        If one column is named for two purposes.
    """
    names = {c.CUSTOMER_ID: options.customer_id, c.DATE: options.date, c.AMOUNT: options.amount}
    if options.unit_price is not None:
        names.pop(c.AMOUNT)
        names |= {"unit_price": options.unit_price, c.QUANTITY: options.quantity or c.QUANTITY}
    given = {
        c.QUANTITY: options.quantity,
        c.ORDER_ID: options.order_id or (c.ORDER_ID if options.occasion == "order" else None),
        c.PRODUCT_ID: options.product_id,
    }
    names |= {canonical: name for canonical, name in given.items() if name is not None}
    twice = sorted({name for name in names.values() if list(names.values()).count(name) > 1})
    if twice:
        raise ParameterError(f"column {twice[0]!r} is named for more than one purpose.")
    return names


def _require(raw: Raw, names: dict[str, str]) -> None:
    has = [str(column) for column in raw.frame.columns]
    repeated = sorted({name for name in names.values() if has.count(name) > 1})
    if repeated:
        raise InvalidValuesError(f"{raw.name} has the column {repeated[0]!r} more than once.")
    problems = []
    for canonical, name in names.items():
        if name not in has:
            near = difflib.get_close_matches(name, has, n=1, cutoff=0.6)
            mend = f"--{canonical.replace('_', '-')} {near[0] if near else 'NAME'}"
            problems.append(f"no column {name!r} (say which one it is with {mend})")
    if not problems:
        return
    text = f"{raw.name} has {' and '.join(problems)}; its columns are {', '.join(has)}."
    if len(has) == 1 and any(mark in has[0] for mark in ";\t|"):
        text += " Are they parted by another sign? See --separator."
    raise MissingColumnsError(text)


def _identifiers(values: pd.Series, *, is_text: bool) -> pd.Series:
    """Return whole numbers where all identifiers are such, and texts otherwise.

    Texts stay texts where the file knew types and chose that one.
    """
    if pd.api.types.is_integer_dtype(values.dtype):
        return values.astype("int64") if values.dtype.name != "uint64" else values
    written = texts(values)
    if pd.api.types.is_float_dtype(values.dtype):
        written = written.str.removesuffix(".0")
    numeric = is_text or pd.api.types.is_numeric_dtype(values.dtype)
    if numeric and written.str.fullmatch(_WHOLE).all():
        return written.astype("int64")
    return written


def _refuse_or_skip(
    raw: Raw, options: LogOptions, names: dict[str, str], bad: dict[str, Flags], wrong: Flags
) -> None:
    torn = len(raw.ragged)
    count, rows = int(wrong.sum()) + torn, len(wrong) + torn
    if options.skip_bad_rows and count <= _MOST_SKIPPED * rows:
        return
    back = {name: canonical for canonical, name in names.items()}
    kinds = [_kind(raw, rule, flags) for rule, flags in bad.items() if flags.any()]
    if torn:
        first = ", ".join(f"line {line}" for line in raw.ragged[:_SHOWN])
        kinds.append(f"{torn:,} with more fields than the header (first: {first})")
    mend = "Mend them, or leave them out with --skip-bad-rows."
    if count > _MOST_SKIPPED * rows:
        mend = "More than half of the rows are too many to leave out: is this the right column?"
        worst = max(bad, key=lambda rule: int(bad[rule].sum()))
        mend = _MENDS.get(back[worst.split(" ", 1)[1]], mend)
    if torn > _MOST_SKIPPED * rows:
        mend = "Put values that hold the separator in quotes, or say another one with --separator."
    raise InvalidValuesError(
        f"{raw.name}: {count:,} of {rows:,} rows cannot be read: {'; '.join(kinds)}. {mend}"
    )


def _kind(raw: Raw, rule: str, flags: Flags) -> str:
    places = np.flatnonzero(flags)[:_SHOWN]
    name = rule.split(" ", 1)[1]
    written = texts(raw.frame[name].iloc[places])
    shown = [
        f"{where}: {text[:40]!r}" if text else where
        for where, text in zip(raw.lines([int(p) for p in places]), written, strict=True)
    ]
    return f"{int(flags.sum()):,} with {rule} (first: {', '.join(shown)})"


def _refuse_future(raw: Raw, log: pd.DataFrame, rows: NDArray[np.intp]) -> None:
    """Refuse dates that have not come yet anywhere on earth, unless told until when to count."""
    tomorrow = np.datetime64((datetime.now(tz=UTC) + timedelta(days=1)).date(), "D")
    later = log[c.DATE].to_numpy().astype("M8[D]") > tomorrow
    if later.any():
        first = [int(place) for place in rows[later][:_SHOWN]]
        days = log.loc[later, c.DATE].head(_SHOWN).astype(str).str[:10]
        shown = ", ".join(f"{w}: {d}" for w, d in zip(raw.lines(first), days, strict=True))
        raise InvalidValuesError(
            f"{raw.name}: {int(later.sum()):,} of {len(log):,} rows are dated in the future "
            f"(first: {shown}). Mend them, or say with --until up to which day to count."
        )


def _record(frame: pd.DataFrame, bad: dict[str, Flags], ragged: int) -> pd.DataFrame:
    """Account for each row left out once, under the first rule that it breaks."""
    left = np.ones(len(frame), dtype=bool)
    amount = frame[c.AMOUNT].to_numpy()
    rules = [("unreadable: too many fields", ragged, 0.0, 0)]
    for rule, flags in bad.items():
        removed = flags & left
        left &= ~flags
        known = removed & np.isfinite(amount)
        customers = texts(frame[c.CUSTOMER_ID][removed])
        money = float(np.sort(amount[known]).sum())
        rules.append((rule, int(removed.sum()), money, customers[customers != ""].nunique()))
    names = ["rule", "rows", "money", "customers"]
    return pd.DataFrame([rule for rule in rules if rule[1]], columns=names).astype(
        {"rows": "int64", "money": "float64", "customers": "int64"}
    )
