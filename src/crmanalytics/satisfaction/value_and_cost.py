"""Customer delivered value: what customers get, less what it costs them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.frames import with_new
from crmanalytics.inference import estimate_means, estimate_ratios, read_sample
from crmanalytics.satisfaction.laying import tidy_by_item

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates, Sample
    from crmanalytics.satisfaction.sample_options import SampleOptions

    Floats = NDArray[np.float64]
    Parts = Mapping[str, float] | Sequence[str]

__all__ = ["delivered_value", "delivered_value_scores"]


def delivered_value(
    survey: Any,  # noqa: ANN401 - any eager frame
    *,
    value: Parts,
    cost: Parts,
    **options: Unpack[SampleOptions],
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Estimate what customers get less what it costs them, with the parts of both.

    Value is that of the product, services, people and image; cost is money, time, energy and worry.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent (and offer, to compare offers with ``by``).
    value, cost : sequence of str, or mapping of str to float
        Columns of the parts, all in one unit; or column to what one unit of it is worth, such as
        the money for an hour. Costs must not be negative.
    **options
        ``by``, ``weight``, ``strata``, ``clusters``, ``population``, ``raked``, ``base_weight``,
        ``no_answer``, ``level``: see :func:`crmanalytics.inference.read_sample`.

    Returns
    -------
    DataFrame
        Per group: ``part`` ("value", "cost" or "total") and the tidy columns. Metrics are the
        parts by their columns; ``total_value``, ``total_cost``, ``delivered_value`` (their
        difference) and ``value_to_cost`` (ratio of the totals). All are of those who answered for
        every part.

    Raises
    ------
    DataError
        If columns are missing, or a cost is negative.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Kotler, P. (1994), Marketing management, 8th edition, chapter 2 (customer delivered value).

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"product": [90, 70], "price": [50, 60], "hours": [1.0, 2.0]})
    >>> found = crm.satisfaction.delivered_value(
    ...     survey, value=["product"], cost={"price": 1, "hours": 10}
    ... )
    >>> found[["part", "metric", "estimate"]].round(3)
        part           metric  estimate
    0  value          product    80.000
    1   cost            price    55.000
    2   cost            hours    15.000
    3  total      total_value    80.000
    4  total       total_cost    70.000
    5  total  delivered_value    10.000
    6  total    value_to_cost     1.143
    """
    gains, costs = _parts(value, cost)
    sample = read_sample(survey, [*gains, *costs], scale=_scales(costs), **options)
    got, paid = _valued(sample, gains), _valued(sample, costs)
    totals = _total(got), _total(paid)
    whole = ~np.isnan(totals[0] + totals[1])
    metrics: dict[tuple[str, ...], Estimates] = {}
    for part, columns in (("value", got), ("cost", paid)):
        for name, each in columns.items():
            metrics[part, name] = estimate_means(sample, np.where(whole, each, np.nan))
    both = {
        "total_value": np.where(whole, totals[0], np.nan),
        "total_cost": np.where(whole, totals[1], np.nan),
        "delivered_value": totals[0] - totals[1],
    }
    for name, each in both.items():
        metrics["total", name] = estimate_means(sample, each)
    ratio = estimate_ratios(sample, both["total_value"], both["total_cost"])
    metrics["total", "value_to_cost"] = ratio
    return tidy_by_item(sample, metrics, ["part"])


def delivered_value_scores(
    survey: Any,  # noqa: ANN401 - any eager frame
    *,
    value: Parts,
    cost: Parts,
    no_answer: Sequence[float] = (),
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Score what each customer gets less what it costs them, to join it to customers.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    value, cost : sequence of str, or mapping of str to float
        As for :func:`delivered_value`.
    no_answer : sequence of float
        Codes of no answer.

    Returns
    -------
    DataFrame
        Of the same kind, with its rows and columns, and ``total_value``, ``total_cost``,
        ``delivered_value`` and ``value_to_cost`` (missing where nothing is paid); missing for those
        who did not answer for every part.

    Raises
    ------
    DataError
        If columns are missing, or a cost is negative.
    ParameterError
        If an argument is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"customer_id": [1, 2], "product": [90, 70], "price": [50, 60]})
    >>> crm.satisfaction.delivered_value_scores(survey, value=["product"], cost=["price"])[
    ...     ["customer_id", "delivered_value", "value_to_cost"]
    ... ].round(2)
       customer_id  delivered_value  value_to_cost
    0            1             40.0           1.80
    1            2             10.0           1.17
    """
    gains, costs = _parts(value, cost)
    sample = read_sample(survey, [*gains, *costs], scale=_scales(costs), no_answer=no_answer)
    got, paid = _total(_valued(sample, gains)), _total(_valued(sample, costs))
    made = {"total_value": got, "total_cost": paid, "delivered_value": got - paid}
    made["value_to_cost"] = got / np.where(paid > 0, paid, np.nan)
    return with_new(sample.own, made)


def _parts(value: Parts, cost: Parts) -> tuple[dict[str, float], dict[str, float]]:
    gains, costs = _rates(value), _rates(cost)
    if not gains or not costs or set(gains) & set(costs) or str in {type(value), type(cost)}:
        raise ParameterError("value and cost must each name columns, and no column be both")
    rates = [*gains.values(), *costs.values()]
    if min(rates) <= 0 or not all(map(math.isfinite, rates)):
        raise ParameterError(f"what a unit of a part is worth must be positive: {gains}, {costs}")
    return gains, costs


def _rates(parts: Parts) -> dict[str, float]:
    if isinstance(parts, Mapping):
        return {name: float(rate) for name, rate in parts.items()}
    return dict.fromkeys(parts, 1.0)


def _scales(costs: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    return dict.fromkeys(costs, (0.0, math.inf))


def _valued(sample: Sample, parts: Mapping[str, float]) -> dict[str, Floats]:
    return {name: rate * sample.answers(name) for name, rate in parts.items()}


def _total(parts: Mapping[str, Floats]) -> Floats:
    return np.asarray(np.sum(list(parts.values()), axis=0))
