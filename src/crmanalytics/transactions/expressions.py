"""Counting by portable expressions, for every engine that narwhals reaches.

Grouping and joining alone: windows are wrong on some engines and slow on others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.transactions.counting import joined, local
from crmanalytics.transactions.exact import DECIMAL_SCALES, EXACT
from crmanalytics.transactions.glance import is_broken

if TYPE_CHECKING:
    from crmanalytics.transactions.counting import Counting
    from crmanalytics.transactions.glance import Glance

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["aggregate", "day_number", "money_scale"]

_EPOCH = 719_163  # days from 0000-12-31 to 1970-01-01


def aggregate(own: Frame, counting: Counting) -> Frame:
    """Count each customer's occasions and money on the log's own engine.

    Parameters
    ----------
    own : narwhals.DataFrame or narwhals.LazyFrame
        An admitted log.
    counting : Counting
        What to count.

    Returns
    -------
    narwhals.DataFrame or narwhals.LazyFrame
        The columns that the packed way gives, in rows sorted by customer where rows have an order.

    Examples
    --------
    >>> import pandas as pd
    >>> dates = pd.to_datetime(["2024-01-01", "2024-01-04", "2024-01-02"])
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2], "date": dates, "amount": [5.0, 7.0, 9.0]})
    >>> from crmanalytics.transactions.counting import Counting
    >>> counting = Counting("day", 19730, None, None, has_money=True, sign="amount")
    >>> found = aggregate(nw.from_native(log, eager_only=True), counting)
    >>> found["orders"].to_list(), found["repeat_money"].to_list()
    ([2, 1], [7.0, 0.0])
    """
    rows, scale = _rows(own, counting)
    bought = rows if counting.sign is None else rows.filter(~nw.col("refund"))
    occasions = _occasions(bought, counting)
    counted = occasions.group_by(c.CUSTOMER_ID).agg(
        nw.len().alias(c.ORDERS),
        nw.col("day").min().alias("first_day"),
        nw.col("day").max().alias("last_day"),
        nw.col("midnight").min().alias(c.FIRST_DATE),
        nw.col("midnight").max().alias(c.LAST_DATE),
    )
    counted = joined(rows.select(c.CUSTOMER_ID).unique(), counted)
    if counting.has_money:
        for part in (_repeat_money(occasions), _totals(rows)):
            counted = joined(counted, part)
        counted = counted.with_columns(
            (nw.col(name).fill_null(0) / scale).alias(name)
            for name in ("repeat_money", c.TOTAL, c.REFUNDS)
        )
    counts = (nw.col(x).fill_null(0).cast(nw.Int64) for x in (c.ORDERS, "first_day", "last_day"))
    result: Frame = counted.with_columns(counts)
    # rows of an SQL engine have no order to keep, and sorting all customers would cost a shuffle
    ordered = isinstance(own, nw.DataFrame) or own.implementation.is_polars()
    return result.sort(c.CUSTOMER_ID) if ordered else result


def day_number(date: nw.Expr) -> nw.Expr:
    """Return the days from 1970-01-01 to a date, in terms that every engine knows.

    Examples
    --------
    >>> import pandas as pd
    >>> log = nw.from_native(pd.DataFrame({"date": pd.to_datetime(["1970-01-31", "2024-02-29"])}))
    >>> log.select(day_number(nw.col("date")).alias("day"))["day"].to_list()
    [30, 19782]
    """
    year = date.dt.year().cast(nw.Int64) - 1
    leaps = year // 4 - year // 100 + year // 400
    return 365 * year + leaps + date.dt.ordinal_day().cast(nw.Int64) - _EPOCH


def _rows(own: Frame, counting: Counting) -> tuple[Frame, float]:
    """Return the rows that count, with their days and money in whole units of a scale."""
    dated = own.with_columns(local(own, counting.time_zone).alias(c.DATE))
    whole = not isinstance(dated.collect_schema()[c.DATE], nw.Datetime)
    midnight = nw.col(c.DATE) if whole else nw.col(c.DATE).dt.truncate("1d")
    rows = dated.with_columns(day_number(nw.col(c.DATE)).alias("day"), midnight.alias("midnight"))
    rows = rows.filter(nw.col("day") <= counting.until)
    if counting.after is not None:
        rows = rows.filter(nw.col("day") > counting.after)
    if counting.sign is not None:
        rows = rows.with_columns((nw.col(counting.sign) < 0).alias("refund"))
    if not counting.has_money:
        return rows, 1.0
    money = nw.col(c.AMOUNT).cast(nw.Float64)
    scale = money_scale(rows, counting.glance)
    if scale is not None:
        money = (money * scale).round().cast(nw.Int64)
    return rows.with_columns(money.alias("money")), scale or 1.0


def money_scale(rows: Frame, glance: Glance | None = None) -> float | None:
    """Return the scale on which all amounts are whole and sum exactly, if there is one.

    Examples
    --------
    >>> import pandas as pd
    >>> money_scale(nw.from_native(pd.DataFrame({"amount": [0.1, 2.0]})))
    100.0
    """
    if glance is not None and glance.scale is not None:
        return glance.scale
    money = nw.col(c.AMOUNT).cast(nw.Float64)
    checks = [money.abs().sum().alias("bound")]
    checks += [
        is_broken(money * scale).cast(nw.Int64).sum().alias(f"{scale:.0f}")
        for scale in DECIMAL_SCALES
    ]
    found = rows.select(checks)
    found = found.collect() if isinstance(found, nw.LazyFrame) else found
    bound = float(found["bound"][0] or 0)
    fitting = (s for s in DECIMAL_SCALES if bound * s < EXACT and not found[f"{s:.0f}"][0])
    return next(fitting, None)


def _occasions(bought: Frame, counting: Counting) -> Frame:
    """Return one row per occasion: its day, the stamp that orders it, its money."""
    if counting.occasion == "row":
        return bought.with_columns(nw.col(c.DATE).alias("stamp"))
    key = "day" if counting.occasion == "day" else c.ORDER_ID
    columns = [nw.col("midnight").min().alias("midnight")]
    if counting.occasion == "order":
        columns += [nw.col("day").min().alias("day"), nw.col(c.DATE).min().alias("stamp")]
    if counting.has_money:
        columns.append(nw.col("money").sum().alias("money"))
    occasions = bought.group_by(c.CUSTOMER_ID, key).agg(columns)
    return occasions if key != "day" else occasions.with_columns(nw.col("day").alias("stamp"))


def _repeat_money(occasions: Frame) -> Frame:
    """Return each customer's money on occasions after the first, ties sharing the first place."""
    first = occasions.group_by(c.CUSTOMER_ID).agg(nw.col("stamp").min().alias("first_stamp"))
    at_first = nw.col("stamp") == nw.col("first_stamp")
    nothing = nw.col("money") - nw.col("money")
    parts = joined(occasions, first).with_columns(
        nw.when(at_first).then(nw.col("money")).otherwise(nothing).alias("money_first"),
        at_first.cast(nw.Int64).alias("is_first"),
    )
    sums = parts.group_by(c.CUSTOMER_ID).agg(
        *(nw.col(name).sum() for name in ("money", "money_first", "is_first"))
    )
    repeat = nw.col("money") - nw.col("money_first") / nw.col("is_first")
    result: Frame = sums.select(c.CUSTOMER_ID, repeat.alias("repeat_money"))
    return result


def _totals(rows: Frame) -> Frame:
    given_back = nw.when(nw.col("refund")).then(0 - nw.col("money")).otherwise(0)
    signed = rows.with_columns(given_back.alias("given_back"))
    return signed.group_by(c.CUSTOMER_ID).agg(
        nw.col("money").sum().alias(c.TOTAL), nw.col("given_back").sum().alias(c.REFUNDS)
    )
