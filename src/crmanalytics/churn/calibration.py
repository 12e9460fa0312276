"""Whether predicted probabilities come true: Brier score, calibration table and its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.ranking import read_scored
from crmanalytics.errors import ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.inference import wilson_interval
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.churn.ranking import Ranking

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = [
    "Binning",
    "bins_of",
    "brier",
    "brier_of",
    "calibration",
    "calibration_error",
    "calibration_error_of",
]

Binning = Literal["quantile", "width"]


def brier(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> float:
    """Return the mean squared distance of predicted probabilities from what happened.

    Parameters
    ----------
    scored : DataFrame of shape (customers, ...)
        One row per customer.
    target, score, weight : str
        Columns: who churned, the probability of it, and for how many customers the row stands.

    Returns
    -------
    float
        0 is perfect; always predicting the churn rate p has p (1 - p).

    Raises
    ------
    DataError
        If columns or values are missing, or scores are no probabilities.

    References
    ----------
    Brier, G. W. (1950), "Verification of forecasts expressed in terms of probability", Monthly
    Weather Review 78(1), 1-3, for one of the two outcomes.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import brier
    >>> round(brier(pd.DataFrame({"churned": [1, 0], "churn_probability": [0.8, 0.4]})), 4)
    0.1
    """
    rows = read_scored(scored, target, score, weight, probability=True, both=False)
    return brier_of(rows.ranking())


def calibration(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    bins: int = 10,
    binning: Binning = "quantile",
    level: float = 0.95,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Compare predicted probabilities with the share that churned, group by group.

    Parameters
    ----------
    scored, target, score, weight
        As for :func:`brier`.
    bins : int
        How many groups, at most.
    binning : {"quantile", "width"}
        Groups of about equally many customers, or equally wide ranges of probability. Customers of
        equal score are never parted, and groups without customers are left out.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group by rising score: ``bin``, ``lowest`` and ``highest``
        score in it, ``customers``, ``predicted`` (mean score), ``churned``, ``observed`` (share
        that churned) with ``low`` and ``high`` (Wilson's interval, customers being independent)
        and ``gap`` (observed minus predicted). For pandas ``attrs["crmanalytics"]`` keeps the
        arguments.

    Raises
    ------
    DataError
        As for :func:`brier`.
    ParameterError
        If `bins` or `binning` is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import calibration
    >>> scored = pd.DataFrame(
    ...     {"churned": [0, 0, 1, 1], "churn_probability": [0.1, 0.3, 0.3, 0.9]}
    ... )
    >>> table = calibration(scored, bins=2, binning="width")
    >>> table[["bin", "customers", "predicted", "observed"]].round(3)
       bin  customers  predicted  observed
    0    1        3.0      0.233     0.333
    1    2        1.0      0.900     1.000
    """
    rows = read_scored(scored, target, score, weight, probability=True, both=False)
    steps = rows.ranking()
    held = np.flatnonzero(steps.size > 0)[::-1]  # by rising score, and nobody who weighs nothing
    number = bins_of(steps, bins, binning)[held]
    used, starts = np.unique(number, return_index=True)
    size, hits = (np.add.reduceat(x[held], starts) for x in (steps.size, steps.hits))
    weighed = np.add.reduceat((steps.score * steps.size)[held], starts)
    low, high = wilson_interval(hits, size, level)
    table = {
        "bin": used + 1,
        "lowest": steps.score[held][starts],
        "highest": steps.score[held][np.append(starts[1:], len(held)) - 1],
        "customers": size,
        "predicted": weighed / size,
        c.CHURNED: hits,
        "observed": hits / size,
        "low": low,
        "high": high,
        "gap": (hits - weighed) / size,
    }
    return with_parameters(
        frame_like(rows.own, table), bins=bins, binning=binning, level=level, weight=weight
    )


def calibration_error(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    bins: int = 10,
    binning: Binning = "quantile",
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> float:
    """Return the expected calibration error: how far off the groups' probabilities are on average.

    Chance alone makes it positive, the more so the more groups there are: n customers in k equal
    groups, of whom a share p churns, give a score that is right throughout an error of up to about
    ``sqrt(2 k p (1 - p) / (pi n))``. Compare it with that, or between scores on the same customers.

    Parameters
    ----------
    scored, bins, binning, target, score, weight
        As for :func:`calibration`.

    Returns
    -------
    float
        Mean over customers of the distance between predicted and observed in their group.

    Raises
    ------
    DataError, ParameterError
        As for :func:`calibration`.

    References
    ----------
    Naeini, M. P., Cooper, G. F. and Hauskrecht, M. (2015), "Obtaining well calibrated probabilities
    using Bayesian binning", Proceedings of the AAAI Conference on Artificial Intelligence 29.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import calibration_error
    >>> scored = pd.DataFrame(
    ...     {"churned": [0, 0, 1, 1], "churn_probability": [0.1, 0.3, 0.3, 0.9]}
    ... )
    >>> round(calibration_error(scored, bins=2, binning="width"), 6)
    0.1
    """
    rows = read_scored(scored, target, score, weight, probability=True, both=False)
    steps = rows.ranking()
    return calibration_error_of(steps, bins_of(steps, bins, binning))


def brier_of(steps: Ranking) -> float:
    """Return the Brier score of customers by score.

    Examples
    --------
    >>> from crmanalytics.churn.ranking import Ranking
    >>> brier_of(Ranking(np.array([0.5]), np.array([4.0]), np.array([1.0])))
    0.25
    """
    missed = steps.hits * (1.0 - steps.score) ** 2 + (steps.size - steps.hits) * steps.score**2
    return float(missed.sum()) / steps.total


def bins_of(steps: Ranking, bins: int, binning: Binning) -> Ints:
    """Return the group of each score, 0 for the lowest scores.

    Examples
    --------
    >>> from crmanalytics.churn.ranking import Ranking
    >>> steps = Ranking(np.array([0.9, 0.2, 0.1]), np.array([5.0, 2.0, 3.0]), np.zeros(3))
    >>> bins_of(steps, 2, "quantile").tolist(), bins_of(steps, 10, "width").tolist()
    ([1, 0, 0], [9, 2, 1])
    """
    if isinstance(bins, bool) or not isinstance(bins, int) or bins < 1:
        raise ParameterError(f"bins must be a whole number from 1, not {bins!r}")
    one_of("binning", binning, ("quantile", "width"))
    if binning == "width":
        place = steps.score
    else:  # by the customers below, those of equal score counting half
        place = 1.0 - (steps.reached[1:] - steps.size / 2.0) / steps.total
    # 0.7 * 10 must not fall short of 7 by a hair of floating point
    return np.clip(np.floor(np.round(place * bins, 9)), 0, bins - 1).astype(np.int64)


def calibration_error_of(steps: Ranking, number: Ints) -> float:
    """Return the expected calibration error for given groups of scores.

    Examples
    --------
    >>> from crmanalytics.churn.ranking import Ranking
    >>> steps = Ranking(np.array([0.5, 0.25]), np.array([2.0, 2.0]), np.array([1.0, 0.0]))
    >>> calibration_error_of(steps, np.array([1, 0]))
    0.125
    """
    off = np.bincount(number, steps.hits - steps.size * steps.score)
    return float(np.abs(off).sum()) / steps.total
