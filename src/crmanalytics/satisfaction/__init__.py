"""Satisfaction: scores, indices, drivers and structural models, with their uncertainty."""

from crmanalytics.satisfaction.csat import ces, csat
from crmanalytics.satisfaction.drivers import drivers
from crmanalytics.satisfaction.nps import nps, nps_category
from crmanalytics.satisfaction.nps_intervals import nps_interval

__all__ = [
    "ces",
    "csat",
    "drivers",
    "nps",
    "nps_category",
    "nps_interval",
]
