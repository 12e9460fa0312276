"""Loyalty: what satisfied customers do, the segments of loyalty, and what price they accept."""

from crmanalytics.loyalty.demand import best_price, demand_curve
from crmanalytics.loyalty.links import SatisfactionLink, satisfaction_link
from crmanalytics.loyalty.loyalty_types import (
    APOSTLE_TYPES,
    DICK_BASU_TYPES,
    apostle_shares,
    apostle_types,
    dick_basu_shares,
    dick_basu_types,
)
from crmanalytics.loyalty.measures import loyalty_measures
from crmanalytics.loyalty.price_meter import price_sensitivity, price_sensitivity_curves
from crmanalytics.loyalty.spread import very_satisfied_ratio, word_of_mouth

__all__ = [
    "APOSTLE_TYPES",
    "DICK_BASU_TYPES",
    "SatisfactionLink",
    "apostle_shares",
    "apostle_types",
    "best_price",
    "demand_curve",
    "dick_basu_shares",
    "dick_basu_types",
    "loyalty_measures",
    "price_sensitivity",
    "price_sensitivity_curves",
    "satisfaction_link",
    "very_satisfied_ratio",
    "word_of_mouth",
]
