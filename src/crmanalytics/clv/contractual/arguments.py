"""Arguments of the contractual models: whole periods, rates, and customers' renewals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.contractual.histories import RENEWALS
from crmanalytics.clv.discounting.arguments import numbers, period_rate
from crmanalytics.errors import ParameterError
from crmanalytics.frames import admit_eager, as_float, column_like

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["per_period", "take_renewals", "whole"]


def whole(name: str, values: ArrayLike, *, low: int = 0) -> Floats:
    """Return whole numbers as floats, or say which are none."""
    given = numbers(name, values, low=low)
    if (given % 1 != 0).any():
        raise ParameterError(f"{name} must hold whole numbers, not {values!r}")
    return given


def per_period(discount_rate: float, periods_per_year: float) -> float:
    """Return the rate per contract period, refusing a negative one.

    Survival falls like a power of time: any negative rate would make an endless sum infinite.
    """
    remedy = "A rate is a fraction: 0.1 is ten percent"
    numbers("discount_rate", discount_rate, low=0, remedy=remedy)
    return float(period_rate(discount_rate, periods_per_year))


def take_renewals(
    customers: Any,  # noqa: ANN401 - any frame, or numbers
    name: str,
) -> tuple[Floats, Callable[[Floats], Any]]:
    """Return renewals made so far, and how to hand values back: as a Series, or as an array."""
    if np.isscalar(customers) or isinstance(customers, list | tuple | np.ndarray | range):
        return whole(c.RENEWALS, customers), np.asarray
    own = admit_eager(customers, RENEWALS.requiring([c.RENEWALS]))
    return as_float(own, c.RENEWALS), lambda values: column_like(own, name, values)
