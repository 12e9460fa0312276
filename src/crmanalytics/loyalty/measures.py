"""The six measures of loyalty: repeat purchases, time to decide, price, rivals, defects, wallet."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import with_parameters
from crmanalytics.frames.matching import places_of
from crmanalytics.inference import (
    estimate_means,
    estimate_proportions,
    estimate_ratios,
    names_of,
    read_sample,
    tidy,
)
from crmanalytics.inference.stacking import stacked
from crmanalytics.surveys.asked import columns_asked, estimate_asked
from crmanalytics.transactions.population import answers_of, population_of
from crmanalytics.transactions.price_response import PriceQuestions, price_estimates
from crmanalytics.transactions.window import activity_within, window_days
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates, Sample
    from crmanalytics.surveys.asked import Asked
    from crmanalytics.transactions.counting import Occasion
    from crmanalytics.transactions.population import Population
    from crmanalytics.transactions.units import Day
    from crmanalytics.transactions.window import Activity

    Floats = NDArray[np.float64]

__all__ = ["loyalty_measures"]


def loyalty_measures(
    *,
    start: Day,
    end: Day,
    survey: Any = None,  # noqa: ANN401 - any eager frame
    transactions: Any = None,  # noqa: ANN401 - any eager frame
    customers: Any = None,  # noqa: ANN401 - any eager frame
    decision_time: str | None = None,
    price_sensitivity: Asked | None = None,
    competitors: Asked | None = None,
    defects: Asked | None = None,
    wallet: str | None = None,
    spend: str | None = None,
    over: Literal["error", "cap"] = "error",
    discount: float | None = None,
    price_days: int | None = None,
    occasion: Occasion = "day",
    time_zone: str | None = None,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the kind of the first source
    """Measure loyalty by six signs: repeats, time to decide, price, rivals, defects and wallet.

    Give what there is; what cannot be measured is left out.

    Parameters
    ----------
    start, end : date
        The window: its first day, and the first day after it.
    survey : DataFrame, optional
        One row per respondent; where it has ``date``, only answers within the window count.
    transactions : DataFrame, optional
        The purchase log: ``customer_id``, ``date`` and, for money, ``amount``.
    customers : DataFrame, optional
        The customers asked about, one row each, with ``customer_id`` and the columns of `by`.
    decision_time : str, optional
        Column of the survey: how long a customer took to decide, in any unit, not negative. The
        shorter, the more loyal.
    price_sensitivity, competitors, defects : str or tuple, optional
        Columns of the survey on prices, on the attraction of rival products and on the tolerance of
        defects: one of yes and no; ``(column, 8)`` for the share of answers of 8 and more;
        ``(column, "mean")`` for their mean.
    wallet : str, optional
        Column of the survey: money spent in the window on such products, wherever it was.
    spend : str, optional
        Column of the survey: money of that spent here. Otherwise it is that of the transactions,
        found by ``customer_id``.
    over : {"error", "cap"}
        Whether somebody who spent more here than anywhere is an error, or has a share of 1.
    discount : float, optional
        Price sensitivity from the transactions, which then need ``product_id`` and ``quantity``: a
        purchase this share below the product's usual price is one at a discount.
    price_days : int, optional
        The same as an elasticity: units and prices are those of so many days.
    occasion : {"day", "order", "row"}
        What one purchase is.
    time_zone : str, optional
        Where calendar days are those of.
    by : str or sequence of str, optional
        Columns of groups: of `customers`, or of the survey alone.
    weight, strata, clusters, population, raked, base_weight : optional
        Columns of the survey; see :func:`crmanalytics.inference.read_sample`.
    no_answer : sequence of float
        Codes of no answer in the survey.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Per group the tidy columns, with the metrics

        - ``repeat_purchases``: mean purchases after the first of the window, of those who bought;
          ``repeat_rate``: the share of them who bought again,
        - ``decision_time``: mean; ``decision_time_geometric``: the geometric mean, which single
          long searches do not move, of those who took any time,
        - ``price_sensitivity``, ``competitors``, ``defects``: as asked,
        - ``bought_at_discount``, ``price_elasticity``: how much purchases depend on prices, as in
          :func:`crmanalytics.satisfaction.satisfaction_indicators`,
        - ``share_of_wallet``: money spent here by money spent anywhere, of all together;
          ``share_of_wallet_mean``: the mean of the shares of customers.

    Raises
    ------
    DataError
        If a frame breaks its contract, or somebody spent more here than anywhere.
    ParameterError
        If there is nothing to measure, or a question without a survey.

    References
    ----------
    Jones, T. O. and Sasser, W. E. (1995), "Why satisfied customers defect", Harvard Business Review
    73(6), 88-99. Du, R. Y., Kamakura, W. A. and Mela, C. F. (2007), "Size and share of customer
    wallet", Journal of Marketing 71(2), 94-113.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> survey = pd.DataFrame({"minutes": [5, 20, 8], "all_spend": [100, 80, 50]})
    >>> survey["here"] = [60, 20, 50]
    >>> found = crm.loyalty.loyalty_measures(
    ...     start="1997-04-01",
    ...     end="1997-07-01",
    ...     survey=survey,
    ...     transactions=log,
    ...     decision_time="minutes",
    ...     wallet="all_spend",
    ...     spend="here",
    ... )
    >>> found[["metric", "estimate", "n"]].round(3)
                        metric  estimate    n
    0            decision_time    11.000    3
    1  decision_time_geometric     9.283    3
    2          share_of_wallet     0.565    3
    3     share_of_wallet_mean     0.617    3
    4         repeat_purchases     0.756  524
    5              repeat_rate     0.395  524
    """
    asked = {
        "price_sensitivity": price_sensitivity,
        "competitors": competitors,
        "defects": defects,
    }
    window = window_days(start, end)
    prices = PriceQuestions.of(discount, price_days, transactions)
    _check(survey, transactions, [decision_time, wallet, *asked.values()], wallet, spend)
    activity = None
    if transactions is not None:
        activity = activity_within(
            transactions, start=start, end=end, occasion=occasion, time_zone=time_zone
        )
    tables = []
    if survey is not None:
        answers = answers_of(survey, window, customers, by=by, time_zone=time_zone)
        numbers, flags = columns_asked(asked.values())
        money = [name for name in (decision_time, wallet, spend) if name]
        identified = [c.CUSTOMER_ID] if wallet and not spend else []
        sample = read_sample(
            answers,
            [*dict.fromkeys([*numbers, *money])],
            flags=flags,
            scale=dict.fromkeys(money, (0.0, math.inf)),
            labels=identified,
            by=by,
            weight=weight,
            strata=strata,
            clusters=clusters,
            population=population,
            raked=raked,
            base_weight=base_weight,
            no_answer=no_answer,
            level=level,
        )
        metrics = _decided(sample, decision_time) | _asked(sample, asked)
        if wallet:
            here = sample.answers(spend) if spend else _spent(sample, activity)
            metrics |= _wallet(sample, here, sample.answers(wallet), wallet, over)
        tables.append(tidy(sample, metrics))
    if activity is not None:
        people = population_of(activity, customers, by=by, level=level)
        metrics = _repeats(people)
        if prices.wanted:
            metrics |= price_estimates(people.sample, transactions, window, prices, time_zone)
        tables.append(tidy(people.sample, metrics))
    return with_parameters(stacked(tables, names_of(by)), level=level)


def _check(
    survey: object,
    transactions: object,
    asked: list[Asked | None],
    wallet: str | None,
    spend: str | None,
) -> None:
    if (survey is None) != all(each is None for each in asked):
        raise ParameterError(
            "a survey and questions of it (decision_time, price_sensitivity, competitors, defects, "
            f"wallet) go together: there is {'no survey' if survey is None else 'no question'}"
        )
    if survey is None and transactions is None:
        raise ParameterError("there is nothing to measure: give a survey or transactions")
    if spend and not wallet:
        raise ParameterError("spend is a part of the wallet: name the column of that too")
    if wallet and not spend and transactions is None:
        raise ParameterError("wallet needs the money spent here: give spend='...' or transactions")


def _decided(sample: Sample, column: str | None) -> dict[str, Estimates]:
    if column is None:
        return {}
    time = sample.answers(column)
    logs = np.log(np.where(time > 0, time, np.nan))
    found = estimate_means(sample, logs)
    middle = np.exp(found.estimate)
    geometric = replace(
        found,
        estimate=middle,
        se=middle * found.se,
        low=np.exp(found.low),
        high=np.exp(found.high),
        n_missing=sample.groups.count(np.isnan(time)),
        method="student of logarithms",
    )
    return {"decision_time": estimate_means(sample, time), "decision_time_geometric": geometric}


def _asked(sample: Sample, asked: Mapping[str, Asked | None]) -> dict[str, Estimates]:
    return {name: estimate_asked(sample, each) for name, each in asked.items() if each is not None}


def _spent(sample: Sample, activity: Activity | None) -> Floats:
    """Return what each respondent spent here; nothing for those the log does not know."""
    if activity is None or activity.spend is None:
        raise ParameterError("transactions have no amounts: give spend='...', a survey's column")
    frames = ("survey", "transactions")
    at = places_of(sample.own[c.CUSTOMER_ID], activity.customers[c.CUSTOMER_ID], frames)
    return np.where(at >= 0, activity.spend[np.maximum(at, 0)], 0.0)


def _wallet(
    sample: Sample, here: Floats, anywhere: Floats, column: str, over: str
) -> dict[str, Estimates]:
    one_of("over", over, ("error", "cap"))
    # refunds can outweigh purchases: nothing was spent here then
    part = np.maximum(here, 0.0)
    above = part > anywhere * (1 + 1e-9)
    if above.any() and over == "error":
        rows = np.flatnonzero(above)[:3].tolist()
        raise InvalidValuesError(
            f"survey[{column!r}] must not be less than what was spent here: {int(above.sum()):,} "
            f"of {len(above):,} rows do not hold to it (first positions: {rows}). Ask for one "
            "window and one currency, or pass over='cap' to take their share as 1."
        )
    part = np.minimum(part, anywhere)
    share = part / np.where(anywhere > 0, anywhere, np.nan)
    return {
        "share_of_wallet": estimate_ratios(sample, part, anywhere),
        "share_of_wallet_mean": estimate_means(sample, share),
    }


def _repeats(people: Population) -> dict[str, Estimates]:
    bought = people.occasions > 0
    repeats = np.where(bought, people.occasions - 1, np.nan)
    again = np.where(bought, people.occasions > 1, np.nan)
    made = {
        "repeat_purchases": estimate_means(people.sample, repeats),
        "repeat_rate": estimate_proportions(people.sample, again),
    }
    return {name: _of_base(each) for name, each in made.items()}


def _of_base(found: Estimates) -> Estimates:
    """Say that nothing is missing: who did not buy is not in the base, and no missing answer."""
    return replace(found, n_missing=np.zeros_like(found.n_missing))
