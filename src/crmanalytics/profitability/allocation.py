"""Costs that no row has by itself, laid on the rows that cause them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import add, and_
from typing import TYPE_CHECKING, Any, Final, Literal

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit,
    as_float,
    collected,
    left_joined,
    with_new,
    with_parameters,
)
from crmanalytics.transactions.encoding import codes_of
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["CostPool", "allocate"]

Basis = Literal["amount", "each", "row"]

_TOTAL: Final = "allocated_cost"
_ROWS: Final = "rows of the log"
_EMPTY: Final = "log has no rows: nobody is there to bear the costs."


@dataclass(frozen=True)
class CostPool:
    """A sum of money that was spent for many rows together, and the rule that lays it on them.

    Parameters
    ----------
    name : str
        What to call its column, such as "delivery".
    amount : float
        Money to lay on the rows, in full.
    basis : {"amount", "each", "row"}
        In proportion to the column `driver` (revenue, weight, minutes); the same for each distinct
        value of it (each order, each customer), evenly split among that one's rows; or the same
        for each row.
    driver : str, optional
        The column, which ``"row"`` needs none of.
    where : mapping of str to label
        Only the rows that have these labels bear it: the warehouse of the north, say.

    Examples
    --------
    >>> CostPool("delivery", 900.0, basis="each", driver="order_id", where={"channel": "web"}).name
    'delivery'
    """

    name: str
    amount: float
    basis: Basis
    driver: str | None = None
    where: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one_of(f"pool {self.name!r}: basis", self.basis, ("amount", "each", "row"))
        if (self.driver is None) != (self.basis == "row"):
            raise ParameterError(
                f"pool {self.name!r}: basis 'amount' and 'each' need a driver, 'row' has none"
            )
        if not np.isfinite(self.amount):
            raise ParameterError(f"pool {self.name!r}: the amount must be finite")


def allocate(
    log: Any,  # noqa: ANN401 - any frame that narwhals knows
    pools: Sequence[CostPool],
    *,
    total: str = _TOTAL,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Lay shared costs on the rows that cause them: activity-based costing.

    Parameters
    ----------
    log : DataFrame
        One row per sale. Of a frame that is not in memory, only the sum of each driver comes to
        the driver program.
    pools : sequence of CostPool
        The costs and their rules.
    total : str
        What to call the column of their sum.

    Returns
    -------
    DataFrame
        Of the same kind, lazy frames staying lazy, with its index and columns, a column per pool,
        and their sum. Each column adds up to its pool's amount.

    Raises
    ------
    DataError
        If a driver's column is missing, has missing or negative values, or nobody is left to bear
        a cost.
    ParameterError
        If pools share a name, or a name is that of a column of the log.

    References
    ----------
    Kaplan, R. S. and Cooper, R. (1998), *Cost & Effect*, Harvard Business School Press, chapter 6.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.profitability import CostPool, allocate
    >>> log = pd.DataFrame({"order_id": [1, 1, 2], "amount": [30.0, 10.0, 60.0]})
    >>> pools = [
    ...     CostPool("delivery", 8.0, basis="each", driver="order_id"),
    ...     CostPool("advertising", 10.0, basis="amount", driver="amount"),
    ... ]
    >>> allocate(log, pools)
       order_id  amount  delivery  advertising  allocated_cost
    0         1    30.0       2.0          3.0             5.0
    1         1    10.0       2.0          1.0             3.0
    2         2    60.0       4.0          6.0            10.0
    """
    own = admit(log, _contract(pools))
    names, has = [*(pool.name for pool in pools), total], own.collect_schema().names()
    taken = sorted({name for name in names if names.count(name) > 1} | set(names) & {*has})
    if taken or not pools:
        raise ParameterError(
            f"pools must be one or more, each with a name of its own that no column has: {taken}"
        )
    if isinstance(own, nw.LazyFrame):
        return _laid_on_engine(own, pools, total)
    if not len(own):
        raise InvalidValuesError(_EMPTY)
    laid = {pool.name: _laid(own, pool) for pool in pools}
    made = with_new(own, {**laid, total: np.sum(list(laid.values()), axis=0)})
    return with_parameters(made, pools=[vars(pool) for pool in pools])


