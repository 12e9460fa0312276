"""Groups of rows by several columns of codes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["Groups", "grouped"]

_LARGEST: Final = 2**62
_SMALL: Final = 1 << 16


@dataclass(frozen=True)
class Groups:
    """Which group each row is in, and the codes that each group stands for.

    Parameters
    ----------
    of_row : ndarray of shape (rows,)
        Number of each row's group; groups ascend by their codes.
    codes : tuple of ndarray of shape (groups,)
        One array per column that was grouped by; -1 stands for a missing label.
    size : int
        How many groups there are.
    """

    of_row: Ints
    codes: tuple[Ints, ...]
    size: int


def grouped(columns: Sequence[Ints], sizes: Sequence[int], rows: int) -> Groups:
    """Group rows by columns of codes from -1 (missing) up to, but not including, their sizes.

    Examples
    --------
    >>> found = grouped([np.array([1, 0, 1]), np.array([0, 0, 0])], [2, 1], 3)
    >>> found.of_row.tolist(), [each.tolist() for each in found.codes]
    ([1, 0, 1], [[0, 1], [0, 0]])
    """
    key, keys = np.zeros(rows, dtype=np.int64), 1
    for codes, size in zip(columns, sizes, strict=True):
        if keys * (size + 1) > _LARGEST:
            key, keys = _ranked(key, keys)
        key = key * (size + 1)
        key += codes
        key += 1
        keys *= size + 1
    of_row, count = _ranked(key, keys)
    example = np.empty(count, dtype=np.int64)
    example[of_row] = np.arange(rows)
    return Groups(of_row, tuple(codes[example] for codes in columns), count)


def _ranked(key: Ints, keys: int) -> tuple[Ints, int]:
    """Return the rank of each key among those that occur, and how many do."""
    if keys <= max(_SMALL, 4 * len(key)):
        present = np.zeros(keys, dtype=bool)
        present[key] = True
        rank = np.cumsum(present, dtype=np.int64)
        rank -= 1
        return rank[key], int(rank[-1]) + 1
    codes, found = pd.factorize(key, sort=True)
    return codes.astype(np.int64, copy=False), len(found)
