"""Composite indices: many indicators in one number, with what the choices do to it."""

from crmanalytics.satisfaction.composite.plan import CompositePlan, composite_plan
from crmanalytics.satisfaction.composite.scoring import composite_index, composite_weights

__all__ = ["CompositePlan", "composite_index", "composite_plan", "composite_weights"]
