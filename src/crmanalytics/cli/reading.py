"""From a file to a log with proper types; what cannot be read is counted, never guessed."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from crmanalytics import columns as c
from crmanalytics import datasets
from crmanalytics.cli.parsing import parse_amounts, parse_dates, parse_ids
from crmanalytics.errors import FormatError, InvalidValuesError
from crmanalytics.frames import TRANSACTIONS, admit

if TYPE_CHECKING:
    from crmanalytics.cli.request import Request

__all__ = ["ReadLog", "read_log"]

BUNDLED = {"cdnow": datasets.load_cdnow, "cdnow-sample": datasets.load_cdnow_sample}
_SHOWN = 3
_HEADER_LINES = 2  # the first row of data stands on the second line of a file


@dataclass(frozen=True)
class ReadLog:
    """A log under canonical names, and how many rows were left out as unreadable."""

    transactions: pd.DataFrame
    unreadable: int


def read_log(request: Request) -> ReadLog:
    """Read the log that a request names."""
    if request.log in BUNDLED:
        return ReadLog(BUNDLED[request.log](), 0)
    path = Path(request.log)
    raw, torn = _raw(path, request)
    if raw.empty:
        raise InvalidValuesError(f"{path} holds no rows.")
    parsed, bad = _parsed(raw, request)
    unreadable = bad.any(axis=1)
    lost = int(unreadable.sum()) + torn
    if lost and not request.skip_bad_rows:
        raise InvalidValuesError(_refusal(path, bad, request))
    if unreadable.all():
        raise InvalidValuesError(f"{path}: not one of {len(raw):,} rows can be read.")
    return ReadLog(parsed.loc[~unreadable].reset_index(drop=True), lost)


def _raw(path: Path, request: Request) -> tuple[pd.DataFrame, int]:
    if not path.exists():
        known = ", ".join(BUNDLED)
        raise FormatError(f"there is no file {path}, nor is it a log that comes along ({known}).")
    reader = _parquet if path.suffix.lower() in (".parquet", ".pq") else _csv
    return reader(path, request)


def _parquet(path: Path, request: Request) -> tuple[pd.DataFrame, int]:
    import pyarrow as pa
    from pyarrow import parquet

    try:
        names = parquet.read_schema(path).names
        _check_header(path, names, request)
        return pd.read_parquet(path, columns=list(set(request.columns().values()))), 0
    except pa.ArrowInvalid as error:
        raise FormatError(f"{path} is not a Parquet file: {error}") from error


def _csv(path: Path, request: Request) -> tuple[pd.DataFrame, int]:
    torn = 0

    def skip(_: list[str]) -> None:
        nonlocal torn
        torn += 1

    try:
        names = list(pd.read_csv(path, nrows=0).columns)
        _check_header(path, names, request)
        wanted = list(dict.fromkeys(request.columns().values()))
        if request.skip_bad_rows:
            frame = pd.read_csv(
                path, dtype="str", usecols=wanted, engine="python", on_bad_lines=skip
            )
        else:
            frame = pd.read_csv(path, dtype="str", usecols=wanted)
    except pd.errors.EmptyDataError as error:
        raise FormatError(f"{path} is empty.") from error
    except (pd.errors.ParserError, csv.Error) as error:
        first = str(error).strip().splitlines()[-1].removeprefix("Error tokenizing data. ")
        raise FormatError(
            f"{path} is not a regular CSV file: {first}. Mend it, or pass --skip-bad-rows."
        ) from error
    except UnicodeDecodeError as error:
        raise FormatError(f"{path} is not UTF-8 text: convert it first.") from error
    return frame, torn


def _check_header(path: Path, names: list[str], request: Request) -> None:
    """Say which columns are missing, with the nearest names, before reading everything."""
    header = pd.DataFrame({name: pd.Series(dtype="float64") for name in names})
    theirs = request.columns()
    need = TRANSACTIONS.requiring(theirs)
    dated = header.assign(**{theirs[c.DATE]: pd.Series(dtype="datetime64[us]")})
    admit(
        dated if theirs[c.DATE] in names else header,
        need,
        names=theirs,
    )
    if len(set(names)) < len(names):
        raise FormatError(f"{path} has columns of the same name.")


def _parsed(raw: pd.DataFrame, request: Request) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the log under canonical names, and which values of it could not be read."""
    theirs = request.columns()
    columns: dict[str, pd.Series] = {}
    bad: dict[str, pd.Series] = {}
    for name in theirs:
        values = raw[theirs[name]]
        if name == c.DATE:
            columns[name], bad[name] = parse_dates(values, request)
        elif name in (c.AMOUNT, c.QUANTITY):
            columns[name], bad[name] = parse_amounts(values)
        else:
            columns[name], bad[name] = parse_ids(values)
    return pd.DataFrame(columns), pd.DataFrame(bad)


def _refusal(path: Path, bad: pd.DataFrame, request: Request) -> str:
    theirs = request.columns()
    parts = []
    for name in bad.columns[bad.any()]:
        lines = bad.index[bad[name]][:_SHOWN] + _HEADER_LINES
        listed = ", ".join(str(line) for line in lines)
        parts.append(f"{int(bad[name].sum()):,} in {theirs[name]!r} (first lines: {listed})")
    rows = int(bad.any(axis=1).sum())
    mend = "Mend them, name the right columns, or pass --skip-bad-rows to leave them out."
    if c.DATE in bad and bad[c.DATE].mean() > 0.5 and request.date_format is None:
        mend = "Are the dates written in another way than ISO 8601? Then pass --date-format."
    return (
        f"{path}: {rows:,} of {len(bad):,} rows hold values that cannot be read: "
        f"{'; '.join(parts)}. {mend}"
    )
