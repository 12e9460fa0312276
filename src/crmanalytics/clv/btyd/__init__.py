"""Buy-till-you-die models: one file each, one face for all."""

from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.bg_bb import BGBB
from crmanalytics.clv.btyd.bg_cnbd_k import BGCNBDk
from crmanalytics.clv.btyd.bg_nbd import BGNBD
from crmanalytics.clv.btyd.bg_nbd_covariates import BGNBDCovariates
from crmanalytics.clv.btyd.mbg_cnbd_k import MBGCNBDk
from crmanalytics.clv.btyd.mbg_nbd import MBGNBD
from crmanalytics.clv.btyd.pareto_nbd import ParetoNBD
from crmanalytics.clv.btyd.pareto_nbd_covariates import ParetoNBDCovariates

__all__ = [
    "BGBB",
    "BGNBD",
    "MBGNBD",
    "BGCNBDk",
    "BGNBDCovariates",
    "MBGCNBDk",
    "ParetoNBD",
    "ParetoNBDCovariates",
    "PurchaseModel",
]
