"""What customers did in a holdout period, beside what a model forecast of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.diagnostics.arguments import at_least_one, opened_split
from crmanalytics.clv.fit import the_model
from crmanalytics.frames import as_float, as_numpy, frame_like

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.base import PurchaseModel
    from crmanalytics.clv.fit import Fit

    Floats = NDArray[np.float64]

__all__ = ["calibration_holdout", "holdout_by_frequency"]


def holdout_by_frequency(
    model: PurchaseModel | Fit[PurchaseModel],
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    most: int = 7,
) -> Any:  # noqa: ANN401 - the kind that came in
    """Compare forecast and later purchases among customers who had bought equally often.

    Parameters
    ----------
    model : model or Fit
        A model of purchases, fitted to the calibration period.
    customers : DataFrame
        What ``split`` returned: frequency, recency, T, frequency_holdout, duration_holdout.
    most : int
        Customers with so many repeat purchases or more are put together.

    Returns
    -------
    DataFrame
        Of the same kind, one row per number of repeat purchases in the calibration period that
        occurs: ``frequency``, ``or_more``, ``customers``, ``actual`` and ``expected`` (purchases
        in the holdout period, mean per customer).

    Raises
    ------
    DataError
        If the frame lacks what is needed, or its customers have different holdout periods.

    References
    ----------
    Fader, Hardie & Lee (2005), as above, equation 10 and figure 4.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    >>> fit = crm.clv.BGNBD.fit(customers)
    >>> crm.clv.diagnostics.holdout_by_frequency(fit, customers, most=2).round(2)
       frequency  or_more  customers  actual  expected
    0          0    False       1411    0.24      0.23
    1          1    False        439    0.70      0.52
    2          2     True        507    2.45      2.18
    """
    most = at_least_one(most)
    own, actual, expected = _forecast(model, customers)
    seen = np.minimum(as_numpy(own, c.FREQUENCY).astype(np.intp), most)
    size = np.bincount(seen, minlength=most + 1)
    there = np.flatnonzero(size)
    means = [
        np.bincount(seen, x, minlength=most + 1)[there] / size[there] for x in (actual, expected)
    ]
    return frame_like(
        own,
        {
            "frequency": there,
            "or_more": there == most,
            "customers": size[there],
            "actual": means[0],
            "expected": means[1],
        },
    )


def calibration_holdout(
    model: PurchaseModel | Fit[PurchaseModel],
    customers: Any,  # noqa: ANN401 - any eager frame
) -> Any:  # noqa: ANN401 - the kind that came in
    """Sum up how a model did in the period it was fitted to, and in the one after.

    Parameters
    ----------
    model : model or Fit
        A model of purchases, fitted to the calibration period.
    customers : DataFrame
        What ``split`` returned: frequency, recency, T, frequency_holdout, duration_holdout.

    Returns
    -------
    DataFrame
        Of the same kind, two rows: ``period`` ("calibration", "holdout"), ``customers``,
        ``actual`` and ``expected`` (repeat purchases of all of them), ``difference`` (expected
        over actual, less 1; missing where nobody bought), and for the holdout how far off single
        customers are: ``mean_absolute_error``, ``root_mean_squared_error`` and ``correlation``
        (missing where all bought equally often).

    Raises
    ------
    DataError
        If the frame lacks what is needed, or its customers have different holdout periods.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    >>> fit = crm.clv.BGNBD.fit(customers)
    >>> found = crm.clv.diagnostics.calibration_holdout(fit, customers)
    >>> found[["period", "actual", "expected", "difference"]].round(3)
            period  actual  expected  difference
    0  calibration  2457.0  2493.957       0.015
    1      holdout  1882.0  1653.409      -0.121
    """
    own, later, forecast = _forecast(model, customers)
    times, each = np.unique(as_float(own, c.T), return_counts=True)
    fitted = float(the_model(model).expected_purchases_new(times) @ each)
    actual = np.array([as_float(own, c.FREQUENCY).sum(), later.sum()])
    expected = np.array([fitted, forecast.sum()])
    off = forecast - later
    return frame_like(
        own,
        {
            "period": ["calibration", "holdout"],
            "customers": [len(own), len(own)],
            "actual": actual,
            "expected": expected,
            "difference": expected / np.where(actual > 0, actual, np.nan) - 1.0,
            "mean_absolute_error": [np.nan, float(np.abs(off).mean())],
            "root_mean_squared_error": [np.nan, float(np.sqrt((off**2).mean()))],
            "correlation": [np.nan, _correlation(later, forecast)],
        },
    )


def _correlation(a: Floats, b: Floats) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    return float(np.corrcoef(a, b)[0, 1])


def _forecast(
    model: PurchaseModel | Fit[PurchaseModel],
    customers: Any,  # noqa: ANN401 - any eager frame
) -> tuple[nw.DataFrame[Any], Floats, Floats]:
    """Check a split, and return purchases and forecasts of its holdout period."""
    own, later, horizon = opened_split(customers)
    forecast = the_model(model).expected_purchases(customers, horizon)
    return own, later, np.asarray(forecast, dtype=float)
