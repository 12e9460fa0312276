"""Segments beyond RFM: pyramids, concentration, life cycles, clusters and migration."""

from crmanalytics.segments.abc import abc
from crmanalytics.segments.concentration import concentration
from crmanalytics.segments.inequality import gini, gini_interval, lorenz
from crmanalytics.segments.pyramid import TIERS, pyramid, tier_thresholds
from crmanalytics.segments.tiers import tier_profile
from crmanalytics.segments.whale import whale_curve, whale_summary

__all__ = [
    "TIERS",
    "abc",
    "concentration",
    "gini",
    "gini_interval",
    "lorenz",
    "pyramid",
    "tier_profile",
    "tier_thresholds",
    "whale_curve",
    "whale_summary",
]
