"""Sums over a Markov chain in 60-digit arithmetic.

Float64 is not enough where a chain's value is the small difference of large streams, or where the
discount rate is so small that the equations are nearly singular: then a tiny error of 1 / (1 + d)
costs most digits. Decimal floats of sixty digits have no such trouble, and chains are small.
"""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Row = list[tuple[int, Decimal]]

__all__ = ["finite_sum", "solve"]

_DIGITS: Final = 60
_ARRIVED: Final = Decimal("1e-20")
_ROUNDS: Final = 12


def _sparse(matrix: Floats) -> list[Row]:
    return [[(int(j), Decimal(float(row[j]))) for j in np.flatnonzero(row)] for row in matrix]


def _decimals(vector: Floats) -> list[Decimal]:
    return [Decimal(float(v)) for v in vector]


def _times(rows: list[Row], vector: list[Decimal]) -> list[Decimal]:
    return [sum((p * vector[j] for j, p in row), Decimal(0)) for row in rows]


def finite_sum(transitions: Floats, rewards: Floats, rate: float, horizon: int) -> Floats:
    """Return sum_{t=0..horizon} (P / (1 + rate))^t R.

    Parameters
    ----------
    transitions : ndarray of shape (k, k)
        P.
    rewards : ndarray of shape (k,)
        R.
    rate : float
        Discount rate per period.
    horizon : int
        Last period.

    Returns
    -------
    ndarray of shape (k,)
        Values by starting state.

    Examples
    --------
    >>> finite_sum(np.array([[0.5]]), np.array([1.0]), 0.0, 2)
    array([1.75])
    """
    with localcontext() as context:
        context.prec = _DIGITS
        rows, reward = _sparse(transitions), _decimals(rewards)
        factor = 1 / (1 + Decimal(rate))
        value = reward
        for _ in range(horizon):
            following = _times(rows, value)
            latest = [r + factor * v for r, v in zip(reward, following, strict=True)]
            if latest == value:  # settled to the last digit: later periods add nothing
                break
            value = latest
        return np.array([float(v) for v in value])


def solve(transitions: Floats, rewards: Floats, rate: float) -> Floats:
    """Return V = R + P V / (1 + rate), to the last digit of float64.

    Parameters
    ----------
    transitions : ndarray of shape (k, k)
        P, without the states that are worth nothing.
    rewards : ndarray of shape (k,)
        R.
    rate : float
        Discount rate per period.

    Returns
    -------
    ndarray of shape (k,)
        Values by starting state.

    Notes
    -----
    An ordinary solution is refined with residuals of sixty digits; where the equations are too
    close to singular for that to arrive, they are eliminated in sixty digits.

    Examples
    --------
    >>> solve(np.array([[0.5]]), np.array([1.0]), 0.25)
    array([1.66666667])
    """
    with localcontext() as context:
        context.prec = _DIGITS
        refined = _refine(transitions, rewards, rate)
        exact = _eliminate(transitions, rewards, rate) if refined is None else refined
        return np.array([float(v) for v in exact])


def _refine(transitions: Floats, rewards: Floats, rate: float) -> list[Decimal] | None:
    rows, reward, factor = _sparse(transitions), _decimals(rewards), 1 / (1 + Decimal(rate))
    system = np.eye(len(reward)) - transitions / (1 + rate)
    value = [Decimal(0)] * len(reward)
    for _ in range(_ROUNDS):
        following = _times(rows, value)
        rest = [r - v + factor * f for r, v, f in zip(reward, value, following, strict=True)]
        try:
            step = np.linalg.solve(system, np.array([float(x) for x in rest]))
        except np.linalg.LinAlgError:
            return None
        if not np.isfinite(step).all():
            return None
        change = _decimals(step)
        value = [v + s for v, s in zip(value, change, strict=True)]
        if all(abs(s) <= _ARRIVED * abs(v) for s, v in zip(change, value, strict=True)):
            return value
    return None


def _eliminate(transitions: Floats, rewards: Floats, rate: float) -> list[Decimal]:
    """Solve ((1 + rate) I - P) V = (1 + rate) R by Gauss-Jordan, pivoting on the diagonal."""
    size, grown = len(rewards), 1 + Decimal(rate)
    table = [[-Decimal(float(p)) for p in row] for row in transitions]
    for i in range(size):
        table[i][i] += grown
        table[i].append(grown * Decimal(float(rewards[i])))
    for i in range(size):
        pivot = table[i][i]
        table[i] = [x / pivot for x in table[i]]
        for j in range(size):
            factor = table[j][i]
            if j != i and factor:
                table[j] = [x - factor * y for x, y in zip(table[j], table[i], strict=True)]
    return [row[-1] for row in table]
