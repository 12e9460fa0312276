"""The value of a chain without an end: which states are worth 0, which infinity, and the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.clv.markov.exact import solve
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["endless_value"]

_CLOSED = 1e-12
_NO_GAIN = 1e-12


def endless_value(transitions: Floats, rewards: Floats, rate: float) -> Floats:
    """Return sum_{t>=0} (P / (1 + rate))^t R.

    Parameters
    ----------
    transitions : ndarray of shape (k, k)
        P.
    rewards : ndarray of shape (k,)
        R.
    rate : float
        Discount rate per period, not negative.

    Returns
    -------
    ndarray of shape (k,)
        Values by starting state; 0 where no reward can be reached, and, without discounting,
        infinite where an earning (or costing) never ends.

    Raises
    ------
    ParameterError
        If the rate is negative, or the sum neither settles nor diverges to one side.

    Examples
    --------
    >>> endless_value(np.array([[0.5]]), np.array([1.0]), 0.0)
    array([2.])
    """
    if rate < 0:
        raise ParameterError("without a horizon, discount_rate must not be negative")
    value = np.zeros(len(rewards))
    open_ = _reaches(transitions, rewards != 0)
    if rate == 0:
        gains, losses = _never_ending(transitions, rewards)
        up, down = _reaches(transitions, gains), _reaches(transitions, losses)
        if (up & down).any():
            raise ParameterError(
                "without discounting, some states lead to endless gains and to endless losses: "
                "their sum has no value. Use a positive discount_rate or a horizon."
            )
        value[up], value[down] = np.inf, -np.inf
        open_ &= ~(up | down)
    if open_.any():
        value[open_] = solve(transitions[np.ix_(open_, open_)], rewards[open_], rate)
    return value


def _reaches(transitions: Floats, goal: Mask) -> Mask:
    """Whether each state can come to one of the goals, or is one."""
    reached, moves = goal.copy(), transitions > 0
    while True:
        more = reached | moves[:, reached].any(axis=1)
        if (more == reached).all():
            return reached
        reached = more


def _never_ending(transitions: Floats, rewards: Floats) -> tuple[Mask, Mask]:
    """Return the states of closed classes that gain per period, and of those that lose."""
    from scipy.sparse.csgraph import connected_components

    n, labels = connected_components(transitions > 0, directed=True, connection="strong")
    gains, losses = np.zeros(len(rewards), dtype=bool), np.zeros(len(rewards), dtype=bool)
    for label in range(n):
        inside = labels == label
        part = transitions[np.ix_(inside, inside)]
        closed = (part.sum(axis=1) > 1 - _CLOSED).all()
        if closed and rewards[inside].any():
            mean = _mean_reward(part, rewards[inside])
            gains |= inside & (mean > 0)
            losses |= inside & (mean < 0)
    return gains, losses


def _mean_reward(part: Floats, rewards: Floats) -> float:
    """Return the long-run reward per period of a closed class."""
    size = len(rewards)
    equations = np.vstack([part.T - np.eye(size), np.ones(size)])
    stationary = np.linalg.lstsq(equations, np.append(np.zeros(size), 1.0), rcond=None)[0]
    mean = float(stationary @ rewards)
    if abs(mean) <= _NO_GAIN * np.abs(rewards).max():
        raise ParameterError(
            "without discounting, some states earn and lose in turn for ever: their sum does not "
            "settle. Use a positive discount_rate or a horizon."
        )
    return mean
