"""Risk: how much the profit of a group swings from period to period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.profitability.grouping import grouped
from crmanalytics.profitability.measures import per

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.profitability.cells import Cells
    from crmanalytics.profitability.grouping import Groups
    from crmanalytics.profitability.plan import Plan

    Floats = NDArray[np.float64]

__all__ = ["volatility"]

_ROUNDING: Final = 1e-12


def volatility(cells: Cells, plan: Plan, groups: Groups) -> dict[str, Floats]:
    """Return the standard deviation of the profit per period, its ratio to the mean, and losses.

    All periods from the first to the last of the log count for every group, with a profit of zero
    where it has no rows. With P of them, the deviation divides by P - 1; it is missing where there
    is but one.

    Parameters
    ----------
    cells : Cells
        With periods.
    plan : Plan
        Revenue and costs.
    groups : Groups
        Of the cells.

    Returns
    -------
    dict of str to ndarray of shape (groups,)
        ``profit_sd``; ``risk``, the coefficient of variation, missing where the mean profit is not
        positive; ``downside_share``, the share of periods with a loss. Nothing without periods.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.profitability import cube
    >>> log = pd.DataFrame(
    ...     {
    ...         "date": pd.to_datetime(["2024-01-05", "2024-02-05", "2024-03-05"]),
    ...         "amount": [10.0, 20.0, 1.0],
    ...         "cost": [5.0, 5.0, 3.0],
    ...     }
    ... )
    >>> found = cube(log, "date", costs="cost", risk="M")
    >>> found[["profit_sd", "risk", "downside_share"]].head(1).round(2)
       profit_sd  risk  downside_share
    0       8.54  1.42            0.33
    """
    if cells.periods is None:
        return {}
    count = int(cells.periods.max()) + 1
    pairs = grouped([groups.of_row, cells.periods], [groups.size, count], len(cells.rows))
    profit, turnover = _profit(cells, plan, pairs)
    owner = pairs.codes[0]
    mean = np.bincount(owner, profit, minlength=groups.size) / count
    present = np.bincount(owner, minlength=groups.size)
    squares = (count - present) * mean**2
    squares = squares + np.bincount(owner, (profit - mean[owner]) ** 2, minlength=groups.size)
    deviation = np.sqrt(squares / (count - 1)) if count > 1 else np.full(groups.size, np.nan)
    # what rounding leaves of a period that broke even is not a loss
    losses = np.bincount(owner, profit < -_ROUNDING * turnover, minlength=groups.size)
    return {
        "profit_sd": deviation,
        c.RISK: per(deviation, mean),
        "downside_share": losses / count,
    }


def _profit(cells: Cells, plan: Plan, pairs: Groups) -> tuple[Floats, Floats]:
    """Return the profit of each group, and revenue and costs whatever their sign."""
    sums = {
        name: cells.money[name].value(cells.money[name].sums(pairs.of_row, pairs.size))
        for name in (plan.revenue, *plan.costs)
    }
    cost = np.sum([sums[name] for name in plan.costs], axis=0)
    turnover = np.sum(np.abs(list(sums.values())), axis=0)
    return np.asarray(sums[plan.revenue] - cost), np.asarray(turnover)
