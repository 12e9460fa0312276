"""Inequality: the Lorenz curve of what customers are worth, and the Gini coefficient under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import table_like, with_parameters
from crmanalytics.inference import normal_interval
from crmanalytics.segments.spread import admit_values, spread, spread_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["gini", "gini_interval", "lorenz", "read_spread"]


def gini(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows, or numbers
    value: str = c.TOTAL,
    *,
    corrected: bool = False,
    weight: str | ArrayLike | None = None,
) -> float:
    """Say in one number how unequally customers contribute: 0 is equal, 1 is one customer has all.

    Parameters
    ----------
    customers : DataFrame or array_like of shape (customers,)
        Customers, or just the values. Negative values, such as losses, are allowed as long as the
        sum is positive; the coefficient may then exceed 1. Of a frame that is not in memory, the
        distinct values come to the driver.
    value : str
        Column of the frame, if it is one.
    corrected : bool
        Multiply by n / (n - 1), so that one customer who has all gives exactly 1.
    weight : str or array_like, optional
        How many customers each row stands for: a column of the frame, or an array.

    Returns
    -------
    float
        The coefficient: twice the area between the Lorenz curve and the diagonal.

    Raises
    ------
    DataError
        If there are no rows, values are missing, or the sum is not positive.
    ParameterError
        If `corrected` is asked for a single customer.

    References
    ----------
    Gini, C. (1914), "Sulla misura della concentrazione e della variabilità dei caratteri", Atti del
    Reale Istituto Veneto di Scienze, Lettere ed Arti 73, 1203-1248.

    Examples
    --------
    >>> from crmanalytics.segments import gini
    >>> gini([1, 2, 3, 4]), gini([0, 0, 0, 1]), gini([0, 0, 0, 1], corrected=True)
    (0.25, 0.75, 1.0)
    """
    values, weights, _ = read_spread(customers, value, weight)
    found = _coefficient(values, weights)
    if not corrected:
        return found
    n = float(weights.sum())
    if n <= 1:
        raise ParameterError("corrected=True needs two customers or more")
    return found * n / (n - 1)


def gini_interval(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows, or numbers
    value: str = c.TOTAL,
    *,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return how sure the Gini coefficient is, taking customers as a sample of possible ones.

    The standard error is by linearisation, the interval is the normal one. Where few customers
    hold most of the money, it is too narrow: rare giants are missing from most samples.

    Parameters
    ----------
    customers : DataFrame or array_like of shape (customers,)
        As for :func:`gini`; two customers or more.
    value : str
        Column of the frame, if it is one.
    level : float
        Confidence level.

    Returns
    -------
    tuple of float
        Lower and upper bound.

    Raises
    ------
    DataError
        As for :func:`gini`, or if there is a single customer.

    References
    ----------
    Langel, M. and Tillé, Y. (2013), "Variance estimation of the Gini index: revisiting a result
    several times published", Journal of the Royal Statistical Society A 176(2), 521-540.

    Examples
    --------
    >>> from crmanalytics.segments import gini_interval
    >>> low, high = gini_interval([1, 2, 3, 4, 5, 6, 7, 8, 9, 40])
    >>> print(f"{low:.3f} {high:.3f}")
    0.301 0.722
    """
    distinct, times, _ = read_spread(customers, value, None)
    n = times.sum()
    if n < 2:
        raise InvalidValuesError("an interval needs two customers or more.")
    found = _coefficient(distinct, times)
    share = (np.cumsum(times) - times / 2.0) / n  # of the customers below, ties counted by half
    below = np.cumsum(distinct * times) - distinct * times / 2.0
    mean = float(distinct @ times) / n
    # influence of a value y on G: (2 y F(y) - 2 E[X; X < y] + mean - y - G (y + mean)) / mean
    influence = 2.0 * distinct * share - 2.0 * below / n + mean - distinct
    influence = (influence - found * (distinct + mean)) / mean
    error = np.sqrt(np.sum(times * influence**2) / (n - 1) / n)
    low, high = normal_interval(found, error, level)
    return float(low), float(high)


