"""How much a purchase is worth: models of spending."""

from crmanalytics.clv.spend.gamma_gamma import GammaGamma
from crmanalytics.clv.spend.independence import spend_independence

__all__ = ["GammaGamma", "spend_independence"]
