"""Segments beyond RFM: how unequally customers contribute."""

from crmanalytics.segments.concentration import concentration
from crmanalytics.segments.inequality import gini, gini_interval, lorenz

__all__ = ["concentration", "gini", "gini_interval", "lorenz"]
