"""How many clusters: as many as another sample of customers would have shown too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit,
    as_float,
    collected,
    frame_like,
    table_like,
    with_parameters,
)
from crmanalytics.segments.clusters import (
    RFM,
    check_distinct,
    read_features,
    standards,
    transformed,
)
from crmanalytics.segments.labels import label_codes
from crmanalytics.segments.mixing import check_method, fit_mixture, in_own_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from crmanalytics.segments.mixing import Method

    Floats = NDArray[np.float64]
    Described = tuple[list[Any], NDArray[np.int64], dict[str, Any]]

__all__ = ["cluster_profile", "cluster_stability"]


def cluster_stability(
    customers: Any,  # noqa: ANN401 - any eager frame
    ks: Iterable[int] = range(2, 9),
    columns: str | Sequence[str] = RFM,
    *,
    method: Method = "kmeans",
    log: bool = True,
    bootstraps: int = 20,
    starts: int = 10,
    least_share: float = 0.01,
    sample: int = 10_000,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say for each number of clusters whether they would be found again, and how large they are.

    Customers are drawn with replacement, clustered again, and everybody is assigned both ways; the
    adjusted Rand index says how far the two agree: 1 is wholly, 0 no more than by chance.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        One row per customer.
    ks : iterable of int
        Numbers of clusters to try, 2 or more.
    columns, method, log, starts, seed
        As for :func:`fit_clusters`.
    bootstraps : int
        Samples per number of clusters, 2 or more.
    least_share : float
        A number of clusters whose smallest has a lower share of customers is never advised: a
        cluster of a few giants is found again every time, and is of no use.
    sample : int
        If there are more customers, a sample of this size stands for them.

    Returns
    -------
    DataFrame
        Of the same kind, one row per k: ``k``, ``stability`` (mean index), its ``standard_error``,
        ``lowest``, ``smallest`` and ``largest`` (customers of these clusters), ``sizes`` (of all,
        as text), ``explained`` (share of the variance between clusters), ``bic`` (of a mixture;
        missing for k-means) and ``advised``: true for the largest k whose stability is within one
        standard error of the best among those without too small a cluster. For pandas
        ``attrs["crmanalytics"]`` keeps the arguments.

    Raises
    ------
    DataError, ParameterError, ConvergenceError
        As for :func:`fit_clusters`.

    References
    ----------
    Hennig, C. (2007), "Cluster-wise assessment of cluster stability", Computational Statistics &
    Data Analysis 52(1), 258-271; Hubert, L. and Arabie, P. (1985), "Comparing partitions", Journal
    of Classification 2, 193-218.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmanalytics.segments import cluster_stability
    >>> rng = np.random.default_rng(1)
    >>> three = np.concatenate([rng.normal(at, 0.1, 40) for at in (0.0, 3.0, 6.0)])
    >>> found = cluster_stability(pd.DataFrame({"x": three}), (2, 3, 4), ["x"], log=False)
    >>> found.loc[found["advised"], ["k", "sizes"]]
       k     sizes
    1  3  40 40 40
    """
    check_method(method)
    tried = sorted(set(ks))
    if not tried or tried[0] < 2:
        raise ParameterError(f"ks must be whole numbers from 2, not {tried!r}")
    if bootstraps < 2 or starts < 1 or sample < 2:
        raise ParameterError("bootstraps and sample must be 2 or more, starts 1 or more")
    own, names, values = read_features(customers, columns)
    rng = np.random.default_rng(seed)
    rows = in_own_order(transformed(values, log=log))
    if len(rows) > sample:
        rows = rows[np.sort(rng.choice(len(rows), sample, replace=False))]
    check_distinct(rows, tried[-1])
    centre, scale = standards(rows)
    rows = (rows - centre) / scale
    draws = [np.sort(rng.integers(0, len(rows), len(rows))) for _ in range(bootstraps)]
    found = [_assess(rows, k, draws, method, seed=seed, starts=starts) for k in tried]
    table: dict[str, Any] = {"k": tried, **{x: [each[x] for each in found] for x in found[0]}}
    table["advised"] = _advised(table, len(rows), least_share)
    return with_parameters(
        frame_like(own, table),
        columns=names, method=method, log=log, bootstraps=bootstraps, starts=starts,
        least_share=least_share, sample=sample, seed=seed,
    )  # fmt: skip


