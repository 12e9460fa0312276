"""Scores: how recent, how frequent and how valuable each customer is, from 1 to n."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import RFM_INPUT, admit, with_new
from crmanalytics.rfm.breaks import check_how, columns_of, find_breaks
from crmanalytics.rfm.cutpoints import Breaks
from crmanalytics.rfm.in_engine import scored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmanalytics.rfm.breaks import Method
    from crmanalytics.rfm.cutting import Ties

__all__ = ["score"]


def score(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    breaks: Breaks | None = None,
    *,
    n: int | Mapping[str, int] = 5,
    method: Method = "quantile",
    ties: Ties = "cut",
    cuts: Mapping[str, Sequence[float]] | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Score each customer by recency, frequency and money.

    Parameters
    ----------
    customers : DataFrame of shape (customers, ...)
        With ``days_since_last`` (days), ``orders`` (count) and ``total`` (money, which refunds may
        make negative). It is not changed.
    breaks : Breaks, optional
        Cuts found before by :func:`breaks`, on this frame or another. Without them they are found
        on this one.
    n, method, ties, cuts
        How to find the cuts: see :func:`breaks`. Not allowed together with `breaks`.

    Returns
    -------
    DataFrame
        Of the same kind, with its index and all of its columns, and with ``r_score``, ``f_score``,
        ``m_score`` (1 is the worst, n the best) and ``rfm_score`` (the three as digits: 541).

    Raises
    ------
    DataError
        If columns are missing or hold impossible values; all problems are listed.
    ParameterError
        If both `breaks` and the way to find them are given, or an argument is unknown.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.rfm import score
    >>> customers = pd.DataFrame(
    ...     {"days_since_last": [3, 40, 200], "orders": [9, 1, 1], "total": [900.0, 120.0, 30.0]},
    ...     index=["Ann", "Ben", "Cid"],
    ... )
    >>> score(customers, n=3)[["r_score", "f_score", "m_score", "rfm_score"]]
         r_score  f_score  m_score  rfm_score
    Ann        3        3        3        333
    Ben        2        1        2        212
    Cid        1        1        1        111
    """
    given = check_how(method, ties, cuts)
    own = admit(customers, RFM_INPUT)
    if breaks is None:
        breaks = find_breaks(own, n, method, ties, given)
    elif not isinstance(breaks, Breaks):
        raise ParameterError(
            f"breaks must come from crm.rfm.breaks(...), not be {type(breaks).__name__}"
        )
    elif (n, method, ties, cuts) != (5, "quantile", "cut", None):
        raise ParameterError("pass either breaks, or n, method, ties and cuts to find them by")
    if isinstance(own, nw.LazyFrame):
        return scored(own, breaks)
    values = columns_of(own)
    r, f, m = breaks.scores(values["r"], values["f"], values["m"])
    code = 100 * r + 10 * f + m
    return with_new(own, {c.R_SCORE: r, c.F_SCORE: f, c.M_SCORE: m, c.RFM_SCORE: code})
