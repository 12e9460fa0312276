"""Frozen or refitted cuts: how much of a migration is customers moving, and how much the ruler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import as_float, frame_like, with_parameters
from crmanalytics.segments.labels import known_labels
from crmanalytics.segments.migration import migration
from crmanalytics.segments.moves import labels_in

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

__all__ = ["migration_by_cuts"]


def migration_by_cuts(
    before: Any,  # noqa: ANN401 - any frame that narwhals knows
    after: Any,  # noqa: ANN401 - any frame that narwhals knows
    segmenter: Callable[[Any, Any], Any],
    *,
    state: str = c.SEGMENT,
    value: str | None = None,
    states: Sequence[Hashable] | None = None,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Set migration by yesterday's cuts beside migration by cuts that were found anew.

    With refitted cuts a top fifth always holds a fifth of the customers: somebody must move down
    for each who moves up, however well the business goes. Frozen cuts show the business; refitted
    ones show who overtook whom.

    Parameters
    ----------
    before, after : DataFrame of shape (customers, ...)
        The base on two days, with ``customer_id`` and whatever the segmenter needs.
    segmenter : callable
        ``segmenter(frame, reference)`` returns `frame` with the column `state`, by cuts that it
        finds in `reference`. It is called for ``before`` with its own cuts, and for ``after`` with
        the cuts of both.
    state, value, states, level
        As for :func:`migration`.

    Returns
    -------
    DataFrame
        As for :func:`migration`, one row per pair of states: ``from_state``, ``to_state``, and
        ``count``, ``probability`` and ``standard_error`` (with `value` also ``value_change``), each
        with the ending ``_frozen`` and ``_refitted``, and ``probability_difference`` (refitted
        less frozen): what only the ruler did.

    Raises
    ------
    DataError
        As for :func:`migration`.
    ParameterError
        If `segmenter` cannot be called.

    Examples
    --------
    Everybody doubles. By frozen cuts one customer rises; by refitted ones nothing happened.

    >>> import pandas as pd
    >>> from crmanalytics.segments import migration_by_cuts, pyramid, tier_thresholds
    >>> before = pd.DataFrame({"customer_id": [1, 2, 3, 4], "total": [80.0, 50.0, 20.0, 10.0]})
    >>> after = before.assign(total=before["total"] * 2)
    >>> halves = {"upper": 0.5, "lower": 0.5}
    >>> def by_total(frame, reference):
    ...     cuts = tier_thresholds(reference["total"], halves)
    ...     return pyramid(frame, thresholds=cuts)
    >>> moves = migration_by_cuts(before, after.replace(40.0, 50.0), by_total, state="tier")
    >>> moves.loc[moves["from_state"] == "lower", ["to_state", "count_frozen", "count_refitted"]]
      to_state  count_frozen  count_refitted
    0    lower             1               2
    1    upper             1               0
    2  Entered             0               0
    3     Left             0               0
    """
    if not callable(segmenter):
        raise ParameterError("segmenter must be a function of a frame and a reference frame")
    import narwhals.stable.v2 as nw

    start = segmenter(before, before)
    frozen, refitted = segmenter(after, before), segmenter(after, after)
    owns = [nw.from_native(each) for each in (start, frozen, refitted)]
    # one list of states for both, so that the rows of the two match
    named, _ = known_labels([labels_in(own, state) for own in owns], states, "after", state)
    how: dict[str, Any] = {"state": state, "value": value, "states": named, "level": level}
    tables = {
        "frozen": nw.from_native(migration(start, frozen, **how), eager_only=True),
        "refitted": nw.from_native(migration(start, refitted, **how), eager_only=True),
    }
    one = tables["frozen"]
    table: dict[str, Any] = {name: one[name].to_list() for name in ("from_state", "to_state")}
    kept = ["count", c.PROBABILITY, c.STANDARD_ERROR, *(["value_change"] if value else [])]
    for name in kept:
        for ending, each in tables.items():
            numbers = as_float(each, name)
            table[f"{name}_{ending}"] = numbers.astype(np.int64) if name == "count" else numbers
    table["probability_difference"] = table["probability_refitted"] - table["probability_frozen"]
    return with_parameters(frame_like(one, table), **how)
