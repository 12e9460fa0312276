"""How well a score tells churners from the others: AUC, Gini, average precision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.ranking import read_scored

if TYPE_CHECKING:
    from crmanalytics.churn.ranking import Ranking

__all__ = ["auc", "auc_of", "average_precision", "average_precision_of", "gini"]


def auc(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> float:
    """Return the chance that a churner has a higher score than a customer who stayed.

    Equal scores count half, so that a score which says nothing has 0.5.

    Parameters
    ----------
    scored : DataFrame of shape (customers, ...)
        One row per customer; the higher the score, the more likely to churn.
    target, score, weight : str
        Columns: who churned, the score, and for how many customers the row stands.

    Returns
    -------
    float
        Area under the ROC curve.

    Raises
    ------
    DataError
        If columns or values are missing, or nobody or everybody churned.

    References
    ----------
    Hanley, J. A. and McNeil, B. J. (1982), "The meaning and use of the area under a receiver
    operating characteristic (ROC) curve", Radiology 143(1), 29-36.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import auc
    >>> scored = pd.DataFrame({"churned": [1, 1, 0], "churn_probability": [0.9, 0.5, 0.5]})
    >>> auc(scored)
    0.75
    """
    return auc_of(read_scored(scored, target, score, weight).ranking())


def gini(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> float:
    """Return the Gini coefficient of a score, also called Somers' D: 0 says nothing, 1 all.

    Parameters
    ----------
    scored, target, score, weight
        As for :func:`auc`.

    Returns
    -------
    float
        2 AUC - 1.

    Raises
    ------
    DataError
        As for :func:`auc`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import gini
    >>> gini(pd.DataFrame({"churned": [1, 1, 0], "churn_probability": [0.9, 0.5, 0.5]}))
    0.5
    """
    return 2.0 * auc(scored, target=target, score=score, weight=weight) - 1.0


def average_precision(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> float:
    """Return the precision of contacting from the top, averaged over the churners found.

    It depends on the share of churners, which is what a score that says nothing has.

    Parameters
    ----------
    scored, target, score, weight
        As for :func:`auc`.

    Returns
    -------
    float
        Sum over the distinct scores of the precision down to there, times the share of the
        churners who have that score.

    Raises
    ------
    DataError
        As for :func:`auc`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import average_precision
    >>> scored = pd.DataFrame({"churned": [1, 0, 1], "churn_probability": [0.9, 0.5, 0.4]})
    >>> round(average_precision(scored), 4)
    0.8333
    """
    return average_precision_of(read_scored(scored, target, score, weight).ranking())


def auc_of(steps: Ranking) -> float:
    """Return the area under the ROC curve; missing where all outcomes are alike.

    Examples
    --------
    >>> from crmanalytics.churn.ranking import Ranking
    >>> auc_of(Ranking(np.array([0.9, 0.2]), np.array([2.0, 2.0]), np.array([2.0, 0.0])))
    1.0
    """
    churned = float(steps.found[-1])
    pairs = churned * (steps.total - churned)
    above = steps.found[:-1] + steps.hits / 2.0  # churners above each customer, equals by half
    won = float((steps.size - steps.hits) @ above)
    return won / pairs if pairs > 0 else float("nan")


def average_precision_of(steps: Ranking) -> float:
    """Return the average precision; missing where nobody churned.

    Examples
    --------
    >>> from crmanalytics.churn.ranking import Ranking
    >>> average_precision_of(Ranking(np.array([0.5]), np.array([4.0]), np.array([1.0])))
    0.25
    """
    found, reached = steps.found[1:], steps.reached[1:]
    if not found[-1] > 0:
        return float("nan")
    precision = np.divide(found, reached, out=np.zeros(len(found)), where=reached > 0)
    return float(steps.hits @ precision / found[-1])
