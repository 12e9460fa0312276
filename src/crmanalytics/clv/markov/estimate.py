"""Transition probabilities from a panel of customer states, and what their errors do to values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers, period_rate
from crmanalytics.clv.markov.chain import MarkovChain
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, Shown, admit, as_numpy

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["TransitionEstimate", "estimate_transitions"]

_PANEL: Final = Contract(
    frame="panel",
    columns=(
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER),
        Column(c.PERIOD, Kind.COUNT),
        Column(c.STATE, Kind.LABEL),
    ),
    names_row_by=c.CUSTOMER_ID,
)


@dataclass(frozen=True, repr=False)
class TransitionEstimate(Shown):
    """Observed moves between states, and the probabilities estimated from them.

    Parameters
    ----------
    states : tuple of hashable
        Names of the states.
    counts : tuple of tuple of float
        ``counts[i][j]`` moves were seen from state i to state j.
    prior : float
        Moves that were added to each cell before dividing.
    """

    states: tuple[Hashable, ...]
    counts: tuple[tuple[float, ...], ...]
    prior: float

    def _told(self) -> list[str]:
        moves = sum(map(sum, self.counts))
        return [f"TransitionEstimate: {moves:,.10g} moves between {len(self.states)} states"]

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        names = MarkovChain(self.matrix, np.zeros(len(self.states)), self.states).index()
        moves = pd.DataFrame(self.matrix, index=names, columns=names)
        return {"": moves.assign(seen=[sum(row) for row in self.counts])}

    @property
    def matrix(self) -> Floats:
        """Estimated probabilities; a state that was never left keeps its customers.

        Examples
        --------
        >>> TransitionEstimate(("in", "out"), ((8.0, 2.0), (0.0, 5.0)), 0.0).matrix
        array([[0.8, 0.2],
               [0. , 1. ]])
        """
        moves = np.array(self.counts) + self.prior
        totals = moves.sum(axis=1, keepdims=True)
        stay = np.eye(len(moves))
        return np.where(totals > 0, moves / np.where(totals > 0, totals, 1.0), stay)

    @property
    def probabilities(self) -> pd.DataFrame:
        """Each move's count, probability and standard error, one row per pair of states.

        The standard error is the multinomial one, sqrt(p (1 - p) / n).

        Examples
        --------
        >>> estimate = TransitionEstimate(("in", "out"), ((8.0, 2.0), (0.0, 5.0)), 0.0)
        >>> estimate.probabilities["standard_error"].round(3).tolist()
        [0.126, 0.126, 0.0, 0.0]
        """
        import pandas as pd

        size, matrix = len(self.states), self.matrix
        seen = np.array(self.counts).sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = np.where(seen > 0, np.sqrt(matrix * (1 - matrix) / seen), np.nan)
        here, there = np.divmod(np.arange(size * size), size)
        names = MarkovChain(matrix, np.zeros(size), self.states).index()
        return pd.DataFrame(
            {
                "from_state": names[here],
                "to_state": names[there],
                "count": np.array(self.counts).ravel(),
                c.PROBABILITY: matrix.ravel(),
                c.STANDARD_ERROR: error.ravel(),
            }
        )

    def chain(self, rewards: ArrayLike) -> MarkovChain:
        """Return the chain with money attached.

        Parameters
        ----------
        rewards : array_like of shape (k,)
            Money per period in each state, in the order of `states`.

        Returns
        -------
        MarkovChain

        Examples
        --------
        >>> estimate = TransitionEstimate(("in", "out"), ((8.0, 2.0), (0.0, 5.0)), 0.0)
        >>> estimate.chain([10.0, 0.0]).transitions
        ((0.8, 0.2), (0.0, 1.0))
        """
        return MarkovChain(self.matrix, rewards, self.states)

    def value(
        self, rewards: ArrayLike, discount_rate: float, *, periods_per_year: float
    ) -> pd.DataFrame:
        """Say what a customer of each state is worth without an end, and how surely.

        Parameters
        ----------
        rewards : array_like of shape (k,)
            Money per period in each state.
        discount_rate : float
            Per year, above 0.
        periods_per_year : float
            12 for a monthly panel.

        Returns
        -------
        pandas.DataFrame
            One row per state: state, value, standard_error. The error is by the delta method from
            the multinomial covariance of each row of probabilities; it counts the error of the
            probabilities, not that of the rewards.

        Raises
        ------
        ParameterError
            If an argument is out of bounds.

        Notes
        -----
        With M = (I - P / (1+d))^-1 the value V = M R changes by M dP V / (1+d), so that
        Var V_i = sum_k M_ik^2 (p_k V^2 - (p_k V)^2) / (n_k (1+d)^2).

        Examples
        --------
        >>> estimate = TransitionEstimate(("in", "out"), ((80.0, 20.0), (0.0, 50.0)), 0.0)
        >>> estimate.value([10.0, 0.0], 0.1, periods_per_year=1).round(3)
          state   value  standard_error
        0    in  36.667           4.889
        1   out   0.000           0.000
        """
        import pandas as pd

        rate = float(period_rate(discount_rate, periods_per_year))
        if rate <= 0:
            raise ParameterError("discount_rate must be positive for a value without an end")
        chain = self.chain(rewards)
        series = chain.value(discount_rate, periods_per_year=periods_per_year)
        value: Floats = np.asarray(series, dtype=np.float64)
        error = self._standard_errors(value, rate)
        frame = pd.DataFrame({c.STATE: chain.index(), "value": value, c.STANDARD_ERROR: error})
        return frame.reset_index(drop=True)

    def _standard_errors(self, value: Floats, rate: float) -> Floats:
        matrix = self.matrix
        seen = np.array(self.counts).sum(axis=1)
        centred = value[None, :] - (matrix @ value)[:, None]
        spread = (matrix * centred**2).sum(axis=1) / (1 + rate) ** 2
        per_row = np.where(seen > 0, spread / np.where(seen > 0, seen, 1.0), 0.0)
        visits = np.linalg.inv(np.eye(len(value)) - matrix / (1 + rate))
        return np.asarray(np.sqrt(visits**2 @ per_row))


def estimate_transitions(
    panel: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    states: Sequence[Hashable] | None = None,
    absent: Hashable | None = None,
    prior: float = 0.0,
    customer_id: str = c.CUSTOMER_ID,
    period: str = c.PERIOD,
    state: str = c.STATE,
) -> TransitionEstimate:
    """Estimate how customers move between states from what they did period by period.

    Parameters
    ----------
    panel : DataFrame
        One row per customer and period: customer_id, period (whole numbers, one apart), state.
    states : sequence of hashable, optional
        The states in the order wanted; by default those seen, sorted.
    absent : hashable, optional
        Name of the state of a customer who, once seen, has no row in a later period of the panel
        (typically "lost"). Without it such periods are left out: only moves between two rows of
        neighbouring periods count.
    prior : float
        Added to the count of every cell, so that moves never seen remain possible.
    customer_id, period, state : str
        The panel's names of these columns.

    Returns
    -------
    TransitionEstimate

    Raises
    ------
    MissingColumnsError
        If a column is not there.
    InvalidValuesError
        If values are missing, a customer has two states in one period, or a state is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> panel = pd.DataFrame(
    ...     {
    ...         "customer_id": [1, 1, 1, 2, 2, 3],
    ...         "period": [0, 1, 2, 0, 1, 0],
    ...         "state": ["buys", "buys", "waits", "buys", "waits", "buys"],
    ...     }
    ... )
    >>> estimate = estimate_transitions(panel, states=["buys", "waits", "lost"], absent="lost")
    >>> estimate.matrix
    array([[0.25, 0.5 , 0.25],
           [0.  , 0.  , 1.  ],
           [0.  , 0.  , 1.  ]])
    """
    import pandas as pd

    names = {c.CUSTOMER_ID: customer_id, c.PERIOD: period, c.STATE: state}
    own: Any = admit(panel, _PANEL, names=names)
    added = float(numbers("prior", prior, low=0))
    who = pd.factorize(as_numpy(own, c.CUSTOMER_ID))[0]
    when = as_numpy(own, c.PERIOD).astype(np.int64)
    order = np.lexsort((when, who))
    labels = np.array(own[c.STATE].to_list(), dtype=object)[order]
    known = _known_states(labels, states, absent)
    codes = pd.Index(list(known), tupleize_cols=False).get_indexer(
        pd.Index(labels, tupleize_cols=False)
    )
    gone = known.index(absent) if absent is not None else None
    counts = _count(who[order], when[order], codes, len(known), gone)
    return TransitionEstimate(known, tuple(tuple(map(float, row)) for row in counts), added)


def _known_states(
    labels: NDArray[Any], states: Sequence[Hashable] | None, absent: Hashable | None
) -> tuple[Hashable, ...]:
    seen = set(labels)
    if states is None:
        listed = sorted(seen - {absent}, key=lambda s: (str(type(s)), s))
        return (*listed, absent) if absent is not None else tuple(listed)
    unknown = sorted(map(repr, seen - set(states)))
    if unknown:
        raise InvalidValuesError(
            f"panel['state'] holds {len(unknown)} states that are not in states "
            f"(first: {', '.join(unknown[:3])}). Add them to states."
        )
    if absent is not None and absent not in states:
        return (*states, absent)
    return tuple(states)


def _count(
    who: NDArray[np.intp],
    when: NDArray[np.int64],
    codes: NDArray[np.intp],
    size: int,
    gone: int | None,
) -> NDArray[np.float64]:
    """Count the moves of rows sorted by customer and period."""
    counts = np.zeros((size, size))
    if not who.size:
        return counts
    same = who[1:] == who[:-1]
    step = np.diff(when)
    if (same & (step == 0)).any():
        raise InvalidValuesError(
            f"panel must hold one state per customer and period: {int((same & (step == 0)).sum())} "
            "rows repeat. Keep one of each."
        )
    next_to = same & (step == 1)
    np.add.at(counts, (codes[:-1][next_to], codes[1:][next_to]), 1)
    if gone is not None:
        apart = same & (step > 1)
        np.add.at(counts, (codes[:-1][apart], gone), 1)
        np.add.at(counts, (gone, codes[1:][apart]), 1)
        counts[gone, gone] += (step[apart] - 2).sum()
        final = np.append(~same, True)
        missing = when.max() - when[final]
        np.add.at(counts, (codes[final][missing > 0], gone), 1)
        counts[gone, gone] += (missing[missing > 0] - 1).sum()
    return counts
