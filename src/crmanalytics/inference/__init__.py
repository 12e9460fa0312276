"""Uncertainty: intervals of estimates and of functions of estimates."""

from crmanalytics.inference.intervals import (
    check_level,
    delta_standard_errors,
    log_interval,
    normal_interval,
)
from crmanalytics.inference.proportions import wilson_interval

__all__ = [
    "check_level",
    "delta_standard_errors",
    "log_interval",
    "normal_interval",
    "wilson_interval",
]
