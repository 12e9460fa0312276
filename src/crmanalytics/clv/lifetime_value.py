"""What each customer is worth: purchases times spend times margin, at today's value."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.fit import the_model
from crmanalytics.errors import MissingColumnsError, ParameterError
from crmanalytics.frames import as_float, column_like, is_lazy
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.base import PurchaseModel
    from crmanalytics.clv.btyd.discount_plan import Timing
    from crmanalytics.clv.fit import Fit
    from crmanalytics.clv.spend import GammaGamma

    Floats = NDArray[np.float64]

__all__ = ["lifetime_value"]

_DISCOUNTED: Final = "discounted_purchases"


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
        frequency, recency, T and, for a Gamma-Gamma model, monetary_value. Of a lazy frame also
        its cells, if they have been counted already.
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
        Money at today's value, on the frame's index. For a lazy frame: the frame with ``clv``.

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
    if is_lazy(count):
        return _on_engine(count, spend, margin)
    own = nw.from_native(customers, eager_only=True)
    money = _money_per_purchase(customers, own, spend)
    values = np.asarray(count, dtype=float) * money * _margin(own, margin)
    return column_like(own, c.CLV, values)


def _on_engine(
    counted: Any,  # noqa: ANN401 - the lazy frame with discounted purchases
    spend: GammaGamma | Fit[GammaGamma] | str,
    margin: float | str,
) -> Any:  # noqa: ANN401 - the same with the value instead of them
    own = nw.from_native(counted)
    theirs = own.collect_schema().names()
    for name in (x for x in (spend, margin) if isinstance(x, str)):
        if name not in theirs:
            raise MissingColumnsError(no_column("customers", name, theirs))
    if isinstance(spend, str):
        money, helpers = nw.col(spend), [_DISCOUNTED]
    else:
        own = nw.from_native(the_model(spend).expected_spend(counted))
        money = nw.col(c.EXPECTED_SPEND)
        helpers = [_DISCOUNTED] + [x for x in (c.EXPECTED_SPEND,) if x not in theirs]
    share = nw.col(margin) if isinstance(margin, str) else nw.lit(_share(margin))
    value = nw.col(_DISCOUNTED) * money * share
    return own.with_columns(value.alias(c.CLV)).drop(helpers).to_native()


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
    return np.asarray(_share(margin))


def _share(margin: float) -> float:
    if not math.isfinite(margin):
        raise ParameterError(f"margin must be a number such as 0.3 for 30%, not {margin!r}")
    return float(margin)


def _column(own: nw.DataFrame[Any], name: str) -> Floats:
    if name not in own.columns:
        raise MissingColumnsError(no_column("customers", name, own.columns))
    values = as_float(own, name)
    if not np.isfinite(values).all():
        raise ParameterError(f"customers[{name!r}] must hold finite numbers in every row.")
    return values
