"""Current profitability: the discounted sum of each customer's profits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import check_timing, numbers, period_rate
from crmanalytics.clv.discounting.tables import PeriodTable, per_customer
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames.eager import frame_like

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.discounting.arguments import Timing

    Floats = NDArray[np.float64]

__all__ = ["current_value", "row_factors"]


def current_value(
    profits: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    discount_rate: ArrayLike | str,
    timing: Timing,
    periods_per_year: float,
    length: int | str | None = None,
    valued_at: int = 0,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Say what each customer's profits are worth: LTV_i = sum_t RB_it / (1 + r)^t.

    The profits may lie behind (what the relationship was worth) or ahead (what is planned).

    Parameters
    ----------
    profits : DataFrame
        One row per customer and period: customer_id, period (whole numbers from 0), profit; see
        :func:`profits_from_periods`, :func:`profits_from_transactions`, :func:`planned_profits`.
    discount_rate : float, array_like or str
        Per year. A number; or one number per period 0, 1, ... for a rate that changes over time;
        or the name of a column of `profits` with the rate of each row, for rates that differ by
        customer too (such customers need consecutive periods from 0).
    timing : {"start", "middle", "end"}
        When in its period a profit comes. "start" leaves period 0 undiscounted.
    periods_per_year : float
        12 for months.
    length : int or str, optional
        Length of the relationship in periods (T_i): later rows are not counted. A number, or the
        name of a column of `profits`. Without it every row counts.
    valued_at : int
        The period at whose start the value is stated. Profits before it are compounded.

    Returns
    -------
    DataFrame
        One row per customer, sorted: customer_id, periods (counted), profit (undiscounted sum),
        current (discounted sum).

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the frame breaks its contract.
    ParameterError
        If an argument is out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> profits = pd.DataFrame(
    ...     {"customer_id": ["a", "a", "b"], "period": [0, 1, 0], "profit": [100.0, 125.0, 50.0]}
    ... )
    >>> current_value(profits, discount_rate=0.25, timing="start", periods_per_year=1)
      customer_id  periods  profit  current
    0           a        2   225.0    200.0
    1           b        1    50.0     50.0
    """
    table = PeriodTable.of(profits, "profits")
    factors = row_factors(table, discount_rate, timing, periods_per_year, valued_at)
    counted = _counted(table, length)
    profit = table.column(c.PROFIT) * counted
    return frame_like(
        table.own,
        {
            c.CUSTOMER_ID: table.customers,
            c.PERIODS: table.total(counted).astype(np.int64),
            c.PROFIT: table.total(profit),
            c.CURRENT: table.total(profit * factors),
        },
    )


def _counted(table: PeriodTable, length: int | str | None) -> Floats:
    if length is None:
        return np.ones(len(table.period))
    ends = per_customer(table.own, "length", length, low=0)[table.order]
    return np.asarray(table.period < ends, dtype=float)


def row_factors(
    table: PeriodTable,
    discount_rate: ArrayLike | str,
    timing: Timing,
    periods_per_year: float,
    valued_at: int = 0,
) -> Floats:
    """Return the discount factor of each row of a table.

    Parameters
    ----------
    table : PeriodTable
        Customers x periods.
    discount_rate : float, array_like or str
        Per year: one, one per period, or the name of a column.
    timing : {"start", "middle", "end"}
        When in its period money comes.
    periods_per_year : float
        12 for months.
    valued_at : int
        The period at whose start the value is stated.

    Returns
    -------
    ndarray of shape (rows,)
        Factors in the table's order.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"customer_id": [1, 1], "period": [0, 1], "profit": 1.0})
    >>> row_factors(PeriodTable.of(rows, "profits"), 0.25, "end", 1)
    array([0.8 , 0.64])
    """
    offset = check_timing(timing)
    if valued_at != int(valued_at) or valued_at < 0:
        raise ParameterError(f"valued_at must be a whole, non-negative number, not {valued_at!r}")
    if isinstance(discount_rate, str):
        return _own_factors(table, discount_rate, offset, periods_per_year, valued_at)
    logs = np.log1p(period_rate(discount_rate, periods_per_year))
    if logs.ndim == 0:
        return np.asarray(np.exp(-logs * (table.period + offset - valued_at)))
    last = int(max(table.period.max(initial=0), valued_at - 1))
    if logs.ndim > 1 or len(logs) <= last:
        raise ParameterError(
            f"discount_rate must hold one number per period 0..{last}; it has shape {logs.shape}"
        )
    elapsed = np.concatenate([[0.0], np.cumsum(logs)])
    until = elapsed[table.period] + offset * logs[table.period]
    return np.asarray(np.exp(elapsed[valued_at] - until))


def _own_factors(
    table: PeriodTable, name: str, offset: float, periods_per_year: float, valued_at: int
) -> Floats:
    rate = per_customer(table.own, "discount_rate", name)[table.order]
    logs = np.log1p(period_rate(rate, periods_per_year))
    first = table.step()
    begins = np.flatnonzero(first)
    position = np.arange(len(logs)) - begins[np.cumsum(first) - 1]
    gaps = position != table.period
    if gaps.any() or valued_at:
        who = ", ".join(map(str, table.customers[table.codes[gaps]][:3]))
        raise InvalidValuesError(
            "with discount_rate from a column every customer must have the periods 0, 1, 2, ... "
            f"without a gap, and valued_at be 0 (first with a gap: [{who}]). Add the missing "
            "periods with a profit of 0."
        )
    running = np.cumsum(logs)
    before = running - logs - (running - logs)[begins][np.cumsum(first) - 1]
    return np.asarray(np.exp(-(numbers("discount_rate", before) + offset * logs)))
