"""How customers answer to prices, as their purchases show it: discounts, and the elasticity."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import admit_eager, as_float
from crmanalytics.frames.contracts import TRANSACTIONS
from crmanalytics.frames.matching import places_of
from crmanalytics.inference import Estimates, estimate_ratios
from crmanalytics.transactions.encoding import codes_of
from crmanalytics.transactions.window import days_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.inference import Sample

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["PriceQuestions", "price_estimates"]

_ROUNDS = 10_000
_STILL = 1e-12
_FLAT = 1e-10  # variance of log prices that is rounding


@dataclass(frozen=True)
class PriceQuestions:
    """What is asked of the prices paid.

    Parameters
    ----------
    discount : float or None
        A purchase this share below the product's usual price is one at a discount.
    price_days : int or None
        Days of one period, within which units are summed for the elasticity.

    Examples
    --------
    >>> PriceQuestions(0.05, 7).wanted
    True
    """

    discount: float | None = None
    price_days: int | None = None

    def __post_init__(self) -> None:
        """Say what cannot be."""
        if self.discount is not None and not 0 < self.discount < 1:
            raise ParameterError(f"discount must lie between 0 and 1, not {self.discount!r}")
        if self.price_days is not None and not self.price_days >= 1:
            raise ParameterError(f"price_days must be 1 or more, not {self.price_days!r}")

    @classmethod
    def of(
        cls, discount: float | None, price_days: int | None, transactions: object
    ) -> PriceQuestions:
        """Return what is asked, of transactions that must be there then.

        Examples
        --------
        >>> PriceQuestions.of(None, None, None).wanted
        False
        """
        asked = cls(discount, price_days)
        if asked.wanted and transactions is None:
            raise ParameterError("discount and price_days are about transactions: give them too")
        return asked

    @property
    def wanted(self) -> bool:
        """Whether anything is asked."""
        return self.discount is not None or self.price_days is not None


@dataclass(frozen=True, eq=False)
class _Paid:
    """Purchases of known customers within a window: who, what, when, how many, for how much."""

    customer: Ints
    product: Ints
    period: Ints
    units: Floats
    price: Floats


def price_estimates(
    sample: Sample,
    log: Any,  # noqa: ANN401 - any eager frame
    window: tuple[int, int],
    questions: PriceQuestions,
    time_zone: str | None = None,
) -> dict[str, Estimates]:
    """Estimate from purchases how much customers mind prices.

    Parameters
    ----------
    sample : Sample
        One row per customer, with their groups.
    log : DataFrame
        The purchase log: ``customer_id``, ``date``, ``product_id``, ``quantity`` and ``amount``
        (money of the row, so that the price of one is amount by quantity).
    window : tuple of int
        First day, and the first day after it, as day numbers.
    questions : PriceQuestions
        What is asked.
    time_zone : str, optional
        Where calendar days are those of.

    Returns
    -------
    dict of str to Estimates
        ``bought_at_discount``: of all purchases, the share at a discount (the usual price being
        the median one that was paid for the product within the window, by anybody); customers are
        drawn. ``price_elasticity``: by how many percent fewer units are sold where the price is one
        percent higher, of the same product, given what was sold of all products in the period;
        ``n`` counts products by periods, errors let those of one product go together.

    Raises
    ------
    DataError
        If the log breaks its contract.

    Notes
    -----
    log units = product + period + elasticity * log price, by least squares; the standard error is
    that of a jackknife of products (effects of periods kept), with Student's interval on products
    less one, of those whose price varied (``n_effective``). Products that were sold in one period
    only say nothing.
    Units must be counted alike within a product: where large orders get a lower price the slope is
    that of the price list, not of customers.

    References
    ----------
    MacKinnon, J. G., Nielsen, M. O. and Webb, M. D. (2023), "Cluster-robust inference: a guide to
    empirical practice", Journal of Econometrics 232(2), 272-299, section 2.2 (the third variance).

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> days = pd.to_datetime(["2024-01-02", "2024-01-09"] * 3)
    >>> log = pd.DataFrame({"customer_id": [1, 1, 2, 2, 2, 2], "date": days})
    >>> log["product_id"], log["quantity"] = list("aabbcc"), [4, 16, 3, 3, 9, 4]
    >>> log["amount"] = log["quantity"] * [2.0, 1.0, 5.0, 5.0, 4.0, 6.0]
    >>> sample = read_sample(pd.DataFrame({"customer_id": [1, 2]}))
    >>> window = (19723, 19754)
    >>> found = price_estimates(sample, log, window, PriceQuestions(0.1, 7))
    >>> {name: each.estimate.round(2).tolist() for name, each in found.items()}
    {'bought_at_discount': [0.33], 'price_elasticity': [-2.0]}
    """
    paid = _paid(sample, log, window, questions.price_days or 1, time_zone)
    made = {}
    if questions.discount is not None:
        cheap = paid.price <= _usual(paid) * (1 - questions.discount) * (1 + 1e-12)
        size = len(sample.own)
        mine = paid.customer >= 0
        every = np.bincount(paid.customer[mine], minlength=size).astype(float)
        some = np.bincount(paid.customer[mine], weights=cheap[mine], minlength=size).astype(float)
        bought = np.where(every > 0, every, np.nan)
        share = estimate_ratios(sample, some, bought)
        # who bought nothing is not in the base, and no missing answer
        made["bought_at_discount"] = replace(share, n_missing=np.zeros_like(share.n_missing))
    if questions.price_days is not None:
        group = np.where(paid.customer >= 0, sample.groups.of_row[paid.customer], -1)
        found = [_elasticity(paid, group == k) for k in range(sample.groups.size)]
        made["price_elasticity"] = _as_estimates(np.array(found).reshape(-1, 4), sample.level)
    return made


def _paid(
    sample: Sample,
    log: Any,  # noqa: ANN401 - any eager frame
    window: tuple[int, int],
    days: int,
    time_zone: str | None,
) -> _Paid:
    wanted = [c.CUSTOMER_ID, c.DATE, c.AMOUNT, c.QUANTITY, c.PRODUCT_ID]
    own = admit_eager(log, TRANSACTIONS.requiring(wanted)).select(wanted)
    day = days_of(own, time_zone)
    amount, units = as_float(own, c.AMOUNT), as_float(own, c.QUANTITY)
    kept = (day >= window[0]) & (day < window[1]) & (amount > 0) & (units > 0)
    at = places_of(own[c.CUSTOMER_ID], sample.own[c.CUSTOMER_ID], ("transactions", "customers"))
    product = codes_of(own[c.PRODUCT_ID])
    # sums must not depend on the order of rows
    order = np.lexsort((amount, units, at, day, product))
    order = order[kept[order]]
    period = (day[order] - window[0]) // int(days)
    price = amount[order] / units[order]
    return _Paid(at[order].astype(np.int64), product[order], period, units[order], price)


def _usual(paid: _Paid) -> Floats:
    """Return the median price of the product of each purchase."""
    order = np.lexsort((paid.price, paid.product))
    _, start, place, count = np.unique(
        paid.product[order], return_index=True, return_inverse=True, return_counts=True
    )
    price = paid.price[order]
    middle = (price[start + (count - 1) // 2] + price[start + count // 2]) / 2
    found = np.empty(len(price))
    found[order] = middle[place]
    return found


def _elasticity(paid: _Paid, mine: NDArray[np.bool_]) -> tuple[float, float, float, float]:
    """Return the elasticity, its standard error, and the cells and products behind it."""
    periods = int(paid.period.max(initial=0)) + 1
    key = paid.product[mine] * periods + paid.period[mine]
    cells, place = np.unique(key, return_inverse=True)
    units = np.bincount(place, weights=paid.units[mine], minlength=len(cells))
    money = np.bincount(place, weights=(paid.units * paid.price)[mine], minlength=len(cells))
    product, period = np.divmod(cells, periods)
    price = np.log(money / units)
    several = np.bincount(product, minlength=1)[product] > 1
    price, sold = price[several], np.log(units[several])
    product, period = (
        np.unique(each[several], return_inverse=True)[1] for each in (product, period)
    )
    n = int(several.sum())
    varied = np.abs(price - _of(product, price)) > np.sqrt(_FLAT)
    products = len(np.unique(product[varied]))
    if products < 2:
        return np.nan, np.nan, n, products
    at, sold = (_without_both(each, product, period) for each in (price, sold))
    spread = float(at @ at)
    if spread < _FLAT * n:
        return np.nan, np.nan, n, products
    slope = float(at @ sold) / spread
    scores = np.bincount(product, weights=at * (sold - slope * at))
    weight = np.bincount(product, weights=at**2) / spread
    # by how much the slope would be another without each product
    moved = scores / spread / np.maximum(1 - weight, _FLAT)
    variance = float((moved**2).sum()) * (products - 1) / products
    return slope, float(np.sqrt(variance)), n, products


def _of(group: Ints, values: Floats) -> Floats:
    """Return the mean of the group of each value."""
    if not len(group):
        return values
    total = np.bincount(group, weights=values)
    return np.asarray((total / np.maximum(np.bincount(group), 1))[group])


def _without_both(values: Floats, product: Ints, period: Ints) -> Floats:
    """Take means of products and of periods off in turn, until nothing is left to take off."""
    left = values
    for _ in range(_ROUNDS):
        before = left
        left = left - _of(product, left)
        left = left - _of(period, left)
        if float(np.abs(left - before).max(initial=0.0)) < _STILL:
            break
    return left


def _as_estimates(found: Floats, level: float) -> Estimates:
    from scipy.special import stdtrit

    estimate, error, n, products = found.T
    reach = stdtrit(np.maximum(products - 1, 1), 0.5 + level / 2) * error
    nothing = np.zeros(len(n))
    return Estimates(
        estimate,
        error,
        estimate - reach,
        estimate + reach,
        n,
        products,
        nothing,
        "student, jackknife of products",
    )
