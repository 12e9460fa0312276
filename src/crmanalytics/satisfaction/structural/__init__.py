"""Structural models of satisfaction, estimated by partial least squares."""

from crmanalytics.satisfaction.structural.answers import Moments
from crmanalytics.satisfaction.structural.bootstrap import (
    StructuralBootstrap,
    bootstrap_structural,
)
from crmanalytics.satisfaction.structural.ecsi import ECSI_CONSTRUCTS, ecsi
from crmanalytics.satisfaction.structural.estimate import (
    fit_structural,
    fit_structural_moments,
    refitted_effect_sizes,
)
from crmanalytics.satisfaction.structural.fit import StructuralFit
from crmanalytics.satisfaction.structural.importance_map import (
    importance_performance,
    importance_performance_bootstrap,
)
from crmanalytics.satisfaction.structural.index import index_bootstrap, satisfaction_index
from crmanalytics.satisfaction.structural.model import Block, StructuralModel, structural_model
from crmanalytics.satisfaction.structural.scores import construct_scores

__all__ = [
    "ECSI_CONSTRUCTS",
    "Block",
    "Moments",
    "StructuralBootstrap",
    "StructuralFit",
    "StructuralModel",
    "bootstrap_structural",
    "construct_scores",
    "ecsi",
    "fit_structural",
    "fit_structural_moments",
    "importance_performance",
    "importance_performance_bootstrap",
    "index_bootstrap",
    "refitted_effect_sizes",
    "satisfaction_index",
    "structural_model",
]
