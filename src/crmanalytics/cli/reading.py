"""Files to frames of what is written in them: nothing is guessed, nothing dropped."""

from __future__ import annotations

import codecs
import csv
import io
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from crmanalytics import datasets
from crmanalytics.errors import FormatError, InvalidValuesError, ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from crmanalytics.cli.options import LogOptions

__all__ = ["Raw", "read"]

_BUNDLED: Final[dict[str, Callable[[], pd.DataFrame]]] = {
    "cdnow": datasets.load_cdnow,
    "cdnow-sample": datasets.load_cdnow_sample,
}
_PARQUET: Final = b"PAR1"
_FOREIGN: Final = {  # what a file begins with that is neither CSV nor Parquet
    b"PK\x03\x04": "a spreadsheet or an archive: save its table as CSV, or unpack it",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet: save its table as CSV",
}
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OPEN_QUOTE: Final = re.compile(r"EOF inside string starting at row (\d+)")
_LONG: Final = re.compile(r"Skipping line (\d+)")


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
    ragged : tuple of int
        Lines with more fields than the header has names; they were left out.
    is_text : bool
        Whether everything is text because the file knows no types.
    """

    name: str
    frame: pd.DataFrame
    lines: Callable[[Iterable[int]], list[str]]
    ragged: tuple[int, ...] = ()
    is_text: bool = False


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
    elif _in_parts(path) or _begins(path) == _PARQUET:
        raw = _parquet(path)
    else:
        raw = _csv(path, options)
    if not len(raw.frame) and not raw.ragged:
        raise InvalidValuesError(f"{raw.name} has no rows.")
    return raw


def _in_parts(path: Path) -> bool:
    """Whether this is a folder of Parquet files, as engines on many machines write one table."""
    return path.is_dir() and any(path.glob("*.parquet"))


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        first = file.read(4)
    if first in _FOREIGN:
        raise FormatError(f"{path} is {_FOREIGN[first]}.")
    return first


def _rows(positions: Iterable[int]) -> list[str]:
    return [f"row {position + 1}" for position in positions]


def _parquet(path: Path) -> Raw:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # what pandas noted of an index would hide a column
        frame = pq.read_table(path).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError) as error:
        raise FormatError(f"{path} is no whole Parquet file: {error}") from error
    return Raw(str(path), frame, _rows)


def _csv(path: Path, options: LogOptions) -> Raw:
    separator = options.separator.replace("\\t", "\t")  # what a shell makes a tab of differs
    for option, mark in (("separator", separator), ("decimal", options.decimal)):
        if len(mark) != 1:
            raise ParameterError(f"--{option} must be a single character, not {mark!r}.")
    encoding = _encoding(path, options.encoding)
    try:
        table, ragged = _table(path, separator, encoding)
    except pd.errors.EmptyDataError as error:
        raise FormatError(f"{path} is empty.") from error
    except pd.errors.ParserError as error:
        raise FormatError(f"{path} is no well-formed CSV file: {_reason(error)}.") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise FormatError(f"{path} cannot be unpacked: {error}.") from error
    except (UnicodeError, LookupError) as error:
        raise FormatError(
            f"{path} is not written in {options.encoding}: say how with --encoding, "
            "such as --encoding latin-1."
        ) from error
    header = [str(name).strip() for name in table.iloc[0]]
    frame = table.iloc[1:].set_axis(header, axis=1).reset_index(drop=True)
    return Raw(str(path), frame, _Lines(path, separator, encoding), ragged, is_text=True)


def _reason(error: Exception) -> str:
    reason = str(error).rpartition("C error: ")[2].strip()
    opened = _OPEN_QUOTE.search(reason)
    return f"a quote opened in row {int(opened[1]) + 1} is not closed" if opened else reason


def _encoding(path: Path, said: str) -> str:
    """Return the encoding to read a file in, passing over the mark that UTF-8 may begin with."""
    if said.lower() not in ("utf-8", "utf8"):
        return said
    if _begins(path)[:2] in _UTF16:
        raise FormatError(f"{path} is written in UTF-16: say so with --encoding utf-16.")
    return "utf-8-sig"


def _table(path: Path, separator: str, encoding: str) -> tuple[pd.DataFrame, tuple[int, ...]]:
    """Return the header and all rows as texts, and the lines of more fields than the header."""
    with warnings.catch_warnings(record=True) as told, _opened(path, encoding) as file:
        warnings.simplefilter("always")
        table = pd.read_csv(
            file,
            sep=separator,
            header=None,  # the header is read like a row: it then says how many fields there are
            dtype=str,
            keep_default_na=False,
            on_bad_lines="warn",
        )
    return table, tuple(int(line) for each in told for line in _LONG.findall(str(each.message)))


def _opened(path: Path, encoding: str) -> io.TextIOWrapper:
    """Open a text file, unpacking it where its name says that it is packed (.gz, .bz2, .zst)."""
    import pyarrow as pa

    stream = pa.input_stream(str(path), compression="detect", buffer_size=1 << 20)
    return io.TextIOWrapper(stream, encoding=encoding, newline="")


@dataclass(frozen=True)
class _Lines:
    """Finds the lines of a CSV file that rows begin on, by reading it again as far as need be."""

    path: Path
    separator: str
    encoding: str

    def __call__(self, positions: Iterable[int]) -> list[str]:
        wanted = list(positions)
        found: dict[int, int] = {}
        with _opened(self.path, self.encoding) as file:
            reader = csv.reader(file, delimiter=self.separator)
            row, begins = -2, 1  # the header is row -1
            for fields in reader:
                row += bool(fields)  # empty lines are no rows
                found |= {row: begins} if row in wanted and fields else {}
                begins = reader.line_num + 1
                if row >= max(wanted):
                    break
        return [f"line {found[each]}" if each in found else f"row {each + 1}" for each in wanted]
