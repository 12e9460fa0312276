"""What the BG/BB model expects of the opportunities to come, as plain functions of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.clv.btyd.survival_sums import beta_nodes
from crmanalytics.clv.grouping import group_rows
from crmanalytics.clv.special import log_beta_ratio
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["log_count_probability", "probability_of_any", "survived_opportunities"]

_CHUNK = 256  # opportunities, or integrals, at a time


def _whole(horizon: ArrayLike) -> Floats:
    values = np.asarray(horizon, dtype=float)
    if (values[np.isfinite(values)] % 1 != 0).any():
        raise ParameterError(f"horizon must be a whole number of opportunities, not {horizon!r}")
    return values


def survived_opportunities(
    gamma: float, delta: Floats, horizon: ArrayLike, rate: float = 0.0
) -> Floats:
    """Return how many of the next opportunities a customer is expected to be alive at.

    Parameters
    ----------
    gamma : float
        First parameter of the distribution of dropout probabilities.
    delta : ndarray
        Its second parameter, for a customer who is alive now.
    horizon : array_like
        Opportunities ahead; infinity for all there will ever be.
    rate : float
        Continuous discount rate per opportunity: the j-th counts exp(-j rate).

    Returns
    -------
    ndarray
        Expected numbers, discounted; infinite for no horizon, no discount and gamma of at most 1.

    Examples
    --------
    >>> survived_opportunities(1.0, np.array([1.0]), 2).round(6).tolist()
    [0.833333]
    """
    delta, horizon = np.broadcast_arrays(np.asarray(delta, dtype=float), _whole(horizon))
    groups = group_rows(delta.reshape(-1), horizon.reshape(-1))
    distinct, ahead = groups.columns
    parts = [slice(i, i + _CHUNK) for i in range(0, len(distinct), _CHUNK)]
    values = [_survived(gamma, distinct[part], ahead[part], rate) for part in parts]
    return np.asarray(np.concatenate([*values, np.empty(0)])[groups.codes].reshape(delta.shape))


def _survived(gamma: float, delta: Floats, horizon: Floats, rate: float) -> Floats:
    first = delta / (gamma + delta)
    if rate == 0 and np.isinf(horizon).all():
        ever = (gamma + delta) / (gamma - 1) if gamma > 1 else np.inf
        return np.asarray(first * ever)
    lost = np.expm1(rate)
    memory = np.minimum(horizon, 1 / lost) if lost > 0 else horizon
    theta, weights, (low, high) = beta_nodes(gamma, delta + 1, gamma + delta + memory + 2)
    log_stays = np.log1p(-np.minimum(theta, 1 - 1e-16)) - rate
    inside = -np.expm1(horizon[:, None] * log_stays) / (lost + theta)
    # below the lowest node nobody leaves, above the highest everybody does
    at_zero = -np.expm1(-horizon * rate) / lost if lost > 0 else horizon
    at_one = np.where(horizon > 0, 1 / (1 + lost), 0.0)
    total = (inside * weights).sum(axis=1) + low * at_zero + high * at_one
    return np.asarray(first * total / (weights.sum(axis=1) + low + high))


def probability_of_any(
    purchase: tuple[Floats, Floats], dropout: tuple[float, Floats], horizon: ArrayLike
) -> Floats:
    """Return the probability of at least one purchase of customers who are alive now.

    It is the sum, over the opportunities, of the probability that the first purchase is there.

    Parameters
    ----------
    purchase : tuple of ndarray of shape (n,)
        Parameters of the beta distribution of purchase probabilities, as of now.
    dropout : tuple of float and ndarray of shape (n,)
        The same of dropout probabilities.
    horizon : array_like
        Opportunities ahead.

    Returns
    -------
    ndarray of shape (n,)
        Probabilities.

    Examples
    --------
    >>> purchase, dropout = (np.array([1.0]), np.array([1.0])), (1.0, np.array([1.0]))
    >>> probability_of_any(purchase, dropout, 1).tolist()
    [0.25]
    """
    (alpha, beta), (gamma, delta) = purchase, dropout
    ahead = np.broadcast_to(_whole(horizon), alpha.shape)[:, None]
    here = (alpha / (alpha + beta) * (delta / (gamma + delta)))[:, None]
    a, b, d = alpha[:, None], beta[:, None], delta[:, None]
    total = np.zeros(len(alpha))
    for start in range(1, int(ahead.max(initial=0)) + 1, _CHUNK):
        j = np.arange(start, start + _CHUNK)
        onward = (b + j - 1) / (a + b + j) * ((d + j) / (gamma + d + j))
        reached = np.cumprod(np.concatenate([here, onward], axis=1), axis=1)
        total += np.where(j <= ahead, reached[:, :-1], 0.0).sum(axis=1)
        here = reached[:, -1:]
    return total


def log_count_probability(parameters: Floats, count: Floats, horizon: Floats) -> Floats:
    """Return log P(just so many purchases at so many opportunities) of customers who are alive.

    Parameters
    ----------
    parameters : ndarray of shape (4,) or (4, rows)
        alpha, beta, gamma, delta, for new customers or as their histories have left them.
    count, horizon : ndarray of shape (rows,)
        Purchases and opportunities.

    Returns
    -------
    ndarray of shape (rows,)
        Log-probabilities; -inf for more purchases than opportunities.

    References
    ----------
    Fader, Hardie & Shang (2010), equation 8.

    Examples
    --------
    >>> even = np.ones(4)
    >>> np.exp(log_count_probability(even, np.arange(3.0), np.ones(3))).round(4).tolist()
    [0.75, 0.25, 0.0]
    """
    missed = _whole(horizon) - count
    k = np.where(missed >= 0, count, 0.0)
    alpha, beta, gamma, delta = parameters
    start = (log_beta_ratio(beta, alpha, k) + log_beta_ratio(gamma, delta, k))[:, None]
    total = np.full((len(k), 1), -np.inf)
    parameters = parameters.reshape(4, -1, 1)
    gamma, delta = parameters[2:]
    for first in range(0, int(missed.max(initial=-1)) + 1, _CHUNK):
        i = k[:, None] + np.arange(first, first + _CHUNK, dtype=float)
        onward = _log_growth(parameters, k[:, None], i)
        reached = np.cumsum(np.concatenate([start, onward], axis=1), axis=1)
        # at i opportunities with all k purchases made: dies here, or i is the last one
        dies = np.where(i < horizon[:, None], np.log(gamma / (gamma + delta + i)), -np.inf)
        ends = np.where(i == horizon[:, None], 0.0, dies)
        inside = np.logaddexp.reduce(reached[:, :-1] + ends, axis=1, keepdims=True)
        total, start = np.logaddexp(total, inside), reached[:, -1:]
    return np.where(missed >= 0, total[:, 0], -np.inf)


def _log_growth(parameters: Floats, k: Floats, i: Floats) -> Floats:
    """Return how the log-probability of k purchases, alive, grows from i opportunities to i + 1."""
    alpha, beta, gamma, delta = parameters
    orders = -np.log1p(-k / (i + 1))
    misses = -np.log1p((alpha + k) / (beta + i - k))
    return np.asarray(orders + misses - np.log1p(gamma / (delta + i)))
