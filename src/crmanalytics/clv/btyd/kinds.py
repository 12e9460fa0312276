"""Counting customers who may differ in covariates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.cells import CUSTOMERS_IN_CELL, Cells, counted_on_engine
from crmanalytics.clv.grouping import group_rows
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import CUSTOMERS, Column, Kind, admit, as_float

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["KindCells", "check_distinguishable", "count_kinds"]


@dataclass(frozen=True, eq=False, repr=False)
class KindCells(Cells):
    """Cells of customers who are alike in their covariates too.

    Parameters
    ----------
    names : tuple of str
        The covariates.
    kinds : ndarray of shape (kinds, covariates)
        Their distinct combinations.
    kind : ndarray of shape (cells,)
        Which of them each cell has.
    """

    names: tuple[str, ...]
    kinds: Floats = field(repr=False)
    kind: Codes = field(repr=False)

    @property
    def by_frequency_and_T(self) -> tuple[Floats, Floats, Codes]:  # noqa: N802 - T is the field's name
        """Every cell by itself: customers alike in frequency and T may differ in kind."""
        return self.frequency, self.T, np.arange(len(self))

    @property
    def _per_cell(self) -> tuple[str, ...]:
        return (*super()._per_cell, "kind")

    def covariate(self, name: str) -> Floats:
        """Return a covariate's value in each cell."""
        return np.asarray(self.kinds[self.kind, self.names.index(name)])


def count_kinds(
    customers: Any,  # noqa: ANN401 - any frame, or cells of one
    names: Sequence[str],
    weight: str | None = None,
) -> KindCells:
    """Count customers per distinct (frequency, recency, T, covariates).

    Parameters
    ----------
    customers : DataFrame or Cells
        One row per customer, or the cells of such a frame.
    names : sequence of str
        Columns of the covariates: numbers, or true and false.
    weight : str, optional
        Column with the number of customers that a row stands for.

    Returns
    -------
    KindCells
        The distinct combinations, in ascending order whatever the order of the rows.

    Raises
    ------
    DataError
        If columns are missing or values break the contract of customers.

    Examples
    --------
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> customers = load_cdnow_summary().assign(online=lambda frame: frame.index % 2)
    >>> cells = count_kinds(customers, ["online"])
    >>> cells.kinds.tolist(), cells.n
    ([[0.0], [1.0]], 2357.0)
    """
    if isinstance(customers, KindCells) and customers.names == tuple(names):
        return customers
    if isinstance(customers, Cells):
        customers = customers.frame
    own = _admitted(customers, names, weight)
    counted_by = c.WEIGHT if weight else None
    if isinstance(own, nw.LazyFrame):
        own = counted_on_engine(own, [c.FREQUENCY, c.RECENCY, c.T, *names], weight)
        counted_by = CUSTOMERS_IN_CELL
    if not len(own):
        raise InvalidValuesError("customers has no rows.")
    x, t_x, T = (as_float(own, name) for name in (c.FREQUENCY, c.RECENCY, c.T))
    kinds, kind = _distinct([as_float(own, name) for name in names], len(own))
    groups = group_rows(x, t_x, T, kind.astype(float))
    counted = groups.totals(as_float(own, counted_by)) if counted_by else groups.counts
    x, t_x, T, code = groups.columns
    return KindCells(x, t_x, T, counted, groups, own, tuple(names), kinds, code.astype(np.intp))


def _admitted(
    customers: Any,  # noqa: ANN401 - any frame
    names: Sequence[str],
    weight: str | None,
) -> nw.DataFrame[Any] | nw.LazyFrame[Any]:
    known = {column.name for column in CUSTOMERS.columns}
    extra = tuple(Column(name, Kind.NUMBER) for name in names if name not in known)
    contract = replace(CUSTOMERS, columns=CUSTOMERS.columns + extra)
    need = [c.FREQUENCY, c.RECENCY, c.T, *names] + ([c.WEIGHT] if weight else [])
    return admit(
        _with_numbers(customers, names),
        contract.requiring(need),
        names={c.WEIGHT: weight} if weight else {},
    )


def _with_numbers(customers: Any, names: Sequence[str]) -> Any:  # noqa: ANN401 - any frame
    """Return the frame with 0 and 1 for false and true; whatever else is wrong is told later."""
    own = nw.from_native(customers, pass_through=True)
    if not isinstance(own, nw.DataFrame | nw.LazyFrame):
        return customers
    schema = own.collect_schema()
    told = [name for name in names if schema.get(name) == nw.Boolean]
    if not told:
        return customers
    made = own.with_columns(nw.col(name).cast(nw.Int8) for name in told).to_native()
    if hasattr(customers, "attrs"):
        made.attrs.update(customers.attrs)
    return made


def _distinct(columns: Sequence[Floats], rows: int) -> tuple[Floats, Codes]:
    """Return the distinct combinations of some columns, and which one each row has."""
    if not columns:
        return np.zeros((1, 0)), np.zeros(rows, dtype=np.intp)
    levels = [np.unique(column, return_inverse=True) for column in columns]
    groups = group_rows(*(code.astype(float) for _, code in levels))
    found = zip(levels, groups.columns, strict=True)
    kinds = [values[code.astype(np.intp)] for (values, _), code in found]
    return np.stack(kinds, axis=1), groups.codes


def check_distinguishable(cells: KindCells, names: Sequence[str]) -> None:
    """Refuse covariates whose coefficients no data could tell apart.

    Raises
    ------
    InvalidValuesError
        If a covariate is the same for all customers, or follows from the others.
    """
    own = cells.kinds[:, [cells.names.index(name) for name in names]]
    constant = [name for name, column in zip(names, own.T, strict=True) if np.ptp(column) == 0]
    if constant:
        raise InvalidValuesError(
            f"customers[{constant[0]!r}] is the same for all customers: its coefficient cannot be "
            "told from the level of the model. Leave it out."
        )
    scaled = (own - own.mean(axis=0)) / (own.std(axis=0) if len(own) else 1.0)
    if names and np.linalg.matrix_rank(scaled) < len(names):
        raise InvalidValuesError(
            f"the covariates {', '.join(map(repr, names))} follow from each other, so that their "
            "coefficients cannot be told apart. Leave one out: of n categories, n - 1 columns say "
            "all."
        )
