"""Samples drawn again: rows, or the clusters of a design within their strata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import FitError, ParameterError
from crmanalytics.inference import Estimates, effective_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Units", "check_draws", "from_replicates", "redrawn", "units_of"]

_FAILURES_BORNE = 0.1
_BLOCK = 4_000_000
_TOGETHER = 50_000


@dataclass(frozen=True)
class Units:
    """What is drawn again when one group of a sample is.

    Parameters
    ----------
    rows : ndarray of shape (n,)
        Rows of the group that are used, in an order that depends on their values alone.
    of_row : ndarray of shape (n,)
        Number of the unit that each of these rows belongs to.
    stratum : ndarray of shape (units,)
        Number of each unit's stratum.
    fraction : ndarray of shape (strata,) or None
        Share of each stratum's units that the sample holds; None where rows are drawn as they are,
        as many as there were.
    """

    rows: Ints
    of_row: Ints
    stratum: Ints
    fraction: Floats | None = None


def units_of(sample: Sample, group: int, answered: NDArray[np.bool_], values: Floats) -> Units:
    """Return the units of a group: its rows, or the clusters of the whole design.

    Parameters
    ----------
    sample : Sample
        The rows, with their groups, weights and design.
    group : int
        Which group.
    answered : ndarray of bool, shape (rows,)
        Rows that have all that is needed.
    values : ndarray of shape (rows, columns)
        What the rows are ordered by, so that the order in which they came has no effect.

    Returns
    -------
    Units
        What to draw from.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"score": [3.0, 1.0, 2.0]}), "score")
    >>> units_of(sample, 0, np.full(3, True), sample.answers("score")[:, None]).rows.tolist()
    [1, 2, 0]
    """
    inside = np.flatnonzero(answered & (sample.groups.of_row == group))
    keys = [*values[inside].T, sample.weight[inside]]
    if sample.design is not None:
        keys.append(sample.design.cluster[inside])
    rows = inside[np.lexsort(keys)]
    if sample.design is None:
        return Units(rows, np.arange(len(rows)), np.zeros(len(rows), dtype=np.int64))
    design = sample.design
    return Units(rows, design.cluster[rows], design.stratum, design.fraction)


def check_draws(draws: int) -> int:
    """Return a number of bootstrap samples: none, or enough for an interval.

    Examples
    --------
    >>> check_draws(0), check_draws(200)
    (0, 200)
    """
    if draws != 0 and draws < 20:
        raise ParameterError(f"draws must be 0, for no intervals, or at least 20, not {draws!r}")
    return int(draws)


def redrawn(units: Units, draws: int, seed: int) -> Iterator[Floats]:
    """Yield how often each unit counts in each sample drawn again, some samples at a time.

    Parameters
    ----------
    units : Units
        What to draw from.
    draws : int
        How many samples.
    seed : int
        Seed of the random numbers.

    Yields
    ------
    ndarray of shape (samples, units)
        What to multiply the units' weights by. Without a design rows are drawn with replacement.
        With one, each stratum gives one cluster less than it has, and factors are rescaled so that
        variances are right for few clusters and for samples of a finite population.

    References
    ----------
    Rao, J. N. K. and Wu, C. F. J. (1988), "Resampling inference with complex survey data", Journal
    of the American Statistical Association 83(401), 231-241, section 4.

    Examples
    --------
    >>> units = Units(np.arange(3), np.arange(3), np.zeros(3, dtype=int))
    >>> sum(len(block) for block in redrawn(units, 50, seed=0))
    50
    """
    random = np.random.default_rng(seed)
    at_once = max(1, _BLOCK // max(len(units.stratum), 1))
    members = [np.flatnonzero(units.stratum == h) for h in range(int(units.stratum.max()) + 1)]
    for start in range(0, draws, at_once):
        samples = min(at_once, draws - start)
        made = np.ones((samples, len(units.stratum)))
        for h, inside in enumerate(members):
            made[:, inside] = _factors(units, h, len(inside), samples, random)
        yield made


def _factors(
    units: Units, stratum: int, size: int, samples: int, random: np.random.Generator
) -> Floats:
    drawn = size if units.fraction is None else size - 1
    if drawn < 1:  # a stratum of one cluster was drawn whole: it does not vary
        return np.ones((samples, size))
    made = _counted(size, drawn, samples, random)
    if units.fraction is None:
        return made
    kept = np.sqrt(1 - units.fraction[stratum])
    return np.asarray(1 - kept + kept * (size / drawn) * made)


def _counted(size: int, drawn: int, samples: int, random: np.random.Generator) -> Floats:
    """Count how often each of some units is among those drawn, in each of some samples."""
    made = np.empty((samples, size))
    at_once = max(1, _TOGETHER // size)  # small groups together, large ones each by itself
    for start in range(0, samples, at_once):
        some = min(at_once, samples - start)
        places = random.integers(0, size, (some, drawn))
        places += np.arange(some)[:, None] * size
        counts = np.bincount(places.ravel(), minlength=some * size)
        made[start : start + some] = counts.reshape(some, size)
    return made


def from_replicates(
    sample: Sample,
    answered: NDArray[np.bool_],
    estimate: Floats,
    replicates: list[Floats],
    *,
    lenient: bool = False,
) -> Estimates:
    """Return estimates with the standard errors and percentile intervals of bootstrap samples.

    Parameters
    ----------
    sample : Sample
        The sample.
    answered : ndarray of bool
        Rows that were used.
    estimate : ndarray of shape (groups,)
        Estimates of the sample as it is.
    replicates : list of ndarray
        Per group the estimates of the samples drawn again; missing where there was none. Empty
        where nothing was drawn.
    lenient : bool
        Whether samples without an estimate are no error: where more than a tenth are so, there are
        no bounds.

    Returns
    -------
    Estimates
        With missing bounds where nothing was drawn.

    Raises
    ------
    FitError
        If more than a tenth of a group's samples gave no estimate, though the group itself did.

    References
    ----------
    Efron, B. and Tibshirani, R. (1993), An introduction to the bootstrap, chapter 13.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"score": [1.0, 2.0]}), "score")
    >>> drawn = [np.linspace(0, 1, 101)]
    >>> found = from_replicates(sample, np.full(2, True), np.array([0.5]), drawn)
    >>> found.low.round(3).tolist(), found.high.round(3).tolist()
    ([0.025], [0.975])
    """
    bounds = np.full((3, len(estimate)), np.nan)
    failed = 0
    for group, made in enumerate(replicates):
        known = made[~np.isnan(made)]
        if np.isnan(estimate[group]) or not len(known):
            continue
        failed += len(made) - len(known)
        many = len(made) - len(known) > _FAILURES_BORNE * len(made)
        if many and lenient:
            continue
        if many:
            raise FitError(
                f"{len(made) - len(known):,} of {len(made):,} samples drawn again gave no "
                "estimate: the answers are too few or too much alike for an interval. Use fewer "
                "columns or larger groups, or draws=0 for the estimates alone."
            )
        tail = 0.5 - sample.level / 2
        bounds[0, group] = known.std(ddof=1)
        bounds[1:, group] = np.quantile(known, (tail, 1 - tail))
    size = effective_size(sample, answered, np.zeros(len(estimate)), np.zeros(len(estimate)))
    n, missing = (sample.groups.count(each) for each in (answered, ~answered))
    drawn = max((len(each) for each in replicates), default=0)
    method = f"bootstrap percentile, {drawn} draws" if drawn else "no interval"
    method += f", {failed} failed" if failed else ""
    return Estimates(estimate, bounds[0], bounds[1], bounds[2], n, size, missing, method)
