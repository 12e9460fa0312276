"""Cells: customers who are alike to a model, counted once.

A buy-till-you-die likelihood knows a customer only through (frequency, recency, T). Millions of
customers fall into far fewer distinct triples: count them once, fit on the weighted triples,
predict per triple, and hand the values back to the customers.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Self

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.clv.grouping import group_rows
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import CUSTOMERS, Shown, admit, as_float, collected, column_like, looked_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from crmanalytics.clv.grouping import Groups

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["CUSTOMERS_IN_CELL", "Cells", "cells_of", "count_cells", "counted_on_engine"]

#: The column of a frame of cells that says how many customers each stands for.
CUSTOMERS_IN_CELL: Final = "customers in cell"


@dataclass(frozen=True, eq=False, repr=False)
class Cells(Shown):
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
    source : narwhals.LazyFrame, optional
        Where the customers are, if they are not in memory: `frame` then has a row per cell.
    """

    frequency: Floats
    recency: Floats
    T: Floats
    weight: Floats
    groups: Groups = field(repr=False)
    frame: nw.DataFrame[Any] = field(repr=False)
    source: nw.LazyFrame[Any] | None = field(default=None, repr=False, kw_only=True)

    def _told(self) -> list[str]:
        unit = f", time in {self.unit}" if self.unit else ""
        return [f"{type(self).__name__}: {self.n:,.10g} customers in {len(self):,} cells{unit}"]

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        return {"": pd.DataFrame({name: getattr(self, name) for name in self._per_cell})}

    def __len__(self) -> int:
        return len(self.frequency)

    @property
    def n(self) -> float:
        """Customers in all cells together.

        Examples
        --------
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> count_cells(load_cdnow_summary()).n
        2357.0
        """
        return float(self.weight.sum())

    @property
    def unit(self) -> str | None:
        """Time unit that the frame says it is in, where it says so.

        Examples
        --------
        >>> import crmanalytics as crm
        >>> log = crm.datasets.load_cdnow_sample()
        >>> count_cells(crm.summarize(log, until="1997-09-30", unit="W")).unit
        'W'
        """
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
        """Distinct (frequency, T) pairs, and the pair of each cell.

        Examples
        --------
        >>> import pandas as pd
        >>> few = pd.DataFrame({"frequency": [1, 1, 2], "recency": [3, 5, 5], "T": [9, 9, 9]})
        >>> count_cells(few).by_frequency_and_T
        (array([1., 2.]), array([9., 9.]), array([0, 0, 1]))
        """
        x, T = self._pairs.columns
        return x, T, self._pairs.codes

    def take(self, rows: Codes) -> Self:
        """Return some of the cells, in any order and more than once; they stand for no frame.

        Examples
        --------
        >>> import numpy as np
        >>> from crmanalytics.datasets import load_cdnow_summary
        >>> cells = count_cells(load_cdnow_summary())
        >>> cells.take(np.array([0, 0, 5])).n
        41.0
        """
        chosen = {name: getattr(self, name)[rows] for name in self._per_cell}
        return replace(self, **chosen)

    def spread(self, values: Floats, name: str) -> Any:  # noqa: ANN401 - a native Series
        """Hand one value per cell back as one value per row of the frame.

        For customers who are not in memory it is their frame with the new column, joined by its
        engine.

        Examples
        --------
        >>> import numpy as np
        >>> import pandas as pd
        >>> few = pd.DataFrame({"frequency": [2, 1, 2], "recency": [5, 3, 5], "T": [9, 9, 9]})
        >>> count_cells(few).spread(np.array([0.1, 0.2]), "value").to_list()
        [0.2, 0.1, 0.2]
        """
        found = values[self.groups.codes]
        if self.source is None:
            return column_like(self.frame, name, found)
        keys = [key for key in self.frame.columns if key != CUSTOMERS_IN_CELL]
        made = nw.new_series(name, found, backend=self.frame.implementation)
        table = self.frame.select(keys).with_columns(made)
        return looked_up(self.source, table, keys).to_native()


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
    keys = (c.FREQUENCY, c.RECENCY, c.T)
    if isinstance(own, nw.LazyFrame):
        source, own = own, counted_on_engine(own, keys, weight)
        weight = CUSTOMERS_IN_CELL
    else:
        source = None
    if not len(own):
        raise InvalidValuesError("customers has no rows.")
    x, t_x, T = (as_float(own, name) for name in (c.FREQUENCY, c.RECENCY, c.T))
    groups = group_rows(x, t_x, T)
    counted = groups.totals(as_float(own, _weights(weight))) if weight else groups.counts
    return replace(cells_of(groups, counted, own), source=source)


def counted_on_engine(
    own: nw.LazyFrame[Any], keys: Sequence[str], weight: str | None
) -> nw.DataFrame[Any]:
    """Count the customers of a lazy frame on its engine and return the cells alone.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.LazyFrame({"frequency": [1, 2, 1]}))
    >>> counted_on_engine(own, ["frequency"], None)[CUSTOMERS_IN_CELL].to_list()
    [2.0, 1.0]
    """
    size = nw.len() if weight is None else nw.col(c.WEIGHT).sum()
    counted = own.group_by(*keys).agg(size.cast(nw.Float64).alias(CUSTOMERS_IN_CELL))
    return collected(counted).sort(*keys)  # so that sums over cells do not depend on the engine


def _weights(weight: str) -> str:
    return weight if weight == CUSTOMERS_IN_CELL else c.WEIGHT


def cells_of(groups: Groups, weight: Floats, frame: nw.DataFrame[Any]) -> Cells:
    """Return the cells of grouped (frequency, recency, T) triples.

    Examples
    --------
    >>> import numpy as np
    >>> x, t_x, T = np.array([[1.0, 1.0], [3.0, 3.0], [9.0, 9.0]])
    >>> groups = group_rows(x, t_x, T)
    >>> cells_of(groups, groups.counts, frame=None).weight
    array([2.])
    """
    x, t_x, T = groups.columns
    return Cells(x, t_x, T, weight, groups, frame)
