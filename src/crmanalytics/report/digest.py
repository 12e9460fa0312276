"""What a report is made of where the customers are not in memory: small tables alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmanalytics import columns as c
from crmanalytics.frames import Shown

if TYPE_CHECKING:
    import pandas as pd

    from crmanalytics.clv import Fit, GammaGamma, PurchaseModel
    from crmanalytics.rfm import Breaks
    from crmanalytics.transactions.counting import Occasion

__all__ = ["Digest", "Totals", "totals_of"]


@dataclass(frozen=True)
class Totals:
    """The base in sums.

    Parameters
    ----------
    customers, repeat, orders : int
        Customers, those of them who bought again, and purchases.
    revenue : float
        Net of refunds.
    first : str
        Day of the first purchase.
    active, purchases : float
        Expected: customers who will buy again, and purchases ahead.
    worth : float or None
        Expected value of all customers, where it is known.
    """

    customers: int
    repeat: int
    orders: int
    revenue: float
    first: str
    active: float
    purchases: float
    worth: float | None = None


def totals_of(scored: pd.DataFrame) -> Totals:
    """Sum up customers who are in memory.

    Examples
    --------
    >>> import pandas as pd
    >>> one = {"frequency": [1], "orders": [2], "total": [9.5], "first_date": ["2024-01-01"]}
    >>> ahead = {"p_active": [0.5], "expected_purchases": [3.0]}
    >>> totals_of(pd.DataFrame(one | ahead)).revenue
    9.5
    """
    return Totals(
        customers=len(scored),
        repeat=int((scored[c.FREQUENCY] > 0).sum()),
        orders=int(scored[c.ORDERS].sum()),
        revenue=float(scored[c.TOTAL].sum()),
        first=str(scored[c.FIRST_DATE].min())[:10],
        active=float(scored[c.P_ACTIVE].sum()),
        purchases=float(scored[c.EXPECTED_PURCHASES].sum()),
        worth=float(scored[c.CLV].sum()) if c.CLV in scored else None,
    )


@dataclass(frozen=True, eq=False, repr=False)
class Digest(Shown):
    """Everything that a report of customers who are not in memory shows.

    Parameters
    ----------
    totals : Totals
        The base in sums.
    profile : DataFrame
        What ``rfm.profile`` gave.
    ahead : DataFrame
        One row per segment: segment, customers, and the sums of p_active, expected_purchases and,
        where known, clv.
    grid : DataFrame
        What ``rfm.grid`` would give: frequency and recency scores, customers, sum, mean.
    best : DataFrame
        The customers of whom most is expected, the first one first.
    histogram : DataFrame
        What ``clv.diagnostics.frequency_histogram`` gave.
    names : tuple of str
        The columns of the scored table.
    rows : int
        Rows of the log that were counted.
    purchases, spend, breaks, until, horizon, discount_rate, margin, cleaning, occasion, currency, \
title
        As of :class:`Material`.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> fit = crm.clv.BGNBD.fit(crm.datasets.load_cdnow_summary(), unit="W")
    >>> nothing = pd.DataFrame()
    >>> crm.report.Digest(
    ...     totals=crm.report.Totals(2357, 946, 4814, 175_000.0, "1997-01-01", 800.0, 1500.0),
    ...     profile=nothing, ahead=nothing, grid=nothing, best=nothing, histogram=nothing,
    ...     names=("customer_id",), rows=4960, purchases=fit, spend=fit, breaks=None,
    ...     until="1997-09-30", horizon=52,
    ... )
    Customer report: 2,357 customers, 4,960 rows of the log, until 1997-09-30
    """

    totals: Totals
    profile: pd.DataFrame
    ahead: pd.DataFrame
    grid: pd.DataFrame
    best: pd.DataFrame
    histogram: pd.DataFrame
    names: tuple[str, ...]
    rows: int
    purchases: Fit[PurchaseModel]
    spend: Fit[GammaGamma]
    breaks: Breaks
    until: str
    horizon: float
    discount_rate: float | None = None
    margin: float | None = None
    cleaning: pd.DataFrame | None = None
    occasion: Occasion = "day"
    currency: str = ""
    title: str = "Customer report"

    def _told(self) -> list[str]:
        size = f"{self.totals.customers:,} customers, {self.rows:,} rows of the log"
        return [f"{self.title}: {size}, until {self.until}"]

    @property
    def unit(self) -> str:
        """Time unit of the model."""
        return str(self.purchases.model.unit)

    @property
    def has_value(self) -> bool:
        """Whether customers have a lifetime value."""
        return self.totals.worth is not None
