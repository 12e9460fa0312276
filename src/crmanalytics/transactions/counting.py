"""What is counted: the arguments of a summary, checked once and read by both ways of counting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import TRANSACTIONS, column_names
from crmanalytics.frames.boundary import admit_measured
from crmanalytics.transactions.glance import Glance, measures
from crmanalytics.transactions.units import as_day
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["Counting", "Occasion", "glanced", "joined", "known_zone", "local", "opened", "span"]

Occasion = Literal["day", "order", "row"]


@dataclass(frozen=True)
class Counting:
    """How a log is counted, whichever engine counts it.

    Parameters
    ----------
    occasion : {"day", "order", "row"}
        What one purchase occasion is.
    until : int
        Last day counted, as a day number.
    after : int or None
        Days up to this one are left out.
    time_zone : str or None
        Where the calendar days are those of.
    has_money : bool
        Whether the log has amounts.
    sign : str or None
        The column whose negative values mark refunds.
    glance : Glance or None
        What is known of a log that is not in memory.
    """

    occasion: Occasion
    until: int
    after: int | None
    time_zone: str | None
    has_money: bool
    sign: str | None
    glance: Glance | None = None


def opened(
    log: Any,  # noqa: ANN401 - any frame that narwhals knows
    occasion: Occasion,
    names: Mapping[str, str],
) -> Frame:
    """Check a log for a summary and return what the summary needs of it, canonically named.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> names = {x: x for x in ("customer_id", "date", "amount", "quantity", "order_id")}
    >>> opened(crm.datasets.load_cdnow_sample(), "day", names).columns
    ['customer_id', 'date', 'amount']
    """
    return glanced(log, occasion, names)[0]


def glanced(
    log: Any,  # noqa: ANN401 - any frame that narwhals knows
    occasion: Occasion,
    names: Mapping[str, str],
) -> tuple[Frame, Glance | None]:
    """Open a log, and say what the pass that checked it has told; None if it is in memory.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> import polars as pl
    >>> names = {x: x for x in ("customer_id", "date", "amount", "quantity", "order_id")}
    >>> log = pl.from_pandas(crm.datasets.load_cdnow_sample()).lazy()
    >>> glanced(log, "day", names)[1].rows
    6919
    """
    one_of("occasion", occasion, get_args(Occasion))
    has = column_names(log)
    wanted = [c.CUSTOMER_ID, c.DATE]
    if names[c.AMOUNT] in has or names[c.AMOUNT] != c.AMOUNT:
        wanted.append(c.AMOUNT)
    elif names[c.QUANTITY] in has or names[c.QUANTITY] != c.QUANTITY:
        wanted.append(c.QUANTITY)
    if occasion == "order":
        wanted.append(c.ORDER_ID)
    contract = TRANSACTIONS.requiring(wanted)
    theirs = {name: names[name] for name in wanted}
    own, measured = admit_measured(log, contract, names=theirs, measures=measures)
    return own.select(wanted), Glance.of(measured)


def span(own: Frame, time_zone: str | None, glance: Glance | None = None) -> tuple[int, int]:
    """Return the first and the last calendar day of a log, as day numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"date": pd.to_datetime(["1970-01-31", "1970-01-02"])})
    >>> span(nw.from_native(log), None)
    (1, 30)
    """
    if glance is not None and glance.first is not None:
        return as_day(glance.first, c.DATE), as_day(glance.last, c.DATE)
    date = local(own, time_zone)
    try:
        ends = own.select(date.min().alias("first"), date.max().alias("last"))
    except NotImplementedError as error:
        raise ParameterError(
            f"time_zone={time_zone!r} is beyond {own.implementation.value}: {error} "
            "Set the zone of the connection itself, or convert the stamps first."
        ) from error
    found = ends.collect() if isinstance(ends, nw.LazyFrame) else ends
    first, last = found["first"][0], found["last"][0]
    if first is None or first != first:  # noqa: PLR0124 - NaT
        raise InvalidValuesError("transactions has no rows.")
    return as_day(first, c.DATE), as_day(last, c.DATE)


def local(own: Frame, time_zone: str | None) -> nw.Expr:
    """Return the date column as the clocks of the time zone show it, without a zone.

    Examples
    --------
    >>> import pandas as pd
    >>> log = pd.DataFrame({"date": pd.to_datetime(["2024-01-31 23:30"]).tz_localize("UTC")})
    >>> own = nw.from_native(log)
    >>> str(own.select(local(own, "Europe/Vienna"))["date"][0])
    '2024-02-01 00:30:00'
    """
    dtype = own.collect_schema()[c.DATE]
    date = nw.col(c.DATE)
    if not isinstance(dtype, nw.Datetime) or dtype.time_zone is None:
        return date
    if time_zone is not None and time_zone != dtype.time_zone:
        date = date.dt.convert_time_zone(time_zone)
    return date.dt.replace_time_zone(None)


def known_zone(time_zone: str | None) -> str | None:
    """Return a time zone's name if there is such a zone.

    Examples
    --------
    >>> known_zone("UTC")
    'UTC'
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    if time_zone is not None:
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ParameterError(
                f"time_zone must be a name such as 'Europe/Vienna' or 'UTC', not {time_zone!r}"
            ) from error
    return time_zone


def joined(left: Any, right: Any, how: Literal["left", "anti"] = "left") -> Any:  # noqa: ANN401
    """Join two narwhals frames of one kind, eager or lazy, by customer.

    Examples
    --------
    >>> import pandas as pd
    >>> left = nw.from_native(pd.DataFrame({"customer_id": [1, 2]}))
    >>> joined(left, left.head(1), "anti")["customer_id"].to_list()
    [2]
    """
    return left.join(right, on=c.CUSTOMER_ID, how=how)
