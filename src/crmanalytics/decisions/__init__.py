"""Decisions: whom to do what for, from frames that the other rooms have scored."""

from crmanalytics.decisions.value_matrix import (
    STRATEGIES,
    ValueCuts,
    value_cuts,
    value_matrix,
    value_matrix_profile,
)

__all__ = ["STRATEGIES", "ValueCuts", "value_cuts", "value_matrix", "value_matrix_profile"]
