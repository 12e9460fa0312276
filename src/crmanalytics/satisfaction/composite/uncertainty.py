"""How far ranks depend on choices: intervals of ranks, and which choice matters most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from crmanalytics.errors import ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, frame_like, with_parameters
from crmanalytics.inference import TIDY, check_level
from crmanalytics.satisfaction.composite.choices import Trials
from crmanalytics.satisfaction.composite.plan import ROOT
from crmanalytics.satisfaction.composite.scoring import (
    composite_index,
    rank_best_first,
    read_indicators,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.composite.choices import CompositeChoices
    from crmanalytics.satisfaction.composite.plan import CompositePlan

    Floats = NDArray[np.float64]

__all__ = ["composite_sensitivity", "composite_uncertainty"]

_RESAMPLES = 500


def composite_uncertainty(
    alternatives: Any,  # noqa: ANN401 - any eager frame
    plan: CompositePlan,
    choices: CompositeChoices,
    *,
    draws: int,
    seed: int,
    name: str | None = None,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Ask how ranks would change had the index been made otherwise.

    Every draw makes each choice anew, at random, and ranks all rows.

    Parameters
    ----------
    alternatives : DataFrame
        What the index is made of.
    plan : CompositePlan
        The plan that is published.
    choices : CompositeChoices
        What might have been chosen otherwise.
    draws : int
        How many indices to make.
    seed : int
        Seed of the random numbers.
    name : str, optional
        Column that names the rows; otherwise the index of a pandas frame that has one of its own,
        or their position.
    level : float
        Share of the draws that the intervals hold.

    Returns
    -------
    DataFrame
        Of the same kind, in the rows' order: ``name`` (or ``row``), ``index`` and ``index_rank`` of
        the plan, ``rank_mean``, ``rank_median``, ``rank_low``, ``rank_high``, ``index_low``,
        ``index_high`` and ``p_better_half``, the share of draws in which the row is in the better
        half. Rows that some draws leave without a score are described by the others.

    Raises
    ------
    ParameterError
        If combinations of choices cannot be; all reasons are listed.
    DataError
        As :func:`composite_index`.

    References
    ----------
    Saisana, M., Saltelli, A. and Tarantola, S. (2005), Uncertainty and sensitivity analysis
    techniques as tools for the quality assessment of composite indicators, *Journal of the Royal
    Statistical Society A* 168, 307-323.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> shops = pd.DataFrame(
    ...     {"shop": list("abc"), "praise": [9.0, 7.0, 4.0], "wait": [12.0, 3.0, 8.0]}
    ... )
    >>> plan = crm.satisfaction.composite_plan(["praise", "wait"], costs=["wait"])
    >>> choices = crm.satisfaction.CompositeChoices(weight_noise=0.3, leave_out=True)
    >>> crm.satisfaction.composite_uncertainty(
    ...     shops, plan, choices, draws=200, seed=1, name="shop"
    ... )[["shop", "index_rank", "rank_low", "rank_high"]]
      shop  index_rank  rank_low  rank_high
    0    a         2.0       1.0        3.0
    1    b         1.0       1.0        2.0
    2    c         3.0       2.0        3.0
    """
    tail = (1 - check_level(level)) / 2
    trials, labels = _trials(alternatives, plan, choices, name, draws)
    points = np.random.default_rng(seed).random((draws, len(choices.factors)))
    scores = trials.scores(points)
    ranks = rank_best_first(scores)
    own, values = read_indicators(alternatives, plan)
    published = _published(alternatives, plan)
    half = (1 + len(values)) / 2
    with np.errstate(invalid="ignore"):
        better = np.where(np.isnan(ranks), np.nan, ranks <= half)
    rank_low, rank_high = _spread(ranks, tail, whole=True)
    index_low, index_high = _spread(scores, tail, whole=False)
    made = {
        name or "row": labels,
        ROOT: published,
        "index_rank": rank_best_first(published),
        "rank_mean": _over(ranks, np.nanmean),
        "rank_median": _over(ranks, np.nanmedian),
        "rank_low": rank_low,
        "rank_high": rank_high,
        "index_low": index_low,
        "index_high": index_high,
        "p_better_half": _over(better, np.nanmean),
    }
    return with_parameters(frame_like(own, made), draws=draws, seed=seed, level=level)


