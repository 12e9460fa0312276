"""Whom to go on mailing: chains over recency and frequency, and the policy that is worth most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.arguments import numbers
from crmanalytics.clv.markov.chain import MarkovChain
from crmanalytics.clv.markov.policy import optimal_policy
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Hashable

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]

__all__ = ["LOST", "mailing_chain", "mailing_policy", "optimal_stopping"]

LOST = "lost"


def _table(name: str, probabilities: ArrayLike) -> Floats:
    table = numbers(name, probabilities, low=0, high=1)
    if table.ndim not in (1, 2) or not table.size:
        raise ParameterError(f"{name} must be of shape (recency,) or (recency, frequency)")
    return table


def _states(shape: tuple[int, ...]) -> list[Hashable]:
    if len(shape) == 1:
        return [r + 1 for r in range(shape[0])]
    return [(r + 1, f + 1) for r in range(shape[0]) for f in range(shape[1])]


def mailing_chain(probabilities: ArrayLike, *, margin: float, mailing_cost: float) -> MarkovChain:
    """Build the chain of customers who are mailed every period until they are given up.

    A customer of recency 1 has bought just now. Who does not buy ages by one; who does not buy in
    the last recency is lost. With a table over recency and frequency, each purchase raises the
    frequency up to the last column.

    Parameters
    ----------
    probabilities : array_like of shape (recency,) or (recency, frequency)
        Probability that a mailing sells, by periods since the last purchase (1, 2, ...), and by
        the number of purchases (1, 2, ...; the last stands for that many or more).
    margin : float
        Money per purchase, before the mailing.
    mailing_cost : float
        Money per mailing.

    Returns
    -------
    MarkovChain
        States 1, 2, ... or (1, 1), (1, 2), ..., and "lost". A state's reward is the margin of the
        purchase just made, if any, less the mailing now sent.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Pfeifer, P. E. and Carraway, R. L. (2000). Modeling customer relationships as Markov chains.
    Journal of Interactive Marketing 14(2), 43-55.

    Examples
    --------
    >>> chain = mailing_chain([0.3, 0.2, 0.15, 0.05], margin=40.0, mailing_cost=4.0)
    >>> chain.value(0.2, periods_per_year=1).round(4).tolist()
    [52.3196, 5.5538, 1.2508, -1.82, 0.0]
    """
    table = _table("probabilities", probabilities)
    cost = float(numbers("mailing_cost", mailing_cost, low=0))
    return _chain(table, float(numbers("margin", margin)), cost)


def _chain(table: Floats, margin: float, cost: float) -> MarkovChain:
    grid = table.reshape(table.shape[0], -1)
    recencies, frequencies = grid.shape
    matrix = np.zeros((grid.size + 1, grid.size + 1))
    for r in range(recencies):
        for f in range(frequencies):
            here, bought = r * frequencies + f, min(f + 1, frequencies - 1)
            aged = here + frequencies if r + 1 < recencies else grid.size
            matrix[here, bought] += grid[r, f]
            matrix[here, aged] += 1 - grid[r, f]
    matrix[-1, -1] = 1.0
    rewards = np.full(grid.size + 1, -cost)
    rewards[:frequencies] += margin
    rewards[-1] = 0.0
    return MarkovChain(matrix, rewards, [*_states(table.shape), LOST])


def mailing_policy(
    probabilities: ArrayLike,
    *,
    margin: float,
    mailing_cost: float,
    discount_rate: float,
    periods_per_year: float,
    unmailed: ArrayLike = 0.0,
) -> pd.DataFrame:
    """Say in which states a mailing pays, looking at everything that follows from it.

    Parameters
    ----------
    probabilities : array_like of shape (recency,) or (recency, frequency)
        Probability of a purchase with a mailing; see :func:`mailing_chain`.
    margin : float
        Money per purchase.
    mailing_cost : float
        Money per mailing.
    discount_rate : float
        Per year.
    periods_per_year : float
        Mailings per year.
    unmailed : array_like, of a shape that broadcasts to `probabilities`
        Probability of a purchase without a mailing. Leave it at 0 if nobody buys unasked.

    Returns
    -------
    pandas.DataFrame
        One row per state: state, mail (bool), value.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Pfeifer and Carraway (2000), section on managing relationships; Howard, R. A. (1960). Dynamic
    Programming and Markov Processes, for the policy iteration.

    Examples
    --------
    >>> mailing_policy(
    ...     [0.3, 0.2, 0.15, 0.05], margin=40.0, mailing_cost=4.0,
    ...     discount_rate=0.2, periods_per_year=1,
    ... ).round(4)
      state   mail    value
    0     1   True  53.1494
    1     2   True   6.6207
    2     3   True   2.6437
    3     4  False   0.0000
    4  lost  False   0.0000
    """
    table = _table("probabilities", probabilities)
    spontaneous = _table("unmailed", np.broadcast_to(np.asarray(unmailed), table.shape))
    mailed = mailing_chain(table, margin=margin, mailing_cost=mailing_cost)
    silent = _chain(spontaneous, float(margin), 0.0)
    found = optimal_policy(
        {"silent": silent, "mail": mailed}, discount_rate, periods_per_year=periods_per_year
    )
    mail = (found["action"] == "mail") & (found[c.STATE] != LOST)
    return found.assign(mail=mail)[[c.STATE, "mail", "value"]]


def optimal_stopping(
    probabilities: ArrayLike,
    *,
    margin: float,
    mailing_cost: float,
    discount_rate: float,
    periods_per_year: float,
) -> pd.DataFrame:
    """Say after how many periods without a purchase to stop mailing a customer.

    Parameters
    ----------
    probabilities : array_like of shape (recency,)
        Probability that a mailing sells, by periods since the last purchase (1, 2, ...).
    margin : float
        Money per purchase.
    mailing_cost : float
        Money per mailing.
    discount_rate : float
        Per year.
    periods_per_year : float
        Mailings per year.

    Returns
    -------
    pandas.DataFrame
        One row per rule: stop_at (the recency at which no mailing is sent any more; the last row
        mails in every recency), value (of a customer who has bought just now, this purchase
        included) and best (bool; of equal values the earliest stop).

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Pfeifer and Carraway (2000).

    Examples
    --------
    >>> optimal_stopping(
    ...     [0.3, 0.2, 0.15, 0.05], margin=40.0, mailing_cost=4.0,
    ...     discount_rate=0.2, periods_per_year=1,
    ... ).round(4)
       stop_at    value   best
    0        1  40.0000  False
    1        2  48.0000  False
    2        3  51.5745  False
    3        4  53.1494   True
    4        5  52.3196  False
    """
    import pandas as pd

    table = _table("probabilities", probabilities)
    if table.ndim != 1:
        raise ParameterError(
            "probabilities must be of shape (recency,); for recency and frequency use "
            "mailing_policy"
        )
    values = [float(numbers("margin", margin))]
    for mailed in range(1, table.size + 1):
        chain = mailing_chain(table[:mailed], margin=margin, mailing_cost=mailing_cost)
        values.append(chain.value(discount_rate, periods_per_year=periods_per_year).iloc[0])
    best = np.arange(len(values)) == int(np.argmax(values))
    return pd.DataFrame({"stop_at": np.arange(1, len(values) + 1), "value": values, "best": best})
