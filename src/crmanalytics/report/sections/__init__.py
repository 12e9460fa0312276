"""The sections of a report, in the order in which a reader asks."""

from crmanalytics.report.sections.base import activity, cohorts, concentration, headline, segments
from crmanalytics.report.sections.fit import fit
from crmanalytics.report.sections.notes import cleaning, definitions
from crmanalytics.report.sections.value import alive, top_customers, value

SECTIONS = (
    headline,
    activity,
    concentration,
    segments,
    cohorts,
    alive,
    value,
    top_customers,
    fit,
    cleaning,
    definitions,
)

__all__ = ["SECTIONS"]
