"""Cleaning a log where it is: every row is marked with the rule that removes it.

The engine counts the marks at once, which makes the record; the rows kept and the refunds set apart
stay lazy. What no row needs is left out of them: without a refund to match there is no window, and
without a customer who only ever gave back there is no join.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.frames import collected, left_joined, table_like
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.rules import (
    KNOWN_PURCHASES,
    NO_PURCHASES,
    UNDONE,
    is_refund,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmanalytics.transactions.rules import Refunds, RowRule

    Own = nw.LazyFrame[Any]

__all__ = ["cleaned"]

_KEPT: Final = -1
# columns of marks, which the rows kept do not carry
_WHY: Final = "crmanalytics_removed_by"  # the number of the rule that removes a row
_REFUND: Final = "crmanalytics_refund"
_BUYS: Final = "crmanalytics_buys"
_MOMENT: Final = "crmanalytics_moment"
_PLACE: Final = "crmanalytics_place"
_BALANCE: Final = "crmanalytics_balance"
_FLOOR: Final = "crmanalytics_floor"
_BEFORE: Final = "crmanalytics_floor_before"
_DEPTH: Final = "crmanalytics_depth"
_CLOSES: Final = "crmanalytics_closes"
_NEXT: Final = "crmanalytics_next_closes"
_PREVIOUS: Final = "crmanalytics_previous_closes"


def cleaned(own: Own, rules: Sequence[RowRule], refunds: Refunds) -> tuple[Own, Any, Own | None]:
    """Return the rows kept, the record of those removed, and the refunds set apart, if any.

    Parameters
    ----------
    own : narwhals.LazyFrame
        An admitted log.
    rules : sequence of RowRule
        The rules, in the order in which they apply; the last one takes the refunds out, where
        they are not to stay.
    refunds : {"net", "drop", "separate", "match"}
        What becomes of refunds.

    Returns
    -------
    rows, record, refunds
        As the fields of ``Cleaned``; rows and refunds of narwhals, lazy.

    Examples
    --------
    >>> import polars as pl
    >>> from crmanalytics.transactions.rules import RowRule
    >>> own = nw.from_native(pl.LazyFrame({"customer_id": [1, 2], "amount": [5.0, 7.0]}))
    >>> rows, record, _ = cleaned(own, [RowRule("dear", nw.col("amount") > 6)], "drop")
    >>> rows.collect()["customer_id"].to_list(), record["money"].to_list()
    ([1], [7.0])
    """
    names = [rule.rule for rule in rules]
    marked = _marked(own, rules)
    if refunds in ("net", "match"):
        pairs = [KNOWN_PURCHASES, UNDONE] if refunds == "match" else []
        marked, counts = _compared(marked, len(names), match=bool(pairs))
        names += [*pairs, NO_PURCHASES]
    else:
        counts = _counts(marked)
    removed = marked.drop(_REFUND)
    rows = removed.filter(nw.col(_WHY) == _KEPT).drop(_WHY)
    apart = None
    if refunds == "separate":
        apart = removed.filter(nw.col(_WHY) == len(names) - 1).drop(_WHY)
    return rows, _record(own, names, counts), apart


def _marked(own: Own, rules: Sequence[RowRule]) -> Own:
    """Mark each row with the first rule that removes it, and whether it is a refund."""
    why = nw.lit(_KEPT)
    for number in reversed(range(len(rules))):
        why = nw.when(rules[number].removes).then(nw.lit(number)).otherwise(why)
    return own.with_columns(why.alias(_WHY), is_refund(own).alias(_REFUND))


def _compared(marked: Own, first: int, *, match: bool) -> tuple[Own, dict[int, dict[str, Any]]]:
    """Mark what comparing rows removes, and count the marks; do no more than the log needs."""
    any_refund = marked.filter(_left(), nw.col(_REFUND)).select(nw.len().alias("rows"))
    if not collected(any_refund)["rows"][0]:
        return marked, _counts(marked)
    paired = _paired(marked, first) if match else marked
    lone = _lone(paired, first + 2 * match)
    counts = _counts(lone)
    return (lone if first + 2 * match in counts else paired), counts


def _left() -> nw.Expr:
    return nw.col(_WHY) == _KEPT


def _paired(marked: Own, first: int) -> Own:
    """Mark refunds of known purchases, and the purchases that they undo.

    Purchases open brackets and refunds close them, as in ``refunds.matched``: a pair are neighbours
    among the brackets of one depth.
    """
    old = marked.collect_schema().names()
    whose, placed = _placed(marked)
    step = nw.when(nw.col(_REFUND)).then(nw.lit(-1)).otherwise(nw.lit(1))
    balanced = placed.with_columns(_over(step.cum_sum(), whose).alias(_BALANCE))
    low = nw.when(nw.col(_BALANCE) < 0).then(nw.col(_BALANCE)).otherwise(nw.lit(0))
    floored = balanced.with_columns(_over(low.cum_min(), whose).alias(_FLOOR))
    before = floored.with_columns(_over(nw.col(_FLOOR).shift(1), whose).fill_null(0).alias(_BEFORE))
    closes = nw.col(_BALANCE) + 1 - nw.col(_BEFORE)
    opens = nw.col(_BALANCE) - nw.col(_FLOOR)
    deep = before.with_columns(
        nw.when(nw.col(_REFUND)).then(closes).otherwise(opens).alias(_DEPTH),
        nw.when(nw.col(_REFUND)).then(nw.lit(1)).otherwise(nw.lit(0)).alias(_CLOSES),
    )
    among = [*whose, _DEPTH]
    beside = deep.with_columns(
        _over(nw.col(_CLOSES).shift(-1), among).alias(_NEXT),
        _over(nw.col(_CLOSES).shift(1), among).alias(_PREVIOUS),
    )
    undone = _left() & ~nw.col(_REFUND) & (nw.col(_NEXT) == 1)
    known = _left() & nw.col(_REFUND) & (nw.col(_PREVIOUS) == 0)
    why = nw.when(undone).then(nw.lit(first + 1)).otherwise(nw.col(_WHY))
    return beside.with_columns(
        nw.when(known).then(nw.lit(first)).otherwise(why).alias(_WHY)
    ).select(old)


def _placed(marked: Own) -> tuple[list[str], Own]:
    """Give each row its place among those that it may undo or be undone by, in time.

    Ties differ in columns of no bearing alone. Their order is settled here, once, for engines have
    none of their own.
    """
    has = marked.collect_schema().names()
    sizes = {f"crmanalytics_{name}": name for name in (c.AMOUNT, c.QUANTITY) if name in has}
    whose = [_WHY, c.CUSTOMER_ID, *(name for name in [c.PRODUCT_ID] if name in has), *sizes]
    when = [_MOMENT, _REFUND, *(name for name in [c.ORDER_ID] if name in has)]
    timed = marked.with_columns(
        local(marked, None).alias(_MOMENT),
        nw.lit(1).alias(_PLACE),
        *(nw.col(name).cast(nw.Float64).abs().alias(size) for size, name in sizes.items()),
    )
    place = nw.col(_PLACE).cum_sum().over(*whose, order_by=when)
    return whose, timed.with_columns(place.alias(_PLACE))


def _over(expression: nw.Expr, whose: list[str]) -> nw.Expr:
    # a window: right on engines, while on large Arrow tables, which never come here, it is not
    return expression.over(*whose, order_by=_PLACE)


def _lone(marked: Own, number: int) -> Own:
    """Mark the refunds of customers of whom no purchase is left."""
    bought = marked.filter(_left(), ~nw.col(_REFUND))
    buyers = bought.group_by(c.CUSTOMER_ID).agg(nw.len().alias(_BUYS))
    known = left_joined(marked, buyers, [c.CUSTOMER_ID])
    lone = _left() & nw.col(_REFUND) & nw.col(_BUYS).is_null()
    why = nw.when(lone).then(nw.lit(number)).otherwise(nw.col(_WHY))
    return known.with_columns(why.alias(_WHY)).drop(_BUYS)


def _counts(marked: Own) -> dict[int, dict[str, Any]]:
    """Count rows, money and customers per rule: the record's numbers come to the driver."""
    schema = marked.collect_schema()
    money = nw.lit(0.0)
    if c.AMOUNT in schema:
        amount = nw.col(c.AMOUNT).cast(nw.Float64)
        known = ~amount.is_nan() if schema[c.AMOUNT].is_float() else ~amount.is_null()
        money = nw.when(known.fill_null(value=False)).then(amount).otherwise(nw.lit(0.0))
    removed = marked.filter(nw.col(_WHY) > _KEPT).with_columns(money.alias("money"))
    each = removed.group_by(_WHY, c.CUSTOMER_ID).agg(nw.len().alias("rows"), nw.col("money").sum())
    known = nw.when(nw.col(c.CUSTOMER_ID).is_null()).then(nw.lit(0)).otherwise(nw.lit(1))
    sums = (
        each.with_columns(known.alias("customers"))
        .group_by(_WHY)
        .agg(nw.col("rows", "money", "customers").sum())
    )
    found = collected(sums).rows(named=True)
    return {int(row[_WHY]): row for row in found}


def _record(own: Own, names: list[str], counts: dict[int, dict[str, Any]]) -> Any:  # noqa: ANN401 - native
    found = [counts.get(number, {}) for number in range(len(names))]
    columns: dict[str, list[Any]] = {
        "rule": names,
        "rows": [int(row.get("rows", 0)) for row in found],
    }
    if c.AMOUNT in own.collect_schema():
        columns["money"] = [float(row.get("money", 0.0)) for row in found]
    columns["customers"] = [int(row.get("customers", 0)) for row in found]
    return table_like(own, columns)
