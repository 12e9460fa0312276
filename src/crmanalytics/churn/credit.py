"""What a credit score is worth in money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmanalytics import columns as c
from crmanalytics.churn.campaign import Campaign
from crmanalytics.churn.envelope import LossLaw
from crmanalytics.churn.ranking import read_scored
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from crmanalytics.churn.campaign import Profit

__all__ = ["emp_credit"]


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
    lost, earned = steps.found, steps.reached - steps.found
    made = (each / steps.total for each in (lost, roi * earned, lost + earned))
    return Campaign(*made).measure(LossLaw(no_loss, total_loss))
