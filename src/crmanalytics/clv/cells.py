"""Cells: customers who are alike to a model, counted once.

A buy-till-you-die likelihood knows a customer only through (frequency, recency, T). Millions of
customers fall into far fewer distinct triples: count them once, fit on the weighted triples,
predict per triple, and hand the values back to the customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import CUSTOMERS, admit, as_float, column_like

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["Cells", "count_cells", "group_rows"]


@dataclass(frozen=True, eq=False)
class Cells:
    """Distinct (frequency, recency, T) triples with the number of customers in each.

    Parameters
    ----------
    frequency, recency, T : ndarray of shape (cells,)
        The triples, in ascending order.
    weight : ndarray of shape (cells,)
        Customers in each cell.
    codes : ndarray of shape (rows,)
        The cell of each row of the frame.
    frame : narwhals.DataFrame
        The frame counted, so that values can be handed back in its kind and on its index.
    """

    frequency: Floats
    recency: Floats
    T: Floats
    weight: Floats
    codes: Codes = field(repr=False)
    frame: nw.DataFrame[Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def n(self) -> float:
        """Customers in all cells together."""
        return float(self.weight.sum())

    @property
    def unit(self) -> str | None:
        """Time unit that the frame says it is in, where it says so."""
        attributes = getattr(self.frame.to_native(), "attrs", {})
        unit = attributes.get("crmanalytics", {}).get("unit")
        return None if unit is None else str(unit)

    @cached_property
    def _pairs(self) -> tuple[Codes, Codes]:
        return group_rows(self.frequency, self.T)

    @property
    def by_frequency_and_T(self) -> tuple[Floats, Floats, Codes]:  # noqa: N802 - T is the field's name
        """Distinct (frequency, T) pairs, and the pair of each cell."""
        rows, codes = self._pairs
        return self.frequency[rows], self.T[rows], codes

    def spread(self, values: Floats, name: str) -> Any:  # noqa: ANN401 - a native Series
        """Hand one value per cell back as one value per row of the frame."""
        return column_like(self.frame, name, values[self.codes])


def count_cells(customers: Any, weight: str | None = None) -> Cells:  # noqa: ANN401 - any frame
    """Count customers per distinct (frequency, recency, T).

    Every method that takes customers takes their cells too: count once, ask many times.

    Parameters
    ----------
    customers : DataFrame or Cells
        One row per customer, or per kind of customer with a weight.
    weight : str, optional
        Column with the number of customers that a row stands for; without it, a row is one.

    Returns
    -------
    Cells
        The distinct triples, in ascending order whatever the order of the rows.

    Raises
    ------
    DataError
        If columns are missing or values break the contract of customers.

    Examples
    --------
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> cells = count_cells(load_cdnow_summary())
    >>> len(cells), cells.n
    (1016, 2357.0)
    """
    if isinstance(customers, Cells):
        return customers
    need = [c.FREQUENCY, c.RECENCY, c.T] + ([c.WEIGHT] if weight else [])
    names = {c.WEIGHT: weight} if weight else {}
    own = admit(customers, CUSTOMERS.requiring(need), names=names)
    if isinstance(own, nw.LazyFrame):
        own = own.collect()
    if not len(own):
        raise InvalidValuesError("customers has no rows.")
    x, t_x, T = (as_float(own, name) for name in (c.FREQUENCY, c.RECENCY, c.T))
    rows, codes = group_rows(x, t_x, T)
    each = as_float(own, c.WEIGHT) if weight else None
    counted = np.bincount(codes, weights=each, minlength=len(rows)).astype(float)
    return Cells(x[rows], t_x[rows], T[rows], counted, codes, own)


def group_rows(*columns: Floats) -> tuple[Codes, Codes]:
    """Find the distinct rows of some columns.

    Parameters
    ----------
    *columns : ndarray of shape (n,)
        Columns of finite numbers.

    Returns
    -------
    rows : ndarray
        A row for each distinct combination, in ascending order of the combination.
    codes : ndarray of shape (n,)
        Which of them each row is.

    Examples
    --------
    >>> rows, codes = group_rows(np.array([2.0, 1.0, 2.0]), np.array([5.0, 3.0, 5.0]))
    >>> rows.tolist(), codes.tolist()
    ([1, 0], [1, 0, 1])
    """
    codes, uniques = pd.factorize(_mixed(columns))
    codes = codes.astype(np.intp, copy=False)
    rows = np.empty(len(uniques), dtype=np.intp)
    rows[codes[::-1]] = np.arange(len(codes))[::-1]
    if any((column[rows][codes] != column).any() for column in columns):
        return _group_by_sorting(columns)
    order = np.lexsort([column[rows] for column in reversed(columns)])
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rows[order], rank[codes]


def _mixed(columns: tuple[Floats, ...]) -> NDArray[np.uint64]:
    key = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:
        key = (key ^ (column + 0.0).view(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key


def _group_by_sorting(columns: tuple[Floats, ...]) -> tuple[Codes, Codes]:
    order = np.lexsort(columns[::-1])
    new = np.zeros(len(order), dtype=bool)
    new[:1] = True
    for column in columns:
        new[1:] |= np.diff(column[order]) != 0
    codes = np.empty_like(order)
    codes[order] = np.cumsum(new) - 1
    return order[new], codes
