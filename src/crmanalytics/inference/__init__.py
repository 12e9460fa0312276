"""Uncertainty: intervals of estimates and of functions of estimates; estimates of surveys.

For a result of a survey see :mod:`crmanalytics.inference.tidy`, which says how one is written.
"""

from crmanalytics.inference.design import Design, read_design
from crmanalytics.inference.estimates import (
    Estimates,
    effective_size,
    estimate_means,
    estimate_proportions,
    estimate_ratios,
    influence_of_means,
    student_interval,
)
from crmanalytics.inference.groups import Groups, label_codes, row_groups
from crmanalytics.inference.intervals import (
    check_level,
    delta_standard_errors,
    log_interval,
    normal_interval,
    normal_quantile,
)
from crmanalytics.inference.multiplicity import adjust_p_values
from crmanalytics.inference.proportions import (
    proportion_interval,
    shrunk_for_design,
    wilson_interval,
)
from crmanalytics.inference.resampling import (
    bootstrap_interval,
    bootstrap_means,
    bootstrap_spread,
    redrawn_rows,
)
from crmanalytics.inference.sample import Sample, names_of, read_sample
from crmanalytics.inference.survival import kaplan_meier_estimate
from crmanalytics.inference.tidy import TIDY, tidy, tidy_table

__all__ = [
    "TIDY",
    "Design",
    "Estimates",
    "Groups",
    "Sample",
    "adjust_p_values",
    "bootstrap_interval",
    "bootstrap_means",
    "bootstrap_spread",
    "check_level",
    "delta_standard_errors",
    "effective_size",
    "estimate_means",
    "estimate_proportions",
    "estimate_ratios",
    "influence_of_means",
    "kaplan_meier_estimate",
    "label_codes",
    "log_interval",
    "names_of",
    "normal_interval",
    "normal_quantile",
    "proportion_interval",
    "read_design",
    "read_sample",
    "redrawn_rows",
    "row_groups",
    "shrunk_for_design",
    "student_interval",
    "tidy",
    "tidy_table",
    "wilson_interval",
]
