"""Cohorts of a log that is not in memory, counted where it is; a row per cell comes to the driver.

Grouping and joining alone: windows are wrong on some engines and slow on others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.cohorts.measures import Lives, Sums
from crmanalytics.cohorts.periods import Calendar, last_day, need_purchase, need_whole
from crmanalytics.frames import as_float, collected
from crmanalytics.transactions.counting import local, span
from crmanalytics.transactions.expressions import day_number, money_scale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.transactions.units import Day

    Ints = NDArray[np.int64]
    Lazy = nw.LazyFrame[Any]

__all__ = ["lives_in_engine", "sums_in_engine"]

_DAY: Final = "day number"
_NUMBER: Final = "period number"
_COHORT: Final = "cohort number"
_SINCE: Final = "periods since"
_BOUGHT: Final = "has bought"
_DONE: Final = "done in the period"
_BASE: Final = "done at first"
_BLOCK: Final = "block of periods"

#: The same cells in DuckDB's own words: it would add up the log again for each side of a join.
_IN_DUCKDB: Final = """
with each_one as materialized (
    select {customer}, "{number}" as n, "{bought}" as bought{done} from crmanalytics_rows
), firsts as (
    select {customer}, min(n) as cohort{base} from each_one where bought > 0 group by {customer}
)
select cohort as "{cohort}", n - cohort as "{since}", sum(bought) as active{sums}
from each_one join firsts using ({customer}) where n >= cohort group by all
"""
_NAMES: Final = {
    "customer": c.CUSTOMER_ID,
    "number": _NUMBER,
    "bought": _BOUGHT,
    "cohort": _COHORT,
    "since": _SINCE,
}
_MEASURED: Final = {
    "done": f', "{_DONE}"::double as done',
    "base": ", arg_min(done, n) as base",
    "sums": ', sum(done) as total, sum(done * done) as squares, sum(done * base) as "cross"',
}
_SUMS: Final = ("total", "squares", "cross")


def sums_in_engine(own: Lazy, value: str, until: Day | None, period: str) -> tuple[Calendar, Sums]:
    """Add up an admitted log per cohort and period; see ``in_memory.sums_in_memory``.

    Examples
    --------
    >>> import datetime
    >>> import polars as pl
    >>> dates = [datetime.date(2024, 1, 5), datetime.date(2024, 2, 10), datetime.date(2024, 1, 20)]
    >>> log = nw.from_native(pl.LazyFrame({"customer_id": [1, 1, 2], "date": dates}))
    >>> sums_in_engine(log, "customers", None, "M")[1].active.tolist()
    [[2, 1], [0, 0]]
    """
    rows, calendar = _observed(own, until, period)
    done, scale = _done(rows, value)
    measured = value != "customers"
    cells = collected(_cells(done, measured=measured))
    place = tuple(_whole(cells, name) for name in (_COHORT, _SINCE))

    def table(name: str) -> NDArray[np.float64]:
        found = np.zeros((len(calendar), len(calendar)))
        found[place] = as_float(cells, name)
        return found

    active = table("active").astype(np.int64)
    if not measured:
        return calendar, Sums(active)
    total, squares, cross = map(table, _SUMS)
    return calendar, Sums(active, total, squares, cross, scale)


def lives_in_engine(
    own: Lazy, until: Day | None, period: str, lapse: int
) -> tuple[Calendar, Lives]:
    """Count the lives of an admitted log; see ``in_memory.lives_in_memory``.

    Of the periods of a block as long as a lapse, only the last with a purchase can begin one, and
    only the next block tells whether it did.

    Examples
    --------
    >>> import datetime
    >>> import polars as pl
    >>> dates = [datetime.date(2024, 1, 5), datetime.date(2024, 2, 10), datetime.date(2024, 5, 20)]
    >>> log = nw.from_native(pl.LazyFrame({"customer_id": [1, 1, 2], "date": dates}))
    >>> lives = lives_in_engine(log, "2024-05-31", "M", 2)[1]
    >>> sorted(zip(lives.cohort.tolist(), lives.gone.tolist(), lives.customers.tolist()))
    [(0, 2, 1), (4, -1, 1)]
    """
    rows, calendar = _observed(own, until, period)
    whole, number = need_whole(calendar), nw.col(_NUMBER)
    seen = rows.filter((nw.col(_BOUGHT) > 0) & (number < whole))
    blocks = (
        seen.with_columns((number // lapse).cast(nw.Int64).alias(_BLOCK))
        .group_by(c.CUSTOMER_ID, _BLOCK)
        .agg(number.min().alias("first"), number.max().alias("last"))
    )
    after = blocks.select(nw.col(c.CUSTOMER_ID), nw.col(_BLOCK) - 1, nw.col("first").alias("next"))
    last, then = nw.col("last"), nw.col("next")
    idle = (then.is_null() | (then - last > lapse)) & (last + lapse < whole)
    lives = (
        blocks.join(after, on=[c.CUSTOMER_ID, _BLOCK], how="left")
        .with_columns(nw.when(idle).then(last + 1).otherwise(nw.lit(whole)).alias("gone"))
        .group_by(c.CUSTOMER_ID)
        .agg(nw.col("first").min().alias(_COHORT), nw.col("gone").min())
        .group_by(_COHORT, "gone")
        .agg(nw.len().alias("customers"))
    )
    found = collected(lives)
    cohort, gone, customers = (_whole(found, x) for x in (_COHORT, "gone", "customers"))
    return calendar, Lives(cohort, np.where(gone < whole, gone, -1), customers)


def _observed(own: Lazy, until: Day | None, period: str) -> tuple[Lazy, Calendar]:
    """Return the rows of all periods, numbered, and whether each is a purchase."""
    end = last_day(until, span(own, None)[1] if until is None else None)
    dated = own.with_columns(local(own, None).alias(c.DATE))
    rows = dated.with_columns(day_number(nw.col(c.DATE)).cast(nw.Int64).alias(_DAY))
    rows = rows.filter(nw.col(_DAY) <= end)
    has_money = c.AMOUNT in own.collect_schema().names()
    bought = nw.col(c.AMOUNT) >= 0 if has_money else nw.col(_DAY) <= end
    rows = rows.with_columns(bought.cast(nw.Int64).alias(_BOUGHT))
    earliest = rows.filter(nw.col(_BOUGHT) > 0).select(nw.col(_DAY).min().alias("first"))
    found = collected(earliest)["first"][0]
    first = need_purchase(None if found is None else int(found), end)
    calendar = Calendar.of(first, end, period)
    start = int(calendar.first_day(np.array([0]))[0])
    since = rows.filter(nw.col(_DAY) >= start)  # a refund may come before any purchase
    number = calendar.number_of(nw.col(c.DATE), nw.col(_DAY))
    return since.with_columns(number.alias(_NUMBER)), calendar


def _done(rows: Lazy, value: str) -> tuple[Lazy, float]:
    """Return what customers did and when, in rows yet to be added up, and the scale of it."""
    key = [nw.col(c.CUSTOMER_ID), nw.col(_NUMBER)]
    no, one = nw.lit(0).cast(nw.Int64), nw.lit(1).cast(nw.Int64)
    if value in ("revenue", "margin"):
        name = c.AMOUNT if value == "revenue" else c.PROFIT
        earned = nw.col(name).cast(nw.Float64)
        scale = money_scale(rows.select(earned.alias(c.AMOUNT)))
        money = earned if scale is None else (earned * scale).round().cast(nw.Int64)
        return rows.select(*key, nw.col(_BOUGHT), money.alias(_DONE)), scale or 1.0
    bought = rows.filter(nw.col(_BOUGHT) > 0)
    visits = bought.select(*key, one.alias(_BOUGHT), no.alias(_DONE))
    if value == "customers":
        return visits, 1.0
    if c.ORDER_ID not in rows.collect_schema().names():
        days = bought.select(*key, nw.col(_DAY)).unique()
        return days.select(*key, one.alias(_BOUGHT), one.alias(_DONE)), 1.0
    orders = bought.group_by(c.CUSTOMER_ID, c.ORDER_ID).agg(nw.col(_NUMBER).min())
    return nw.concat([visits, orders.select(*key, no.alias(_BOUGHT), one.alias(_DONE))]), 1.0


def _cells(done: Lazy, *, measured: bool) -> Lazy:
    sums = [nw.col(_BOUGHT).max(), *([nw.col(_DONE).sum()] if measured else [])]
    each = done.group_by(c.CUSTOMER_ID, _NUMBER).agg(*sums)
    if each.implementation.is_duckdb():
        relation: Any = each.to_native()
        parts = _MEASURED if measured else dict.fromkeys(_MEASURED, "")
        query = _IN_DUCKDB.format(**_NAMES, **parts)
        counted: Lazy = nw.from_native(relation.query("crmanalytics_rows", query))
        return counted
    first = each.filter(nw.col(_BOUGHT) > 0).group_by(c.CUSTOMER_ID)
    known = each.join(
        first.agg(nw.col(_NUMBER).min().alias(_COHORT)), on=c.CUSTOMER_ID, how="inner"
    )
    placed = known.with_columns((nw.col(_NUMBER) - nw.col(_COHORT)).alias(_SINCE))
    placed = placed.filter(nw.col(_SINCE) >= 0)
    wanted = [nw.col(_BOUGHT).sum().alias("active")]
    if measured:
        amount = nw.col(_DONE).cast(nw.Float64)
        placed = placed.with_columns(amount.alias("total"), (amount * amount).alias("squares"))
        base = placed.filter(nw.col(_SINCE) == 0).select(
            c.CUSTOMER_ID, nw.col("total").alias(_BASE)
        )
        placed = placed.join(base, on=c.CUSTOMER_ID, how="inner")
        placed = placed.with_columns((nw.col("total") * nw.col(_BASE)).alias("cross"))
        wanted += [nw.col(name).sum() for name in _SUMS]
    return placed.group_by(_COHORT, _SINCE).agg(*wanted)


def _whole(found: nw.DataFrame[Any], name: str) -> Ints:
    return np.asarray(found[name].to_numpy()).astype(np.int64)
