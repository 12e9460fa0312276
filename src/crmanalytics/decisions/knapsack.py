"""Whom to choose when there is money for some, or hands for some, and all are worth something.

It is the knapsack problem with two limits. Money gets a price: at a price, everybody's profit less
the price of what they cost is counted, and the best that there are hands for are chosen. The price
is raised until the budget holds. Where many customers are alike, that may leave much of the money:
then cheap customers are exchanged for dear ones who are as good at that price, as far as it goes.
What the others would have to pay bounds what any plan can earn (Dantzig 1957; Fisher 1981), so that
the plan comes with its distance from the best.
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
    Places = NDArray[np.intp]

__all__ = ["Choice", "Limits", "choose", "profit_bound"]

_STEPS = 60
_HAIR = 1e-9
_DEAREST = 1e150  # profit per money; beyond it prices could not be told apart


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
    low, price = _prices(profit, cost, limits)
    order = profit - price * cost
    start = _exchanged(profit, cost, lot, (low, price), limits)
    chosen = np.zeros(len(profit), dtype=bool)
    chosen[start] = True
    left = limits.less(float(cost[start].sum()), len(start))
    at = np.lexsort((lot, cost, -profit, -order))
    at = at[(profit[at] > 0) & ~chosen[at]]
    while left.capacity > 0:
        at = at[cost[at] <= left.budget * (1 + _HAIR)]
        if not len(at):
            break
        spent = np.cumsum(cost[at])
        fits = int(np.searchsorted(spent, left.budget * (1 + _HAIR), "right"))
        taken = at[: int(min(fits, left.capacity))]
        chosen[taken] = True
        left = left.less(float(spent[len(taken) - 1]), len(taken))
        at = at[len(taken) :]
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
    able = cost <= limits.budget * (1 + _HAIR)  # nobody else is in any plan
    profit, cost = profit[able], cost[able]
    price = _prices(profit, cost, limits)[1]
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


def _prices(profit: Floats, cost: Floats, limits: Limits) -> tuple[float, float]:
    """Return the highest price found at which the budget does not hold, and the lowest at which."""
    able = np.flatnonzero((profit > 0) & (cost <= limits.budget * (1 + _HAIR)))
    able = able[np.lexsort((cost[able], profit[able]))]  # the order of customers plays no part
    profit, cost = profit[able], cost[able]
    if _spent(profit, cost, 0.0, limits) <= limits.budget:
        return 0.0, 0.0
    held = cost > 0
    with np.errstate(over="ignore"):
        ratio = np.minimum(profit[held] / cost[held], _DEAREST)
    low, high = 0.0, float(ratio.max())
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        if _spent(profit, cost, middle, limits) <= limits.budget:
            high = middle
        else:
            low = middle
    return low, high


def _exchanged(
    profit: Floats, cost: Floats, lot: Floats, prices: tuple[float, float], limits: Limits
) -> Places:
    """Return the choice at the higher price, with others of the lower price's in place of some.

    At the price where the budget begins to hold, those who go and those who come are equally good;
    the dearer ones earn more with money that would be left.
    """
    able = (profit > 0) & (cost <= limits.budget * (1 + _HAIR))
    few = _best(able, profit, cost, lot, prices[1], limits)
    many = _best(able, profit, cost, lot, prices[0], limits, dearest=True)
    goes, comes = np.setdiff1d(few, many), np.setdiff1d(many, few)
    goes = goes[np.lexsort((-lot[goes], cost[goes]))]
    comes = comes[np.lexsort((lot[comes], -cost[comes]))]
    pairs = min(len(goes), len(comes))
    goes, comes = goes[:pairs], comes[:pairs]
    better = profit[comes] > profit[goes]
    goes, comes = goes[better], comes[better]
    spent = float(cost[few].sum()) + np.cumsum(cost[comes] - cost[goes])
    fits = int((np.maximum.accumulate(spent) <= limits.budget * (1 + _HAIR)).sum())
    return np.concatenate([np.setdiff1d(few, goes[:fits]), comes[:fits]])


def _best(
    able: Mask,
    profit: Floats,
    cost: Floats,
    lot: Floats,
    price: float,
    limits: Limits,
    *,
    dearest: bool = False,
) -> Places:
    """Return the best at a price, the cheapest or the dearest of equals, as far as they fit."""
    worth = profit - price * cost
    at = np.flatnonzero(able & (worth > 0))
    at = at[np.lexsort((lot[at], -cost[at] if dearest else cost[at], -worth[at]))]
    at = at[: int(min(limits.capacity, len(at)))]
    if dearest:
        return at
    return at[np.cumsum(cost[at]) <= limits.budget * (1 + _HAIR)]


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