def _contract(pools: Sequence[CostPool]) -> Contract:
    wanted: dict[str, Column] = {}
    for pool in pools:
        for name in pool.where:
            wanted.setdefault(name, Column(name, Kind.LABEL, nullable=True))
        if pool.driver is not None and pool.basis == "each":
            wanted[pool.driver] = Column(pool.driver, Kind.IDENTIFIER)
    for pool in pools:  # last, for a driver in money must be checked even if it is a label too
        if pool.driver is not None and pool.basis == "amount":
            wanted[pool.driver] = Column(
                pool.driver,
                Kind.NUMBER,
                low=0,
                null_remedy="fill them with 0 where a row has no part in the cost",
            )
    return Contract("log", tuple(wanted.values()))


def _bearing(pool: CostPool) -> nw.Expr:
    marks = [(nw.col(name) == label).fill_null(value=False) for name, label in pool.where.items()]
    together: nw.Expr = reduce(and_, marks)
    return together


def _laid(own: nw.DataFrame[Any], pool: CostPool) -> Floats:
    bearing = np.ones(len(own), dtype=bool)
    if pool.where:
        marks = own.select(_bearing(pool).alias(pool.name))[pool.name]
        bearing = np.asarray(marks.to_numpy()).astype(bool)
    effort = np.where(bearing, _effort(own, pool, bearing), 0.0)
    # sorted, so that the order of the rows has no effect on the last digit
    whole = _need_bearer(pool, float(np.sort(effort).sum()))
    return np.asarray(pool.amount * (effort / whole))


def _need_bearer(pool: CostPool, whole: float) -> float:
    if whole <= 0:
        raise InvalidValuesError(
            f"log: no row bears the pool {pool.name!r}: the driver is zero, or no row has "
            f"{dict(pool.where)}."
        )
    return whole


def _effort(own: nw.DataFrame[Any], pool: CostPool, bearing: NDArray[np.bool_]) -> Floats:
    if pool.driver is None:
        return np.ones(len(own))
    if pool.basis == "amount":
        return as_float(own, pool.driver)
    codes = codes_of(own[pool.driver])
    rows = np.bincount(codes, bearing)
    return np.asarray(1.0 / np.maximum(rows[codes], 1.0))


def _laid_on_engine(own: nw.LazyFrame[Any], pools: Sequence[CostPool], total: str) -> Any:  # noqa: ANN401 - the kind that came in
    """Lay costs where the rows are; the rows of each order, or customer, are joined to them."""
    has = own.collect_schema().names()
    ready, efforts = own, {}
    for pool in pools:
        effort = nw.lit(1.0) if pool.driver is None else nw.col(pool.driver).cast(nw.Float64)
        if pool.driver is not None and pool.basis == "each":
            rows, bearers = (
                f"rows of {pool.name}",
                own.filter(_bearing(pool)) if pool.where else own,
            )
            sizes = bearers.group_by(pool.driver).agg(nw.len().cast(nw.Float64).alias(rows))
            ready, effort = left_joined(ready, sizes, [pool.driver]), 1.0 / nw.col(rows)
        if pool.where:
            effort = nw.when(_bearing(pool)).then(effort).otherwise(nw.lit(0.0))
        efforts[pool.name] = effort
    sums = [  # the sum of a literal is that of one row in some engines
        (each.sum() if pool.where or pool.driver else nw.len().cast(nw.Float64)).alias(pool.name)
        for pool, each in zip(pools, efforts.values(), strict=True)
    ]
    found = collected(ready.select(nw.len().alias(_ROWS), *sums))
    if not found[_ROWS][0]:
        raise InvalidValuesError(_EMPTY)
    wholes = {pool.name: _need_bearer(pool, float(found[pool.name][0])) for pool in pools}
    shares = [
        (pool.amount * (efforts[pool.name] / wholes[pool.name])).alias(pool.name) for pool in pools
    ]
    laid = ready.with_columns(*shares)
    whole = reduce(add, (nw.col(pool.name) for pool in pools)).alias(total)
    return laid.with_columns(whole).select(*has, *wholes, total).to_native()