def _trials(
    alternatives: Any,  # noqa: ANN401 - any eager frame
    plan: CompositePlan,
    choices: CompositeChoices,
    name: str | None,
    draws: int,
) -> tuple[Trials, list[Any]]:
    if draws < 2:
        raise ParameterError(f"draws must be 2 or more, not {draws!r}")
    extra = [Column(name, Kind.LABEL)] if name else []
    extra += [Column(each, Kind.NUMBER, low=0) for each in choices.standard_errors.values()]
    admit_eager(alternatives, Contract("alternatives", tuple(extra)))
    own, values = read_indicators(alternatives, plan)
    labels = own[name].to_list() if name else _positions(alternatives, len(own))
    return Trials.of(plan, choices, own, values), labels


def _positions(alternatives: Any, rows: int) -> list[Any]:  # noqa: ANN401 - any eager frame
    """Return what rows are called that no column names."""
    own_index = isinstance(alternatives, pd.DataFrame) and not isinstance(
        alternatives.index, pd.RangeIndex
    )
    return list(alternatives.index) if own_index else list(range(rows))


def _published(alternatives: Any, plan: CompositePlan) -> Floats:  # noqa: ANN401 - any eager frame
    import narwhals.stable.v2 as nw

    narrow = nw.from_native(alternatives, eager_only=True).select(*plan.indicators).to_native()
    found = nw.from_native(composite_index(narrow, plan), eager_only=True)
    return np.asarray(found[ROOT].to_numpy(), dtype=np.float64)


def _spread(values: Floats, tail: float, *, whole: bool) -> tuple[Floats, Floats]:
    """Return quantiles over draws; of ranks those that occurred."""
    method: Literal["inverted_cdf", "linear"] = "inverted_cdf" if whole else "linear"
    low = _over(values, lambda x, axis: np.nanquantile(x, tail, axis=axis, method=method))
    high = _over(values, lambda x, axis: np.nanquantile(x, 1 - tail, axis=axis, method=method))
    return low, high


def _over(values: Floats, what: Any) -> Floats:  # noqa: ANN401 - a function of numpy's
    """Summarise draws, row by row; rows without any are missing, and no cause for a warning."""
    known = ~np.isnan(values).all(axis=0)
    out = np.full(values.shape[1], np.nan)
    if known.any():
        out[known] = what(values[:, known], axis=0)
    return out


