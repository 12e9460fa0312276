"""The rows of a log as arrays: who, on which day, for how much, in which order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.cohorts.measures import is_new
from crmanalytics.frames import (
    TRANSACTIONS,
    Column,
    Kind,
    admit,
    as_float,
    column_names,
)
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.encoding import encoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
    Ints = NDArray[np.int64]

__all__ = ["Rows", "admitted", "read_rows"]

_WITH_PROFIT: Final = replace(
    TRANSACTIONS, columns=(*TRANSACTIONS.columns, Column(c.PROFIT, Kind.NUMBER, required=False))
)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a log.

    Parameters
    ----------
    customer, day, order : ndarray of shape (rows,)
        Code of the customer, day number, code of the order.
    money : ndarray of shape (rows,)
        Amounts; zeros for a log without them.
    earned : ndarray of shape (rows,)
        What is added up: the amounts, or the profits.
    """

    customer: Ints
    day: Ints
    order: Ints
    money: Floats
    earned: Floats

    def only(self, chosen: NDArray[np.bool_]) -> Rows:
        """Return some of the rows."""
        if chosen.all():
            return self
        customer, day, order = (x[chosen] for x in (self.customer, self.day, self.order))
        money = self.money[chosen]
        earned = money if self.earned is self.money else self.earned[chosen]
        return Rows(customer, day, order, money, earned)

    def per_order(self) -> tuple[Ints, Ints]:
        """Return the customer and the earliest day of each customer's order.

        Examples
        --------
        >>> two, no = np.array([3, 3]), np.zeros(2)
        >>> rows = Rows(two, np.array([9, 8]), two, no, no)
        >>> [each.tolist() for each in rows.per_order()]
        [[3], [8]]
        """
        orders = int(self.order.max()) + 1
        buyer, earliest = np.zeros(orders, dtype=np.int64), np.zeros(orders, dtype=np.int64)
        buyer[self.order], earliest[self.order] = self.customer, self.day
        one_each = (buyer[self.order] == self.customer) & (earliest[self.order] == self.day)
        if one_each.all():  # the usual log: an order has one buyer and one day
            known = np.bincount(self.order, minlength=orders) > 0
            return buyer[known], earliest[known]
        return self._per_pair(orders)

    def _per_pair(self, orders: int) -> tuple[Ints, Ints]:
        """Return the same for orders of several buyers or days, for each buyer by itself."""
        first = int(self.day.min())
        width = int(self.day.max()) - first + 1
        pair = self.customer * orders + self.order
        if (int(self.customer.max()) + 1) * orders * width < 2**63:
            key = np.sort(pair * width + (self.day - first))
            pairs = key // width
            new = is_new(pairs)
            return pairs[new] // orders, key[new] - pairs[new] * width + first
        code, pairs = pd.factorize(pair)
        earliest = np.full(len(pairs), first + width)
        np.minimum.at(earliest, code, self.day)
        return pairs // orders, earliest


def admitted(
    transactions: object,
    names: Mapping[str, str],
    *,
    money: bool,
    orders: bool,
    profit: bool = False,
) -> Frame:
    """Check a log, in memory or not, and return the columns that are needed of it.

    Parameters
    ----------
    transactions : DataFrame
        The caller's log.
    names : mapping of str to str
        Canonical name to the caller's.
    money : bool
        Whether amounts must be there; they are kept in any case where they are.
    orders : bool
        Whether orders are counted: by their numbers where there are any, else by days.
    profit : bool
        Whether profits are added up rather than amounts.

    Returns
    -------
    narwhals.DataFrame or narwhals.LazyFrame
        Under canonical names.

    Examples
    --------
    >>> log = pd.DataFrame({"who": [1], "date": pd.to_datetime(["1970-01-03"]), "shop": ["a"]})
    >>> names = {x: x for x in ("customer_id", "date", "amount", "order_id")}
    >>> admitted(log, names | {"customer_id": "who"}, money=False, orders=False).columns
    ['customer_id', 'date']
    """
    has = set(column_names(transactions))
    asked = {name for name in names if names[name] in has or names[name] != name}
    asked -= {name for name, used in ((c.ORDER_ID, orders), (c.PROFIT, profit)) if not used}
    needed = [name for name, used in ((c.AMOUNT, money), (c.PROFIT, profit)) if used]
    wanted = {c.CUSTOMER_ID, c.DATE, *asked, *needed}
    contract = _WITH_PROFIT.requiring(wanted)
    own = admit(transactions, contract, names={name: names[name] for name in wanted})
    return own.select(column.name for column in contract.columns)


def read_rows(own: nw.DataFrame[Any]) -> Rows:
    """Read an admitted log; profits are what is added up where there are any.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> dates = pd.to_datetime(["1970-01-03", "1970-01-04"])
    >>> log = pd.DataFrame({"customer_id": ["a", "b"], "date": dates, "amount": [2.0, 3.0]})
    >>> read_rows(nw.from_native(log, eager_only=True)).day.tolist()
    [2, 3]
    """
    has = own.columns
    stamps = np.asarray(own.select(local(own, None))[c.DATE].to_numpy())
    day = stamps.astype("M8[D]").astype(np.int64)
    amount = as_float(own, c.AMOUNT) if c.AMOUNT in has else np.zeros(len(day))
    order = _codes(own[c.ORDER_ID]) if c.ORDER_ID in has else day - day.min(initial=0)
    earned = as_float(own, c.PROFIT) if c.PROFIT in has else amount
    return Rows(_codes(own[c.CUSTOMER_ID]), day, order, amount, earned)


def _codes(identifiers: nw.Series[Any]) -> Ints:
    native = identifiers.to_native()
    plain = native if isinstance(native, pd.Series) else pd.Series(identifiers.to_numpy())
    return encoded(plain)[0]
