"""Answers as columns of customers, one merge away from everything else that is known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.inference import label_codes, names_of, read_sample, row_groups, tidy_table
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["per_customer"]

Keep = Literal["mean", "lowest", "highest", "last"]
_WAYS: Final = get_args(Keep)


def per_customer(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: str | Sequence[str],
    *,
    keep: Keep,
    customer_id: str = c.CUSTOMER_ID,
    date: str | None = None,
    scale: tuple[float, float] | None = None,
    no_answer: Sequence[float] = (),
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Give one row per customer of what was answered, to be merged with the customers.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet; a customer may have several: of several people, or waves.
    items : str or sequence of str
        Columns of answers.
    keep : str
        What stands for a customer with several answers: their ``mean``, the ``lowest`` (the least
        satisfied person of a firm may be the one who leaves), the ``highest``, or the ``last``.
    customer_id : str
        Column of customers.
    date : str, optional
        Column of dates; needed for ``last``. Of answers of the same day the mean is taken.
    scale, no_answer
        As for :func:`~crmanalytics.surveys.reliability`.

    Returns
    -------
    DataFrame
        Of the same kind, one row per customer, sorted: ``customer_id``, ``answers`` (sheets), and a
        column per item, missing where nobody answered it.

    Raises
    ------
    DataError
        If columns are missing or answers are out of range.
    ParameterError
        If `keep` is none of these, or ``last`` has no dates.

    Examples
    --------
    Dissatisfied and valuable:

    >>> import pandas as pd
    >>> survey = pd.DataFrame({"customer_id": [7, 7, 8], "happy": [2, 4, 5]})
    >>> customers = pd.DataFrame({"customer_id": [7, 8, 9], "clv": [900.0, 80.0, 400.0]})
    >>> both = customers.merge(per_customer(survey, "happy", keep="lowest"), how="left")
    >>> both[(both["happy"] <= 2) & (both["clv"] > 500)]
       customer_id    clv  answers  happy
    0            7  900.0      2.0    2.0
    """
    one_of("keep", keep, _WAYS)
    if keep == "last" and date is None:
        raise ParameterError("to keep the last answer, name the column of dates: date='...'")
    names = names_of(items)
    needed = [customer_id] + ([date] if date else [])
    sample = read_sample(survey, names, scale=scale, no_answer=no_answer, labels=needed)
    groups = row_groups(sample.own, [customer_id])
    if groups.labels is None:
        raise ParameterError("customer_id must name a column")
    day = label_codes(sample.own, date)[0] if date and keep == "last" else None
    table: dict[str, Any] = {"answers": groups.count().astype(np.int64)}
    for name in names:
        table[name] = _kept(sample.answers(name), groups.of_row, groups.size, keep, day)
    labels = groups.labels
    if customer_id != c.CUSTOMER_ID:
        labels = labels.rename({customer_id: c.CUSTOMER_ID})
    return tidy_table(sample.own, table, labels)


def _kept(
    values: Floats, customer: NDArray[np.int64], size: int, keep: str, day: NDArray[np.int64] | None
) -> Floats:
    known = ~np.isnan(values)
    if day is not None:
        last = np.full(size, -1, dtype=np.int64)
        np.maximum.at(last, customer[known], day[known])
        known &= day == last[customer]
    at, given = customer[known], values[known]
    if keep in ("mean", "last"):
        n = np.bincount(at, minlength=size).astype(float)
        total = np.bincount(at, weights=given, minlength=size)
        return np.asarray(np.where(n > 0, total / np.where(n > 0, n, 1), np.nan))
    edge = np.inf if keep == "lowest" else -np.inf
    found = np.full(size, edge)
    (np.minimum if keep == "lowest" else np.maximum).at(found, at, given)
    return np.asarray(np.where(np.isinf(found), np.nan, found))
