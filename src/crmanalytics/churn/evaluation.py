"""Everything that is measured of a churn score, in one table with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from crmanalytics import columns as c
from crmanalytics.churn.calibration import bins_of, brier_of, calibration_error_of
from crmanalytics.churn.campaign import Campaign, beta_law
from crmanalytics.churn.discrimination import auc_of, average_precision_of
from crmanalytics.churn.lift import lift_of
from crmanalytics.churn.ranking import read_scored
from crmanalytics.churn.resampling import check_draws, measured
from crmanalytics.errors import ParameterError
from crmanalytics.frames import frame_like, with_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from crmanalytics.churn.calibration import Binning
    from crmanalytics.churn.envelope import BetaLaw
    from crmanalytics.churn.ranking import Amounts, Ranking, Rounding, Scored

    Floats = NDArray[np.float64]

__all__ = ["evaluate"]

#: Measures that are never negative, and positive by chance.
_TOO_HIGH: Final = ("calibration_error", "empc_over_all", "empc_over_no_model")


def evaluate(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    clv: float | str | None = None,
    offer_cost: float | str | None = None,
    contact_cost: float | str | None = None,
    acceptance: tuple[float, float] = (6.0, 14.0),
    shares: Sequence[float] = (0.1,),
    rounding: Rounding = "round",
    bins: int = 10,
    binning: Binning = "quantile",
    draws: int = 200,
    seed: int = 0,
    level: float = 0.95,
    target: str = c.CHURNED,
    score: str = c.CHURN_PROBABILITY,
    weight: str | None = None,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Judge a churn score by everything at once: ranking, probabilities, and money.

    Parameters
    ----------
    scored : DataFrame of shape (rows, ...)
        One row per customer, or per customer and snapshot, with outcomes that the score had not
        seen.
    clv, offer_cost, contact_cost : float or str, optional
        Money, as for :func:`empc`; all three, or none for a table without profits.
    acceptance : pair of float
        As for :func:`empc`; the maximum profit is taken at its mean.
    shares : sequence of float
        Where to measure the lift.
    rounding : {"round", "ceil", "floor", "exact"}
        As for :func:`lift`.
    bins, binning
        As for :func:`calibration_error`.
    draws : int
        Bootstrap samples; 0 for no intervals.
    seed : int
        Seed of the random numbers.
    level : float
        Confidence level of the intervals.
    target, score, weight : str
        Columns: who churned, the probability of it, and for how many customers the row stands.
    customer_id : str
        Column of customers. Where it is there, all rows of a customer are drawn together, so that
        many snapshots of one customer do not pass for many customers.

    Returns
    -------
    DataFrame
        Of the same kind, one row per measure: ``metric``, ``estimate``, ``standard_error``,
        ``low``, ``high`` and ``method``. The metrics are churn_rate, auc, gini, average_precision,
        brier, calibration_error, calibration_gap (predicted minus observed churn rate), lift_10%
        and so on, and with money empc, its target_rate and what it is above contacting all, none,
        and the better of both, and mpc. The bounds are percentiles of the samples.

        Three measures are never negative and lie too high by chance, and higher still in samples:
        the calibration error, and the gain of the EMPC over contacting everybody and over no model,
        whose best cut is chosen on the customers it is measured on. Their bounds are reflected at
        the estimate, which helps, but holds the level only for large gains. For
        pandas ``attrs["crmanalytics"]`` keeps the arguments.

    Raises
    ------
    DataError
        If columns or values are missing, scores are no probabilities, or nobody or everybody
        churned.
    ParameterError
        If an argument is out of its range, or only some of the money is given.

    References
    ----------
    Field, C. A. and Welsh, A. H. (2007), "Bootstrapping clustered data", Journal of the Royal
    Statistical Society B 69(3), 369-390.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import evaluate
    >>> scored = pd.DataFrame(
    ...     {
    ...         "churned": [1, 1, 0, 1, 0, 0, 0, 0] * 10,
    ...         "churn_probability": [0.9, 0.8, 0.6, 0.5, 0.3, 0.2, 0.2, 0.1] * 10,
    ...     }
    ... )
    >>> table = evaluate(scored, draws=50).set_index("metric")
    >>> table.loc[["auc", "brier"], ["estimate", "low", "high"]].round(2)
            estimate   low  high
    metric
    auc         0.93  0.88  0.98
    brier       0.11  0.08  0.13
    """
    check_draws(draws, level)
    money, law = _money(clv, offer_cost, contact_cost), beta_law(acceptance)
    rows = read_scored(
        scored,
        target,
        score,
        weight,
        probability=True,
        money=money,
        settled=draws > 0,
        customer_id=customer_id,
    )
    number = bins_of(rows.ranking(), bins, binning)
    measures = _Measures(rows, tuple(shares), rounding, number, rows.amounts(money), law)
    table = measured(
        rows.own, rows.order, measures.of,
        customer_id=customer_id, draws=draws, seed=seed, level=level, reflected=_TOO_HIGH,
    )  # fmt: skip
    return with_parameters(
        frame_like(rows.own, table),
        clv=clv, offer_cost=offer_cost, contact_cost=contact_cost, acceptance=tuple(acceptance),
        shares=list(shares), rounding=rounding, bins=bins, binning=binning, draws=draws, seed=seed,
        level=level, weight=weight,
    )  # fmt: skip


def _money(*amounts: float | str | None) -> tuple[float | str, ...]:
    given = tuple(each for each in amounts if each is not None)
    if given and len(given) < len(amounts):
        raise ParameterError(
            "give clv, offer_cost and contact_cost together, or none of them: there is no profit "
            "without all three"
        )
    return given


@dataclass(frozen=True, eq=False)
class _Measures:
    """What is measured, of the customers as they are and of any sample of them."""

    rows: Scored
    shares: tuple[float, ...]
    rounding: Rounding
    bins: NDArray[np.int64]
    amounts: Amounts
    law: BetaLaw

    def of(self, times: Floats | None) -> dict[str, float]:
        steps = self.rows.ranking(times)
        area, rate = auc_of(steps), steps.rate
        found = {
            "churn_rate": rate,
            "auc": area,
            "gini": 2.0 * area - 1.0,
            "average_precision": average_precision_of(steps),
            "brier": brier_of(steps),
            "calibration_error": calibration_error_of(steps, self.bins),
            "calibration_gap": float(steps.score @ steps.size) / steps.total - rate,
        }
        for share in self.shares:
            name = f"lift_{round(100 * share, 9):g}%"
            found[name] = lift_of(steps, share, self.rounding) if rate else float("nan")
        return {**found, **(self._profits(steps, times) if self.amounts else {})}

    def _profits(self, steps: Ranking, times: Floats | None) -> dict[str, float]:
        alike = not any(each.ndim for each in self.amounts)
        campaign = (
            Campaign.of_steps(steps, self.amounts)
            if alike
            else Campaign.of(self.rows, self.amounts, times)
        )
        expected = campaign.measure(self.law)
        rate = self.law.alpha / (self.law.alpha + self.law.beta)
        return {
            "empc": expected.profit,
            "empc_target_rate": expected.target_rate,
            "empc_over_all": expected.over_all,
            "empc_over_none": expected.over_none,
            "empc_over_no_model": expected.over_no_model,
            "mpc": campaign.best(rate).profit,
        }
