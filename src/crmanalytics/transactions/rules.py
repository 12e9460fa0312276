"""The rules of cleaning: each says which rows of a raw log it removes.

Those that look at one row at a time are expressions, for frames in memory and on engines alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any, Final, Literal

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Kind, as_float
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.encoding import codes_of
from crmanalytics.transactions.refunds import matched
from crmanalytics.transactions.units import as_day

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crmanalytics.transactions.units import Day

    Flags = NDArray[np.bool_]
    Own = nw.DataFrame[Any]
    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = [
    "KNOWN_PURCHASES",
    "NO_PURCHASES",
    "UNDONE",
    "Refunds",
    "RowRule",
    "Step",
    "after",
    "excluded",
    "flags",
    "is_refund",
    "missing",
    "refund_steps",
    "refunds_apart",
]

Refunds = Literal["net", "drop", "separate", "match"]


_EPOCH: Final = date(1970, 1, 1).toordinal()

#: What the rules that compare rows are called in the record of a cleaning.
KNOWN_PURCHASES: Final = "refunds of known purchases"
UNDONE: Final = "purchases undone by refunds"
NO_PURCHASES: Final = "refunds of customers without purchases"


@dataclass(frozen=True)
class RowRule:
    """A rule's name, and what is true of each row that it removes; never missing."""

    rule: str
    removes: nw.Expr


@dataclass(frozen=True)
class Step:
    """A rule's name, and which rows of the raw log it removes."""

    rule: str
    removed: Flags


def _is_missing(own: Frame, name: str) -> nw.Expr:
    column = nw.col(name)
    if not own.collect_schema()[name].is_float():
        return column.is_null()
    return column.is_null() | column.is_nan().fill_null(value=True)


def missing(own: Frame) -> Iterator[RowRule]:
    """Yield a rule per column that must not have missing values.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2], "amount": [5.0, -5.0, None]})
    >>> log["date"] = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-02-01"])
    >>> own = nw.from_native(log, eager_only=True)
    >>> [rule.rule for rule in missing(own)]
    ['missing customer_id', 'missing date', 'missing amount']
    >>> own.select(list(missing(own))[-1].removes)["amount"].to_list()
    [False, False, True]
    """
    has = own.collect_schema().names()
    for name in (c.CUSTOMER_ID, c.DATE, c.AMOUNT, c.ORDER_ID):
        if name in has:
            yield RowRule(f"missing {name}", _is_missing(own, name))
    if c.QUANTITY in has and c.AMOUNT not in has:
        yield RowRule(f"missing {c.QUANTITY}", _is_missing(own, c.QUANTITY))


