"""Whom to choose when there is money for some, or hands for some, and all are worth something.

It is the knapsack problem with two limits. Money gets a price: at a price, everybody's profit less
the price of what they cost is counted, and the best that there are hands for are chosen. The price
is raised until the budget holds. What the others would have to pay bounds what any plan can earn
(Dantzig 1957; Fisher 1981), so that the plan comes with its distance from the best.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = ["Choice", "Limits", "choose", "profit_bound"]

_STEPS = 60
_HAIR = 1e-9


@dataclass(frozen=True)
class Limits:
    """How much money there is to spend, and how many customers can be dealt with.

    Parameters
    ----------
    budget, capacity : float
        Infinite for no limit.

    Examples
    --------
    >>> Limits.of(100, None)
    Limits(budget=100.0, capacity=inf)
    """

    budget: float
    capacity: float

    @classmethod
    def of(cls, budget: float | None, capacity: int | None) -> Limits:
        """Check two limits; None is no limit."""
        found = []
        for name, limit in (("budget", budget), ("capacity", capacity)):
            value = math.inf if limit is None else float(limit)
            if not value >= 0:
                raise ParameterError(
                    f"{name} must not be negative, not {limit!r}; None is no limit"
                )
            found.append(value)
        return cls(found[0], math.floor(found[1]) if math.isfinite(found[1]) else found[1])

    def less(self, spent: float, chosen: int) -> Limits:
        """Return what is left after some have been chosen."""
        return Limits(max(self.budget - spent, 0.0), max(self.capacity - chosen, 0.0))


@dataclass(frozen=True, eq=False)
class Choice:
    """Who was chosen.

    Parameters
    ----------
    chosen : ndarray of bool
        Who.
    chance : ndarray of float
        What chance each had: a fraction for those who are equal to one another and of whom only
        some fitted, who drew lots.
    order : ndarray of float
        Profit less the price of money; the higher, the sooner chosen.
    """

    chosen: Mask
    chance: Floats
    order: Floats


def choose(profit: Floats, cost: Floats, lot: Floats, limits: Limits) -> Choice:
    """Choose the most profitable customers within the limits.

    Parameters
    ----------
    profit, cost : ndarray
        Of each customer; nobody without a profit is chosen.
    lot : ndarray
        Drawn by each customer: decides between those of equal profit and cost.
    limits : Limits

    Returns
    -------
    Choice

    Examples
    --------
    >>> profit, cost = np.array([6.0, 5.0, 5.0, -1.0]), np.array([3.0, 2.0, 2.0, 1.0])
    >>> choose(profit, cost, np.array([0.1, 0.4, 0.3, 0.2]), Limits(4.0, 9)).chosen.tolist()
    [False, True, True, False]
    """
    order = profit - _price(profit, cost, limits) * cost
    at = np.lexsort((lot, cost, -profit, -order))
    at = at[profit[at] > 0]
    chosen = np.zeros(len(profit), dtype=bool)
    left = limits
    while len(at):
        spent = np.cumsum(cost[at])
        fits = int(np.searchsorted(spent, left.budget * (1 + _HAIR), "right"))
        taken = at[: int(min(fits, left.capacity))]
        if not len(taken):
            break
        chosen[taken] = True
        left = left.less(float(spent[len(taken) - 1]), len(taken))
        at = at[len(taken) :]
        at = at[cost[at] <= left.budget * (1 + _HAIR)]
    return Choice(chosen, _chances(profit, cost, chosen), order)


def profit_bound(profit: Floats, cost: Floats, limits: Limits) -> float:
    """Return what no plan within the limits can exceed.

    Examples
    --------
    >>> profit, cost = np.array([6.0, 5.0, 5.0]), np.array([3.0, 2.0, 2.0])
    >>> profit_bound(profit, cost, Limits(4.0, math.inf))
    10.0
    """
    if not math.isfinite(limits.budget):
        return _earned(profit, limits)
    price = _price(profit, cost, limits)
    # the bound holds at every price; at the right one it is lowest
    around = {price, *(price * (1 + s * 1e-7) for s in (-1, 1))}
    return min(_earned(profit - p * cost, limits) + p * limits.budget for p in around)


def _earned(profit: Floats, limits: Limits) -> float:
    worth = profit[profit > 0]
    if limits.capacity < len(worth):
        if limits.capacity == 0:
            return 0.0
        worth = np.partition(worth, len(worth) - int(limits.capacity))[-int(limits.capacity) :]
    return float(np.sort(worth).sum())


def _price(profit: Floats, cost: Floats, limits: Limits) -> float:
    """Return the lowest price of money, up to rounding, at which the budget holds."""
    at = np.lexsort((cost, profit))  # so that the order of customers plays no part
    profit, cost = profit[at], cost[at]
    if _spent(profit, cost, 0.0, limits) <= limits.budget:
        return 0.0
    held = (profit > 0) & (cost > 0)
    low, high = 0.0, float(np.max(profit[held] / cost[held]))
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        if _spent(profit, cost, middle, limits) <= limits.budget:
            high = middle
        else:
            low = middle
    return high


def _spent(profit: Floats, cost: Floats, price: float, limits: Limits) -> float:
    worth = profit - price * cost
    held = np.flatnonzero(worth > 0)
    if limits.capacity < len(held):
        best = np.argpartition(-worth[held], int(limits.capacity))[: int(limits.capacity)]
        held = held[best]
    return float(cost[held].sum())


def _chances(profit: Floats, cost: Floats, chosen: Mask) -> Floats:
    order = np.lexsort((cost, profit))
    new = (np.diff(profit[order]) != 0) | (np.diff(cost[order]) != 0)
    group = np.empty(len(profit), dtype=np.intp)
    group[order] = np.concatenate([[0], np.cumsum(new)])
    return np.asarray((np.bincount(group, chosen) / np.bincount(group))[group])
