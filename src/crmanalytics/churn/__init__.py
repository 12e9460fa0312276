"""Churn: leak-free labels and features, classifiers, profit measures, time to churn, drift."""

from crmanalytics.churn import uplift
from crmanalytics.churn.calibration import brier, calibration, calibration_error
from crmanalytics.churn.campaign import Profit
from crmanalytics.churn.credit import emp_credit
from crmanalytics.churn.discrimination import auc, average_precision, gini
from crmanalytics.churn.evaluation import evaluate
from crmanalytics.churn.lift import cumulative_gain, lift, lift_table, top_decile_lift
from crmanalytics.churn.profit import empc, expected_cost, mpc, profit_curve

__all__ = [
    "Profit",
    "auc",
    "average_precision",
    "brier",
    "calibration",
    "calibration_error",
    "cumulative_gain",
    "emp_credit",
    "empc",
    "evaluate",
    "expected_cost",
    "gini",
    "lift",
    "lift_table",
    "mpc",
    "profit_curve",
    "top_decile_lift",
    "uplift",
]
