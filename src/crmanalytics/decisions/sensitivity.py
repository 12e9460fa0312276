"""How much the selection hangs on the weights: one weight at a time, and all at random."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.decisions.scorecard import check_share, core_of
from crmanalytics.decisions.size_and_score import rank_correlation
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    as_float,
    frame_like,
    with_new,
    with_parameters,
)
from crmanalytics.weighting import weights_for

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["compare_weights", "core_probability", "weight_sensitivity"]

_BATCH: Final = 64


def weight_sensitivity(
    scored: Any,  # noqa: ANN401 - any eager frame
    weights: Any,  # noqa: ANN401 - a mapping or frame
    *,
    shifts: Sequence[float] = (-0.5, -0.25, 0.25, 0.5),
    core: float = 0.2,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how the selection changes when one weight is larger or smaller than was thought.

    Parameters
    ----------
    scored : DataFrame
        What :func:`scorecard` returned, with the points of each criterion.
    weights : mapping of str to float, or DataFrame
        The weights used, such as ``weighting.ahp`` returned.
    shifts : sequence of float
        Relative changes of one weight, above -1: 0.5 makes it half as large again. The others keep
        their ratios, and all sum to 1.
    core : float
        Share of customers that is selected.

    Returns
    -------
    DataFrame
        One row per criterion and shift: ``criterion``, ``shift``, ``weight`` (after it),
        ``correlation`` (of the ranks before and after; missing where all are alike), ``kept``
        (share of the core customers who remain) and ``entered`` (customers who come in).

    Raises
    ------
    DataError
        If points are missing.
    ParameterError
        If weights or shifts make no sense.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import scorecard, weight_sensitivity
    >>> customers = pd.DataFrame({"margin": [1.0, 2.0, 3.0, 4.0], "growth": [9.0, 7.0, 8.0, 1.0]})
    >>> weights = {"margin": 0.55, "growth": 0.45}
    >>> scored = scorecard(customers, ["margin", "growth"], weights=weights, core=0.25)
    >>> weight_sensitivity(scored, weights, shifts=[-0.5, 0.5], core=0.25).round(3)
      criterion  shift  weight  correlation  kept  entered
    0    margin   -0.5   0.379          0.8   1.0        0
    1    margin    0.5   0.647          1.0   1.0        0
    2    growth   -0.5   0.290          0.6   0.0        1
    3    growth    0.5   0.551          0.8   1.0        0
    """
    check_share(core)
    if not len(shifts) or not all(np.isfinite(each) and each > -1 for each in shifts):
        raise ParameterError(f"shifts must be numbers above -1, at least one: {list(shifts)!r}")
    names, shares = _named(weights)
    own, points = _points(scored, names)
    base = points @ shares
    rows = []
    for place, name in enumerate(names):
        for shift in shifts:
            moved = shares.copy()
            moved[place] *= 1 + shift
            if moved.sum() <= 0:
                raise ParameterError(f"shift {shift} leaves no weight at all")
            moved /= moved.sum()
            rows.append((name, float(shift), moved[place], *_change(base, points @ moved, core)))
    columns = (c.CRITERION, "shift", c.WEIGHT, "correlation", "kept", "entered")
    made = {name: list(each) for name, each in zip(columns, zip(*rows, strict=True), strict=True)}
    return with_parameters(frame_like(own, made), core=core, shifts=list(shifts))


