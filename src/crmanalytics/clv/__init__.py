"""Customer lifetime value: who still buys, how much, and what that is worth today."""

from crmanalytics.clv.btyd import BGNBD, PurchaseModel
from crmanalytics.clv.cells import Cells, count_cells
from crmanalytics.clv.fit import Fit

__all__ = ["BGNBD", "Cells", "Fit", "PurchaseModel", "count_cells"]
