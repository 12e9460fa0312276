"""The best action in each state of a Markov decision process, by policy iteration."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import period_rate
from crmanalytics.clv.markov.endless import endless_value
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import NDArray

    from crmanalytics.clv.markov.chain import MarkovChain

    Floats = NDArray[np.float64]

__all__ = ["optimal_policy"]

_BETTER = 1e-12


def optimal_policy(
    actions: Mapping[str, MarkovChain], discount_rate: float, *, periods_per_year: float
) -> pd.DataFrame:
    """Say which action is best for a customer in each state, over everything that follows.

    Parameters
    ----------
    actions : mapping of str to MarkovChain
        For each action the chain that holds if it is taken in every state; all over the same
        states. Give the action to prefer among equals first.
    discount_rate : float
        Per year, above 0.
    periods_per_year : float
        12 for months.

    Returns
    -------
    pandas.DataFrame
        One row per state: state, action, value (of the best policy).

    Raises
    ------
    ParameterError
        If there is no action, the states differ, or the rate is not positive.

    References
    ----------
    Howard, R. A. (1960). Dynamic Programming and Markov Processes. MIT Press.

    Examples
    --------
    >>> from crmanalytics.clv.markov import MarkovChain
    >>> leave = MarkovChain([[0.5, 0.5], [0, 1]], [10.0, 0.0], ["buyer", "lost"])
    >>> gift = MarkovChain([[0.9, 0.1], [0, 1]], [6.0, -4.0], ["buyer", "lost"])
    >>> optimal_policy({"leave": leave, "gift": gift}, 0.1, periods_per_year=1).round(2)
       state action  value
    0  buyer   gift   33.0
    1   lost  leave    0.0
    """
    import pandas as pd

    names, chains = list(actions), list(actions.values())
    if not chains or any(chain.states != chains[0].states for chain in chains):
        raise ParameterError("actions must hold at least one chain, all over the same states")
    rate = float(period_rate(discount_rate, periods_per_year))
    if rate <= 0:
        raise ParameterError("discount_rate must be positive to compare policies without an end")
    moves = np.array([chain.matrix for chain in chains])
    rewards = np.array([chain.rewards for chain in chains])
    chosen, value = _iterate(moves, rewards, rate)
    best = [names[a] for a in chosen]
    frame = pd.DataFrame({c.STATE: chains[0].index(), "action": best, "value": value})
    return frame.reset_index(drop=True)


def _iterate(moves: Floats, rewards: Floats, rate: float) -> tuple[NDArray[np.intp], Floats]:
    """Change to a better action where there is one, until there is none."""
    states = np.arange(rewards.shape[1])
    chosen = np.zeros(len(states), dtype=np.intp)
    while True:
        value = endless_value(moves[chosen, states], rewards[chosen, states], rate)
        outlook = rewards + moves @ value / (1 + rate)
        best = outlook.argmax(axis=0)
        gain = outlook[best, states] - outlook[chosen, states]
        better = gain > _BETTER * np.abs(outlook).max()
        if not better.any():
            return chosen, value
        chosen = np.where(better, best, chosen)
