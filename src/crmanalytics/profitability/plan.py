"""What a cube is asked for: dimensions, money, what to count; and the check of the log for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit, column_names
from crmanalytics.profitability.periods import check_period
from crmanalytics.profitability.sets import grouping_sets

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crmanalytics.profitability.sets import Sets

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["Plan", "admit_log", "as_names", "plan_of"]

_OWN: Final = frozenset(
    f"{stem}{end}"
    for stem in (c.REVENUE, c.COST, c.PROFIT, c.MARGIN, c.PRODUCTIVITY, c.RISK)
    for end in ("", "_share", "_index", "_sd")
) | {"grouping", "rows", "customers", "orders", "downside_share"}


@dataclass(frozen=True)
class Plan:
    """What is asked for, checked.

    Parameters
    ----------
    by : tuple of str
        Dimensions.
    sets : list of tuple of str
        Which combinations of them.
    revenue : str
        Column of money taken.
    costs, efforts : tuple of str
        Columns of costs, and of what else profit is measured against.
    counts : dict of str to str
        What to call the number of distinct values of which column.
    date : str
        Column of dates that risk goes by.
    period, risk : str, optional
        Periods of dimensions that are dates, and of risk.
    keep_missing : bool
        Whether missing labels form groups.
    """

    by: tuple[str, ...]
    sets: list[tuple[str, ...]]
    revenue: str
    costs: tuple[str, ...]
    efforts: tuple[str, ...]
    counts: dict[str, str]
    date: str
    period: str | None
    risk: str | None
    keep_missing: bool

    @property
    def money(self) -> tuple[str, ...]:
        """Return every column that is added up, each once."""
        return tuple(dict.fromkeys((self.revenue, *self.costs, *self.efforts)))


def as_names(names: str | Iterable[str]) -> tuple[str, ...]:
    """Return one name or several as a tuple.

    Examples
    --------
    >>> as_names("region"), as_names(["region", "channel"])
    (('region',), ('region', 'channel'))
    """
    return (names,) if isinstance(names, str) else tuple(names)


def plan_of(
    by: str | Sequence[str],
    costs: str | Sequence[str],
    *,
    sets: Sets,
    revenue: str,
    efforts: str | Sequence[str],
    customer_id: str | None,
    order_id: str | None,
    date: str,
    period: str | None,
    risk: str | None,
    keep_missing: bool,
) -> Plan:
    """Check the arguments of a cube.

    Examples
    --------
    >>> plan = plan_of("region", ["goods", "service"], sets="rollup", revenue="amount", efforts=(),
    ...     customer_id=None, order_id=None, date="date", period=None, risk=None,
    ...     keep_missing=False)
    >>> plan.sets, plan.money
    ([(), ('region',)], ('amount', 'goods', 'service'))
    """
    names, spent = as_names(by), as_names(costs)
    chosen = grouping_sets(names, sets)
    check_period("period", period)
    check_period("risk", risk)
    counts = {"customers": customer_id, "orders": order_id}
    plan = Plan(
        by=names,
        sets=chosen,
        revenue=revenue,
        costs=spent,
        efforts=as_names(efforts),
        counts={name: column for name, column in counts.items() if column is not None},
        date=date,
        period=period,
        risk=risk,
        keep_missing=keep_missing,
    )
    if not spent:
        raise ParameterError("costs must name at least one column: profit is revenue less costs")
    _refuse_doubles(plan)
    return plan


def _refuse_doubles(plan: Plan) -> None:
    roles = (plan.revenue, *plan.costs, *plan.efforts)
    twice = sorted({name for name in roles if roles.count(name) > 1} | set(plan.by) & set(roles))
    if twice:
        raise ParameterError(f"columns may have one role each (dimension, money): {twice}")
    own = _OWN - {c.COST} if plan.costs == (c.COST,) else _OWN
    taken = sorted(own & {*plan.by, *plan.costs, *plan.efforts})
    if taken:
        raise ParameterError(
            f"columns may not be called as what a cube measures: {taken}. Rename them first."
        )


def admit_log(log: Any, plan: Plan) -> Frame:  # noqa: ANN401 - any frame that narwhals knows
    """Check the log for what the plan needs; dimensions may be of any kind.

    Examples
    --------
    >>> import pandas as pd
    >>> plan = plan_of("region", "cost", sets="cube", revenue="amount", efforts=(),
    ...     customer_id=None, order_id=None, date="date", period=None, risk=None,
    ...     keep_missing=False)
    >>> log = pd.DataFrame({"region": ["n"], "amount": [2.0], "cost": [1.0]})
    >>> len(admit_log(log, plan))
    1
    """
    wanted = {
        name: Column(
            name,
            Kind.LABEL,
            nullable=plan.keep_missing,
            null_remedy="keep them as a group of their own with keep_missing=True, or fill them",
        )
        for name in plan.by
    }
    for name in plan.money:
        low = 0.0 if name in plan.efforts else float("-inf")
        wanted[name] = Column(name, Kind.NUMBER, low=low)
    for name in plan.counts.values():
        wanted[name] = Column(name, Kind.IDENTIFIER)  # nobody can count those without a name
    if plan.risk is not None:
        wanted[plan.date] = Column(plan.date, Kind.DATE)
    own = admit(log, Contract("log", tuple(wanted.values())))
    if isinstance(own, nw.DataFrame) and not len(own):
        raise InvalidValuesError("log has no rows: there is nothing to add up.")
    _require_dates(own, plan)
    return own


def _require_dates(own: Frame, plan: Plan) -> None:
    if plan.period is None:
        return
    schema = own.collect_schema()
    if not any(isinstance(schema[name], nw.Datetime | nw.Date) for name in plan.by):
        raise ParameterError(
            f"period={plan.period!r} has no dates to work on: none of {list(plan.by)} holds dates "
            f"(of {column_names(own.to_native())})"
        )
