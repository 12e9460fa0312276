"""Buy-till-you-die models: one file each, one face for all."""

from crmanalytics.clv.btyd.base import PurchaseModel
from crmanalytics.clv.btyd.bg_nbd import BGNBD

__all__ = ["BGNBD", "PurchaseModel"]
