"""Calibration over time: whether probabilities still come true, snapshot by snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.ranking import read_scored
from crmanalytics.errors import MissingColumnsError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.inference import wilson_interval
from crmanalytics.transactions.encoding import codes_of
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["calibration_by"]


def calibration_by(
    scored: Any,  # noqa: ANN401 - any eager frame
    by: str,
    *,
    level: float = 0.95,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Compare predicted with observed churn in each snapshot, or in each group of customers.

    Parameters
    ----------
    scored, target, score, weight
        As for :func:`calibration`.
    by : str
        Column of snapshots, months, segments, ...; rows without a value are left out.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        Of the same kind, one row per value of `by`, sorted: its value, ``customers``,
        ``predicted`` (mean probability), ``churned``, ``observed`` (share) with ``low`` and
        ``high`` (Wilson's interval, customers of one snapshot being independent), ``gap``
        (observed minus predicted), ``brier``, and ``off``: whether the prediction lies outside of
        the interval. For pandas ``attrs["crmanalytics"]`` keeps `by`, `level` and `weight`.

    Raises
    ------
    DataError
        If columns or values are missing, or scores are no probabilities.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import calibration_by
    >>> scored = pd.DataFrame(
    ...     {
    ...         "snapshot": ["2024-01"] * 40 + ["2024-02"] * 40,
    ...         "churned": [0, 0, 0, 1] * 10 + [0, 1, 1, 1] * 10,
    ...         "churn_probability": 0.25,
    ...     }
    ... )
    >>> calibration_by(scored, "snapshot")[["snapshot", "predicted", "observed", "off"]]
      snapshot  predicted  observed    off
    0  2024-01       0.25      0.25  False
    1  2024-02       0.25      0.75   True
    """
    rows = read_scored(scored, target, score, weight, probability=True, both=False)
    if by not in rows.own.columns:
        raise MissingColumnsError(no_column("scored", by, rows.own.columns))
    codes = codes_of(rows.own[by])[rows.order]
    known = codes >= 0
    codes, weight_ = codes[known], rows.weight[known]
    churned, guess = rows.churned[known], rows.score[known]
    size = np.bincount(codes, weight_)
    hits = np.bincount(codes, weight_ * churned)
    predicted = np.bincount(codes, weight_ * guess) / size
    low, high = wilson_interval(hits, size, level)
    first = np.full(len(size), len(rows.order), dtype=np.int64)
    np.minimum.at(first, codes, rows.order[known])
    table = {
        by: rows.own[by].to_numpy()[first],
        "customers": size,
        "predicted": predicted,
        c.CHURNED: hits,
        "observed": hits / size,
        "low": low,
        "high": high,
        "gap": hits / size - predicted,
        "brier": np.bincount(codes, weight_ * (guess - churned) ** 2) / size,
        "off": (predicted < low) | (predicted > high),
    }
    return with_parameters(frame_like(rows.own, table), by=by, level=level, weight=weight)
