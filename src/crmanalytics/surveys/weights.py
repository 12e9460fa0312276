"""What weights cost: the effective number of answers and the design effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import as_float
from crmanalytics.inference import names_of, read_sample, tidy_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["weight_summary"]


def weight_summary(
    survey: Any,  # noqa: ANN401 - any eager frame
    weight: str = c.WEIGHT,
    *,
    by: str | Sequence[str] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how uneven weights are, and how many answers they leave in effect.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    weight : str
        Column of weights, 0 or more.
    by : str or sequence of str, optional
        Columns to group by.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group: the columns of `by`, ``n`` (rows whose weight is above
        0), ``sum``, ``mean``, ``low`` and ``high`` (the smallest and largest of these weights),
        ``ratio`` (of the two), ``cv`` (standard deviation by mean), ``design_effect`` (Kish: 1 +
        cv squared, how many times larger the variance of a mean becomes) and ``n_effective`` (n
        by the design effect).

    Raises
    ------
    DataError
        If the column is missing or a weight is negative.

    References
    ----------
    Kish, L. (1965), Survey Sampling, section 11.7; Kish, L. (1992), "Weighting for unequal Pi",
    Journal of Official Statistics 8(2), 183-200.

    Examples
    --------
    >>> import pandas as pd
    >>> found = weight_summary(pd.DataFrame({"weight": [1.0, 1.0, 2.0, 4.0]})).round(3)
    >>> found[["n", "mean", "ratio", "design_effect", "n_effective"]]
       n  mean  ratio  design_effect  n_effective
    0  4   2.0    4.0          1.375        2.909
    """
    sample = read_sample(survey, by=names_of(by), weight=weight)
    groups, weights = sample.groups, sample.weight
    some = weights > 0
    n = groups.count(some)
    total, squares = groups.total(weights), groups.total(weights**2)
    known = np.where(n > 0, n, np.nan)
    mean = total / known
    effect = known * squares / np.where(total > 0, total, np.nan) ** 2
    low, high = np.full(groups.size, np.inf), np.zeros(groups.size)
    np.minimum.at(low, groups.of_row[some], weights[some])
    np.maximum.at(high, groups.of_row[some], weights[some])
    low, high = (np.where(n > 0, each, np.nan) for each in (low, high))
    unit = _unit(as_float(sample.own, weight), weights)
    columns = {
        c.N: n,
        "sum": total * unit,
        "mean": mean * unit,
        c.LOW: low * unit,
        c.HIGH: high * unit,
        "ratio": high / low,
        "cv": np.sqrt(np.maximum(effect - 1, 0)),
        "design_effect": effect,
        c.N_EFFECTIVE: known / effect,
    }
    return tidy_table(sample.own, columns, groups.labels)


def _unit(given: Floats, weights: Floats) -> float:
    """Return what weights were divided by, if they were too far from 1 to be squared."""
    largest = float(weights.max(initial=0.0))
    return float(given.max()) / largest if largest > 0 else 1.0
