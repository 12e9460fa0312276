"""From a raw log to one that can be counted, with a record of every row left out and its money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, get_args

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import TRANSACTIONS, Shown, rows_in
from crmanalytics.transactions import clean_in_memory, clean_on_engine
from crmanalytics.transactions.counting import known_zone
from crmanalytics.transactions.extracts import EARLIER, admitted
from crmanalytics.transactions.rules import (
    Refunds,
    RowRule,
    after,
    excluded,
    missing,
    refunds_apart,
)
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmanalytics.frames import Contract
    from crmanalytics.transactions.units import Day

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["Cleaned", "clean"]

_RAW: Final[Contract] = replace(
    TRANSACTIONS, columns=tuple(replace(column, nullable=True) for column in TRANSACTIONS.columns)
)


@dataclass(frozen=True, repr=False)
class Cleaned(Shown):
    """A cleaned log and what cleaning did.

    Parameters
    ----------
    transactions : DataFrame
        The rows kept, of the kind and, where it has one, in the order that came in, under canonical
        names.
    log : DataFrame
        One row per rule in the order applied: ``rule``, ``rows`` (removed), ``money`` (their
        amounts, signed; absent where the log has no amount) and ``customers`` (whose rows).
    refunds : DataFrame or None
        The refunds set apart by ``refunds="separate"``.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> cleaned = crm.clean(crm.datasets.load_cdnow_sample(), until="1997-09-30")
    >>> len(cleaned.transactions), int(cleaned.log["rows"].sum())
    (4960, 1959)
    """

    transactions: Any
    log: Any
    refunds: Any = None

    def _told(self) -> list[str]:
        kept = f"Cleaned log: {rows_in(self.transactions)} kept, in .transactions"
        if self.refunds is not None:
            kept += f", and {rows_in(self.refunds)} of refunds, in .refunds"
        return [f"{kept}; what each rule removed:"]

    def _tables(self) -> dict[str, Any]:
        return {"": self.log}


def clean(
    log: Any,  # noqa: ANN401 - a frame that narwhals knows, or several
    *,
    customer_id: str = c.CUSTOMER_ID,
    date: str = c.DATE,
    amount: str = c.AMOUNT,
    quantity: str | None = None,
    order_id: str | None = None,
    product_id: str | None = None,
    refunds: Refunds = "net",
    exclude_customers: Iterable[Any] = (),
    exclude_products: Iterable[Any] = (),
    until: Day | None = None,
    time_zone: str | None = None,
) -> Cleaned:
    """Make a raw log ready to be summarised, and say what was removed and how much money it was.

    Parameters
    ----------
    log : DataFrame or list of DataFrame
        The log; or several extracts that may overlap, in which case an order that is in more
        than one of them is kept as the first of them has it. Repeated rows within an extract are
        genuine and stay.
    customer_id, date, amount : str
        The log's names of these columns. ``amount`` may be absent.
    quantity, order_id, product_id : str, optional
        The log's names of these columns; the canonical names are found without being told.
    refunds : {"net", "drop", "separate", "match"}
        What becomes of rows with a negative amount (or quantity, where there is no amount):

        - "net": they stay, and lower their customer's total;
        - "drop": they are removed;
        - "separate": they are removed, and returned beside the log;
        - "match": a refund and the purchase that it undoes are both removed. That purchase is
          the latest one before it, not yet undone, of the same customer, amount and, where
          given, product and quantity. Refunds that match nothing are treated as by "net".

        After "net" and "match", refunds of customers without any purchase are removed. Engines
        have no order of rows: of purchases alike in all of that, and in their order, any is undone.
    exclude_customers, exclude_products : sequence
        Identifiers whose rows are removed: test accounts, postage, bank charges.
    until : date, optional
        Last day kept.
    time_zone : str, optional
        Where the calendar day of `until` is that of, for stamps that carry a time zone.

    Returns
    -------
    Cleaned
        The frame, the record of what was removed, and the refunds if set apart. Of a lazy frame
        (polars, DuckDB, Spark) rows and refunds stay lazy; the record, a row per rule, is counted
        at once.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If a column is not there or of a dtype that it cannot have.
    ParameterError
        If an argument is not what it must be.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> raw = pd.DataFrame(
    ...     {
    ...         "who": ["ann", "ann", "bob", None, "test"],
    ...         "date": pd.date_range("2024-01-02", periods=5),
    ...         "amount": [30.0, -30.0, 12.5, 8.0, 1.0],
    ...     }
    ... )
    >>> cleaned = crm.clean(raw, customer_id="who", refunds="match", exclude_customers=["test"])
    >>> cleaned.transactions
      customer_id       date  amount
    2         bob 2024-01-04    12.5
    >>> cleaned.log
                                         rule  rows  money  customers
    0                     missing customer_id     1    8.0          0
    1                            missing date     0    0.0          0
    2                          missing amount     0    0.0          0
    3                      excluded customers     1    1.0          1
    4              refunds of known purchases     1  -30.0          1
    5             purchases undone by refunds     1   30.0          1
    6  refunds of customers without purchases     0    0.0          0
    """
    one_of("refunds", refunds, get_args(Refunds))
    optional = {c.QUANTITY: quantity, c.ORDER_ID: order_id, c.PRODUCT_ID: product_id}
    names = {c.CUSTOMER_ID: customer_id, c.DATE: date, c.AMOUNT: amount}
    names |= {name: theirs or name for name, theirs in optional.items()}
    own = admitted(log, _RAW, names)
    several = EARLIER in own.collect_schema()
    rules = [
        *missing(own),
        *([RowRule("in an earlier extract", nw.col(EARLIER))] if several else []),
        *excluded(own, c.CUSTOMER_ID, "customers", exclude_customers),
        *excluded(own, c.PRODUCT_ID, "products", exclude_products),
        *after(own, until, known_zone(time_zone)),
        *refunds_apart(own, refunds),
    ]
    rows, record, apart = _cleaned(own, rules, refunds)
    kept = [name for name in own.collect_schema().names() if name != EARLIER]
    return Cleaned(
        rows.select(kept).to_native(),
        record,
        None if apart is None else apart.select(kept).to_native(),
    )


def _cleaned(own: Frame, rules: list[RowRule], refunds: Refunds) -> tuple[Frame, Any, Frame | None]:
    if isinstance(own, nw.DataFrame):
        return clean_in_memory.cleaned(own, rules, refunds)
    try:
        return clean_on_engine.cleaned(own, rules, refunds)
    except NotImplementedError as error:
        raise ParameterError(
            f"{own.implementation.value} cannot do it: {error} Convert the stamps first."
        ) from error
