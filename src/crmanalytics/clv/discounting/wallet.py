"""Share of wallet: what customers could spend, judged by what their peers do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.discounting.tables import admit_sorted
from crmanalytics.errors import MissingColumnsError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, as_float, as_numpy
from crmanalytics.frames.eager import frame_like
from crmanalytics.wording import no_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["wallet_size"]

_SPENDERS: Final = Contract(
    frame="customers",
    columns=(Column(c.CUSTOMER_ID, Kind.IDENTIFIER), Column(c.SPEND, Kind.NUMBER, low=0)),
    names_row_by=c.CUSTOMER_ID,
    unique=(c.CUSTOMER_ID,),
)


def wallet_size(
    customers: Any,  # noqa: ANN401 - any frame that narwhals knows
    *,
    quantile: float,
    segment: str | None = None,
    spend: str = c.SPEND,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - the caller's kind of frame
    """Estimate what each customer could spend per period: a high quantile of his peers' spend.

    Parameters
    ----------
    customers : DataFrame
        One row per customer: customer_id, spend (money per period), and the segment's column.
    quantile : float
        Which quantile of the peers' spend stands for the wallet, for example 0.8. Between the
        observed values it is the weighted mean of Harrell and Davis.
    segment : str, optional
        Column that says who is whose peer; without it all customers are peers.
    spend, customer_id : str
        The frame's names of these columns.

    Returns
    -------
    DataFrame
        One row per customer, sorted: customer_id, spend, wallet (at least his own spend) and
        standard_error (of the quantile; 0 where the own spend is the wallet).

    Raises
    ------
    MissingColumnsError, InvalidValuesError
        If the frame breaks its contract.
    ParameterError
        If the quantile does not lie between 0 and 1.

    Notes
    -----
    The quantile of a sample is a poor guess in small segments: look at the standard error.

    References
    ----------
    Harrell, F. E. and Davis, C. E. (1982). A new distribution-free quantile estimator. Biometrika
    69(3), 635-640. Maritz, J. S. and Jarrett, R. G. (1978). A note on estimating the variance of
    the sample median. Journal of the American Statistical Association 73, 194-196.

    Examples
    --------
    >>> import pandas as pd
    >>> customers = pd.DataFrame({"customer_id": range(5), "spend": [10.0, 20, 30, 40, 90]})
    >>> wallet_size(customers, quantile=0.8).round(1)
       customer_id  spend  wallet  standard_error
    0            0   10.0    67.8            26.5
    1            1   20.0    67.8            26.5
    2            2   30.0    67.8            26.5
    3            3   40.0    67.8            26.5
    4            4   90.0    90.0             0.0
    """
    import pandas as pd

    if not 0 < quantile < 1:
        raise ParameterError(f"quantile must lie between 0 and 1, not {quantile!r}; try 0.8")
    names = {c.CUSTOMER_ID: customer_id, c.SPEND: spend}
    own = admit_sorted(customers, _SPENDERS, names)
    if segment is not None and segment not in own.columns:
        raise MissingColumnsError(no_column("customers", segment, own.columns))
    money = as_float(own, c.SPEND)
    group = np.zeros(len(own), np.int64)
    if segment is not None:
        group = pd.factorize(as_numpy(own, segment), use_na_sentinel=False)[0]
    peers, error = np.zeros(len(own)), np.zeros(len(own))
    for inside in _groups(group):
        peers[inside], error[inside] = _quantile(money[inside], quantile)
    return frame_like(
        own,
        {
            c.CUSTOMER_ID: as_numpy(own, c.CUSTOMER_ID),
            c.SPEND: money,
            c.WALLET: np.maximum(peers, money),
            c.STANDARD_ERROR: np.where(peers > money, error, 0.0),
        },
    )


def _groups(group: NDArray[np.int64]) -> list[NDArray[np.intp]]:
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order])) + 1
    return [part for part in np.split(order, ends) if part.size]


def _quantile(values: Floats, q: float) -> tuple[float, float]:
    """Return the Harrell-Davis quantile and the Maritz-Jarrett standard error."""
    from scipy.special import betainc

    ordered, n = np.sort(values), len(values)
    edges = betainc((n + 1) * q, (n + 1) * (1 - q), np.arange(n + 1) / n)
    weights = np.diff(edges)
    centre = float(weights @ ordered)
    return centre, float(np.sqrt(weights @ (ordered - centre) ** 2))
