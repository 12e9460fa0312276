"""Survey designs: the variance of estimates from samples with strata and clusters.

An estimate that is a smooth function of weighted sums is, near the truth, itself a sum: of one
*influence* per row. So its variance is that of a total, and the design says how totals vary:
between clusters, within strata. This is Taylor linearisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.inference.groups import label_codes

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.inference.groups import Groups

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["Design", "read_design"]

_SHOWN = 3


@dataclass(frozen=True)
class Design:
    """How a sample was drawn: clusters (first-stage units) within strata, with replacement or not.

    Parameters
    ----------
    cluster : ndarray of shape (rows,)
        Number of each row's cluster; each cluster belongs to one stratum.
    stratum : ndarray of shape (clusters,)
        Number of each cluster's stratum.
    fraction : ndarray of shape (strata,)
        Share of the stratum's clusters that were drawn; 0 as if drawn with replacement.

    Examples
    --------
    Four clusters in one stratum, two rows each; the estimate is the mean of the rows:

    >>> from crmanalytics.inference import Groups
    >>> design = Design(np.repeat(range(4), 2), np.zeros(4, dtype=int), np.zeros(1))
    >>> answers = np.array([1.0, 1, 2, 2, 3, 3, 6, 6])
    >>> everyone = Groups(np.zeros(8, dtype=int), 1)
    >>> design.variance((answers - answers.mean()) / 8, everyone).round(4).tolist()
    [1.1667]
    """

    cluster: Ints
    stratum: Ints
    fraction: Floats

    def variance(self, influence: Floats, groups: Groups) -> Floats:
        """Return the variance of each group's estimate, given the influence of each row on it.

        A group is a domain: clusters without a row in it count as zeros, as they should.

        Parameters
        ----------
        influence : ndarray of shape (rows,)
            Change of the row's group estimate per unit of the row's weight, times the weight.
        groups : Groups
            Groups of the rows.

        Returns
        -------
        ndarray of shape (groups,)
            Variances.

        Examples
        --------
        >>> from crmanalytics.inference import Groups
        >>> pairs = Design(np.array([0, 0, 1, 1]), np.zeros(2, dtype=int), np.zeros(1))
        >>> pairs.variance(np.array([-0.25, -0.25, 0.25, 0.25]), Groups(np.zeros(4, dtype=int), 1))
        array([1.])
        """
        clusters, strata = len(self.stratum), len(self.fraction)
        key = groups.of_row * clusters + self.cluster
        pairs, place = np.unique(key, return_inverse=True)
        totals = np.bincount(place, weights=influence)
        at = (pairs // clusters) * strata + self.stratum[pairs % clusters]
        cells, place = np.unique(at, return_inverse=True)
        first = np.bincount(place, weights=totals)
        second = np.bincount(place, weights=totals**2)
        drawn = np.bincount(self.stratum, minlength=strata).astype(float)[cells % strata]
        # a stratum drawn whole, of one cluster, does not vary
        spread = np.maximum(second - first**2 / drawn, 0) / np.maximum(drawn - 1, 1)
        part = (1 - self.fraction[cells % strata]) * drawn * spread
        return np.asarray(np.bincount(cells // strata, weights=part, minlength=groups.size))

    def degrees(self, rows: NDArray[np.bool_], groups: Groups) -> Floats:
        """Return each group's degrees of freedom: its clusters less its strata, at least 1.

        Parameters
        ----------
        rows : ndarray of bool
            The rows that answered.
        groups : Groups
            Groups of the rows.

        Returns
        -------
        ndarray of shape (groups,)
            Degrees of freedom.

        Examples
        --------
        >>> from crmanalytics.inference import Groups
        >>> pairs = Design(np.array([0, 0, 1, 1]), np.zeros(2, dtype=int), np.zeros(1))
        >>> pairs.degrees(np.ones(4, dtype=bool), Groups(np.zeros(4, dtype=int), 1))
        array([1.])
        """
        of_row, cluster = groups.of_row[rows], self.cluster[rows]
        pairs = np.unique(of_row * len(self.stratum) + cluster)
        group, strata = pairs // len(self.stratum), len(self.fraction)
        cells = np.unique(group * strata + self.stratum[pairs % len(self.stratum)])
        found = np.bincount(group, minlength=groups.size)
        found -= np.bincount(cells // strata, minlength=groups.size)
        return np.maximum(found, 1).astype(float)


def read_design(
    own: nw.DataFrame[Any],
    strata: str | None,
    clusters: str | None,
    population: str | None = None,
    frame: str = "survey",
) -> Design | None:
    """Read a design from columns that were checked; None where none is named.

    Parameters
    ----------
    own : narwhals.DataFrame
        The rows.
    strata : str or None
        Column of strata; one stratum otherwise.
    clusters : str or None
        Column of clusters (within strata: the same name in two strata is two clusters); each row
        its own otherwise.
    population : str or None
        Column that says how many clusters the population has in the row's stratum; as if drawn
        with replacement otherwise.
    frame : str
        What the frame is called, for messages.

    Returns
    -------
    Design or None
        The design.

    Raises
    ------
    InvalidValuesError
        If a stratum has but one cluster (and was not drawn whole), so that nothing says how it
        varies; or the population of a stratum varies, or is smaller than what was drawn.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> own = nw.from_dict({"shop": [1, 1, 2, 2, 3]}, backend="pandas")
    >>> read_design(own, None, "shop").cluster.tolist()
    [0, 0, 1, 1, 2]
    """
    if strata is None and clusters is None and population is None:
        return None
    of_row = label_codes(own, strata)[0] if strata else np.zeros(len(own), dtype=np.int64)
    inner = label_codes(own, clusters) if clusters else (np.arange(len(own)), max(len(own), 1))
    keys, cluster = np.unique(of_row * inner[1] + inner[0], return_inverse=True)
    stratum = keys // inner[1]
    drawn = np.bincount(stratum, minlength=1).astype(float)
    fraction = np.zeros(len(drawn))
    if population:
        fraction = _fractions(own, population, of_row, drawn, frame)
    lonely = np.flatnonzero((drawn == 1) & (fraction < 1))
    if len(lonely) and strata is None:
        where = f"{frame}[{clusters!r}]" if clusters else frame
        raise InvalidValuesError(
            f"{where} has but one cluster, which cannot show how clusters vary: name the units "
            "that were drawn first, or leave the design out."
        )
    if len(lonely) and strata is not None:
        labels = own[strata].to_list()
        names = [labels[int(np.argmax(of_row == k))] for k in lonely[:_SHOWN]]
        raise InvalidValuesError(
            f"{frame}[{strata!r}]: {len(lonely):,} strata have but one cluster (first: {names}), "
            "which cannot show how clusters vary. Join such strata with others that are like them."
        )
    return Design(cluster.astype(np.int64), stratum.astype(np.int64), fraction)


def _fractions(
    own: nw.DataFrame[Any], population: str, of_row: Ints, drawn: Floats, frame: str
) -> Floats:
    sizes = np.asarray(own[population].to_numpy(), dtype=float)
    largest, smallest = np.zeros(len(drawn)), np.full(len(drawn), np.inf)
    np.maximum.at(largest, of_row, sizes)
    np.minimum.at(smallest, of_row, sizes)
    wrong = int(((largest != smallest) | (largest < drawn)).sum())
    if wrong:
        raise InvalidValuesError(
            f"{frame}[{population!r}] must be the same in all rows of a stratum, and not less than "
            f"the clusters drawn in it: {wrong:,} strata break this. It counts clusters of the "
            "population, not people."
        )
    return drawn / largest
