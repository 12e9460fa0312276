"""What is measured of each group: profit, margin, productivity, shares and indices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.profitability.cells import Cells
    from crmanalytics.profitability.grouping import Groups
    from crmanalytics.profitability.plan import Plan

    Floats = NDArray[np.float64]
    Columns = dict[str, NDArray[Any]]

__all__ = ["against_base", "per", "summed"]

_SHARED = (c.REVENUE, c.COST, c.PROFIT)
_INDEXED = (c.MARGIN, c.PRODUCTIVITY)


def per(part: Floats, whole: Floats | float) -> Floats:
    """Divide, where what is divided by is positive; elsewhere the ratio has no meaning.

    Examples
    --------
    >>> per(np.array([1.0, 1.0, 1.0]), np.array([2.0, 0.0, -2.0])).tolist()
    [0.5, nan, nan]
    """
    below = np.broadcast_to(np.asarray(whole, dtype=np.float64), np.shape(part))
    ratio = np.full(np.shape(part), np.nan)
    np.divide(part, below, out=ratio, where=below > 0)
    return ratio


def summed(cells: Cells, plan: Plan, chosen: tuple[str, ...], groups: Groups) -> Columns:
    """Return the sums of each group, and their ratios.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> from crmanalytics.profitability.cells import regrouped
    >>> from crmanalytics.profitability.in_pandas import cells_in_pandas
    >>> from crmanalytics.profitability.plan import plan_of
    >>> plan = plan_of("region", "cost", sets="cube", revenue="amount", efforts=(),
    ...     customer_id=None, order_id=None, date="date", period=None, risk=None,
    ...     keep_missing=False)
    >>> log = {"region": ["n", "s", "n"], "amount": [2.0, 3.0, 4.0], "cost": [1.0, 1.0, 1.0]}
    >>> cells = cells_in_pandas(nw.from_dict(log, backend="pandas"), plan)
    >>> summed(cells, plan, ("region",), regrouped(cells, ("region",)))["profit"].tolist()
    [4.0, 2.0]
    """
    counts = cells.count(chosen, groups)
    sums = {
        name: each.value(each.sums(groups.of_row, groups.size))
        for name, each in cells.money.items()
    }
    cost = np.sum([sums[name] for name in plan.costs], axis=0)
    profit = sums[plan.revenue] - cost
    rows = np.bincount(groups.of_row, cells.rows, minlength=groups.size).astype(np.int64)
    found: Columns = {"rows": rows, **counts, c.REVENUE: sums[plan.revenue]}
    if plan.costs != (c.COST,):
        found |= {name: sums[name] for name in plan.costs}
    found |= {
        c.COST: cost,
        c.PROFIT: profit,
        c.MARGIN: per(profit, sums[plan.revenue]),
        c.PRODUCTIVITY: per(profit, cost),
    }
    for called, count in counts.items():
        found[f"profit_per_{called[:-1]}"] = per(profit, count.astype(np.float64))
    for name in plan.efforts:
        found |= {name: sums[name], f"profit_per_{name}": per(profit, sums[name])}
    return found


def against_base(found: Columns, base: Columns) -> Columns:
    """Return shares of the base's sums, and ratios with the base's as 100.

    Parameters
    ----------
    found : dict of str to ndarray
        Measures of groups.
    base : dict of str to ndarray of shape (1,)
        The same of what they are compared to.

    Returns
    -------
    dict of str to ndarray

    Examples
    --------
    >>> base = {name: np.array([10.0]) for name in (*_SHARED, *_INDEXED)}
    >>> part = {name: np.array([5.0, 20.0]) for name in base}
    >>> found = against_base(part, base)
    >>> found["profit_share"].tolist(), found["margin_index"].tolist()
    ([0.5, 2.0], [50.0, 200.0])
    """
    shares = {f"{name}_share": per(found[name] * 1.0, float(base[name][0])) for name in _SHARED}
    indices = {
        f"{name}_index": 100 * per(found[name] * 1.0, float(base[name][0])) for name in _INDEXED
    }
    return {**shares, **indices}
