"""From a raw log to one that can be counted, with a record of every row left out and its money."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, get_args

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import TRANSACTIONS, Shown, as_float, frame_like, rows_in
from crmanalytics.transactions.counting import known_zone
from crmanalytics.transactions.encoding import codes_of
from crmanalytics.transactions.exact import Money
from crmanalytics.transactions.extracts import admitted, overlapping
from crmanalytics.transactions.rules import Refunds, Step, after, excluded, missing, refund_steps
from crmanalytics.transactions.units import one_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.frames import Contract
    from crmanalytics.transactions.units import Day

    Flags = NDArray[np.bool_]
    Own = nw.DataFrame[Any]

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
        The rows kept, in the order and of the kind that came in, under canonical names.
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

        After "net" and "match", refunds of customers without any purchase are removed.
    exclude_customers, exclude_products : sequence
        Identifiers whose rows are removed: test accounts, postage, bank charges.
    until : date, optional
        Last day kept.
    time_zone : str, optional
        Where the calendar day of `until` is that of, for stamps that carry a time zone.

    Returns
    -------
    Cleaned
        The frame, the record of what was removed, and the refunds if set apart.

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
    own, extract = admitted(log, _RAW, names)
    removing = [
        *missing(own),
        *([] if extract is None else [Step("in an earlier extract", overlapping(own, extract))]),
        *excluded(own, c.CUSTOMER_ID, "customers", exclude_customers),
        *excluded(own, c.PRODUCT_ID, "products", exclude_products),
        *after(own, until, known_zone(time_zone)),
    ]
    left = np.ones(len(own), dtype=bool)
    steps = [_take(left, step) for step in removing]
    steps += [_take(left, step) for step in refund_steps(own, left.copy(), refunds)]
    apart = None
    if refunds == "separate":
        apart = own[np.flatnonzero(steps[-1].removed)].to_native()
    return Cleaned(own[np.flatnonzero(left)].to_native(), _record(own, steps), apart)


def _take(left: Flags, step: Step) -> Step:
    """Remove a step's rows from those left, and return the step with what it did remove."""
    removed = step.removed & left
    left &= ~removed
    return Step(step.rule, removed)


def _record(own: Own, steps: list[Step]) -> Any:  # noqa: ANN401 - the kind that came in
    columns: dict[str, list[Any]] = {
        "rule": [step.rule for step in steps],
        "rows": [int(step.removed.sum()) for step in steps],
    }
    if c.AMOUNT in own.columns:
        money = Money.of(np.nan_to_num(as_float(own, c.AMOUNT)))
        columns["money"] = [_sum(money.rows(step.removed)) for step in steps]
    codes = codes_of(own[c.CUSTOMER_ID])
    known = [codes[step.removed & (codes >= 0)] for step in steps]
    columns["customers"] = [len(np.unique(who)) for who in known]
    return frame_like(own, columns)


def _sum(money: Money) -> float:
    rows = len(money.parts[0])
    return float(money.value(money.sums(np.zeros(rows, np.int64), 1))[0])
