"""Rhythms and states of life of customers who are not in memory, by expressions of their engine.

Grouping and joining alone: windows are wrong on some engines and slow on others. What is missing is
null, never NaN, which SQL engines take for the largest of all numbers.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.frames import collected
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.expressions import day_number

if TYPE_CHECKING:
    from collections.abc import Mapping

    Lazy = nw.LazyFrame[Any]

__all__ = ["first_visit", "number", "rhythm_on_engine", "shrunk", "visits_on_engine", "when"]

_DAY: Final = "day number"


def visits_on_engine(own: Lazy) -> Lazy:
    """Return the days on which customers of an admitted log bought, each once.

    Examples
    --------
    >>> import datetime
    >>> import polars as pl
    >>> log = pl.LazyFrame({"customer_id": [7, 7], "date": [datetime.date(1970, 1, 5)] * 2})
    >>> collected(visits_on_engine(nw.from_native(log))).rows()
    [(7, 4)]
    """
    has_money = c.AMOUNT in own.collect_schema().names()
    bought = own.filter(nw.col(c.AMOUNT) >= 0) if has_money else own
    dated = bought.with_columns(local(own, None).alias(c.DATE))
    day = day_number(nw.col(c.DATE)).cast(nw.Int64).alias(_DAY)
    return dated.select(nw.col(c.CUSTOMER_ID), day).unique()


def first_visit(visits: Lazy) -> float:
    """Return the earliest day of visits; infinity where there is none.

    Examples
    --------
    >>> import polars as pl
    >>> first_visit(nw.from_native(pl.LazyFrame({"day number": [4, 3]})))
    3
    """
    first = collected(visits.select(nw.col(_DAY).min()))[_DAY][0]
    return math.inf if first is None else int(first)


def rhythm_on_engine(visits: Lazy, end: int) -> Lazy:
    """Return what could be said of each customer at the end of a day.

    Examples
    --------
    >>> import polars as pl
    >>> visits = pl.LazyFrame({"customer_id": [7, 7, 7], "day number": [1, 4, 99]})
    >>> found = collected(rhythm_on_engine(nw.from_native(visits), 6))
    >>> found["orders"].to_list(), found["days_since_last"].to_list(), found["last_gap"].to_list()
    ([2], [2], [3.0])
    """
    day, n = nw.col(_DAY), nw.col(c.ORDERS)
    seen = visits.filter(day <= end)
    whole = seen.group_by(c.CUSTOMER_ID).agg(
        nw.len().cast(nw.Int64).alias(c.ORDERS), day.min().alias("first"), day.max().alias("last")
    )
    latest = whole.select(c.CUSTOMER_ID, "last")
    earlier = seen.join(latest, on=c.CUSTOMER_ID, how="inner").filter(day < nw.col("last"))
    second = earlier.group_by(c.CUSTOMER_ID).agg(day.max().alias("second"))
    first, last, before = (nw.col(name).cast(nw.Float64) for name in ("first", "last", "second"))
    return whole.join(second, on=c.CUSTOMER_ID, how="left").select(
        nw.col(c.CUSTOMER_ID),
        n,
        (end - nw.col("last")).alias(c.DAYS_SINCE_LAST),
        _divided(last - first, n - 1).alias("mean_gap"),
        (last - before).alias("last_gap"),
        _divided(before - first, n - 2).alias("gap_before"),
    )


def _divided(part: nw.Expr, count: nw.Expr) -> nw.Expr:
    """Divide by a count of gaps where there are any; some engines refuse to divide by zero."""
    return nw.when(count > 0).then(part / nw.when(count > 0).then(count).otherwise(1))


def number(schema: Mapping[str, Any], name: str) -> nw.Expr:
    """Return a column as floats with nulls for all that is missing; nulls if it is not there.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.LazyFrame({"x": [1.0, float("nan")]}))
    >>> collected(own.select(number(own.collect_schema(), "x")))["x"].to_list()
    [1.0, None]
    """
    if name not in schema:
        return nw.lit(None).cast(nw.Float64)
    column = nw.col(name).cast(nw.Float64)
    return nw.when(~column.is_nan()).then(column) if schema[name].is_float() else column


def shrunk(mean: nw.Expr, gaps: nw.Expr, base: float, prior: float) -> nw.Expr:
    """Return the mean of a customer's own gaps and `prior` gaps of the base.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.LazyFrame({"mean_gap": [4.0, None], "gaps": [1, 0]}))
    >>> found = own.select(shrunk(nw.col("mean_gap"), nw.col("gaps"), 2.0, 1.0).alias("usual"))
    >>> collected(found)["usual"].to_list()
    [3.0, 2.0]
    """
    if math.isnan(base):
        return nw.lit(None).cast(nw.Float64)
    count = nw.when(~mean.is_null() & (gaps > 0)).then(gaps.cast(nw.Float64)).otherwise(nw.lit(0.0))
    own = nw.when(~mean.is_null()).then(mean).otherwise(nw.lit(0.0))
    return (own * count + base * prior) / (count + prior)


def when(cases: list[tuple[nw.Expr, str]], other: str) -> nw.Expr:
    """Return the name of the first case that holds; what is unknown does not.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.LazyFrame({"x": [1, 2, None]}))
    >>> named = when([(nw.col("x") == 1, "one"), (nw.col("x") > 0, "some")], "none")
    >>> collected(own.select(named.alias("x")))["x"].to_list()
    ['one', 'some', 'none']
    """
    named = nw.lit(other)
    for holds, name in reversed(cases):
        named = nw.when(holds).then(nw.lit(name)).otherwise(named)
    return named
