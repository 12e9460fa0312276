"""The customers that behaviour is measured of, in groups, beside what each of them did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, with_new
from crmanalytics.frames.matching import places_of
from crmanalytics.inference import names_of, read_sample
from crmanalytics.transactions.window import days_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.transactions.window import Activity

    Floats = NDArray[np.float64]

__all__ = ["Population", "answers_of", "population_of", "with_groups"]


@dataclass(frozen=True, eq=False)
class Population:
    """Customers with their groups and what they did within a window.

    Parameters
    ----------
    sample : Sample
        One row per customer.
    occasions, spend : ndarray
        Purchase occasions and money within the window; money is missing without amounts.
    before : ndarray of bool
        Whether they had bought before.
    """

    sample: Sample
    occasions: Floats
    spend: Floats
    before: NDArray[np.bool_]


def population_of(
    activity: Activity,
    customers: Any = None,  # noqa: ANN401 - any eager frame
    *,
    by: str | Sequence[str] | None = None,
    level: float = 0.95,
) -> Population:
    """Put what customers did beside the customers asked about.

    Parameters
    ----------
    activity : Activity
        What :func:`activity_within` returned.
    customers : DataFrame, optional
        The customers asked about, one row each, with ``customer_id`` and the columns of `by`; those
        who bought, within the window or before it, otherwise.
    by : str or sequence of str, optional
        Columns of groups.
    level : float
        Confidence level of intervals.

    Returns
    -------
    Population
        One entry per customer; who is in `customers` and did not buy has 0 occasions.

    Raises
    ------
    ParameterError
        If there are groups, and no frame of customers that says who is in which.
    DataError
        If customers repeat, or none of them bought anything.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.transactions.window import activity_within
    >>> log = pd.DataFrame({"customer_id": [1, 1], "date": pd.to_datetime(["2024-01-02"] * 2)})
    >>> activity = activity_within(log, start="2024-01-01", end="2024-02-01")
    >>> population_of(activity, pd.DataFrame({"customer_id": [1, 2]})).occasions.tolist()
    [1.0, 0.0]
    """
    if customers is None and by is not None:
        raise ParameterError(
            "by needs customers=..., a frame with customer_id and the columns of groups"
        )
    base = activity.customers.to_native() if customers is None else customers
    sample = read_sample(base, by=by, labels=[c.CUSTOMER_ID], level=level, frame="customers")
    at = places_of(
        activity.customers[c.CUSTOMER_ID],
        sample.own[c.CUSTOMER_ID],
        ("transactions", "customers"),
    )
    size, inside = len(sample.own), at >= 0
    occasions, spend, before = np.zeros(size), np.zeros(size), np.zeros(size, dtype=bool)
    occasions[at[inside]] = activity.occasions[inside]
    before[at[inside]] = activity.before[inside]
    if activity.spend is None:
        spend[:] = np.nan
    else:
        spend[at[inside]] = activity.spend[inside]
    return Population(sample, occasions, spend, before)


def answers_of(
    survey: Any,  # noqa: ANN401 - any eager frame
    window: tuple[int, int],
    customers: Any = None,  # noqa: ANN401 - any eager frame
    *,
    by: str | Sequence[str] | None = None,
    time_zone: str | None = None,
) -> Any:  # noqa: ANN401 - a native frame
    """Return the answers given within a window, with the groups that their customers are in.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent; all of them count where none has a ``date``.
    window : tuple of int
        Its first day and the day after its last, as day numbers.
    customers : DataFrame, optional
        Where to look for columns of `by` that the survey lacks.
    by : str or sequence of str, optional
        Columns of groups.
    time_zone : str, optional
        Where calendar days are those of.

    Returns
    -------
    DataFrame
        The native frame.

    Raises
    ------
    DataError
        If dates are missing, or customers cannot be found.

    Examples
    --------
    >>> import pandas as pd
    >>> dates = pd.to_datetime(["1970-01-02", "1970-03-02"])
    >>> answers_of(pd.DataFrame({"date": dates, "praised": [1, 0]}), (0, 31))["praised"].tolist()
    [1]
    """
    own = admit_eager(survey, Contract("survey", ()))
    if c.SURVEY_DATE in own.columns:
        dated = Column(c.SURVEY_DATE, Kind.DATE)
        own = admit_eager(survey, Contract("survey", (dated,), names_row_by=c.RESPONDENT_ID))
        days = days_of(own, time_zone)
        own = own.filter(((days >= window[0]) & (days < window[1])).tolist())
    return own.to_native() if customers is None else with_groups(own, customers, by)


def with_groups(
    own: nw.DataFrame[Any],
    customers: Any,  # noqa: ANN401 - any eager frame
    by: str | Sequence[str] | None,
    frame: str = "survey",
) -> Any:  # noqa: ANN401 - a native frame
    """Return a frame of answers with the groups that its customers are in.

    Parameters
    ----------
    own : narwhals.DataFrame
        The answers, with ``customer_id``.
    customers : DataFrame
        One row per customer, with ``customer_id`` and the columns of `by`.
    by : str or sequence of str, or None
        Columns of groups; those that the answers have themselves are left as they are.
    frame : str
        What the answers are called, for messages.

    Returns
    -------
    DataFrame
        The native frame; the group of somebody who is no customer is missing.

    Examples
    --------
    >>> import narwhals.stable.v2 as nw
    >>> import pandas as pd
    >>> own = nw.from_dict({"customer_id": [2, 9], "praised": [1, 0]}, backend="pandas")
    >>> customers = pd.DataFrame({"customer_id": [1, 2], "region": ["north", "south"]})
    >>> with_groups(own, customers, "region")["region"].isna().tolist()
    [False, True]
    """
    wanted = [name for name in names_of(by) if name not in own.columns]
    if not wanted:
        return own.to_native()
    base = read_sample(customers, by=wanted, labels=[c.CUSTOMER_ID], frame="customers").own
    answers = read_sample(own.to_native(), labels=[c.CUSTOMER_ID], frame=frame).own
    at = places_of(answers[c.CUSTOMER_ID], base[c.CUSTOMER_ID], (frame, "customers"))
    made = {}
    for name in wanted:
        labels = base[name].to_list()
        made[name] = np.array([labels[k] if k >= 0 else None for k in at], dtype=object)
    return with_new(answers, made)
