"""What each customer is worth: purchases times spend times margin, at today's value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.fit import the_model
from crmanalytics.errors import MissingColumnsError, ParameterError
from crmanalytics.frames import as_float, column_like

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.base import PurchaseModel
    from crmanalytics.clv.btyd.discount_plan import Timing
    from crmanalytics.clv.fit import Fit
    from crmanalytics.clv.spend import GammaGamma

    Floats = NDArray[np.float64]

__all__ = ["lifetime_value"]


def lifetime_value(
    customers: Any,  # noqa: ANN401 - any frame in, its Series out
    purchases: PurchaseModel | Fit[PurchaseModel],
    spend: GammaGamma | Fit[GammaGamma] | str,
    *,
    horizon: float | None,
    discount_rate: float,
    margin: float | str,
    unit: str | None = None,
    timing: Timing = "continuous",
) -> Any:  # noqa: ANN401
    """Return the discounted margin to expect of each customer.

    Parameters
    ----------
    customers : DataFrame
        frequency, recency, T and, for a Gamma-Gamma model, monetary_value.
    purchases : model or Fit
        A model of purchases, such as a fitted BGNBD.
    spend : model, Fit or str
        A fitted GammaGamma, or the name of a column with the money per purchase.
    horizon : float or None
        How far to look ahead, in the frame's unit; None for ever.
    discount_rate : float
        Per year: 0.1 is 10%.
    margin : float or str
        Share of the money that is profit, or the name of a column with it.
    unit : str, optional
        The time unit (D, W, M, Y), if the model does not know it.
    timing : {"continuous", "start", "middle", "end"}
        When a purchase is paid for: when it is made, or at the start, middle or end of its unit.

    Returns
    -------
    Series
        Money at today's value, on the frame's index.

    Raises
    ------
    ParameterError
        If rate, margin, horizon or unit make no sense.
    DataError
        If the frame lacks what the models need.

    References
    ----------
    Fader, Hardie & Lee (2005), RFM and CLV: using iso-value curves for customer base analysis.
    Journal of Marketing Research 42(4), equation 1.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> customers = crm.datasets.load_cdnow_summary()
    >>> purchases = crm.clv.BGNBD.fit(customers, unit="W")
    >>> spend = crm.clv.GammaGamma.fit(customers)
    >>> value = crm.clv.lifetime_value(
    ...     customers, purchases, spend, horizon=52, discount_rate=0.10, margin=0.3
    ... )
    >>> value.round(2).head(3).to_list()
    [11.04, 1.41, 2.54]
    """
    model = the_model(purchases)
    count = model.discounted_expected_purchases(
        customers, horizon=horizon, discount_rate=discount_rate, unit=unit, timing=timing
    )
    own = nw.from_native(customers, eager_only=True)
    money = _money_per_purchase(customers, own, spend)
    values = np.asarray(count, dtype=float) * money * _margin(own, margin)
    return column_like(own, c.CLV, values)


def _money_per_purchase(
    customers: Any,  # noqa: ANN401 - any frame
    own: nw.DataFrame[Any],
    spend: GammaGamma | Fit[GammaGamma] | str,
) -> Floats:
    if isinstance(spend, str):
        return _column(own, spend)
    return np.asarray(the_model(spend).expected_spend(customers), dtype=float)


def _margin(own: nw.DataFrame[Any], margin: float | str) -> Floats:
    if isinstance(margin, str):
        return _column(own, margin)
    if not math.isfinite(margin):
        raise ParameterError(f"margin must be a number such as 0.3 for 30%, not {margin!r}")
    return np.asarray(float(margin))


def _column(own: nw.DataFrame[Any], name: str) -> Floats:
    if name not in own.columns:
        raise MissingColumnsError(f"customers has no column {name!r}.")
    values = as_float(own, name)
    if not np.isfinite(values).all():
        raise ParameterError(f"customers[{name!r}] must hold finite numbers in every row.")
    return values
