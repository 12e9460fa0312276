"""The six indicators of satisfaction: what customers say, and what they do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import (
    Column,
    Contract,
    Kind,
    admit_eager,
    with_parameters,
)
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
from crmanalytics.surveys.asked import columns_asked, estimate_asked, named
from crmanalytics.transactions.population import answers_of, population_of
from crmanalytics.transactions.price_response import PriceQuestions, price_estimates
from crmanalytics.transactions.window import activity_within, days_of, window_days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates, Sample
    from crmanalytics.surveys.asked import Asked
    from crmanalytics.transactions.counting import Occasion
    from crmanalytics.transactions.population import Population
    from crmanalytics.transactions.units import Day

    Floats = NDArray[np.float64]
    Brand = str | float

__all__ = ["satisfaction_indicators"]


def satisfaction_indicators(
    *,
    start: Day,
    end: Day,
    survey: Any = None,  # noqa: ANN401 - any eager frame
    transactions: Any = None,  # noqa: ANN401 - any eager frame
    complaints: Any = None,  # noqa: ANN401 - any eager frame
    customers: Any = None,  # noqa: ANN401 - any eager frame
    praise: Asked | None = None,
    naming: Asked | None = None,
    brand: Brand | Sequence[Brand] | None = None,
    price_sensitivity: Asked | None = None,
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
    """Measure satisfaction by six signs: praise, naming, repurchase, complaints, spend, price.

    Give what there is; what cannot be measured is left out.

    Parameters
    ----------
    start, end : date
        The window: its first day, and the first day after it.
    survey : DataFrame, optional
        One row per respondent; where it has ``date``, only answers within the window count.
    transactions : DataFrame, optional
        The purchase log: ``customer_id``, ``date`` and, for money, ``amount``.
    complaints : DataFrame, optional
        One row per complaint: ``customer_id``, ``date``.
    customers : DataFrame, optional
        The customers asked about, one row each, with ``customer_id`` and the columns of `by`. Who
        bought nothing in the window then counts in the mean purchase amount, with 0. Otherwise
        customers are those who bought in the window.
    praise, naming, price_sensitivity : str or tuple, optional
        Columns of the survey: one of yes and no; ``(column, 8)`` for the share of answers of 8 and
        more; ``(column, "mean")`` for their mean.
    brand : str or number, or sequence of them, optional
        With it `naming` is a column of the brand that came to mind first, and these are the
        spellings (or codes) that count.
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

        - ``praise``, ``naming``, ``price_sensitivity``: as asked,
        - ``repurchase``: of those who bought in the window, the share who did so more than once,
        - ``returned``: of those who had bought before the window, the share who bought in it,
        - ``purchase_amount``: mean money per customer in the window, net of refunds,
        - ``amount_per_purchase``: the same per purchase,
        - ``bought_at_discount``: of all purchases, the share below the usual price;
          ``price_elasticity``: percent of units by percent of price (below 0; the farther, the more
          customers mind prices), of the same products, errors clustered by product,
        - ``complaint_rate``: of those who bought in the window, the share who complained in it,
        - ``complaints_per_purchase``: complaints of all customers by their purchases.

        For pandas ``attrs["crmanalytics"]["complaints_of_others"]`` counts complaints of people who
        did not buy in the window: they are in neither.

    Raises
    ------
    DataError
        If a frame breaks its contract.
    ParameterError
        If there is nothing to measure, or a question without a survey.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> survey = pd.DataFrame({"recommends": [1, 0, 1, 1]})
    >>> survey["first_named"] = ["us", "you", "us", None]
    >>> found = crm.satisfaction.satisfaction_indicators(
    ...     start="1997-04-01",
    ...     end="1997-07-01",
    ...     survey=survey,
    ...     transactions=log,
    ...     praise="recommends",
    ...     naming="first_named",
    ...     brand="us",
    ... )
    >>> found[["metric", "estimate", "low", "high", "n"]].round(3)
                    metric  estimate     low    high     n
    0               praise     0.750   0.301   0.954     4
    1               naming     0.667   0.208   0.939     3
    2           repurchase     0.395   0.354   0.438   524
    3             returned     0.223   0.207   0.240  2349
    4      purchase_amount    64.179  57.893  70.464   524
    5  amount_per_purchase    36.554  33.891  39.217   524
    """
    asked = {"praise": praise, "naming": naming, "price_sensitivity": price_sensitivity}
    window = window_days(start, end)
    prices = PriceQuestions.of(discount, price_days, transactions)
    _check(survey, transactions, complaints, asked, brand)
    tables, others = [], 0
    if survey is not None:
        answers = answers_of(survey, window, customers, by=by, time_zone=time_zone)
        numbers, flags = columns_asked(
            None if brand is not None and name == "naming" else each for name, each in asked.items()
        )
        sample = read_sample(
            answers,
            numbers,
            flags=flags,
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
        tables.append(tidy(sample, _said(sample, asked, brand)))
    if transactions is not None:
        activity = activity_within(
            transactions, start=start, end=end, occasion=occasion, time_zone=time_zone
        )
        people = population_of(activity, customers, by=by, level=level)
        metrics = _done(people, everybody=customers is not None)
        if prices.wanted:
            metrics |= price_estimates(people.sample, transactions, window, prices, time_zone)
        if complaints is not None:
            count, others = _complaints(people, complaints, window, time_zone)
            metrics |= _complained(people, count)
        tables.append(tidy(people.sample, metrics))
    return with_parameters(stacked(tables, names_of(by)), level=level, complaints_of_others=others)


def _check(
    survey: object,
    transactions: object,
    complaints: object,
    asked: dict[str, Asked | None],
    brand: Brand | Sequence[Brand] | None,
) -> None:
    questions = [name for name, each in asked.items() if each is not None]
    if (survey is None) != (not questions):
        raise ParameterError(
            f"a survey and questions of it (praise, naming, price_sensitivity) go together: there "
            f"is {'no survey' if survey is None else 'no question'}"
        )
    if survey is None and transactions is None:
        raise ParameterError("there is nothing to measure: give a survey or transactions")
    if complaints is not None and transactions is None:
        raise ParameterError("complaints are counted per purchase: give transactions too")
    if brand is not None and not isinstance(asked["naming"], str):
        raise ParameterError("brand needs naming='...', the column of brands that came to mind")


def _said(
    sample: Sample, asked: dict[str, Asked | None], brand: Brand | Sequence[Brand] | None
) -> dict[str, Estimates]:
    made = {}
    for name, each in asked.items():
        if name == "naming" and brand is not None:
            asked_for = Column(str(each), Kind.LABEL, nullable=True)
            admit_eager(sample.own.to_native(), Contract("survey", (asked_for,)))
            made[name] = estimate_proportions(sample, named(sample, str(each), _spellings(brand)))
        elif each is not None:
            made[name] = estimate_asked(sample, each)
    return made


def _spellings(brand: Brand | Sequence[Brand]) -> list[Brand]:
    return [brand] if isinstance(brand, str | int | float) else list(brand)


def _done(people: Population, *, everybody: bool) -> dict[str, Estimates]:
    """Estimate what customers did; without a frame of them they are those who bought."""
    sample, bought = people.sample, people.occasions > 0
    again = np.where(bought, people.occasions > 1, np.nan)
    returned = np.where(people.before, bought, np.nan)
    made = {
        "repurchase": estimate_proportions(sample, again),
        "returned": estimate_proportions(sample, returned),
    }
    if not np.isnan(people.spend).all():
        spend = people.spend if everybody else np.where(bought, people.spend, np.nan)
        buys = people.occasions if everybody else np.where(bought, people.occasions, np.nan)
        made["purchase_amount"] = estimate_means(sample, spend)
        made["amount_per_purchase"] = estimate_ratios(sample, spend, buys)
    return {name: _of_base(each) for name, each in made.items()}


def _of_base(found: Estimates) -> Estimates:
    """Say that nothing is missing: who is not in the base of a rate is not a missing answer."""
    return replace(found, n_missing=np.zeros_like(found.n_missing))


def _complaints(
    people: Population,
    complaints: Any,  # noqa: ANN401 - any eager frame
    window: tuple[int, int],
    time_zone: str | None,
) -> tuple[Floats, int]:
    """Count the complaints of each customer within the window, and those of other people."""
    columns = (Column(c.CUSTOMER_ID, Kind.IDENTIFIER), Column(c.DATE, Kind.DATE))
    own = admit_eager(complaints, Contract("complaints", columns))
    days = days_of(own, time_zone)
    inside = (days >= window[0]) & (days < window[1])
    at = places_of(
        own[c.CUSTOMER_ID], people.sample.own[c.CUSTOMER_ID], ("complaints", "customers")
    )
    theirs = inside & (at >= 0)
    theirs[theirs] = people.occasions[at[theirs]] > 0
    count = np.bincount(at[theirs], minlength=len(people.occasions)).astype(float)
    return count, int(inside.sum() - theirs.sum())


def _complained(people: Population, count: Floats) -> dict[str, Estimates]:
    bought = people.occasions > 0
    who = np.where(bought, count > 0, np.nan)
    number = np.where(bought, count, np.nan)
    purchases = np.where(bought, people.occasions, np.nan)
    made = {
        "complaint_rate": estimate_proportions(people.sample, who),
        "complaints_per_purchase": estimate_ratios(people.sample, number, purchases),
    }
    return {name: _of_base(each) for name, each in made.items()}
