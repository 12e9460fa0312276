"""ABC analysis: the few that bring most of the value, the middle, and the long tail."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import as_float, looked_up, with_new, with_parameters
from crmanalytics.segments.spread import admit_values, spread_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["abc"]

_VALUE: Final = "value to class"
_CLASSES: Final[dict[str, float]] = {"A": 0.80, "B": 0.95, "C": 1.0}


def abc(
    frame: Any,  # noqa: ANN401 - any frame that narwhals knows
    value: str = c.TOTAL,
    *,
    classes: Mapping[str, float] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Class customers, products or regions by what they add up to: 80%, the next 15%, the rest.

    A pyramid fixes the share of customers in a tier, an ABC analysis the share of value.

    Parameters
    ----------
    frame : DataFrame of shape (n, ...)
        One row per customer, product or whatever is classed.
    value : str
        The column, largest first.
    classes : mapping of str to float, optional
        Name of each class and the share of value at which it ends, ascending to 1; by default A
        ends at 0.80, B at 0.95 and C at 1.

    Returns
    -------
    DataFrame
        Of the same kind, lazy frames staying lazy (their distinct values come to the driver), with
        its index and columns, and with ``abc`` (the class) and
        ``cumulated_value`` (share of value of all rows with the same value or a larger one). A row
        belongs to the class in which the value before it ends, so that A reaches at least 80%;
        rows of equal value are in one class. Shares are of the sum of positive values: rows with
        zero or less are in the last class. For pandas ``attrs["crmanalytics"]`` keeps `value` and
        `classes`.

    Raises
    ------
    DataError
        If columns or values are missing, or no value is positive.
    ParameterError
        If the shares do not ascend to 1.

    References
    ----------
    Dickie, H. F. (1951), "ABC inventory analysis shoots for dollars, not pennies", Factory
    Management and Maintenance 109(7), 92-94.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import abc
    >>> abc(pd.DataFrame({"total": [70.0, 20.0, 6.0, 4.0, -5.0]}))
       total abc  cumulated_value
    0   70.0   A             0.70
    1   20.0   A             0.90
    2    6.0   B             0.96
    3    4.0   C             1.00
    4   -5.0   C             1.00
    """
    ends = {str(name): float(end) for name, end in (classes or _CLASSES).items()}
    limits = list(ends.values())
    if limits[0] <= 0 or limits[-1] != 1 or any(low >= high for low, high in pairwise(limits)):
        raise ParameterError(f"classes must end at shares that ascend to 1, not {ends!r}")
    own = admit_values(frame, value, called="frame")
    if isinstance(own, nw.LazyFrame):
        return _classed_on_engine(own, value, ends)
    values = as_float(own, value)
    distinct, code, times = np.unique(values, return_inverse=True, return_counts=True)
    kind, after = _classed(distinct, times.astype(np.float64), value, ends)
    new = {"abc": kind[code], "cumulated_value": after[code]}
    return with_parameters(with_new(own, new), value=value, classes=ends)


def _classed(
    distinct: Floats, times: Floats, value: str, ends: Mapping[str, float]
) -> tuple[NDArray[np.str_], Floats]:
    """Return the class of each distinct value, and the share of all values as large or larger."""
    if not (distinct > 0).any():
        raise InvalidValuesError(
            f"frame[{value!r}] has no positive value: there is nothing to share."
        )
    distinct, times = distinct[::-1], times[::-1]
    running = np.cumsum(np.maximum(distinct, 0.0) * times)
    after = running / running[-1]
    before = np.concatenate([[0.0], after[:-1]])
    # sums of shares such as 0.7 + 0.1 must not fall a hair short of the 0.8 they are
    limits = list(ends.values())
    kind = np.minimum(np.searchsorted(limits, before + 1e-12, "right"), len(ends) - 1)
    kind[distinct <= 0] = len(ends) - 1
    return np.array(list(ends))[kind][::-1], after[::-1]


def _classed_on_engine(own: nw.LazyFrame[Any], value: str, ends: Mapping[str, float]) -> Any:  # noqa: ANN401 - the kind that came in
    """Class where the rows are; distinct values come to the driver and go back with their class."""
    distinct, times = spread_of(own, value)
    kind, after = _classed(distinct, times, value, ends)
    new = {_VALUE: distinct.tolist(), "abc": kind.tolist(), "cumulated_value": after.tolist()}
    keyed = own.with_columns(nw.col(value).cast(nw.Float64).alias(_VALUE))
    return looked_up(keyed, nw.from_dict(new, backend="pandas"), [_VALUE]).drop(_VALUE).to_native()
