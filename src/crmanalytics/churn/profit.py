"""What a churn score is worth in money: profit of a retention campaign that follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.campaign import Campaign, beta_law, check_rate
from crmanalytics.churn.ranking import read_scored
from crmanalytics.frames import frame_like, with_parameters

if TYPE_CHECKING:
    from crmanalytics.churn.campaign import Profit

__all__ = ["empc", "expected_cost", "mpc", "profit_curve"]


def empc(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    clv: float | str,
    offer_cost: float | str,
    contact_cost: float | str,
    acceptance: tuple[float, float] = (6.0, 14.0),
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> Profit:
    """Say what a churn score is expected to earn, where nobody knows how many accept the offer.

    A campaign contacts the customers with the highest scores. Of the churners among them a share
    accepts the offer and stays; everybody else who is contacted takes the offer along, as they
    would have stayed anyway. The share is uncertain, and follows a beta distribution; for each
    value of it the best number of customers is contacted.

    A score that says nothing earns money as well, by contacting everybody. So look at
    ``over_no_model``, not at the profit alone.

    Parameters
    ----------
    scored : DataFrame of shape (customers, ...)
        One row per customer; the higher the score, the sooner contacted.
    clv : float or str
        Value of a customer who stays, in money: one number, or a column with each customer's own.
    offer_cost : float or str
        What the offer costs when it is accepted, in money.
    contact_cost : float or str
        What it costs to contact a customer, in money.
    acceptance : pair of float
        Shape (alpha, beta) of the share's distribution; the mean of the default, which is that of
        the paper, is 0.3.
    target, score, weight : str
        Columns: who churned, the score, and for how many customers the row stands.

    Returns
    -------
    Profit
        Per customer of the base.

    Raises
    ------
    DataError
        If columns or values are missing, or nobody or everybody churned.
    ParameterError
        If an amount of money is negative or a shape is not positive.

    References
    ----------
    Verbraken, T., Verbeke, W. and Baesens, B. (2013), "A novel profit maximizing metric for
    measuring classification performance of customer churn prediction models", IEEE Transactions on
    Knowledge and Data Engineering 25(5), 961-973: the average classification profit for churn and
    the expected maximum profit. The integral is taken in closed form over the corners of the convex
    hull of the ROC curve. Values of one's own for each customer replace the mean value there.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import empc
    >>> scored = pd.DataFrame({"churned": [0, 1] * 10, "churn_probability": [0.2, 0.8] * 10})
    >>> found = empc(scored, clv=200, offer_cost=10, contact_cost=1)
    >>> print(f"{found.profit:.2f} {found.target_rate:.2f} {found.over_no_model:.2f}")
    28.00 0.50 5.50
    """
    law = beta_law(acceptance)
    return _campaign(scored, (clv, offer_cost, contact_cost), target, score, weight).measure(law)


def mpc(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    clv: float | str,
    offer_cost: float | str,
    contact_cost: float | str,
    acceptance: float,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> Profit:
    """Say what a churn score earns at its best cut, when the share that accepts is known.

    Parameters
    ----------
    scored, clv, offer_cost, contact_cost, target, score, weight
        As for :func:`empc`.
    acceptance : float
        Share of the contacted churners who accept the offer and stay.

    Returns
    -------
    Profit
        Per customer of the base. If several cuts earn the same, the one with the fewest contacts.

    Raises
    ------
    DataError, ParameterError
        As for :func:`empc`.

    References
    ----------
    Verbraken et al. (2013), as for :func:`empc`: the maximum profit measure.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import mpc
    >>> scored = pd.DataFrame({"churned": [0, 1] * 10, "churn_probability": [0.2, 0.8] * 10})
    >>> found = mpc(scored, clv=200, offer_cost=10, contact_cost=1, acceptance=0.3)
    >>> print(f"{found.profit:.2f} {found.target_rate:.2f} {found.contact_all:.2f}")
    28.00 0.50 22.50
    """
    rate = check_rate(acceptance)
    return _campaign(scored, (clv, offer_cost, contact_cost), target, score, weight).best(rate)


def profit_curve(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    clv: float | str,
    offer_cost: float | str,
    contact_cost: float | str,
    acceptance: float,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Draw up what a campaign would have earned for every number of customers contacted.

    Parameters
    ----------
    scored, clv, offer_cost, contact_cost, acceptance, target, score, weight
        As for :func:`mpc`.

    Returns
    -------
    DataFrame
        Of the same kind, one row per distinct score from the highest on, after a first row in which
        nobody is contacted: ``threshold`` (contact from this score on; missing in the first row),
        ``contacted`` (customers), ``target_rate``, ``profit`` (in all), ``profit_per_customer`` (of
        the base) and ``best``, true for the row of the highest profit. For pandas
        ``attrs["crmanalytics"]`` keeps the arguments.

    Raises
    ------
    DataError, ParameterError
        As for :func:`empc`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import profit_curve
    >>> scored = pd.DataFrame({"churned": [0, 1] * 2, "churn_probability": [0.2, 0.8] * 2})
    >>> curve = profit_curve(scored, clv=200, offer_cost=10, contact_cost=1, acceptance=0.3)
    >>> curve[["threshold", "contacted", "profit", "best"]]
       threshold  contacted  profit   best
    0        NaN        0.0     0.0  False
    1        0.8        2.0   112.0   True
    2        0.2        4.0    90.0  False
    """
    rate = check_rate(acceptance)
    amounts = (clv, offer_cost, contact_cost)
    rows = read_scored(scored, target, score, weight, money=amounts)
    made = Campaign.of(rows, rows.amounts(amounts))
    earned = rate * made.benefit - made.cost
    total = float(rows.weight.sum())
    table = {
        "threshold": np.concatenate([[np.nan], rows.score[rows.starts]]),
        "contacted": made.reached * total,
        "target_rate": made.reached,
        "profit": earned * total,
        "profit_per_customer": earned,
        "best": np.arange(len(earned)) == int(np.argmax(earned)),
    }
    return with_parameters(
        frame_like(rows.own, table),
        clv=clv, offer_cost=offer_cost, contact_cost=contact_cost, acceptance=rate, weight=weight,
    )  # fmt: skip


