"""Lift and gain: how many churners are found by contacting the customers of the highest scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.ranking import count_of, read_scored, running
from crmanalytics.errors import ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.inference import wilson_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.churn.ranking import Ranking, Rounding

    Floats = NDArray[np.float64]

__all__ = ["cumulative_gain", "lift", "lift_of", "lift_table", "top_decile_lift"]


def lift(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    share: float,
    rounding: Rounding = "round",
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> float:
    """Say how many times as many churners are among the highest scores as among all customers.

    Customers of equal score who do not all fit into the share count with what is expected of a
    fair draw among them. So the order of rows plays no part, and a score that is the same for all
    has a lift of exactly 1.

    Parameters
    ----------
    scored : DataFrame of shape (customers, ...)
        One row per customer; the higher the score, the more likely to churn.
    share : float
        Share of the customers to look at, above 0 and up to 1.
    rounding : {"round", "ceil", "floor", "exact"}
        How the share becomes a number of customers, at least one: the nearest number (halves to
        the even one), the next or the last one, or a fraction as it is. Of 221 customers a tenth
        is 22, 23, 22 or 22.1; published lifts differ in this.
    target, score, weight : str
        Columns: who churned, the score, and for how many customers the row stands.

    Returns
    -------
    float
        The lift; 1 is no better than drawing customers at random.

    Raises
    ------
    DataError
        If columns or values are missing, or nobody or everybody churned.
    ParameterError
        If `share` or `rounding` is none.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import lift
    >>> scored = pd.DataFrame(
    ...     {"churned": [1, 0, 1, 0], "churn_probability": [0.9, 0.5, 0.5, 0.1]}
    ... )
    >>> lift(scored, share=0.25), lift(scored, share=0.5), lift(scored, share=1)
    (2.0, 1.5, 1.0)
    """
    return lift_of(read_scored(scored, target, score, weight).ranking(), share, rounding)


def top_decile_lift(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    rounding: Rounding = "round",
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> float:
    """Return the lift of the tenth of customers with the highest scores; see :func:`lift`.

    Parameters
    ----------
    scored, rounding, target, score, weight
        As for :func:`lift`.

    Returns
    -------
    float
        The lift.

    Raises
    ------
    DataError, ParameterError
        As for :func:`lift`.

    References
    ----------
    Neslin, S. A., Gupta, S., Kamakura, W., Lu, J. and Mason, C. H. (2006), "Defection detection:
    measuring and understanding the predictive accuracy of customer churn models", Journal of
    Marketing Research 43(2), 204-211.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import top_decile_lift
    >>> scored = pd.DataFrame({"churned": [1] * 4 + [0] * 16, "churn_probability": 0.2})
    >>> top_decile_lift(scored)
    1.0
    >>> top_decile_lift(scored.assign(churn_probability=scored["churned"]))
    5.0
    """
    whole = read_scored(scored, target, score, weight).ranking()
    return lift_of(whole, 0.1, rounding)


def lift_of(steps: Ranking, share: float, rounding: Rounding = "round") -> float:
    """Return the lift at a share of the customers.

    Examples
    --------
    >>> from crmanalytics.churn.ranking import Ranking
    >>> lift_of(Ranking(np.array([0.9, 0.2]), np.array([1.0, 9.0]), np.array([1.0, 1.0])), 0.1)
    5.0
    """
    count = count_of(share, steps.total, rounding)
    return steps.captured(count) / count / steps.rate


def cumulative_gain(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    points: int | None = None,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Draw up which share of the churners is found among the highest x% of scores.

    Parameters
    ----------
    scored, target, score, weight
        As for :func:`lift`.
    points : int, optional
        Read the curve off at this many equal steps, 2 or more. Without it there is a point for
        each distinct score, which is the whole curve: it is straight in between.

    Returns
    -------
    DataFrame
        Of the same kind, from the origin on: ``customer_share``, ``gain`` (share of the churners),
        ``lift`` (their ratio; missing at the origin) and ``perfect`` (the gain of a score that
        knows). For pandas ``attrs["crmanalytics"]`` keeps `points` and `weight`.

    Raises
    ------
    DataError, ParameterError
        As for :func:`lift`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import cumulative_gain
    >>> scored = pd.DataFrame(
    ...     {"churned": [1, 0, 1, 0], "churn_probability": [0.9, 0.5, 0.5, 0.1]}
    ... )
    >>> cumulative_gain(scored)
       customer_share  gain      lift  perfect
    0            0.00   0.0       NaN      0.0
    1            0.25   0.5  2.000000      0.5
    2            0.75   1.0  1.333333      1.0
    3            1.00   1.0  1.000000      1.0
    """
    if points is not None and points < 2:
        raise ParameterError(f"points must be 2 or more, not {points!r}")
    rows = read_scored(scored, target, score, weight)
    steps = rows.ranking()
    across = steps.reached / steps.total
    gain = steps.found / steps.found[-1]
    if points is not None:
        at = np.linspace(0.0, 1.0, points)
        across, gain = at, np.interp(at, across, gain)
    table = {
        "customer_share": across,
        "gain": gain,
        "lift": np.divide(gain, across, out=np.full(len(gain), np.nan), where=across > 0),
        "perfect": np.minimum(across / steps.rate, 1.0),
    }
    return with_parameters(frame_like(rows.own, table), points=points, weight=weight)


