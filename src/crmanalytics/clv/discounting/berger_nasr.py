"""The cases of Berger and Nasr: what a customer is worth, by how he buys and is promoted to.

Case 1 buys once a year. Case 2 buys more often (2a) or more seldom (2b). Case 3 brings a profit
that changes over time, and case 4 does so in continuous time. Case 5, who comes back after a
pause, is in :mod:`crmanalytics.clv.discounting.migration`.

In all of them money from sales comes at the start of a cycle, beginning today, and the promotion
that wins the next purchase is paid in the middle of the cycle before it. The cases with equal
cycles are one sum; they differ in how long a cycle is.

References
----------
Berger, P. D. and Nasr, N. I. (1998). Customer lifetime value: marketing models and applications.
Journal of Interactive Marketing 12(1), 17-30.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.clv.discounting.arguments import numbers, whole_periods
from crmanalytics.clv.discounting.projected import retention_value
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = [
    "cyclic_value",
    "growing_value",
    "s_shaped_profit",
    "s_shaped_value",
]


def cyclic_value(
    contribution: ArrayLike,
    promotion: ArrayLike,
    retention: ArrayLike,
    discount_rate: ArrayLike,
    *,
    cycles: ArrayLike | None,
    cycles_per_year: ArrayLike,
) -> Floats:
    """Value customers who buy at regular intervals: cases 1, 2a and 2b.

    The value is GC sum_{i=0..n} r^i (1+d)^(-i/p) - M sum_{i=1..n} r^(i-1) (1+d)^(-(i-1/2)/p) with
    n cycles, p of them per year: p = 1 is case 1, p > 1 case 2a, p < 1 case 2b.

    Parameters
    ----------
    contribution : array_like
        Gross contribution per cycle, GC; it comes at the start of each cycle.
    promotion : array_like
        Promotion cost per cycle and customer, M; it is paid in the middle of each cycle.
    retention : array_like
        Probability of buying again in the next cycle.
    discount_rate : array_like
        Per year.
    cycles : array_like of whole numbers or None
        How many purchases after today's are counted; None for no end.
    cycles_per_year : array_like
        1 for yearly purchases, 2 for half-yearly ones, 1/3 for one in three years.

    Returns
    -------
    ndarray of float64
        Values, of the common shape; today's sale is included.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Berger and Nasr (1998), cases 1, 2a and 2b. For case 2b the promotion is placed in the middle
    of the long cycle, as in the other two.

    Examples
    --------
    >>> value = cyclic_value(260.0, 50.0, 0.75, 0.2, cycles=10, cycles_per_year=1)
    >>> print(f"{float(value):.3f}")
    568.783
    """
    n = whole_periods("cycles", cycles)
    per_year = numbers("cycles_per_year", cycles_per_year, above=0)
    rate = numbers("discount_rate", discount_rate, above=-1)
    per_cycle = np.where(per_year == 1, rate, np.expm1(np.log1p(rate) / per_year))
    spent = numbers("promotion", promotion)
    sales = retention_value(
        contribution,
        retention,
        per_cycle,
        timing="start",
        first="certain",
        periods_per_year=1,
        horizon=n + 1,
    )
    costs = retention_value(
        spent,
        retention,
        per_cycle,
        timing="middle",
        first="certain",
        periods_per_year=1,
        horizon=n,
    )
    if np.any(np.isinf(sales) & np.isinf(costs)):
        raise ParameterError("without an end, retention must be below 1 + discount_rate per cycle")
    return sales - costs


def s_shaped_profit(
    t: ArrayLike, *, start: float, curvature: float, inflection: float, ceiling: float
) -> Floats:
    """Return a customer's profit per year that first grows ever faster and then levels off.

    pi(t) = start + curvature t^2 up to the inflection point g, and
    start + curvature g^2 + ceiling (1 - e^(g - t)) after it.

    Parameters
    ----------
    t : array_like
        Years since the first purchase.
    start : float
        Profit of year 0, v.
    curvature : float
        Speed of the first growth, h.
    inflection : float
        When the growth begins to slow, g, in years.
    ceiling : float
        What is added at most after the inflection, N.

    Returns
    -------
    ndarray of float64
        Profits.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Berger and Nasr (1998), case 3a.

    Examples
    --------
    >>> s_shaped_profit([0, 1, 2], start=10.0, curvature=5.0, inflection=2.0, ceiling=20.0)
    array([10., 15., 30.])
    """
    years = numbers("t", t, low=0)
    g = float(numbers("inflection", inflection, low=0))
    early = start + curvature * np.minimum(years, g) ** 2
    return np.asarray(early - ceiling * np.expm1(np.minimum(g - years, 0.0)))


def growing_value(
    profit: Callable[[Floats], ArrayLike],
    retention: float,
    discount_rate: float,
    *,
    years: int,
) -> float:
    """Value a customer whose yearly profit follows any course: case 3.

    Parameters
    ----------
    profit : callable
        From years since the first purchase, 0..n, to the profit of each; see
        :func:`s_shaped_profit`.
    retention : float
        Probability per year of staying.
    discount_rate : float
        Per year.
    years : int
        n; the sum runs over 0..n.

    Returns
    -------
    float
        sum_{t=0..n} pi(t) r^t / (1+d)^t.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Berger and Nasr (1998), cases 3a and 3b.

    Examples
    --------
    >>> growing_value(lambda t: 100 - 20 * t, 0.5, 0.25, years=2)
    141.6
    """
    stay = float(numbers("retention", retention, low=0, high=1))
    rate = float(numbers("discount_rate", discount_rate, above=-1))
    n = float(whole_periods("years", years))
    if np.isinf(n):
        raise ParameterError("years must be finite: a profit of any course may have no sum")
    t = np.arange(n + 1)
    earned = numbers("profit", profit(t))
    return float((earned * (stay / (1 + rate)) ** t).sum())


def s_shaped_value(
    retention: float,
    discount_rate: float,
    *,
    years: float,
    start: float,
    curvature: float,
    inflection: float,
    ceiling: float,
) -> float:
    """Value a customer with an S-shaped profit that flows continuously: case 4, in closed form.

    Parameters
    ----------
    retention : float
        Probability per year of staying, in (0, 1].
    discount_rate : float
        Per year.
    years : float
        Horizon, not before the inflection point.
    start, curvature, inflection, ceiling : float
        The profit's course, as in :func:`s_shaped_profit`.

    Returns
    -------
    float
        The integral over 0..years of pi(t) (r / (1+d))^t dt.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Berger and Nasr (1998), case 4; the integrals are written with the incomplete gamma function
    and (e^x - 1) / x, so that retention / (1 + d) near 1 does no harm.

    Examples
    --------
    >>> value = s_shaped_value(
    ...     0.8, 0.2, years=10, start=10.0, curvature=5.0, inflection=2.0, ceiling=20.0
    ... )
    >>> print(f"{value:.4f}")
    67.3974
    """
    stay = float(numbers("retention", retention, above=0, high=1))
    rate = float(numbers("discount_rate", discount_rate, above=-1))
    g = float(numbers("inflection", inflection, low=0))
    horizon = float(numbers("years", years, low=g, remedy="It runs at least to the inflection"))
    delta = np.log1p(rate) - np.log(stay)
    flat = start * _flow(delta, horizon)
    early = curvature * (_quadratic_flow(delta, g) + g * g * _delayed(delta, g, horizon))
    late = ceiling * (
        _delayed(delta, g, horizon) - np.exp(-delta * g) * _flow(delta + 1, horizon - g)
    )
    return float(flat + early + late)


def _flow(delta: float, length: float) -> float:
    """Integrate e^(-delta t) over 0..length, however small delta is."""
    from scipy.special import exprel

    return float(length * exprel(-delta * length))


def _delayed(delta: float, begin: float, end: float) -> float:
    return float(np.exp(-delta * begin)) * _flow(delta, end - begin)


def _quadratic_flow(delta: float, length: float) -> float:
    """Integrate t^2 e^(-delta t) over 0..length, without the cancellation of the textbook form."""
    if delta * length > 1:
        from scipy.special import gammainc

        return float(2 * gammainc(3, delta * length) / delta**3)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    t = length * (nodes + 1) / 2
    return float((weights * t * t * np.exp(-delta * t)).sum() * length / 2)
