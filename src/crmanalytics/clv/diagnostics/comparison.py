"""Which model is best? Any set of them side by side, on the past and on what followed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.cells import count_cells
from crmanalytics.clv.diagnostics.arguments import opened_split
from crmanalytics.clv.fit import Fit, the_model
from crmanalytics.errors import ParameterError
from crmanalytics.frames import frame_like

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.base import PurchaseModel

    Floats = NDArray[np.float64]

__all__ = ["compare"]

_TOP = 0.1


def compare(
    fits: Mapping[str, PurchaseModel | Fit[Any]],
    customers: Any,  # noqa: ANN401 - any eager frame
) -> Any:  # noqa: ANN401 - the kind that came in
    """Put models side by side: how well they fit, and how well they forecast.

    Likelihoods, and the criteria made of them, compare only between models of the same kind of
    time: a BG/BB, which knows opportunities, is not to be held against a BG/NBD in this respect.

    Parameters
    ----------
    fits : mapping of str to model or Fit
        Models of purchases by name, all fitted to these customers.
    customers : DataFrame
        frequency, recency, T; as returned by ``split``, with frequency_holdout and
        duration_holdout, for the comparison of forecasts too.

    Returns
    -------
    DataFrame
        Of the same kind, one row per model in the order given: ``model``, ``parameters`` (how
        many), ``log_likelihood``, ``aic``, ``bic`` (smaller is better). With a holdout period also
        ``log_score`` (mean log-probability that the model had given to each customer's later
        number of purchases; larger is better; missing for a model that cannot say),
        ``mean_absolute_error``, ``root_mean_squared_error``, ``bias`` (all purchases expected,
        over all made, less 1) and ``top_decile_capture`` (share of all later purchases made by the
        tenth of customers with the highest forecasts, a tie at its border counting in part).

    Raises
    ------
    DataError
        If the frame breaks the contract of customers.
    ParameterError
        If there is no model.

    References
    ----------
    Gneiting & Raftery (2007), Strictly proper scoring rules, prediction, and estimation. Journal
    of the American Statistical Association 102(477), 359-378 (log-score).

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    >>> models = (crm.clv.BGNBD, crm.clv.MBGNBD, crm.clv.ParetoNBD)
    >>> fits = {model.__name__: model.fit(customers) for model in models}
    >>> table = crm.clv.diagnostics.compare(fits, customers)
    >>> table[["model", "log_likelihood", "log_score", "bias", "top_decile_capture"]].round(3)
           model  log_likelihood  log_score   bias  top_decile_capture
    0      BGNBD       -9582.429     -0.984 -0.121               0.469
    1     MBGNBD       -9582.136     -0.982 -0.162               0.477
    2  ParetoNBD       -9594.976     -0.987 -0.115               0.473
    """
    if not fits:
        raise ParameterError("fits must hold at least one model")
    cells = count_cells(customers)
    rows = [{"model": name} | _fit_of(fit, cells) for name, fit in fits.items()]
    own = nw.from_native(customers, eager_only=True)
    if c.FREQUENCY_HOLDOUT in own.columns:
        own, later, horizon = opened_split(customers)
        for row, fit in zip(rows, fits.values(), strict=True):
            row.update(_forecast_of(the_model(fit), cells, later, horizon))
    return frame_like(own, {name: [row[name] for row in rows] for name in rows[0]})


def _fit_of(fit: PurchaseModel | Fit[Any], cells: Any) -> dict[str, Any]:  # noqa: ANN401 - Cells of any frame
    model = the_model(fit)
    k = len(fit.covariance_matrix if isinstance(fit, Fit) else model.estimates())
    value = math.fsum(np.asarray(model.log_likelihood(cells), dtype=float))
    return {
        "parameters": k,
        "log_likelihood": value,
        "aic": 2 * k - 2 * value,
        "bic": k * math.log(cells.n) - 2 * value,
    }


def _forecast_of(
    model: PurchaseModel,
    cells: Any,  # noqa: ANN401 - Cells of any frame
    later: Floats,
    horizon: float,
) -> dict[str, float]:
    forecast = np.asarray(model.expected_purchases(cells, horizon), dtype=float)
    off, made = forecast - later, float(later.sum())
    return {
        "log_score": _log_score(model, cells, later, horizon),
        "mean_absolute_error": float(np.abs(off).mean()),
        "root_mean_squared_error": float(np.sqrt((off**2).mean())),
        "bias": float(forecast.sum()) / made - 1 if made else math.nan,
        "top_decile_capture": _captured(forecast, later) / made if made else math.nan,
    }


def _log_score(
    model: PurchaseModel,
    cells: Any,  # noqa: ANN401 - Cells of any frame
    later: Floats,
    horizon: float,
) -> float:
    try:
        scores = model.purchase_count_log_probability_of(cells, later, horizon)
    except ParameterError:  # a model without a formula for counts: all else has been checked
        return math.nan
    return float(np.asarray(scores, dtype=float).mean())


def _captured(forecast: Floats, later: Floats) -> float:
    """Return what the best tenth by forecast bought; whoever ties at its border counts in part."""
    room = _TOP * len(forecast)
    border = np.sort(forecast)[::-1][math.ceil(room) - 1]
    above, at = forecast > border, forecast == border
    share = (room - above.sum()) / at.sum()
    return float(later[above].sum() + share * later[at].sum())
