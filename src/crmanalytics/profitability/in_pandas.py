"""The finest groups of a pandas frame, by codes: several times as fast as its group_by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from crmanalytics.frames import as_float, as_numpy
from crmanalytics.profitability.cells import Cells, Dimension
from crmanalytics.profitability.grouping import grouped
from crmanalytics.profitability.periods import numbered, started, truncated
from crmanalytics.transactions.encoding import codes_of, encoded
from crmanalytics.transactions.exact import Money

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from crmanalytics.profitability.grouping import Groups
    from crmanalytics.profitability.plan import Plan

    Ints = NDArray[np.int64]
    Count = Callable[[tuple[str, ...], Groups], dict[str, Ints]]

__all__ = ["cells_in_pandas"]


def cells_in_pandas(own: nw.DataFrame[Any], plan: Plan) -> Cells:
    """Add up a pandas log by all dimensions together.

    Parameters
    ----------
    own : narwhals.DataFrame
        The admitted log.
    plan : Plan
        What is asked for.

    Returns
    -------
    Cells

    Examples
    --------
    >>> from crmanalytics.profitability.plan import plan_of
    >>> plan = plan_of("region", "cost", sets="cube", revenue="amount", efforts=(),
    ...     customer_id=None, order_id=None, date="date", period=None, risk=None,
    ...     keep_missing=False)
    >>> log = {"region": ["n", "s", "n"], "amount": [2.0, 3.0, 4.0], "cost": [1.0, 1.0, 1.0]}
    >>> own = nw.from_dict(log, backend="pandas")
    >>> cells = cells_in_pandas(own, plan)
    >>> cells.rows.tolist()
    [2, 1]
    """
    dimensions = {name: _dimension(own, name, plan.period) for name in plan.by}
    periods = None
    if plan.risk is not None:
        periods = numbered(_stamps(own, plan.date), plan.risk)
        periods = periods - periods.min()
    keys = [each.codes for each in dimensions.values()]
    sizes = [each.size for each in dimensions.values()]
    if periods is not None:
        keys, sizes = [*keys, periods], [*sizes, int(periods.max()) + 1]
    groups = grouped(keys, sizes, len(own))
    return Cells(
        {
            name: each.at(codes)
            for (name, each), codes in zip(dimensions.items(), groups.codes, strict=False)
        },
        np.bincount(groups.of_row, minlength=groups.size),
        {name: _summed(as_float(own, name), groups) for name in plan.money},
        None if periods is None else groups.codes[-1],
        _counter(own, plan, groups.of_row),
    )


def _dimension(own: nw.DataFrame[Any], name: str, period: str | None) -> Dimension:
    if period is not None and isinstance(own.schema[name], nw.Datetime | nw.Date):
        return _dates(_stamps(own, name), period)
    codes, decode = encoded(own[name].to_native())
    return Dimension(codes, int(codes.max(initial=-1)) + 1, decode)


def _dates(stamps: NDArray[Any], period: str) -> Dimension:
    numbers, missing = numbered(stamps, period), np.isnat(stamps)
    start = int(numbers[~missing].min()) if not missing.all() else 0
    codes = np.where(missing, -1, numbers - start)
    return Dimension(
        codes, int(codes.max()) + 1, lambda chosen: pd.Series(started(chosen + start, period))
    )


def _stamps(own: nw.DataFrame[Any], name: str) -> NDArray[Any]:
    stamps = as_numpy(own.select(truncated(name, own.schema[name], None)), name)
    return stamps if stamps.dtype.kind == "M" else stamps.astype("M8[D]")


def _summed(amounts: NDArray[np.float64], groups: Groups) -> Money:
    money = Money.of(amounts)
    return Money(money.sums(groups.of_row, groups.size), money.scale)


def _counter(own: nw.DataFrame[Any], plan: Plan, of_row: Ints) -> Count:
    pairs = {called: _pairs(of_row, codes_of(own[name])) for called, name in plan.counts.items()}

    def count(_: tuple[str, ...], groups: Groups) -> dict[str, Ints]:
        return {
            called: np.bincount(
                _pairs(groups.of_row[cells], codes)[0], minlength=groups.size
            ).astype(np.int64, copy=False)
            for called, (cells, codes) in pairs.items()
        }

    return count


def _pairs(groups: Ints, codes: Ints) -> tuple[Ints, Ints]:
    """Return each pair of group and code once."""
    width = int(codes.max(initial=0)) + 1
    key = np.sort(groups * width + codes)
    keep = np.ones(len(key), dtype=bool)
    np.not_equal(key[1:], key[:-1], out=keep[1:])
    found = np.divmod(key[keep], width)
    return found[0], found[1]
