"""Results as bytes that are the same on every run, put in place in one step."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from crmanalytics.persistence import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

__all__ = ["write_csv", "write_parquet"]


def write_parquet(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame as Parquet."""
    buffer = io.BytesIO()
    plain = frame.copy(deep=False)
    plain.attrs = {}
    plain.to_parquet(buffer, index=False)
    return write_atomically(path, buffer.getvalue())


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame as CSV."""
    return write_atomically(path, frame.to_csv(index=False, lineterminator="\n").encode())
