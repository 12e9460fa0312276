"""One row per customer: how often, how recently, for how long and for how much they bought."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import collected, is_pandas
from crmanalytics.transactions.counting import Counting, glanced, joined, known_zone, local, span
from crmanalytics.transactions.expressions import day_number
from crmanalytics.transactions.units import as_day, as_text, days_per

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmanalytics.transactions.counting import Occasion
    from crmanalytics.transactions.glance import Glance
    from crmanalytics.transactions.units import Day, Unit

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]
    Aggregate = Callable[[Any, Counting], Frame]

__all__ = ["summarize"]

_LOGGER = logging.getLogger("crmanalytics.transactions")
_SHOWN = 3


def summarize(
    log: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    until: Day | None = None,
    unit: Unit = "D",
    occasion: Occasion = "day",
    time_zone: str | None = None,
    customer_id: str = c.CUSTOMER_ID,
    date: str = c.DATE,
    amount: str = c.AMOUNT,
    quantity: str = c.QUANTITY,
    order_id: str = c.ORDER_ID,
) -> Any:  # noqa: ANN401 - the kind that came in
    """Say of each customer how often, when and for how much they bought.

    Parameters
    ----------
    log : DataFrame
        The purchase log: one row per purchase or per line of an order.
    until : date, optional
        Last day of observation, that whole day included; later rows are left out. The last day
        of the log if not given, which is then logged.
    unit : {"D", "W", "M", "Y"}
        Unit of ``recency`` and ``T``: days, weeks, months (365.25 / 12 days) or years (365.25
        days). Durations run between calendar days and are never cut to whole units.
    occasion : {"day", "order", "row"}
        What one purchase occasion is: all that a customer bought on a calendar day, all rows of
        an order (dated by its first row), or each row.
    time_zone : str, optional
        Where the calendar days are those of, for stamps that carry a time zone; their own zone
        if not given. Stamps without a zone are taken as they are.
    customer_id, date, amount, quantity, order_id : str
        The log's names of these columns. ``amount`` may be absent, and then so are the columns
        of money; ``order_id`` is read for ``occasion="order"`` alone; ``quantity`` is read where
        there is no amount, for its negative values mark refunds.

    Returns
    -------
    DataFrame
        One row per customer, sorted by ``customer_id``, of the kind that came in:
        ``frequency`` (repeat occasions), ``recency`` (first to last purchase), ``T`` (first
        purchase to `until`), ``monetary_value`` (mean spend per repeat occasion, 0 without any),
        ``first_date``, ``last_date``, ``days_since_last``, ``orders`` (all occasions), ``total``
        (net of refunds) and ``refunds`` (a positive number). A pandas frame has the unit and the
        last day in ``attrs["crmanalytics"]``.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the log breaks its contract, has no rows, or holds customers with refunds alone.
    ParameterError
        If an argument is not among its choices, or `until` is before the log begins.

    Notes
    -----
    A row with a negative amount is a refund: it lowers ``total`` and is never an occasion. An
    amount of zero is a purchase. Where several orders or rows share a customer's earliest stamp,
    each of them counts as the first one in equal shares, so that the order of rows is of no
    consequence.

    References
    ----------
    Fader, Hardie & Lee (2005). "Counting your customers" the easy way. Marketing Science 24(2),
    275-284, section 2: the statistics (x, t_x, T).
    Fader & Hardie (2013). The Gamma-Gamma model of monetary value: the mean spend per occasion.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.summarize(log, until="1997-09-30", unit="W")
    >>> len(customers), int((customers["frequency"] > 0).sum())
    (2357, 946)
    >>> customers[["frequency", "recency", "T", "monetary_value"]].head(2).round(3)
       frequency  recency       T  monetary_value
    0          2   30.429  38.857          22.345
    1          0    0.000  38.429           0.000
    """
    names = {
        c.CUSTOMER_ID: customer_id,
        c.DATE: date,
        c.AMOUNT: amount,
        c.QUANTITY: quantity,
        c.ORDER_ID: order_id,
    }
    days_per(unit)
    own, glance = glanced(log, occasion, names)
    counting = counting_of(own, until=until, occasion=occasion, time_zone=time_zone, glance=glance)
    return customers_of(own, counting, unit, aggregate_for(own))


def counting_of(
    own: Frame,
    *,
    until: Day | None,
    occasion: Occasion,
    time_zone: str | None,
    glance: Glance | None = None,
) -> Counting:
    """Settle what to count in an opened log, the last day foremost.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> own = nw.from_native(crm.datasets.load_cdnow_sample())
    >>> counting_of(own, until="1997-09-30", occasion="day", time_zone=None).until
    10134
    """
    end = last_day(own, until, known_zone(time_zone), argument="until", glance=glance)
    has = own.collect_schema().names()
    sign = next((name for name in (c.AMOUNT, c.QUANTITY) if name in has), None)
    return Counting(occasion, end, None, time_zone, c.AMOUNT in has, sign, glance)


def last_day(
    own: Frame,
    day: Day | None,
    time_zone: str | None,
    *,
    argument: str,
    glance: Glance | None = None,
) -> int:
    """Return the day number of an argument that ends a period; the log's own end for None.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> own = nw.from_native(crm.datasets.load_cdnow_sample())
    >>> as_text(last_day(own, None, None, argument="until"))
    '1998-06-30'
    """
    first, last = span(own, time_zone, glance)
    if day is None:
        _LOGGER.info("%s was not given: the log's last day, %s, is taken", argument, as_text(last))
        return last
    end = as_day(day, argument)
    if end < first:
        raise ParameterError(
            f"{argument} must not be before the first row of transactions: it is {as_text(end)}, "
            f"and the log begins on {as_text(first)}"
        )
    return end


def aggregate_for(own: Frame) -> Aggregate:
    """Return the cheaper of the two ways of counting for a frame of this kind.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> own = nw.from_native(crm.datasets.load_cdnow_sample())
    >>> aggregate_for(own).__module__
    'crmanalytics.transactions.packed'
    """
    if is_pandas(own):
        from crmanalytics.transactions import packed

        return packed.aggregate
    if own.implementation.is_duckdb():
        from crmanalytics.transactions import in_duckdb

        return in_duckdb.aggregate
    from crmanalytics.transactions import expressions

    return expressions.aggregate


def customers_of(own: Frame, counting: Counting, unit: Unit, aggregate: Aggregate) -> Any:  # noqa: ANN401
    """Count a log and return its customers in the shape that users see.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> own = nw.from_native(crm.datasets.load_cdnow_sample())
    >>> counting = counting_of(own, until="1997-09-30", occasion="day", time_zone=None)
    >>> len(customers_of(own, counting, "W", aggregate_for(own)))
    2357
    """
    counted = _with_purchases(own, counting, aggregate(own, counting))
    result = _finished(counted, counting, days_per(unit)).to_native()
    if is_pandas(own):
        result = result.reset_index(drop=True)
        result.attrs["crmanalytics"] = {"unit": unit, "until": as_text(counting.until)}
    return result


def _with_purchases(own: Frame, counting: Counting, counted: Frame) -> Frame:
    """Leave out customers who buy later; refuse those who only ever gave back."""
    if counting.sign is None:
        return counted
    if isinstance(own, nw.LazyFrame):
        without = _refunded(own, counting.sign, counting)
    else:
        without = counted.filter(nw.col(c.ORDERS) == 0).select(c.CUSTOMER_ID)
    if without is None or (isinstance(without, nw.DataFrame) and not len(without)):
        return counted  # the common case, without a second look at the log
    buyers = own.filter(nw.col(counting.sign) >= 0).select(c.CUSTOMER_ID).unique()
    never = joined(without, buyers, "anti").sort(c.CUSTOMER_ID)
    found = collected(never)
    if len(found):
        first = ", ".join(map(str, found[c.CUSTOMER_ID].head(_SHOWN).to_list()))
        raise InvalidValuesError(
            f"transactions must hold a purchase of every customer: {len(found):,} "
            f"{'has' if len(found) == 1 else 'have'} refunds alone (first: [{first}]). "
            "Remove such rows with clean(...), which reports them."
        )
    return counted.filter(nw.col(c.ORDERS) > 0)


def _refunded(own: nw.LazyFrame[Any], sign: str, counting: Counting) -> Frame | None:
    """Return the customers of a lazy log who gave back until the last day; None if nobody ever did.

    The amounts alone are looked at, so that the engine is not made to count everybody twice.
    """
    if counting.glance is not None and (counting.glance.least or 0) >= 0:
        return None
    refunds = own.filter(nw.col(sign) < 0)
    if not collected(refunds.select(nw.len().alias("rows")))["rows"][0]:
        return None
    day = day_number(local(own, counting.time_zone))
    return refunds.filter(day <= counting.until).select(c.CUSTOMER_ID).unique()


def _finished(counted: Frame, counting: Counting, days: float) -> Frame:
    first, last = nw.col("first_day"), nw.col("last_day")
    frequency = nw.col(c.ORDERS) - 1
    columns = [
        nw.col(c.CUSTOMER_ID),
        frequency.alias(c.FREQUENCY),
        ((last - first) / days).alias(c.RECENCY),
        ((counting.until - first) / days).alias(c.T),
        nw.col(c.FIRST_DATE),
        nw.col(c.LAST_DATE),
        (counting.until - last).alias(c.DAYS_SINCE_LAST),
        nw.col(c.ORDERS),
    ]
    if counting.has_money:
        # a one-time buyer's repeat money is zero: dividing by one keeps it so
        repeats = nw.when(frequency > 0).then(frequency).otherwise(1)
        mean = nw.col("repeat_money") / repeats
        columns.insert(4, mean.alias(c.MONETARY_VALUE))
        columns += [nw.col(c.TOTAL), nw.col(c.REFUNDS)]
    return counted.select(columns)
