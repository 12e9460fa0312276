"""The rows of a log as arrays: who, on which day, for how much, in which order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.frames import TRANSACTIONS, admit_eager, as_float, column_names
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.encoding import codes_of, encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

__all__ = ["Rows", "read_rows"]


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a log.

    Parameters
    ----------
    customer, day, order : ndarray of shape (rows,)
        Code of the customer, day number, code of the order.
    money : ndarray of shape (rows,)
        Amounts; zeros for a log without them.
    frame : narwhals.DataFrame
        The log, for the kind of frame that it is.
    """

    customer: Ints
    day: Ints
    order: Ints
    money: NDArray[np.float64]
    frame: nw.DataFrame[Any]

    def only(self, chosen: NDArray[np.bool_]) -> Rows:
        """Return some of the rows."""
        if chosen.all():
            return self
        customer, day, order = (x[chosen] for x in (self.customer, self.day, self.order))
        return Rows(customer, day, order, self.money[chosen], self.frame)

    def per_order(self) -> tuple[Ints, Ints]:
        """Return the customer and the earliest day of each customer's order.

        Examples
        --------
        >>> import narwhals.stable.v2 as nw
        >>> two = np.array([3, 3])
        >>> rows = Rows(two, np.array([9, 8]), two, np.zeros(2), nw.from_dict({}, backend="pandas"))
        >>> [each.tolist() for each in rows.per_order()]
        [[3], [8]]
        """
        orders = int(self.order.max()) + 1
        code, pairs = pd.factorize(self.customer * orders + self.order)
        earliest = np.full(len(pairs), self.day.max())
        np.minimum.at(earliest, code, self.day)
        return pairs // orders, earliest


def read_rows(transactions: object, names: Mapping[str, str], *, money: bool, orders: bool) -> Rows:
    """Check a log and read the columns that are needed of it.

    Parameters
    ----------
    transactions : DataFrame
        The caller's log.
    names : mapping of str to str
        Canonical name to the caller's.
    money : bool
        Whether amounts must be there; they are read in any case where they are.
    orders : bool
        Whether orders are counted: by their numbers where there are any, else by days.

    Returns
    -------
    Rows
        All rows.
    """
    has = set(column_names(transactions))
    asked = {name for name in names if names[name] in has or names[name] != name}
    if not orders:
        asked.discard(c.ORDER_ID)
    wanted = {c.CUSTOMER_ID, c.DATE, *asked, *([c.AMOUNT] if money else [])}
    contract = TRANSACTIONS.requiring(wanted)
    own = admit_eager(transactions, contract, names={name: names[name] for name in wanted})
    stamps = np.asarray(own.select(local(own, None))[c.DATE].to_numpy())
    day = stamps.astype("M8[D]").astype(np.int64)
    amount = as_float(own, c.AMOUNT) if c.AMOUNT in wanted else np.zeros(len(day))
    order = codes_of(own[c.ORDER_ID]) if c.ORDER_ID in wanted else day - day.min(initial=0)
    return Rows(_codes(own[c.CUSTOMER_ID]), day, order, amount, own)


def _codes(identifiers: nw.Series[Any]) -> Ints:
    native = identifiers.to_native()
    plain = native if isinstance(native, pd.Series) else pd.Series(identifiers.to_numpy())
    return encoded(plain)[0]
