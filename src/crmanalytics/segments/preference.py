"""Preference structure: whether all want the same, each something else, or a few things."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.segments.clusters import read_features
from crmanalytics.segments.mixing import fit_mixture, in_own_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["gap_statistic", "preference_structure"]

Structure = Literal["homogeneous", "diffused", "clustered"]


def gap_statistic(
    customers: Any,  # noqa: ANN401 - any eager frame
    columns: str | Sequence[str],
    *,
    most: int = 6,
    references: int = 20,
    starts: int = 5,
    sample: int = 5_000,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how many clusters there are, where none at all is an answer too.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        One row per customer; the columns are taken as they are, so give them on a common scale.
    columns : sequence of str
        Attributes, such as ratings or ideal points.
    most : int
        Largest number of clusters tried, 2 or more.
    references : int
        Samples without any structure that the data are compared with: uniform over the range of
        each column, in whole numbers where the data are.
    starts, seed : int
        Of the random starts.
    sample : int
        If there are more customers, a sample of this size stands for them.

    Returns
    -------
    DataFrame
        Of the same kind, one row per number of clusters from 1: ``k``, ``log_within`` (log of the
        sum of squared distances to the centres), ``expected`` (of it without structure), ``gap``
        (the difference), its ``standard_error``, ``bic`` (of a Gaussian mixture), and ``by_gap``
        and ``by_bic``: true for the number that each chooses. The gap chooses the smallest k whose
        gap reaches that of k + 1 less a standard error; the BIC its minimum. For pandas
        ``attrs["crmanalytics"]`` keeps the arguments.

    Raises
    ------
    DataError
        If columns or values are missing, or there are too few different customers.
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Tibshirani, R., Walther, G. and Hastie, T. (2001), "Estimating the number of clusters in a data
    set via the gap statistic", Journal of the Royal Statistical Society B 63(2), 411-423.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmanalytics.segments import gap_statistic
    >>> rng = np.random.default_rng(1)
    >>> two = pd.DataFrame({"sweet": np.concatenate([rng.normal(at, 0.3, 50) for at in (1, 6)])})
    >>> found = gap_statistic(two, ["sweet"], most=3)
    >>> found.loc[found["by_gap"], "k"].tolist(), found.loc[found["by_bic"], "k"].tolist()
    ([2], [2])
    """
    if most < 2 or references < 2 or starts < 1 or sample < 10:
        raise ParameterError(
            "most and references must be 2 or more, starts 1 or more, sample 10 or more"
        )
    own, names, values = read_features(customers, columns)
    rows = _sampled(values, sample, seed)
    distinct = len(np.unique(rows, axis=0))
    if distinct < most + 1:
        raise InvalidValuesError(
            f"customers has {distinct:,} different rows in these columns, too few to tell "
            f"{most} clusters: lower most, or describe them as they are."
        )
    whole = bool((rows == np.round(rows)).all())
    ks = list(range(1, most + 1))
    log_within = _log_within(rows, ks, starts, seed)
    drawn = np.array(
        [
            _log_within(each, ks, starts, seed)
            for each in _without_structure(rows, references, seed, whole=whole)
        ]
    )
    gap = drawn.mean(axis=0) - log_within
    error = drawn.std(axis=0) * np.sqrt(1 + 1 / references)
    # whole numbers stand for intervals of width 1, whose variance is 1/12: no part is narrower
    least = 1 / 12 if whole else 1e-6 * float(rows.var(axis=0).max())
    bic = np.array(
        [
            fit_mixture(rows, k, "gmm", seed=seed, starts=starts, least_variance=least).quality
            for k in ks
        ]
    )
    table = {
        "k": ks,
        "log_within": log_within,
        "expected": drawn.mean(axis=0),
        "gap": gap,
        "standard_error": error,
        "bic": bic,
        "by_gap": np.arange(most) == _first_high(gap, error),
        "by_bic": np.arange(most) == int(np.argmin(bic)),
    }
    return with_parameters(
        frame_like(own, table),
        columns=names, most=most, references=references, starts=starts, sample=sample,
        seed=seed,
    )  # fmt: skip


