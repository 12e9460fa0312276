"""Segments beyond RFM: how unequally customers contribute."""

from crmanalytics.segments.concentration import concentration
from crmanalytics.segments.core import core_customers
from crmanalytics.segments.inequality import gini, gini_interval, lorenz

__all__ = ["concentration", "core_customers", "gini", "gini_interval", "lorenz"]
