"""The whale curve: how far profit rises over the good customers, and what the others take away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import table_like, with_parameters
from crmanalytics.segments.spread import admit_values, spread_of

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["whale_curve", "whale_summary"]


def whale_curve(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    value: str = c.PROFIT,
    *,
    points: int | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Add up profit from the best customer to the worst: it rises above the total, then falls.

    Unlike shares of a Lorenz curve, it is drawn up for any sum, even a loss: money is always there.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        One row per customer; profits may be negative.
    value : str
        The column.
    points : int, optional
        Read the curve off at this many equal steps, 2 or more. Without it there is a point for
        each distinct value; the curve is straight in between, so that ties need no order.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory, whose distinct values come to the
        driver: polars for polars, else pandas): ``customers`` and ``customer_share`` so far,
        ``value`` (money so far), ``value_share`` (of the total; missing where that is zero or a
        loss) and ``peak_share`` (of the highest point; missing where nobody earns anything), from
        the origin on. For pandas ``attrs["crmanalytics"]`` keeps `value` and `points`.

    Raises
    ------
    DataError
        If there are no rows, or columns or values are missing.
    ParameterError
        If `points` is less than 2.

    References
    ----------
    Kaplan, R. S. and Narayanan, V. G. (2001), "Measuring and managing customer profitability",
    Journal of Cost Management 15(5), 5-15.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import whale_curve
    >>> whale_curve(pd.DataFrame({"profit": [90.0, 30.0, -20.0, 0.0]}))
       customers  customer_share  value  value_share  peak_share
    0        0.0            0.00    0.0          0.0    0.000000
    1        1.0            0.25   90.0          0.9    0.750000
    2        2.0            0.50  120.0          1.2    1.000000
    3        3.0            0.75  120.0          1.2    1.000000
    4        4.0            1.00  100.0          1.0    0.833333
    """
    if points is not None and points < 2:
        raise ParameterError(f"points must be 2 or more, not {points!r}")
    own, distinct, times = _profits(customers, value)
    distinct, times = distinct[::-1], times[::-1]
    count = np.concatenate([[0.0], np.cumsum(times)])
    money = np.concatenate([[0.0], np.cumsum(distinct * times)])
    everybody, peak, total = count[-1], money.max(), money[-1]
    if points is not None:
        at = np.linspace(0.0, everybody, points)
        count, money = at, np.interp(at, count, money)
    missing = np.full(len(money), np.nan)
    table = {
        "customers": count,
        "customer_share": count / everybody,
        "value": money,
        "value_share": money / total if total > 0 else missing,
        "peak_share": money / peak if peak > 0 else missing,
    }
    return with_parameters(table_like(own, table), value=value, points=points)


def whale_summary(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    value: str = c.PROFIT,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say in a few figures how much profit unprofitable customers take away.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        As for :func:`whale_curve`.
    value : str
        The column.

    Returns
    -------
    DataFrame
        As for :func:`whale_curve`, one row for each of ``group`` "profitable", "break-even" and
        "unprofitable": ``customers``, ``customer_share``, ``value`` (their sum), ``of_total`` and
        ``of_peak`` (it as a share of the total profit and of the profit before losses; missing
        where that is not positive). The first row's ``of_total`` is the height of the whale's
        back: 1.8 says that the profitable earn 180% of what remains.

    Raises
    ------
    DataError
        As for :func:`whale_curve`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import whale_summary
    >>> whale_summary(pd.DataFrame({"profit": [90.0, 30.0, -20.0, 0.0]})).iloc[:, :5]
              group  customers  customer_share  value  of_total
    0    profitable          2            0.50  120.0       1.2
    1    break-even          1            0.25    0.0       0.0
    2  unprofitable          1            0.25  -20.0      -0.2
    """
    own, values, times = _profits(customers, value)
    groups = [values > 0, values == 0, values < 0]
    count = np.array([int(times[each].sum()) for each in groups])
    money = np.array([float(np.sum(values[each] * times[each])) for each in groups])
    missing = np.full(3, np.nan)
    table = {
        "group": ["profitable", "break-even", "unprofitable"],
        "customers": count,
        "customer_share": count / count.sum(),
        "value": money,
        "of_total": money / money.sum() if money.sum() > 0 else missing,
        "of_peak": money / money[0] if money[0] > 0 else missing,
    }
    return with_parameters(table_like(own, table), value=value)


def _profits(customers: object, value: str) -> tuple[Frame, Floats, Floats]:
    own = admit_values(customers, value)
    distinct, times = spread_of(own, value)
    if not len(distinct):
        raise InvalidValuesError("customers has no rows.")
    return own, distinct, times
