"""What the Pareto/NBD model expects of the time to come, as plain functions of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import exprel

from crmanalytics.clv.log_concave import log_integral
from crmanalytics.clv.special import log1pexp, log_poch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.race import Racer

    Floats = NDArray[np.float64]

__all__ = ["discounted_lifetime", "expected_lifetime", "log_count_probability"]

_ROWS = 2048  # integrals at a time


def expected_lifetime(s: float, beta: Floats, horizon: Floats) -> Floats:
    """Return how much of the horizon a customer is expected to live.

    Parameters
    ----------
    s : float
        Shape of the distribution of death rates.
    beta : ndarray
        Its rate, for a customer who is alive now.
    horizon : ndarray
        Time ahead.

    Returns
    -------
    ndarray
        Expected time alive within the horizon; also at s = 1, where the usual form divides by 0.

    Examples
    --------
    >>> float(expected_lifetime(1.0, np.array([2.0]), np.array([2.0]))[0].round(6))
    1.386294
    """
    grown = np.log1p(horizon / beta)
    return np.asarray(beta * grown * exprel((1 - s) * grown))


def discounted_lifetime(s: float, beta: Floats, horizon: float, rate: float) -> Floats:
    """Return the expected time alive within the horizon, discounted continuously.

    Parameters
    ----------
    s : float
        Shape of the distribution of death rates.
    beta : ndarray
        Its rate, for a customer who is alive now.
    horizon : float
        Time ahead; infinity for a whole life.
    rate : float
        Continuous discount rate per unit of time; at 0 a whole life may be infinite.

    Returns
    -------
    ndarray
        Discounted time alive.

    Examples
    --------
    >>> weeks = discounted_lifetime(0.606, np.array([11.669]), np.inf, 0.0027)
    >>> weeks.round(2).tolist()
    [75.65]
    """
    if rate == 0 and np.isinf(horizon):
        return beta / (s - 1) if s > 1 else np.full(beta.shape, np.inf)
    if rate == 0:
        return expected_lifetime(s, beta, np.asarray(horizon))
    distinct, codes = np.unique(beta, return_inverse=True)
    parts = np.array_split(distinct, len(distinct) // _ROWS + 1)
    values = np.concatenate([_discounted(s, part, horizon, rate) for part in parts])
    return np.asarray(values[codes].reshape(beta.shape))


def _discounted(s: float, beta: Floats, horizon: float, rate: float) -> Floats:
    # time is beta (e^v - 1); beyond `end` the discount leaves less than rounding
    z = rate * beta
    rise = max(0.0, 1 - s) * np.maximum(0.0, np.log(45 / z))
    end = np.log1p(np.minimum(horizon / beta, (45 + rise) / z))
    fall = s - 1 + z
    end = np.minimum(end, 42 / np.maximum(fall, 1e-3))
    total = log_integral(
        lambda v: (1 - s) * v - z * np.expm1(v),
        lambda v: (1 - s) - z * np.exp(v),
        np.zeros_like(end),
        end,
    )
    return np.asarray(beta * np.exp(total))


def log_count_probability(n: Floats, horizon: Floats, purchase: Racer, death: Racer) -> Floats:
    """Return log P(n purchases within the horizon) of customers alive at its start.

    Either a customer lives through the horizon and buys n times, or dies at some time within,
    having bought n times before: the integral over that time has a concave logarithm in log-time.

    Parameters
    ----------
    n, horizon : ndarray of shape (rows,)
        Counts and times.
    purchase, death : Racer
        Shapes and rates of the distributions of purchase rates and death rates.

    Returns
    -------
    ndarray
        Log-probabilities; -inf for impossible counts.

    Examples
    --------
    >>> from crmanalytics.clv.btyd.race import Racer
    >>> counts, year = np.arange(3.0), np.full(3, 52.0)
    >>> cdnow = log_count_probability(counts, year, Racer(0.553, 10.578), Racer(0.606, 11.669))
    >>> np.exp(cdnow).round(4).tolist()
    [0.5739, 0.1605, 0.0817]
    """
    columns = np.broadcast_arrays(n, horizon, *purchase, *death)
    out = np.where(n > 0, -np.inf, 0.0)
    rows = np.flatnonzero(horizon > 0)
    for start in range(0, len(rows), _ROWS):
        now = rows[start : start + _ROWS]
        out[now] = _log_count(*(column[now] for column in columns))
    return out


def _log_count(*columns: Floats) -> Floats:
    n, t, r, alpha, s, beta = columns
    ways = log_poch(r, n) - log_poch(1.0, n)

    def bought(y: Floats) -> Floats:
        v = y - np.log(alpha)
        return -n * log1pexp(-v) - r * log1pexp(v)

    def log_density(y: Floats) -> Floats:
        dies = y - np.log(beta) - (s + 1) * log1pexp(y - np.log(beta))
        return np.asarray(bought(y) + dies)

    def slope(y: Floats) -> Floats:
        u = np.exp(y)
        return np.asarray((n * alpha - r * u) / (alpha + u) + 1 - (s + 1) * (u / (beta + u)))

    end = np.log(t)
    # far below every scale of the integrand, where it falls at least as fast as time itself
    start = np.minimum(end, np.log(np.minimum(alpha / (r + n + 1), beta / (s + 1)))) - 60
    died = np.log(s) + log_integral(log_density, slope, start, end)
    lives = bought(end) - s * np.log1p(t / beta)
    return ways + np.logaddexp(lives, died)
