"""A Markov chain of customer states with money attached: its value, and where customers go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers, period_rate, whole_periods
from crmanalytics.clv.markov.endless import endless_value
from crmanalytics.clv.markov.exact import finite_sum
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Shown
from crmanalytics.persistence import register, save

if TYPE_CHECKING:
    import os
    from collections.abc import Hashable, Sequence
    from pathlib import Path

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["MarkovChain", "check_transitions"]

_ROUNDING = 1e-9


def check_transitions(transitions: ArrayLike) -> Floats:
    """Return a transition matrix, or say which rows are no probabilities.

    Rows may sum to less than 1: the rest are customers lost for good.

    Examples
    --------
    >>> check_transitions([[0.9, 0.1], [0, 1]])
    array([[0.9, 0.1],
           [0. , 1. ]])
    """
    matrix = numbers("transitions", transitions, low=0)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ParameterError(f"transitions must be a square matrix, not of shape {matrix.shape}")
    sums = matrix.sum(axis=1)
    bad = np.flatnonzero(sums > 1 + _ROUNDING)
    if bad.size:
        first = ", ".join(f"row {i}: {sums[i]:.6g}" for i in bad[:3])
        raise ParameterError(
            f"transitions must have rows that sum to at most 1; {bad.size} do not ({first}). "
            "Rows are where a customer comes from, columns where he goes."
        )
    return matrix


def _plain(state: Hashable) -> Hashable:
    """Return numpy's numbers as Python's, so that a chain can be saved and compared."""
    return state.item() if isinstance(state, np.generic) else state


@register("clv.MarkovChain")
@dataclass(frozen=True, repr=False)
class MarkovChain(Shown):
    """States that customers move between once per period, and what each state earns.

    Parameters
    ----------
    transitions : array_like of shape (k, k)
        ``transitions[i][j]`` is the probability to be in state j one period after state i. A row
        may sum to less than 1; the rest are customers lost for good.
    rewards : array_like of shape (k,)
        Money earned, at the start of a period, in each state.
    states : sequence of hashable, optional
        Names of the states; 0, 1, ... by default.

    Raises
    ------
    ParameterError
        If the rows are no probabilities or the lengths differ.

    References
    ----------
    Pfeifer, P. E. and Carraway, R. L. (2000). Modeling customer relationships as Markov chains.
    Journal of Interactive Marketing 14(2), 43-55.

    Examples
    --------
    >>> chain = MarkovChain([[0.8, 0.2], [0.1, 0.9]], [100.0, 10.0], ["active", "asleep"])
    >>> chain.value(0.1, periods_per_year=1).round(2)
    state
    active    605.0
    asleep    357.5
    Name: value, dtype: float64
    """

    transitions: tuple[tuple[float, ...], ...]
    rewards: tuple[float, ...]
    states: tuple[Hashable, ...]

    def __init__(
        self,
        transitions: ArrayLike,
        rewards: ArrayLike,
        states: Sequence[Hashable] | None = None,
    ) -> None:
        matrix = check_transitions(transitions)
        reward = np.atleast_1d(numbers("rewards", rewards))
        names = tuple(_plain(s) for s in (range(len(matrix)) if states is None else states))
        if reward.shape != (len(matrix),) or len(names) != len(matrix):
            raise ParameterError(
                f"transitions has {len(matrix)} states, rewards {reward.size}, states {len(names)}"
            )
        if len(set(names)) != len(names):
            raise ParameterError("states must have different names")
        object.__setattr__(self, "transitions", tuple(tuple(map(float, row)) for row in matrix))
        object.__setattr__(self, "rewards", tuple(map(float, reward)))
        object.__setattr__(self, "states", names)

    def _told(self) -> list[str]:
        return [f"MarkovChain of {len(self.states)} states: chance to go from one to the next"]

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        names = self.index()
        moves = pd.DataFrame(self.matrix, index=names, columns=names)
        return {"": moves.assign(reward=self.rewards)}

    @property
    def matrix(self) -> Floats:
        """The transition matrix as an array of shape (k, k).

        Examples
        --------
        >>> MarkovChain([[0.3, 0.7], [0.0, 1.0]], [40, 0]).matrix
        array([[0.3, 0.7],
               [0. , 1. ]])
        """
        return np.array(self.transitions)

    def value(
        self, discount_rate: float, *, periods_per_year: float, horizon: int | None = None
    ) -> pd.Series[float]:
        """Say what a customer is worth who is now in each of the states.

        V = sum_{t=0..horizon} (P / (1 + d))^t R; this period's reward is not discounted.

        Parameters
        ----------
        discount_rate : float
            Per year.
        periods_per_year : float
            12 for months.
        horizon : int, optional
            Last period counted; without it the sum has no end.

        Returns
        -------
        pandas.Series
            Values by state, exact to the last digit. States from which no money can ever come
            are worth 0; without discounting, states that earn for ever are worth infinity.

        Raises
        ------
        ParameterError
            If an argument is out of bounds, or an endless sum has no value.

        References
        ----------
        Pfeifer and Carraway (2000): the finite and the infinite horizon.

        Examples
        --------
        Who bought just now earns 36 (a margin of 40 less a mailing of 4) and buys again with
        probability .3; after the fourth period without a purchase a customer is given up.

        >>> chain = MarkovChain(
        ...     [[.3, .7, 0, 0, 0], [.2, 0, .8, 0, 0], [.15, 0, 0, .85, 0],
        ...      [.05, 0, 0, 0, .95], [0, 0, 0, 0, 1]],
        ...     [36, -4, -4, -4, 0],
        ... )
        >>> chain.value(0.2, periods_per_year=1, horizon=4).round(4).tolist()
        [50.115, 4.2199, 0.5921, -1.9801, 0.0]
        >>> chain.value(0.2, periods_per_year=1).round(4).tolist()
        [52.3196, 5.5538, 1.2508, -1.82, 0.0]
        """
        rate = float(period_rate(discount_rate, periods_per_year))
        last = float(whole_periods("horizon", horizon))
        reward = np.array(self.rewards)
        if np.isinf(last):
            return self.series("value", endless_value(self.matrix, reward, rate))
        return self.series("value", finite_sum(self.matrix, reward, rate, int(last)))

    def forecast(self, start: ArrayLike, periods: int) -> pd.DataFrame:
        """Say how many customers will be in each state in the coming periods.

        Parameters
        ----------
        start : array_like of shape (k,)
            Customers now in each state, in the order of `states`.
        periods : int
            How many periods to look ahead.

        Returns
        -------
        pandas.DataFrame
            Expected customers: one row per period 0..periods, one column per state.

        Raises
        ------
        ParameterError
            If an argument is out of bounds.

        Examples
        --------
        >>> chain = MarkovChain([[0.8, 0.2], [0.1, 0.9]], [100.0, 10.0], ["active", "asleep"])
        >>> chain.forecast([1000, 0], periods=2).reset_index().to_dict("list")
        {'period': [0, 1, 2], 'active': [1000.0, 800.0, 660.0], 'asleep': [0.0, 200.0, 340.0]}
        """
        import pandas as pd

        begin = np.atleast_1d(numbers("start", start, low=0))
        last = float(whole_periods("periods", periods))
        if begin.shape != (len(self.states),) or np.isinf(last):
            raise ParameterError(
                f"start must hold {len(self.states)} numbers, one per state, and periods be finite"
            )
        rows, matrix = [begin], self.matrix
        for _ in range(int(last)):
            rows.append(rows[-1] @ matrix)
        frame = pd.DataFrame(np.array(rows), columns=self.index())
        return frame.rename_axis(index=c.PERIOD)

    def index(self) -> pd.Index[Any]:
        """Return the states as a pandas index.

        Examples
        --------
        >>> MarkovChain([[0.5]], [1.0], ["here"]).index().tolist()
        ['here']
        """
        import pandas as pd

        return pd.Index(self.states, name=c.STATE, tupleize_cols=False)

    def series(self, name: str, values: Floats) -> pd.Series[float]:
        """Return values by state as a Series.

        Examples
        --------
        >>> MarkovChain([[0.5]], [1.0], ["here"]).series("value", np.array([2.0])).to_dict()
        {'here': 2.0}
        """
        import pandas as pd

        return pd.Series(values, index=self.index(), name=name)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the chain as JSON; ``crmanalytics.load(path)`` reads it back.

        Parameters
        ----------
        path : path
            Where to.

        Returns
        -------
        Path
            The path written.

        Examples
        --------
        >>> import tempfile
        >>> import crmanalytics as crm
        >>> chain = MarkovChain([[0.5]], [1.0], ["here"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(chain.save(f"{folder}/chain.json")) == chain
        True
        """
        return save(self, path)

    def to_dict(self) -> dict[str, Any]:
        """Return the chain as plain JSON values.

        Examples
        --------
        >>> MarkovChain([[0.5]], [1.0], ["here"]).to_dict()
        {'transitions': [[0.5]], 'rewards': [1.0], 'states': ['here']}
        """
        return {
            "transitions": [list(row) for row in self.transitions],
            "rewards": list(self.rewards),
            "states": [list(s) if isinstance(s, tuple) else s for s in self.states],
        }

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> MarkovChain:
        """Make a chain of what :meth:`to_dict` gave.

        Examples
        --------
        >>> chain = MarkovChain([[0.5]], [1.0], ["here"])
        >>> MarkovChain.from_dict(chain.to_dict()) == chain
        True
        """
        states = [tuple(s) if isinstance(s, list) else s for s in body["states"]]
        return cls(body["transitions"], body["rewards"], states)
