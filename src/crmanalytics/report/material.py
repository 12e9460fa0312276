"""What a report is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.frames import Shown
from crmanalytics.transactions.units import as_day, days_per

if TYPE_CHECKING:
    import pandas as pd

    from crmanalytics.clv import Fit, GammaGamma, PurchaseModel
    from crmanalytics.rfm import Breaks
    from crmanalytics.transactions.counting import Occasion

__all__ = ["Material"]

_SCORED = (
    c.CUSTOMER_ID,
    c.FREQUENCY,
    c.RECENCY,
    c.T,
    c.DAYS_SINCE_LAST,
    c.ORDERS,
    c.TOTAL,
    c.R_SCORE,
    c.F_SCORE,
    c.M_SCORE,
    c.SEGMENT,
    c.P_ALIVE,
    c.P_ACTIVE,
    c.EXPECTED_PURCHASES,
    c.EXPECTED_SPEND,
)


@dataclass(frozen=True, eq=False, repr=False)
class Material(Shown):
    """Everything that a report shows, as the other rooms made it.

    Parameters
    ----------
    transactions : pandas.DataFrame
        The cleaned log: customer_id, date, amount.
    scored : pandas.DataFrame
        One row per customer: what ``summarize``, ``rfm.score`` and ``rfm.segment`` gave, with
        p_alive, p_active, expected_purchases, expected_spend and, where known, clv.
    purchases : Fit
        The model of purchases behind p_alive and expected_purchases, with its time unit.
    spend : Fit
        The model of spend behind expected_spend.
    breaks : Breaks
        The limits behind the scores.
    until : str
        Last day of observation, such as "1998-06-30".
    horizon : float
        How far expected purchases and clv look ahead, in the model's unit.
    check_at : str
        Day on which the model is put to the test: fitted to what was before, it forecasts what
        came after.
    discount_rate, margin : float, optional
        What clv was made with; both are needed where there is a column clv.
    cleaning : pandas.DataFrame, optional
        What cleaning removed: rule, rows, money, customers.
    occasion : {"day", "order", "row"}
        What counts as a purchase.
    currency : str
        Written before amounts of money.
    title : str
        Title of the report.

    Raises
    ------
    MissingColumnsError
        If `scored` lacks columns.
    InvalidValuesError
        If `scored` has no rows.
    ParameterError
        If a date is none, the unit is unknown, or clv comes without its rate and margin.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> scored = crm.datasets.load_cdnow_summary()
    >>> fit = crm.clv.BGNBD.fit(scored, unit="W")
    >>> spend = crm.clv.GammaGamma.fit(scored)
    >>> breaks = crm.rfm.breaks(method="fixed", cuts={"r": [30], "f": [1], "m": [50]})
    >>> try:
    ...     crm.report.Material(
    ...         transactions=crm.datasets.load_cdnow_sample(),
    ...         scored=scored,
    ...         purchases=fit,
    ...         spend=spend,
    ...         breaks=breaks,
    ...         until="1998-06-30",
    ...         horizon=52,
    ...         check_at="1997-09-30",
    ...     )
    ... except crm.errors.MissingColumnsError as error:
    ...     print(str(error)[:56])
    scored has no columns days_since_last, orders, total, r_
    """

    transactions: pd.DataFrame
    scored: pd.DataFrame
    purchases: Fit[PurchaseModel]
    spend: Fit[GammaGamma]
    breaks: Breaks
    until: str
    horizon: float
    check_at: str
    discount_rate: float | None = None
    margin: float | None = None
    cleaning: pd.DataFrame | None = None
    occasion: Occasion = "day"
    currency: str = ""
    title: str = "Customer report"

    def _told(self) -> list[str]:
        size = f"{len(self.scored):,} customers, {len(self.transactions):,} rows of the log"
        return [
            f"{self.title}: {size}, until {self.until}",
            f"{type(self.purchases.model).__name__}, looking {self.horizon:g} {self.unit} ahead",
        ]

    def __post_init__(self) -> None:
        lacking = [name for name in _SCORED if name not in self.scored.columns]
        if lacking:
            raise MissingColumnsError(f"scored has no columns {', '.join(lacking)}.")
        if not len(self.scored):
            raise InvalidValuesError("scored has no rows: there is nothing to report.")
        days_per(self.unit)
        if as_day(self.check_at, "check_at") >= as_day(self.until, "until"):
            raise ParameterError(
                f"check_at ({self.check_at}) must be before until ({self.until}): "
                "the model is tested on the days in between"
            )
        if self.has_value and (self.discount_rate is None or self.margin is None):
            raise ParameterError(
                "scored has a column clv: say which discount_rate and margin made it"
            )

    @property
    def unit(self) -> str:
        """Time unit of the model."""
        return str(self.purchases.model.unit)

    @property
    def has_value(self) -> bool:
        """Whether customers have a lifetime value."""
        return c.CLV in self.scored.columns

    @property
    def period(self) -> str:
        """Length of calendar periods that suits the log: not too many and not too few of them."""
        first = self.scored[c.FIRST_DATE].min()
        days = as_day(self.until, "until") - as_day(first, c.FIRST_DATE)
        limits = ((120, "W"), (36 * 31, "M"), (12 * 366, "Q"))
        return next((period for limit, period in limits if days <= limit), "Y")
