"""Deciles: what the best tenth of customers is expected to bring, the next tenth, and so on."""

from __future__ import annotations

from typing import Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float, frame_like

__all__ = ["value_by_decile"]


def value_by_decile(scored: Any, value: str = c.CLV, *, n: int = 10) -> Any:  # noqa: ANN401 - any frame
    """Say how the expected value of the base is spread over its best, second-best, ... tenth.

    Parameters
    ----------
    scored : DataFrame
        One row per customer, with the column of values.
    value : str
        The column, such as ``clv``.
    n : int
        Number of groups, as equal in size as can be.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group, the best first: ``decile`` (1 is the best),
        ``customers``, ``sum``, ``mean``, ``smallest`` (the group's lowest value), ``share`` (of
        the sum of all; missing where that is not positive) and ``cumulative_share``. Customers of
        equal value may be in two groups; whichever of them is where, the figures are the same.

    Raises
    ------
    DataError
        If the column is missing, holds missing values, or there are fewer customers than groups.
    ParameterError
        If `n` is not a positive whole number.

    Examples
    --------
    >>> import pandas as pd
    >>> scored = pd.DataFrame({"clv": [1.0, 9.0, 4.0, 6.0]})
    >>> value_by_decile(scored, n=2)
       decile  customers   sum  mean  smallest  share  cumulative_share
    0       1          2  15.0   7.5       6.0   0.75              0.75
    1       2          2   5.0   2.5       1.0   0.25              1.00
    """
    if not isinstance(n, int) or n < 1:
        raise ParameterError(f"n must be a whole number of at least 1, not {n!r}")
    contract = Contract("scored", (Column(value, Kind.NUMBER),), names_row_by=c.CUSTOMER_ID)
    own = admit_eager(scored, contract)
    if len(own) < n:
        raise InvalidValuesError(
            f"scored has {len(own):,} rows, which is fewer than the {n} groups asked for."
        )
    groups = np.array_split(np.sort(as_float(own, value))[::-1], n)
    total = np.array([group.sum() for group in groups])
    share = total / total.sum() if total.sum() > 0 else np.full(n, np.nan)
    return frame_like(
        own,
        {
            "decile": np.arange(1, n + 1),
            "customers": [len(group) for group in groups],
            "sum": total,
            "mean": [float(group.mean()) for group in groups],
            "smallest": [float(group[-1]) for group in groups],
            "share": share,
            "cumulative_share": np.cumsum(share),
        },
    )
