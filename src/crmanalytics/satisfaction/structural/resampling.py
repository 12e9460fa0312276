"""Moments of resampled surveys: how often each respondent was drawn, times what each adds to sums.

A resample changes only how often each row counts, so that the sums of squares and products of all
resamples are one matrix product: counts (draws by rows) times products (rows by pairs of items).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.satisfaction.structural.intervals import Parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from crmanalytics.inference.design import Design
    from crmanalytics.satisfaction.structural.answers import Answers

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["left_out_moments", "resampled_moments"]

_BINS = 1_000_000  # counts held at a time: draws times rows
_ROWS = 4096
_PARTS = 1000  # refits of a jackknife, about
_STILL = 1e-12  # variance in a resample, by that in the survey


def resampled_moments(answers: Answers, *, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Return means and covariances of resamples of a survey.

    Rows are drawn with replacement, each with its weight; with clusters, whole clusters are drawn
    within their strata, one fewer than there are and scaled up, as Rao and Wu advise.

    Parameters
    ----------
    answers : Answers
        What was read.
    draws : int
        How many resamples.
    seed : int
        Seed of the random numbers; the rows' order has no influence.

    Returns
    -------
    mean : ndarray of shape (draws, items)
        Means.
    covariance : ndarray of shape (draws, items, items)
        Covariances.

    References
    ----------
    Rao, J. N. K. and Wu, C. F. J. (1988), Resampling inference with complex survey data, *Journal
    of the American Statistical Association* 83, 231-241.
    """
    rng = np.random.default_rng(seed)
    values, centre, spread = _standardised(answers)
    size = values.shape[1]
    sums = np.zeros((draws, 1 + size + size * (size + 1) // 2))
    for features, short in _strata(answers, values):
        sums += _drawn_sums(features, draws, rng, short=short)
    return _moments(sums, centre, spread, len(values))


def left_out_moments(answers: Answers, *, seed: int) -> tuple[Floats, Floats, Parts]:
    """Return means and covariances of a survey without each of its respondents (or clusters).

    Where there are many, parts of several are left out at once, which are drawn at random: the
    skewness of influences, which this is for, is that of single ones.

    Parameters
    ----------
    answers : Answers
        What was read.
    seed : int
        Seed of the random numbers.

    Returns
    -------
    mean, covariance : ndarray
        As of :func:`resampled_moments`.
    parts : Parts
        Which parts were left out.
    """
    rng = np.random.default_rng([seed, 1])
    values, centre, spread = _standardised(answers)
    strata = [features for features, _ in _strata(answers, values)]
    every = sum(map(len, strata))
    wholes, lefts, counts = [], [], []
    for features in strata:
        n = len(features)
        many = n if every <= _PARTS else min(n, max(2, _PARTS * n // every))
        sums, sizes = _part_sums(features, rng.permutation(n) % many, many)
        whole = sums.sum(axis=0)
        wholes.append(whole)
        if many > 1:  # the others of the stratum stand for those left out
            lefts.append((whole - sums) * (n / (n - sizes))[:, None] - whole)
            counts.append(many)
    total = np.sum(wholes, axis=0)
    mean, covariance = _moments(total + np.concatenate(lefts), centre, spread, len(values))
    sizes = np.array(counts)
    stratum = np.repeat(np.arange(len(counts)), sizes)
    return mean, covariance, Parts(stratum, sizes[stratum])


def _part_sums(units: _Rows | _Clusters, part: Ints, many: int) -> tuple[Floats, Ints]:
    """Add what units add to the sums up by part, and count them."""
    n = len(units)
    sums = np.zeros((many, units.part(slice(0, 1)).shape[1]))
    for at in _slices(n, _ROWS):
        np.add.at(sums, part[at], units.part(at))
    return sums, np.bincount(part, minlength=many)


def _standardised(answers: Answers) -> tuple[Floats, Floats, Floats]:
    """Return values near 0, whose sums keep all of their digits, and how they were made so."""
    centre = answers.weight @ answers.matrix / answers.weight.sum()
    spread = answers.matrix.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    return (answers.matrix - centre) / spread, centre, spread


def _moments(sums: Floats, centre: Floats, spread: Floats, n: int) -> tuple[Floats, Floats]:
    """Return means and covariances from sums: of weights, weighted values, weighted products."""
    draws, size = len(sums), len(centre)
    rows, columns = np.triu_indices(size)
    total = sums[:, 0]
    first = sums[:, 1 : 1 + size] / total[:, None]
    covariance = np.empty((draws, size, size))
    covariance[:, rows, columns] = sums[:, 1 + size :] / total[:, None]
    covariance[:, columns, rows] = covariance[:, rows, columns]
    covariance -= first[:, :, None] * first[:, None, :]
    place = np.arange(size)
    variance = covariance[:, place, place]
    # what rounding leaves of an item that did not vary
    covariance[:, place, place] = np.where(variance > _STILL, variance, 0.0)
    covariance *= spread[:, None] * spread * (n / (n - 1))
    return centre + first * spread, covariance


class _Rows:
    """What each row adds to the sums, made for a few rows at a time."""

    def __init__(self, values: Floats, weight: Floats) -> None:
        order = np.lexsort((weight, *values.T))
        self.values, self.weight = values[order], weight[order]
        self.pairs = np.triu_indices(values.shape[1])

    def __len__(self) -> int:
        return len(self.weight)

    def part(self, at: slice) -> Floats:
        """Return weight, weighted values and weighted products of some rows."""
        values, weight = self.values[at], self.weight[at][:, None]
        weighted = values * weight
        rows, columns = self.pairs
        return np.hstack([weight, weighted, weighted[:, rows] * values[:, columns]])


class _Clusters:
    """What each cluster adds to the sums."""

    def __init__(self, sums: Floats) -> None:
        self.sums = sums

    def __len__(self) -> int:
        return len(self.sums)

    def part(self, at: slice) -> Floats:
        """Return the sums of some clusters."""
        return self.sums[at]


def _strata(answers: Answers, values: Floats) -> Iterator[tuple[_Rows | _Clusters, int]]:
    """Yield the units of each stratum, and by how many fewer than there are to draw."""
    design = answers.sample.design
    if design is None:
        yield _Rows(values, answers.weight), 0
        return
    sums = _cluster_sums(values, answers, design)
    for stratum in range(len(design.fraction)):
        units = sums[design.stratum == stratum]
        yield _Clusters(units), 1 if len(units) > 1 else 0


def _cluster_sums(values: Floats, answers: Answers, design: Design) -> Floats:
    """Add rows up by cluster; a cluster without a row that counts adds nothing."""
    cluster = design.cluster[answers.kept]
    rows = _Rows(values, answers.weight)
    order = np.lexsort((answers.weight, *values.T))
    sums = np.zeros((len(design.stratum), rows.part(slice(0, 1)).shape[1]))
    for at in _slices(len(rows), _ROWS):
        np.add.at(sums, cluster[order][at], rows.part(at))
    return sums


def _drawn_sums(
    units: _Rows | _Clusters, draws: int, rng: np.random.Generator, *, short: int
) -> Floats:
    """Return the sums of each draw: how often each unit came, times what it adds."""
    n = len(units)
    parts = list(_slices(n, max(256, min(_ROWS, _BINS // draws))))
    sizes = np.array([at.stop - at.start for at in parts])
    # how many units of each part a draw takes, then which ones: together one multinomial draw
    taken = rng.multinomial(n - short, sizes / n, size=draws)
    sums: Floats | float = 0.0
    for at, size, many in zip(parts, sizes, taken.T, strict=True):
        picks = rng.integers(size, size=int(many.sum()))
        picks += np.repeat(np.arange(draws) * size, many)
        counts = np.bincount(picks, minlength=draws * size).reshape(draws, size)
        sums = sums + counts.astype(np.float64) @ units.part(at)
    return np.asarray(sums) * (n / (n - short))


def _slices(n: int, size: int) -> Iterator[slice]:
    for start in range(0, n, size):
        yield slice(start, min(start + size, n))
