"""What a purchase model says of customers at a snapshot, as features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import frame_like
from crmanalytics.transactions.units import days_per

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmanalytics.churn.history import Columns, PurchaseDays
    from crmanalytics.churn.log import Log

__all__ = ["PurchaseForecast", "days_per_unit", "forecast_of", "outlook_columns"]


class PurchaseForecast(Protocol):
    """A model of purchases, such as those of ``crmanalytics.clv``."""

    def probability_alive(self, customers: Any) -> Any:  # noqa: ANN401 - any frame in, its Series out
        """Return the probability that each customer is still one."""

    def expected_purchases(self, customers: Any, horizon: float) -> Any:  # noqa: ANN401
        """Return the purchases expected of each customer within a horizon."""


def outlook_columns(
    log: Log,
    bought: PurchaseDays,
    at: int,
    model: PurchaseForecast | Callable[[Any], Any],
    days: int,
) -> Columns:
    """Return P(alive) and expected purchases, from a fitted model or one fitted here and now.

    A callable is given the customers as of the snapshot (frequency, recency and T in days) and
    returns a model or a fit: so each snapshot of a panel gets a model that knows no more than it.
    """
    first, last = bought.days[bought.first], bought.days[bought.last]
    frame = {
        c.FREQUENCY: bought.count - 1,
        c.RECENCY: (last - first).astype(float),
        c.T: (at - 1 - first).astype(float),
    }
    forecast = forecast_of(model, lambda: frame_like(log.own, frame))
    unit = days_per_unit(forecast)
    frame |= {name: frame[name] / unit for name in (c.RECENCY, c.T)}
    customers = frame_like(log.own, frame)
    return {
        c.P_ALIVE: np.asarray(forecast.probability_alive(customers), dtype=float),
        c.EXPECTED_PURCHASES: np.asarray(
            forecast.expected_purchases(customers, days / unit), dtype=float
        ),
    }


def forecast_of(model: object, customers: Callable[[], Any]) -> Any:  # noqa: ANN401 - a PurchaseForecast
    """Return a model itself: as it was given, that of a fit, or one fitted to customers here.

    Parameters
    ----------
    model : model, fit or callable
        As for ``features``.
    customers : callable
        Makes the frame of customers that a function which fits a model is given.

    Examples
    --------
    >>> from crmanalytics.clv import BGNBD
    >>> model = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> forecast_of(lambda customers: model, lambda: None) == model
    True
    """
    forecast: Any = model
    if not _forecasts(forecast) and not hasattr(forecast, "model"):
        if not callable(forecast):
            raise ParameterError(
                "purchases must be a fitted model of purchases, or a function that fits one to a "
                f"frame of customers, not {type(model).__name__}"
            )
        forecast = forecast(customers())
    forecast = getattr(forecast, "model", forecast)
    if not _forecasts(forecast):
        raise ParameterError(
            "purchases must have probability_alive and expected_purchases, as the models of "
            f"crmanalytics.clv have; {type(forecast).__name__} has not"
        )
    return forecast


def days_per_unit(model: object) -> float:
    """Return how many days the unit of time of a model has; it is the day if it says none.

    Examples
    --------
    >>> from crmanalytics.clv import BGNBD
    >>> days_per_unit(BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W"))
    7.0
    """
    return days_per(getattr(model, "unit", None) or "D")


def _forecasts(model: object) -> bool:
    return hasattr(model, "probability_alive") and hasattr(model, "expected_purchases")