def excluded(own: Frame, name: str, noun: str, values: Iterable[Any]) -> Iterator[RowRule]:
    """Yield the rule that removes listed customers or products, if any are listed.

    Examples
    --------
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"customer_id": [1, 1, 2]}), eager_only=True)
    >>> (rule,) = excluded(own, "customer_id", "customers", [2])
    >>> own.select(rule.removes)["customer_id"].to_list()
    [False, False, True]
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ParameterError(f"exclude_{noun} must be a sequence of identifiers, not {values!r}")
    listed = list(values)
    if not listed:
        return
    schema = own.collect_schema()
    if name not in schema.names():
        raise ParameterError(f"exclude_{noun} needs the column: pass {name}='...'")
    numeric = Kind.NUMBER.accepts(schema[name])
    texts = [value for value in listed if isinstance(value, str)]
    if (numeric and texts) or (schema[name] == nw.String and len(texts) < len(listed)):
        raise ParameterError(
            f"exclude_{noun} must be of the column's dtype, {schema[name]}, "
            f"or it would match nothing: {listed[:3]!r}"
        )
    yield RowRule(f"excluded {noun}", nw.col(name).is_in(listed).fill_null(value=False))


def after(own: Frame, until: Day | None, time_zone: str | None) -> Iterator[RowRule]:
    """Yield the rule that removes rows after the last day, if there is one.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"date": pd.to_datetime(["2024-01-31 23:59", "2024-02-01 00:00"])})
    >>> own = nw.from_native(log, eager_only=True)
    >>> (rule,) = after(own, "2024-01-31", None)
    >>> own.select(rule.removes)["date"].to_list()
    [False, True]
    """
    if until is None:
        return
    number = min(as_day(until, "until") + _EPOCH, date.max.toordinal())
    stamps = local(own, time_zone)
    if isinstance(own.collect_schema()[c.DATE], nw.Date):
        late = stamps > nw.lit(date.fromordinal(number))
    elif number == date.max.toordinal():
        late = stamps > nw.lit(datetime.combine(date.max, time.max))
    else:
        late = stamps >= nw.lit(datetime.combine(date.fromordinal(number + 1), time.min))
    yield RowRule("after until", late.fill_null(value=False))  # no date: another rule's


def is_refund(own: Frame) -> nw.Expr:
    """Return what is true of the rows that give money back; of none, for a log that cannot say.

    Examples
    --------
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"amount": [5.0, -5.0, None]}), eager_only=True)
    >>> own.select(is_refund(own))["amount"].to_list()
    [False, True, False]
    """
    has = own.collect_schema().names()
    sign = next((name for name in (c.AMOUNT, c.QUANTITY) if name in has), None)
    if sign is None:
        nobody = nw.col(c.CUSTOMER_ID).is_null()
        return nobody & ~nobody
    return (nw.col(sign) < 0).fill_null(value=False)


def refunds_apart(own: Frame, refunds: Refunds) -> Iterator[RowRule]:
    """Yield the rule that removes all refunds, where they are not to stay.

    Examples
    --------
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"amount": [5.0, -5.0]}), eager_only=True)
    >>> [rule.rule for rule in refunds_apart(own, "separate")]
    ['refunds set apart']
    """
    if refunds in ("drop", "separate"):
        yield RowRule("refunds" if refunds == "drop" else "refunds set apart", is_refund(own))


def refund_steps(own: Own, left: Flags, refunds: Refunds) -> Iterator[Step]:
    """Yield the steps for refunds that stay, given the rows that earlier steps have left.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2], "amount": [5.0, -5.0, None]})
    >>> log["date"] = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-02-01"])
    >>> own = nw.from_native(log, eager_only=True)
    >>> left = np.array([True, True, False])
    >>> for step in refund_steps(own, left, "match"):
    ...     print(step.rule, step.removed.tolist())
    refunds of known purchases [False, True, False]
    purchases undone by refunds [True, False, False]
    refunds of customers without purchases [False, False, False]
    """
    refund = flags(own, is_refund(own))
    if refunds == "match":
        pairs = np.zeros(len(own), dtype=bool)
        rows = np.flatnonzero(left)
        pairs[rows] = _pairs(own[rows], refund[rows])
        yield Step(KNOWN_PURCHASES, pairs & refund)
        yield Step(UNDONE, pairs & ~refund)
        left &= ~pairs
    customers = codes_of(own[c.CUSTOMER_ID])
    buys = np.zeros(int(customers.max(initial=-1)) + 1, dtype=bool)
    buys[customers[left & ~refund]] = True
    lone = left & refund
    lone[lone] = ~buys[customers[lone]]
    yield Step(NO_PURCHASES, lone)


def flags(own: Own, expression: nw.Expr) -> Flags:
    """Return what an expression says of each row of a frame in memory.

    Examples
    --------
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"amount": [5.0, -5.0]}), eager_only=True)
    >>> flags(own, nw.col("amount") < 0).tolist()
    [False, True]
    """
    return np.asarray(own.select(expression.alias("flag"))["flag"].to_numpy(), dtype=bool)


def _pairs(own: Own, refund: Flags) -> Flags:
    """Tell which rows of a log without missing values undo one another."""
    if not refund.any():
        return np.zeros(len(own), dtype=bool)
    keys = [codes_of(own[c.CUSTOMER_ID])]
    if c.PRODUCT_ID in own.columns:
        keys.append(codes_of(own[c.PRODUCT_ID]))
    sizes = [np.abs(as_float(own, name)) for name in (c.AMOUNT, c.QUANTITY) if name in own.columns]
    keys += [np.unique(size, return_inverse=True)[1] for size in sizes]
    group = keys[0]
    for key in keys[1:]:
        group = np.unique(group * (int(key.max()) + 2) + key + 1, return_inverse=True)[1]
    stamps = np.asarray(own.select(local(own, None))[c.DATE].to_numpy()).astype("M8[us]")
    ties = codes_of(own[c.ORDER_ID]) if c.ORDER_ID in own.columns else np.zeros_like(group)
    order = np.lexsort((ties, refund, stamps, group))
    return matched(group, order, refund)
