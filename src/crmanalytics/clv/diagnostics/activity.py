"""Are the probabilities true: of those who were to buy with 30%, did 30% buy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

import numpy as np

from crmanalytics.clv.diagnostics.arguments import at_least_one, opened_split
from crmanalytics.clv.fit import the_model
from crmanalytics.frames import frame_like
from crmanalytics.inference import wilson_interval
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    from crmanalytics.clv.btyd.base import PurchaseModel
    from crmanalytics.clv.fit import Fit

    Floats = NDArray[np.float64]

__all__ = ["activity_calibration", "activity_scores"]

Of = Literal["active", "alive"]


class _Bins(NamedTuple):
    """Customers of like probability: how many, how many bought, the sum of probabilities."""

    place: NDArray[np.intp]
    size: Floats
    bought: Floats
    promised: Floats

    @property
    def gap(self) -> Floats:
        return (self.bought - self.promised) / self.size


def activity_calibration(
    model: PurchaseModel | Fit[PurchaseModel],
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    of: Of = "active",
    bins: int = 10,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - the kind that came in
    """Compare predicted probabilities with the share of customers who then bought.

    Parameters
    ----------
    model : model or Fit
        A model of purchases, fitted to the calibration period.
    customers : DataFrame
        What ``split`` returned: frequency, recency, T, frequency_holdout, duration_holdout.
    of : {"active", "alive"}
        Which probability: to buy at least once in the holdout period, which should equal the
        observed share; or to be alive, which should exceed it, the less so the longer the holdout,
        since not everyone alive buys in it.
    bins : int
        Groups of about equal size, by predicted probability; customers of equal probability are in
        one group, so that there may be fewer.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group, ascending: ``customers``, ``lowest``, ``highest`` and
        ``predicted`` (mean) probability, ``observed`` (share who bought), ``low`` and ``high``
        (Wilson's interval of the share).

    Raises
    ------
    DataError
        If the frame lacks what is needed, or its customers have different holdout periods.
    ParameterError
        If `of`, `bins` or `level` are none.

    References
    ----------
    Dawid (1982), The well-calibrated Bayesian. Journal of the American Statistical Association
    77(379), 605-610.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    >>> fit = crm.clv.BGNBD.fit(customers)
    >>> found = crm.clv.diagnostics.activity_calibration(fit, customers, bins=4)
    >>> found[["customers", "predicted", "observed", "low", "high"]].round(2)
       customers  predicted  observed   low  high
    0        590       0.14      0.14  0.12  0.17
    1        609       0.16      0.13  0.11  0.16
    2        569       0.19      0.25  0.22  0.29
    3        589       0.55      0.63  0.59  0.67
    """
    own, bought, chance = _outcomes(model, customers, of)
    groups = _grouped(chance, bought, at_least_one(bins, "bins"))
    low, high = wilson_interval(groups.bought, groups.size, level)
    starts = np.searchsorted(groups.place[np.argsort(chance)], np.arange(len(groups.size)))
    ends = np.append(starts[1:], len(chance)) - 1
    ordered = np.sort(chance)
    return frame_like(
        own,
        {
            "customers": groups.size.astype(np.int64),
            "lowest": ordered[starts],
            "highest": ordered[ends],
            "predicted": groups.promised / groups.size,
            "observed": groups.bought / groups.size,
            "low": low,
            "high": high,
        },
    )


def activity_scores(
    model: PurchaseModel | Fit[PurchaseModel],
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    of: Of = "active",
    bins: int = 10,
) -> Any:  # noqa: ANN401 - the kind that came in
    """Score predicted probabilities by who bought in the holdout period.

    Parameters
    ----------
    model : model or Fit
        A model of purchases, fitted to the calibration period.
    customers : DataFrame
        What ``split`` returned: frequency, recency, T, frequency_holdout, duration_holdout.
    of : {"active", "alive"}
        As for :func:`activity_calibration`.
    bins : int
        Groups for the calibration error.

    Returns
    -------
    DataFrame
        Of the same kind, one row: ``customers``, ``predicted`` (mean probability), ``observed``
        (share who bought), ``brier`` (mean squared error; 0 is perfect), ``brier_skill`` (what is
        gained on telling everyone the observed share: 1 is perfect, 0 no gain; missing where all
        or none bought), ``calibration_error`` (expected calibration error: the mean gap between
        predicted and observed over the groups) and ``largest_gap``.

    Raises
    ------
    DataError
        If the frame lacks what is needed, or its customers have different holdout periods.

    References
    ----------
    Brier (1950), Verification of forecasts expressed in terms of probability. Monthly Weather
    Review 78(1), 1-3. Naeini, Cooper & Hauskrecht (2015), Obtaining well calibrated probabilities
    using Bayesian binning. AAAI Conference on Artificial Intelligence, equation 3.

    Examples
    --------
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    >>> fit = crm.clv.BGNBD.fit(customers)
    >>> found = crm.clv.diagnostics.activity_scores(fit, customers)
    >>> found[["observed", "predicted", "brier", "brier_skill", "calibration_error"]].round(3)
       observed  predicted  brier  brier_skill  calibration_error
    0      0.29      0.262  0.161        0.217              0.056
    """
    own, bought, chance = _outcomes(model, customers, of)
    groups = _grouped(chance, bought, at_least_one(bins, "bins"))
    share = float(bought.mean())
    brier = float(((chance - bought) ** 2).mean())
    naive = share * (1 - share)
    gap = np.abs(groups.gap)
    return frame_like(
        own,
        {
            "customers": [len(bought)],
            "predicted": [float(chance.mean())],
            "observed": [share],
            "brier": [brier],
            "brier_skill": [1 - brier / naive if naive > 0 else float("nan")],
            "calibration_error": [float(gap @ groups.size / len(bought))],
            "largest_gap": [float(gap.max())],
        },
    )


def _outcomes(
    model: PurchaseModel | Fit[PurchaseModel],
    customers: Any,  # noqa: ANN401 - any eager frame
    of: Of,
) -> tuple[nw.DataFrame[Any], Floats, Floats]:
    """Return the frame, who bought in the holdout (0 or 1), and the predicted probabilities."""
    one_of("of", of, get_args(Of))
    own, later, horizon = opened_split(customers)
    known = the_model(model)
    if of == "active":
        found = known.probability_active(customers, horizon)
    else:
        found = known.probability_alive(customers)
    return own, (later > 0).astype(float), np.asarray(found, dtype=float)


def _grouped(chance: Floats, bought: Floats, bins: int) -> _Bins:
    cuts = np.quantile(chance, np.arange(1, bins) / bins, method="inverted_cdf")
    _, place = np.unique(np.searchsorted(cuts, chance), return_inverse=True)
    size = np.bincount(place).astype(float)
    sums = (np.bincount(place, values).astype(float) for values in (bought, chance))
    return _Bins(place, size, *sums)
