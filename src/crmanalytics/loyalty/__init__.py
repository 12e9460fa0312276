"""Loyalty: what satisfied customers do, the segments of loyalty, and what price they accept."""

from crmanalytics.loyalty.measures import loyalty_measures

__all__ = [
    "loyalty_measures",
]
