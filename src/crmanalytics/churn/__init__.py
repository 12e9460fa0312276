"""Churn: leak-free labels and features, classifiers, profit measures, time to churn, drift."""

from crmanalytics.churn import uplift
from crmanalytics.churn.calibration import brier, calibration, calibration_error
from crmanalytics.churn.calibration_time import calibration_by
from crmanalytics.churn.campaign import Profit
from crmanalytics.churn.card import model_card
from crmanalytics.churn.classifier import ChurnClassifier
from crmanalytics.churn.contracts import contract_durations, label_contracts
from crmanalytics.churn.credit import emp_credit
from crmanalytics.churn.discrimination import auc, average_precision, gini
from crmanalytics.churn.drift import drift, drift_table, stability_index
from crmanalytics.churn.evaluation import evaluate
from crmanalytics.churn.evidence import information_value, points, weight_of_evidence
from crmanalytics.churn.feature_table import features
from crmanalytics.churn.feature_words import feature_words
from crmanalytics.churn.hazard import DiscreteHazard
from crmanalytics.churn.horizon import churn_horizon, silence_limits
from crmanalytics.churn.labels import label
from crmanalytics.churn.leakage import leakage_report
from crmanalytics.churn.lift import cumulative_gain, lift, lift_table, top_decile_lift
from crmanalytics.churn.panels import panel
from crmanalytics.churn.profit import empc, expected_cost, mpc, profit_curve
from crmanalytics.churn.splitting import SnapshotSplit
from crmanalytics.churn.survival import kaplan_meier, logrank, remaining_life

__all__ = [
    "ChurnClassifier",
    "DiscreteHazard",
    "Profit",
    "SnapshotSplit",
    "auc",
    "average_precision",
    "brier",
    "calibration",
    "calibration_by",
    "calibration_error",
    "churn_horizon",
    "contract_durations",
    "cumulative_gain",
    "drift",
    "drift_table",
    "emp_credit",
    "empc",
    "evaluate",
    "expected_cost",
    "feature_words",
    "features",
    "gini",
    "information_value",
    "kaplan_meier",
    "label",
    "label_contracts",
    "leakage_report",
    "lift",
    "lift_table",
    "logrank",
    "model_card",
    "mpc",
    "panel",
    "points",
    "profit_curve",
    "remaining_life",
    "silence_limits",
    "stability_index",
    "top_decile_lift",
    "uplift",
    "weight_of_evidence",
]
