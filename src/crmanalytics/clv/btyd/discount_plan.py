"""How a stream of expected purchases is discounted, as weights on their cumulative expectation.

With E(t) the expected purchases up to t, the present value of the stream is the integral of
exp(-delta t) dE(t). Integrated by parts it is a weighted sum of E at a few times, for any model.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.transactions.units import days_per
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["DiscountPlan", "Timing", "discount_per_unit"]

Timing = Literal["continuous", "start", "middle", "end"]

_FORGOTTEN = 45.0  # exp(-45) of a purchase's value is nothing
_PANEL_WIDTH = 2.5  # in the logarithm of time
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


def discount_per_unit(discount_rate: float, unit: str | None) -> float:
    """Return the continuous discount rate per unit of time, of an effective rate per year.

    Parameters
    ----------
    discount_rate : float
        Per year: 0.1 is 10%.
    unit : str or None
        D, W, M or Y.

    Returns
    -------
    float
        log(1 + rate) per year, in units.

    Raises
    ------
    ParameterError
        If the unit is not known or the rate is negative.

    Examples
    --------
    >>> round(discount_per_unit(0.15, "W"), 6)
    0.002679
    """
    if unit is None:
        raise ParameterError(
            "the time unit is not known: pass unit='D', 'W', 'M' or 'Y', so that a discount rate "
            "per year can be applied"
        )
    if not (math.isfinite(discount_rate) and discount_rate >= 0):
        raise ParameterError(
            f"discount_rate must be a number of at least 0 per year, not {discount_rate!r}; "
            "0.1 is 10%"
        )
    return math.log1p(discount_rate) * days_per(unit) / days_per("Y")


@dataclass(frozen=True, eq=False)
class DiscountPlan:
    """Times, and the weights of the cumulative expectation at them.

    Parameters
    ----------
    times, weights : ndarray of shape (k,)
        The present value is the sum of ``weights * E(times)``.
    horizon : float
        Where the stream ends; infinite if it does not.
    delta : float
        Continuous discount rate per unit of time.
    timing : str
        When a purchase is paid for.
    """

    times: Floats
    weights: Floats
    horizon: float
    delta: float
    timing: Timing

    @classmethod
    def of(
        cls, horizon: float | None, delta: float, timing: Timing, scale: float = 0.0
    ) -> DiscountPlan:
        """Make the plan for a horizon, a rate and a timing.

        Parameters
        ----------
        horizon : float or None
            In units of time; None for ever, which without discounting may be worth infinitely much.
        delta : float
            Continuous rate per unit.
        timing : {"continuous", "start", "middle", "end"}
            When a purchase is paid for.
        scale : float
            Time below which the expectation is nearly straight; spares nodes where it is known.

        Returns
        -------
        DiscountPlan
            Its times and weights.

        Raises
        ------
        ParameterError
            If the horizon is negative, or broken where the timing needs whole periods.

        Examples
        --------
        >>> plan = DiscountPlan.of(2, 0.0, "continuous")
        >>> plan.times.tolist(), plan.weights.tolist()
        ([2.0], [1.0])
        """
        one_of("timing", timing, get_args(Timing))
        end = _checked(horizon)
        if timing == "continuous":
            times, weights = _continuous(end, delta, scale)
        else:
            times, weights = _periodic(end, delta, timing)
        return cls(times, weights, end, delta, timing)


def _checked(horizon: float | None) -> float:
    end = math.inf if horizon is None else float(horizon)
    if math.isnan(end) or end < 0:
        raise ParameterError(f"horizon must be a number of at least 0 or None, not {horizon!r}")
    return end


def _continuous(end: float, delta: float, scale: float) -> tuple[Floats, Floats]:
    if delta == 0 or end == 0:
        return np.array([end]), np.array([1.0])
    reach = min(end, _FORGOTTEN / delta)
    # nodes crowd towards 0, where the expectation bends most
    near = max(0.3 * min(reach, scale), 1e-7 * reach)
    panels = math.ceil(math.log1p(reach / near) / _PANEL_WIDTH)
    width = math.log1p(reach / near) / panels
    w = ((np.arange(panels)[:, None] + (1 + _NODES) / 2) * width).ravel()
    times = near * np.expm1(w)
    step = np.tile(_WEIGHTS, panels) * width / 2 * near * np.exp(w)
    weights = delta * np.exp(-delta * times) * step
    if math.isinf(end):
        return times, weights
    return np.append(times, end), np.append(weights, math.exp(-delta * end))


def _periodic(end: float, delta: float, timing: Timing) -> tuple[Floats, Floats]:
    if math.isinf(end) and delta == 0:
        return np.array([end]), np.array([1.0])
    if math.isinf(end):
        end = float(math.ceil(_FORGOTTEN / delta))
    if end % 1:
        raise ParameterError(
            f"with timing={timing!r} horizon must be a whole number of units, not {end:g}"
        )
    times = np.arange(1, end + 1)
    paid = times - {"start": 1.0, "middle": 0.5, "end": 0.0}[timing]
    factor = np.exp(-delta * paid)
    return times, factor - np.append(factor[1:], 0.0)
