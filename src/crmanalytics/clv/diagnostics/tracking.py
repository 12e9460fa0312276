"""Repeat purchases over time: what happened, beside what a model expected from the first day on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.fit import the_model
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import as_float, frame_like
from crmanalytics.transactions.counting import known_zone, local, opened
from crmanalytics.transactions.encoding import codes_of
from crmanalytics.transactions.summarize import last_day
from crmanalytics.transactions.units import days_per

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.base import PurchaseModel
    from crmanalytics.clv.fit import Fit
    from crmanalytics.transactions.counting import Occasion
    from crmanalytics.transactions.units import Day, Unit

    Ints = NDArray[np.int64]

__all__ = ["repeat_purchases_over_time"]


def repeat_purchases_over_time(
    model: PurchaseModel | Fit[PurchaseModel],
    log: Any,  # noqa: ANN401 - any eager frame
    *,
    at: Day,
    until: Day | None = None,
    every: Unit = "W",
    unit: Unit | None = None,
    occasion: Occasion = "day",
    time_zone: str | None = None,
    customer_id: str = c.CUSTOMER_ID,
    date: str = c.DATE,
    amount: str = c.AMOUNT,
    quantity: str = c.QUANTITY,
    order_id: str = c.ORDER_ID,
) -> Any:  # noqa: ANN401 - the kind that came in
    """Follow the repeat purchases of known customers, week by week, beside the model's expectation.

    The customers are those whose first purchase was on or before `at`. What the model expects of
    them is the expectation of a new customer, from each one's first purchase on: nothing that
    happened afterwards enters, so that a model fitted up to `at` is tested on what followed.

    Parameters
    ----------
    model : model or Fit
        A model of purchases, fitted to the customers as of `at`.
    log : DataFrame
        The purchase log, as for ``summarize``.
    at : date
        Last day of the calibration period.
    until : date, optional
        Last day to show; the last day of the log if not given.
    every : {"D", "W", "M", "Y"}
        Length of a period; periods are counted from the first purchase in the log.
    unit : {"D", "W", "M", "Y"}, optional
        Time unit of the model, if it does not know it.
    occasion, time_zone, customer_id, date, amount, quantity, order_id
        As for ``summarize``.

    Returns
    -------
    DataFrame
        Of the same kind, one row per period: ``end`` (its last day), ``actual`` and ``expected``
        (repeat purchases in the period), ``actual_cumulative``, ``expected_cumulative``,
        ``holdout`` (whether it ends after `at`) and ``complete`` (false for a last period that
        `until` cuts short, in both the actual and the expected number).

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the log breaks its contract or has no rows.
    ParameterError
        If the model's unit is unknown, or the dates make no sense.

    References
    ----------
    Fader, Hardie & Lee (2005), "Counting your customers" the easy way: an alternative to the
    Pareto/NBD model. Marketing Science 24(2), 275-284, equation 9, and figures 2 and 3.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> model = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
    >>> weeks = crm.clv.diagnostics.repeat_purchases_over_time(model, log, at="1997-09-30")
    >>> weeks[["actual_cumulative", "expected_cumulative"]].iloc[[38, 77]].round(0)
        actual_cumulative  expected_cumulative
    38               2457               2498.0
    77               4339               4166.0
    """
    known = the_model(model)
    length, step = days_per(_unit_of(known, unit)), days_per(every)
    names = {
        c.CUSTOMER_ID: customer_id,
        c.DATE: date,
        c.AMOUNT: amount,
        c.QUANTITY: quantity,
        c.ORDER_ID: order_id,
    }
    own = opened(log, occasion, names)
    if isinstance(own, nw.LazyFrame):
        raise ParameterError("log is a lazy frame, and this call needs it in memory: collect it")
    end = last_day(own, until, known_zone(time_zone), argument="until")
    split = last_day(own, at, time_zone, argument="at")
    won, bought = _days(own, occasion, time_zone, end)
    mine = won[won <= split]
    start = int(mine.min())
    natural = _natural_ends(end - start, step)
    ends = np.minimum(natural, end - start)
    actual = _counts(bought[0][bought[1] <= split] - start, ends) - _counts(mine - start, ends)
    each = known.expected_purchases_new(np.arange(end - start + 1) / length)
    new = np.bincount(mine - start, minlength=end - start + 1)
    cumulative = np.array([float(new[: last + 1] @ each[last::-1]) for last in ends])
    return frame_like(
        own,
        {
            "end": (start + ends).astype("M8[D]"),
            "actual": actual,
            "expected": np.diff(cumulative, prepend=0.0),
            "actual_cumulative": np.cumsum(actual),
            "expected_cumulative": cumulative,
            "holdout": start + ends > split,
            "complete": natural == ends,
        },
    )


def _unit_of(model: PurchaseModel, unit: str | None) -> str:
    found = unit or model.unit
    if found is None:
        raise ParameterError("the model does not know its time unit: pass unit='W' or the like")
    return found


def _natural_ends(span: int, step: float) -> Ints:
    """Return the last day of each period that begins within the span, counted from day 0."""
    number = np.arange(1, int(span / step) + 2)
    return np.ceil(np.round(number * step, 9)).astype(np.int64) - 1


def _counts(days: Ints, ends: Ints) -> Ints:
    period = np.searchsorted(ends, days)
    return np.bincount(period, minlength=len(ends))


def _days(
    own: nw.DataFrame[Any], occasion: Occasion, time_zone: str | None, end: int
) -> tuple[Ints, tuple[Ints, Ints]]:
    """Return each customer's first day; and each occasion's day with its customer's first day."""
    stamps = np.asarray(own.select(local(own, time_zone))[c.DATE].to_numpy())
    day = stamps.astype("M8[D]").astype(np.int64)
    sign = next((name for name in (c.AMOUNT, c.QUANTITY) if name in own.columns), None)
    kept = day <= end
    if sign is not None:
        kept &= as_float(own, sign) >= 0
    if not kept.any():
        raise InvalidValuesError("log has no purchase: there is nothing to follow.")
    who, day = codes_of(own[c.CUSTOMER_ID])[kept], day[kept]
    if occasion == "order":
        who, day = _once(who, codes_of(own[c.ORDER_ID])[kept], day)
    elif occasion == "day":
        who, day = _once(who, day - day.min(), day)
    first = np.full(int(who.max()) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, who, day)
    return first[np.unique(who)], (day, first[who])


def _once(who: Ints, key: Ints, day: Ints) -> tuple[Ints, Ints]:
    """Keep the earliest row of each customer's key."""
    pair = who * (int(key.max()) + 1) + key
    order = np.lexsort((day, pair))
    kept = order[np.diff(pair[order], prepend=-1) != 0]
    return who[kept], day[kept]
