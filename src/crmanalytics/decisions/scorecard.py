"""Customer selection: a scorecard of core customers, in which size is but one criterion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from crmanalytics import columns as c
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
from crmanalytics.weighting import critic, entropy, equal, weights_for
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Scale", "check_share", "core_of", "rank_of", "scaled", "scorecard"]

Scale = Literal["rank", "minmax"]

_METHODS: Final = ("equal", "entropy", "critic")
_SUFFIX: Final = "_points"


def scorecard(
    customers: Any,  # noqa: ANN401 - any eager frame
    criteria: Sequence[str],
    *,
    weights: Any = "equal",  # noqa: ANN401 - a name, a mapping or a frame
    costs: Collection[str] = (),
    scale: Scale = "rank",
    core: float = 0.2,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Score customers by several criteria at once, and select the core customers.

    Parameters
    ----------
    customers : DataFrame
        One row per customer.
    criteria : sequence of str
        Columns of numbers to judge by: margin, growth, loyalty, payment habits, reach, ...
    weights : {"equal", "entropy", "critic"}, mapping or DataFrame
        A method that weighs the criteria from the data, weights of your own, or a table such as
        ``weighting.ahp`` returns.
    costs : collection of str
        Criteria of which less is better: cost to serve, days to pay, complaints.
    scale : {"rank", "minmax"}
        How a criterion becomes points from 0 to 1: the share of the others that a customer beats
        (ties count half), which no giant can distort; or the distance from the worst to the best.
    core : float
        Share of customers to select, more than 0 and up to 1. Customers of equal score stay
        together, and are in if the first of them is.

    Returns
    -------
    DataFrame
        Of the same kind, with its index and columns, and: ``..._points`` per criterion, ``score``
        (their weighted mean, 0 to 1), ``score_rank`` (1 is best; equal ones share the smallest),
        ``core`` (whether selected). A criterion in which all are alike gives 0.5 to everyone. For
        pandas ``attrs["crmanalytics"]`` keeps the arguments and the weights.

    Raises
    ------
    DataError
        If columns or values are missing, or there is no customer.
    ParameterError
        If the weights are not those of the criteria, or an argument is out of its range.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import scorecard
    >>> customers = pd.DataFrame(
    ...     {"total": [900.0, 80.0, 50.0], "margin": [0.05, 0.4, 0.3], "complaints": [9, 0, 1]}
    ... )
    >>> found = scorecard(customers, ["total", "margin", "complaints"], costs=["complaints"])
    >>> found[["total", "score", "score_rank", "core"]].round(2)
       total  score  score_rank   core
    0  900.0   0.33           2  False
    1   80.0   0.83           1   True
    2   50.0   0.33           2  False
    """
    names = list(criteria)
    own = _admitted(customers, names, costs)
    one_of("scale", scale, ("rank", "minmax"))
    check_share(core)
    values = np.column_stack([as_float(own, name) for name in names])
    points = scaled(values, np.array([name in costs for name in names]), scale)
    shares = _weights(customers, names, weights, costs)
    score = points @ shares
    made = with_new(
        own,
        {
            **{f"{name}{_SUFFIX}": each for name, each in zip(names, points.T, strict=True)},
            "score": score,
            "score_rank": rank_of(score),
            "core": core_of(score, core),
        },
    )
    chosen = dict(zip(names, shares.tolist(), strict=True))
    return with_parameters(
        made, criteria=names, weights=chosen, costs=sorted(costs), scale=scale, core=core
    )


def _admitted(
    customers: Any,  # noqa: ANN401 - any eager frame
    names: list[str],
    costs: Collection[str],
) -> nw.DataFrame[Any]:
    strange = sorted(set(costs) - set(names))
    if not names or len(set(names)) != len(names) or strange or isinstance(costs, str):
        raise ParameterError(
            f"criteria must name at least one column, each once ({names}), and costs only such "
            f"ones (not {strange})"
        )
    columns = tuple(Column(name, Kind.NUMBER) for name in names)
    own = admit_eager(customers, Contract("customers", columns, names_row_by=c.CUSTOMER_ID))
    if not len(own):
        raise InvalidValuesError("customers has no rows: there is nobody to select")
    return own


def _weights(customers: Any, names: list[str], weights: Any, costs: Collection[str]) -> Floats:  # noqa: ANN401 - frames
    if not isinstance(weights, str):
        return weights_for(names, weights)
    one_of("weights", weights, _METHODS, also="a mapping or a table")
    if weights == "entropy":
        return weights_for(names, entropy(customers, names))
    if weights == "critic":
        return weights_for(names, critic(customers, names, costs=costs))
    return weights_for(names, equal(names))


def scaled(values: Floats, turned: NDArray[np.bool_], scale: Scale) -> Floats:
    """Return points from 0 (worst) to 1 (best) per criterion, 0.5 where all are alike.

    Examples
    --------
    >>> values = np.array([[1.0, 5.0], [3.0, 5.0], [9.0, 5.0]])
    >>> scaled(values, np.array([False, True]), "minmax").tolist()
    [[0.0, 0.5], [0.25, 0.5], [1.0, 0.5]]
    """
    if scale == "rank":
        points = np.column_stack([_beaten(each) for each in values.T])
    else:
        low, width = values.min(axis=0), np.ptp(values, axis=0)
        points = np.full(values.shape, 0.5)
        np.divide(values - low, width, out=points, where=width > 0)
    return np.where(turned, 1 - points, points)


def _beaten(values: Floats) -> Floats:
    """Return the share of the others that each is above, equal ones counting half."""
    if len(values) == 1:
        return np.array([0.5])
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, "left")
    equals = np.searchsorted(ordered, values, "right") - below - 1
    return np.asarray((below + equals / 2) / (len(values) - 1))


def rank_of(score: Floats) -> NDArray[np.int64]:
    """Return 1 for the highest; equal ones share the smallest rank, whatever rounding did.

    Examples
    --------
    >>> rank_of(np.array([0.5, 0.1 + 0.2, 0.3])).tolist()
    [1, 2, 2]
    """
    plain = np.round(score, 12)
    return np.asarray(1 + len(plain) - np.searchsorted(np.sort(plain), plain, "right"))


def core_of(score: Floats, core: float) -> NDArray[np.bool_]:
    """Return who is among the share of customers with the highest scores.

    Examples
    --------
    >>> core_of(np.array([0.9, 0.5, 0.5, 0.1]), 0.5).tolist()
    [True, True, True, False]
    """
    # 0.07 * 100 is a hair above 7 in floating point, and must not become 8 customers
    seats = max(1, int(np.ceil(round(core * len(score), 9))))
    return np.asarray(rank_of(score) <= seats)


def check_share(core: float) -> None:
    """Refuse a share of customers that is none.

    Examples
    --------
    >>> check_share(0.2)
    """
    if not 0 < core <= 1:
        raise ParameterError(f"core must be a share above 0 and up to 1, not {core!r}")
