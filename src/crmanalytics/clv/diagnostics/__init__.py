"""Does a purchase model fit, and does it forecast? What happened, beside what it expected."""

from crmanalytics.clv.diagnostics.activity import activity_calibration, activity_scores
from crmanalytics.clv.diagnostics.comparison import compare
from crmanalytics.clv.diagnostics.deciles import value_by_decile
from crmanalytics.clv.diagnostics.histogram import frequency_histogram
from crmanalytics.clv.diagnostics.holdout import calibration_holdout, holdout_by_frequency
from crmanalytics.clv.diagnostics.tracking import repeat_purchases_over_time

__all__ = [
    "activity_calibration",
    "activity_scores",
    "calibration_holdout",
    "compare",
    "frequency_histogram",
    "holdout_by_frequency",
    "repeat_purchases_over_time",
    "value_by_decile",
]
