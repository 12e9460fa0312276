"""Files to frames of what is written in them: nothing is guessed, nothing dropped."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from crmanalytics import datasets
from crmanalytics.errors import FormatError, InvalidValuesError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crmanalytics.cli.options import LogOptions

__all__ = ["Raw", "read"]

_BUNDLED: Final[dict[str, Callable[[], pd.DataFrame]]] = {
    "cdnow": datasets.load_cdnow,
    "cdnow-sample": datasets.load_cdnow_sample,
}
_MAGIC: Final = b"PAR1"


@dataclass(frozen=True, eq=False)
class Raw:
    """What a file holds, and how to say where.

    Parameters
    ----------
    name : str
        The file's name, for messages.
    frame : DataFrame
        Its columns; those of a CSV file as texts, an empty one for what is missing.
    lines : callable
        Takes row positions, gives the words for where they are.
    ragged : int
        Rows that could not even be parted into columns, and were left out.
    """

    name: str
    frame: pd.DataFrame
    lines: Callable[[Iterable[int]], list[str]]
    ragged: int = 0


def read(options: LogOptions) -> Raw:
    """Read a log.

    Parameters
    ----------
    options : LogOptions
        Which file, and how it is written.

    Returns
    -------
    Raw
        Its columns, as they are.

    Raises
    ------
    FormatError
        If the file is neither, or cannot be read as what it seems to be.
    InvalidValuesError
        If it has no rows.
    OSError
        If it cannot be opened.
    """
    path = Path(options.log)
    if options.log in _BUNDLED and not path.exists():
        raw = Raw(options.log, _BUNDLED[options.log](), _rows)
    else:
        with path.open("rb") as file:
            is_parquet = file.read(len(_MAGIC)) == _MAGIC
        raw = _parquet(path) if is_parquet else _csv(path, options)
    if not len(raw.frame):
        raise InvalidValuesError(f"{raw.name} has no rows.")
    return raw


def _rows(positions: Iterable[int]) -> list[str]:
    return [f"row {position + 1}" for position in positions]


def _parquet(path: Path) -> Raw:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame = pq.read_table(path).to_pandas()
    except pa.ArrowException as error:
        raise FormatError(f"{path} is no whole Parquet file: {error}") from error
    return Raw(str(path), frame.reset_index(drop=True), _rows)


def _csv(path: Path, options: LogOptions) -> Raw:
    how: dict[str, Any] = {
        "sep": options.separator,
        "dtype": str,
        "keep_default_na": False,
        "na_values": [],
        "encoding": "utf-8-sig"
        if options.encoding.lower() in ("utf-8", "utf8")
        else options.encoding,
        "index_col": False,
    }
    skipped: list[list[str]] = []
    try:
        read_csv = _ragged if options.skip_bad_rows else _whole
        frame = read_csv(path, how, skipped)
    except pd.errors.EmptyDataError as error:
        raise FormatError(f"{path} is empty.") from error
    except pd.errors.ParserError as error:
        reason = (
            str(error).removeprefix("Error tokenizing data. ").removeprefix("C error: ").strip()
        )
        raise FormatError(
            f"{path} is no well-formed CSV file: {reason}. Mend it, or leave such rows out with "
            "--skip-bad-rows."
        ) from error
    except (UnicodeError, LookupError) as error:
        raise FormatError(
            f"{path} is not written in {options.encoding}: say how with --encoding, "
            "such as --encoding latin-1."
        ) from error
    except (ValueError, TypeError) as error:
        raise FormatError(f"{path} cannot be read as CSV: {error}") from error
    return Raw(str(path), frame, _Lines(path, how["sep"], how["encoding"]), len(skipped))


def _whole(path: Path, how: dict[str, Any], _: list[list[str]]) -> pd.DataFrame:
    frame: pd.DataFrame = pd.read_csv(path, **how)
    return frame


def _ragged(path: Path, how: dict[str, Any], skipped: list[list[str]]) -> pd.DataFrame:
    """Read a CSV file leaving out, and keeping count of, rows of too many fields."""
    try:
        return _whole(path, how, skipped)
    except pd.errors.ParserError:

        def leave_out(fields: list[str]) -> None:
            skipped.append(fields)

        return _whole(path, how | {"engine": "python", "on_bad_lines": leave_out}, skipped)


@dataclass(frozen=True)
class _Lines:
    """Finds the lines of a CSV file that rows begin on, by reading it again as far as need be."""

    path: Path
    separator: str
    encoding: str

    def __call__(self, positions: Iterable[int]) -> list[str]:
        wanted = list(positions)
        found: dict[int, int] = {}
        if len(self.separator) > 1:
            return _rows(wanted)
        with self.path.open(encoding=self.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=self.separator)
            row, begins = -2, 1  # the header is row -1
            for fields in reader:
                row += bool(fields)  # empty lines are no rows
                found |= {row: begins} if row in wanted and fields else {}
                begins = reader.line_num + 1
                if row >= max(wanted):
                    break
        return [f"line {found[each]}" if each in found else f"row {each + 1}" for each in wanted]
