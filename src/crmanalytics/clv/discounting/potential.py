"""Potential profits, source by source: cross-selling, a larger share of wallet, referrals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers
from crmanalytics.clv.discounting.tables import (
    CUSTOMER_ROWS,
    admit_sorted,
    customer_codes,
    per_customer,
    whole_horizon,
)
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import Column, Contract, Kind, as_float, as_numpy
from crmanalytics.frames.eager import admit_eager, frame_like

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["cross_selling_profits", "growth_profits", "referral_profits"]

_ADOPTIONS: Final = Contract(
    frame="probabilities",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER),
        Column(c.PRODUCT_ID, Kind.IDENTIFIER),
        Column(c.PROBABILITY, Kind.NUMBER, low=0, high=1),
        Column(c.STANDARD_ERROR, Kind.NUMBER, required=False, low=0),
    ),
    names_row_by=c.CUSTOMER_ID,
)
_PRODUCTS: Final = Contract(
    frame="products",
    columns=(
        Column(c.PRODUCT_ID, Kind.IDENTIFIER),
        Column(c.REVENUE, Kind.NUMBER, low=0),
        Column("margin", Kind.NUMBER, high=1),
    ),
    names_row_by=c.PRODUCT_ID,
    unique=(c.PRODUCT_ID,),
)
_WALLETS: Final = Contract(
    frame="wallets",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER),
        Column(c.SPEND, Kind.NUMBER, low=0),
        Column(c.WALLET, Kind.NUMBER, low=0),
        Column(c.STANDARD_ERROR, Kind.NUMBER, required=False, low=0),
    ),
    names_row_by=c.CUSTOMER_ID,
    unique=(c.CUSTOMER_ID,),
)
_ALMOST_SURE: Final = 1 - 1e-12


def _long(
    own: nw.DataFrame[Any], customers: NDArray[Any], columns: dict[str, Floats], periods: int
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Return grids of customers x periods as a long frame sorted by both."""
    ids = {
        c.CUSTOMER_ID: np.repeat(customers, periods),
        c.PERIOD: np.tile(np.arange(periods), len(customers)),
    }
    return frame_like(own, ids | {name: grid.ravel() for name, grid in columns.items()})


def _errors(own: nw.DataFrame[Any]) -> Floats:
    if c.STANDARD_ERROR in own.columns:
        return as_float(own, c.STANDARD_ERROR)
    return np.zeros(len(own))


