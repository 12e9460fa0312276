"""Panels: features and labels at many snapshots, one row per customer and snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.churn.feature_table import Recipe, features_at
from crmanalytics.churn.labels import Labelling, labels_at, stamped
from crmanalytics.churn.log import last_covered, make_ids, read_log
from crmanalytics.errors import ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.transactions.counting import joined
from crmanalytics.transactions.units import as_day, as_text
from crmanalytics.wording import near

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmanalytics.churn.labels import ChurnRule
    from crmanalytics.churn.log import Log, LogNames
    from crmanalytics.churn.windows import Span
    from crmanalytics.transactions.units import Day

__all__ = ["panel"]


def panel(
    transactions: Any,  # noqa: ANN401 - any eager frame
    *,
    snapshots: Sequence[Day],
    horizon: Span,
    gap: Span = 0,
    observation: Span | None = None,
    active: int = 1,
    rule: ChurnRule = "no purchase",
    drop: float | None = None,
    since: Day | None = None,
    until: Day | None = None,
    time_zone: str | None = None,
    windows: Sequence[int] = (30, 90),
    extra: dict[str, Any] | None = None,
    **names: Unpack[LogNames],
) -> Any:  # noqa: ANN401 - the kind that came in
    """Describe and label the customers of many days: what a churn model learns from.

    Each row knows no more than its own snapshot does: features come from before it, the label
    from its outcome window. Outcome windows of neighbouring snapshots may overlap; split with
    :class:`SnapshotSplit`, which keeps them apart.

    Parameters
    ----------
    transactions : DataFrame
        The purchase log.
    snapshots : sequence of date
        The days; in any order, none twice.
    horizon, gap, observation, active, rule, drop, since, until, time_zone
        As for :func:`label`.
    windows : sequence of int
        As for :func:`features`.
    extra : dict, optional
        Further arguments of :func:`features` by name: contacts, complaints, satisfaction, static,
        static_known_from_start, purchases (a function such as ``crm.clv.MBGNBD.fit``, so that
        every snapshot has a model of its own) and horizon.
    **names : str
        The log's names of ``customer_id``, ``date``, ``amount``, ``quantity``, ``product_id``.

    Returns
    -------
    DataFrame
        One row per snapshot and active customer, sorted by both: ``customer_id``, ``snapshot``,
        ``outcome_start``, ``outcome_end``, ``churned``, and the features.

    Raises
    ------
    ParameterError
        If snapshots repeat, a window reaches beyond the data, or an argument is not among its
        choices.
    DataError
        If a frame breaks its contract.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> days = ["1997-08-01", "1997-10-01", "1997-12-01"]
    >>> rows = crm.churn.panel(log, snapshots=days, horizon=90, observation=180)
    >>> rows.groupby("snapshot")["churned"].agg(["size", "mean"]).round(3)
                size   mean
    snapshot
    1997-08-01  1832  0.809
    1997-10-01   719  0.609
    1997-12-01   645  0.622
    """
    days = sorted(as_day(day, "snapshots") for day in snapshots)
    if not days or len(set(days)) < len(days):
        raise ParameterError("snapshots must be one day or more, none of them twice")
    log = read_log(transactions, time_zone=time_zone, **names)
    first = log.first if since is None else as_day(since, "since")
    last = last_covered(log, until)
    how = Labelling(horizon, gap, observation, active, rule, drop, first, last)
    recipe = Recipe(windows=tuple(windows), since=first, **_known(extra))
    parts = [_rows_at(log, day, how, recipe) for day in days]
    whole = nw.concat(parts, how="vertical").to_native()
    return with_parameters(
        whole, snapshots=[as_text(day) for day in days], rule=rule, until=as_text(last)
    )


def _known(extra: dict[str, Any] | None) -> dict[str, Any]:
    extra = extra or {}
    choices = set(Recipe.__dataclass_fields__) - {"windows", "since"}
    unknown = sorted(set(extra) - choices)
    if unknown:
        raise ParameterError(
            f"extra has no argument {unknown[0]!r}: it may have {', '.join(sorted(choices))}"
            f"{near(unknown[0], choices)}"
        )
    return extra


def _rows_at(log: Log, day: int, how: Labelling, recipe: Recipe) -> nw.DataFrame[Any]:
    """Return labels and features of one snapshot."""
    found = labels_at(log, as_text(day), how)
    made = {
        c.CUSTOMER_ID: make_ids(log.own, found.ids),
        **stamped(found.windows, len(found.ids)),
        c.CHURNED: found.churned,
    }
    labels = nw.from_native(frame_like(log.own, made), eager_only=True)
    described = nw.from_native(features_at(log, day, recipe), eager_only=True)
    rows: nw.DataFrame[Any] = joined(labels, described).sort(c.CUSTOMER_ID)
    return rows
