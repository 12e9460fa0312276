"""What a portfolio needs to know of each customer: growth, and the share of his wallet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    TRANSACTIONS,
    Column,
    Contract,
    Kind,
    Rule,
    admit_eager,
    as_float,
    frame_like,
    is_pandas,
    with_new,
    with_parameters,
)
from crmanalytics.transactions.counting import local
from crmanalytics.transactions.encoding import encoded
from crmanalytics.transactions.exact import Money
from crmanalytics.transactions.units import as_day, as_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.transactions.units import Day

__all__ = ["customer_growth", "share_of_wallet"]


def customer_growth(
    transactions: Any,  # noqa: ANN401 - any eager frame
    *,
    at: Day,
    until: Day,
    time_zone: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which customers grow and which shrink, by two stretches of time of equal length.

    Growth is measured against the mean of both stretches, so that new customers (2), lost ones
    (-2) and all others lie on one scale, and so that growing and shrinking back cancel.

    Parameters
    ----------
    transactions : DataFrame
        customer_id, date, amount.
    at : date
        Last day of the earlier stretch.
    until : date
        Last day of the later stretch; the earlier one is as long and ends with `at`.
    time_zone : str, optional
        In whose days the dates are read, if they have a zone.

    Returns
    -------
    DataFrame
        Of the same kind, one row per customer who bought in either stretch, sorted: customer_id,
        ``before`` and ``after`` (money), ``total`` (both), ``growth``, between -2 and 2; 0 where
        both sums are 0.

    Raises
    ------
    DataError
        If the log breaks its contract or has no row in either stretch.
    ParameterError
        If `until` is not after `at`.

    References
    ----------
    Davis, S. J., Haltiwanger, J. and Schuh, S. (1996), *Job Creation and Destruction*, MIT Press,
    technical appendix: (after - before) / ((after + before) / 2). Sums that refunds have made
    negative count with their size below the line, so that the bounds hold.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> grown = crm.decisions.customer_growth(log, at="1997-12-31", until="1998-06-30")
    >>> grown.head(3).round(2)
       customer_id  before   after   total  growth
    0            4   41.44    0.00   41.44   -2.00
    1          111  280.98  392.92  673.90    0.33
    2          113    0.00   26.76   26.76    2.00
    """
    middle, end = as_day(at, "at"), as_day(until, "until")
    if end <= middle:
        raise ParameterError(f"until ({as_text(end)}) must be after at ({as_text(middle)})")
    own = admit_eager(transactions, TRANSACTIONS, need=[c.AMOUNT])
    stamps = np.asarray(own.select(local(own, time_zone))[c.DATE].to_numpy())
    days = stamps.astype("M8[D]").view(np.int64)
    start = middle - (end - middle)
    later = (days > middle) & (days <= end)
    earlier = (days > start) & (days <= middle)
    if not (later | earlier).any():
        raise InvalidValuesError(
            f"transactions has no rows after {as_text(start)} and up to {as_text(end)}"
        )
    native = own[c.CUSTOMER_ID].to_native() if is_pandas(own) else None
    ids = pd.Series(own[c.CUSTOMER_ID].to_list()) if native is None else native
    codes, decode = encoded(ids)
    size = int(codes.max()) + 1
    money = Money.of(as_float(own, c.AMOUNT))
    before, after = (_sums(money, codes, rows, size) for rows in (earlier, later))
    who = np.flatnonzero(np.bincount(codes[later | earlier], minlength=size))
    before, after = before[who], after[who]
    scale = (np.abs(before) + np.abs(after)) / 2
    growth = np.divide(after - before, scale, out=np.zeros(len(who)), where=scale > 0)
    named = decode(who)
    found = {
        c.CUSTOMER_ID: named if is_pandas(own) else named.tolist(),
        "before": before,
        "after": after,
        c.TOTAL: before + after,
        c.GROWTH: growth,
    }
    return with_parameters(frame_like(own, found), at=as_text(middle), until=as_text(end))


def _sums(
    money: Money, codes: NDArray[np.int64], rows: NDArray[np.bool_], size: int
) -> NDArray[np.float64]:
    return money.value(money.rows(rows).sums(codes[rows], size))


_WALLETS: Final = "customers"


def share_of_wallet(
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    spend: str = c.SPEND,
    wallet: str = c.WALLET,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which share of what each customer could spend he spends here, and what is still open.

    Parameters
    ----------
    customers : DataFrame
        One row per customer; for example what ``clv.discounting.wallet_size`` returned, or a
        survey's answers.
    spend, wallet : str
        The columns: money spent here and in all, over the same time.

    Returns
    -------
    DataFrame
        Of the same kind, with ``share_of_wallet`` (missing for an empty wallet) and
        ``open_wallet`` (money).

    Raises
    ------
    DataError
        If values are missing or negative, or a customer spends more than his wallet holds.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import share_of_wallet
    >>> share_of_wallet(pd.DataFrame({"spend": [25.0, 0.0], "wallet": [100.0, 0.0]}))
       spend  wallet  share_of_wallet  open_wallet
    0   25.0   100.0             0.25         75.0
    1    0.0     0.0              NaN          0.0
    """
    import narwhals.stable.v2 as nw

    more = Rule(
        f"must not exceed {_WALLETS}[{wallet!r}]",
        nw.col(spend) > nw.col(wallet),
        (spend, wallet),
        "Are both of the same stretch of time?",
    )
    columns = (Column(spend, Kind.NUMBER, low=0), Column(wallet, Kind.NUMBER, low=0))
    own = admit_eager(customers, Contract(_WALLETS, columns, (more,), names_row_by=c.CUSTOMER_ID))
    spent, held = as_float(own, spend), as_float(own, wallet)
    share = np.divide(spent, held, out=np.full(len(own), np.nan), where=held > 0)
    return with_new(own, {"share_of_wallet": share, "open_wallet": held - spent})
