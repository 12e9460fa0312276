"""What the one pass that checks a log tells besides, so that it need not be asked again.

A pass over a log that is not in memory costs as much as counting its days, or more: its first and
last day, its least amount and whether its money is decimal are all found while it is checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.transactions.exact import EXACT

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CENTS", "Glance", "is_broken", "measures"]

CENTS = 100.0
_ROUNDING = 2.0**-51  # of two roundings: to the nearest float, and after the product


@dataclass(frozen=True)
class Glance:
    """What is known of a log that is not in memory.

    Parameters
    ----------
    rows : int
        How many rows it has.
    first, last : date or None
        Its first and last stamp; None where the stamps carry a time zone, or there are no rows.
    least : float or None
        The least amount, or quantity where there is no amount.
    scale : float or None
        One on which all amounts are known to be whole and to sum exactly.
    """

    rows: int
    first: Any
    last: Any
    least: float | None
    scale: float | None

    @classmethod
    def of(cls, measured: Mapping[str, Any]) -> Glance | None:
        """Return what was measured; None if nothing was.

        Examples
        --------
        >>> Glance.of({"rows": 2, "least": 1.0, "most": 5.0, "uneven": 0}).scale
        100.0
        """
        if not measured:
            return None
        rows, least, most = int(measured["rows"]), measured.get("least"), measured.get("most")
        scale = None
        if least is not None and most is not None and measured.get("uneven") == 0:
            # no sum can be larger than that; where this is too much, the sum itself is asked for
            bound = rows * max(abs(least), abs(most)) * CENTS
            scale = CENTS if bound < EXACT else None
        return cls(rows, measured.get("first"), measured.get("last"), least, scale)


def measures(schema: Mapping[str, Any]) -> dict[str, nw.Expr]:
    """Return what is to be measured of a log with this schema.

    Examples
    --------
    >>> sorted(measures({"customer_id": nw.Int64(), "date": nw.Date(), "amount": nw.Float64()}))
    ['first', 'last', 'least', 'most', 'uneven']
    """
    found: dict[str, nw.Expr] = {}
    date = schema[c.DATE]
    if not isinstance(date, nw.Datetime) or date.time_zone is None:
        found |= {"first": nw.col(c.DATE).min(), "last": nw.col(c.DATE).max()}
    sign = next((name for name in (c.AMOUNT, c.QUANTITY) if name in schema), None)
    if sign is not None:
        value = nw.col(sign).cast(nw.Float64)
        found |= {"least": value.min(), "most": value.max()}
    if sign == c.AMOUNT:
        found["uneven"] = is_broken(value * CENTS).cast(nw.Int64).sum()
    return found


def is_broken(scaled: nw.Expr) -> nw.Expr:
    """Say whether amounts on a scale are whole only by rounding more than floats do.

    Dividing again to compare would not do: polars divides by a constant through its reciprocal.

    Examples
    --------
    >>> import pandas as pd
    >>> own = nw.from_native(pd.DataFrame({"amount": [0.1, 0.125]}))
    >>> own.select(is_broken(nw.col("amount") * 100))["amount"].to_list()
    [False, True]
    """
    whole = scaled.round()
    return (scaled - whole).abs() > whole.abs() * _ROUNDING
