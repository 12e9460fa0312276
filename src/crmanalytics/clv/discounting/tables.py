"""The frames of the discounting functions: what they hold, and sums over their customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, as_float, as_numpy
from crmanalytics.frames.eager import admit_eager

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals.stable.v2 as nw
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

__all__ = [
    "CUSTOMER_ROWS",
    "PeriodTable",
    "admit_sorted",
    "customer_codes",
    "per_customer",
    "whole_horizon",
]

CUSTOMER_ROWS: Final = Contract(
    frame="customers",
    columns=(Column(c.CUSTOMER_ID, Kind.IDENTIFIER),),
    names_row_by=c.CUSTOMER_ID,
    unique=(c.CUSTOMER_ID,),
)

_MIXED: Final = (
    "customer_id holds values of several kinds that cannot be sorted: make them all strings or all "
    "numbers"
)


def _period_contract(frame: str) -> Contract:
    return Contract(
        frame=frame,
        columns=(
            Column(c.CUSTOMER_ID, Kind.IDENTIFIER),
            Column(c.PERIOD, Kind.COUNT, low=0),
            Column(c.PROFIT, Kind.NUMBER),
            Column(c.REVENUE, Kind.NUMBER, required=False),
            Column(c.STANDARD_ERROR, Kind.NUMBER, required=False, low=0),
        ),
        names_row_by=c.CUSTOMER_ID,
    )


@dataclass(frozen=True)
class PeriodTable:
    """A table of customers x periods in long form, sorted by customer and period.

    Parameters
    ----------
    own : narwhals.DataFrame
        The caller's frame under canonical names, in its own order.
    customers : ndarray of shape (k,)
        Distinct customers, sorted.
    codes : ndarray of shape (n,)
        Position in `customers` of each row.
    period : ndarray of shape (n,)
        Period of each row.
    order : ndarray of shape (n,)
        Where each row stood in the caller's frame.
    """

    own: nw.DataFrame[Any]
    customers: NDArray[Any]
    codes: NDArray[np.intp]
    period: Integers
    order: NDArray[np.intp]

    @classmethod
    def of(
        cls,
        frame: Any,  # noqa: ANN401 - any frame that narwhals knows
        called: str,
        names: Mapping[str, str] | None = None,
    ) -> PeriodTable:
        """Check a frame and sort its rows; no customer may have a period twice.

        Examples
        --------
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"customer_id": ["b", "a"], "period": [0, 0], "profit": [1.0, 2.0]})
        >>> PeriodTable.of(rows, "profits").customers.tolist()
        ['a', 'b']
        """
        own = admit_eager(frame, _period_contract(called), names=names)
        codes, customers = customer_codes(own)
        period = as_numpy(own, c.PERIOD).astype(np.int64)
        order = np.lexsort((period, codes))
        codes, period = codes[order], period[order]
        twice = (codes[1:] == codes[:-1]) & (period[1:] == period[:-1])
        if twice.any():
            first = ", ".join(map(str, customers[codes[1:][twice]][:3]))
            raise InvalidValuesError(
                f"{called} must hold one row per customer and period: {int(twice.sum()):,} rows "
                f"repeat (first: [{first}]). Add such rows up first."
            )
        return cls(own, customers, codes, period, order)

    def column(self, name: str) -> Floats:
        """Return a column as float64, in the table's order."""
        return as_float(self.own, name)[self.order]

    def has(self, name: str) -> bool:
        """Whether the frame has the column."""
        return name in self.own.columns

    def total(self, values: Floats) -> Floats:
        """Sum values over the rows of each customer.

        Examples
        --------
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"customer_id": [1, 1], "period": [1, 0], "profit": [1.0, 2.0]})
        >>> table = PeriodTable.of(rows, "profits")
        >>> table.total(table.column("profit"))
        array([3.])
        """
        summed = np.bincount(self.codes, weights=values, minlength=len(self.customers))
        return np.asarray(summed, dtype=float)

    def step(self) -> NDArray[np.bool_]:
        """Whether each row is the first one of its customer.

        Examples
        --------
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"customer_id": [1, 1, 2], "period": [0, 1, 0], "profit": 1.0})
        >>> PeriodTable.of(rows, "profits").step().tolist()
        [True, False, True]
        """
        return np.append(np.ones(min(1, self.codes.size), bool), np.diff(self.codes) > 0)


def admit_sorted(
    frame: Any,  # noqa: ANN401 - any frame that narwhals knows
    contract: Contract,
    names: Mapping[str, str] | None = None,
) -> nw.DataFrame[Any]:
    """Check a frame with one row per customer and sort it by customer.

    Examples
    --------
    >>> import pandas as pd
    >>> admit_sorted(pd.DataFrame({"customer_id": [2, 1]}), CUSTOMER_ROWS)["customer_id"].to_list()
    [1, 2]
    """
    own = admit_eager(frame, contract, names=names)
    try:
        return own.sort(c.CUSTOMER_ID)
    except TypeError as error:
        raise InvalidValuesError(_MIXED) from error


def customer_codes(own: nw.DataFrame[Any]) -> tuple[NDArray[np.intp], NDArray[Any]]:
    """Return the position of each row's customer among the sorted customers, and those.

    Examples
    --------
    >>> import pandas as pd
    >>> own = admit_eager(pd.DataFrame({"customer_id": ["b", "a", "b"]}), Contract("rows", ()))
    >>> codes, customers = customer_codes(own)
    >>> codes.tolist(), customers.tolist()
    ([1, 0, 1], ['a', 'b'])
    """
    import pandas as pd

    try:
        codes, customers = pd.factorize(as_numpy(own, c.CUSTOMER_ID), sort=True)
    except TypeError as error:
        raise InvalidValuesError(_MIXED) from error
    return codes, np.asarray(customers)


def per_customer(
    own: nw.DataFrame[Any],
    name: str,
    value: ArrayLike | str,
    *,
    low: float = -np.inf,
    high: float = np.inf,
) -> Floats:
    """Return an argument that is a number or names a column, as one number per row.

    Parameters
    ----------
    own : narwhals.DataFrame
        The customers.
    name : str
        What the argument is called.
    value : float or str
        A number for all, or the name of the column that holds one for each.
    low, high : float
        Closed bounds.

    Returns
    -------
    ndarray of shape (rows,)

    Examples
    --------
    >>> import pandas as pd
    >>> own = admit_eager(pd.DataFrame({"share": [0.1, 0.2]}), Contract("rows", ()))
    >>> per_customer(own, "margin", "share"), per_customer(own, "margin", 0.3)
    (array([0.1, 0.2]), array([0.3, 0.3]))
    """
    if isinstance(value, str):
        if value not in own.columns:
            raise ParameterError(
                f"{name}={value!r} names no column of the frame; it has "
                f"{', '.join(map(repr, own.columns))}. Give a number or one of these."
            )
        if not own.schema[value].is_numeric():
            raise InvalidValuesError(f"the column {value!r} given for {name} must hold numbers")
        return numbers(f"{name} (column {value!r})", as_float(own, value), low=low, high=high)
    given = numbers(name, value, low=low, high=high)
    if given.ndim:
        raise ParameterError(f"{name} must be a number or the name of a column, not an array")
    return np.full(len(own), float(given))


def whole_horizon(periods: int) -> int:
    """Return a finite number of periods, at least one.

    Examples
    --------
    >>> whole_horizon(12.0)
    12
    """
    if isinstance(periods, bool) or periods != int(periods) or periods < 1:
        raise ParameterError(f"periods must be a whole number of at least 1, not {periods!r}")
    return int(periods)
