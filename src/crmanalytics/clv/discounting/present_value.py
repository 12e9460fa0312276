"""Present values: what money that comes later is worth today."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.clv.discounting.arguments import check_timing, numbers, period_rate
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.discounting.arguments import Timing

    Floats = NDArray[np.float64]

__all__ = ["discount_factors", "geometric_sum", "present_value"]


def geometric_sum(ratio_gap: ArrayLike, log_ratio: ArrayLike, terms: ArrayLike) -> Floats:
    """Return 1 + q + ... + q^(N-1), however close q is to 1.

    Parameters
    ----------
    ratio_gap : array_like
        1 - q, computed without forming q.
    log_ratio : array_like
        log q; minus infinity for q = 0.
    terms : array_like
        N; infinite for a series without end.

    Returns
    -------
    ndarray of float64
        The sum; infinite where it diverges.

    Notes
    -----
    (1 - q^N) / (1 - q) is written as -expm1(N log q) / (1 - q), which keeps its digits.

    Examples
    --------
    >>> geometric_sum(0.5, np.log(0.5), 3.0)
    array(1.75)
    """
    gap, log_q, n = np.broadcast_arrays(
        *(np.asarray(x, dtype=float) for x in (ratio_gap, log_ratio, terms))
    )
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        power = np.where(n == 0, 0.0, n * log_q)
        finite = np.where(gap == 0, n, -np.expm1(power) / gap)
        endless = np.where(gap > 0, 1 / gap, np.inf)
    return np.asarray(np.where(np.isinf(n), endless, finite))


def discount_factors(
    n_periods: int,
    discount_rate: ArrayLike,
    *,
    timing: Timing,
    periods_per_year: float,
) -> Floats:
    """Return what one unit of money in each of the next periods is worth today.

    Parameters
    ----------
    n_periods : int
        Number of periods, counted 0, 1, ..., n_periods - 1.
    discount_rate : array_like
        Per year. A number; or of shape (n_periods,) for a rate that changes over time (the rate
        that holds during each period); or (customers, 1), or (customers, n_periods).
    timing : {"start", "middle", "end"}
        When in its period the money comes.
    periods_per_year : float
        12 for months.

    Returns
    -------
    ndarray of shape (n_periods,) or (customers, n_periods)
        Factors. With one rate d per period, period t has (1 + d)^-t, (1 + d)^-(t + 1/2) or
        (1 + d)^-(t + 1).

    Raises
    ------
    ParameterError
        If an argument is out of bounds or the shapes do not go together.

    Examples
    --------
    >>> discount_factors(3, 0.25, timing="start", periods_per_year=1)
    array([1.  , 0.8 , 0.64])
    """
    offset = check_timing(timing)
    if n_periods < 0 or n_periods != int(n_periods):
        raise ParameterError(f"n_periods must be a whole, non-negative number, not {n_periods!r}")
    logs = np.log1p(period_rate(discount_rate, periods_per_year))
    if logs.ndim == 0 or logs.shape[-1] == 1:
        elapsed = np.arange(n_periods) + offset
        return np.asarray(np.exp(-logs * elapsed))
    if logs.shape[-1] != n_periods:
        raise ParameterError(
            f"discount_rate has {logs.shape[-1]} values in its last dimension, for {n_periods} "
            "periods. Give one number, one per period, or shape (customers, 1)."
        )
    before = np.cumsum(logs, axis=-1) - logs
    return np.asarray(np.exp(-(before + offset * logs)))


def present_value(
    cash: ArrayLike,
    discount_rate: ArrayLike,
    *,
    timing: Timing,
    periods_per_year: float,
) -> Floats:
    """Say what a row of payments, one per period, is worth today.

    Parameters
    ----------
    cash : array_like of shape (periods,) or (customers, periods)
        Money per period; negative is a cost.
    discount_rate : array_like
        Per year; a number, or a shape that :func:`discount_factors` takes.
    timing : {"start", "middle", "end"}
        When in its period the money comes. "start" leaves the first payment undiscounted.
    periods_per_year : float
        12 for months.

    Returns
    -------
    ndarray of shape () or (customers,)
        Present values.

    Raises
    ------
    ParameterError
        If an argument is out of bounds or the shapes do not go together.

    Examples
    --------
    >>> present_value([100.0, 100.0], 0.25, timing="end", periods_per_year=1)
    array(144.)
    >>> present_value([[100.0, 0.0], [0.0, 125.0]], 0.25, timing="start", periods_per_year=1)
    array([100., 100.])
    """
    money = np.atleast_1d(numbers("cash", cash))
    factors = discount_factors(
        money.shape[-1], discount_rate, timing=timing, periods_per_year=periods_per_year
    )
    try:
        return np.asarray((money * factors).sum(axis=-1))
    except ValueError as error:
        raise ParameterError(
            f"cash of shape {money.shape} does not go with rates of shape "
            f"{np.shape(discount_rate)}: give rates per customer as shape (customers, 1)"
        ) from error
