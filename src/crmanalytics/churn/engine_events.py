"""What else an engine knows of customers before a snapshot; see ``events``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.churn.events import (
    ANSWERS,
    events_contract,
    refuse_repeated,
    static_contract,
)
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import admit, collected, on_engine
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.expressions import day_number

if TYPE_CHECKING:
    from crmanalytics.frames import Contract

    Lazy = nw.LazyFrame[Any]

__all__ = ["answers_of", "events_of", "static_of"]

_SHOWN = 3


def events_of(
    base: Lazy,
    events: Any,  # noqa: ANN401 - a frame of the same engine, or a small one in memory
    frame: str,
    at: int,
    windows: tuple[int, ...],
) -> tuple[Lazy, dict[str, nw.Expr]]:
    """Count events per customer and window; see ``event_columns``.

    Returns
    -------
    frame : narwhals.LazyFrame
        One row per customer who had any.
    columns : dict of str to narwhals.Expr
        The features, as expressions of columns joined to the customers.
    """
    own = _same_engine(base, events, events_contract(frame))
    known = own.with_columns(day_number(local(own, None)).alias("day")).filter(nw.col("day") < at)
    marks = {f"{frame}_{w}d": (nw.col("day") >= at - w).cast(nw.Int64) for w in windows}
    if c.RESOLVED in own.collect_schema():
        closed = day_number(nw.col(c.RESOLVED)) < at
        marks[f"{frame}_open"] = 1 - closed.fill_null(value=False).cast(nw.Int64)
    marked = known.with_columns(*(mark.alias(name) for name, mark in marks.items()))
    found = marked.group_by(c.CUSTOMER_ID).agg(
        nw.col("day").max().alias("latest"), *(nw.col(name).sum() for name in marks)
    )
    columns = {name: nw.col(name).fill_null(0).cast(nw.Int64) for name in marks}
    since = {f"days_since_{frame}": (at - nw.col("latest")).cast(nw.Float64)}
    opened = {name: columns.pop(name) for name in [f"{frame}_open"] if name in columns}
    return found, columns | since | opened


def answers_of(base: Lazy, answers: Any, at: int) -> tuple[Lazy, dict[str, nw.Expr]]:  # noqa: ANN401 - as above
    """Return each customer's latest answer, its age and the change; see ``answer_columns``."""
    own = _same_engine(base, answers, ANSWERS)
    known = own.with_columns(day_number(local(own, None)).alias("day")).filter(nw.col("day") < at)
    value = nw.col(c.SATISFACTION).cast(nw.Float64)
    days = known.with_columns(value.alias("answer")).group_by(c.CUSTOMER_ID, "day")
    daily = days.agg(nw.col("answer").mean())
    latest = _last(daily)
    earlier = daily.join(latest.select(c.CUSTOMER_ID, "answer_day"), on=c.CUSTOMER_ID, how="left")
    earlier = earlier.filter(nw.col("day") < nw.col("answer_day")).drop("answer_day")
    before = _last(earlier).select(c.CUSTOMER_ID, nw.col("last_answer").alias("answer_before"))
    found = latest.join(before, on=c.CUSTOMER_ID, how="left")
    return found, {
        "satisfaction": nw.col("last_answer"),
        "satisfaction_age": (at - nw.col("answer_day")).cast(nw.Float64),
        "satisfaction_change": nw.col("last_answer") - nw.col("answer_before"),
    }


def _last(daily: Lazy) -> Lazy:
    """Return each customer's last day with an answer, and that answer."""
    last = daily.group_by(c.CUSTOMER_ID).agg(nw.col("day").max().alias("answer_day"))
    named = daily.select(
        c.CUSTOMER_ID, nw.col("day").alias("answer_day"), nw.col("answer").alias("last_answer")
    )
    return last.join(named, on=[c.CUSTOMER_ID, "answer_day"], how="inner")


def static_of(
    base: Lazy,
    static: Any,  # noqa: ANN401 - as above
    at: int,
    *,
    known_from_start: bool,
) -> tuple[Lazy, list[str]]:
    """Return the row of static columns that holds for each customer; see ``static_rows``."""
    dated, contract = static_contract(static, known_from_start=known_from_start)
    own = _same_engine(base, static, contract)
    extra = [x for x in own.collect_schema().names() if x not in (c.CUSTOMER_ID, c.VALID_FROM)]
    day = day_number(nw.col(c.VALID_FROM)) if dated else nw.lit(at - 1)
    rows = own.with_columns(day.cast(nw.Int64).alias("static_day"))
    rows = rows.filter(nw.col("static_day") < at)
    rows = rows.join(base.select(c.CUSTOMER_ID), on=c.CUSTOMER_ID, how="semi")
    _refuse_repeated(rows, dated=dated)
    last = rows.group_by(c.CUSTOMER_ID).agg(nw.col("static_day").max())
    held = rows.join(last, on=[c.CUSTOMER_ID, "static_day"], how="inner")
    return held.select(c.CUSTOMER_ID, *extra), extra


def _refuse_repeated(rows: Lazy, *, dated: bool) -> None:
    each = rows.group_by(c.CUSTOMER_ID, "static_day").agg(nw.len().alias("rows"))
    twice = each.filter(nw.col("rows") > 1)
    again = (nw.col("rows") - 1).sum().alias("again")
    count = collected(twice.select(again))["again"][0]
    if count:
        few = collected(twice.sort(c.CUSTOMER_ID, "static_day").head(_SHOWN))
        refuse_repeated(int(count), few[c.CUSTOMER_ID].to_list(), dated=dated)


def _same_engine(base: Lazy, frame: Any, contract: Contract) -> Lazy:  # noqa: ANN401 - as above
    """Check a frame and return it on the engine of the customers."""
    own = admit(frame, contract)
    here = own if isinstance(own, nw.LazyFrame) else on_engine(base, own)
    mine, theirs = (x.collect_schema()[c.CUSTOMER_ID] for x in (base, here))
    if mine.is_numeric() != theirs.is_numeric():
        raise InvalidValuesError(
            f"{contract.frame}['{c.CUSTOMER_ID}'] holds {theirs} and transactions "
            f"{mine}: no customer would be found. Convert one of them."
        )
    return here
