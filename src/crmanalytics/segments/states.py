"""State counts over time: how many customers were in which state of life, month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.segments.lifecycle import STATES, Definitions, states_of
from crmanalytics.segments.rhythm import read_visits
from crmanalytics.transactions.units import as_day

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmanalytics.transactions.units import Day

__all__ = ["lifecycle_counts"]

_BOUGHT = STATES.index("first-time")


def lifecycle_counts(
    transactions: Any,  # noqa: ANN401 - any eager frame
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
        The purchase log, as for :func:`rhythm`.
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
        Of the same kind, one row per day and state of buyers, in the order of days and of life:
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
    visits = read_visits(transactions, {c.CUSTOMER_ID: customer_id, c.DATE: date, c.AMOUNT: amount})
    if not len(visits.day):
        raise InvalidValuesError("transactions has no purchase.")
    kinds = len(STATES) - _BOUGHT
    rows = []
    for end in days:
        place = states_of(visits.as_of(end)[1], how)[0]
        rows.append(np.bincount(place - _BOUGHT, minlength=kinds))
    counts = np.array(rows)
    whole = counts.sum(axis=1, keepdims=True)
    share = np.divide(counts, whole, out=np.full(counts.shape, np.nan), where=whole > 0)
    table = {
        c.DATE: np.repeat(np.array(days).astype("M8[D]").astype("M8[us]"), kinds),
        c.STATE: [*STATES[_BOUGHT:]] * len(days),
        "customers": counts.ravel(),
        "share": share.ravel(),
    }
    return with_parameters(frame_like(visits.frame, table), **vars(how))
