"""Composite indices: many indicators in one number, with what the choices do to it."""

from crmanalytics.satisfaction.composite.choices import CompositeChoices
from crmanalytics.satisfaction.composite.plan import CompositePlan, composite_plan
from crmanalytics.satisfaction.composite.scoring import composite_index, composite_weights
from crmanalytics.satisfaction.composite.uncertainty import (
    composite_sensitivity,
    composite_uncertainty,
)

__all__ = [
    "CompositeChoices",
    "CompositePlan",
    "composite_index",
    "composite_plan",
    "composite_sensitivity",
    "composite_uncertainty",
    "composite_weights",
]
