"""Clusters: groups that the data themselves suggest, kept so that they can be used again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    Shown,
    admit,
    admit_eager,
    as_float,
    is_lazy,
    map_batches,
    with_new,
    with_parameters,
)
from crmanalytics.persistence import register, save
from crmanalytics.segments.mixing import Mixture, check_method, fit_mixture, in_own_order

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence
    from pathlib import Path

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.segments.mixing import Method

    Floats = NDArray[np.float64]

__all__ = ["RFM", "Clusters", "cluster", "fit_clusters", "read_features", "transformed"]

#: What customers are clustered by, the most telling column for their order last.
RFM: Final = (c.DAYS_SINCE_LAST, c.ORDERS, c.TOTAL)
_SAMPLE: Final = 100_000


@register("segments.Clusters")
@dataclass(frozen=True, repr=False)
class Clusters(Shown):
    """Clusters found once, to which any customers can be assigned.

    Parameters
    ----------
    columns : tuple of str
        What they were found by.
    method : {"kmeans", "gmm"}
        How.
    log : bool
        Whether columns enter by their logarithms.
    centre, scale : tuple of float
        Mean and standard deviation of each column, after the logarithm.
    means : tuple of tuple of float
        Centre of each cluster, standardised.
    covariances : tuple or None
        Covariance matrix of each cluster of a mixture.
    weights : tuple of float
        Share of customers in each cluster when they were found.
    """

    columns: tuple[str, ...]
    method: str
    log: bool
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    covariances: tuple[tuple[tuple[float, ...], ...], ...] | None
    weights: tuple[float, ...]

    def _told(self) -> list[str]:
        scale = "logarithms, " if self.log else ""
        return [f"Clusters: {len(self.means)} by {self.method}; centres ({scale}standardised):"]

    def _tables(self) -> dict[str, Any]:
        import pandas as pd

        numbers = range(1, len(self.means) + 1)
        centres = pd.DataFrame(self.means, columns=[*self.columns], index=[*numbers])
        return {"": centres.rename_axis("cluster").assign(share=self.weights)}

    def assign(self, customers: Any) -> Any:  # noqa: ANN401 - any frame that narwhals knows
        """Return the frame with ``cluster``, a number from 1, for each customer.

        Parameters
        ----------
        customers : DataFrame of shape (customers, ...)
            With the columns that the clusters were found by.

        Returns
        -------
        DataFrame
            Of the same kind, with its index and all of its columns. Rows of a frame that is not in
            memory go through Python beside their engine, batch by batch.

        Examples
        --------
        >>> import pandas as pd
        >>> from crmanalytics.segments import fit_clusters
        >>> known = fit_clusters(pd.DataFrame({"total": [1.0, 2.0, 90.0, 99.0]}), 2, ["total"])
        >>> known.assign(pd.DataFrame({"total": [70.0, 3.0]}))["cluster"].tolist()
        [1, 2]
        """
        if is_lazy(customers):
            admit(customers, _contract([*self.columns]))
            return map_batches(customers, self._numbered, {"cluster": int})
        own, _, values = read_features(customers, self.columns)
        how = {"columns": list(self.columns), "method": self.method, "log": self.log}
        return with_parameters(
            with_new(own, {"cluster": self._labels(values)}), **how, k=len(self.means)
        )

    def _numbered(self, rows: Any) -> dict[str, Any]:  # noqa: ANN401 - a pandas frame
        values = [rows[name].to_numpy(dtype=np.float64) for name in self.columns]
        return {"cluster": self._labels(np.column_stack(values))}

    def _labels(self, values: Floats) -> NDArray[np.int64]:
        rows = (transformed(values, log=self.log) - np.array(self.centre)) / np.array(self.scale)
        covariances = None if self.covariances is None else np.array(self.covariances)
        parts = Mixture(np.array(self.means), covariances, np.array(self.weights), 0.0)
        return (parts.label(rows) + 1).astype(np.int64)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the clusters as a small JSON file, which :func:`crmanalytics.load` reads back.

        Examples
        --------
        >>> import tempfile
        >>> import pandas as pd
        >>> import crmanalytics as crm
        >>> frame = pd.DataFrame({"total": [1.0, 2.0, 90.0, 99.0]})
        >>> known = crm.segments.fit_clusters(frame, 2, ["total"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     crm.load(known.save(f"{folder}/clusters.json")) == known
        True
        """
        return save(self, path)

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain JSON values.

        Examples
        --------
        >>> kept = Clusters(("total",), "kmeans", True, (0.0,), (1.0,), ((1.0,),), None, (1.0,))
        >>> kept.to_dict()["columns"]
        ['total']
        """
        return {name: _listed(each) for name, each in vars(self).items()}

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> Clusters:
        """Make clusters of what :meth:`to_dict` gave.

        Examples
        --------
        >>> kept = Clusters(("total",), "kmeans", True, (0.0,), (1.0,), ((1.0,),), None, (1.0,))
        >>> Clusters.from_dict(kept.to_dict()) == kept
        True
        """
        return cls(**{name: _frozen(each) for name, each in body.items()})


def fit_clusters(
    customers: Any,  # noqa: ANN401 - any eager frame
    k: int,
    columns: str | Sequence[str] = RFM,
    *,
    method: Method = "kmeans",
    log: bool = True,
    starts: int = 10,
    seed: int = 0,
    sample: int = _SAMPLE,
) -> Clusters:
    """Find k groups of similar customers; :func:`cluster_stability` helps to choose k.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        One row per customer.
    k : int
        How many clusters, 1 or more and no more than there are different customers.
    columns : sequence of str
        What customers are compared by; recency, frequency and money by default.
    method : {"kmeans", "gmm"}
        k-means finds round clusters of similar spread; a Gaussian mixture leaning and uneven ones.
    log : bool
        Whether columns enter as sign(x) log(1 + abs(x)), so that one giant is not a cluster by
        himself. They are standardised in either case.
    starts, seed : int
        Number and seed of the random starts. Results hang on the seed, not on the order of rows.
    sample : int
        If there are more customers, the clusters are found from a sample of this size.

    Returns
    -------
    Clusters
        Numbered by the mean of the last of `columns`, the highest first.

    Raises
    ------
    DataError
        If columns or values are missing, or there are fewer different customers than clusters.
    ParameterError
        If an argument is none of the above.
    ConvergenceError
        If a mixture does not settle.

    References
    ----------
    Arthur, D. and Vassilvitskii, S. (2007), "k-means++: the advantages of careful seeding", SODA,
    1027-1035; McLachlan, G. and Peel, D. (2000), *Finite Mixture Models*, Wiley.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import fit_clusters
    >>> customers = pd.DataFrame({"total": [1.0, 2.0, 2.0, 90.0, 99.0]})
    >>> fit_clusters(customers, 2, ["total"]).weights
    (0.4, 0.6)
    """
    check_method(method)
    if isinstance(k, bool) or not isinstance(k, int) or k < 1:
        raise ParameterError(f"k must be a whole number from 1, not {k!r}")
    if min(starts, sample) < 1:
        raise ParameterError("starts and sample must be 1 or more")
    _, names, values = read_features(customers, columns)
    rows = in_own_order(transformed(values, log=log))
    check_distinct(rows, k)
    if len(rows) > sample:
        rows = rows[np.sort(np.random.default_rng(seed).choice(len(rows), sample, replace=False))]
        check_distinct(rows, k)
    centre, scale = standards(rows)
    found = fit_mixture((rows - centre) / scale, k, method, seed=seed, starts=starts)
    order = np.lexsort((*found.means.T[:-1], -found.means[:, -1]))
    spread = None if found.covariances is None else _frozen(found.covariances[order].tolist())
    return Clusters(
        tuple(names),
        method,
        log,
        _frozen(centre.tolist()),
        _frozen(scale.tolist()),
        _frozen(found.means[order].tolist()),
        spread,
        _frozen(found.weights[order].tolist()),
    )


def cluster(
    customers: Any,  # noqa: ANN401 - any eager frame
    k: int,
    columns: str | Sequence[str] = RFM,
    *,
    method: Method = "kmeans",
    log: bool = True,
    starts: int = 10,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Group similar customers: find k clusters and say who belongs to which.

    Parameters
    ----------
    customers, k, columns, method, log, starts, seed
        As for :func:`fit_clusters`, which keeps the clusters for another day.

    Returns
    -------
    DataFrame
        Of the same kind, with its index and all of its columns, and with ``cluster``: numbers from
        1, the cluster with the highest mean of the last of `columns` first. ``cluster_profile``
        shows how many customers each has; do look. For pandas ``attrs["crmanalytics"]`` keeps the
        arguments.

    Raises
    ------
    DataError, ParameterError, ConvergenceError
        As for :func:`fit_clusters`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import cluster
    >>> customers = pd.DataFrame({"total": [1.0, 2.0, 2.0, 90.0, 99.0]})
    >>> cluster(customers, 2, ["total"])["cluster"].tolist()
    [2, 2, 2, 1, 1]
    """
    found = fit_clusters(customers, k, columns, method=method, log=log, starts=starts, seed=seed)
    return with_parameters(found.assign(customers), starts=starts, seed=seed)


