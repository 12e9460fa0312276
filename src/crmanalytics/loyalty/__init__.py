"""Loyalty: what satisfied customers do, the segments of loyalty, and what price they accept."""

from crmanalytics.loyalty.demand import best_price, demand_curve
from crmanalytics.loyalty.measures import loyalty_measures
from crmanalytics.loyalty.price_meter import price_sensitivity, price_sensitivity_curves

__all__ = [
    "best_price",
    "demand_curve",
    "loyalty_measures",
    "price_sensitivity",
    "price_sensitivity_curves",
]
