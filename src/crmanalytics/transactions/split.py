"""Customers as they were on a past day, with what they did afterwards beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import is_pandas
from crmanalytics.transactions.counting import glanced, joined
from crmanalytics.transactions.summarize import aggregate_for, counting_of, customers_of, last_day
from crmanalytics.transactions.units import as_text, days_per

if TYPE_CHECKING:
    from crmanalytics.transactions.counting import Occasion
    from crmanalytics.transactions.units import Day, Unit

    Frame = nw.DataFrame[Any] | nw.LazyFrame[Any]

__all__ = ["split"]


def split(
    log: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    at: Day,
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
    """Show customers as of a day, and what they bought after it, to test a forecast against.

    Parameters
    ----------
    log : DataFrame
        The purchase log, as for :func:`summarize`.
    at : date
        Last day of the calibration period, that whole day included.
    until : date, optional
        Last day of the holdout period; the last day of the log if not given, which is logged.
    unit, occasion, time_zone, customer_id, date, amount, quantity, order_id
        As for :func:`summarize`.

    Returns
    -------
    DataFrame
        What :func:`summarize` gives until `at`, and of the days after `at` up to `until`:
        ``frequency_holdout`` (purchase occasions), ``monetary_value_holdout`` (mean spend per
        occasion, 0 without any), ``total_holdout`` (net of refunds) and ``duration_holdout``
        (length of the period in `unit`). Customers who first bought after `at` are left out.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the log breaks its contract, has no rows, or holds customers with refunds alone.
    ParameterError
        If `until` is not after `at`, or `at` is before the log begins.

    Notes
    -----
    Rows are told apart by their day alone: an order whose rows fall on both sides of `at` is an
    occasion of either period, for its later rows were not known at the time.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    >>> int(customers["frequency"].sum()), int(customers["frequency_holdout"].sum())
    (2457, 1882)
    >>> customers["duration_holdout"].iloc[0].item()
    39.0
    """
    names = {
        c.CUSTOMER_ID: customer_id,
        c.DATE: date,
        c.AMOUNT: amount,
        c.QUANTITY: quantity,
        c.ORDER_ID: order_id,
    }
    length = days_per(unit)
    own, glance = glanced(log, occasion, names)
    whole = counting_of(own, until=until, occasion=occasion, time_zone=time_zone, glance=glance)
    end = last_day(own, at, time_zone, argument="at", glance=glance)
    calibration = replace(whole, until=end)
    if whole.until <= end:
        raise ParameterError(
            f"until ({as_text(whole.until)}) must be after at ({as_text(end)}), "
            "or there is no holdout period"
        )
    aggregate = aggregate_for(own)
    customers = nw.from_native(customers_of(own, calibration, unit, aggregate))
    held = aggregate(own, replace(whole, after=end))
    duration = (whole.until - end) / length
    result = _joined(customers, held, duration, has_money=whole.has_money).to_native()
    if is_pandas(own):
        result.attrs["crmanalytics"] = {"unit": unit, "until": as_text(end)}
    return result


def _joined(customers: Frame, held: Frame, duration: float, *, has_money: bool) -> Frame:
    """Put the holdout's counts beside the customers of the calibration period."""
    orders = nw.col(c.FREQUENCY_HOLDOUT).fill_null(0).cast(nw.Int64)
    columns = [nw.col(c.CUSTOMER_ID), nw.col(c.ORDERS).alias(c.FREQUENCY_HOLDOUT)]
    filled = [orders.alias(c.FREQUENCY_HOLDOUT)]
    if has_money:
        spent = nw.col(c.TOTAL) + nw.col(c.REFUNDS)
        occasions = nw.when(nw.col(c.ORDERS) > 0).then(nw.col(c.ORDERS)).otherwise(1)
        columns += [
            (spent / occasions).alias(c.MONETARY_VALUE_HOLDOUT),
            nw.col(c.TOTAL).alias(c.TOTAL_HOLDOUT),
        ]
        money = (c.MONETARY_VALUE_HOLDOUT, c.TOTAL_HOLDOUT)
        filled += [nw.col(name).fill_null(0.0).alias(name) for name in money]
    length = nw.lit(duration).alias(c.DURATION_HOLDOUT)
    both: Frame = joined(customers, held.select(columns)).with_columns(*filled, length)
    return both.sort(c.CUSTOMER_ID)
