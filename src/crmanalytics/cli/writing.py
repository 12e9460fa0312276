"""Tables to files, each in one step and the same bytes for the same table."""

from __future__ import annotations

import io
import os
import time
from typing import TYPE_CHECKING, Final

from crmanalytics.errors import ParameterError
from crmanalytics.persistence import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["check_folder", "check_suffix", "sweep", "write_csv", "write_parquet", "write_table"]

_STALE: Final = 600  # seconds after which nobody is still writing a part


def write_parquet(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as Parquet."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    content = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), content, compression="zstd")
    return write_atomically(path, content.getvalue())


def write_csv(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as CSV, with as many digits as tell numbers apart."""
    return write_atomically(path, table.to_csv(index=False, lineterminator="\n").encode())


def check_folder(folder: Path) -> None:
    """Refuse a folder that cannot be made or written to, before any work is done."""
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    if not there.is_dir():
        raise ParameterError(f"--out: {there} is a file, not a folder.")
    if not os.access(there, os.W_OK):
        raise ParameterError(f"--out: there is no permission to write to {there}.")


def check_suffix(path: Path) -> None:
    """Refuse a file name that does not say which kind of table it is to be."""
    if path.suffix not in (".parquet", ".csv"):
        raise ParameterError(f"--out must end in .parquet or .csv, not be {str(path)!r}.")


def write_table(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as what the file's name says."""
    check_suffix(path)
    return write_csv(path, table) if path.suffix == ".csv" else write_parquet(path, table)


def sweep(folder: Path, stale: float = _STALE) -> None:
    """Remove parts of files that a killed run left behind, unless one may still be writing."""
    oldest = time.time() - stale
    for part in folder.glob(".*.part"):
        if part.stat().st_mtime < oldest:
            part.unlink(missing_ok=True)
