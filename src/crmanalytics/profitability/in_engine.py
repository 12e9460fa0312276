"""The finest groups of a log in any other engine, which does the adding up itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float
from crmanalytics.profitability.cells import Cells, Dimension
from crmanalytics.profitability.periods import numbered, started, truncated
from crmanalytics.transactions.encoding import encoded
from crmanalytics.transactions.exact import Money

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from crmanalytics.profitability.grouping import Groups
    from crmanalytics.profitability.plan import Plan

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
    Ints = NDArray[np.int64]
    Count = Callable[[tuple[str, ...], Groups], dict[str, Ints]]

__all__ = ["cells_in_engine"]

_PERIOD = "period of risk"


def cells_in_engine(own: Frame, plan: Plan) -> Cells:
    """Add up a log by all dimensions together; only the groups leave the engine.

    Parameters
    ----------
    own : narwhals.DataFrame or narwhals.LazyFrame
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
    >>> own = nw.from_dict(log, backend="polars")
    >>> cells = cells_in_engine(own, plan)
    >>> sorted(cells.rows.tolist())
    [1, 2]
    """
    ready, parts, scales = _prepared(own, plan)
    keys = [*plan.by, *([_PERIOD] if plan.risk is not None else [])]
    sums = [nw.col(part).sum() for each in parts.values() for part in each]
    finest = _collected(ready.group_by(keys).agg(nw.len().alias("rows"), *sums))
    if not len(finest):
        raise InvalidValuesError("log has no rows: there is nothing to add up.")
    dimensions = {name: _dimension(finest, name) for name in plan.by}
    periods = None
    if plan.risk is not None:
        periods = numbered(np.array(_labels(finest, _PERIOD), dtype="M8[D]"), plan.risk)
        periods = periods - periods.min()
    return Cells(
        dimensions,
        np.asarray(finest["rows"].to_numpy()).astype(np.int64),
        {
            name: Money(tuple(as_float(finest, part) for part in each), scales[name])
            for name, each in parts.items()
        },
        periods,
        _counter(ready, plan, dimensions),
    )


def _prepared(own: Frame, plan: Plan) -> tuple[Frame, dict[str, list[str]], dict[str, float]]:
    """Bring dates to periods, and money in memory into parts that add up without rounding."""
    schema = own.collect_schema()
    dates = [name for name in plan.by if isinstance(schema[name], nw.Datetime | nw.Date)]
    wanted = {name: (name, plan.period) for name in dates}
    if plan.risk is not None:
        wanted[_PERIOD] = (plan.date, plan.risk)
    if isinstance(own, nw.LazyFrame):
        shorter = [truncated(x, schema[x], p).alias(new) for new, (x, p) in wanted.items()]
        ready = own.with_columns(*shorter) if shorter else own
        return ready, {name: [name] for name in plan.money}, dict.fromkeys(plan.money, 1.0)
    made = [_cut(own, new, *each) for new, each in wanted.items()]
    parts: dict[str, list[str]] = {}
    scales: dict[str, float] = {}
    for name in plan.money:
        money = Money.of(as_float(own, name))
        parts[name] = [f"{name} part {k}" for k in range(len(money.parts))]
        scales[name] = money.scale
        each = zip(parts[name], money.parts, strict=True)
        made += [nw.new_series(part, x, backend=own.implementation) for part, x in each]
    return own.with_columns(*made), parts, scales


def _cut(own: nw.DataFrame[Any], new: str, name: str, period: str | None) -> nw.Series[Any]:
    dates = own.select(truncated(name, own.schema[name], None))[name]
    if period is None:
        return dates.alias(new)
    stamps = np.asarray(dates.to_numpy()).astype("M8[D]")
    first = np.where(
        np.isnat(stamps), np.datetime64("NaT"), started(numbered(stamps, period), period)
    )
    return nw.new_series(new, first.astype("M8[ms]"), backend=own.implementation)


def _collected(frame: Frame) -> nw.DataFrame[Any]:
    return frame.collect() if isinstance(frame, nw.LazyFrame) else frame


def _dimension(finest: nw.DataFrame[Any], name: str) -> Dimension:
    labels = pd.Series(_labels(finest, name), dtype=object)
    codes, decode = encoded(labels)
    return Dimension(codes, int(codes.max(initial=-1)) + 1, decode)


def _labels(frame: nw.DataFrame[Any], name: str) -> list[Any]:
    dates = frame[name]
    if isinstance(dates.dtype, nw.Datetime) and dates.dtype.time_zone is not None:
        dates = dates.dt.replace_time_zone(None)  # some engines put their own back on
    listed = dates.to_list()
    return [None if x is None or x != x else x for x in listed]  # noqa: PLR0124 - NaN is not itself


def _counter(ready: Frame, plan: Plan, dimensions: dict[str, Dimension]) -> Count:
    codes = {name: _places(each) for name, each in dimensions.items()}

    def count(chosen: tuple[str, ...], _: Groups) -> dict[str, Ints]:
        if not plan.counts:
            return {}
        distinct = [nw.col(x).n_unique().alias(called) for called, x in plan.counts.items()]
        found = ready.group_by(list(chosen)).agg(*distinct) if chosen else ready.select(*distinct)
        table = _collected(found)
        keys = [[codes[name][x] for x in _labels(table, name)] for name in chosen]
        order = _order(keys, len(table))
        return {
            called: np.asarray(table[called].to_numpy()).astype(np.int64)[order]
            for called in plan.counts
        }

    return count


def _places(dimension: Dimension) -> dict[Any, int]:
    """Return the code of each label."""
    named = zip(dimension.labels().tolist(), dimension.codes.tolist(), strict=True)
    return {(None if code < 0 else label): code for label, code in named}


def _order(keys: Sequence[Sequence[int]], rows: int) -> Ints:
    """Return the order of groups, which ascend by their codes, the first dimension leading."""
    if not keys:
        return np.arange(rows)
    return np.lexsort([np.asarray(each) for each in keys[::-1]])
