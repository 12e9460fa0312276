"""Cohorts: of the customers won in one period, how many still buy in the periods after it."""

from crmanalytics.cohorts.activity import activity
from crmanalytics.cohorts.average import average_retention
from crmanalytics.cohorts.retention import retention
from crmanalytics.cohorts.survival import survival
from crmanalytics.cohorts.triangle import triangle

__all__ = ["activity", "average_retention", "retention", "survival", "triangle"]
