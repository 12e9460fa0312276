"""Counting in memory: customer code and day packed into one int64 each, sorted once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.frames import as_float
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.encoding import codes_of, encoded
from crmanalytics.transactions.exact import Money

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.transactions.counting import Counting

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Columns = dict[str, NDArray[Any]]

__all__ = ["aggregate"]


@dataclass(frozen=True)
class _Rows:
    """Rows of a log as arrays; what comes first is decided by the stamps, if they are there."""

    codes: Ints
    days: Ints
    stamps: Ints | None
    orders: Ints | None
    money: Money | None
    refund: Flags | None

    def only(self, chosen: Flags) -> _Rows:
        return _Rows(
            self.codes[chosen],
            self.days[chosen],
            None if self.stamps is None else self.stamps[chosen],
            None if self.orders is None else self.orders[chosen],
            None if self.money is None else self.money.rows(chosen),
            None if self.refund is None else self.refund[chosen],
        )


def aggregate(own: nw.DataFrame[Any], counting: Counting) -> nw.DataFrame[Any]:
    """Count each customer's occasions and money in a pandas frame.

    Parameters
    ----------
    own : narwhals.DataFrame
        An admitted log in pandas.
    counting : Counting
        What to count.

    Returns
    -------
    narwhals.DataFrame
        One row per customer, sorted: ``customer_id``, ``orders`` (0 without a purchase),
        ``first_day``, ``last_day``, ``first_date``, ``last_date`` and, with money, ``total``,
        ``repeat_money`` and ``refunds``.

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
    codes, decode = encoded(own[c.CUSTOMER_ID].to_native())
    rows, resolution = _rows(own, counting, codes)
    size = int(rows.codes.max()) + 1 if len(rows.codes) else 0
    bought = rows if rows.refund is None else rows.only(~rows.refund)
    if bought.orders is not None and bought.stamps is not None:
        bought = _one_row_per_order(bought, bought.orders, bought.stamps)
    found, first = _occasions(bought, size)
    if rows.money is not None:
        found |= _money(rows, bought, first, size)
    seen = found["orders"] > 0
    if rows.refund is not None:
        seen[rows.codes[rows.refund]] = True
    customers = np.flatnonzero(seen)
    return _framed(decode(customers), {k: v[customers] for k, v in found.items()}, resolution)


def _rows(own: nw.DataFrame[Any], counting: Counting, codes: Ints) -> tuple[_Rows, str]:
    stamps = np.asarray(own.select(local(own, counting.time_zone))[c.DATE].to_numpy())
    if stamps.dtype.kind != "M":
        stamps = stamps.astype("M8[D]")
    resolution = np.datetime_data(stamps.dtype)[0]
    refund = None if counting.sign is None else as_float(own, counting.sign) < 0
    rows = _Rows(
        codes,
        stamps.astype("M8[D]").view(np.int64),
        None if counting.occasion == "day" else stamps.view(np.int64),
        _orders(own) if counting.occasion == "order" else None,
        Money.of(as_float(own, c.AMOUNT)) if counting.has_money else None,
        refund if refund is not None and refund.any() else None,
    )
    inside = rows.days <= counting.until
    if counting.after is not None:
        inside &= rows.days > counting.after
    return (rows if inside.all() else rows.only(inside)), resolution


def _orders(own: nw.DataFrame[Any]) -> Ints:
    return codes_of(own[c.ORDER_ID])


def _one_row_per_order(rows: _Rows, orders: Ints, stamps: Ints) -> _Rows:
    """Return one row per customer and order, at its first stamp, with its money."""
    group, keys = pd.factorize(rows.codes * (int(orders.max(initial=0)) + 1) + orders)
    group = group.astype(np.int64, copy=False)
    by_time = np.lexsort((stamps, group))
    earliest = by_time[np.flatnonzero(_changes(group[by_time]))]
    money = rows.money
    if money is not None:
        money = Money(money.sums(group, len(keys)), money.scale)
    return _Rows(
        rows.codes[earliest], rows.days[earliest], stamps[earliest], None, money, refund=None
    )


def _occasions(rows: _Rows, size: int) -> tuple[Columns, Ints]:
    """Count occasions per customer code; also return when each customer's first one was."""
    orders, first, last = (np.zeros(size, np.int64) for _ in range(3))
    key, bits, start = _sorted_keys(rows)
    if rows.stamps is None:
        key = key[_changes(key)]
    codes = key >> bits
    heads = np.flatnonzero(_changes(codes))
    tails = np.append(heads[1:], len(key))[: len(heads)] - 1
    who = codes[heads]
    mask = (1 << bits) - 1
    orders[who] = tails - heads + 1
    first[who] = (key[heads] & mask) + start
    last[who] = (key[tails] & mask) + start
    found: Columns = {c.ORDERS: orders, "first_day": first, "last_day": last}
    return found, first if rows.stamps is None else _earliest(rows.codes, rows.stamps, size)


def _changes(values: Ints) -> Flags:
    """Tell which values differ from the one before; the first one does."""
    changes = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return changes


def _sorted_keys(rows: _Rows) -> tuple[Ints, int, int]:
    """Return code and day of each row in one number, sorted; with the bits and start of a day."""
    if not len(rows.days):
        return rows.days, 1, 0
    start = int(rows.days.min())
    bits = (int(rows.days.max()) - start + 1).bit_length()
    key = np.left_shift(rows.codes, bits)
    key += rows.days
    key -= start
    key.sort()
    return key, bits, start


def _earliest(codes: Ints, stamps: Ints, size: int) -> Ints:
    first = np.zeros(size, np.int64)
    found = pd.Series(stamps).groupby(codes).min()
    first[found.index.to_numpy()] = found.to_numpy()
    return first


def _money(rows: _Rows, bought: _Rows, first: Ints, size: int) -> Columns:
    """Sum money per customer code: in all, on repeat occasions, and given back."""
    money, spent = rows.money, bought.money
    if money is None or spent is None:
        return {}
    on_first = (bought.days if bought.stamps is None else bought.stamps) == first[bought.codes]
    first_codes = bought.codes[on_first]
    at_first = spent.rows(on_first).sums(first_codes, size)
    # occasions that share the earliest stamp are all first: each counts with its even share
    share = 1 if bought.stamps is None else np.bincount(first_codes, minlength=size).clip(min=1)
    bought_sums = spent.sums(bought.codes, size)
    repeat = tuple(s - f / share for s, f in zip(bought_sums, at_first, strict=True))
    refunds = tuple(np.zeros(size) for _ in bought_sums)
    if rows.refund is not None:
        back = money.rows(rows.refund).sums(rows.codes[rows.refund], size)
        refunds = tuple(0.0 - part for part in back)
    total = tuple(s - r for s, r in zip(bought_sums, refunds, strict=True))
    return {
        c.TOTAL: money.value(total),
        "repeat_money": money.value(repeat),
        c.REFUNDS: money.value(refunds),
    }


def _framed(ids: pd.Series[Any], columns: Columns, resolution: str) -> nw.DataFrame[Any]:
    kind = "s" if resolution in ("D", "generic") else resolution
    frame = pd.DataFrame({c.CUSTOMER_ID: ids, **columns})
    for day, date in (("first_day", c.FIRST_DATE), ("last_day", c.LAST_DATE)):
        frame[date] = columns[day].view("M8[D]").astype(f"M8[{kind}]")
    return nw.from_native(frame, eager_only=True)
