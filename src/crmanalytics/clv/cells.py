"""Cells: customers who are alike to a model, counted once.

A buy-till-you-die likelihood knows a customer only through (frequency, recency, T). Millions of
customers fall into far fewer distinct triples: count them once, fit on the weighted triples,
predict per triple, and hand the values back to the customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.clv.grouping import group_rows
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import CUSTOMERS, admit, as_float, column_like

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from crmanalytics.clv.grouping import Groups

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["Cells", "cells_of", "count_cells"]


@dataclass(frozen=True, eq=False)
class Cells:
    """Distinct (frequency, recency, T) triples with the number of customers in each.

    Parameters
    ----------
    frequency, recency, T : ndarray of shape (cells,)
        The triples, in ascending order.
    weight : ndarray of shape (cells,)
        Customers in each cell.
    groups : Groups
        Which rows of the frame are in which cell.
    frame : narwhals.DataFrame
        The frame counted, so that values can be handed back in its kind and on its index.
    """

    frequency: Floats
    recency: Floats
    T: Floats
    weight: Floats
    groups: Groups = field(repr=False)
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

    @property
    def _per_cell(self) -> tuple[str, ...]:
        return "frequency", "recency", "T", "weight"

    @cached_property
    def _pairs(self) -> Groups:
        return group_rows(self.frequency, self.T)

    @property
    def by_frequency_and_T(self) -> tuple[Floats, Floats, Codes]:  # noqa: N802 - T is the field's name
        """Distinct (frequency, T) pairs, and the pair of each cell."""
        x, T = self._pairs.columns
        return x, T, self._pairs.codes

    def take(self, rows: Codes) -> Self:
        """Return some of the cells, in any order and more than once; they stand for no frame."""
        chosen = {name: getattr(self, name)[rows] for name in self._per_cell}
        return replace(self, **chosen)

    def spread(self, values: Floats, name: str) -> Any:  # noqa: ANN401 - a native Series
        """Hand one value per cell back as one value per row of the frame."""
        return column_like(self.frame, name, values[self.groups.codes])


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
    groups = group_rows(x, t_x, T)
    counted = groups.totals(as_float(own, c.WEIGHT)) if weight else groups.counts
    return cells_of(groups, counted, own)


def cells_of(groups: Groups, weight: Floats, frame: nw.DataFrame[Any]) -> Cells:
    """Return the cells of grouped (frequency, recency, T) triples."""
    x, t_x, T = groups.columns
    return Cells(x, t_x, T, weight, groups, frame)
