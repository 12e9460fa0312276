"""Logistic regressions on many subsets of columns at once, and how much each explains."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["PSEUDO", "fitted", "pseudo_r_squared"]

_STEPS = 40
_FAR = 20.0  # fitted odds beyond e^20 say that drivers tell all answers apart


@dataclass(frozen=True, eq=False)
class _Task:
    """Rows to regress on: columns (the constant first), their products, outcome and weight."""

    design: Floats
    products: Floats
    upper: tuple[NDArray[np.intp], NDArray[np.intp]]
    outcome: Floats
    weight: Floats


def fitted(design: Floats, outcome: Floats, weight: Floats, used: NDArray[np.bool_]) -> Floats:
    """Return the log odds that logistic regressions on subsets of columns give each row.

    All regressions take their Newton steps together, halved while the likelihood falls.

    Parameters
    ----------
    design : ndarray of shape (n, k)
        Columns, the constant first.
    outcome : ndarray of shape (n,)
        0 or 1.
    weight : ndarray of shape (n,)
        What each row counts; positive.
    used : ndarray of bool, shape (subsets, k)
        Which columns each regression uses.

    Returns
    -------
    ndarray of shape (subsets, n)
        Log odds; missing for regressions without a finite maximum, where drivers tell the two
        outcomes apart without error.

    Examples
    --------
    >>> design = np.column_stack([np.ones(3), [0.0, 0.0, 1.0]])
    >>> both = np.ones((1, 2), dtype=bool)
    >>> fitted(design, np.array([0.0, 1.0, 1.0]), np.ones(3), both)
    array([[nan, nan, nan]])
    """
    upper = np.triu_indices(design.shape[1])
    products = design[:, upper[0]] * design[:, upper[1]]
    task = _Task(design, products, upper, outcome, weight)
    at = np.zeros((len(used), design.shape[1]))
    level = _log_likelihood(at @ design.T, outcome, weight)
    for _ in range(_STEPS):
        at, level, gain = _climbed(task, at, _newton_step(task, at, used), level)
        if gain < 1e-13:
            break
    odds = np.asarray(at @ design.T)
    steep = np.abs(odds).max(axis=1) > _FAR
    return np.where(steep[:, None], np.nan, odds)


def _newton_step(task: _Task, at: Floats, used: NDArray[np.bool_]) -> Floats:
    from scipy.special import expit

    k, upper = task.design.shape[1], task.upper
    share = expit(at @ task.design.T)
    gradient = (task.weight * (task.outcome - share)) @ task.design * used
    packed = (task.weight * share * (1 - share)) @ task.products
    hessian = np.zeros((len(at), k, k))
    hessian[:, upper[0], upper[1]] = packed
    hessian[:, upper[1], upper[0]] = packed
    hessian *= used[:, :, None] & used[:, None, :]
    every = np.arange(k)
    # columns not used keep a step of zero; a touch of ridge bounds steps where odds run away
    hessian[:, every, every] = np.where(used, hessian[:, every, every] + 1e-10, 1.0)
    return np.asarray(np.linalg.solve(hessian, gradient[..., None])[..., 0])


def _climbed(task: _Task, at: Floats, step: Floats, level: Floats) -> tuple[Floats, Floats, float]:
    """Take steps, halved where the likelihood would fall; return the largest relative gain too."""
    scale = np.minimum(1.0, 50.0 / np.maximum(np.abs(step).max(axis=1), 1.0))
    for _ in range(6):
        there = at + scale[:, None] * step
        reached = _log_likelihood(there @ task.design.T, task.outcome, task.weight)
        worse = reached < level - 1e-12 * np.abs(level)
        if not worse.any():
            break
        scale = np.where(worse, scale / 2, scale)
    rise = np.maximum(reached - level, 0.0).max() / max(np.abs(level).max(), 1.0)
    return np.where(worse[:, None], at, there), np.maximum(level, reached), float(rise)


def _log_likelihood(odds: Floats, outcome: Floats, weight: Floats) -> Floats:
    return np.asarray((outcome * odds - np.logaddexp(0.0, odds)) @ weight)


def _null(outcome: Floats, weight: Floats) -> float:
    """Return the log-likelihood of a regression on the constant alone."""
    share = float(weight @ outcome / weight.sum())
    return float(weight.sum() * (share * np.log(share) + (1 - share) * np.log1p(-share)))


def _mcfadden(odds: Floats, outcome: Floats, weight: Floats) -> Floats:
    return np.asarray(1 - _log_likelihood(odds, outcome, weight) / _null(outcome, weight))


def _cox_snell(odds: Floats, outcome: Floats, weight: Floats) -> Floats:
    gain = _log_likelihood(odds, outcome, weight) - _null(outcome, weight)
    return np.asarray(-np.expm1(-2 * gain / weight.sum()))


def _nagelkerke(odds: Floats, outcome: Floats, weight: Floats) -> Floats:
    most = -np.expm1(2 * _null(outcome, weight) / weight.sum())
    return np.asarray(_cox_snell(odds, outcome, weight) / most)


def _tjur(odds: Floats, outcome: Floats, weight: Floats) -> Floats:
    from scipy.special import expit

    hit, miss = weight * outcome, weight * (1 - outcome)
    share = expit(odds)
    return np.asarray(share @ hit / hit.sum() - share @ miss / miss.sum())


#: How much a logistic regression explains, by name.
PSEUDO: Final[dict[str, Callable[[Floats, Floats, Floats], Floats]]] = {
    "mcfadden": _mcfadden,
    "cox_snell": _cox_snell,
    "nagelkerke": _nagelkerke,
    "tjur": _tjur,
}


def pseudo_r_squared(odds: Floats, outcome: Floats, weight: Floats, name: str) -> Floats:
    """Return how much logistic regressions explain.

    Parameters
    ----------
    odds : ndarray of shape (subsets, n)
        Fitted log odds.
    outcome, weight : ndarray of shape (n,)
        0 or 1, and what each row counts.
    name : {"mcfadden", "cox_snell", "nagelkerke", "tjur"}
        Which measure. Tjur's is the mean probability of those with the outcome less that of those
        without; it is not certain to rise with each driver.

    Returns
    -------
    ndarray of shape (subsets,)
        Pseudo R squared.

    Raises
    ------
    ParameterError
        If there is no measure of this name.

    References
    ----------
    McFadden, D. (1974), "Conditional logit analysis of qualitative choice behavior", page 121.
    Nagelkerke, N. J. D. (1991), Biometrika 78(3), 691-692. Tjur, T. (2009), "Coefficients of
    determination in logistic regression models", The American Statistician 63(4), 366-372.

    Examples
    --------
    >>> odds = np.log(np.array([[1.0, 1.0, 3.0, 3.0]]))
    >>> pseudo_r_squared(odds, np.array([0.0, 1, 1, 1]), np.ones(4), "tjur").round(4)
    array([0.1667])
    """
    one_of("r_squared", name, PSEUDO)
    return PSEUDO[name](odds, outcome, weight)
