"""Everything that is measured of an uplift score, in one table with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmanalytics import columns as c
from crmanalytics.churn.resampling import check_draws, measured
from crmanalytics.churn.uplift.arms import read_experiment
from crmanalytics.churn.uplift.effect import uplift_at_of
from crmanalytics.churn.uplift.qini import area_of, check_normalization
from crmanalytics.frames import frame_like, with_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from crmanalytics.churn.uplift.arms import Arms
    from crmanalytics.churn.uplift.qini import Normalization

    Floats = NDArray[np.float64]

__all__ = ["evaluate_uplift"]


def evaluate_uplift(
    experiment: Any,  # noqa: ANN401 - any eager frame
    *,
    outcome: str,
    normalizations: Sequence[Normalization] = ("per_customer", "end"),
    shares: Sequence[float] = (0.1, 0.2, 0.3),
    draws: int = 200,
    seed: int = 0,
    level: float = 0.95,
    treatment: str = c.TREATED,
    score: str = c.UPLIFT,
    weight: str | None = None,
    customer_id: str = c.CUSTOMER_ID,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Judge an uplift score by all measures at once.

    Parameters
    ----------
    experiment : DataFrame of shape (customers, ...)
        One row per customer of an experiment, with an uplift that was predicted without having seen
        the outcome; see :func:`cross_uplift`.
    outcome : str
        Column of the outcome: flags, or numbers such as money.
    normalizations : sequence of str
        Of the areas; see :func:`qini`.
    shares : sequence of float
        Where to measure the uplift of the highest scores.
    draws, seed, level, weight, customer_id
        As for :func:`crmanalytics.churn.evaluate`.
    treatment, score : str
        Columns: who was treated, and the predicted uplift.

    Returns
    -------
    DataFrame
        Of the same kind, one row per measure: ``metric``, ``estimate``, ``standard_error``,
        ``low``, ``high`` and ``method``. The metrics are ``effect`` (of treating everybody),
        ``qini_...`` and ``auuc_...`` per normalization, and ``uplift_10%`` and so on. The bounds
        are percentiles of samples of customers. For pandas ``attrs["crmanalytics"]`` keeps the
        arguments.

    Raises
    ------
    DataError, ParameterError
        As for :func:`qini` and :func:`crmanalytics.churn.evaluate`.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import uplift
    >>> experiment = pd.DataFrame(
    ...     {
    ...         "treated": [1, 1, 0, 0] * 40,
    ...         "visit": ([1, 1, 0, 0] + [0, 1, 1, 0]) * 20,
    ...         "uplift": ([0.9] * 4 + [0.1] * 4) * 20,
    ...     }
    ... )
    >>> table = uplift.evaluate_uplift(experiment, outcome="visit", shares=[0.5], draws=50)
    >>> table[["metric", "estimate"]].round(3)
                  metric  estimate
    0             effect     0.500
    1  qini_per_customer     0.062
    2           qini_end     0.250
    3  auuc_per_customer     0.125
    4           auuc_end     0.250
    5         uplift_50%     1.000
    """
    check_draws(draws, level)
    rows = read_experiment(
        experiment,
        outcome=outcome, treatment=treatment, score=score, weight=weight, customer_id=customer_id,
    )  # fmt: skip
    for name in normalizations:
        check_normalization(rows, name)

    def measures(times: Floats | None) -> dict[str, float]:
        return _measures(rows.arms(times), normalizations, shares)

    table = measured(
        rows.own, rows.order, measures,
        customer_id=customer_id, draws=draws, seed=seed, level=level,
    )  # fmt: skip
    return with_parameters(
        frame_like(rows.own, table),
        outcome=outcome, normalizations=list(normalizations), shares=list(shares), draws=draws,
        seed=seed, level=level, weight=weight,
    )  # fmt: skip


def _measures(
    arms: Arms, normalizations: Sequence[Normalization], shares: Sequence[float]
) -> dict[str, float]:
    found = {"effect": uplift_at_of(arms, 1.0)}
    found |= {f"qini_{name}": area_of(arms, "qini", name) for name in normalizations}
    found |= {f"auuc_{name}": area_of(arms, "gain", name) for name in normalizations}
    return found | {f"uplift_{round(100 * x, 9):g}%": uplift_at_of(arms, x) for x in shares}
