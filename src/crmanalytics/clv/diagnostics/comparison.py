"""Which model is best? Any set of them side by side, on the past and on what followed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.clv.cells import count_cells
from crmanalytics.clv.diagnostics.arguments import opened_split
from crmanalytics.clv.fit import Fit, the_model
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import as_float, frame_like

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
    *,
    weight: str | None = None,
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
    weight : str, optional
        Column with the number of customers that a row stands for.

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
    cells = count_cells(customers, weight)
    if not cells.n:
        raise InvalidValuesError(f"customers[{weight!r}] is 0 in every row: nobody is left.")
    own = nw.from_native(customers, eager_only=True)
    each = as_float(own, weight) if weight else np.ones(len(own))
    rows = [{"model": name} | _fit_of(fit, cells, each) for name, fit in fits.items()]
    if c.FREQUENCY_HOLDOUT in own.columns:
        own, later, horizon = opened_split(customers)
        outcome = _Outcome(later, horizon, each)
        for row, fit in zip(rows, fits.values(), strict=True):
            row.update(_forecast_of(the_model(fit), cells, outcome))
    return frame_like(own, {name: [row[name] for row in rows] for name in rows[0]})


class _Outcome(NamedTuple):
    """What happened in the holdout: each row's purchases, its length, customers per row."""

    later: Floats
    horizon: float
    each: Floats


def _fit_of(
    fit: PurchaseModel | Fit[Any],
    cells: Any,  # noqa: ANN401 - Cells of any frame
    each: Floats,
) -> dict[str, Any]:
    model = the_model(fit)
    k = len(fit.covariance_matrix if isinstance(fit, Fit) else model.estimates())
    value = math.fsum(each * np.asarray(model.log_likelihood(cells), dtype=float))
    return {
        "parameters": k,
        "log_likelihood": value,
        "aic": 2 * k - 2 * value,
        "bic": k * math.log(cells.n) - 2 * value,
    }


def _forecast_of(
    model: PurchaseModel,
    cells: Any,  # noqa: ANN401 - Cells of any frame
    outcome: _Outcome,
) -> dict[str, float]:
    later, horizon, each = outcome
    forecast = np.asarray(model.expected_purchases(cells, horizon), dtype=float)
    off, made = forecast - later, float(each @ later)
    return {
        "log_score": _log_score(model, cells, outcome),
        "mean_absolute_error": float(np.average(np.abs(off), weights=each)),
        "root_mean_squared_error": float(np.sqrt(np.average(off**2, weights=each))),
        "bias": float(each @ forecast) / made - 1 if made else math.nan,
        "top_decile_capture": _captured(forecast, outcome) / made if made else math.nan,
    }


def _log_score(
    model: PurchaseModel,
    cells: Any,  # noqa: ANN401 - Cells of any frame
    outcome: _Outcome,
) -> float:
    try:
        scores = model.purchase_count_log_probability_of(cells, outcome.later, outcome.horizon)
    except ParameterError:  # a model without a formula for counts: all else has been checked
        return math.nan
    return float(np.average(np.asarray(scores, dtype=float), weights=outcome.each))


def _captured(forecast: Floats, outcome: _Outcome) -> float:
    """Return what the best tenth by forecast bought; whoever ties at its border counts in part."""
    bought, each = outcome.each * outcome.later, outcome.each
    room = _TOP * float(each.sum())
    order = np.argsort(-forecast, kind="stable")
    border = forecast[order[np.searchsorted(np.cumsum(each[order]), room)]]
    above, at = forecast > border, forecast == border
    share = (room - each[above].sum()) / each[at].sum()
    return float(bought[above].sum() + share * bought[at].sum())
