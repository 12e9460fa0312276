"""Case 5 of Berger and Nasr: customers who pause, and come back or are lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.clv.discounting.arguments import numbers, whole_periods
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["migration_counts", "migration_value"]


def migration_counts(probabilities: ArrayLike, *, periods: int, initial: float = 1.0) -> Floats:
    """Say how many of a cohort buy in each period, when customers come back after a pause: case 5.

    C_i = sum_j C_(i-j) p_j prod_{k<j} (1 - p_k): whoever bought last j periods ago returns with
    probability p_j, and is lost after as many periods as there are probabilities.

    Parameters
    ----------
    probabilities : array_like of shape (J,)
        Probability of buying now, by the number of periods 1..J since the last purchase.
    periods : int
        How many periods after the first are followed.
    initial : float
        Size of the cohort in period 0.

    Returns
    -------
    ndarray of shape (periods + 1,)
        Expected buyers per period.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Berger and Nasr (1998), case 5, after Dwyer, F. R. (1989). Customer lifetime valuation to
    support marketing decision making. Journal of Direct Marketing 3(4), 8-15.

    Examples
    --------
    >>> migration_counts([0.3, 0.2, 0.15, 0.05], periods=3, initial=1000.0).round(6)
    array([1000.,  300.,  230.,  195.])
    """
    p = np.atleast_1d(numbers("probabilities", probabilities, low=0, high=1))
    n = _finite_periods(periods)
    returning = p * _not_yet_back(p)
    counts = np.zeros(n + 1)
    counts[0] = float(numbers("initial", initial, low=0))
    for i in range(1, n + 1):
        back = min(i, p.size)
        counts[i] = counts[i - back : i][::-1] @ returning[:back]
    return counts


def _not_yet_back(p: Floats) -> Floats:
    """Return the chance to have stayed away for the j - 1 periods before the j-th."""
    return np.concatenate([[1.0], np.cumprod(1 - p)[:-1]])


def _finite_periods(periods: int) -> int:
    n = float(whole_periods("periods", periods))
    if np.isinf(n):
        raise ParameterError("periods must be finite; for no end build a chain: see MarkovChain")
    return int(n)


def migration_value(
    contribution: float,
    promotion: float,
    probabilities: ArrayLike,
    discount_rate: float,
    *,
    periods: int,
    periods_per_year: float,
) -> float:
    """Value a customer who may pause and come back: case 5.

    Parameters
    ----------
    contribution : float
        Gross contribution per period with a purchase.
    promotion : float
        Promotion cost per period and customer; it goes, in the middle of each period, to everyone
        who is not yet lost, and works on the purchases at the next period's start.
    probabilities : array_like of shape (J,)
        Probability of buying, by the number of periods 1..J since the last purchase.
    discount_rate : float
        Per year.
    periods : int
        Periods after the first.
    periods_per_year : float
        Periods per year.

    Returns
    -------
    float
        Value per customer of the cohort, today's sale included.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Berger and Nasr (1998), case 5.

    Examples
    --------
    >>> value = migration_value(
    ...     40.0, 4.0, [0.3, 0.2, 0.15, 0.05], 0.2, periods=4, periods_per_year=1
    ... )
    >>> print(f"{value:.3f}")
    52.254
    """
    p = np.atleast_1d(numbers("probabilities", probabilities, low=0, high=1))
    rate = float(numbers("discount_rate", discount_rate, above=-1))
    per_year = float(numbers("periods_per_year", periods_per_year, above=0))
    buyers = migration_counts(p, periods=periods)
    waiting = np.convolve(buyers, _not_yet_back(p))[: buyers.size - 1]
    t = np.arange(buyers.size)
    factors = (1 + rate) ** (-t / per_year)
    mailed = (1 + rate) ** (-(t[1:] - 0.5) / per_year)
    return float(contribution * (buyers @ factors) - promotion * (waiting @ mailed))