def composite_sensitivity(
    alternatives: Any,  # noqa: ANN401 - any eager frame
    plan: CompositePlan,
    choices: CompositeChoices,
    *,
    draws: int,
    seed: int,
    name: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Ask which choice the ranks depend on most (Sobol's shares of variance).

    Parameters
    ----------
    alternatives, plan, choices, name
        As for :func:`composite_uncertainty`.
    draws : int
        Size of the two base samples: the index is made draws times (factors + 2) times.
    seed : int
        Seed of the random numbers.
    level : float
        Level of the intervals, which resample the draws.

    Returns
    -------
    pandas.DataFrame
        One row per output, factor and metric: ``output`` is ``"ranks"`` (the variance of all ranks
        together), ``"mean shift"`` (how many ranks the rows are away from the plan's, on average)
        and, with `name`, each row's own rank; ``factor``; ``metric`` is ``first_order`` (the share
        of the variance that this choice alone explains) or ``total`` (with all of its interactions
        with others); then the tidy columns, ``n`` being the draws. Estimates of shares near 0 or 1
        may fall slightly outside.

    Raises
    ------
    ParameterError
        If there is one factor only, which explains everything, or combinations cannot be.
    DataError
        As :func:`composite_index`.

    References
    ----------
    Saltelli, A. et al. (2010), Variance based sensitivity analysis of model output, *Computer
    Physics Communications* 181, 259-270, table 2, formulas (b) and (f); for many outputs at once,
    Gamboa, F., Janon, A., Klein, T. and Lagnoux, A. (2014), *Electronic Journal of Statistics* 8.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> shops = pd.DataFrame({"praise": [9.0, 7.0, 4.0], "wait": [12.0, 3.0, 8.0]})
    >>> plan = crm.satisfaction.composite_plan(["praise", "wait"], costs=["wait"], bounds=(1, 10))
    >>> choices = crm.satisfaction.CompositeChoices(
    ...     aggregate=("arithmetic", "geometric"), leave_out=True
    ... )
    >>> found = crm.satisfaction.composite_sensitivity(shops, plan, choices, draws=500, seed=1)
    >>> found.query("output == 'ranks' and metric == 'total'")[["factor", "estimate"]].round(2)
          factor  estimate
    1  aggregate      0.00
    3   left out      1.03
    """
    factors = choices.factors
    if len(factors) < 2:
        raise ParameterError(f"{list(factors)} is the only factor: it explains all there is")
    check_level(level)
    trials, labels = _trials(alternatives, plan, choices, name, draws)
    rng = np.random.default_rng(seed)
    first, second = rng.random((2, draws, len(factors)))
    published = rank_best_first(_published(alternatives, plan))
    before, after = (_outputs(trials, points, published) for points in (first, second))
    mixed = []
    for place in range(len(factors)):
        points = first.copy()
        points[:, place] = second[:, place]
        mixed.append(_outputs(trials, points, published))
    shares = _Shares(before, after, np.stack(mixed))
    names = ["ranks", "mean shift", *(f"rank of {each}" for each in labels)]
    return _table(shares, names[: len(names) if name else 2], factors, rng, level)


def _outputs(trials: Trials, points: Floats, published: Floats) -> Floats:
    """Return the mean shift, then each rank, at every point (draws, 1 + rows)."""
    ranks = rank_best_first(trials.scores(points))
    # a row without a score is behind all others
    ranks = np.where(np.isnan(ranks), ranks.shape[1], ranks)
    shift = np.abs(ranks - np.where(np.isnan(published), ranks.shape[1], published)).mean(axis=1)
    return np.column_stack([shift, ranks])


class _Shares:
    """Terms of Sobol's shares, one per draw, so that draws can be weighted anew."""

    def __init__(self, before: Floats, after: Floats, mixed: Floats) -> None:
        centre = (before.mean(axis=0) + after.mean(axis=0)) / 2
        before, after, mixed = before - centre, after - centre, mixed - centre
        self.alone = np.stack([after * (each - before) for each in mixed])
        self.total = np.stack([(before - each) ** 2 / 2 for each in mixed])
        self.whole = (before**2 + after**2) / 2

    def at(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return shares (factors, outputs) when draws count so; all ranks together come first."""
        variance = weights @ self.whole
        parts = []
        for terms in (self.alone, self.total):
            found = np.einsum("d,fdo->fo", weights, terms)
            together = found[:, 1:].sum(axis=1, keepdims=True)
            parts.append(np.hstack([together, found]))
        every = np.concatenate([[variance[1:].sum()], variance])
        with np.errstate(invalid="ignore", divide="ignore"):
            return parts[0] / every, parts[1] / every


def _table(
    shares: _Shares,
    outputs: list[str],
    factors: tuple[str, ...],
    rng: np.random.Generator,
    level: float,
) -> pd.DataFrame:
    draws = shares.whole.shape[0]
    estimate = np.stack(shares.at(np.full(draws, 1 / draws)))
    counts = rng.multinomial(draws, np.full(draws, 1 / draws), size=_RESAMPLES) / draws
    again = np.stack([np.stack(shares.at(each)) for each in counts])
    tail = (1 - level) / 2
    with np.errstate(invalid="ignore"):
        se = again.std(axis=0, ddof=1)
        low, high = np.quantile(again, [tail, 1 - tail], axis=0)
    rows = [
        (
            output,
            factor,
            metric,
            *(float(each[m, f, o]) for each in (estimate, se, low, high)),
            draws,
            float(draws),
            0,
            "bootstrap percentile",
        )
        for o, output in enumerate(outputs)
        for f, factor in enumerate(factors)
        for m, metric in enumerate(("first_order", "total"))
    ]
    return pd.DataFrame(rows, columns=["output", "factor", *TIDY])
