"""How much a purchase is worth: models of spending."""

from crmanalytics.clv.spend.gamma_gamma import GammaGamma

__all__ = ["GammaGamma"]