def lorenz(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    value: str = c.TOTAL,
    *,
    points: int | None = None,
    descending: bool = False,
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Draw up the Lorenz curve: which share of the value the smallest x% of customers hold.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        Negative values are allowed as long as the sum is positive: the curve then dips below zero,
        or, descending, rises above one: the whale curve of customer profitability, whose peak
        says how much the customers that cost money take away.
    value : str
        The column.
    points : int, optional
        Read the curve off at this many equal steps, 2 or more. Without it, there is a point for
        each distinct value, which is the whole curve: it is straight in between.
    descending : bool
        Begin with the largest customers instead.
    weight : str, optional
        Column with the number of customers that a row stands for.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory: polars for polars, else pandas):
        ``customer_share`` and ``value_share``, both from 0 to 1. For pandas
        ``attrs["crmanalytics"]`` keeps the arguments.

    Raises
    ------
    DataError
        If there are no rows, columns or values are missing, or the sum is not positive.
    ParameterError
        If `points` is less than 2.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import lorenz
    >>> lorenz(pd.DataFrame({"total": [70.0, 10.0, 10.0, 10.0]}))
       customer_share  value_share
    0            0.00          0.0
    1            0.75          0.3
    2            1.00          1.0
    """
    if points is not None and points < 2:
        raise ParameterError(f"points must be 2 or more, not {points!r}")
    distinct, each, own = read_spread(customers, value, weight)
    if own is None:
        raise ParameterError("customers must be a data frame")
    if descending:
        distinct, each = distinct[::-1], each[::-1]
    across = np.concatenate([[0.0], np.cumsum(each)])
    up = np.concatenate([[0.0], np.cumsum(distinct * each)])
    across, up = across / across[-1], up / up[-1]
    if points is not None:
        at = np.linspace(0.0, 1.0, points)
        across, up = at, np.interp(at, across, up)
    return with_parameters(
        table_like(own, {"customer_share": across, "value_share": up}),
        value=value, points=points, descending=descending, weight=weight,
    )  # fmt: skip


def read_spread(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows, or numbers
    value: str,
    weight: str | ArrayLike | None,
) -> tuple[Floats, Floats, Frame | None]:
    """Check customers or plain numbers: distinct values, the weight of each, the frame if any.

    Raises
    ------
    DataError
        If there are no rows, columns or values are missing, or the sum is not positive.
    ParameterError
        If there is neither a frame nor a list of numbers.

    Examples
    --------
    >>> values, weights, frame = read_spread([2, 1, 2], "total", None)
    >>> values.tolist(), weights.tolist(), frame
    ([1.0, 2.0], [1.0, 2.0], None)
    """
    own = None
    if isinstance(nw.from_native(customers, pass_through=True), nw.DataFrame | nw.LazyFrame):
        if weight is not None and not isinstance(weight, str):
            raise ParameterError("weight must be a column's name where customers is a data frame")
        own = admit_values(customers, value, weight)
        distinct, times = spread_of(own, value, weight)
    else:
        distinct, times = spread(*_of_numbers(customers, weight))
    if not times.sum() > 0:
        raise InvalidValuesError("customers has no rows (or no weight).")
    if not float(distinct @ times) > 0:
        raise InvalidValuesError(
            f"customers[{value!r}] must have a positive sum: shares of nothing have no meaning."
        )
    return distinct, times, own


def _of_numbers(numbers: ArrayLike, weight: object) -> tuple[Floats, Floats]:
    if isinstance(weight, str):
        raise ParameterError("weight must be an array where customers is one")
    try:
        values = np.asarray(numbers, dtype=np.float64)
        weights = np.ones(values.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ParameterError("customers must be a data frame or numbers") from error
    if values.ndim != 1 or weights.shape != values.shape:
        raise ParameterError("customers and weight must be one-dimensional and of equal length")
    bad = int((~np.isfinite(values)).sum() + (~np.isfinite(weights) | (weights < 0)).sum())
    if bad:
        raise InvalidValuesError(
            f"customers and weight must be finite, and weight not negative: {bad:,} values are not."
        )
    return values, weights


def _coefficient(distinct: Floats, times: Floats) -> float:
    middle = np.cumsum(times) - times / 2.0
    whole = times.sum()
    top = np.sum(times * distinct * (2.0 * middle - whole))
    return float(top / (whole * np.sum(times * distinct)))