def read_features(
    customers: object, columns: str | Sequence[str]
) -> tuple[nw.DataFrame[Any], list[str], Floats]:
    """Check customers and return the frame, the names of the columns, and them side by side.

    Examples
    --------
    >>> import pandas as pd
    >>> read_features(pd.DataFrame({"total": [1, 2]}), "total")[1:]
    (['total'], array([[1.],
           [2.]]))
    """
    names = [columns] if isinstance(columns, str) else list(columns)
    if not names or len(set(names)) != len(names):
        raise ParameterError(f"columns must name one column or more, each once, not {columns!r}")
    if is_lazy(customers):
        raise ParameterError(
            "customers is a lazy frame, and clusters are found in memory: collect a sample, "
            "fit_clusters(sample, k), and assign(customers) does the rest on the engine."
        )
    own = admit_eager(customers, _contract(names))
    return own, names, np.column_stack([as_float(own, name) for name in names])


def _contract(names: Sequence[str]) -> Contract:
    wanted = (
        Column(c.CUSTOMER_ID, Kind.IDENTIFIER, required=False),
        *(Column(name, Kind.NUMBER) for name in names),
    )
    return Contract("customers", wanted, names_row_by=c.CUSTOMER_ID)


def transformed(values: Floats, *, log: bool) -> Floats:
    """Return sign(x) log(1 + abs(x)), or the values as they are.

    Examples
    --------
    >>> transformed(np.array([0.0, -9.0]), log=True).round(3).tolist()
    [0.0, -2.303]
    """
    return np.sign(values) * np.log1p(np.abs(values)) if log else values


