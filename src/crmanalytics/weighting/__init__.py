"""Weights of criteria: from judgements of pairs, from what tells alternatives apart, or equal."""

from crmanalytics.weighting.ahp import ahp, consistency
from crmanalytics.weighting.components import pca
from crmanalytics.weighting.objective import critic, entropy, equal
from crmanalytics.weighting.table import weight_table, weights_for

__all__ = [
    "ahp",
    "consistency",
    "critic",
    "entropy",
    "equal",
    "pca",
    "weight_table",
    "weights_for",
]
