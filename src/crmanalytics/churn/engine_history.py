"""What a log on an engine says of each customer up to a snapshot; see ``history``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.expressions import day_number, money_scale

if TYPE_CHECKING:
    Lazy = nw.LazyFrame[Any]

__all__ = ["LazyLog", "history_of", "quotient", "trend"]

DAY: Final = "day"
_REFUND: Final = "refund"
_MONEY: Final = "money"


@dataclass(frozen=True, eq=False)
class LazyLog:
    """Rows of a purchase log before a snapshot, on their engine.

    Parameters
    ----------
    rows : narwhals.LazyFrame
        ``customer_id``, ``day`` (a number), ``refund``, and, where known, ``money`` and
        ``product_id``.
    scale : float
        How many units of ``money`` one unit of the log's money is.
    at : int
        The snapshot, as a day number.
    """

    rows: Lazy
    scale: float
    at: int

    @classmethod
    def of(cls, own: Lazy, at: int, time_zone: str | None) -> LazyLog:
        """Return the rows of an admitted log before a snapshot.

        Examples
        --------
        >>> import polars as pl
        >>> import crmanalytics as crm
        >>> own = nw.from_native(pl.from_pandas(crm.datasets.load_cdnow_sample()).lazy())
        >>> log = LazyLog.of(own, 10_000, None)
        >>> log.rows.collect_schema().names(), log.scale
        (['customer_id', 'day', 'refund', 'money'], 100.0)
        """
        has = own.collect_schema().names()
        dated = own.with_columns(local(own, time_zone).alias(c.DATE))
        dated = dated.with_columns(day_number(nw.col(c.DATE)).alias(DAY))
        known = dated.filter(nw.col(DAY) < at)
        sign = next((name for name in (c.AMOUNT, c.QUANTITY) if name in has), None)
        refund = nw.col(DAY) >= at if sign is None else nw.col(sign) < 0
        columns, scale = [nw.col(c.CUSTOMER_ID, DAY), refund.alias(_REFUND)], 1.0
        if c.AMOUNT in has:
            exact = money_scale(known)
            money = nw.col(c.AMOUNT).cast(nw.Float64)
            if exact is not None:  # whole units, whose sums do not depend on the engine
                money, scale = (money * exact).round().cast(nw.Int64), exact
            columns.append(money.alias(_MONEY))
        if c.PRODUCT_ID in has:
            columns.append(nw.col(c.PRODUCT_ID))
        return cls(known.select(columns), scale, at)

    @property
    def bought(self) -> Lazy:
        """The rows that are purchases."""
        return self.rows.filter(~nw.col(_REFUND))

    def has(self, name: str) -> bool:
        """Say whether the rows have a column."""
        return name in self.rows.collect_schema()


def history_of(log: LazyLog, windows: tuple[int, ...]) -> tuple[Lazy, list[str]]:
    """Return one row per customer who had bought, with the features of ``history_columns``.

    Returns
    -------
    frame : narwhals.LazyFrame
        ``customer_id``, the features, and ``first_day`` and ``last_day``.
    names : list of str
        The features, in order.

    Examples
    --------
    >>> import polars as pl
    >>> import crmanalytics as crm
    >>> own = nw.from_native(pl.from_pandas(crm.datasets.load_cdnow_sample()).lazy())
    >>> frame, names = history_of(LazyLog.of(own, 10_134, None), (30,))
    >>> frame.collect()["purchases_30d"].sum(), names[:3]
    (225, ['days_since_last', 'tenure', 'purchases'])
    """
    found = _days(log, windows)
    features = _rhythm(log.at)
    if log.has(_MONEY):
        found = found.join(_sums(log, windows), on=c.CUSTOMER_ID, how="left")
        features |= _money(log.scale)
    if log.has(c.PRODUCT_ID):
        found = found.join(_products(log, windows), on=c.CUSTOMER_ID, how="left")
        features["products"] = nw.col("products")
    for window in windows:
        features |= _window(log, window)
    made = [expression.alias(name) for name, expression in features.items()]
    return found.select(c.CUSTOMER_ID, *made, "first_day", "last_day"), list(features)


def _days(log: LazyLog, windows: tuple[int, ...]) -> Lazy:
    """Return purchase days per customer: how many, when, how far apart, how many of late."""
    days = log.bought.select(c.CUSTOMER_ID, DAY).unique()
    # a window: right on engines, while on large Arrow tables, which never come here, it is not
    previous = nw.col(DAY).shift(1).over(c.CUSTOMER_ID, order_by=DAY)
    gaps = days.with_columns((nw.col(DAY) - previous).alias("gap"))
    gaps = gaps.with_columns(
        (nw.col("gap") * nw.col("gap")).alias("square"),
        *(
            _inside(low, high).cast(nw.Int64).alias(f"{name}_days_{window}")
            for window in windows
            for name, low, high in _spans(log.at, window)
        ),
    )
    sums = ("square", *(f"{name}_days_{w}" for w in windows for name in ("now", "before")))
    return gaps.group_by(c.CUSTOMER_ID).agg(
        nw.len().alias("count"),
        nw.col(DAY).min().alias("first_day"),
        nw.col(DAY).max().alias("last_day"),
        nw.col("gap").max().alias("longest"),
        *(nw.col(name).sum() for name in sums),
    )


def _spans(at: int, window: int) -> tuple[tuple[str, int, int], ...]:
    return ("now", at - window, at), ("before", at - 2 * window, at - window)


def _inside(low: int, high: int) -> nw.Expr:
    return (nw.col(DAY) >= low) & (nw.col(DAY) < high)


def _sums(log: LazyLog, windows: tuple[int, ...]) -> Lazy:
    """Return money per customer: all of it, what came back, and that of the windows."""
    nothing = nw.col(_MONEY) - nw.col(_MONEY)
    parts = {"back": nw.when(nw.col(_REFUND)).then(nothing - nw.col(_MONEY)).otherwise(nothing)}
    for window in windows:
        for name, low, high in _spans(log.at, window):
            inside = nw.when(_inside(low, high)).then(nw.col(_MONEY)).otherwise(nothing)
            parts[f"{name}_money_{window}"] = inside
    rows = log.rows.with_columns(
        nw.col(_REFUND).cast(nw.Int64).alias("refunds"),
        *(expression.alias(name) for name, expression in parts.items()),
    )
    names = (_MONEY, "refunds", *parts)
    return rows.group_by(c.CUSTOMER_ID).agg(*(nw.col(name).sum() for name in names))


def _products(log: LazyLog, windows: tuple[int, ...]) -> Lazy:
    """Return how many different products each customer bought, ever and of late."""
    latest = log.bought.group_by(c.CUSTOMER_ID, c.PRODUCT_ID).agg(nw.col(DAY).max())
    recent = [
        (nw.col(DAY) >= log.at - window).cast(nw.Int64).alias(f"products_{window}d")
        for window in windows
    ]
    return (
        latest.with_columns(recent)
        .group_by(c.CUSTOMER_ID)
        .agg(
            nw.len().cast(nw.Int64).alias("products"),
            *(nw.col(f"products_{window}d").sum().cast(nw.Int64) for window in windows),
        )
    )


def _rhythm(at: int) -> dict[str, nw.Expr]:
    first, last, count = nw.col("first_day"), nw.col("last_day"), _float("count")
    number, between = count - 1.0, (last - first).cast(nw.Float64)
    mean = quotient(between, number)
    longest = nw.when(number > 0).then(_float("longest"))
    variance = quotient(number * _float("square") - between * between, number * (number - 1.0))
    silence = (at - last).cast(nw.Float64)
    return {
        "days_since_last": (at - last).cast(nw.Int64),
        "tenure": (at - first).cast(nw.Int64),
        "purchases": nw.col("count").cast(nw.Int64),
        "gap_mean": mean,
        "gap_sd": variance**0.5,
        "gap_longest": longest,
        "silence_in_gaps": quotient(silence, mean),
        "silence_over_longest": silence - longest,
    }


def _money(scale: float) -> dict[str, nw.Expr]:
    total, back = _float(_MONEY) / scale, _float("back") / scale
    return {
        "spend": total,
        "spend_per_purchase": total / _float("count"),
        "refunds": nw.col("refunds").cast(nw.Int64),
        "refund_share": quotient(back, total + back),
    }


def _window(log: LazyLog, window: int) -> dict[str, nw.Expr]:
    now, before = _float(f"now_days_{window}"), _float(f"before_days_{window}")
    columns = {
        f"purchases_{window}d": now.cast(nw.Int64),
        f"purchase_trend_{window}d": trend(now, before),
    }
    if log.has(_MONEY):
        now, before = (_float(f"{name}_money_{window}") / log.scale for name in ("now", "before"))
        columns |= {f"spend_{window}d": now, f"spend_trend_{window}d": trend(now, before)}
    if log.has(c.PRODUCT_ID):
        columns[f"products_{window}d"] = nw.col(f"products_{window}d")
    return columns


def _float(name: str) -> nw.Expr:
    return nw.col(name).cast(nw.Float64)


def quotient(part: nw.Expr, whole: nw.Expr) -> nw.Expr:
    """Return a quotient that is missing where there is nothing to divide by.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.DataFrame({"a": [3.0, 3.0], "b": [2.0, 0.0]}))
    >>> own.select(quotient(nw.col("a"), nw.col("b")))["a"].to_list()
    [1.5, None]
    """
    return part / nw.when(whole > 0).then(whole)


def trend(now: nw.Expr, before: nw.Expr) -> nw.Expr:
    """Return what ``share_of`` does, as an expression.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.DataFrame({"a": [3.0, 0.0], "b": [1.0, 0.0]}))
    >>> own.select(trend(nw.col("a"), nw.col("b")))["a"].to_list()
    [0.5, None]
    """
    return quotient(now - before, now.abs() + before.abs())
