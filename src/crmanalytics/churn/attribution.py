"""What each feature adds to a raw score: shares that add up to it exactly.

For a linear score the share of a feature is its coefficients times its distance from the mean. For
boosted trees it is the Shapley value of the game in which a tree that may not look at a feature
goes both ways, in proportion to the training rows that went there.
"""

from __future__ import annotations

from functools import cache
from itertools import product
from math import factorial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Path = tuple[tuple[int, bool], ...]

__all__ = ["contributions", "is_explainable"]

_DEEPEST: Final = 12  # different columns on one path: there are 2**12 patterns of them


def is_explainable(estimator: Any) -> bool:  # noqa: ANN401 - an estimator
    """Whether the shares of features in its score are known exactly."""
    return hasattr(estimator, "coef_") or hasattr(estimator, "_predictors")


def contributions(estimator: Any, matrix: Floats, mean: Floats) -> tuple[float, Floats]:  # noqa: ANN401
    """Return the score of an average row, and what each column of the matrix adds for each row.

    Parameters
    ----------
    estimator : estimator
        Linear, or histogram gradient boosting.
    matrix : ndarray of shape (rows, columns)
        As the estimator sees them.
    mean : ndarray of shape (columns,)
        Means of the training rows, for a linear score.

    Returns
    -------
    tuple
        Baseline, and an array of shape (rows, columns); baseline plus a row's sum is its raw score.

    Raises
    ------
    ParameterError
        If the estimator is neither.

    References
    ----------
    Lundberg, S. M. et al. (2020), "From local explanations to global understanding with explainable
    AI for trees", Nature Machine Intelligence 2, 56-67: the path-dependent value of a tree.
    """
    if hasattr(estimator, "coef_"):
        slopes = np.asarray(estimator.coef_, dtype=np.float64).ravel()
        middle = float(np.ravel(estimator.intercept_)[0]) + float(slopes @ mean)
        return middle, (matrix - mean) * slopes
    if not hasattr(estimator, "_predictors"):
        raise ParameterError(
            f"the shares of features in the score of {type(estimator).__name__} are not known "
            "exactly: use estimator='logistic' or 'boosting', or one of their kinds."
        )
    return _of_trees(estimator, matrix)


def _of_trees(estimator: Any, matrix: Floats) -> tuple[float, Floats]:  # noqa: ANN401
    found = np.zeros_like(matrix)
    base = float(np.ravel(estimator._baseline_prediction)[0])  # noqa: SLF001 - nowhere else
    for (tree,) in estimator._predictors:  # noqa: SLF001 - as above
        nodes = tree.nodes
        if nodes["is_categorical"].any():
            raise ParameterError("trees that split on sets of categories cannot be explained")
        goes_left = _directions(nodes, matrix)
        for leaf, path in _paths(nodes, 0, ()):
            base += _add_leaf(nodes, leaf, path, goes_left, found)
    return base, found


def _directions(nodes: Any, matrix: Floats) -> dict[int, NDArray[np.bool_]]:  # noqa: ANN401
    made = {}
    for at in np.flatnonzero(nodes["is_leaf"] == 0).tolist():
        values = matrix[:, int(nodes["feature_idx"][at])]
        left = values <= nodes["num_threshold"][at]
        made[at] = np.where(np.isnan(values), bool(nodes["missing_go_to_left"][at]), left)
    return made


def _paths(nodes: Any, at: int, path: Path) -> list[tuple[int, Path]]:  # noqa: ANN401
    if nodes["is_leaf"][at]:
        return [(at, path)]
    left, right = int(nodes["left"][at]), int(nodes["right"][at])
    return _paths(nodes, left, (*path, (at, True))) + _paths(nodes, right, (*path, (at, False)))


def _add_leaf(
    nodes: Any,  # noqa: ANN401 - a structured array
    leaf: int,
    path: Path,
    goes_left: dict[int, NDArray[np.bool_]],
    found: Floats,
) -> float:
    """Add a leaf's shares to the columns on its path; return its part of the mean."""
    kept: dict[int, float] = {}
    follows: dict[int, NDArray[np.bool_]] = {}
    for at, left in path:
        column = int(nodes["feature_idx"][at])
        child = int(nodes["left" if left else "right"][at])
        share = float(nodes["count"][child]) / float(nodes["count"][at])
        kept[column] = kept.get(column, 1.0) * share
        here = goes_left[at] if left else ~goes_left[at]
        follows[column] = follows[column] & here if column in follows else here
    if len(kept) > _DEEPEST:
        raise ParameterError(
            f"trees with over {_DEEPEST} columns on a path are too deep to explain"
        )
    value = float(nodes["value"][leaf])
    columns = list(kept)
    if columns:
        pattern = sum(follows[c].astype(np.int64) << n for n, c in enumerate(columns))
        found[:, columns] += value * _leaf_shares(tuple(kept.values()))[pattern]
    return value * float(np.prod(list(kept.values())))


def _leaf_shares(kept: tuple[float, ...]) -> Floats:
    """Return the Shapley values of a leaf of value 1, for each pattern of columns that lead to it.

    A coalition's worth is the product, over its members, of whether the row goes towards the leaf,
    and over all others of the share of training rows that did.
    """
    k = len(kept)
    weights = _weights(k)
    towards = np.array(list(product((0.0, 1.0), repeat=k)))[:, ::-1]
    found = np.empty_like(towards)
    for one in range(k):
        others = [each for each in range(k) if each != one]
        sums = np.zeros((len(towards), k))  # by size of the coalition
        sums[:, 0] = 1.0
        for each in others:
            joined = np.zeros_like(sums)
            joined[:, 1:] = sums[:, :-1] * towards[:, [each]]
            sums = sums * kept[each] + joined
        found[:, one] = (towards[:, one] - kept[one]) * (sums @ weights)
    return found


@cache
def _weights(k: int) -> Floats:
    return np.array([factorial(s) * factorial(k - s - 1) / factorial(k) for s in range(k)])
