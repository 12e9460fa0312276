"""Which purchase a refund undoes: brackets that open and close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

__all__ = ["matched"]


def matched(group: Ints, order: Ints, refund: Flags) -> Flags:
    """Tell which purchases and refunds undo one another.

    A refund takes back the latest purchase before it, among those of its group that no earlier
    refund has taken back: purchases open brackets and refunds close them.

    Parameters
    ----------
    group : array of int64, shape (n,)
        Codes from 0; only rows of one group can match.
    order : array of int64, shape (n,)
        Rows in the order in which they happened: positions, as ``lexsort`` returns them, sorted
        by group first; purchases come before refunds of the same moment.
    refund : array of bool, shape (n,)
        Whether the row gives money back.

    Returns
    -------
    array of bool, shape (n,)
        True for both rows of each pair.

    Examples
    --------
    >>> refund = np.array([False, False, True, True, True])
    >>> matched(np.zeros(5, np.int64), np.arange(5), refund).tolist()
    [True, True, True, True, False]
    """
    result = np.zeros(len(group), dtype=bool)
    if not refund.any():
        return result
    groups, closes = group[order], refund[order]
    level = _levels(groups, closes)
    by_level = np.lexsort((level, groups))
    same = (np.diff(groups[by_level]) == 0) & (np.diff(level[by_level]) == 0)
    opens_then_closes = ~closes[by_level][:-1] & closes[by_level][1:]
    first = np.flatnonzero(same & opens_then_closes)
    result[order[by_level[first]]] = True
    result[order[by_level[first + 1]]] = True
    return result


def _levels(groups: Ints, closes: Flags) -> Ints:
    """Return how deep each bracket is; a pair is of one level, a refund of nothing is at zero."""
    steps = np.where(closes, -1, 1)
    balance = np.cumsum(steps)
    heads = np.flatnonzero(np.diff(groups, prepend=-1))
    before = balance[heads] - steps[heads]
    sizes = np.diff(np.append(heads, len(groups)))
    balance = balance - np.repeat(before, sizes)
    # A refund of nothing takes the balance to a new low, which is the floor from there on. Each
    # group is shifted below all earlier ones, so that one running minimum serves them all.
    shift = np.repeat(np.arange(len(heads)), sizes) * (len(groups) + 1)
    floor = np.minimum.accumulate(np.minimum(balance, 0) - shift) + shift
    level: Ints = np.where(closes, balance + 1 - _previous(floor, heads), balance - floor)
    return level


def _previous(floor: Ints, heads: Ints) -> Ints:
    before = np.empty_like(floor)
    before[1:] = floor[:-1]
    before[heads] = 0
    return before