def expected_cost(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    clv: float | str,
    offer_cost: float | str,
    contact_cost: float | str,
    acceptance: float,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> float:
    """Return the mean cost if each customer were contacted with the predicted probability.

    Unlike a maximum over cuts it judges the probabilities themselves, and changes smoothly with
    them. Less is better; a negative cost is a profit.

    Parameters
    ----------
    scored, clv, offer_cost, contact_cost, acceptance, target, score, weight
        As for :func:`mpc`; scores between 0 and 1.

    Returns
    -------
    float
        Money per customer.

    Raises
    ------
    DataError, ParameterError
        As for :func:`empc`.

    References
    ----------
    Bahnsen, A. C., Aouada, D. and Ottersten, B. (2015), "A novel cost-sensitive framework for
    customer churn predictive modeling", Decision Analytics 2:5, with the costs of Verbraken et al.
    (2013).

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import expected_cost
    >>> scored = pd.DataFrame({"churned": [0, 1], "churn_probability": [0.0, 1.0]})
    >>> expected_cost(scored, clv=200, offer_cost=10, contact_cost=1, acceptance=0.3)
    -28.0
    """
    rate, amounts = check_rate(acceptance), (clv, offer_cost, contact_cost)
    rows = read_scored(scored, target, score, weight, probability=True, money=amounts, both=False)
    value, offer, contact = rows.amounts(amounts)
    cost = np.where(rows.churned == 1, contact - rate * (value - offer), contact + offer)
    return float((rows.weight * rows.score) @ cost / rows.weight.sum())


def _campaign(
    scored: Any,  # noqa: ANN401 - any eager frame
    amounts: tuple[float | str, float | str, float | str],
    target: str,
    score: str,
    weight: str | None,
) -> Campaign:
    rows = read_scored(scored, target, score, weight, money=amounts)
    return Campaign.of(rows, rows.amounts(amounts))
