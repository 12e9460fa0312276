"""Drawing random purchase histories: the pieces that models' simulations are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Codes = NDArray[np.intp]

__all__ = ["geometric", "lifetimes", "poisson_times"]


def geometric(random: np.random.Generator, p: Floats) -> Floats:
    """Return the number of trials up to and with the first success; infinite where p is 0.

    Examples
    --------
    >>> geometric(np.random.default_rng(1), np.array([0.0, 1.0])).tolist()
    [inf, 1.0]
    """
    # 1 - random() is in (0, 1], so that the logarithm is finite
    with np.errstate(divide="ignore"):
        trials = np.floor(np.log(1 - random.random(p.shape)) / np.log1p(-p))
    return np.asarray(np.where(p > 0, np.where(p < 1, trials, 0.0), np.inf) + 1)


def lifetimes(random: np.random.Generator, leaving: Floats) -> Floats:
    """Return exponential lifetimes of given leaving rates; infinite where the rate is 0.

    Examples
    --------
    >>> weeks = lifetimes(np.random.default_rng(1), np.full(100_000, 0.1))
    >>> float(weeks.mean().round(1))
    10.0
    """
    with np.errstate(divide="ignore"):
        return np.asarray(random.exponential(size=leaving.shape) / leaving)


def poisson_times(
    random: np.random.Generator, rate: Floats, span: Floats
) -> tuple[Codes, Floats, Codes]:
    """Return the events of Poisson processes.

    Parameters
    ----------
    random : numpy.random.Generator
        Source of randomness.
    rate, span : ndarray of shape (n,)
        Each process's rate and how long it runs.

    Returns
    -------
    who : ndarray of shape (events,)
        The process of each event, ascending.
    time : ndarray of shape (events,)
        When, ascending within a process.
    rank : ndarray of shape (events,)
        How many events of the process came before.

    Examples
    --------
    >>> rate, span = np.array([0.0, 2.0]), np.array([9.0, 9.0])
    >>> who, time, rank = poisson_times(np.random.default_rng(1), rate, span)
    >>> set(who.tolist()), rank[:3].tolist(), bool((np.diff(time) > 0).all())
    ({1}, [0, 1, 2], True)
    """
    count = random.poisson(rate * span)
    who = np.repeat(np.arange(len(rate)), count)
    time = random.random(len(who)) * span[who]
    time = time[np.lexsort((time, who))]
    rank = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    return who, time, rank