def cluster_profile(
    clustered: Any,  # noqa: ANN401 - any frame that narwhals knows
    columns: Sequence[str] = RFM,
    *,
    label: str = "cluster",
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Describe each cluster: how many customers, and what they are like.

    Parameters
    ----------
    clustered : DataFrame of shape (customers, ...)
        What :func:`cluster` returned, or any frame with a column of labels.
    columns : sequence of str
        Columns of numbers to describe.
    label : str
        The column of clusters.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory: polars for polars, else pandas), one
        row per cluster: the label, ``customers``, ``share``, and ``mean_``
        and ``median_`` of each column, in its own unit. For pandas ``attrs["crmanalytics"]`` keeps
        `columns` and `label`.

    Raises
    ------
    DataError
        If columns or values are missing.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import cluster, cluster_profile
    >>> customers = pd.DataFrame({"total": [1.0, 2.0, 3.0, 90.0, 99.0]})
    >>> cluster_profile(cluster(customers, 2, ["total"]), ["total"])
       cluster  customers  share  mean_total  median_total
    0        1          2    0.4        94.5          94.5
    1        2          3    0.6         2.0           2.0
    """
    wanted = (Column(label, Kind.LABEL), *(Column(name, Kind.NUMBER) for name in columns))
    own = admit(clustered, Contract("clustered", wanted, names_row_by=c.CUSTOMER_ID))
    names, size, measured = (
        _described_on_engine(own, columns, label)
        if isinstance(own, nw.LazyFrame)
        else _described(own, columns, label)
    )
    table = {label: names, "customers": size, "share": size / max(int(size.sum()), 1), **measured}
    return with_parameters(table_like(own, table), columns=list(columns), label=label)


def _described(own: nw.DataFrame[Any], columns: Sequence[str], label: str) -> Described:
    codes, names, _ = label_codes(own, label, None, "clustered")
    table: dict[str, Any] = {}
    for name in columns:
        groups = [np.sort(as_float(own, name)[codes == k]) for k in range(len(names))]
        for what, measure in (("mean", np.mean), ("median", np.median)):
            table[f"{what}_{name}"] = [float(measure(x)) if len(x) else np.nan for x in groups]
    return names, np.bincount(codes, minlength=len(names)), table


def _described_on_engine(own: nw.LazyFrame[Any], columns: Sequence[str], label: str) -> Described:
    """Return the same; a row per cluster comes to the driver."""
    number = {name: nw.col(name).cast(nw.Float64) for name in columns}
    means = [each.mean().alias(f"mean_{name}") for name, each in number.items()]
    medians = [each.median().alias(f"median_{name}") for name, each in number.items()]
    rows = own.select(nw.col(label).alias("label"), *(e.alias(n) for n, e in number.items()))
    found = collected(rows.group_by("label").agg(nw.len().alias("customers"), *means, *medians))
    codes, names, _ = label_codes(found, "label", None, "clustered")
    order = np.argsort(codes)
    table = {
        f"{what}_{name}": as_float(found, f"{what}_{name}")[order]
        for name in columns
        for what in ("mean", "median")
    }
    return names, np.asarray(found["customers"].to_numpy()).astype(np.int64)[order], table


def _assess(
    rows: Floats, k: int, draws: list[NDArray[np.intp]], method: str, **how: int
) -> dict[str, Any]:
    from sklearn.metrics import adjusted_rand_score

    base = fit_mixture(rows, k, method, **how)
    labels = base.label(rows)
    agreement = []
    for draw in draws:
        again = fit_mixture(rows[draw], k, method, **how)
        agreement.append(float(adjusted_rand_score(labels, again.label(rows))))
    size = np.bincount(labels, minlength=k)
    centres = np.array(
        [rows[labels == j].mean(axis=0) if size[j] else base.means[j] for j in range(k)]
    )
    within = float(((rows - centres[labels]) ** 2).sum())
    whole = float(((rows - rows.mean(axis=0)) ** 2).sum())
    return {
        "stability": float(np.mean(agreement)),
        c.STANDARD_ERROR: float(np.std(agreement, ddof=1) / np.sqrt(len(agreement))),
        "lowest": min(agreement),
        "smallest": int(size.min()),
        "largest": int(size.max()),
        "sizes": " ".join(str(each) for each in sorted(size.tolist(), reverse=True)),
        "explained": 1.0 - within / whole,
        "bic": base.quality if method == "gmm" else np.nan,
    }


def _advised(table: dict[str, Any], rows: int, least_share: float) -> list[bool]:
    useful = np.array(table["smallest"]) >= least_share * rows
    stability = np.where(useful, np.array(table["stability"]), -np.inf)
    if not useful.any():
        return [False] * len(stability)
    best = int(np.argmax(stability))
    chosen = np.flatnonzero(stability >= stability[best] - table[c.STANDARD_ERROR][best])[-1]
    return [place == chosen for place in range(len(stability))]
