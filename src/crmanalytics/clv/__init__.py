"""Customer lifetime value: who still buys, how much, and what that is worth today."""

from crmanalytics.clv import diagnostics, discounting, markov
from crmanalytics.clv.bootstrap import bootstrap
from crmanalytics.clv.btyd import (
    BGBB,
    BGNBD,
    MBGNBD,
    BGCNBDk,
    BGNBDCovariates,
    MBGCNBDk,
    ParetoNBD,
    ParetoNBDCovariates,
    PurchaseModel,
)
from crmanalytics.clv.cells import Cells, count_cells
from crmanalytics.clv.contractual import (
    BetaDiscreteWeibull,
    ContractualModel,
    ShiftedBetaGeometric,
    retention_check,
    retention_curves,
)
from crmanalytics.clv.discounting import customer_equity
from crmanalytics.clv.draws import Draws
from crmanalytics.clv.fit import Fit
from crmanalytics.clv.interop import from_lifetimes
from crmanalytics.clv.interval import interval
from crmanalytics.clv.lifetime_value import lifetime_value
from crmanalytics.clv.markov import MarkovChain
from crmanalytics.clv.posterior import posterior
from crmanalytics.clv.regularity import regularity
from crmanalytics.clv.spend import GammaGamma, spend_independence

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "BGCNBDk",
    "BGNBDCovariates",
    "BetaDiscreteWeibull",
    "Cells",
    "ContractualModel",
    "Draws",
    "Fit",
    "GammaGamma",
    "MBGCNBDk",
    "MarkovChain",
    "ParetoNBD",
    "ParetoNBDCovariates",
    "PurchaseModel",
    "ShiftedBetaGeometric",
    "bootstrap",
    "count_cells",
    "customer_equity",
    "diagnostics",
    "discounting",
    "from_lifetimes",
    "interval",
    "lifetime_value",
    "markov",
    "posterior",
    "regularity",
    "retention_check",
    "retention_curves",
    "spend_independence",
]
