"""What a churn score is worth in money: profit of a retention campaign that follows it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.envelope import BetaLaw, Envelope, LossLaw
from crmanalytics.churn.ranking import read_scored
from crmanalytics.errors import ParameterError
from crmanalytics.frames import frame_like, with_parameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.churn.ranking import Amounts, Scored

    Floats = NDArray[np.float64]

__all__ = ["Campaign", "Profit", "emp_credit", "empc", "expected_cost", "mpc", "profit_curve"]


@dataclass(frozen=True)
class Profit:
    """What a score earns per customer of the base, beside what can be earned without it.

    Parameters
    ----------
    profit : float
        Profit per customer when the best cut of the score is chosen.
    target_rate : float
        Share of the customers to contact then.
    contact_all : float
        Profit per customer when everybody is contacted.
    without_model : float
        Profit per customer of a score that says nothing: everybody or nobody, whichever is better.
    contact_none : float
        Profit when nobody is contacted.

    Examples
    --------
    >>> found = Profit(profit=15.0, target_rate=0.6, contact_all=11.0, without_model=12.0)
    >>> found.over_all, found.over_none, found.over_no_model
    (4.0, 15.0, 3.0)
    """

    profit: float
    target_rate: float
    contact_all: float
    without_model: float
    contact_none: float = 0.0

    @property
    def over_all(self) -> float:
        """Gain over contacting everybody."""
        return self.profit - self.contact_all

    @property
    def over_none(self) -> float:
        """Gain over contacting nobody."""
        return self.profit - self.contact_none

    @property
    def over_no_model(self) -> float:
        """Gain over the better of the two: what the score itself is worth."""
        return self.profit - self.without_model


@dataclass(frozen=True, eq=False)
class Campaign:
    """Running sums, from the highest score on, of what a campaign brings and costs.

    Parameters
    ----------
    benefit, cost, reached : ndarray of shape (steps + 1,)
        Per customer of the base: ``rate * benefit - cost`` is the profit when churners accept at
        that rate; and the share of customers contacted.
    """

    benefit: Floats
    cost: Floats
    reached: Floats

    @classmethod
    def of(cls, rows: Scored, amounts: Amounts, times: Floats | None = None) -> Campaign:
        """Add up value, offers and contacts over the rows, each counted so many times."""
        clv, offer, contact = amounts
        weight = rows.weight if times is None else rows.weight * times
        saved = weight * rows.churned * (clv - offer)
        spent = weight * (contact + (1.0 - rows.churned) * offer)
        sums = (_running(rows.per_step(each)) for each in (saved, spent, weight))
        return cls(*(each / weight.sum() for each in sums))

    def measure(self, law: BetaLaw | LossLaw) -> Profit:
        """Return the expected profit of the best cuts, when acceptance follows a law."""
        ends = np.array([0, -1])
        everyone = [x[ends] for x in (self.benefit, self.cost, self.reached)]
        rate = float(law.moment(np.array([2.0]))[0])
        plain = Envelope.of(*everyone).mean(law)[0]
        profit, reached = Envelope.of(self.benefit, self.cost, self.reached).mean(law)
        return Profit(profit, reached, float(rate * self.benefit[-1] - self.cost[-1]), plain)

    def best(self, rate: float) -> Profit:
        """Return the profit of the best cut, when churners accept at one known rate."""
        earned = rate * self.benefit - self.cost
        top = int(np.argmax(earned))
        everyone = float(earned[-1])
        return Profit(float(earned[top]), float(self.reached[top]), everyone, max(everyone, 0.0))


def _running(values: Floats) -> Floats:
    return np.concatenate([[0.0], np.cumsum(values)])


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


def emp_credit(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    roi: float,
    no_loss: float,
    total_loss: float,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> Profit:
    """Say what a credit score is expected to earn by refusing loans, as a share of what is lent.

    Parameters
    ----------
    scored : DataFrame of shape (loans, ...)
        One row per loan; the higher the score, the sooner refused.
    roi : float
        Return on a loan that is paid back, as a share of it.
    no_loss, total_loss : float
        Probability that a loan in default is recovered wholly, or not at all; otherwise any share
        of it is as likely to be lost as any other.
    target, score, weight : str
        Columns: which loans went into default, the score, and a weight.

    Returns
    -------
    Profit
        Per unit of money lent; ``target_rate`` is the share of loans to refuse.

    Raises
    ------
    DataError
        As for :func:`empc`.
    ParameterError
        If the probabilities are none or exceed 1 together.

    References
    ----------
    Verbraken, T., Bravo, C., Weber, R. and Baesens, B. (2014), "Development and application of
    consumer credit scoring models using profit-based classification measures", European Journal of
    Operational Research 238(2), 505-513.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import emp_credit
    >>> loans = pd.DataFrame({"churned": [0, 1] * 10, "churn_probability": [0.2, 0.8] * 10})
    >>> print(f"{emp_credit(loans, roi=0.2644, no_loss=0.55, total_loss=0.1).profit:.4f}")
    0.1375
    """
    if min(no_loss, total_loss) < 0 or no_loss + total_loss > 1:
        raise ParameterError(
            "no_loss and total_loss must be probabilities that add up to 1 at most, not "
            f"{no_loss!r} and {total_loss!r}"
        )
    rows = read_scored(scored, target, score, weight, money=(roi,))
    steps = rows.ranking()
    lost, earned = _running(steps.hits), _running(steps.size - steps.hits)
    made = (each / steps.total for each in (lost, roi * earned, lost + earned))
    return Campaign(*made).measure(LossLaw(no_loss, total_loss))


def _campaign(
    scored: Any,  # noqa: ANN401 - any eager frame
    amounts: tuple[float | str, float | str, float | str],
    target: str,
    score: str,
    weight: str | None,
) -> Campaign:
    rows = read_scored(scored, target, score, weight, money=amounts)
    return Campaign.of(rows, rows.amounts(amounts))


def beta_law(acceptance: tuple[float, float]) -> BetaLaw:
    """Return the law of acceptance of this shape, or say why there is none.

    Examples
    --------
    >>> beta_law((6, 14))
    BetaLaw(alpha=6.0, beta=14.0)
    """
    try:
        alpha, beta = (float(each) for each in acceptance)
    except (TypeError, ValueError) as error:
        raise ParameterError(
            "acceptance must be the two shapes (alpha, beta) of a beta distribution, not "
            f"{acceptance!r}; for one known rate use mpc"
        ) from error
    if not (0 < alpha < math.inf and 0 < beta < math.inf):
        raise ParameterError(f"acceptance must be two positive numbers, not {acceptance!r}")
    return BetaLaw(alpha, beta)


def check_rate(acceptance: float) -> float:
    """Return a rate of acceptance, or say why it is none.

    Examples
    --------
    >>> check_rate(0.3)
    0.3
    """
    if isinstance(acceptance, (tuple, list)) or not 0 <= acceptance <= 1:
        raise ParameterError(f"acceptance must be a share between 0 and 1, not {acceptance!r}")
    return float(acceptance)
