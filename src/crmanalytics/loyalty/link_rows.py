"""The complete rows behind the link of one group, and how what is made of them varies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.inference import Groups, estimate_proportions, normal_quantile
from crmanalytics.loyalty.link_forms import Counts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates, Sample

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["LinkRows", "Units", "link_rows"]


@dataclass(frozen=True, eq=False)
class Units:
    """What a cross-validation leaves out as a whole: rows, or clusters of them.

    Parameters
    ----------
    of_row : ndarray of shape (rows,)
        Number of each row's unit.
    size : int
        How many there are.
    alone : bool
        Whether each row is a unit by itself.
    """

    of_row: Ints
    size: int
    alone: bool


@dataclass(frozen=True, eq=False)
class LinkRows:
    """Complete rows that count, in an order that is that of their values.

    Weights sum to Kish's effective number of them, so that errors are not those of rows which
    uneven weights make worth less.

    Parameters
    ----------
    sample : Sample
        Where the rows are from.
    group : int
        Which of its groups they are.
    place : ndarray of shape (rows,)
        Where in the sample each row is.
    given, came, weight : ndarray of shape (rows,)
        Satisfaction, outcome and weight.
    missing : int
        Rows of the group that lack an answer.
    """

    sample: Sample
    group: int
    place: Ints
    given: Floats
    came: Floats
    weight: Floats
    missing: int

    @property
    def dependent(self) -> bool:
        """Whether strata, clusters or margins say how estimates vary."""
        return self.sample.design is not None or self.sample.calibration is not None

    def part(self, rows: NDArray[np.bool_]) -> LinkRows:
        """Return some of the rows."""
        return replace(
            self,
            place=self.place[rows],
            given=self.given[rows],
            came=self.came[rows],
            weight=self.weight[rows],
            missing=0,
        )

    def counts(self, loyal_from: float) -> Counts:
        """Return the weighted numbers of customers by satisfaction and outcome."""
        levels, row = np.unique(self.given, return_inverse=True)
        outcomes, column = np.unique(self.came, return_inverse=True)
        table: Floats = np.zeros((len(levels), len(outcomes)))
        np.add.at(table, (row, column), self.weight)
        return Counts(levels, table, int(np.searchsorted(outcomes, loyal_from)))

    def units(self) -> Units:
        """Return what is independent of each other: rows, or clusters of them."""
        rows = np.arange(len(self.place))
        design = self.sample.design
        if design is None:
            return Units(rows, len(rows), alone=True)
        present, of_row = np.unique(design.cluster[self.place], return_inverse=True)
        if len(present) == len(rows):  # in the order of values, not that of the frame
            return Units(rows, len(rows), alone=True)
        return Units(of_row, len(present), alone=False)

    def error(self, influence: Floats) -> float:
        """Return the standard error of an estimate, given each row's influence on it."""
        return self.sample.error_of(influence, self.place, self.group)[0]

    def bounds(self, estimate: Floats, error: Floats) -> tuple[Floats, Floats]:
        """Return an interval around estimates: Student's where rows depend on each other."""
        half = self.quantile * error
        return estimate - half, estimate + half

    @property
    def quantile(self) -> float:
        """By how many standard errors an interval reaches to either side."""
        from scipy.special import stdtrit

        level = self.sample.level
        if not self.dependent:
            return normal_quantile(level)
        answered = np.isin(np.arange(len(self.sample.weight)), self.place)
        return float(stdtrit(self.sample.degrees(answered)[self.group], 0.5 + level / 2))

    def shares(self, counts: Counts) -> Estimates:
        """Return the share of loyal customers at each level, with Wilson's intervals."""
        levels = len(counts.levels)
        of_row = np.full(len(self.sample.weight), levels)
        of_row[self.place] = np.searchsorted(counts.levels, self.given)
        hits = np.full(len(of_row), np.nan)
        hits[self.place] = np.searchsorted(np.unique(self.came), self.came) >= counts.loyal_from
        found = estimate_proportions(replace(self.sample, groups=Groups(of_row, levels + 1)), hits)
        names = ("estimate", "se", "low", "high", "n", "n_effective", "n_missing")
        return replace(found, **{name: getattr(found, name)[:levels] for name in names})


def link_rows(sample: Sample, group: int, columns: tuple[str, str]) -> LinkRows:
    """Return the rows of a group that have both answers and count.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> survey = pd.DataFrame({"happy": [3, 1, None], "again": [1, 0, 1]})
    >>> rows = link_rows(read_sample(survey, ["happy", "again"]), 0, ("happy", "again"))
    >>> rows.given.tolist(), rows.missing
    ([1.0, 3.0], 1)
    """
    given, came = (sample.answers(name) for name in columns)
    inside = sample.groups.of_row == group
    lacking = np.isnan(given) | np.isnan(came)
    known = np.flatnonzero(inside & ~lacking & (sample.weight > 0))
    order = known[np.lexsort((sample.weight[known], came[known], given[known]))]
    weight = sample.weight[order]
    weight = weight / weight.max(initial=1e-300)  # so that squares stay numbers
    weight = weight * (weight.sum() / max((weight**2).sum(), 1e-300))
    missing = int((inside & lacking).sum())
    return LinkRows(sample, group, order, given[order], came[order], weight, missing)
