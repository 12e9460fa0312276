"""Profitability: where money is earned and lost, by any dimension of a log."""

from crmanalytics.profitability.allocation import CostPool, allocate
from crmanalytics.profitability.cube import cube
from crmanalytics.profitability.drill import drill_down

__all__ = ["CostPool", "allocate", "cube", "drill_down"]
