r"""How probable each number of purchases to come is, of customers who buy regularly.

In phase j a customer has made n purchases when n k - j events have passed, and n + 1 of them after
k more: the customer either stays through n purchases, with a number of events between the two, or
leaves after the n-th. Everything is a logarithm, so that no count is too improbable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.clv.special import log_beta_ratio, log_negative_binomial_tail, log_poch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["log_regular_count", "log_total"]


def log_regular_count(
    n: Floats,
    events: tuple[Floats, Floats],
    dropout: tuple[float, Floats],
    phase: int,
    *,
    k: int,
    extra: int = 0,
) -> Floats:
    """Return log P(n purchases) of customers in a phase.

    Parameters
    ----------
    n : ndarray of shape (rows,)
        Numbers of purchases.
    events : tuple of ndarray of shape (rows,)
        Shape and odds of the negative binomial number of events.
    dropout : tuple of float and ndarray of shape (rows,)
        Parameters of the beta distribution of the dropout probability.
    phase : int
        Events since the last purchase.
    k : int
        Events per purchase.
    extra : int
        1 if a customer may leave before the first of these purchases, else 0.

    Returns
    -------
    ndarray of shape (rows,)
        Log-probabilities; -inf for impossible counts.

    Examples
    --------
    >>> ones = np.ones(3)
    >>> weeks = 0.243 * ones, 39 / 4.414 * ones
    >>> random_timing = log_regular_count(np.arange(3.0), weeks, (0.793, 2.426 * ones), 0, k=1)
    >>> np.exp(random_timing).round(3).tolist()
    [0.574, 0.199, 0.085]
    """
    (shape, odds), (a, b) = events, dropout
    survived = n + extra
    last = np.maximum(survived - 1, 0)
    needed = n * k - phase
    between = needed[:, None] + np.arange(k)
    stays = _log_survival(a, b, survived) + log_total(_log_events(between, shape, odds))
    leaves = _log_survival(a, b, last) + np.log(a / (a + b + last))
    leaves = leaves + log_negative_binomial_tail(np.maximum(needed, 0), shape, odds)
    return np.logaddexp(stays, np.where(survived > 0, leaves, -np.inf))


def _log_survival(a: float, b: Floats, chances: Floats) -> Floats:
    return log_beta_ratio(np.full(b.shape, a), b, chances)


def _log_events(number: Floats, shape: Floats, odds: Floats) -> Floats:
    """Return log P(N = number) of negative binomial counts, of shape (rows, numbers)."""
    shape, odds = shape[:, None], odds[:, None]
    possible = (number == 0) | ((number > 0) & (odds > 0))
    i = np.where(possible, number, 0.0)
    some = np.where(odds > 0, odds, 1.0)
    logs = log_poch(shape, i) - log_poch(1.0, i) - i * np.log1p(1 / some) - shape * np.log1p(odds)
    return np.where(possible, logs, -np.inf)


def log_total(logs: Floats) -> Floats:
    """Return the logarithm of the sum over the last axis; -inf where all terms are.

    Examples
    --------
    >>> log_total(np.log([[1.0, 3.0]])).round(6).tolist() == np.log([4.0]).round(6).tolist()
    True
    """
    top = np.max(logs, axis=-1)
    top = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return np.asarray(top + np.log(np.exp(logs - top[..., None]).sum(axis=-1)))