def preference_structure(
    customers: Any,  # noqa: ANN401 - any eager frame
    columns: str | Sequence[str],
    *,
    scale: tuple[float, float],
    narrow: float = 0.5,
    most: int = 6,
    references: int = 20,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say whether customers all want the same, want all sorts of things, or fall into groups.

    These are the three patterns of preference segments: homogeneous (no natural segments: serve the
    middle), diffused (tastes all over the scale) and clustered (natural segments).

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        One row per customer, with what they prefer of each attribute on one common scale.
    columns : sequence of str
        The attributes.
    scale : tuple of float
        Lowest and highest possible answer, such as (1, 7): whether tastes are wide apart can only
        be said beside what was possible.
    narrow : float
        Preferences without clusters are homogeneous up to this spread, diffused above it.
    most, references, seed
        As for :func:`gap_statistic`.

    Returns
    -------
    DataFrame
        Of the same kind, one row: ``structure``, ``clusters`` (1 unless clustered), ``k_by_gap``,
        ``k_by_bic``, ``spread`` (standard deviation as a multiple of that of answers spread evenly
        over the scale) and ``customers``. It is "clustered" where both the gap statistic and the
        BIC see two clusters or more; the number is that of the gap statistic. A mixture likes to
        imitate an even spread by several parts, so the BIC alone does not count. Customers who all
        answer alike are homogeneous without a test. For pandas ``attrs["crmanalytics"]`` keeps the
        arguments.

    Raises
    ------
    DataError
        If columns or values are missing, an answer is outside of the scale, or there is nobody.
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Kotler, P. and Keller, K. L., *Marketing Management*, chapter on market segments and targets,
    for the patterns; Tibshirani, Walther and Hastie (2001) for the test.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmanalytics.segments import preference_structure
    >>> rng = np.random.default_rng(1)
    >>> alike = pd.DataFrame(rng.normal(4, 0.5, (80, 2)), columns=["sweet", "creamy"])
    >>> preference_structure(alike, ["sweet", "creamy"], scale=(1, 7))["structure"].tolist()
    ['homogeneous']
    """
    low, high = (float(end) for end in scale)
    if not low < high or not narrow > 0:
        raise ParameterError("scale must ascend and narrow be positive")
    own, names, values = read_features(customers, columns)
    outside = int(((values < low) | (values > high)).any(axis=1).sum())
    if outside or not len(values):
        raise InvalidValuesError(
            f"customers has {outside:,} rows outside of the scale {low:g} to {high:g}."
            if outside
            else "customers has no rows."
        )
    spread = float(np.sqrt(values.var(axis=0).mean() * 12) / (high - low))
    k_gap, k_bic = _numbers(customers, columns, values, most=most, references=references, seed=seed)
    structure: Structure = "homogeneous" if spread <= narrow else "diffused"
    if k_gap > 1 and k_bic > 1:
        structure = "clustered"
    table = {
        "structure": [structure],
        "clusters": [k_gap if structure == "clustered" else 1],
        "k_by_gap": [k_gap],
        "k_by_bic": [k_bic],
        "spread": [spread],
        "customers": [len(values)],
    }
    return with_parameters(
        frame_like(own, table),
        columns=names, scale=[low, high], narrow=narrow, most=most, references=references,
        seed=seed,
    )  # fmt: skip


def _numbers(
    customers: object, columns: Sequence[str], values: Floats, **how: int
) -> tuple[int, int]:
    """Return the number of clusters by gap and by BIC; few different answers are few clusters."""
    import narwhals.stable.v2 as nw

    how["most"] = min(how["most"], len(np.unique(values, axis=0)) - 1)
    if how["most"] < 2:
        return 1, 1
    table = gap_statistic(customers, columns, **how)
    found = nw.from_native(table, eager_only=True)
    by_gap, by_bic = (np.array(found[x].to_list()).argmax() for x in ("by_gap", "by_bic"))
    return int(by_gap) + 1, int(by_bic) + 1


def _sampled(values: Floats, sample: int, seed: int) -> Floats:
    rows = in_own_order(values)
    if len(rows) <= sample:
        return rows
    return rows[np.sort(np.random.default_rng(seed).choice(len(rows), sample, replace=False))]


def _log_within(rows: Floats, ks: list[int], starts: int, seed: int) -> Floats:
    within = [fit_mixture(rows, k, "kmeans", seed=seed, starts=starts).quality for k in ks]
    # rounding may leave nothing where clusters are single points
    return np.log(np.maximum(within, np.finfo(float).tiny))


def _without_structure(rows: Floats, times: int, seed: int, *, whole: bool) -> list[Floats]:
    rng = np.random.default_rng(seed)
    low, high = rows.min(axis=0), rows.max(axis=0)
    if whole:
        return [
            rng.integers(low, high, rows.shape, endpoint=True).astype(float) for _ in range(times)
        ]
    return [rng.uniform(low, high, rows.shape) for _ in range(times)]


def _first_high(gap: Floats, error: Floats) -> int:
    enough = np.flatnonzero(gap[:-1] >= gap[1:] - error[1:])
    return int(enough[0]) if len(enough) else len(gap) - 1
