"""Projected value: a margin per period, kept with a retention rate, over a horizon or for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from crmanalytics.clv.discounting.arguments import (
    check_timing,
    numbers,
    period_rate,
    whole_periods,
)
from crmanalytics.clv.discounting.present_value import discount_factors, geometric_sum
from crmanalytics.errors import ParameterError
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.discounting.arguments import Timing

    Floats = NDArray[np.float64]

__all__ = [
    "First",
    "gupta_lehmann",
    "margin_multiple",
    "retention_value",
    "varying_retention_value",
]

First = Literal["certain", "at_risk"]


def check_first(first: str) -> bool:
    """Whether the first margin is already at risk.

    Examples
    --------
    >>> check_first("at_risk")
    True
    """
    one_of("first", first, ("certain", "at_risk"))
    return first == "at_risk"


def _probability(name: str, values: ArrayLike) -> Floats:
    return numbers(name, values, low=0, high=1, remedy="It is a probability per period")


def _growth(values: ArrayLike) -> Floats:
    return numbers("growth", values, low=-1, remedy="0.02 is two percent per period")


def margin_multiple(
    retention: ArrayLike,
    discount_rate: ArrayLike,
    *,
    timing: Timing,
    first: First,
    periods_per_year: float,
    horizon: ArrayLike | None = None,
    growth: ArrayLike = 0.0,
) -> Floats:
    """Say how many margins of one period a customer is worth.

    Multiply it with the margin of one period to get the lifetime value. For the parameters see
    :func:`retention_value`.

    Parameters
    ----------
    retention : array_like
        Probability per period of staying.
    discount_rate : array_like
        Per year.
    timing : {"start", "middle", "end"}
        When in its period the margin comes.
    first : {"certain", "at_risk"}
        Whether the first margin is sure, or comes only from those who stayed.
    periods_per_year : float
        12 for months.
    horizon : array_like of whole numbers, optional
        Number of periods; None or infinite for no end.
    growth : array_like
        Growth of the margin per period.

    Returns
    -------
    ndarray of float64
        Multiples, of the common shape; infinite where the sum diverges.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Gupta, S. and Lehmann, D. R. (2003). Customers as assets. Journal of Interactive Marketing
    17(1), 9-24: the margin multiple r / (1 + d - r).

    Examples
    --------
    >>> multiple = margin_multiple(0.8, 0.12, timing="end", first="at_risk", periods_per_year=1)
    >>> print(f"{float(multiple):.1f}")
    2.5
    """
    offset, at_risk = check_timing(timing), check_first(first)
    stay = _probability("retention", retention)
    rate = period_rate(discount_rate, periods_per_year)
    grow = _growth(growth)
    n = whole_periods("horizon", horizon)
    lead = np.power(1 + rate, -offset) * (stay if at_risk else 1.0)
    total = _discounted_margins(stay, rate, grow, n)
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.where(lead == 0, 0.0, lead * total))


def _discounted_margins(stay: Floats, rate: Floats, grow: Floats, n: Floats) -> Floats:
    """Sum (stay (1 + grow) / (1 + rate))^t over t = 0..n-1."""
    gap = ((rate - stay * grow) + (1 - stay)) / (1 + rate)
    with np.errstate(divide="ignore", invalid="ignore"):
        far = np.log(stay) + np.log1p(grow) - np.log1p(rate)
        log_ratio = np.where(gap < 0.5, np.log1p(-gap), far)
    return geometric_sum(gap, log_ratio, n)


def retention_value(
    margin: ArrayLike,
    retention: ArrayLike,
    discount_rate: ArrayLike,
    *,
    timing: Timing,
    first: First,
    periods_per_year: float,
    horizon: ArrayLike | None = None,
    growth: ArrayLike = 0.0,
) -> Floats:
    """Say what customers are worth who bring a margin per period for as long as they stay.

    With margin m, growth g, retention r and discount rate d (per period), the value is the sum
    over t = 0..N-1 of m (1+g)^t r^t / (1+d)^(t+s), where s is 0, 1/2 or 1 as the margin comes at
    the start, in the middle or at the end of its period; times r if the first margin is at risk.

    Parameters
    ----------
    margin : array_like
        Money per period, in the first period; a number or one per customer.
    retention : array_like
        Probability of staying from one period to the next.
    discount_rate : array_like
        Per year; 0.1 is ten percent.
    timing : {"start", "middle", "end"}
        When in its period the margin comes.
    first : {"certain", "at_risk"}
        "certain": the customer is there in the first period. "at_risk": only with probability
        `retention`, as for a customer just before a renewal.
    periods_per_year : float
        12 if margin and retention are monthly.
    horizon : array_like of whole numbers, optional
        Number of periods; None or infinite for no end.
    growth : array_like
        Growth of the margin from period to period; 0.02 is two percent.

    Returns
    -------
    ndarray of float64
        Values, of the arguments' common shape. Infinite where the sum diverges, that is without
        an end and with retention x (1 + growth) of at least 1 + discount rate.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Berger, P. D. and Nasr, N. I. (1998). Customer lifetime value: marketing models and
    applications. Journal of Interactive Marketing 12(1), 17-30.

    Gupta, S. and Lehmann, D. R. (2003). Customers as assets. Journal of Interactive Marketing
    17(1), 9-24.

    Examples
    --------
    >>> value = retention_value(
    ...     100.0, [0.6, 0.8], 0.1, timing="end", first="certain", periods_per_year=1, horizon=10
    ... )
    >>> value.round(2)
    array([199.53, 319.53])
    """
    money = numbers("margin", margin)
    multiple = margin_multiple(
        retention,
        discount_rate,
        timing=timing,
        first=first,
        periods_per_year=periods_per_year,
        horizon=horizon,
        growth=growth,
    )
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.where(money == 0, 0.0, money * multiple))


def gupta_lehmann(
    margin: ArrayLike,
    retention: ArrayLike,
    discount_rate: ArrayLike,
    *,
    growth: ArrayLike = 0.0,
) -> Floats:
    """Value customers by the simple formula m r / (1 + d - r (1 + g)): years, without an end.

    Parameters
    ----------
    margin : array_like
        Money per year, earned at the end of the year by those who stayed.
    retention : array_like
        Probability per year of staying.
    discount_rate : array_like
        Per year.
    growth : array_like
        Growth of the margin per year.

    Returns
    -------
    ndarray of float64
        Values, without the acquisition cost; infinite where the sum diverges.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Gupta, S. and Lehmann, D. R. (2003). Customers as assets. Journal of Interactive Marketing
    17(1), 9-24.

    Examples
    --------
    >>> print(f"{float(gupta_lehmann(100.0, 0.8, 0.12)):.2f}")
    250.00
    """
    return retention_value(
        margin,
        retention,
        discount_rate,
        timing="end",
        first="at_risk",
        periods_per_year=1,
        growth=growth,
    )


def varying_retention_value(
    margin: ArrayLike,
    retention: ArrayLike,
    discount_rate: ArrayLike,
    *,
    timing: Timing,
    first: First,
    periods_per_year: float,
    afterwards: Literal["nothing", "steady"] = "nothing",
) -> Floats:
    """Value customers whose margin, retention or discount rate changes from period to period.

    Parameters
    ----------
    margin : array_like of shape (periods,) or (customers, periods)
        Money per period.
    retention : array_like of the same or a broadcastable shape
        ``retention[t]`` is the probability of staying from period t - 1 to t. Where the first
        margin is certain, ``retention[0]`` is not used.
    discount_rate : array_like
        Per year; a number, (periods,), (customers, 1) or (customers, periods).
    timing : {"start", "middle", "end"}
        When in its period the margin comes.
    first : {"certain", "at_risk"}
        Whether the first margin is sure.
    periods_per_year : float
        12 for months.
    afterwards : {"nothing", "steady"}
        What follows the last period given: nothing, or its margin, retention and discount rate
        without an end.

    Returns
    -------
    ndarray of shape () or (customers,)
        Values; infinite where a steady continuation diverges.

    Raises
    ------
    ParameterError
        If an argument is out of bounds or the shapes do not go together.

    Examples
    --------
    >>> value = varying_retention_value(
    ...     [100.0, 120.0, 130.0], [1.0, 0.7, 0.9], 0.1,
    ...     timing="start", first="certain", periods_per_year=1,
    ... )
    >>> print(f"{float(value):.2f}")
    244.05
    """
    at_risk = check_first(first)
    one_of("afterwards", afterwards, ("nothing", "steady"))
    money = np.atleast_1d(numbers("margin", margin))
    stay = np.atleast_1d(_probability("retention", retention))
    periods = max(money.shape[-1], stay.shape[-1])
    factors = discount_factors(
        periods, discount_rate, timing=timing, periods_per_year=periods_per_year
    )
    try:
        money, stay, factors = np.broadcast_arrays(money, stay, factors)
    except ValueError as error:
        raise ParameterError(
            f"margin of shape {money.shape}, retention of shape {stay.shape} and discount factors "
            f"of shape {factors.shape} do not go together"
        ) from error
    risky = stay if at_risk else np.concatenate([np.ones_like(stay[..., :1]), stay[..., 1:]], -1)
    terms = money * np.cumprod(risky, axis=-1) * factors
    value = np.asarray(terms.sum(axis=-1))
    if afterwards == "nothing":
        return value
    rate = np.atleast_1d(period_rate(discount_rate, periods_per_year))[..., -1]
    return value + _steady_tail(terms[..., -1], stay[..., -1], rate)


def _steady_tail(last: Floats, stay: Floats, rate: Floats) -> Floats:
    """Return what follows the last term if all goes on as in its period."""
    endless = _discounted_margins(stay, rate, np.zeros(()), np.asarray(np.inf))
    with np.errstate(invalid="ignore"):
        following = last * (stay / (1 + rate)) * endless
    return np.asarray(np.where((last == 0) | (stay == 0), 0.0, following))
