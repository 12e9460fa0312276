"""State counts over time: how many customers were in which state of life, month by month."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import collected, table_like, with_parameters
from crmanalytics.segments.lifecycle import STATES, Definitions, states_of, states_on_engine
from crmanalytics.segments.on_engine import first_visit, rhythm_on_engine, visits_on_engine
from crmanalytics.segments.rhythm import admit_log, read_visits
from crmanalytics.transactions.units import as_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.transactions.units import Day

__all__ = ["lifecycle_counts"]

_BOUGHT = STATES.index("first-time")
_NOBODY = "transactions has no purchase."


def lifecycle_counts(
    transactions: Any,  # noqa: ANN401 - any frame that narwhals knows
    at: Sequence[Day],
    *,
    definitions: Definitions | None = None,
    customer_id: str = c.CUSTOMER_ID,
    date: str = c.DATE,
    amount: str = c.AMOUNT,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Count on several days how many customers were first-time, loyal, dormant, lost, won back.

    Each day is judged by what was known on it, as :func:`rhythm` and :func:`lifecycle` would have.

    Parameters
    ----------
    transactions : DataFrame of shape (rows, ...)
        The purchase log, as for :func:`rhythm`. A frame that is not in memory is read by its
        engine once or twice for each day.
    at : sequence of str or date
        The days, for example the ends of months.
    definitions : Definitions, optional
        What makes a customer loyal, dormant and lost. With a `usual_gap`, all days are judged by
        the same rhythm of the base; without, each by that of its own time.
    customer_id, date, amount : str
        The caller's column names.

    Returns
    -------
    DataFrame
        Of the same kind (for a frame that is not in memory: polars for polars, else pandas), one
        row per day and state of buyers, in the order of days and of life:
        ``date``, ``state``, ``customers`` and ``share`` (of all who had bought by then; missing
        before the first purchase). For pandas ``attrs["crmanalytics"]`` keeps the definitions.

    Raises
    ------
    DataError
        If columns or values are missing, or there is no purchase at all.
    ParameterError
        If `at` holds no day.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.segments import lifecycle_counts
    >>> days = ["2024-01-01", "2024-01-11", "2024-01-21", "2024-02-10"]
    >>> log = pd.DataFrame({"customer_id": [1, 1, 1, 2], "date": pd.to_datetime(days)})
    >>> counts = lifecycle_counts(log, ["2024-01-31", "2024-02-15"])
    >>> counts.loc[counts["customers"] > 0, ["date", "state", "customers", "share"]]
            date       state  customers  share
    1 2024-01-31      repeat          1    1.0
    6 2024-02-15  first-time          1    0.5
    9 2024-02-15     dormant          1    0.5
    """
    how = Definitions() if definitions is None else definitions
    days = sorted({as_day(each, "at") for each in at})
    if not days:
        raise ParameterError("at must hold one day or more")
    own = admit_log(transactions, {c.CUSTOMER_ID: customer_id, c.DATE: date, c.AMOUNT: amount})
    counts = np.array(
        _counts_on_engine(own, days, how)
        if isinstance(own, nw.LazyFrame)
        else _counts(own, days, how)
    )
    kinds = counts.shape[1]
    whole = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, whole, out=np.full(counts.shape, np.nan), where=whole > 0)
    table = {
        c.DATE: np.repeat(np.array(days).astype("M8[D]").astype("M8[us]"), kinds),
        c.STATE: [*STATES[_BOUGHT:]] * len(days),
        "customers": counts.ravel(),
        "share": share.ravel(),
    }
    return with_parameters(table_like(own, table), **vars(how))


def _counts(own: nw.DataFrame[Any], days: list[int], how: Definitions) -> list[NDArray[np.int64]]:
    visits = read_visits(own)
    if not len(visits.day):
        raise InvalidValuesError(_NOBODY)
    places = [states_of(visits.as_of(end)[1], how)[0] for end in days]
    return [np.bincount(place - _BOUGHT, minlength=len(STATES) - _BOUGHT) for place in places]


def _counts_on_engine(
    own: nw.LazyFrame[Any], days: list[int], how: Definitions
) -> list[NDArray[np.int64]]:
    """Return the same; a row per state comes to the driver, for one day after the other."""
    visits = visits_on_engine(own)
    if math.isinf(first_visit(visits)):
        raise InvalidValuesError(_NOBODY)
    counts = []
    for end in days:
        placed, _ = states_on_engine(rhythm_on_engine(visits, end), how)
        found = collected(placed.group_by(c.STATE).agg(nw.len().alias("customers")))
        each = dict(zip(found[c.STATE].to_list(), found["customers"].to_list(), strict=True))
        counts.append(np.array([each.get(name, 0) for name in STATES[_BOUGHT:]], dtype=np.int64))
    return counts
