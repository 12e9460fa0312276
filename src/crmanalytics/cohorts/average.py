"""The average curve: retention of all cohorts together, each counting by its size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    as_float,
    as_numpy,
    frame_like,
    with_parameters,
)
from crmanalytics.inference import check_level, wilson_interval

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Sums = Callable[[Floats], Floats]

__all__ = ["average_retention"]

_RATES: Final = ("rate", "low", "high")
_RETAINED: Final = Contract(
    frame="retained",
    columns=(
        Column("cohort", Kind.DATE),
        Column("period", Kind.COUNT, low=0),
        Column("customers", Kind.COUNT, low=0),
        Column("active", Kind.COUNT, low=0),
        Column("complete", Kind.LABEL),
        *(Column(name, Kind.NUMBER, nullable=True) for name in _RATES),
    ),
)


def average_retention(
    retained: Any,  # noqa: ANN401 - any eager frame
    *,
    complete: bool = True,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how many come back after one, two, ... periods on average over all cohorts.

    Parameters
    ----------
    retained : DataFrame
        What :func:`retention` returned, for customers, orders, revenue or margin.
    complete : bool
        Whether to leave out periods that had not ended: they would pull the curve down.
    level : float
        The confidence level that `retained` was made with.

    Returns
    -------
    DataFrame
        Of the same kind, one row per period: ``period``, ``cohorts`` (with customers, and old
        enough), ``customers`` (in them), ``rate`` (their sum now by their sum in the first period,
        so that each cohort counts by its size), ``low`` and ``high``, ``simple_mean`` (each cohort
        counting alike), ``lowest`` and ``highest`` (of the cohorts). Young cohorts drop out of
        later periods, so that the curve may rise. The bounds are Wilson's for customers; for the
        others they combine the errors of the cohorts, which hold different customers; a cohort of
        one has no error of its own and counts as exact. For pandas
        ``attrs["crmanalytics"]`` keeps `complete` and `level`.

    Raises
    ------
    DataError
        If the frame is no such result.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.cohorts import average_retention, retention
    >>> log = pd.DataFrame(
    ...     {
    ...         "customer_id": [1, 1, 2, 3, 3],
    ...         "date": pd.to_datetime(
    ...             ["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-01", "2024-03-03"]
    ...         ),
    ...     }
    ... )
    >>> average_retention(retention(log, until="2024-03-31"))[["period", "customers", "rate"]]
       period  customers      rate
    0       0          3  1.000000
    1       1          3  0.666667
    2       2          2  0.000000
    """
    check_level(level)
    own = admit_eager(retained, _RETAINED)
    money = next((name for name in ("orders", "revenue", "margin") if name in own.columns), None)
    period = as_numpy(own, "period").astype(np.intp)
    size, active, rate = (as_float(own, x) for x in ("customers", "active", "rate"))
    used = ~np.isnan(rate)
    if complete:
        used &= as_numpy(own, "complete").astype(bool)
    periods = int(period[used].max(initial=-1)) + 1

    def summed(values: Floats) -> Floats:
        total = np.bincount(period[used], values[used], minlength=periods)
        return total.astype(np.float64, copy=False)

    whole = summed(size)
    if money is None:
        average = _shares(summed(active), whole)
        low, high = wilson_interval(summed(active), whole, level)
        low[:1] = high[:1] = average[:1]  # everybody is there at first, by definition
    else:
        average, low, high = _ratios(own, money, summed)
    ends = np.full((2, periods), np.nan)
    np.fmin.at(ends[0], period[used], rate[used])
    np.fmax.at(ends[1], period[used], rate[used])
    cohorts = summed(np.ones(len(rate)))
    table = {
        "period": np.arange(periods),
        "cohorts": cohorts.astype(np.int64),
        "customers": whole.astype(np.int64),
        "rate": average,
        "low": low,
        "high": high,
        "simple_mean": _shares(summed(np.nan_to_num(rate)), cohorts),
        "lowest": ends[0],
        "highest": ends[1],
    }
    return with_parameters(frame_like(own, table), complete=complete, level=level)


def _shares(part: Floats, whole: Floats) -> Floats:
    shares = np.full(len(whole), np.nan)
    np.divide(part, whole, out=shares, where=whole > 0)
    return shares


def _ratios(own: Any, money: str, summed: Sums) -> tuple[Floats, Floats, Floats]:  # noqa: ANN401
    """Return ratios of sums, and bounds from those of each cohort, by the weight it has."""
    values = as_float(own, money)
    cohort = np.unique(as_numpy(own, "cohort"), return_inverse=True)[1]
    at_first = as_numpy(own, "period") == 0
    base = np.zeros(int(cohort.max(initial=-1)) + 1)
    base[cohort[at_first]] = values[at_first]
    weight = base[cohort]
    whole = summed(weight)
    average = _shares(summed(values), whole)
    rate, low, high = (as_float(own, name) for name in _RATES)
    below, above = (
        _shares(np.sqrt(summed((weight * np.nan_to_num(half)) ** 2)), whole)
        for half in (rate - low, high - rate)
    )
    return average, average - below, average + above