def cross_selling_profits(
    probabilities: Any,  # noqa: ANN401 - any frame that narwhals knows
    products: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    periods: int,
    within: float,
    retention: float | str,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Say what further products will earn per period: probability x margin, as adoption proceeds.

    A customer who adopts with probability a within H periods has adopted by the end of period t
    with probability 1 - (1 - a)^((t + 1) / H): a steady hazard.

    Parameters
    ----------
    probabilities : DataFrame
        One row per customer and product not owned: customer_id, product_id, probability, and
        standard_error if known; see :func:`adoption_probabilities`.
    products : DataFrame
        One row per product: product_id, revenue (money per period from a customer who owns it),
        margin (share of the revenue; 0.3 is thirty percent).
    periods : int
        How many periods to plan.
    within : float
        In how many periods the probabilities hold (H): the time between ``ownership`` and
        ``later``, for example.
    retention : float or str
        Probability of staying a customer from one period to the next; a number, or the name of a
        column of `probabilities`.

    Returns
    -------
    DataFrame
        One row per customer and period: customer_id, period, revenue, profit, standard_error (of
        the profit, from that of the probabilities, whose errors are independent between
        products).

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If a frame breaks its contract, or a product has no price.
    ParameterError
        If an argument is out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> chances = pd.DataFrame(
    ...     {"customer_id": [1, 1], "product_id": ["card", "loan"], "probability": [0.5, 0.2]}
    ... )
    >>> prices = pd.DataFrame(
    ...     {"product_id": ["card", "loan"], "revenue": [10.0, 100.0], "margin": [0.4, 0.3]}
    ... )
    >>> cross_selling_profits(chances, prices, periods=2, within=1, retention=1.0).round(2)
       customer_id  period  revenue  profit  standard_error
    0            1       0     25.0     8.0             0.0
    1            1       1     43.5    13.8             0.0
    """
    own = _by_product(admit_eager(probabilities, _ADOPTIONS))
    horizon, span = whole_horizon(periods), float(numbers("within", within, above=0))
    revenue, margin = _prices(own, admit_eager(products, _PRODUCTS))
    codes, customers = customer_codes(own)
    stay = per_customer(own, "retention", retention, low=0, high=1)
    chance = as_float(own, c.PROBABILITY)
    error = _errors(own)
    grids = {name: np.zeros((len(customers), horizon)) for name in (c.REVENUE, c.PROFIT, "spread")}
    for t in range(horizon):
        k = (t + 1) / span
        refuse = np.minimum(chance, _ALMOST_SURE)
        adopted = np.where(chance == 1, 1.0, -np.expm1(k * np.log1p(-refuse))) * stay**t
        slope = k * np.exp((k - 1) * np.log1p(-refuse)) * stay**t
        earned = revenue * adopted
        for name, values in (
            (c.REVENUE, earned),
            (c.PROFIT, earned * margin),
            ("spread", (revenue * margin * slope * error) ** 2),
        ):
            grids[name][:, t] = np.bincount(codes, weights=values, minlength=len(customers))
    grids[c.STANDARD_ERROR] = np.sqrt(grids.pop("spread"))
    return _long(own, customers, grids, horizon)


def _by_product(own: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Sort the rows, so that their order has no effect on a sum's last digit."""
    try:
        ordered = own.sort(c.CUSTOMER_ID, c.PRODUCT_ID)
    except TypeError as error:
        raise InvalidValuesError(
            "customer_id or product_id holds values of several kinds that cannot be sorted"
        ) from error
    ids = ordered.select(c.CUSTOMER_ID, c.PRODUCT_ID)
    repeated = len(ids) - len(ids.unique())
    if repeated:
        raise InvalidValuesError(
            f"probabilities must hold one row per customer and product: {repeated:,} rows repeat. "
            "Keep one of each, or the product would count twice."
        )
    return ordered


def _prices(own: nw.DataFrame[Any], products: nw.DataFrame[Any]) -> tuple[Floats, Floats]:
    """Return revenue and margin of each row's product."""
    import pandas as pd

    index = pd.Index(as_numpy(products, c.PRODUCT_ID))
    place = index.get_indexer(pd.Index(as_numpy(own, c.PRODUCT_ID)))
    if (place < 0).any():
        unknown = sorted({str(x) for x in as_numpy(own, c.PRODUCT_ID)[place < 0]})
        raise InvalidValuesError(
            f"products has no row for {len(unknown)} products of probabilities "
            f"(first: {', '.join(unknown[:3])}). Add their revenue and margin."
        )
    return as_float(products, c.REVENUE)[place], as_float(products, "margin")[place]


def growth_profits(
    wallets: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    achievable_share: float | str,
    margin: float | str,
    speed: float | str,
    periods: int,
    retention: float | str,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Say what growing towards the achievable share of wallet will earn per period.

    The gap is achievable_share x wallet - spend, or 0; in each period the part `speed` of what is
    left of it closes, so that by period t the part 1 - (1 - speed)^(t + 1) is closed.

    Parameters
    ----------
    wallets : DataFrame
        One row per customer: customer_id, spend (money per period, here), wallet (money per
        period, here or elsewhere), and standard_error (of the wallet) if known; see
        :func:`wallet_size`.
    achievable_share : float or str
        Share of the wallet that can be won, 0 to 1; a number, or the name of a column.
    margin : float or str
        Share of the revenue that is left; a number, or the name of a column.
    speed : float or str
        Part of the remaining gap that closes per period, 0 to 1.
    periods : int
        How many periods to plan.
    retention : float or str
        Probability of staying a customer from one period to the next.

    Returns
    -------
    DataFrame
        One row per customer and period: customer_id, period, revenue, profit, standard_error (of
        the profit, from that of the wallet).

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the frame breaks its contract.
    ParameterError
        If an argument is out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> wallets = pd.DataFrame({"customer_id": [1], "spend": [40.0], "wallet": [200.0]})
    >>> growth_profits(
    ...     wallets, achievable_share=0.5, margin=0.3, speed=0.5, periods=2, retention=1.0
    ... )
       customer_id  period  revenue  profit  standard_error
    0            1       0     30.0     9.0             0.0
    1            1       1     45.0    13.5             0.0
    """
    own = admit_sorted(wallets, _WALLETS)
    horizon = whole_horizon(periods)
    share = per_customer(own, "achievable_share", achievable_share, low=0, high=1)
    rate = per_customer(own, "margin", margin, high=1)
    closing = per_customer(own, "speed", speed, low=0, high=1)
    stay = per_customer(own, "retention", retention, low=0, high=1)
    gap = np.maximum(share * as_float(own, c.WALLET) - as_float(own, c.SPEND), 0.0)
    t = np.arange(horizon)
    path = (1 - (1 - closing[:, None]) ** (t + 1)) * stay[:, None] ** t
    revenue = gap[:, None] * path
    error = np.where(gap > 0, np.abs(rate) * share * _errors(own), 0.0)
    grids = {
        c.REVENUE: revenue,
        c.PROFIT: revenue * rate[:, None],
        c.STANDARD_ERROR: error[:, None] * path,
    }
    return _long(own, as_numpy(own, c.CUSTOMER_ID), grids, horizon)


def referral_profits(
    rates: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    value_of_referred: float | str,
    incremental: float | str,
    periods: int,
    retention: float | str,
    rate: str = "rate",
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Say what customers won by recommendation will be worth, in the periods of their joining.

    Only customers who are not in the base yet count: those referred in the past have rows of
    their own. See :func:`attribute_referrals` to credit a referrer with a part of those.

    Parameters
    ----------
    rates : DataFrame
        One row per customer: customer_id, rate (new customers referred per period), and
        standard_error (of the rate) if known; see :func:`referral_rates`.
    value_of_referred : float or str
        Lifetime value of a referred customer at joining, net of rewards and without what he in
        turn refers; a number, or the name of a column.
    incremental : float or str
        Share of the referred who would not have come anyway, 0 to 1.
    periods : int
        How many periods to plan.
    retention : float or str
        Probability that the referrer stays from one period to the next.
    rate : str
        The frame's name of the rate.

    Returns
    -------
    DataFrame
        One row per customer and period: customer_id, period, referred (expected new customers who
        would not have come anyway), profit, standard_error.

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the frame breaks its contract.
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Kumar, V., Petersen, J. A. and Leone, R. P. (2010). Driving profitability by encouraging
    customer referrals. Journal of Marketing 74(5), 1-17.

    Examples
    --------
    >>> import pandas as pd
    >>> rates = pd.DataFrame({"customer_id": [1], "rate": [0.2]})
    >>> referral_profits(
    ...     rates, value_of_referred=100.0, incremental=0.5, periods=2, retention=0.5
    ... )
       customer_id  period  referred  profit  standard_error
    0            1       0      0.10    10.0             0.0
    1            1       1      0.05     5.0             0.0
    """
    own = admit_sorted(rates, CUSTOMER_ROWS)
    horizon = whole_horizon(periods)
    per_period = per_customer(own, "rate", rate, low=0)
    value = per_customer(own, "value_of_referred", value_of_referred)
    new = per_customer(own, "incremental", incremental, low=0, high=1)
    stay = per_customer(own, "retention", retention, low=0, high=1)
    path = new[:, None] * stay[:, None] ** np.arange(horizon)
    grids = {
        c.REFERRED: per_period[:, None] * path,
        c.PROFIT: (per_period * value)[:, None] * path,
        c.STANDARD_ERROR: (numbers(c.STANDARD_ERROR, _errors(own), low=0) * np.abs(value))[:, None]
        * path,
    }
    return _long(own, as_numpy(own, c.CUSTOMER_ID), grids, horizon)
