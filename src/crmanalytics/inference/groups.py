"""Which group each row is in, and what the groups are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Groups", "label_codes", "row_groups"]


@dataclass(frozen=True)
class Groups:
    """Rows in groups.

    Parameters
    ----------
    of_row : ndarray of shape (rows,)
        Number of each row's group; groups ascend by their labels, a missing label comes last.
    size : int
        How many groups there are.
    labels : narwhals.DataFrame or None
        One row per group, with the columns that the rows were grouped by; None where all rows
        are one group.
    """

    of_row: Ints
    size: int
    labels: nw.DataFrame[Any] | None = None

    def count(self, rows: NDArray[np.bool_] | None = None) -> Floats:
        """Return how many rows each group has, all of them or those that are true.

        Examples
        --------
        >>> Groups(np.array([0, 1, 0]), 2).count().tolist()
        [2.0, 1.0]
        """
        kept = self.of_row if rows is None else self.of_row[rows]
        return np.bincount(kept, minlength=self.size).astype(float)

    def total(self, values: ArrayLike) -> Floats:
        """Return the sum of the values of each group.

        Examples
        --------
        >>> Groups(np.array([0, 1, 0]), 2).total([5, 1, 4]).tolist()
        [9.0, 1.0]
        """
        weights = np.asarray(values, dtype=float)
        return np.asarray(np.bincount(self.of_row, weights=weights, minlength=self.size))


def row_groups(own: nw.DataFrame[Any], by: Sequence[str]) -> Groups:
    """Group the rows of a frame by the labels of one or more columns, none for one single group.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> own = nw.from_dict({"unit": ["b", None, "a", "b"]}, backend="pyarrow")
    >>> groups = row_groups(own, ["unit"])
    >>> groups.of_row.tolist(), groups.labels["unit"].to_list()
    ([1, 2, 0, 1], ['a', 'b', None])
    """
    if not by:
        return Groups(np.zeros(len(own), dtype=np.int64), 1)
    of_row, size = label_codes(own, by[0])
    for name in by[1:]:
        codes, count = label_codes(own, name)
        # ranked at each step, so that many columns cannot overflow the product
        found, of_row = np.unique(of_row * count + codes, return_inverse=True)
        of_row, size = of_row.astype(np.int64), len(found)
    example = np.empty(size, dtype=np.int64)
    example[of_row[::-1]] = np.arange(len(own))[::-1]
    return Groups(of_row, size, own.select(*by)[example.tolist()])


def label_codes(own: nw.DataFrame[Any], name: str) -> tuple[Ints, int]:
    """Return a code per row that ascends with its label, and how many labels occur.

    Categories keep their own order; what is missing is a label too, and the last one.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> own = nw.from_dict({"unit": ["b", None, "a"]}, backend="pyarrow")
    >>> codes, count = label_codes(own, "unit")
    >>> codes.tolist(), count
    ([1, 2, 0], 3)
    """
    import pandas as pd

    column = own[name]
    native = column.to_native()
    if isinstance(column.dtype, nw.Enum) and not isinstance(native, pd.Series):
        kinds = list(column.dtype.categories)
        native = pd.Series(pd.Categorical(column.to_list(), categories=kinds))
    if isinstance(native, pd.Series) and isinstance(native.dtype, pd.CategoricalDtype):
        raw = native.cat.codes.to_numpy().astype(np.int64)
        kept = np.where(raw < 0, len(native.cat.categories), raw)
        present, codes = np.unique(kept, return_inverse=True)
        return codes.astype(np.int64), len(present)
    if not isinstance(native, pd.Series):
        numeric = column.dtype.is_numeric()
        native = pd.Series(column.to_numpy() if numeric else column.to_list())
    codes, found = pd.factorize(native, sort=True)
    missing = codes < 0
    return np.where(missing, len(found), codes).astype(np.int64), len(found) + int(missing.any())
