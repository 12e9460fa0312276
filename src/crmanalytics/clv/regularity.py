"""How regularly customers buy: the k of models with Erlang-k times between purchases."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from crmanalytics import columns as c
from crmanalytics.errors import FitError
from crmanalytics.frames import TRANSACTIONS, admit_eager, is_pandas
from crmanalytics.inference import normal_interval

__all__ = ["regularity"]

_INTERVALS = 2


def regularity(
    transactions: Any,  # noqa: ANN401 - any eager frame
    *,
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate how regular the times between a customer's purchases are.

    Two consecutive times between purchases of one customer share out their sum as a beta(k, k)
    variable if both are Erlang-k, whatever the customer's rate: the less the shares vary, the more
    regular the purchases.

    Parameters
    ----------
    transactions : DataFrame
        customer_id and date; purchases of one calendar day count once, refunds do not.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        One row: ``k`` (1 is purchasing at random, larger is more regular), ``standard_error``
        (delta method on the mean squared deviation of the shares), ``low``, ``high``, and ``n``,
        the customers with at least two times between purchases, of whom the last two are taken.

    Raises
    ------
    FitError
        If fewer than two customers bought on three days.

    References
    ----------
    Wheat & Morrison (1990), Estimating purchase regularity with two interpurchase times. Journal of
    Marketing Research 27(1), 87-93.

    Examples
    --------
    >>> from crmanalytics.datasets import load_cdnow_sample
    >>> regularity(load_cdnow_sample()).round(2)
          k  standard_error   low  high    n
    0  0.99            0.05  0.89  1.08  736
    """
    days = _purchase_days(transactions)
    gaps = days.groupby(c.CUSTOMER_ID)["day"].diff()
    place = days.groupby(c.CUSTOMER_ID).cumcount(ascending=False)
    last, before = gaps[place == 0], gaps[place == 1]
    shares = pd.DataFrame(
        {
            "last": last.set_axis(days.loc[last.index, c.CUSTOMER_ID]),
            "before": before.set_axis(days.loc[before.index, c.CUSTOMER_ID]),
        }
    ).dropna()
    if len(shares) < _INTERVALS:
        raise FitError(
            "regularity needs customers who bought on three days or more: there are "
            f"{len(shares)} of them."
        )
    # by symmetry the mean share is a half, so that only its spread is to be estimated
    squares = (shares["last"] / (shares["last"] + shares["before"]) - 0.5).to_numpy() ** 2
    spread, error = squares.mean(), squares.std(ddof=1) / np.sqrt(len(squares))
    k, k_error = (1 - 4 * spread) / (8 * spread), error / (8 * spread**2)
    low, high = normal_interval(k, k_error, level)
    columns = {"k": k, "standard_error": k_error, "low": low, "high": high, "n": len(shares)}
    return pd.DataFrame({name: [value] for name, value in columns.items()})


def _purchase_days(transactions: Any) -> pd.DataFrame:  # noqa: ANN401 - any eager frame
    own = admit_eager(transactions, TRANSACTIONS)
    log = own.to_native() if is_pandas(own) else own.to_pandas()
    if c.AMOUNT in log:
        log = log[log[c.AMOUNT] >= 0]
    day = log[c.DATE].to_numpy().astype("M8[D]").astype("int64")
    days = pd.DataFrame({c.CUSTOMER_ID: log[c.CUSTOMER_ID].to_numpy(), "day": day})
    return days.drop_duplicates().sort_values([c.CUSTOMER_ID, "day"], ignore_index=True)
