"""What weights look like: one row per criterion, with weights that sum to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["criteria_of", "weight_table", "weights_for"]

_WEIGHTS: Final = Contract(
    frame="weights",
    columns=(Column(c.CRITERION, Kind.LABEL), Column(c.WEIGHT, Kind.NUMBER, low=0)),
    names_row_by=c.CRITERION,
    unique=(c.CRITERION,),
)


def weight_table(weights: Mapping[str, float]) -> Any:  # noqa: ANN401 - a pandas frame
    """Turn weights of your own into the table that all methods of weighting give.

    Parameters
    ----------
    weights : mapping of str to float
        Criterion to weight, in any unit; none negative, at least one positive.

    Returns
    -------
    pandas.DataFrame
        ``criterion`` and ``weight``, in the order given; the weights sum to 1.

    Raises
    ------
    ParameterError
        If a weight is negative or not finite, or all are zero.

    Examples
    --------
    >>> weight_table({"margin": 3, "growth": 1})
      criterion  weight
    0    margin    0.75
    1    growth    0.25
    """
    import pandas as pd

    values = np.array([float(each) for each in weights.values()])
    sound = bool(np.isfinite(values).all()) and bool((values >= 0).all()) and values.sum() > 0
    if not sound:
        raise ParameterError(
            f"weights must not be negative, and at least one positive: {dict(weights)!r}"
        )
    return pd.DataFrame({c.CRITERION: list(weights), c.WEIGHT: values / values.sum()})


def weights_for(criteria: Sequence[str], weights: Any) -> Floats:  # noqa: ANN401 - frame or mapping
    """Return the weights of criteria in their order, from a table or a mapping, summing to one.

    Parameters
    ----------
    criteria : sequence of str
        The criteria, each of which must have a weight.
    weights : DataFrame or mapping of str to float
        What a method of weighting returned, or weights of your own.

    Returns
    -------
    ndarray of shape (criteria,)

    Raises
    ------
    ParameterError
        If the weights are not those of the criteria.
    DataError
        If the table breaks its contract.

    Examples
    --------
    >>> weights_for(["growth", "margin"], {"margin": 3, "growth": 1}).tolist()
    [0.25, 0.75]
    """
    if hasattr(weights, "items") and not hasattr(weights, "columns"):
        weights = weight_table(weights)
    own = admit_eager(weights, _WEIGHTS)
    known = dict(zip(own[c.CRITERION].to_list(), as_float(own, c.WEIGHT).tolist(), strict=True))
    if set(known) != set(criteria):
        lacking = sorted(set(criteria) - set(known))
        strange = sorted(set(known) - set(criteria))
        raise ParameterError(
            f"weights must be those of the criteria: without a weight {lacking}, not a criterion "
            f"{strange}"
        )
    values = np.array([known[each] for each in criteria])
    if values.sum() <= 0:
        raise ParameterError("weights must not all be zero")
    return np.asarray(values / values.sum())


def criteria_of(alternatives: Any, criteria: Sequence[str] | None) -> tuple[list[str], Floats]:  # noqa: ANN401 - any eager frame
    """Return the names and the values, (alternatives, criteria), of a frame's criteria.

    Examples
    --------
    >>> import pandas as pd
    >>> criteria_of(pd.DataFrame({"margin": [1, 2], "name": ["a", "b"]}), ["margin"])[1].tolist()
    [[1.0], [2.0]]
    """
    from crmanalytics.frames import column_names

    names = list(column_names(alternatives) if criteria is None else criteria)
    if not names or len(set(names)) != len(names):
        raise ParameterError(f"criteria must name at least one column, each once: {names}")
    contract = Contract("alternatives", tuple(Column(name, Kind.NUMBER) for name in names))
    own = admit_eager(alternatives, contract)
    if len(own) < 2:
        raise InvalidValuesError(
            f"alternatives has {len(own)} rows: what tells alternatives apart needs two or more."
        )
    values = np.column_stack([as_float(own, name) for name in names])
    # sorted, so that the order of the rows has no effect on the last digit of a sum
    return names, values[np.lexsort(values.T[::-1])]