def lift_table(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    groups: int = 10,
    level: float = 0.95,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """List the tenths of customers by falling score: how many churned, and the lift of each.

    Parameters
    ----------
    scored, target, score, weight
        As for :func:`lift`.
    groups : int
        How many groups of equal size, 2 or more; the first ones are larger by one where it does
        not work out evenly. Customers of equal score on a border are shared out in proportion.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group, 1 being the highest scores: ``group``, ``customers``,
        ``churned``, ``churn_rate`` with ``low`` and ``high`` (Wilson's interval, customers being
        independent), ``lift``, ``gain`` and ``cumulative_lift`` (down to here). For pandas
        ``attrs["crmanalytics"]`` keeps `groups`, `level` and `weight`.

    Raises
    ------
    DataError, ParameterError
        As for :func:`lift`, or if there are fewer customers than groups.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import lift_table
    >>> scored = pd.DataFrame(
    ...     {"churned": [1, 0, 1, 0], "churn_probability": [0.9, 0.5, 0.5, 0.1]}
    ... )
    >>> lift_table(scored, groups=2)[["group", "customers", "churned", "lift", "gain"]]
       group  customers  churned  lift  gain
    0      1        2.0      1.5   1.5  0.75
    1      2        2.0      0.5   0.5  1.00
    """
    if isinstance(groups, bool) or not isinstance(groups, int) or groups < 2:
        raise ParameterError(f"groups must be a whole number from 2, not {groups!r}")
    rows = read_scored(scored, target, score, weight)
    steps = rows.ranking()
    if steps.total < groups:
        raise ParameterError(f"{steps.total:g} customers cannot be cut into {groups} groups")
    edges = _edges(steps.total, groups)
    found = np.interp(edges, steps.reached, steps.found)
    size, hits = np.diff(edges), np.diff(found)
    low, high = wilson_interval(hits, size, level)
    table = {
        "group": np.arange(1, groups + 1),
        "customers": size,
        c.CHURNED: hits,
        "churn_rate": hits / size,
        "low": low,
        "high": high,
        "lift": hits / size / steps.rate,
        "gain": found[1:] / found[-1],
        "cumulative_lift": found[1:] / edges[1:] / steps.rate,
    }
    return with_parameters(frame_like(rows.own, table), groups=groups, level=level, weight=weight)


def _edges(total: float, groups: int) -> Floats:
    """Where the groups end: whole customers as long as there are only such."""
    if total == int(total):
        size = np.full(groups, int(total) // groups) + (np.arange(groups) < int(total) % groups)
        return running(size.astype(float))
    return np.linspace(0.0, total, groups + 1)
