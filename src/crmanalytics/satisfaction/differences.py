"""Differences of two scores: their errors, intervals and p-values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.inference import (
    Groups,
    effective_size,
    influence_of_means,
    normal_quantile,
    shrunk_for_design,
    wilson_interval,
)
from crmanalytics.satisfaction.nps_intervals import adjusted, nps_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.inference import Sample

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Cells", "Pairs", "joined_interval", "measure", "pair_errors", "wald_interval"]

_STEPS: Final = 50
_FARTHEST: Final = 38.0  # standard errors: beyond, the normal tail is no longer a float


@dataclass(frozen=True)
class Cells:
    """A score in each group of a sample, arrays of shape (groups,).

    Parameters
    ----------
    estimate, error : ndarray
        Scores and standard errors.
    up, down : ndarray
        Shares of promoters and detractors; for a share, the share and zeros.
    n, n_effective, n_missing, counted, degrees : ndarray
        Answers; effective ones; rows without; effective ones as intervals count them; degrees of
        freedom.
    """

    estimate: Floats
    error: Floats
    up: Floats
    down: Floats
    n: Floats
    n_effective: Floats
    n_missing: Floats
    counted: Floats
    degrees: Floats

    def at(self, places: Ints) -> Cells:
        """Return the groups at these places."""
        return Cells(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Pairs:
    """Two scores each to be compared, and the standard error of their difference."""

    before: Cells
    after: Cells
    error: Floats

    @property
    def estimate(self) -> Floats:
        """The later score less the earlier one."""
        return self.after.estimate - self.before.estimate


def measure(sample: Sample, values: Floats, *, ddof: int = 0) -> Cells:
    """Return the mean of values in each group; they are 1, 0 and -1 for a net promoter score.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"side": [1.0, 0.0, -1.0, 1.0]}), "side")
    >>> measure(sample, sample.answers("side")).up.tolist()
    [0.5]
    """
    answered = ~np.isnan(values)
    mean, influence = influence_of_means(sample, values)
    decided = influence_of_means(sample, np.abs(values))[0]
    squares = influence_of_means(sample, values**2)[0]
    variance = sample.variance(influence, answered=answered, ddof=ddof)
    variance = np.where(np.isnan(mean), np.nan, variance)
    n = sample.groups.count(answered)
    size = effective_size(sample, answered, np.maximum(squares - mean**2, 0), variance)
    degrees, counted = sample.degrees(answered), size
    if sample.design is not None:
        counted = shrunk_for_design(size, sample.level, n, degrees)
    shares = ((decided + mean) / 2, (decided - mean) / 2)
    missing = sample.groups.count(~answered)
    return Cells(mean, np.sqrt(variance), *shares, n, size, missing, counted, degrees)


def pair_errors(
    sample: Sample, values: Floats, pairs: Ints, person: Ints | None, *, ddof: int = 0
) -> Pairs:
    """Return the scores of pairs of groups, with the error of each difference.

    Parameters
    ----------
    sample : Sample
        The sample, grouped.
    values : ndarray of shape (rows,)
        What each row counts; NaN for no answer.
    pairs : ndarray of shape (pairs, 2)
        Numbers of the earlier and the later group.
    person : ndarray of shape (rows,) or None
        Who answered, if only those who answered both times count.
    ddof : int
        1 for means, 0 for shares.

    Returns
    -------
    Pairs
        Independent groups add their variances. Where the same people, or people of the same
        clusters, are in both, what they share is taken off.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> frame = pd.DataFrame({"wave": [1, 1, 2, 2], "score": [1.0, 3.0, 2.0, 4.0]})
    >>> sample = read_sample(frame, "score", by="wave")
    >>> who = np.array([0, 1, 0, 1])
    >>> found = pair_errors(sample, sample.answers("score"), np.array([[0, 1]]), who, ddof=1)
    >>> found.estimate.tolist(), found.error.tolist()
    ([1.0], [0.0])
    """
    if person is None and sample.design is None:  # margins, if any, are of each wave by itself
        cells = measure(sample, values, ddof=ddof)
        before, after = cells.at(pairs[:, 0]), cells.at(pairs[:, 1])
        return Pairs(before, after, np.hypot(before.error, after.error))
    order = np.argsort(sample.groups.of_row, kind="stable")
    start = np.searchsorted(sample.groups.of_row[order], np.arange(sample.groups.size + 1))
    each = []
    for first, last in pairs:
        if sample.calibration is not None:
            each.append(_one_pair(*_among_all(sample, values, first, last), person, ddof))
            continue
        both = [order[start[k] : start[k + 1]] for k in (first, last)]
        later = np.repeat([0, 1], [len(rows) for rows in both])
        rows = np.concatenate(both)
        who = None if person is None else np.unique(person[rows], return_inverse=True)[1]
        each.append(_one_pair(_of_rows(sample, rows, later), values[rows], who, ddof))
    firsts, seconds, errors = zip(*each, strict=True) if each else ((), (), ())
    return Pairs(_stacked(firsts), _stacked(seconds), np.array(errors, dtype=float))


def _among_all(sample: Sample, values: Floats, first: int, last: int) -> tuple[Sample, Floats]:
    """Return a sample of two groups and the rest: margins are of all rows, answers of the two."""
    of_row = sample.groups.of_row
    side = np.where(of_row == first, 0, np.where(of_row == last, 1, 2)).astype(np.int64)
    return replace(sample, groups=Groups(side, 3)), np.where(side < 2, values, np.nan)


def _of_rows(sample: Sample, rows: Ints, later: Ints) -> Sample:
    """Return what estimates need of some rows; the design keeps all of its clusters."""
    design = sample.design
    if design is not None:
        design = replace(design, cluster=design.cluster[rows])
    groups = Groups(later.astype(np.int64), 2)
    return replace(sample, groups=groups, weight=sample.weight[rows], design=design)


def _one_pair(
    sample: Sample, values: Floats, person: Ints | None, ddof: int
) -> tuple[Cells, Cells, float]:
    """Return both scores and the error of their difference: of groups 0 and 1 of a sample."""
    if person is not None:
        values = np.where(_answered_twice(values, person), values, np.nan)
    cells = measure(sample, values, ddof=ddof)
    influence = influence_of_means(sample, values)[1]
    change = np.where(sample.groups.of_row == 1, influence, -influence)
    if person is not None and sample.design is None:
        if sample.calibration is not None:
            change = sample.calibration.residual(change, sample.weight)
        shift = np.bincount(person, weights=change)
        n = cells.n[0]
        variance = float((shift**2).sum()) * (n / (n - ddof) if n > ddof else np.nan)
    else:
        whole = replace(sample, groups=Groups(np.zeros_like(sample.groups.of_row), 1))
        answered = ~np.isnan(values)
        variance = float(whole.variance(change, answered=answered, ddof=ddof)[0])
    return cells.at(np.array([0])), cells.at(np.array([1])), float(np.sqrt(variance))


def _answered_twice(values: Floats, person: Ints) -> NDArray[np.bool_]:
    times = np.bincount(person[~np.isnan(values)], minlength=int(person.max(initial=0)) + 1)
    return np.asarray(times[person] == 2)


def _stacked(cells: tuple[Cells, ...]) -> Cells:
    names = Cells.__dataclass_fields__
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(each, name) for each in cells] or [np.empty(0)])
        for name in names
    }
    return Cells(**joined)


def joined_interval(pairs: Pairs, level: float, *, net: bool) -> tuple[Floats, Floats, Floats]:
    """Return bounds of differences from those of both scores, and the p-values that go with them.

    A p-value is one less the level of the interval that just reaches zero: where it is below 5%
    the interval of 95% leaves zero out, and the other way round.

    Parameters
    ----------
    pairs : Pairs
        The scores and errors.
    level : float
        Confidence level.
    net : bool
        Whether they are net promoter scores, and not shares.

    Returns
    -------
    tuple of ndarray
        Lower bounds, upper bounds, p-values.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), "Construction of confidence limits about effect measures",
    Statistics in Medicine 27(10), 1693-1702, equations 4 and 5; Newcombe, R. G. (1998), Statistics
    in Medicine 17(8), 873-890, method 10, for two shares.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> answers = [1] * 30 + [0] * 70 + [1] * 50 + [0] * 50
    >>> frame = pd.DataFrame({"g": [1] * 100 + [2] * 100, "v": answers})
    >>> sample = read_sample(frame, "v", by="g")
    >>> pairs = pair_errors(sample, sample.answers("v"), np.array([[0, 1]]), None)
    >>> low, high, p = joined_interval(pairs, 0.95, net=False)
    >>> print(low.round(4), high.round(4), p.round(4))
    [0.0642] [0.3258] [0.0038]
    """
    low, high = _joined_at(pairs, np.full(pairs.error.shape, normal_quantile(level)), net=net)
    gap = pairs.estimate
    near, far = np.zeros(gap.shape), np.full(gap.shape, _FARTHEST)
    for _ in range(_STEPS):
        middle = (near + far) / 2
        lower, upper = _joined_at(pairs, middle, net=net)
        # the interval does not yet reach zero: it must grow
        short = np.where(gap > 0, lower > 0, upper < 0)
        near, far = np.where(short, middle, near), np.where(short, far, middle)
    p = np.where(np.isnan(gap), np.nan, _two_sided((near + far) / 2))
    return low, high, np.where(gap == 0, 1.0, p)


def _two_sided(z: Floats) -> Floats:
    from scipy.special import ndtr

    return np.asarray(2 * ndtr(-np.abs(z)))


def _joined_at(pairs: Pairs, z: Floats, *, net: bool) -> tuple[Floats, Floats]:
    before, after = pairs.before, pairs.after
    low0, high0 = _bounds(before, z, net=net)
    low1, high1 = _bounds(after, z, net=net)
    both = before.error * after.error
    shared = (before.error**2 + after.error**2 - pairs.error**2) / 2
    together = np.clip(np.where(both > 0, shared / np.where(both > 0, both, 1.0), 0.0), -1, 1)

    def reach(one: Floats, other: Floats) -> Floats:
        return np.sqrt(np.maximum(one**2 + other**2 - 2 * together * one * other, 0))

    gap = pairs.estimate
    low = gap - reach(after.estimate - low1, high0 - before.estimate)
    high = gap + reach(high1 - after.estimate, before.estimate - low0)
    return low, high


def _bounds(cells: Cells, z: Floats, *, net: bool) -> tuple[Floats, Floats]:
    """Return each score's own interval, z standard errors to either side.

    A quantile of z on the whole sample is one of 1 on a sample that is smaller by its square.
    """
    one = 0.6826894921370859  # the level of an interval of one standard error
    size = cells.counted / np.maximum(z, 1e-9) ** 2
    if net:
        return nps_interval(cells.up, cells.down, size, one)
    return wilson_interval(cells.up * size, size, one)


def wald_interval(
    pairs: Pairs, level: float, *, student: bool, more: bool = False
) -> tuple[Floats, Floats, Floats]:
    """Return the bounds of differences from their standard errors, and p-values.

    Parameters
    ----------
    pairs : Pairs
        The scores and errors.
    level : float
        Confidence level.
    student : bool
        Whether quantiles are Student's (degrees of freedom after Welch, or the smaller of both
        where the error is not that of independent groups), as for means and designs.
    more : bool
        Whether three answers are added to each score first (adjusted Wald).

    Returns
    -------
    tuple of ndarray
        Lower bounds, upper bounds, p-values.

    Examples
    --------
    >>> one = np.ones(1)
    >>> before = Cells(0.3 * one, 0.078 * one, 0.5 * one, 0.2 * one, *[100 * one] * 5)
    >>> after = Cells(0.45 * one, 0.074 * one, 0.6 * one, 0.15 * one, *[100 * one] * 5)
    >>> pairs = Pairs(before, after, np.hypot(before.error, after.error))
    >>> [x.round(3).tolist() for x in wald_interval(pairs, 0.95, student=False)]
    [[-0.061], [0.361], [0.163]]
    """
    from scipy.special import ndtri, stdtr, stdtrit

    gap, error = pairs.estimate, pairs.error
    if more:
        gap, error = _adjusted_gap(pairs)
    some = error > 0
    away = np.abs(gap) / np.where(some, error, 1.0)
    if student:
        degrees = _degrees(pairs)
        quantile = stdtrit(degrees, 0.5 + level / 2)
        p = 2 * stdtr(degrees, -away)
    else:
        quantile = np.full(gap.shape, ndtri(0.5 + level / 2))
        p = _two_sided(away)
    # no spread at all: the difference is either nothing or beyond doubt
    p = np.where(some | np.isnan(error), p, np.where(gap == 0, 1.0, 0.0))
    return gap - quantile * error, gap + quantile * error, np.where(np.isnan(error), np.nan, p)


def _adjusted_gap(pairs: Pairs) -> tuple[Floats, Floats]:
    scores, variances = [], []
    for cells in (pairs.before, pairs.after):
        p, d, n = adjusted(cells.up, cells.down, cells.counted)
        scores.append(p - d)
        variances.append((p + d - (p - d) ** 2) / n)
    return scores[1] - scores[0], np.sqrt(variances[0] + variances[1])


def _degrees(pairs: Pairs) -> Floats:
    """Return Welch's degrees of freedom of independent groups, else the smaller of both."""
    first, second = pairs.before.error**2, pairs.after.error**2
    parts = first**2 / pairs.before.degrees + second**2 / pairs.after.degrees
    some = (parts > 0) & np.isclose(first + second, pairs.error**2, rtol=1e-9, atol=0)
    welch = (first + second) ** 2 / np.where(some, parts, 1.0)
    return np.where(some, welch, np.minimum(pairs.before.degrees, pairs.after.degrees))
