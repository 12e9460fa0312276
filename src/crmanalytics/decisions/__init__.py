"""Decisions: whom to do what for, from frames that the other rooms have scored."""

from crmanalytics.decisions.axis import Axis, learn_axis
from crmanalytics.decisions.break_even import break_even_probability
from crmanalytics.decisions.growth import customer_growth, share_of_wallet
from crmanalytics.decisions.portfolio import (
    CHURN_RULES,
    GROWTH_RULES,
    SATISFACTION_RULES,
    WALLET_RULES,
    churn_risk_matrix,
    growth_portfolio,
    satisfaction_matrix,
    wallet_matrix,
)
from crmanalytics.decisions.regain import RegainModel, learn_regain
from crmanalytics.decisions.retention_plan import retention_plan, retention_summary
from crmanalytics.decisions.scorecard import scorecard
from crmanalytics.decisions.sensitivity import compare_weights, core_probability, weight_sensitivity
from crmanalytics.decisions.size_and_score import SIZE_RULES, size_and_score, size_matrix
from crmanalytics.decisions.two_way import priority_list, two_way, two_way_profile
from crmanalytics.decisions.value_matrix import (
    STRATEGIES,
    ValueCuts,
    value_cuts,
    value_matrix,
    value_matrix_profile,
)
from crmanalytics.decisions.winning_back import APPROACHES, second_lifetime_value, win_back

__all__ = [
    "APPROACHES",
    "CHURN_RULES",
    "GROWTH_RULES",
    "SATISFACTION_RULES",
    "SIZE_RULES",
    "STRATEGIES",
    "WALLET_RULES",
    "Axis",
    "RegainModel",
    "ValueCuts",
    "break_even_probability",
    "churn_risk_matrix",
    "compare_weights",
    "core_probability",
    "customer_growth",
    "growth_portfolio",
    "learn_axis",
    "learn_regain",
    "priority_list",
    "retention_plan",
    "retention_summary",
    "satisfaction_matrix",
    "scorecard",
    "second_lifetime_value",
    "share_of_wallet",
    "size_and_score",
    "size_matrix",
    "two_way",
    "two_way_profile",
    "value_cuts",
    "value_matrix",
    "value_matrix_profile",
    "wallet_matrix",
    "weight_sensitivity",
    "win_back",
]