def standards(rows: Floats) -> tuple[Floats, Floats]:
    """Return mean and standard deviation of each column; 1 for a column that never varies.

    Examples
    --------
    >>> [each.tolist() for each in standards(np.array([[1.0, 5.0], [3.0, 5.0]]))]
    [[2.0, 5.0], [1.0, 1.0]]
    """
    spread = rows.std(axis=0)
    varies = np.ptp(rows, axis=0) > 0
    return rows.mean(axis=0), np.where(varies & (spread > 0), spread, 1.0)


def check_distinct(ordered: Floats, k: int) -> None:
    """Refuse sorted rows that hold fewer different ones than there shall be clusters.

    Examples
    --------
    >>> check_distinct(np.array([[1.0], [2.0]]), 2)
    """
    distinct = int((ordered[1:] != ordered[:-1]).any(axis=1).sum()) + bool(len(ordered))
    if distinct < k:
        raise InvalidValuesError(
            f"customers has {distinct:,} different rows in these columns, too few for {k} "
            "clusters: ask for fewer."
        )


def _listed(value: Any) -> Any:  # noqa: ANN401 - nested tuples of any depth
    return [_listed(each) for each in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:  # noqa: ANN401 - nested lists of any depth
    return tuple(_frozen(each) for each in value) if isinstance(value, list) else value
