"""Surveys: from raw answers to weighted, checked and reliable tables."""

from crmanalytics.surveys.customers import per_customer
from crmanalytics.surveys.encode import encode, reverse
from crmanalytics.surveys.one_factor import OneFactor, fit_one_factor
from crmanalytics.surveys.raking import post_stratify, rake
from crmanalytics.surveys.reliability import item_statistics, reliability
from crmanalytics.surveys.shape import to_long, to_wide
from crmanalytics.surveys.weights import weight_summary

__all__ = [
    "OneFactor",
    "encode",
    "fit_one_factor",
    "item_statistics",
    "per_customer",
    "post_stratify",
    "rake",
    "reliability",
    "reverse",
    "to_long",
    "to_wide",
    "weight_summary",
]
