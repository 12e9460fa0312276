"""The rules of cleaning: each says which rows of a raw log it removes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

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

__all__ = ["Refunds", "Step", "after", "excluded", "missing", "refund_steps"]

Refunds = Literal["net", "drop", "separate", "match"]


@dataclass(frozen=True)
class Step:
    """A rule's name, and which rows of the raw log it removes."""

    rule: str
    removed: Flags


def _is_missing(own: Own, name: str) -> Flags:
    column = own[name]
    missing = column.is_null()
    if own.schema[name].is_float():
        missing = missing | column.is_nan().fill_null(value=True)
    return np.asarray(missing.to_numpy(), dtype=bool)


def missing(own: Own) -> Iterator[Step]:
    """Yield a step per column that must not have missing values.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2], "amount": [5.0, -5.0, None]})
    >>> log["date"] = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-02-01"])
    >>> own = nw.from_native(log, eager_only=True)
    >>> {step.rule: step.removed.tolist() for step in missing(own)}["missing amount"]
    [False, False, True]
    """
    for name in (c.CUSTOMER_ID, c.DATE, c.AMOUNT, c.ORDER_ID):
        if name in own.columns:
            yield Step(f"missing {name}", _is_missing(own, name))
    if c.QUANTITY in own.columns and c.AMOUNT not in own.columns:
        yield Step(f"missing {c.QUANTITY}", _is_missing(own, c.QUANTITY))


def excluded(own: Own, name: str, noun: str, values: Iterable[Any]) -> Iterator[Step]:
    """Yield the step that removes listed customers or products, if any are listed.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2], "amount": [5.0, -5.0, None]})
    >>> log["date"] = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-02-01"])
    >>> own = nw.from_native(log, eager_only=True)
    >>> [step.removed.tolist() for step in excluded(own, "customer_id", "customers", [2])]
    [[False, False, True]]
    """
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ParameterError(f"exclude_{noun} must be a sequence of identifiers, not {values!r}")
    listed = list(values)
    if not listed:
        return
    if name not in own.columns:
        raise ParameterError(f"exclude_{noun} needs the column: pass {name}='...'")
    numeric = Kind.NUMBER.accepts(own.schema[name])
    texts = [value for value in listed if isinstance(value, str)]
    if (numeric and texts) or (own.schema[name] == nw.String and len(texts) < len(listed)):
        raise ParameterError(
            f"exclude_{noun} must be of the column's dtype, {own.schema[name]}, "
            f"or it would match nothing: {listed[:3]!r}"
        )
    found = own[name].is_in(listed).fill_null(value=False)
    yield Step(f"excluded {noun}", np.asarray(found.to_numpy(), dtype=bool))


def after(own: Own, until: Day | None, time_zone: str | None) -> Iterator[Step]:
    """Yield the step that removes rows after the last day, if there is one.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2], "amount": [5.0, -5.0, None]})
    >>> log["date"] = pd.to_datetime(["2024-01-01", "2024-01-02", "2024-02-01"])
    >>> own = nw.from_native(log, eager_only=True)
    >>> [step.removed.tolist() for step in after(own, "2024-01-31", None)]
    [[False, False, True]]
    """
    if until is not None:
        stamps = np.asarray(own.select(local(own, time_zone))[c.DATE].to_numpy()).astype("M8[D]")
        # rows without a date are another rule's; NaT is after nothing
        yield Step("after until", stamps > np.datetime64(as_day(until, "until"), "D"))


def refund_steps(own: Own, left: Flags, refunds: Refunds) -> Iterator[Step]:
    """Yield the steps for refunds, given the rows that earlier steps have left.

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
    sign = next((name for name in (c.AMOUNT, c.QUANTITY) if name in own.columns), None)
    refund = np.zeros(len(own), dtype=bool) if sign is None else as_float(own, sign) < 0
    if refunds in ("drop", "separate"):
        yield Step("refunds" if refunds == "drop" else "refunds set apart", refund)
        return
    if refunds == "match":
        pairs = np.zeros(len(own), dtype=bool)
        rows = np.flatnonzero(left)
        pairs[rows] = _pairs(own[rows], refund[rows], sign)
        yield Step("refunds of known purchases", pairs & refund)
        yield Step("purchases undone by refunds", pairs & ~refund)
        left &= ~pairs
    customers = codes_of(own[c.CUSTOMER_ID])
    buys = np.zeros(int(customers.max(initial=-1)) + 1, dtype=bool)
    buys[customers[left & ~refund]] = True
    lone = left & refund
    lone[lone] = ~buys[customers[lone]]
    yield Step("refunds of customers without purchases", lone)


def _pairs(own: Own, refund: Flags, sign: str | None) -> Flags:
    """Tell which rows of a log without missing values undo one another."""
    if sign is None or not refund.any():
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
