"""Arguments that are one number for all customers, or a column with each customer's own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Bounds = tuple[float, float]

__all__ = ["ANY", "MONEY", "SHARE", "read_amounts"]

MONEY: Bounds = (0.0, math.inf)
SHARE: Bounds = (0.0, 1.0)
ANY: Bounds = (-math.inf, math.inf)


def read_amounts(
    customers: Any,  # noqa: ANN401 - any eager frame
    amounts: Mapping[str, tuple[float | str, Bounds]],
    *others: Column,
    customer_id: str,
    frame: str = "customers",
) -> tuple[nw.DataFrame[Any], dict[str, Floats]]:
    """Check a frame of customers, and return each amount as one number per customer.

    Parameters
    ----------
    customers : DataFrame
        One row per customer.
    amounts : mapping
        Argument to its value (a number, or a column's name) and its bounds.
    *others : Column
        Further columns that the frame must hold.
    customer_id : str
        Column of identifiers, none of them twice.
    frame : str
        What the frame is called in messages.

    Returns
    -------
    narwhals.DataFrame, dict of str to ndarray

    Raises
    ------
    DataError
        If columns or values are missing, customers are there twice, or there are none.
    ParameterError
        If a number is out of its bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"customer_id": [1, 2], "clv": [50.0, 80.0]})
    >>> wanted = {"clv": ("clv", MONEY), "cost": (3, MONEY)}
    >>> read_amounts(frame, wanted, customer_id="customer_id")[1]["cost"].tolist()
    [3.0, 3.0]
    """
    given = {
        name: numbers(name, value, low=low, high=high)
        for name, (value, (low, high)) in amounts.items()
        if not isinstance(value, str)
    }
    columns = [
        Column(value, Kind.NUMBER, low=low, high=high)
        for value, (low, high) in amounts.values()
        if isinstance(value, str)
    ]
    own = admit_eager(
        customers,
        Contract(
            frame,
            (Column(customer_id, Kind.IDENTIFIER), *columns, *others),
            names_row_by=c.CUSTOMER_ID if customer_id == c.CUSTOMER_ID else None,
            unique=(customer_id,),
        ),
    )
    if not len(own):
        raise InvalidValuesError(f"{frame} has no rows: there is nobody to decide about.")
    found = {
        name: as_float(own, value) if isinstance(value, str) else np.full(len(own), given[name])
        for name, (value, _) in amounts.items()
    }
    return own, found
