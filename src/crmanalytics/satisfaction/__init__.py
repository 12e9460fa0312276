"""Satisfaction: scores, indices, drivers and structural models, with their uncertainty."""

from crmanalytics.satisfaction.answers import answer_shares
from crmanalytics.satisfaction.change import change
from crmanalytics.satisfaction.composite import (
    CompositeChoices,
    CompositePlan,
    composite_index,
    composite_plan,
    composite_sensitivity,
    composite_uncertainty,
    composite_weights,
)
from crmanalytics.satisfaction.coverage import nps_coverage
from crmanalytics.satisfaction.csat import ces, csat
from crmanalytics.satisfaction.driver_shares import drivers
from crmanalytics.satisfaction.expectations import disconfirmation
from crmanalytics.satisfaction.indicators import satisfaction_indicators
from crmanalytics.satisfaction.kano_answers import kano_classify
from crmanalytics.satisfaction.kano_scores import kano
from crmanalytics.satisfaction.kano_table import kano_table
from crmanalytics.satisfaction.nps import nps, nps_category
from crmanalytics.satisfaction.nps_intervals import nps_interval
from crmanalytics.satisfaction.penalty_reward import penalty_reward_contrast
from crmanalytics.satisfaction.priorities import importance_performance_analysis
from crmanalytics.satisfaction.priority_table import priority_matrix
from crmanalytics.satisfaction.sample_size import sample_size_nps, sample_size_share
from crmanalytics.satisfaction.service_quality import (
    SERVQUAL_DIMENSIONS,
    servperf,
    servqual,
    servqual_scores,
)
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
    importance_performance_bootstrap,
    index_bootstrap,
    refitted_effect_sizes,
    satisfaction_index,
    structural_model,
)
from crmanalytics.satisfaction.value_and_cost import delivered_value, delivered_value_scores

__all__ = [
    "ECSI_CONSTRUCTS",
    "SERVQUAL_DIMENSIONS",
    "Block",
    "CompositeChoices",
    "CompositePlan",
    "Moments",
    "StructuralBootstrap",
    "StructuralFit",
    "StructuralModel",
    "answer_shares",
    "bootstrap_structural",
    "ces",
    "change",
    "composite_index",
    "composite_plan",
    "composite_sensitivity",
    "composite_uncertainty",
    "composite_weights",
    "construct_scores",
    "csat",
    "delivered_value",
    "delivered_value_scores",
    "disconfirmation",
    "drivers",
    "ecsi",
    "fit_structural",
    "fit_structural_moments",
    "importance_performance",
    "importance_performance_analysis",
    "importance_performance_bootstrap",
    "index_bootstrap",
    "kano",
    "kano_classify",
    "kano_table",
    "nps",
    "nps_category",
    "nps_coverage",
    "nps_interval",
    "penalty_reward_contrast",
    "priority_matrix",
    "refitted_effect_sizes",
    "sample_size_nps",
    "sample_size_share",
    "satisfaction_index",
    "satisfaction_indicators",
    "servperf",
    "servqual",
    "servqual_scores",
    "structural_model",
]
