"""Customer lifetime value: who still buys, how much, and what that is worth today."""

from crmanalytics.clv.btyd import BGBB, BGNBD, MBGNBD, ParetoNBD, PurchaseModel
from crmanalytics.clv.cells import Cells, count_cells
from crmanalytics.clv.contractual import (
    BetaDiscreteWeibull,
    ContractualModel,
    ShiftedBetaGeometric,
    prediction_interval,
    retention_check,
    retention_curves,
)
from crmanalytics.clv.fit import Fit
from crmanalytics.clv.lifetime_value import lifetime_value
from crmanalytics.clv.spend import GammaGamma

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "BetaDiscreteWeibull",
    "Cells",
    "ContractualModel",
    "Fit",
    "GammaGamma",
    "ParetoNBD",
    "PurchaseModel",
    "ShiftedBetaGeometric",
    "count_cells",
    "lifetime_value",
    "prediction_interval",
    "retention_check",
    "retention_curves",
]
