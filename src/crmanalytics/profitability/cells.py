"""The finest groups of a log, from which every coarser one is added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics.profitability.grouping import grouped

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from crmanalytics.profitability.grouping import Groups
    from crmanalytics.transactions.exact import Money

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Cells", "Dimension", "regrouped"]


@dataclass(frozen=True)
class Dimension:
    """Labels of a dimension as codes.

    Parameters
    ----------
    codes : ndarray of shape (rows,)
        Ascending with the labels; -1 for a missing one.
    size : int
        All codes are below.
    decode : callable
        Takes codes that are not -1, gives a pandas Series of labels.
    """

    codes: Ints
    size: int
    decode: Callable[[Ints], pd.Series[Any]]

    def at(self, codes: Ints) -> Dimension:
        """Return the same labels for other rows.

        Examples
        --------
        >>> plain = Dimension(np.array([0, 1]), 2, pd.Series(["a", "b"]).take)
        >>> plain.at(np.array([1, -1])).labels().tolist()
        ['b', nan]
        """
        return Dimension(codes, self.size, self.decode)

    def labels(self) -> pd.Series[Any]:
        """Return the label of each row; whole numbers and flags become nullable if need be.

        Examples
        --------
        >>> Dimension(np.array([1, -1]), 2, lambda k: pd.Series(k + 2000)).labels().tolist()
        [2001, <NA>]
        """
        known = self.codes >= 0
        taken = self.decode(self.codes[known])
        taken.index = pd.Index(np.flatnonzero(known))
        if known.all():
            return taken
        if taken.dtype.kind in "iub" and isinstance(taken.dtype, np.dtype):
            taken = taken.astype("boolean" if taken.dtype.kind == "b" else "Int64")
        return taken.reindex(range(len(self.codes)))


@dataclass(frozen=True)
class Cells:
    """Sums per combination of labels (and period, if risk is asked for).

    Parameters
    ----------
    dimensions : dict of str to Dimension
        By name, with one code per cell.
    rows : ndarray of shape (cells,)
        Rows of the log in each.
    money : dict of str to Money
        By name, sums per cell in parts that add up without rounding.
    periods : ndarray of shape (cells,), optional
        Number of the period, from 0.
    count : callable
        Takes dimensions and the groups made by them; gives the number of distinct customers,
        orders, ... in each.
    """

    dimensions: dict[str, Dimension]
    rows: Ints
    money: dict[str, Money]
    periods: Ints | None
    count: Callable[[tuple[str, ...], Groups], dict[str, Ints]]


def regrouped(cells: Cells, chosen: Sequence[str]) -> Groups:
    """Group cells by some of their dimensions.

    Examples
    --------
    >>> plain = Dimension(np.array([1, 0]), 2, pd.Series(["a", "b"]).take)
    >>> cells = Cells({"region": plain}, np.array([3, 4]), {}, None, lambda *_: {})
    >>> regrouped(cells, ["region"]).of_row.tolist(), regrouped(cells, []).of_row.tolist()
    ([1, 0], [0, 0])
    """
    picked = [cells.dimensions[name] for name in chosen]
    return grouped([x.codes for x in picked], [x.size for x in picked], len(cells.rows))
