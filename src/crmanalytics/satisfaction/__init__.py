"""Satisfaction: scores, indices, drivers and structural models, with their uncertainty."""

from crmanalytics.satisfaction.change import change
from crmanalytics.satisfaction.csat import ces, csat
from crmanalytics.satisfaction.driver_shares import drivers
from crmanalytics.satisfaction.kano_answers import kano_classify
from crmanalytics.satisfaction.kano_scores import kano
from crmanalytics.satisfaction.kano_table import kano_table
from crmanalytics.satisfaction.nps import nps, nps_category
from crmanalytics.satisfaction.nps_intervals import nps_interval
from crmanalytics.satisfaction.structural import (
    ECSI_CONSTRUCTS,
    Block,
    Moments,
    StructuralBootstrap,
    StructuralFit,
    StructuralModel,
    bootstrap_structural,
    construct_scores,
    ecsi,
    fit_structural,
    fit_structural_moments,
    importance_performance,
    index_bootstrap,
    refitted_effect_sizes,
    satisfaction_index,
    structural_model,
)

__all__ = [
    "ECSI_CONSTRUCTS",
    "Block",
    "Moments",
    "StructuralBootstrap",
    "StructuralFit",
    "StructuralModel",
    "bootstrap_structural",
    "ces",
    "change",
    "construct_scores",
    "csat",
    "drivers",
    "ecsi",
    "fit_structural",
    "fit_structural_moments",
    "importance_performance",
    "index_bootstrap",
    "kano",
    "kano_classify",
    "kano_table",
    "nps",
    "nps_category",
    "nps_interval",
    "refitted_effect_sizes",
    "satisfaction_index",
    "structural_model",
]
