"""What the diagnostics take: a split of customers, checked once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import CUSTOMERS, Column, Contract, Kind, admit_eager, as_float

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["at_least_one", "opened_split"]

_SPLIT: Final = Contract(
    frame="customers",
    columns=(
        *CUSTOMERS.columns,
        Column(c.FREQUENCY_HOLDOUT, Kind.COUNT, low=0),
        Column(c.DURATION_HOLDOUT, Kind.NUMBER, strictly_positive=True),
    ),
    rules=CUSTOMERS.rules,
    names_row_by=c.CUSTOMER_ID,
)


def opened_split(
    customers: Any,  # noqa: ANN401 - any eager frame
) -> tuple[nw.DataFrame[Any], Floats, float]:
    """Check a split, and return it with the purchases in its holdout period and their time.

    Examples
    --------
    >>> import pandas as pd
    >>> known = pd.DataFrame({"frequency": [0, 2], "recency": [0.0, 3.0], "T": [5.0, 5.0]})
    >>> own, later, time = opened_split(known.assign(frequency_holdout=[1, 4], duration_holdout=9))
    >>> later.tolist(), time
    ([1.0, 4.0], 9.0)
    """
    own = admit_eager(customers, _SPLIT)
    if not len(own):
        raise InvalidValuesError("customers has no rows.")
    lengths = np.unique(as_float(own, c.DURATION_HOLDOUT))
    if len(lengths) > 1:
        raise InvalidValuesError(
            f"customers[{c.DURATION_HOLDOUT!r}] must be one length for all: it runs from "
            f"{lengths[0]:g} to {lengths[-1]:g}. Compare each length by itself."
        )
    return own, as_float(own, c.FREQUENCY_HOLDOUT), float(lengths[0])


def at_least_one(value: int, name: str = "most") -> int:
    """Return a positive whole number, or say that it is none.

    Examples
    --------
    >>> at_least_one(7)
    7
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ParameterError(f"{name} must be a whole number of at least 1, not {value!r}")
    return value
