"""Uplift: whom a treatment changes, learnt from an experiment."""

from crmanalytics.churn.uplift.effect import treatment_effect, uplift_at, uplift_by_bin
from crmanalytics.churn.uplift.evaluation import evaluate_uplift
from crmanalytics.churn.uplift.learners import TLearner, UpliftModel, XLearner, cross_uplift
from crmanalytics.churn.uplift.qini import auuc, qini, uplift_curve

__all__ = [
    "TLearner",
    "UpliftModel",
    "XLearner",
    "auuc",
    "cross_uplift",
    "evaluate_uplift",
    "qini",
    "treatment_effect",
    "uplift_at",
    "uplift_by_bin",
    "uplift_curve",
]
