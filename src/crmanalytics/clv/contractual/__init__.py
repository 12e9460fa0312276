"""Contractual customers: they renew or they leave, and either is seen."""

from crmanalytics.clv.contractual.base import ContractualModel
from crmanalytics.clv.contractual.beta_discrete_weibull import BetaDiscreteWeibull
from crmanalytics.clv.contractual.diagnostics import retention_check
from crmanalytics.clv.contractual.intervals import retention_curves
from crmanalytics.clv.contractual.shifted_beta_geometric import ShiftedBetaGeometric

__all__ = [
    "BetaDiscreteWeibull",
    "ContractualModel",
    "ShiftedBetaGeometric",
    "retention_check",
    "retention_curves",
]
