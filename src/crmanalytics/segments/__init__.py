"""Segments beyond RFM: pyramids, concentration, life cycles, clusters and migration."""

from crmanalytics.segments.abc import abc
from crmanalytics.segments.clusters import Clusters, cluster, fit_clusters
from crmanalytics.segments.concentration import concentration
from crmanalytics.segments.core import core_customers
from crmanalytics.segments.frozen import migration_by_cuts
from crmanalytics.segments.inequality import gini, gini_interval, lorenz
from crmanalytics.segments.lifecycle import STATES, Definitions, lifecycle
from crmanalytics.segments.migration import migration
from crmanalytics.segments.preference import gap_statistic, preference_structure
from crmanalytics.segments.pyramid import TIERS, pyramid, tier_thresholds
from crmanalytics.segments.rhythm import rhythm
from crmanalytics.segments.stability import cluster_profile, cluster_stability
from crmanalytics.segments.states import lifecycle_counts
from crmanalytics.segments.tiers import tier_profile
from crmanalytics.segments.transition import forecast_base, transition_matrix
from crmanalytics.segments.whale import whale_curve, whale_summary

__all__ = [
    "STATES",
    "TIERS",
    "Clusters",
    "Definitions",
    "abc",
    "cluster",
    "cluster_profile",
    "cluster_stability",
    "concentration",
    "core_customers",
    "fit_clusters",
    "forecast_base",
    "gap_statistic",
    "gini",
    "gini_interval",
    "lifecycle",
    "lifecycle_counts",
    "lorenz",
    "migration",
    "migration_by_cuts",
    "preference_structure",
    "pyramid",
    "rhythm",
    "tier_profile",
    "tier_thresholds",
    "transition_matrix",
    "whale_curve",
    "whale_summary",
]
