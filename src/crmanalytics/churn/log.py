"""The purchase log as arrays, read once and cut at as many snapshots as are wanted."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import TRANSACTIONS, admit_eager, as_float, column_names, is_pandas
from crmanalytics.transactions.counting import known_zone, span
from crmanalytics.transactions.encoding import codes_of, encoded
from crmanalytics.transactions.units import as_day, as_text
from crmanalytics.transactions.window import days_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from numpy.typing import NDArray

    from crmanalytics.frames import Contract
    from crmanalytics.transactions.units import Day

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

__all__ = ["Log", "LogNames", "contract_for", "last_covered", "make_ids", "plain_ids", "read_log"]

_LOGGER = logging.getLogger("crmanalytics.churn")


class LogNames(TypedDict, total=False):
    """The caller's names of the log's columns, where they differ from the canonical ones."""

    customer_id: str
    date: str
    amount: str
    quantity: str
    product_id: str


_NAMES: Final = tuple(LogNames.__annotations__)


@dataclass(frozen=True)
class Log:
    """Rows of a purchase log as arrays.

    Parameters
    ----------
    own : narwhals.DataFrame
        The admitted log, for the kind of frame that results should be.
    codes, days : array of int64
        Customer and calendar day of each row; smaller codes for smaller identifiers.
    amounts : array of float64 or None
        Money of each row, if the log has any.
    refund : array of bool or None
        Which rows are refunds, if any are.
    products : array of int64 or None
        Product of each row, if the log tells.
    decode : callable
        From codes to identifiers.
    first, last : int
        First and last day of the log.
    """

    own: nw.DataFrame[Any]
    codes: Ints
    days: Ints
    amounts: Floats | None
    refund: Flags | None
    products: Ints | None
    decode: Callable[[Ints], pd.Series[Any]]
    first: int
    last: int

    @property
    def size(self) -> int:
        """One more than the largest code."""
        return int(self.codes.max()) + 1 if len(self.codes) else 0

    def only(self, chosen: Flags) -> Log:
        """Return the log with some of its rows; codes keep their meaning."""
        if chosen.all():
            return self

        return replace(
            self,
            codes=self.codes[chosen],
            days=self.days[chosen],
            amounts=None if self.amounts is None else self.amounts[chosen],
            refund=None if self.refund is None else self.refund[chosen],
            products=None if self.products is None else self.products[chosen],
        )

    def before(self, day: int, start: int | None = None) -> Log:
        """Return the rows of [start, day)."""
        chosen = self.days < day
        return self.only(chosen if start is None else chosen & (self.days >= start))

    def codes_for(self, ids: pd.Series[Any], frame: str) -> Ints:
        """Return the code of each identifier; -1 for those that the log does not have."""
        import pandas as pd

        known = np.flatnonzero(np.bincount(self.codes, minlength=1))
        mine = _unboxed(self.decode(known))
        theirs = _unboxed(ids)
        numeric = [pd.api.types.is_numeric_dtype(x.dtype) for x in (mine, theirs)]
        if len(theirs) and len(mine) and numeric[0] != numeric[1]:
            raise InvalidValuesError(
                f"{frame}['{c.CUSTOMER_ID}'] holds {theirs.dtype} and transactions "
                f"{mine.dtype}: no customer would be found. Convert one of them."
            )
        place = pd.Index(mine).get_indexer(pd.Index(theirs))
        return np.where(place >= 0, known[place], -1)

    def bought(self) -> Log:
        """Return the rows that are purchases."""
        return self if self.refund is None else self.only(~self.refund)


def read_log(
    transactions: Any,  # noqa: ANN401 - any eager frame
    *,
    time_zone: str | None = None,
    need: tuple[str, ...] = (),
    **names: Unpack[LogNames],
) -> Log:
    """Check a purchase log and read what windows and features need of it.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = read_log(crm.datasets.load_cdnow_sample())
    >>> len(log.codes), as_text(log.first), as_text(log.last)
    (6919, '1997-01-01', '1998-06-30')
    """
    own = _opened(transactions, dict(names), need)
    first, last = span(own, known_zone(time_zone))
    sign = next((name for name in (c.AMOUNT, c.QUANTITY) if name in own.columns), None)
    refund = None if sign is None else as_float(own, sign) < 0
    codes, decode = encoded(plain_ids(own))
    return Log(
        own,
        codes,
        days_of(own, time_zone),
        as_float(own, c.AMOUNT) if c.AMOUNT in own.columns else None,
        refund if refund is not None and refund.any() else None,
        codes_of(own[c.PRODUCT_ID]) if c.PRODUCT_ID in own.columns else None,
        decode,
        first,
        last,
    )


def _opened(
    transactions: Any,  # noqa: ANN401
    names: dict[str, Any],
    need: tuple[str, ...],
) -> nw.DataFrame[Any]:
    contract, theirs = contract_for(transactions, names, need)
    return admit_eager(transactions, contract, names=theirs).select(list(theirs))


def contract_for(
    transactions: Any,  # noqa: ANN401 - any frame
    names: dict[str, Any],
    need: tuple[str, ...] = (),
) -> tuple[Contract, dict[str, str]]:
    """Return what a log must hold, and its names of the columns that it holds or must hold.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> contract_for(crm.datasets.load_cdnow_sample(), {"amount": "amount"})[1]
    {'customer_id': 'customer_id', 'date': 'date', 'amount': 'amount', 'quantity': 'quantity'}
    """
    unknown = sorted(set(names) - set(_NAMES))
    if unknown:
        raise ParameterError(
            f"unknown argument {unknown[0]!r}: of the log, {', '.join(_NAMES)} can be named"
        )
    has = column_names(transactions)
    wanted = [name for name in _NAMES if name in names or name in has]
    wanted = sorted({c.CUSTOMER_ID, c.DATE, *wanted, *need}, key=_NAMES.index)
    return TRANSACTIONS.requiring(wanted), {name: names.get(name, name) for name in wanted}


def _unboxed(ids: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    if isinstance(ids.dtype, pd.CategoricalDtype):
        return ids.astype(ids.cat.categories.dtype)
    return ids


def plain_ids(own: nw.DataFrame[Any], name: str = c.CUSTOMER_ID) -> pd.Series[Any]:
    """Return identifiers as a pandas Series, whatever the kind of the frame.

    Examples
    --------
    >>> import polars as pl
    >>> own = nw.from_native(pl.DataFrame({"customer_id": ["b", "a"]}), eager_only=True)
    >>> plain_ids(own).to_list()
    ['b', 'a']
    """
    import pandas as pd

    if is_pandas(own):
        native: pd.Series[Any] = own[name].to_native()
        return native
    return pd.Series(own[name].to_numpy())


def make_ids(own: nw.DataFrame[Any], ids: pd.Series[Any]) -> Any:  # noqa: ANN401 - as the frame's kind needs it
    """Return identifiers in a form that a new frame of the same kind can be made of.

    Examples
    --------
    >>> import pandas as pd
    >>> import polars as pl
    >>> own = nw.from_native(pl.DataFrame({"customer_id": [5]}), eager_only=True)
    >>> make_ids(own, pd.Series([7])).to_list()
    [7]
    """
    if is_pandas(own):
        return ids.reset_index(drop=True)
    dtype = own[c.CUSTOMER_ID].dtype
    return nw.new_series(c.CUSTOMER_ID, ids.to_list(), dtype, backend=own.implementation)


def last_covered(log: Log, until: Day | None) -> int:
    """Return the last day that the data cover: what the caller says, or the log's last day.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> as_text(last_covered(read_log(crm.datasets.load_cdnow_sample()), "1998-07-31"))
    '1998-07-31'
    """
    if until is None:
        _LOGGER.info("until was not given: the log's last day, %s, is taken", as_text(log.last))
        return log.last
    return as_day(until, "until")
