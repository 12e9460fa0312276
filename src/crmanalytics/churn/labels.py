"""Who left, where no contract says so: labels from the silence that followed a snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Unpack

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.history import purchase_days
from crmanalytics.churn.log import last_covered, make_ids, plain_ids, read_log
from crmanalytics.churn.windows import check_covered, windows_at
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import column_names, frame_like, with_parameters
from crmanalytics.transactions.exact import Money
from crmanalytics.transactions.units import as_day, as_text
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from crmanalytics.churn.log import Log, LogNames
    from crmanalytics.churn.windows import Span, Windows
    from crmanalytics.transactions.units import Day

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]

__all__ = ["ChurnRule", "Labelling", "Labels", "label", "labels_at", "stamped"]

ChurnRule = Literal["no purchase", "spending drop"]
_RULES: Final = ("no purchase", "spending drop")


@dataclass(frozen=True)
class Labelling:
    """How customers are labelled, checked once and applied at any snapshot.

    Parameters
    ----------
    horizon, gap, observation : int or str
        The windows; see :func:`label`.
    active : int or frame or sequence
        Who is labelled at all.
    rule : str
        What counts as leaving.
    drop : float or None
        Share of spending whose loss is leaving.
    since, until : int
        First and last day that the data cover.
    """

    horizon: Span
    gap: Span
    observation: Span | None
    active: Any
    rule: ChurnRule
    drop: float | None
    since: int
    until: int

    def __post_init__(self) -> None:
        one_of("rule", self.rule, _RULES)
        if self.rule == "spending drop":
            if self.drop is None or not 0 < self.drop <= 1:
                raise ParameterError(
                    "drop must be given for rule='spending drop': the share of spending whose "
                    f"loss is churn, above 0 and at most 1, not {self.drop!r}"
                )
            if self.observation is None:
                raise ParameterError(
                    "observation must be given for rule='spending drop': spending after is "
                    "compared with spending within it, per day"
                )
        elif self.drop is not None:
            raise ParameterError("drop is for rule='spending drop' alone")
        if isinstance(self.active, int) and (isinstance(self.active, bool) or self.active < 1):
            raise ParameterError(f"active must be 1 purchase or more, not {self.active!r}")

    def windows(self, at: Day) -> Windows:
        """Return the windows of a snapshot, if the data cover them."""
        found = windows_at(at, horizon=self.horizon, gap=self.gap, observation=self.observation)
        check_covered(found, self.until)
        if found.start is not None and found.start < self.since:
            raise ParameterError(
                f"the observation window of the snapshot {as_text(found.at)} begins on "
                f"{as_text(found.start)}, and the data on {as_text(self.since)}: take a later "
                "snapshot or a shorter observation; pass since=... if the data begin earlier."
            )
        return found


@dataclass(frozen=True)
class Labels:
    """Identifiers of the customers judged, sorted; who of them left; the windows."""

    ids: pd.Series[Any]
    churned: Ints
    windows: Windows
    without_spend: int


def label(
    transactions: Any,  # noqa: ANN401 - any eager frame
    *,
    at: Day,
    horizon: Span,
    gap: Span = 0,
    observation: Span | None = None,
    active: Any = 1,  # noqa: ANN401 - a number, a frame or a sequence
    rule: ChurnRule = "no purchase",
    drop: float | None = None,
    since: Day | None = None,
    until: Day | None = None,
    time_zone: str | None = None,
    **names: Unpack[LogNames],
) -> Any:  # noqa: ANN401 - the kind that came in
    """Say who of the customers active on a day left in the time that followed.

    Three half-open windows meet at the snapshot: whoever was active in the observation window
    [at - observation, at) is judged by the outcome window [at + gap, at + gap + horizon). The gap
    is the time that it takes to act; what happens within it is neither known nor judged.

    Parameters
    ----------
    transactions : DataFrame
        The purchase log: ``customer_id``, ``date`` and, if there is any, ``amount``. Rows with a
        negative amount (or quantity, without amounts) are refunds: no sign of life.
    at : date
        The snapshot: the start of this day. Purchases of the day itself are not known yet.
    horizon, gap, observation : int, str or timedelta
        Lengths of the outcome window, the gap and the observation window: days such as 90, or
        '90D', '12W', '3M', '1Y'; months and years are those of the calendar. Without
        `observation` it reaches back to the log's beginning.
    active : int, DataFrame or sequence
        Who is judged: customers with so many purchase days in the observation window, or the
        customers listed, in a frame's ``customer_id`` or a sequence. A list must have been known
        at the snapshot; those of it who never bought are judged too.
    rule : {"no purchase", "spending drop"}
        What leaving is: no purchase in the outcome window, or spending per day that falls by the
        share `drop` or more from the observation window to the outcome window.
    drop : float, optional
        For the rule "spending drop": 0.5 if losing half is leaving.
    since, until : date, optional
        First and last day that the data cover, whole days; those of the log if not given (which
        is logged for `until`).
    time_zone : str, optional
        Where the calendar days are those of, for stamps that carry a time zone.
    **names : str
        The log's names of ``customer_id``, ``date``, ``amount``, ``quantity``.

    Returns
    -------
    DataFrame
        One row per active customer, sorted by ``customer_id``, of the kind that came in, with
        ``snapshot``, ``outcome_start``, ``outcome_end`` (the first day after) and ``churned``, 1
        or 0. For pandas ``attrs["crmanalytics"]`` has the windows, the rule, and how many active
        customers had no spending to drop from and are left out for it.

    Raises
    ------
    ParameterError
        If a window reaches beyond what the data cover, or an argument is not among its choices.
    DataError
        If the log breaks its contract, or nobody is active.

    References
    ----------
    Buckinx & Van den Poel (2005). Customer base analysis: partial defection of behaviourally loyal
    clients in a non-contractual FMCG retail setting. European Journal of Operational Research
    164(1), 252-268: leaving as a drop.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> labels = crm.churn.label(log, at="1997-10-01", horizon=180, observation=180)
    >>> len(labels), round(float(labels["churned"].mean()), 3)
    (719, 0.466)
    >>> labels.attrs["crmanalytics"]["outcome"]
    ['1997-10-01', '1998-03-30']
    """
    need = (c.AMOUNT,) if rule == "spending drop" else ()
    log = read_log(transactions, time_zone=time_zone, need=need, **names)
    how = Labelling(
        horizon,
        gap,
        observation,
        active,
        rule,
        drop,
        log.first if since is None else as_day(since, "since"),
        last_covered(log, until),
    )
    found = labels_at(log, at, how)
    made = {
        c.CUSTOMER_ID: make_ids(log.own, found.ids),
        **stamped(found.windows, len(found.ids)),
        c.CHURNED: found.churned,
    }
    return with_parameters(
        frame_like(log.own, made),
        **found.windows.described(),
        rule=rule,
        drop=drop,
        until=as_text(how.until),
        without_spend=found.without_spend,
    )


def labels_at(log: Log, at: Day, how: Labelling) -> Labels:
    """Label the customers of a log that was read already.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = read_log(crm.datasets.load_cdnow_sample())
    >>> how = Labelling(90, 0, None, 1, "no purchase", None, log.first, log.last)
    >>> len(labels_at(log, "1997-04-01", how).ids)
    2357
    """
    windows = how.windows(at)
    ids, codes = _active(log, windows, how.active)
    after = log.only((log.days >= windows.outcome_start) & (log.days < windows.outcome_end))
    judged = np.ones(len(codes), dtype=bool)
    if how.rule == "no purchase":
        again = np.append(np.bincount(after.bought().codes, minlength=log.size) > 0, [False])
        churned = ~again[codes]
    else:
        before = np.append(_spent(log.before(windows.at, windows.start), log.size), 0.0)[codes]
        judged = before > 0
        days = (windows.outcome_end - windows.outcome_start, windows.at - (windows.start or 0))
        # compared by products, which are exact where quotients are not
        kept = np.append(_spent(after, log.size), 0.0)[codes] * days[1]
        churned = kept <= (1 - (how.drop or 0)) * before * days[0]
    if not judged.any():
        raise InvalidValuesError(
            f"no customer of transactions was active before {as_text(windows.at)}: take a later "
            "snapshot, a longer observation, or a lower bar in active=..."
        )
    left = churned[judged].astype(np.int64)
    return Labels(ids[judged].reset_index(drop=True), left, windows, int((~judged).sum()))


def stamped(windows: Windows, rows: int) -> dict[str, NDArray[np.datetime64]]:
    """Return the columns that say which windows a row is of.

    Examples
    --------
    >>> stamped(windows_at("2024-01-01", horizon=30), 1)["outcome_end"]
    array(['2024-01-31T00:00:00.000000'], dtype='datetime64[us]')
    """
    days = {
        c.SNAPSHOT: windows.at,
        c.OUTCOME_START: windows.outcome_start,
        c.OUTCOME_END: windows.outcome_end,
    }
    return {
        name: np.full(rows, np.datetime64(day, "D")).astype("M8[us]") for name, day in days.items()
    }


def _active(log: Log, windows: Windows, active: Any) -> tuple[pd.Series[Any], Ints]:  # noqa: ANN401
    """Return who is judged, sorted by identifier, and their codes; -1 for strangers to the log."""
    if isinstance(active, int):
        seen = log.before(windows.at, windows.start).bought()
        bought = purchase_days(seen)
        codes = bought.customers[bought.count >= active]
        return log.decode(codes), codes
    ids = _listed(active).drop_duplicates().sort_values(ignore_index=True)
    return ids, log.codes_for(ids, "active")


def _listed(active: Any) -> pd.Series[Any]:  # noqa: ANN401 - a frame or a sequence
    import pandas as pd

    if c.CUSTOMER_ID in column_names(active):
        return plain_ids(nw.from_native(active, eager_only=True))
    if isinstance(active, str | bytes) or not hasattr(active, "__iter__") or column_names(active):
        raise ParameterError(
            "active must be a number of purchases, a frame with customer_id, or a sequence of "
            f"identifiers, not {type(active).__name__}"
        )
    ids = pd.Series(active if isinstance(active, pd.Series) else list(active))
    if not len(ids) or ids.isna().any():
        raise ParameterError("active must list customers, none of them missing")
    return ids


def _spent(log: Log, size: int) -> Floats:
    """Return money per code, net of refunds."""
    if log.amounts is None or not len(log.codes):
        return np.zeros(size)
    money = Money.of(log.amounts)
    return money.value(money.sums(log.codes, size))
