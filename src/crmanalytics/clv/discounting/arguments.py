"""Arguments of the discounting functions: numbers within bounds, rates, horizons and timings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["Timing", "check_timing", "numbers", "period_rate", "whole_periods"]

Timing = Literal["start", "middle", "end"]

#: How far into its period a payment falls.
OFFSET: Final[dict[str, float]] = {"start": 0.0, "middle": 0.5, "end": 1.0}

_SHOWN = 3


def check_timing(timing: str) -> float:
    """Return how far into its period a payment falls: 0, one half or 1.

    Examples
    --------
    >>> check_timing("middle")
    0.5
    """
    one_of("timing", timing, OFFSET)
    return OFFSET[timing]


def numbers(
    name: str,
    values: ArrayLike,
    *,
    low: float = -np.inf,
    high: float = np.inf,
    above: float = -np.inf,
    remedy: str = "",
) -> Floats:
    """Return an argument as float64, or say which of its values are out of bounds.

    Parameters
    ----------
    name : str
        What the argument is called.
    values : array_like
        Numbers of any shape; they must be finite.
    low, high : float
        Closed bounds.
    above : float
        Open lower bound.
    remedy : str
        What the user can do about a value out of bounds.

    Returns
    -------
    ndarray of float64

    Raises
    ------
    ParameterError
        If a value is missing, infinite, no number, or out of bounds.

    Examples
    --------
    >>> numbers("margin", [1, 2], low=0)
    array([1., 2.])
    """
    try:
        given = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} must be a number or an array of numbers") from error
    bad = ~np.isfinite(given) | (given < low) | (given > high) | (given <= above)
    if bad.any():
        first = ", ".join(f"{v:g}" for v in given[bad].ravel()[:_SHOWN])
        share = f": {int(bad.sum()):,} of {given.size:,} do not (first: [{first}])"
        rule = _rule(low, high, above)
        shown = share if given.ndim else f", not {first}"
        raise ParameterError(f"{name} must {rule}{shown}. {remedy}".rstrip(". ") + ".")
    return given


def _rule(low: float, high: float, above: float) -> str:
    parts = ["be finite"]
    parts += [f"be at least {low:g}"] if np.isfinite(low) else []
    parts += [f"be above {above:g}"] if np.isfinite(above) else []
    parts += [f"be at most {high:g}"] if np.isfinite(high) else []
    return " and ".join(parts)


def period_rate(discount_rate: ArrayLike, periods_per_year: ArrayLike) -> Floats:
    """Turn a yearly discount rate into the rate per period that compounds to it.

    Parameters
    ----------
    discount_rate : array_like
        Rate per year; 0.1 is ten percent. It must be above -1.
    periods_per_year : array_like
        12 for months, 4 for quarters, 52 for weeks, 1 for years.

    Returns
    -------
    ndarray of float64
        (1 + discount_rate)^(1 / periods_per_year) - 1, of the common shape.

    Raises
    ------
    ParameterError
        If the rate is -1 or less, or the number of periods is not positive.

    Examples
    --------
    >>> print(f"{float(period_rate(0.10, 12)):.6f}")
    0.007974
    """
    remedy = "A rate is a fraction: 0.1 is ten percent"
    rate = numbers("discount_rate", discount_rate, above=-1, remedy=remedy)
    per_year = numbers("periods_per_year", periods_per_year, above=0)
    compounded = np.expm1(np.log1p(rate) / per_year)
    return np.asarray(np.where(per_year == 1, rate, compounded), dtype=float)


def whole_periods(name: str, horizon: ArrayLike | None) -> Floats:
    """Return a horizon as whole periods; None, or an infinite value, stands for no end.

    Examples
    --------
    >>> whole_periods("horizon", [12, np.inf])
    array([12., inf])
    """
    if horizon is None:
        return np.asarray(np.inf)
    try:
        given = np.asarray(horizon, dtype=float)
    except (TypeError, ValueError) as error:
        raise ParameterError(f"{name} must be a whole number of periods, or None") from error
    endless = given == np.inf
    bad = ~endless & ~((given >= 0) & (given == np.floor(given)))
    if bad.any():
        first = ", ".join(f"{v:g}" for v in given[bad].ravel()[:_SHOWN])
        raise ParameterError(
            f"{name} must be a whole, non-negative number of periods, or None for no end; "
            f"not {first}. Choose a shorter period if you need fractions."
        )
    return given
