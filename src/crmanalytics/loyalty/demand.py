"""Gabor and Granger's question: who would buy at which price, and which price brings most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import with_parameters
from crmanalytics.inference import (
    TIDY,
    Estimates,
    bootstrap_interval,
    bootstrap_spread,
    effective_size,
    redrawn_rows,
    tidy,
)
from crmanalytics.inference.tidy import tidy_table
from crmanalytics.loyalty.demand_answers import read_asked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.loyalty.demand_answers import Asked

    Floats = NDArray[np.float64]

__all__ = ["best_price", "demand_curve"]

#: Prices beyond this are scaled before what they bring is rounded.
_LARGE = 1e100


@dataclass(frozen=True, eq=False)
class _Curves:
    """One group's curves, from all people and from people drawn anew."""

    prices: Floats
    asked: Floats
    effective: Floats
    missing: Floats
    share: Floats
    demand: Floats
    raw_draws: Floats
    draws: Floats


def demand_curve(
    answers: Any,  # noqa: ANN401 - any eager frame
    *,
    respondent: str,
    price: str,
    would_buy: str,
    cost: float | None = None,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    level: float = 0.95,
    bootstraps: int = 1000,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which share of the people would buy at each price that they were asked about.

    More people cannot want it at a higher price: shares that rise by chance are averaged with
    their neighbours until none does (isotonic regression).

    Parameters
    ----------
    answers : DataFrame
        One row per person and price asked.
    respondent, price, would_buy : str
        Columns: the person; the price; and whether the person would buy at it, 1 or 0, or the
        probability.
    cost : float, optional
        Cost of one unit, for the profit.
    by, weight : optional
        Columns to group by, and of weights.
    strata, clusters, population : str, optional
        Columns of the design, the same in all rows of a person: strata, clusters within them, and
        how many clusters (without `clusters`: people) the population has in each stratum. Clusters
        are then what is drawn anew.
    level : float
        Confidence level.
    bootstraps, seed : int
        Samples of people to draw, and the start of random numbers.

    Returns
    -------
    DataFrame
        Of the same kind, per group and price: the columns of `by`, ``price``, and the tidy columns
        with the metrics 'demand' (monotone), 'share' (as answered), 'revenue' (price times demand,
        per person asked) and, given the cost, 'profit'. ``n`` counts answers at the price; bounds
        are percentiles of the bootstrap.

    Raises
    ------
    DataError
        If prices are not positive, answers not between 0 and 1, a person answers twice or is in
        two strata or clusters, or a stratum has but one cluster.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Gabor, A. and Granger, C. W. J. (1966), "Price as an indicator of quality: report on an
    enquiry", Economica 33(129), 43-70.

    Examples
    --------
    >>> import pandas as pd
    >>> asked = pd.DataFrame(
    ...     {"who": [1, 1, 2, 2, 3, 3], "price": [5, 9] * 3, "buys": [1, 1, 1, 0, 0, 0]}
    ... )
    >>> found = demand_curve(asked, respondent="who", price="price", would_buy="buys")
    >>> found[["price", "metric", "estimate", "n"]].round(3)
       price   metric  estimate  n
    0    5.0   demand     0.667  3
    1    5.0    share     0.667  3
    2    5.0  revenue     3.333  3
    3    9.0   demand     0.333  3
    4    9.0    share     0.333  3
    5    9.0  revenue     3.000  3
    """
    design = (strata, clusters, population)
    read = read_asked(answers, (respondent, price, would_buy), by, weight, level, design)
    unit = _cost(cost)
    groups = _groups(read, bootstraps, seed)
    tables = [_table(each, unit, level) for each in groups]
    joined: dict[str, Any] = {
        name: np.concatenate([np.empty(0, dtype=object), *(table[name] for table in tables)])
        if name in {c.METRIC, c.METHOD}
        else np.concatenate([np.empty(0), *(table[name] for table in tables)])
        for name in ("price", *TIDY)
    }
    joined[c.METRIC], joined[c.METHOD] = (joined[x].tolist() for x in (c.METRIC, c.METHOD))
    labels = read.sample.groups.labels
    if labels is not None:
        repeat = np.repeat(np.arange(len(groups)), [len(each[c.METRIC]) for each in tables])
        labels = labels[repeat.tolist()]
    return with_parameters(
        tidy_table(read.sample.own, joined, labels), level=level, cost=cost, bootstraps=bootstraps
    )


def best_price(
    answers: Any,  # noqa: ANN401 - any eager frame
    *,
    respondent: str,
    price: str,
    would_buy: str,
    cost: float | None = None,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    level: float = 0.95,
    bootstraps: int = 1000,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say which of the prices asked brings most revenue, or most profit, and how sure that is.

    Parameters
    ----------
    answers, respondent, price, would_buy, cost, by, weight
        As for :func:`demand_curve`.
    strata, clusters, population, level, bootstraps, seed
        As for :func:`demand_curve`.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group and metric: 'revenue price' and 'revenue' (per person
        asked, at that price) and, given the cost, 'profit price' and 'profit'; ``estimate``,
        ``se``, ``low``, ``high`` (percentiles of the bootstrap), ``n`` (people), ``n_effective``,
        ``n_missing``, ``method``. Of equal prices the lower one is taken. The best of many looks
        better than it is: the revenue at it is estimated a little too high.

    Raises
    ------
    DataError, ParameterError
        As for :func:`demand_curve`.

    Examples
    --------
    >>> import pandas as pd
    >>> asked = pd.DataFrame(
    ...     {"who": [1, 1, 2, 2, 3, 3], "price": [5, 9] * 3, "buys": [1, 1, 1, 0, 0, 0]}
    ... )
    >>> arguments = {"respondent": "who", "price": "price", "would_buy": "buys", "cost": 3.0}
    >>> best_price(asked, **arguments, bootstraps=50)[["metric", "estimate"]]
              metric  estimate
    0  revenue price  5.000000
    1        revenue  3.333333
    2   profit price  9.000000
    3         profit  2.000000
    """
    design = (strata, clusters, population)
    read = read_asked(answers, (respondent, price, would_buy), by, weight, level, design)
    unit = _cost(cost)
    groups = _groups(read, bootstraps, seed)
    metrics: dict[str, Estimates] = {}
    for name, less in (("revenue", 0.0), ("profit", unit)):
        if less is None:
            continue
        best = [_best(each, less) for each in groups]
        metrics[f"{name} price"] = _estimates(read, [(x[0], x[2]) for x in best])
        metrics[name] = _estimates(read, [(x[1], x[3]) for x in best])
    return with_parameters(tidy(read.sample, metrics), cost=cost, bootstraps=bootstraps)


def _cost(cost: float | None) -> float | None:
    if cost is not None and not (np.isfinite(cost) and cost >= 0):
        raise ParameterError(f"cost must be money per unit, 0 or more, not {cost!r}")
    return cost


def _groups(read: Asked, times: int, seed: int) -> list[_Curves]:
    """Return the curves of all groups; of several, one in which nobody answered has no prices."""
    if times < 2:
        raise ParameterError(f"bootstraps must be 2 or more, not {times!r}")
    return [_curves(read, k, times, seed) for k in range(read.sample.groups.size)]


def _curves(read: Asked, k: int, times: int, seed: int) -> _Curves:
    """Return a group's demand and that of people drawn anew."""
    asked = (read.sample.groups.of_row == k) & ~np.isnan(read.price) & (read.sample.weight > 0)
    rows = np.flatnonzero(asked & ~np.isnan(read.answer))
    if not len(rows):
        if read.sample.groups.labels is None:
            raise InvalidValuesError("answers has no complete rows that count")
        none = np.empty(0)
        return _Curves(*[none] * 6, *[np.empty((times, 0))] * 2)
    prices, place = np.unique(read.price[rows], return_inverse=True)
    unanswered = read.price[asked & np.isnan(read.answer)]
    # people are told apart by what they answered, so that the order of rows does not matter
    people, first, person = np.unique(read.person[rows], return_index=True, return_inverse=True)
    shape = (len(people), len(prices))
    weights, bought = np.zeros(shape), np.zeros(shape)
    weights[person, place] = read.sample.weight[rows]
    bought[person, place] = read.sample.weight[rows] * read.answer[rows]
    design, keys = read.sample.design, [*np.concatenate([bought, weights], axis=1).T]
    one = rows[first]  # a row of each person
    order = np.lexsort(keys if design is None else [design.cluster[one], *keys])
    weights, bought = weights[order], bought[order]
    random = np.random.default_rng([seed, k])
    counts = np.array([*redrawn_rows(design, one[order], times, random)])
    drawn, base = counts @ bought, counts @ weights
    total = weights.sum(axis=0)
    share = bought.sum(axis=0) / total
    shares = drawn / np.where(base > 0, base, np.inf)
    fallen = np.array([_falling(*each) for each in zip(shares, base, strict=True)])
    return _Curves(
        prices,
        np.bincount(place, minlength=len(prices)).astype(float),
        total**2 / (weights**2).sum(axis=0),
        np.array([(unanswered == each).sum() for each in prices], dtype=float),
        share,
        _falling(share, total),
        np.where(base > 0, shares, np.nan),
        # a price that only clusters not drawn were asked is not known, where there are clusters
        fallen if design is None else np.where(base > 0, fallen, np.nan),
    )


def _falling(share: Floats, weight: Floats) -> Floats:
    """Return the closest shares that do not rise with the price."""
    from scipy.optimize import isotonic_regression

    solved = isotonic_regression(share, weights=np.maximum(weight, 1e-12), increasing=False)
    return np.asarray(solved.x)


def _table(curves: _Curves, cost: float | None, level: float) -> dict[str, Any]:
    """Return the rows of a group, price by price."""
    margin = curves.prices
    found = {
        "demand": (curves.demand, curves.draws),
        "share": (curves.share, curves.raw_draws),
        "revenue": (margin * curves.demand, margin * curves.draws),
    }
    if cost is not None:
        found["profit"] = ((margin - cost) * curves.demand, (margin - cost) * curves.draws)
    size, many = len(curves.prices), len(found)
    bounds = [bootstrap_interval(draws, level) for _, draws in found.values()]
    columns = {
        c.ESTIMATE: [estimate for estimate, _ in found.values()],
        c.SE: [bootstrap_spread(draws) for _, draws in found.values()],
        c.LOW: [low for low, _ in bounds],
        c.HIGH: [high for _, high in bounds],
    }
    return {
        "price": np.repeat(curves.prices, many),
        c.METRIC: list(found) * size,
        **{name: np.column_stack(each).ravel() for name, each in columns.items()},
        c.N: np.repeat(curves.asked, many),
        c.N_EFFECTIVE: np.repeat(curves.effective, many),
        c.N_MISSING: np.repeat(curves.missing, many),
        c.METHOD: ["bootstrap"] * (many * size),
    }


def _best(curves: _Curves, cost: float) -> tuple[float, float, Floats, Floats]:
    """Return the best price and what it brings, and both in people drawn anew."""
    if not len(curves.prices):
        lost = np.full(len(curves.draws), np.nan)
        return np.nan, np.nan, lost, lost
    largest = float(curves.prices.max())
    unit = largest if largest > _LARGE else 1.0  # so that what is rounded stays a number
    margin = curves.prices / unit - cost / unit
    worth = np.round(margin * curves.demand, 12)
    drawn = np.round(margin * curves.draws, 12)
    unknown = np.isnan(drawn).all(axis=1)
    known = np.where(np.isnan(drawn), -np.inf, drawn)
    at, places = int(np.argmax(worth)), known.argmax(axis=1)
    return (
        float(curves.prices[at]),
        float(worth[at] * unit),
        np.where(unknown, np.nan, curves.prices[places]),
        np.where(unknown, np.nan, known.max(axis=1)) * unit,
    )


def _estimates(read: Asked, found: list[tuple[float, Floats]]) -> Estimates:
    sample, size = read.sample, len(found)
    draws = np.column_stack([drawn for _, drawn in found] or [np.empty((2, 0))])
    low, high = bootstrap_interval(draws, sample.level)
    answered = ~np.isnan(read.price) & ~np.isnan(read.answer)
    people = [
        np.unique(read.person[(sample.groups.of_row == k) & answered]).size for k in range(size)
    ]
    everyone = [np.unique(read.person[sample.groups.of_row == k]).size for k in range(size)]
    nothing = np.zeros(size)
    rows = sample.groups.count(answered)
    shrunk = effective_size(sample, answered, nothing, nothing) / np.where(rows > 0, rows, np.nan)
    n = np.array(people, dtype=float)
    return Estimates(
        np.array([value for value, _ in found]),
        bootstrap_spread(draws),
        low,
        high,
        n,
        n * shrunk,
        np.array(everyone, dtype=float) - n,
        "bootstrap",
    )
