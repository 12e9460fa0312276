"""The composite index of each row, its rank, and which weight each indicator has in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    as_float,
    with_new,
    with_parameters,
)
from crmanalytics.satisfaction.composite.aggregating import climb
from crmanalytics.satisfaction.composite.normalising import filled, normalised
from crmanalytics.satisfaction.composite.plan import ROOT, part_names

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.composite.plan import CompositePlan

    Floats = NDArray[np.float64]

__all__ = ["composite_index", "composite_weights", "rank_best_first", "read_indicators"]

INDEX_RANK = "index_rank"


def composite_index(alternatives: Any, plan: CompositePlan) -> Any:  # noqa: ANN401 - any eager frame, and one of its kind
    """Score each row by an index of many indicators: customers, shops, regions, surveys.

    Parameters
    ----------
    alternatives : DataFrame
        One row per thing to be compared, with the plan's indicators.
    plan : CompositePlan
        From :func:`composite_plan`.

    Returns
    -------
    DataFrame
        Of the same kind, with a column per group, ``index`` and ``index_rank`` (1 is best; equal
        ones share the smallest). Rows without a score have no rank. For pandas
        ``attrs["crmanalytics"]`` keeps the plan.

    Raises
    ------
    DataError
        If indicators are missing, or values that the plan's choices cannot do with.
    ParameterError
        If the frame has columns named as groups.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.satisfaction import composite_index, composite_plan
    >>> shops = pd.DataFrame({"praise": [9.0, 7.0, 4.0], "wait": [12.0, 3.0, 8.0]})
    >>> composite_index(shops, composite_plan(["praise", "wait"], costs=["wait"])).round(1)
       praise  wait  index  index_rank
    0     9.0  12.0   50.0         2.0
    1     7.0   3.0   80.0         1.0
    2     4.0   8.0   22.2         3.0
    """
    own, values = read_indicators(alternatives, plan)
    taken = [node.name for node in plan.tree.nodes() if node.name in own.columns]
    if taken or INDEX_RANK in own.columns:
        raise ParameterError(
            f"alternatives has columns named as results, {[*taken, INDEX_RANK]}: rename them first."
        )
    found = climb(_columns(values, plan), plan)
    ranks = rank_best_first(found.scores[ROOT])
    made = with_new(own, {**found.scores, INDEX_RANK: ranks})
    return with_parameters(made, plan=plan.to_dict())


def read_indicators(
    alternatives: Any,  # noqa: ANN401 - any eager frame
    plan: CompositePlan,
) -> tuple[nw.DataFrame[Any], Floats]:
    """Return the frame, checked, and its indicators as they are (rows, indicators)."""
    columns = tuple(Column(name, Kind.NUMBER, nullable=True) for name in plan.indicators)
    own = admit_eager(alternatives, Contract("alternatives", columns))
    if len(own) < 2:
        raise InvalidValuesError(
            f"alternatives has {len(own)} rows: an index compares two or more."
        )
    return own, np.column_stack([as_float(own, name) for name in plan.indicators])


def _columns(values: Floats, plan: CompositePlan) -> dict[str, Floats]:
    whole = filled(values, plan, plan.indicators)
    return dict(zip(plan.indicators, normalised(whole, plan, plan.indicators).T, strict=True))


def rank_best_first(scores: Floats) -> Floats:
    """Return 1 for the highest, along the last axis; equal ones share the smallest rank.

    Examples
    --------
    >>> rank_best_first(np.array([0.5, 0.1 + 0.2, 0.3, np.nan])).tolist()
    [1.0, 2.0, 2.0, nan]
    """
    from scipy.stats import rankdata

    void = np.isnan(scores)
    # rounded to twelve digits of the largest: what rounding errors make unequal is equal
    largest = np.max(np.abs(np.where(void, 0.0, scores)), axis=-1, keepdims=True)
    plain = np.round(np.where(void, -np.inf, scores) / np.where(largest > 0, largest, 1), 12)
    return np.where(void, np.nan, rankdata(-plain, method="min", axis=-1))


def composite_weights(alternatives: Any, plan: CompositePlan) -> pd.DataFrame:  # noqa: ANN401 - any eager frame
    """Say which weight each part has, and how much it really moves the index.

    A weight says how much of a part goes in; that a part with a large weight hardly moves the
    index (as it hardly varies, or repeats others) shows only in the data.

    Parameters
    ----------
    alternatives : DataFrame
        What the index is made of.
    plan : CompositePlan
        The plan.

    Returns
    -------
    pandas.DataFrame
        One row per indicator and group: ``name``, ``parent``, ``weight`` in the parent,
        ``weight_in_index`` (along the branches), ``correlation`` with the index, and
        ``importance``, its square: the share of the index's variance that a straight line on this
        part alone explains.

    Raises
    ------
    DataError
        As :func:`composite_index`.

    References
    ----------
    Paruolo, P., Saisana, M. and Saltelli, A. (2013), Ratings and rankings: voodoo or science?,
    *Journal of the Royal Statistical Society A* 176, 609-634 (importance, equation 4, linear).

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.satisfaction import composite_plan, composite_weights
    >>> shops = pd.DataFrame({"praise": [9.0, 7.0, 4.0], "wait": [12.0, 3.0, 8.0]})
    >>> plan = composite_plan(["praise", "wait"], costs=["wait"])
    >>> composite_weights(shops, plan)[["name", "weight", "correlation"]].round(2)
         name  weight  correlation
    0  praise     0.5         0.58
    1    wait     0.5         0.57
    """
    _, values = read_indicators(alternatives, plan)
    columns = _columns(values, plan)
    found = climb(columns, plan)
    every = {**columns, **found.scores}
    within = {ROOT: 1.0}
    rows = []
    for node in reversed(list(plan.tree.nodes())):
        for name, weight in zip(part_names(node), found.weights[node.name], strict=True):
            within[name] = within[node.name] * float(weight)
            relation = _correlation(every[name], every[ROOT])
            rows.append((name, node.name, float(weight), within[name], relation, relation**2))
    order = {name: k for k, name in enumerate([*plan.indicators, *found.scores])}
    rows.sort(key=lambda row: order[row[0]])
    names = ["name", "parent", "weight", "weight_in_index", "correlation", "importance"]
    return pd.DataFrame(rows, columns=names)


def _correlation(first: Floats, second: Floats) -> float:
    known = ~(np.isnan(first) | np.isnan(second))
    if known.sum() < 2 or not np.ptp(first[known]) or not np.ptp(second[known]):
        return float("nan")
    return float(np.corrcoef(first[known], second[known])[0, 1])