def compare_weights(
    scored: Any,  # noqa: ANN401 - any eager frame
    methods: Mapping[str, Any],
    *,
    core: float = 0.2,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how far methods of weighting agree on whom to select.

    Parameters
    ----------
    scored : DataFrame
        What :func:`scorecard` returned, with the points of each criterion.
    methods : mapping of str to (mapping or DataFrame)
        Weights by the name of their method; the first is what the others are compared to.
    core : float
        Share of customers that is selected.

    Returns
    -------
    DataFrame
        One row per method: ``method``, the weight of each criterion (``..._weight``),
        ``correlation``, ``kept`` and ``entered`` as in :func:`weight_sensitivity`.

    Raises
    ------
    DataError, ParameterError
        As for :func:`weight_sensitivity`; the methods must weigh the same criteria.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import compare_weights, scorecard
    >>> customers = pd.DataFrame({"margin": [1.0, 2.0, 3.0, 4.0], "growth": [9.0, 7.0, 8.0, 1.0]})
    >>> scored = scorecard(customers, ["margin", "growth"])
    >>> methods = {"equal": {"margin": 1, "growth": 1}, "mine": {"margin": 3, "growth": 1}}
    >>> compare_weights(scored, methods, core=0.25)[["method", "margin_weight", "kept"]]
      method  margin_weight  kept
    0  equal           0.50   1.0
    1   mine           0.75   0.0
    """
    check_share(core)
    if not methods:
        raise ParameterError("methods must have at least one set of weights")
    names = _named(next(iter(methods.values())))[0]
    own, points = _points(scored, names)
    shares = np.array([weights_for(names, each) for each in methods.values()])
    base = points @ shares[0]
    changes = [_change(base, points @ each, core) for each in shares]
    made: dict[str, Any] = {"method": list(methods)}
    made |= {f"{name}_weight": each for name, each in zip(names, shares.T, strict=True)}
    kinds = ("correlation", "kept", "entered")
    made |= {x: list(each) for x, each in zip(kinds, zip(*changes, strict=True), strict=True)}
    return with_parameters(frame_like(own, made), core=core)


def core_probability(
    scored: Any,  # noqa: ANN401 - any eager frame
    weights: Any,  # noqa: ANN401 - a mapping or frame
    *,
    core: float = 0.2,
    certainty: float = 50.0,
    draws: int = 1_000,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how sure each customer's place in the core is, given that weights are but opinions.

    Weights are drawn at random around those given; the share of draws in which a customer is
    selected is his probability. Near 1 or 0 the weights do not matter for him.

    Parameters
    ----------
    scored : DataFrame
        What :func:`scorecard` returned, with the points of each criterion.
    weights : mapping of str to float, or DataFrame
        The weights used, all of them positive.
    core : float
        Share of customers that is selected.
    certainty : float
        How close the draws are to the weights: a Dirichlet distribution with this as the sum of
        its parameters, so that the variance of a weight w is w (1 - w) / (certainty + 1).
    draws : int
        How many. The standard error of a probability is at most 0.5 over their square root.
    seed : int
        Of the random numbers.

    Returns
    -------
    DataFrame
        Of the same kind, with its index and columns, and ``core_probability`` and its
        ``standard_error``.

    Raises
    ------
    DataError, ParameterError
        As for :func:`weight_sensitivity`.

    References
    ----------
    Lahdelma, R., Hokkanen, J. and Salminen, P. (1998), SMAA: stochastic multiobjective
    acceptability analysis, *European Journal of Operational Research* 106, 137-143.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.decisions import core_probability, scorecard
    >>> customers = pd.DataFrame({"margin": [4.0, 3.0, 2.0, 1.0], "growth": [9.0, 7.0, 8.0, 1.0]})
    >>> scored = scorecard(customers, ["margin", "growth"], core=0.5)
    >>> sure = core_probability(scored, {"margin": 1, "growth": 1}, core=0.5, seed=1)
    >>> sure["core_probability"].round(1).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    check_share(core)
    if draws < 1 or not certainty > 0:
        raise ParameterError(f"draws ({draws}) and certainty ({certainty}) must be positive")
    names, shares = _named(weights)
    if (shares <= 0).any():
        raise ParameterError("weights must all be positive: leave out criteria that do not count")
    own, points = _points(scored, names)
    drawn = np.random.default_rng(seed).dirichlet(certainty * shares, size=draws)
    times = np.zeros(len(points))
    for start in range(0, draws, _BATCH):
        for score in (points @ drawn[start : start + _BATCH].T).T:
            times += core_of(score, core)
    share = times / draws
    error = np.sqrt(share * (1 - share) / draws)
    made = with_new(own, {"core_probability": share, c.STANDARD_ERROR: error})
    return with_parameters(made, core=core, certainty=certainty, draws=draws, seed=seed)


def _named(weights: Any) -> tuple[list[str], Floats]:  # noqa: ANN401 - a mapping or frame
    if hasattr(weights, "items") and not hasattr(weights, "columns"):
        names = list(weights)
    else:
        label = Contract("weights", (Column(c.CRITERION, Kind.LABEL),))
        names = admit_eager(weights, label)[c.CRITERION].to_list()
    return names, weights_for(names, weights)


def _points(scored: Any, names: list[str]) -> tuple[nw.DataFrame[Any], Floats]:  # noqa: ANN401 - any eager frame
    columns = [f"{name}_points" for name in names]
    wanted = tuple(Column(name, Kind.NUMBER, low=0, high=1) for name in columns)
    own = admit_eager(scored, Contract("scored", wanted, names_row_by=c.CUSTOMER_ID))
    if not len(own):
        raise InvalidValuesError("scored has no rows: there is nobody to select")
    return own, np.column_stack([as_float(own, name) for name in columns])


def _change(base: Floats, score: Floats, core: float) -> tuple[float, float, int]:
    before, after = core_of(base, core), core_of(score, core)
    correlation = rank_correlation(np.round(base, 12), np.round(score, 12))
    kept = float((before & after).sum() / before.sum())
    return correlation, kept, int((after & ~before).sum())
