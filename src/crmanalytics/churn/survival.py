"""Time to churn under contracts: survival by group, tests, and the life that remains."""

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
    admit_eager,
    as_float,
    frame_like,
    with_parameters,
)
from crmanalytics.inference import (
    check_level,
    kaplan_meier_estimate,
    names_of,
    normal_interval,
    row_groups,
    tidy_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.inference import Groups

    Floats = NDArray[np.float64]

__all__ = ["Spells", "kaplan_meier", "logrank", "read_spells", "remaining_life"]

_TABLE: Final = ("time", "at_risk", "events", "survival", c.STANDARD_ERROR, "low", "high")


@dataclass(frozen=True, eq=False)
class Spells:
    """Durations, whether they ended in churn, and the group of each."""

    own: nw.DataFrame[Any]
    duration: Floats
    churned: Floats
    groups: Groups

    def parts(self) -> Iterator[tuple[Floats, Floats]]:
        """Yield each group's durations and ends."""
        for place in range(self.groups.size):
            here = self.groups.of_row == place
            yield self.duration[here], self.churned[here]


def read_spells(customers: Any, duration: str, churned: str, by: str | None) -> Spells:  # noqa: ANN401
    """Check a frame of durations and return what it holds; nobody counts who never was there."""
    wanted = [Column(c.DURATION, Kind.NUMBER, low=0), Column(c.CHURNED, Kind.FLAG)]
    names = {c.DURATION: duration, c.CHURNED: churned}
    if by is not None:
        wanted.append(Column(by, Kind.LABEL))
    own = admit_eager(customers, Contract("customers", tuple(wanted)), names=names)
    lasted = as_float(own, c.DURATION)
    kept = lasted > 0
    if not kept.any():
        raise InvalidValuesError(f"customers[{duration!r}] must be positive in some rows.")
    groups = row_groups(own.filter(kept.tolist()), names_of(by))
    return Spells(own, lasted[kept], as_float(own, c.CHURNED)[kept], groups)


def _counts(duration: Floats, churned: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the times that occur, who was there just before, and how many left then."""
    times, place = np.unique(duration, return_inverse=True)
    ended = np.bincount(place, minlength=len(times))
    at_risk = np.cumsum(ended[::-1])[::-1].astype(np.float64)
    gone = np.bincount(place, weights=churned, minlength=len(times)).astype(np.float64)
    return times, at_risk, gone


def kaplan_meier(
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    by: str | None = None,
    duration: str = c.DURATION,
    churned: str = c.CHURNED,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which share of customers is still there after each time, by group.

    Customers who have not left count for as long as they were seen.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        One row per customer.
    by : str, optional
        Column of groups; one in which nobody was there for any time is left out.
    duration : str
        Column: how long the customer was there, in any unit; rows of 0 do not count.
    churned : str
        Column: whether the customer left at its end, 0 or 1.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the same kind, one row per time, by group: the group under its name, ``time``,
        ``at_risk``, ``events``, ``survival``, ``standard_error`` (Greenwood's), ``low`` and
        ``high`` (symmetric for log(-log S)).

    Raises
    ------
    DataError
        If columns or values are missing.
    ParameterError
        If `level` is none.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958), "Nonparametric estimation from incomplete observations",
    Journal of the American Statistical Association 53(282), 457-481.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import kaplan_meier
    >>> customers = pd.DataFrame({"duration": [1, 2, 2, 3], "churned": [1, 0, 1, 0]})
    >>> kaplan_meier(customers)[["time", "at_risk", "events", "survival"]]
       time  at_risk  events  survival
    0   1.0        4       1      0.75
    1   2.0        3       1      0.50
    2   3.0        1       0      0.50
    """
    check_level(level)
    spells = read_spells(customers, duration, churned, by)
    columns: dict[str, list[Any]] = {name: [] for name in _TABLE}
    rows = []
    for lasted, ended in spells.parts():
        times, at_risk, events = _counts(lasted, ended)
        found = kaplan_meier_estimate(at_risk, events, level)
        whole = at_risk.astype(np.int64), events.astype(np.int64)
        for name, values in zip(_TABLE, (times, *whole, *found), strict=True):
            columns[name] += values.tolist()
        rows.append(len(times))
    table = tidy_table(spells.own, columns, spells.groups.labels, rows)
    return with_parameters(table, by=by, level=level)


def logrank(
    customers: Any,  # noqa: ANN401 - any eager frame
    by: str,
    *,
    duration: str = c.DURATION,
    churned: str = c.CHURNED,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Test whether groups leave at the same rate at all times.

    Parameters
    ----------
    customers, by, duration, churned
        As for :func:`kaplan_meier`.

    Returns
    -------
    DataFrame
        Of the same kind, one row: ``statistic``, ``degrees_of_freedom`` and ``p_value``.

    Raises
    ------
    DataError
        If columns or values are missing.
    ParameterError
        If there are not two groups at least.

    References
    ----------
    Mantel, N. (1966), "Evaluation of survival data and two new rank order statistics arising in its
    consideration", Cancer Chemotherapy Reports 50(3), 163-170.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import logrank
    >>> customers = pd.DataFrame(
    ...     {"duration": [1, 2, 3, 4, 5, 6], "churned": [1, 1, 1, 1, 0, 1], "plan": list("aaabbb")}
    ... )
    >>> print(f"{logrank(customers, 'plan')['p_value'].iloc[0]:.4f}")
    0.0246
    """
    from scipy.stats import chi2

    spells = read_spells(customers, duration, churned, by)
    groups = spells.groups.size
    if groups < 2:
        raise ParameterError(f"customers[{by!r}] must hold two groups at least, to compare them")
    times, at_risk, events = _counts(spells.duration, spells.churned)
    there = np.empty((len(times), groups))
    seen = np.empty(groups)
    for place, (lasted, ended) in enumerate(spells.parts()):
        there[:, place] = len(lasted) - np.searchsorted(np.sort(lasted), times, "left")
        seen[place] = ended.sum()
    share = there / at_risk[:, None]
    excess = seen - events @ share
    spread = np.divide(
        events * (at_risk - events), at_risk - 1, out=np.zeros(len(times)), where=at_risk > 1
    )
    covariance = np.diag(spread @ share) - (share * spread[:, None]).T @ share
    value = float(excess @ np.linalg.pinv(covariance) @ excess)
    table = {
        "statistic": [value],
        "degrees_of_freedom": [groups - 1],
        "p_value": [float(chi2.sf(value, groups - 1))],
    }
    return frame_like(spells.own, table)


def remaining_life(
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    horizon: float,
    after: float = 0.0,
    by: str | None = None,
    duration: str = c.DURATION,
    churned: str = c.CHURNED,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how long customers who are still there will stay, within a horizon.

    Parameters
    ----------
    customers, by, duration, churned, level
        As for :func:`kaplan_meier`.
    horizon : float
        How far to look ahead, in the unit of the durations: life beyond it does not count.
    after : float
        How long the customers have been there already.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group: ``expected``, the area below the curve of survival
        from `after` on, given survival until then, with ``standard_error``, ``low`` and ``high``
        (normal, within 0 and the horizon).

    Raises
    ------
    DataError
        If columns or values are missing, or durations do not reach so far.
    ParameterError
        If an argument is out of its range.

    References
    ----------
    Klein, J. P. and Moeschberger, M. L. (2003), "Survival Analysis", 2nd edition, Springer,
    equations 4.5.1 and 4.5.2.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import remaining_life
    >>> customers = pd.DataFrame({"duration": [1, 2, 2, 3], "churned": [1, 0, 1, 0]})
    >>> remaining_life(customers, horizon=3)["expected"].tolist()
    [2.25]
    """
    check_level(level)
    if not (horizon > 0 and after >= 0):
        raise ParameterError("horizon must be positive, and after at least 0")
    spells = read_spells(customers, duration, churned, by)
    labels = spells.groups.labels
    rows = []
    for place, (lasted, ended) in enumerate(spells.parts()):
        if lasted.max() < after + horizon:
            who = "" if labels is None else f" of {labels.item(place, 0)!r}"
            raise InvalidValuesError(
                f"nobody{who} was there for {after + horizon:g}: "
                f"look ahead by less (the longest was {lasted.max():g})."
            )
        rows.append(_area(*_counts(lasted, ended), after, after + horizon))
    expected, error = np.array(rows).T
    low, high = normal_interval(expected, error, level)
    columns = {"expected": expected, c.STANDARD_ERROR: error}
    columns |= {"low": np.maximum(low, 0.0), "high": np.minimum(high, horizon)}
    table = tidy_table(spells.own, columns, labels)
    return with_parameters(table, horizon=horizon, after=after, level=level)


def _area(
    times: Floats, at_risk: Floats, events: Floats, start: float, end: float
) -> tuple[float, float]:
    """Return the area below the survival curve from start to end, and its standard error."""
    inside = (times > start) & (times <= end)
    at, here, gone = times[inside], at_risk[inside], events[inside]
    alive = np.cumprod(1.0 - gone / here)
    pieces = np.append(1.0, alive) * np.diff(np.concatenate([[start], at, [end]]))
    ahead = np.cumsum(pieces[::-1])[::-1][1:]  # area from each time on
    left = here - gone
    share = np.divide(gone, here * left, out=np.zeros(len(here)), where=left > 0)
    return float(pieces.sum()), float(np.sqrt(np.sum(ahead**2 * share)))
