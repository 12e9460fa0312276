"""From which probability of churn on it pays to make an offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.clv.discounting.arguments import numbers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["break_even_probability"]


def break_even_probability(
    *,
    clv: ArrayLike,
    offer_cost: ArrayLike,
    contact_cost: ArrayLike,
    acceptance: ArrayLike,
    stayers: ArrayLike = 1.0,
) -> Floats:
    """Say from which probability of churn on a customer should get a retention offer.

    A customer who would leave accepts with some probability and then stays; one who would have
    stayed anyway takes the offer along.

    Parameters
    ----------
    clv : array_like
        Value of a customer who stays, in money: a number, or one per customer.
    offer_cost : array_like
        What the offer costs when it is taken, in money.
    contact_cost : array_like
        What it costs to contact a customer, in money.
    acceptance : array_like
        Probability that a customer who would leave accepts, and stays.
    stayers : array_like
        Probability that a customer who would stay takes the offer.

    Returns
    -------
    ndarray of float64
        The probability, of the arguments' common shape: above 1 where it never pays, infinite
        where it does the less the likelier the customer is to leave.

    Raises
    ------
    ParameterError
        If an amount of money is negative, or a probability is none.

    References
    ----------
    Verbeke, W., Dejaeger, K., Martens, D., Hur, J. and Baesens, B. (2012), "New insights into churn
    prediction in the telecommunication sector: a profit driven data mining approach", European
    Journal of Operational Research 218(1), 211-229: the profit of contacting a customer, solved
    for the probability at which it is 0.

    Examples
    --------
    >>> at = break_even_probability(
    ...     clv=[50, 200, 1000], offer_cost=10, contact_cost=1, acceptance=0.3
    ... )
    >>> at.round(4).tolist()
    [0.5, 0.1642, 0.0358]
    """
    value = numbers("clv", clv, low=0)
    offer = numbers("offer_cost", offer_cost, low=0)
    contact = numbers("contact_cost", contact_cost, low=0)
    accept = numbers("acceptance", acceptance, low=0, high=1)
    taken = numbers("stayers", stayers, low=0, high=1)
    given_away = contact + taken * offer
    worth = accept * (value - offer) + taken * offer
    given_away, worth = np.broadcast_arrays(given_away, worth)
    never = np.where((given_away > 0) | (worth < 0), np.inf, 0.0)
    return np.asarray(np.divide(given_away, worth, out=never, where=worth > 0))
