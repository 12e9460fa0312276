"""Bootstrap of survey means: rows, or clusters within strata, are drawn anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from crmanalytics.inference.design import Design
    from crmanalytics.inference.sample import Sample

    Floats = NDArray[np.float64]

#: Rows are drawn by kind where there are at least this many rows per kind.
_FEW: Final = 4

#: Values beyond this are scaled before they are squared.
_LARGE: Final = 1e100

__all__ = ["bootstrap_interval", "bootstrap_means", "bootstrap_spread", "redrawn_rows"]


def bootstrap_means(sample: Sample, values: Floats, *, times: int, seed: int) -> Floats:
    """Return the weighted means of each group in samples drawn anew.

    Parameters
    ----------
    sample : Sample
        What ``read_sample`` returned. Without a design as many rows are drawn of each group as
        there are; with one, one cluster fewer than there are of each stratum, and rescaled.
    values : ndarray of shape (rows,)
        One value per row, NaN for no answer.
    times : int
        Samples to draw, 2 or more.
    seed : int
        Starts the random numbers; the order of rows does not matter.

    Returns
    -------
    ndarray of shape (times, groups)
        Means; missing where a sample has nobody of the group.

    Raises
    ------
    ParameterError
        If `times` is less than 2.

    References
    ----------
    Rao, J. N. K., Wu, C. F. J. and Yue, K. (1992), "Some recent work on resampling methods for
    complex surveys", Survey Methodology 18(2), 209-217.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"score": [1.0, 2.0, 3.0]}), "score")
    >>> means = bootstrap_means(sample, sample.answers("score"), times=200, seed=1)
    >>> means.shape, bool(abs(means.mean() - 2) < 0.1)
    ((200, 1), True)
    """
    if times < 2:
        raise ParameterError(f"bootstraps must be 2 or more, not {times!r}")
    if sample.calibration is not None:
        raise ParameterError(
            "samples drawn again keep the weights they had, so that raked=... has no effect on "
            "them: choose another method, or leave raked out"
        )
    rng = np.random.default_rng(seed)
    order = np.flatnonzero(~np.isnan(values) & (sample.weight > 0))
    keys = (sample.weight[order], values[order], sample.groups.of_row[order])
    order = order[np.lexsort(keys)]
    group, value = sample.groups.of_row[order], values[order]
    size, weight = sample.groups.size, sample.weight[order]
    if sample.design is None:
        cells = _cells(group, value, weight)
        if _FEW * len(cells[0]) < len(group):
            return _means_of_cells(cells, size, times, rng)
    factors = (
        _row_factors(group, times, rng)
        if sample.design is None
        else _cluster_factors(sample.design, sample.design.cluster[order], times, rng)
    )
    means = np.empty((times, size))
    for place, factor in enumerate(factors):
        drawn = weight * factor
        base = np.bincount(group, weights=drawn, minlength=size)
        known = np.where(base > 0, base, np.nan)
        means[place] = np.bincount(group, weights=drawn * value, minlength=size) / known
    return means


def _cells(group: NDArray[np.int64], value: Floats, weight: Floats) -> tuple[Floats, ...]:
    """Return groups, values, weights and counts of the kinds of rows, which lie side by side."""
    new = np.ones(len(group), dtype=bool)
    new[1:] = (np.diff(group) != 0) | (np.diff(value) != 0) | (np.diff(weight) != 0)
    first = np.flatnonzero(new)
    count = np.diff(np.append(first, len(group)))
    return group[first].astype(float), value[first], weight[first], count.astype(float)


def _means_of_cells(
    cells: tuple[Floats, ...], size: int, times: int, rng: np.random.Generator
) -> Floats:
    """Draw how many rows of each kind there are, which is the same as drawing rows."""
    group, value, weight, count = cells
    means = np.full((times, size), np.nan)
    start = np.searchsorted(group, np.arange(size + 1))
    for k in range(size):
        inside = slice(start[k], start[k + 1])
        n = count[inside].sum()
        if n:
            drawn = rng.multinomial(int(n), count[inside] / n, size=times) * weight[inside]
            means[:, k] = drawn @ value[inside] / drawn.sum(axis=1)
    return means


def _row_factors(
    group: NDArray[np.int64], times: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """Yield how often each row is drawn, from the rows of its group, which lie side by side."""
    counts = np.bincount(group) if len(group) else np.zeros(1, dtype=np.int64)
    start = np.cumsum(counts) - counts
    for _ in range(times):
        drawn = start[group] + (rng.random(len(group)) * counts[group]).astype(np.int64)
        yield np.bincount(drawn, minlength=len(group)).astype(float)


def _cluster_factors(
    design: Design, cluster: NDArray[np.int64], times: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """Yield what the weight of each row is multiplied by (Rao, Wu and Yue 1992, section 3)."""
    counts = np.bincount(design.stratum, minlength=len(design.fraction))
    start = np.cumsum(counts) - counts  # clusters are numbered stratum by stratum
    take = np.repeat(np.arange(len(counts)), counts - 1)
    scale = np.where(counts > 1, counts / np.maximum(counts - 1, 1), 0.0)[design.stratum]
    weight = np.where(counts > 1, np.sqrt(1 - design.fraction), 0.0)[design.stratum]
    for _ in range(times):
        drawn = start[take] + (rng.random(len(take)) * counts[take]).astype(np.int64)
        often = np.bincount(drawn, minlength=len(design.stratum))
        yield np.asarray(1 - weight + weight * scale * often, dtype=float)[cluster]


def redrawn_clusters(
    design: Design, cluster: NDArray[np.int64], times: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """Yield what each row's weight is multiplied by in samples of clusters drawn anew.

    Parameters
    ----------
    design : Design
        Clusters within strata; those without a row here are drawn as well.
    cluster : ndarray of shape (rows,)
        Cluster of each row, rows being in an order that does not depend on how they came.
    times : int
        Samples to draw.
    rng : numpy.random.Generator
        Random numbers.

    Yields
    ------
    ndarray of shape (rows,)
        Factors: one cluster less than there are is drawn of each stratum, and rescaled.

    References
    ----------
    Rao, J. N. K., Wu, C. F. J. and Yue, K. (1992), "Some recent work on resampling methods for
    complex surveys", Survey Methodology 18(2), 209-217, section 3.

    Examples
    --------
    >>> from crmanalytics.inference import Design
    >>> design = Design(np.array([0, 0, 1]), np.zeros(2, dtype=int), np.zeros(1))
    >>> rng = np.random.default_rng(0)
    >>> [each.tolist() for each in redrawn_clusters(design, design.cluster, 2, rng)]
    [[0.0, 0.0, 2.0], [2.0, 2.0, 0.0]]
    """
    first = np.sort(np.unique(cluster, return_index=True)[1])
    unseen = np.setdiff1d(np.arange(len(design.stratum)), cluster)
    order = np.concatenate([cluster[first], unseen])
    order = order[np.argsort(design.stratum[order], kind="stable")]
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    numbered = replace(design, cluster=place[design.cluster], stratum=design.stratum[order])
    return _cluster_factors(numbered, place[cluster], times, rng)


def redrawn_rows(
    design: Design | None, rows: NDArray[np.intp], times: int, rng: np.random.Generator
) -> Iterable[Floats]:
    """Return how often each row counts in each sample drawn anew: of rows, or of their clusters.

    Parameters
    ----------
    design : Design or None
        Strata and clusters, where there are any: see :func:`redrawn_clusters`.
    rows : ndarray
        Places of the rows, in an order that does not depend on how they came.
    times : int
        Samples to draw.
    rng : numpy.random.Generator
        Random numbers.

    Examples
    --------
    >>> found = redrawn_rows(None, np.arange(3), 2, np.random.default_rng(0))
    >>> [each.tolist() for each in found]
    [[1, 1, 1], [0, 0, 3]]
    """
    if design is not None:
        return redrawn_clusters(design, design.cluster[rows], times, rng)
    n = len(rows)
    return np.asarray(rng.multinomial(n, np.full(n, 1 / n), size=times))


def bootstrap_spread(draws: Floats) -> Floats:
    """Return the standard deviation of each column, missing where fewer than two have a value.

    Examples
    --------
    >>> bootstrap_spread(np.array([[1.0, np.nan, 1e300], [3.0, np.nan, 1e300]]))
    array([1.41421356,        nan, 0.        ])
    """
    known = np.count_nonzero(~np.isnan(draws), axis=0) > 1
    found = np.full(draws.shape[1], np.nan)
    largest = np.nanmax(np.abs(draws[:, known]), axis=0, initial=0.0)
    unit = np.where(largest > _LARGE, largest, 1.0)  # so that squares stay numbers
    found[known] = np.nanstd(draws[:, known] / unit, axis=0, ddof=1) * unit
    return found


def bootstrap_interval(means: Floats, level: float) -> tuple[Floats, Floats]:
    """Return the percentile interval of each column of bootstrapped values.

    Examples
    --------
    >>> low, high = bootstrap_interval(np.arange(101.0)[:, None], 0.9)
    >>> low.round(9).tolist(), high.round(9).tolist()
    ([5.0], [95.0])
    """
    known = ~np.isnan(means).all(axis=0)
    bounds = np.full((2, means.shape[1]), np.nan)
    tail = 0.5 - level / 2
    bounds[:, known] = np.nanquantile(means[:, known], (tail, 1 - tail), axis=0)
    return bounds[0], bounds[1]
