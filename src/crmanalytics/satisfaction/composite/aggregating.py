"""From indicators to groups to the index: weights at every node, and means of any power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.satisfaction.composite.plan import part_names
from crmanalytics.weighting.components import pca_weights
from crmanalytics.weighting.objective import critic_weights, entropy_weights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.satisfaction.composite.plan import CompositePlan, Node

    Floats = NDArray[np.float64]

__all__ = ["Scored", "climb", "power_mean"]

_GEOMETRIC = 1e-12  # powers this near 0 are the geometric mean in every digit


@dataclass(frozen=True, eq=False)
class Scored:
    """Scores of every group and the index, with the weights that were used.

    Parameters
    ----------
    scores : dict of str to ndarray of shape (rows,)
        By name; the index comes last.
    weights : dict of str to ndarray
        Weights of the parts of each node, summing to 1.
    """

    scores: dict[str, Floats]
    weights: dict[str, Floats]


def climb(
    columns: Mapping[str, Floats], plan: CompositePlan, *, scale: Mapping[str, float] | None = None
) -> Scored:
    """Aggregate normalised indicators up the tree.

    Parameters
    ----------
    columns : mapping of str to ndarray of shape (rows,)
        Normalised indicators.
    plan : CompositePlan
        The plan.
    scale : mapping of str to float, optional
        Factors to multiply weights by, by name: 0 leaves a part out.

    Returns
    -------
    Scored
        Scores and weights.
    """
    known, scores, weights = dict(columns), {}, {}
    factors = dict(scale or {})
    for node in plan.tree.nodes():
        names = part_names(node)
        values = np.column_stack([known[name] for name in names])
        share = _weights(node, values, plan)
        share = share * np.array([factors.get(name, 1.0) for name in names])
        if share.sum() > 0:
            share = share / share.sum()
        else:  # a group of which nothing is left is left out itself
            factors[node.name] = 0.0
        mean = power_mean(values, share, plan.power, coverage=_least(plan), name=node.name)
        known[node.name] = scores[node.name] = mean
        weights[node.name] = share
    return Scored(scores, weights)


def _least(plan: CompositePlan) -> float:
    return plan.coverage if plan.missing == "available" else 1.0


def _weights(node: Node, values: Floats, plan: CompositePlan) -> Floats:
    names = part_names(node)
    equal = np.full(len(names), 1 / len(names))
    if not isinstance(plan.weights, str):
        if names[0] not in plan.weights:
            return equal
        given = np.array([plan.weights[name] for name in names])
        return np.asarray(given / given.sum())
    leaf = all(isinstance(part, str) for part in node.parts)
    if plan.weights == "equal" or not leaf or len(names) == 1:
        return equal
    return _from_data(values, names, plan.weights)


def _from_data(values: Floats, names: Sequence[str], method: str) -> Floats:
    whole = values[~np.isnan(values).any(axis=1)]
    if len(whole) < 2:
        raise InvalidValuesError(
            f"weights={method!r} needs two rows or more without gaps in {list(names)}: fill them "
            "in (missing='mean') or give weights."
        )
    # sorted, so that the order of the rows has no effect on the last digit of a sum
    whole = whole[np.lexsort(whole.T[::-1])]
    if method == "entropy":
        return entropy_weights(whole, names)[0]
    if method == "critic":
        return critic_weights(whole, names, np.zeros(len(names), dtype=bool))[0]
    return pca_weights(whole, names)[0]


def power_mean(
    values: Floats, weights: Floats, power: float, *, coverage: float = 1.0, name: str = "index"
) -> Floats:
    """Return the weighted mean of a power, row by row; gaps are bridged where enough is there.

    Parameters
    ----------
    values : ndarray of shape (rows, parts)
        Values; positive unless the power is 1.
    weights : ndarray of shape (parts,)
        Weights that sum to 1.
    power : float
        1 arithmetic, 0 geometric, -1 harmonic.
    coverage : float
        Least share of weight that must be there.
    name : str
        What is computed, for the message.

    Returns
    -------
    ndarray of shape (rows,)
        Means; missing where too little is there.

    Raises
    ------
    InvalidValuesError
        If values are not positive and the power needs them to be.

    References
    ----------
    Hardy, G. H., Littlewood, J. E. and Pólya, G. (1934), *Inequalities*, chapter 2.

    Examples
    --------
    >>> values = np.array([[1.0, 4.0]])
    >>> [float(power_mean(values, np.array([0.5, 0.5]), p)[0]) for p in (1, 0, -1)]
    [2.5, 2.0, 1.6]
    """
    counted = weights > 0
    values, weights = values[:, counted], weights[counted]
    known = ~np.isnan(values)
    if power != 1 and (values[known] <= 0).any():
        raise InvalidValuesError(
            f"{name!r}: a mean of power {power:g} (geometric is 0, harmonic -1) needs positive "
            f"parts, and the smallest is {values[known].min():.3g}. Choose bounds that start above "
            "0, such as (1, 100), another normalisation, or aggregate='arithmetic'."
        )
    there = known @ weights
    share = np.where(known, weights, 0.0) / np.where(there > 0, there, 1.0)[:, None]
    if power == 1:
        mean = (np.where(known, values, 0.0) * share).sum(axis=1)
    else:
        mean = _mean_of_logs(np.log(np.where(known, values, 1.0)), known, share, power)
    enough = (there > 0) & (there >= coverage - 1e-12)
    return np.asarray(np.where(enough, mean, np.nan))


def _mean_of_logs(logs: Floats, known: NDArray[np.bool_], share: Floats, power: float) -> Floats:
    """Return the power mean of exponentials; right for powers near 0, safe for large ones."""
    if abs(power) < _GEOMETRIC:
        return np.asarray(np.exp((logs * share).sum(axis=1)))
    # measured from the part that counts most, so that no power overflows
    sign = np.sign(power)
    edge = sign * np.where(known, sign * logs, -np.inf).max(axis=1)
    edge = np.where(np.isfinite(edge), edge, 0.0)
    away = np.where(known, power * (logs - edge[:, None]), 0.0)
    return np.asarray(np.exp(edge + np.log1p((share * np.expm1(away)).sum(axis=1)) / power))
