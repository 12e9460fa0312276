"""Finding the distinct rows of some numeric columns, quickly.

Times measured in days, weeks, months or years from calendar days lie on a grid. On a grid a row is
one whole number, and counting distinct rows is counting whole numbers; other numbers are hashed.
Which row belongs to which group is worked out only when asked for: a fit needs the counts alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["Groups", "group_rows"]

_GRIDS = (1.0, 7.0, 365.25 / 12, 365.25, 100.0)  # days, weeks, months, years; two decimals
_PROBE = 64
_LARGEST_KEY = 2**62
_LARGEST_STEP = 2.0**50
_TABLE = 2**22


@dataclass(frozen=True, eq=False)
class Groups:
    """Distinct rows in ascending order, how often each occurs, and which one each row is.

    Parameters
    ----------
    columns : tuple of ndarray of shape (groups,)
        The distinct rows.
    counts : ndarray of shape (groups,)
        Rows of each group.
    keys : ndarray of shape (rows,)
        A number per row that is the same exactly within a group.
    group_keys : ndarray of shape (groups,)
        The number of each group.
    """

    columns: tuple[Floats, ...]
    counts: Floats
    keys: NDArray[Any] = field(repr=False)
    group_keys: NDArray[Any] = field(repr=False)

    @cached_property
    def codes(self) -> Codes:
        """The group of each row."""
        if self.keys.dtype == np.int64 and self.group_keys[-1] < max(_TABLE, 16 * len(self.keys)):
            table = np.zeros(int(self.group_keys[-1]) + 1, dtype=np.int32)
            table[self.group_keys] = np.arange(len(self.group_keys), dtype=np.int32)
            return np.asarray(table[self.keys], dtype=np.intp)
        order = np.argsort(self.keys)
        ascending = self.keys[order]
        new = np.ones(len(order), dtype=np.intp)
        np.not_equal(ascending[1:], ascending[:-1], out=new[1:], casting="unsafe")
        codes = np.empty(len(order), dtype=np.intp)
        codes[order] = np.argsort(self.group_keys)[np.cumsum(new) - 1]
        return codes

    def totals(self, weights: Floats) -> Floats:
        """Return the sum of the rows' weights in each group."""
        return np.bincount(self.codes, weights=weights, minlength=len(self.counts)).astype(float)


def group_rows(*columns: Floats) -> Groups:
    """Find the distinct rows of some columns.

    Parameters
    ----------
    *columns : ndarray of shape (rows,)
        Columns of finite numbers, none of them negative; at least one row.

    Returns
    -------
    Groups
        The distinct rows in ascending order, whatever the order of the rows.

    Examples
    --------
    >>> groups = group_rows(np.array([2.0, 1.0, 2.0]), np.array([5.0, 3.0, 5.0]))
    >>> [column.tolist() for column in groups.columns]
    [[1.0, 2.0], [3.0, 5.0]]
    >>> groups.counts.tolist(), groups.codes.tolist()
    ([1.0, 2.0], [1, 0, 1])
    """
    grids = []
    for column in columns:
        grid = _on_grid(column)
        if grid is None:
            return _by_hash(columns)
        grids.append(grid)
    radices = [int(steps.max()) + 1 for steps, _ in grids]
    if math.prod(radices) >= _LARGEST_KEY:
        return _by_hash(columns)
    return _by_grid(grids, radices)


def _on_grid(column: Floats) -> tuple[NDArray[np.int64], float] | None:
    """Return a column as whole steps of a grid on which all of its values lie exactly."""
    if column.max() >= _LARGEST_STEP:
        return None
    head = column[:_PROBE]
    for grid in _GRIDS:
        if not np.array_equal(np.rint(head * grid) / grid, head):
            continue
        steps = np.rint(column * grid)
        if np.array_equal(steps / grid, column):
            return steps.astype(np.int64), grid
    return None


def _by_grid(grids: Sequence[tuple[NDArray[np.int64], float]], radices: Sequence[int]) -> Groups:
    keys = grids[0][0]
    for (steps, _), radix in zip(grids[1:], radices[1:], strict=True):
        keys = keys * radix + steps
    if math.prod(radices) <= max(_TABLE, 4 * len(keys)):
        table = np.bincount(keys)
        group_keys = np.flatnonzero(table)
        counts = table[group_keys]
    else:
        group_keys, counts = np.unique(keys, return_counts=True)
    left, columns = group_keys, []
    for (_, grid), radix in zip(reversed(grids), reversed(radices), strict=True):
        left, steps = np.divmod(left, radix)
        columns.append(steps / grid)
    return Groups(tuple(reversed(columns)), counts.astype(float), keys, group_keys)


def _by_hash(columns: tuple[Floats, ...]) -> Groups:
    keys: NDArray[Any] = _mixed(columns)
    found, uniques = pd.factorize(keys)
    rows = np.empty(len(uniques), dtype=np.intp)
    rows[found[::-1]] = np.arange(len(found))[::-1]
    if any((column[rows][found] != column).any() for column in columns):
        keys, rows = _by_sorting(columns)
        uniques, found = keys[rows], keys
    order = np.lexsort([column[rows] for column in reversed(columns)])
    counts = np.bincount(found, minlength=len(rows))[order].astype(float)
    return Groups(tuple(column[rows[order]] for column in columns), counts, keys, uniques[order])


def _mixed(columns: tuple[Floats, ...]) -> NDArray[np.uint64]:
    keys = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        keys = (keys ^ (column + 0.0).view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(29)
    return keys


def _by_sorting(columns: tuple[Floats, ...]) -> tuple[NDArray[np.int64], Codes]:
    """Return a number per distinct row and the first row of each, where hashes collide."""
    order = np.lexsort(columns[::-1])
    new = np.zeros(len(order), dtype=bool)
    new[:1] = True
    for column in columns:
        new[1:] |= np.diff(column[order]) != 0
    keys = np.empty(len(order), dtype=np.int64)
    keys[order] = np.cumsum(new) - 1
    return keys, order[new]
