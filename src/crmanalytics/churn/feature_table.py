"""Features of customers at a snapshot, from nothing but what was known before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Unpack

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.engine_features import features_on_engine
from crmanalytics.churn.events import answer_columns, event_columns, static_rows
from crmanalytics.churn.history import history_columns, purchase_days
from crmanalytics.churn.log import make_ids, read_log
from crmanalytics.churn.outlook import outlook_columns
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import frame_like, is_lazy, with_parameters
from crmanalytics.transactions.units import as_day, as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from crmanalytics.churn.log import Log, LogNames
    from crmanalytics.churn.outlook import PurchaseForecast
    from crmanalytics.transactions.units import Day

__all__ = ["Recipe", "features", "features_at"]

_WINDOWS: Final = (30, 90)


@dataclass(frozen=True, eq=False)
class Recipe:
    """What features are made of besides the log, checked once; see :func:`features`."""

    windows: tuple[int, ...] = _WINDOWS
    contacts: Any = None
    complaints: Any = None
    satisfaction: Any = None
    static: Any = None
    static_known_from_start: bool = False
    purchases: PurchaseForecast | Callable[[Any], Any] | None = None
    horizon: int = 90
    since: int | None = None

    def __post_init__(self) -> None:
        whole = all(isinstance(w, int | np.integer) and w > 0 for w in self.windows)
        if not self.windows or not whole or len(set(self.windows)) < len(self.windows):
            raise ParameterError(
                f"windows must be different numbers of days above 0, not {self.windows!r}"
            )
        if not isinstance(self.horizon, int | np.integer) or self.horizon < 1:
            raise ParameterError(f"horizon must be a number of days, not {self.horizon!r}")

    def check_reach(self, first: int, at: int) -> None:
        """Refuse windows that reach back beyond the data, which begin on the day `first`.

        Examples
        --------
        >>> Recipe(windows=(30,)).check_reach(0, 60)
        """
        since, longest = first if self.since is None else self.since, max(self.windows)
        reach = at - 2 * longest
        if reach < since:
            raise ParameterError(
                f"windows of {longest} days, compared with as many before, begin on "
                f"{as_text(reach)}, and the data on {as_text(since)}: take shorter windows (at "
                f"most {max(0, at - since) // 2} days for the snapshot {as_text(at)}) or a later "
                "snapshot; pass since=... if the data begin earlier."
            )

    @staticmethod
    def check_static(extra: Iterable[str], features: Iterable[str]) -> None:
        """Refuse static columns that are named as features are.

        Examples
        --------
        >>> Recipe.check_static(["city"], ["spend"])
        """
        taken = sorted(set(extra) & set(features))
        if taken:
            raise ParameterError(f"static must not have columns named as features: {taken}")


def features(
    transactions: Any,  # noqa: ANN401 - any frame
    *,
    at: Day,
    windows: Sequence[int] = _WINDOWS,
    contacts: Any = None,  # noqa: ANN401 - any frame
    complaints: Any = None,  # noqa: ANN401
    satisfaction: Any = None,  # noqa: ANN401
    static: Any = None,  # noqa: ANN401
    static_known_from_start: bool = False,
    purchases: PurchaseForecast | Callable[[Any], Any] | None = None,
    horizon: int = 90,
    since: Day | None = None,
    time_zone: str | None = None,
    **names: Unpack[LogNames],
) -> Any:  # noqa: ANN401 - the kind that came in
    """Describe each customer as of the start of a day, by what had happened before it.

    Nothing from the snapshot on has any effect, in any of the frames. :func:`feature_words` says
    what each column means.

    Parameters
    ----------
    transactions : DataFrame
        The purchase log, of any kind: ``customer_id``, ``date`` and, if known, ``amount`` (negative
        ones are refunds), ``quantity``, ``product_id``.
    at : date
        The snapshot: the start of this day.
    windows : sequence of int
        Lengths in days of the windows before the snapshot. Each is compared with the one before
        it, so that the data must reach back twice the longest.
    contacts, complaints : DataFrame, optional
        One row per event: ``customer_id``, ``date``; and ``resolved``, a date that is missing
        while it is open.
    satisfaction : DataFrame, optional
        One row per answer: ``customer_id``, ``date``, ``satisfaction``.
    static : DataFrame, optional
        Other columns by ``customer_id``, with ``valid_from``, the day since when a row holds
        (known from the next day on).
    static_known_from_start : bool
        A promise, needed where `static` has no ``valid_from``: its columns were known before the
        first snapshot and never changed.
    purchases : model, fit or callable, optional
        A model of purchases for P(alive) and expected purchases. It must have been fitted to
        what was known before the snapshot; a function that fits one, such as
        ``crm.clv.MBGNBD.fit``, is given just that (time in days).
    horizon : int
        Days ahead for the expected purchases.
    since : date, optional
        First day that the data cover; that of the log if not given.
    time_zone : str, optional
        Where the calendar days are those of, for stamps that carry a time zone.
    **names : str
        The log's names of ``customer_id``, ``date``, ``amount``, ``quantity``, ``product_id``.

    Returns
    -------
    DataFrame
        One row per customer who had bought before the snapshot, sorted by ``customer_id``, of the
        kind that came in. Missing is what does not exist, such as the rhythm of a customer with
        one purchase. Of a lazy log (polars, DuckDB, Spark) the features stay lazy; the other
        frames are then of the same engine, or small ones in memory.

    Raises
    ------
    DataError
        If a frame breaks its contract, or nobody had bought.
    ParameterError
        If an argument is not among its choices, or a window reaches back beyond the data.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> found = crm.churn.features(log, at="1997-10-01", windows=[90])
    >>> found[["customer_id", "days_since_last", "purchases", "silence_in_gaps"]].head(3).round(1)
       customer_id  days_since_last  purchases  silence_in_gaps
    0            4               60          3              0.6
    1           18              270          1              NaN
    2           21              261          2             21.8
    """
    recipe = Recipe(
        tuple(windows),
        contacts,
        complaints,
        satisfaction,
        static,
        static_known_from_start,
        purchases,
        horizon,
        None if since is None else as_day(since, "since"),
    )
    day = as_day(at, "at")
    if is_lazy(transactions):
        return features_on_engine(transactions, day, recipe, time_zone=time_zone, names=dict(names))
    log = read_log(transactions, time_zone=time_zone, **names)
    return with_parameters(
        features_at(log, day, recipe), snapshot=as_text(day), windows=list(recipe.windows)
    )


def features_at(log: Log, at: int, recipe: Recipe) -> Any:  # noqa: ANN401 - a frame of the log's kind
    """Return the features of a log that was read already.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = read_log(crm.datasets.load_cdnow_sample())
    >>> features_at(log, as_day("1997-10-01", "at"), Recipe()).shape
    (2357, 21)
    """
    known = log.before(at)
    recipe.check_reach(log.first, at)
    if not len(known.bought().codes):
        raise InvalidValuesError(
            f"nobody in transactions had bought before {as_text(at)}: take a later snapshot"
        )
    codes, columns = history_columns(known, at, recipe.windows)
    for frame, events in (("contacts", recipe.contacts), ("complaints", recipe.complaints)):
        if events is not None:
            found = event_columns(known, events, frame, at, recipe.windows)
            columns |= {name: values[codes] for name, values in found.items()}
    if recipe.satisfaction is not None:
        found = answer_columns(known, recipe.satisfaction, at)
        columns |= {name: values[codes] for name, values in found.items()}
    if recipe.purchases is not None:
        bought = purchase_days(known)
        columns |= outlook_columns(known, bought, at, recipe.purchases, recipe.horizon)
    ids = {c.CUSTOMER_ID: make_ids(log.own, log.decode(codes))}
    made = frame_like(log.own, ids | columns)
    return made if recipe.static is None else _with_static(made, known, at, recipe, codes)


def _with_static(
    made: Any,  # noqa: ANN401 - a native frame
    log: Log,
    at: int,
    recipe: Recipe,
    codes: NDArray[np.int64],
) -> Any:  # noqa: ANN401
    """Add the static columns that hold at the snapshot; missing for customers who have none."""
    own, rows = static_rows(log, recipe.static, at, known_from_start=recipe.static_known_from_start)
    base = nw.from_native(made, eager_only=True)
    extra = [name for name in own.columns if name not in (c.CUSTOMER_ID, c.VALID_FROM)]
    recipe.check_static(extra, base.columns)
    chosen = rows[codes]
    place = np.flatnonzero(chosen >= 0)
    key = "static_row"
    left = base.with_columns(nw.new_series(key, np.arange(len(base)), backend=base.implementation))
    right = own.select(extra)[chosen[place].tolist()]
    right = right.with_columns(nw.new_series(key, place, backend=base.implementation))
    joined = left.join(right, on=key, how="left").sort(key)
    return joined.drop(key).to_native()
