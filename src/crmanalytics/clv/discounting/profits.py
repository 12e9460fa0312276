"""Profits per customer and period: from a period table, or planned from margin and retention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers
from crmanalytics.clv.discounting.projected import check_first
from crmanalytics.clv.discounting.tables import (
    CUSTOMER_ROWS,
    PeriodTable,
    admit_sorted,
    per_customer,
    whole_horizon,
)
from crmanalytics.errors import InvalidValuesError, MissingColumnsError
from crmanalytics.frames import as_float, as_numpy
from crmanalytics.frames.eager import frame_like
from crmanalytics.wording import no_column, one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.clv.discounting.projected import First

    Floats = NDArray[np.float64]

__all__ = ["planned_profits", "profits_from_periods"]

_SHOWN: Final = 3


def profits_from_periods(
    table: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    layout: Literal["long", "wide"],
    customer_id: str = c.CUSTOMER_ID,
    period: str = c.PERIOD,
    profit: str = c.PROFIT,
    periods: Sequence[str] | None = None,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Read a table of profits by customer and period, one row per both or one column per period.

    Parameters
    ----------
    table : DataFrame
        Long: columns customer_id, period (whole numbers from 0), profit. Wide: customer_id and
        one column of profits per period, in order; a missing value before the first or after the
        last profit means that the relationship had not begun or was over.
    layout : {"long", "wide"}
        Which of the two.
    customer_id, period, profit : str
        The table's names of these columns.
    periods : sequence of str, optional
        For a wide table, its period columns in order; by default all columns but the customer's.

    Returns
    -------
    DataFrame
        customer_id, period, profit; sorted by customer and period; of the table's kind.

    Raises
    ------
    MissingColumnsError
        If a column is not there.
    InvalidValuesError
        If a value is missing between two profits, or a customer's period comes twice.
    ParameterError
        If the layout is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> wide = pd.DataFrame({"customer_id": ["a", "b"], "y1": [10.0, 5.0], "y2": [20.0, None]})
    >>> profits_from_periods(wide, layout="wide")
      customer_id  period  profit
    0           a       0    10.0
    1           a       1    20.0
    2           b       0     5.0
    """
    if layout == "long":
        names = {c.CUSTOMER_ID: customer_id, c.PERIOD: period, c.PROFIT: profit}
        long = PeriodTable.of(table, "profits", names)
        return frame_like(
            long.own,
            {
                c.CUSTOMER_ID: long.customers[long.codes],
                c.PERIOD: long.period,
                c.PROFIT: long.column(c.PROFIT),
            },
        )
    one_of("layout", layout, ("wide", "long"))
    own = admit_sorted(table, CUSTOMER_ROWS, {c.CUSTOMER_ID: customer_id})
    return _from_wide(own, periods)


def _from_wide(own: nw.DataFrame[Any], periods: Sequence[str] | None) -> Any:  # noqa: ANN401
    chosen = [x for x in own.columns if x != c.CUSTOMER_ID] if periods is None else list(periods)
    absent = [x for x in chosen if x not in own.columns]
    if absent:
        raise MissingColumnsError(no_column("table", absent[0], own.columns))
    if not chosen:
        raise MissingColumnsError("table has no period columns beside the customer's")
    words = [x for x in chosen if not own.schema[x].is_numeric()]
    if words:
        raise InvalidValuesError(f"the period columns {words} must hold numbers; see periods=")
    grid = np.column_stack([as_float(own, x) for x in chosen])
    customers = as_numpy(own, c.CUSTOMER_ID)
    present = ~np.isnan(grid)
    _refuse_holes(present, customers)
    rows, columns = np.nonzero(present)
    profit = numbers("table's profits", grid[present])
    return frame_like(own, {c.CUSTOMER_ID: customers[rows], c.PERIOD: columns, c.PROFIT: profit})


def _refuse_holes(present: NDArray[np.bool_], customers: NDArray[Any]) -> None:
    begun = np.logical_or.accumulate(present, axis=1)
    going = np.logical_or.accumulate(present[:, ::-1], axis=1)[:, ::-1]
    holes = (begun & going & ~present).any(axis=1)
    if holes.any():
        first = ", ".join(map(str, customers[holes][:_SHOWN]))
        raise InvalidValuesError(
            f"table must not miss a profit between two others: {int(holes.sum()):,} customers do "
            f"(first: [{first}]). Write 0 where a customer earned nothing."
        )


def planned_profits(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    margin: float | str,
    retention: float | str,
    periods: int,
    first: First,
    growth: float | str = 0.0,
    length: int | str | None = None,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Plan each customer's profits over the coming periods from margin, growth and retention.

    Parameters
    ----------
    customers : DataFrame
        One row per customer.
    margin : float or str
        Money per period and customer; a number, or the name of a column.
    retention : float or str
        Probability of staying from one period to the next; a number, or the name of a column.
    periods : int
        How many periods to plan.
    first : {"certain", "at_risk"}
        Whether the first period's margin is sure.
    growth : float or str
        Growth of the margin per period.
    length : int or str, optional
        Length of each customer's relationship in periods (T_i), where it ends before the plan; a
        number, or the name of a column.
    customer_id : str
        The frame's name of this column.

    Returns
    -------
    DataFrame
        customer_id, period, profit: the margin expected in each period, before discounting.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"customer_id": [7], "margin": [100.0]})
    >>> planned_profits(customers, margin="margin", retention=0.5, periods=3, first="certain")
       customer_id  period  profit
    0            7       0   100.0
    1            7       1    50.0
    2            7       2    25.0
    """
    own = admit_sorted(customers, CUSTOMER_ROWS, {c.CUSTOMER_ID: customer_id})
    horizon, at_risk = whole_horizon(periods), check_first(first)
    money = per_customer(own, "margin", margin)
    stay = per_customer(own, "retention", retention, low=0, high=1)
    grow = per_customer(own, "growth", growth, low=-1)
    ends = per_customer(own, "length", horizon if length is None else length, low=0)
    t = np.arange(horizon)
    earned = money[:, None] * (1 + grow[:, None]) ** t * stay[:, None] ** (t + int(at_risk))
    rows, period = np.nonzero(t < ends[:, None])
    return frame_like(
        own,
        {
            c.CUSTOMER_ID: as_numpy(own, c.CUSTOMER_ID)[rows],
            c.PERIOD: period,
            c.PROFIT: earned[rows, period],
        },
    )
