"""How often an interval of the net promoter score holds the truth: all samples counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.inference import check_level
from crmanalytics.satisfaction.nps_intervals import METHODS, check_interval_method, nps_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from crmanalytics.satisfaction.score_types import IntervalMethod

    Floats = NDArray[np.float64]

__all__ = ["nps_coverage"]

_LARGEST = 2000


def nps_coverage(
    promoters: float,
    detractors: float,
    n: int | Sequence[int],
    *,
    method: IntervalMethod | Sequence[IntervalMethod] = METHODS,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say how often the interval of a net promoter score holds the truth, by exact enumeration.

    All samples that can occur are listed with their probabilities (a trinomial has (n + 1)(n + 2)/2
    of them), so nothing is simulated.

    Parameters
    ----------
    promoters, detractors : float
        True shares among the customers.
    n : int or sequence of int
        Answers, from 1 to 2000.
    method : str or sequence of str
        Intervals to judge; all of them unless said otherwise.
    level : float
        The level that they claim.

    Returns
    -------
    pandas.DataFrame
        One row per size and method: ``promoters``, ``detractors``, ``n``, ``method``, ``level``,
        ``coverage`` (the probability that the interval holds the true score), ``width`` (mean
        width of what lies on the scale from -1 to 1) and ``outside`` (the probability that it
        leaves the scale).

    Raises
    ------
    ParameterError
        If shares are not shares, or an argument is wrong.

    References
    ----------
    Rocks, B. (2016), "Interval estimation for the net promoter score", The American Statistician
    70(4), 365-372.

    Examples
    --------
    Ten answers, where 95% would recommend us:

    >>> found = nps_coverage(0.95, 0.02, 10, method=["wald", "mover"])
    >>> found[["n", "method", "coverage", "width"]].round(3)
        n method  coverage  width
    0  10   wald     0.400  0.184
    1  10  mover     0.941  0.488
    """
    passives = 1 - promoters - detractors
    if min(promoters, detractors, passives + 1e-12) < 0:
        raise ParameterError(
            f"promoters and detractors must be shares that sum to at most 1, not {promoters!r} and "
            f"{detractors!r}"
        )
    sizes = [n] if isinstance(n, int) else list(n)
    if not sizes or any(not 1 <= size <= _LARGEST for size in sizes):
        raise ParameterError(f"n must be from 1 to {_LARGEST:,}, not {n!r}")
    methods: list[IntervalMethod] = [method] if isinstance(method, str) else list(method)
    for each in methods:
        check_interval_method(each)
    shares = (promoters, max(passives, 0.0), detractors)
    rows = [_judge(shares, size, each, check_level(level)) for size in sizes for each in methods]
    import pandas as pd

    return pd.DataFrame(rows)


def _judge(
    shares: tuple[float, float, float], n: int, method: IntervalMethod, level: float
) -> dict[str, Any]:
    up, down, probability = _samples(shares, n)
    low, high = nps_interval(up / n, down / n, n, level, method=method)
    truth = shares[0] - shares[2]
    # a bound that equals the truth but for the last digit holds it
    held = (low <= truth + 1e-12) & (truth <= high + 1e-12)
    left = (low < -1 - 1e-12) | (high > 1 + 1e-12)
    return {
        "promoters": shares[0],
        "detractors": shares[2],
        "n": n,
        "method": method,
        "level": level,
        "coverage": float(probability[held].sum()),
        "width": float(probability @ (np.minimum(high, 1) - np.maximum(low, -1))),
        "outside": float(probability[left].sum()),
    }


def _samples(shares: tuple[float, float, float], n: int) -> tuple[Floats, Floats, Floats]:
    """Return promoters and detractors of every sample of n, and its probability."""
    from scipy.special import gammaln, xlogy

    up, down = (each.ravel().astype(float) for each in np.mgrid[: n + 1, : n + 1])
    known = up + down <= n
    up, down = up[known], down[known]
    counts = (up, n - up - down, down)
    logs = gammaln(n + 1) + sum(
        xlogy(k, share) - gammaln(k + 1) for k, share in zip(counts, shares, strict=True)
    )
    return up, down, np.asarray(np.exp(logs))
