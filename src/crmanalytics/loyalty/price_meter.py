"""The price sensitivity meter: from when on a price is too low, too high, and best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.inference import (
    Estimates,
    bootstrap_interval,
    bootstrap_spread,
    effective_size,
    redrawn_rows,
    tidy,
)
from crmanalytics.inference.tidy import tidy_table
from crmanalytics.loyalty.price_answers import Intent, Prices, read_prices
from crmanalytics.loyalty.price_crossings import (
    BEST,
    POINTS,
    Limits,
    Pick,
    meter_curves,
    meter_points,
    trial,
)
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from crmanalytics.loyalty.price_answers import Intransitive, PriceAnswers

    Floats = NDArray[np.float64]

__all__ = ["price_sensitivity", "price_sensitivity_curves"]


def price_sensitivity(
    survey: Any,  # noqa: ANN401 - any eager frame
    *,
    too_cheap: str,
    cheap: str,
    expensive: str,
    too_expensive: str,
    buy_at: tuple[str, str] | None = None,
    calibration: Mapping[float, float] | None = None,
    intransitive: Intransitive = "refuse",
    limits: Limits = "original",
    pick: Pick = "middle",
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    level: float = 0.95,
    bootstraps: int = 1000,
    seed: int = 0,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Find the range of prices that customers accept, and the prices within that stand out.

    Each person names four prices: from where on it would be too cheap to be good, cheap,
    expensive, and too expensive to be bought. The curves of these answers over the price cross in
    four points: PMC and PME, the ends of the acceptable range; IDP, as many find it cheap as
    expensive; OPP, as few as can be find it too cheap or too expensive.

    Parameters
    ----------
    survey : DataFrame
        One row per person.
    too_cheap, cheap, expensive, too_expensive : str
        Columns of the four prices.
    buy_at : tuple of str, optional
        Columns that say how likely the person would buy at the own cheap and the own expensive
        price; then the prices of best reach and of best revenue are found as well.
    calibration : mapping of float to float, optional
        What those answers mean as probabilities, such as {5: 0.7, 4: 0.5, 3: 0.3, 2: 0.1, 1: 0}.
    intransitive : {"refuse", "exclude", "keep"}
        What becomes of people whose four prices do not rise. Left out they count as missing.
    limits : {"original", "narrower"}
        Ends of the range: where 'too cheap' meets 'not cheap' and 'too expensive' 'not
        expensive', or where they meet 'expensive' and 'cheap'.
    pick : {"low", "middle", "high"}
        Which price to give where two curves coincide over a stretch.
    by, weight : optional
        Columns to group by, and of weights.
    strata, clusters, population : str, optional
        Columns of the design, as in :func:`crmanalytics.satisfaction.nps`: strata, clusters within
        them (such as the shops where people were asked), and how many clusters the population has
        in each stratum. Clusters are then what is drawn anew.
    level : float
        Confidence level.
    bootstraps, seed : int
        Samples to draw, and the start of random numbers.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group and point: the columns of `by`, ``metric`` (PMC, PME,
        IDP, OPP, 'range width', and 'best reach' and 'best revenue'), ``estimate``, ``se``,
        ``low``, ``high`` (percentiles of the bootstrap), ``n``, ``n_effective``, ``n_missing``,
        ``method``, and ``coincide_low`` and ``coincide_high``, between which the curves
        coincide.

    Raises
    ------
    DataError
        If prices are negative, or do not rise and that was not allowed; if a stratum has but one
        cluster; without groups also if nobody answered.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Van Westendorp, P. (1976), "NSS price sensitivity meter: a new approach to study consumer
    perception of price", ESOMAR Congress; Newton, Miller and Smith (1993) for reach and revenue;
    Rao, J. N. K., Wu, C. F. J. and Yue, K. (1992), Survey Methodology 18(2), 209-217, for clusters.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame(
    ...     {"a": [2, 3, 4, 3], "b": [4, 5, 6, 4], "c": [7, 8, 9, 9], "d": [9, 9, 12, 11]}
    ... )
    >>> found = price_sensitivity(
    ...     survey, too_cheap="a", cheap="b", expensive="c", too_expensive="d", bootstraps=50
    ... )
    >>> found[["metric", "estimate", "coincide_low", "coincide_high"]]
            metric  estimate  coincide_low  coincide_high
    0          PMC       3.5           3.5            3.5
    1          PME       8.5           8.5            8.5
    2          IDP       6.5           6.0            7.0
    3          OPP       6.5           4.0            9.0
    4  range width       5.0           NaN            NaN
    """
    one_of("limits", limits, get_args(Limits))
    one_of("pick", pick, get_args(Pick))
    answers = read_prices(
        survey, (too_cheap, cheap, expensive, too_expensive), by=by, weight=weight,
        intransitive=intransitive, intent=buy_at, calibration=calibration, level=level,
        strata=strata, clusters=clusters, population=population,
    )  # fmt: skip
    if bootstraps < 2:
        raise ParameterError(f"bootstraps must be 2 or more, not {bootstraps!r}")
    names = [*POINTS, *(BEST if buy_at else ()), "range width"]
    grouped = answers.sample.groups.labels is not None
    found = [
        _group(answers, k, limits, pick, bootstraps, seed)
        if not grouped or _rows_of(answers, k).size
        else _nothing(names, bootstraps)
        for k in range(_size(answers))
    ]
    metrics = {name: _estimates(answers, [points[name] for _, points in found]) for name in names}
    table = tidy(answers.sample, metrics)
    ends = [[points[0].get(name, (0.0, np.nan, np.nan)) for name in names] for points in found]
    flat = np.array([end[1:] for group in ends for end in group]).reshape(-1, 2)
    return with_parameters(
        _with_ends(answers, table, flat),
        limits=limits,
        pick=pick,
        intransitive=intransitive,
        disordered=int(answers.disordered.sum()),
        level=level,
    )


def price_sensitivity_curves(
    survey: Any,  # noqa: ANN401 - any eager frame
    *,
    too_cheap: str,
    cheap: str,
    expensive: str,
    too_expensive: str,
    buy_at: tuple[str, str] | None = None,
    calibration: Mapping[float, float] | None = None,
    intransitive: Intransitive = "refuse",
    weight: str | None = None,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Return the curves behind the price meter: what share finds each price too cheap, cheap, ...

    Parameters
    ----------
    survey, too_cheap, cheap, expensive, too_expensive, buy_at, calibration, intransitive, weight
        As for :func:`price_sensitivity`.

    Returns
    -------
    DataFrame
        One row per price that somebody named: ``price``, ``too_cheap``, ``cheap``,
        ``not_cheap``, ``not_expensive``, ``expensive``, ``too_expensive`` and, if they were
        asked, ``trial`` (the share expected to buy) and ``revenue`` (per person).

    Raises
    ------
    DataError, ParameterError
        As for :func:`price_sensitivity`.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"a": [2, 3], "b": [4, 5], "c": [7, 8], "d": [9, 9]})
    >>> found = price_sensitivity_curves(
    ...     survey, too_cheap="a", cheap="b", expensive="c", too_expensive="d"
    ... )
    >>> found[["price", "too_cheap", "too_expensive"]].iloc[[0, -1]]
       price  too_cheap  too_expensive
    0    2.0        0.5            0.0
    6    9.0        0.0            1.0
    """
    answers = read_prices(
        survey, (too_cheap, cheap, expensive, too_expensive), by=None, weight=weight,
        intransitive=intransitive, intent=buy_at, calibration=calibration, level=0.95,
    )  # fmt: skip
    one = _of_group(answers, _ordered(answers, 0))
    columns = meter_curves(one)
    if one.intent is not None:
        buyers = trial(one)
        columns |= {"trial": buyers, "revenue": buyers * columns["price"]}
    return frame_like(answers.sample.own, columns)


def _size(answers: PriceAnswers) -> int:
    return answers.sample.groups.size


def _rows_of(answers: PriceAnswers, k: int) -> NDArray[np.intp]:
    rows = np.flatnonzero((answers.sample.groups.of_row == k) & answers.used)
    return rows[answers.sample.weight[rows] > 0]


def _nothing(
    names: list[str], times: int
) -> tuple[dict[str, tuple[float, float, float]], dict[str, Floats]]:
    """Return the points of a group in which nobody answered."""
    lost = (np.nan, np.nan, np.nan)
    return dict.fromkeys(names[:-1], lost), dict.fromkeys(names, np.full(times + 1, np.nan))


def _ordered(answers: PriceAnswers, k: int) -> NDArray[np.intp]:
    """Return the rows of a group that count, in an order that does not depend on theirs."""
    rows = _rows_of(answers, k)
    if not len(rows):
        raise InvalidValuesError(
            "survey has no complete answers that count: see intransitive=... if there are any"
        )
    intent = answers.intent
    keys = [answers.sample.weight[rows], *answers.prices[rows].T]
    keys += [] if intent is None else [intent.cheap[rows], intent.expensive[rows]]
    design = answers.sample.design
    return rows[np.lexsort(keys if design is None else [design.cluster[rows], *keys])]


def _of_group(answers: PriceAnswers, rows: NDArray[np.intp]) -> Prices:
    intent = answers.intent
    cut = None if intent is None else Intent(intent.cheap[rows], intent.expensive[rows])
    return Prices(answers.prices[rows], answers.sample.weight[rows], cut)


def _group(
    answers: PriceAnswers, k: int, limits: Limits, pick: Pick, times: int, seed: int
) -> tuple[dict[str, tuple[float, float, float]], dict[str, Floats]]:
    """Return a group's points, and each of them first from all and then from samples drawn anew."""
    rows = _ordered(answers, k)
    one = _of_group(answers, rows)
    points = meter_points(one, limits, pick)
    lost = dict.fromkeys(points, (np.nan, np.nan, np.nan))
    random = np.random.default_rng([seed, k])
    # a small group can lie in clusters of which none was drawn
    drawn = [points] + [
        meter_points(one, limits, pick, one.weight * factor) if factor.any() else lost
        for factor in redrawn_rows(answers.sample.design, rows, times, random)
    ]
    series = {name: np.array([each[name][0] for each in drawn]) for name in points}
    series["range width"] = series["PME"] - series["PMC"]
    return points, series


def _estimates(answers: PriceAnswers, series: list[Floats]) -> Estimates:
    """Return the estimates of all groups from what came out of all rows and of drawn ones."""
    sample = answers.sample
    estimate = np.array([each[0] for each in series])
    draws = np.column_stack([each[1:] for each in series] or [np.empty((2, 0))])
    low, high = bootstrap_interval(draws, sample.level)
    nothing = np.zeros(len(series))
    return Estimates(
        estimate,
        bootstrap_spread(draws),
        low,
        high,
        sample.groups.count(answers.used),
        effective_size(sample, answers.used, nothing, nothing),
        sample.groups.count(~answers.used),
        "bootstrap",
    )


def _with_ends(answers: PriceAnswers, table: Any, ends: Floats) -> Any:  # noqa: ANN401
    import narwhals.stable.v2 as nw

    own = nw.from_native(table, eager_only=True)
    columns = {name: own[name] for name in own.columns}
    made = {"coincide_low": ends[:, 0], "coincide_high": ends[:, 1]}
    extra = nw.from_native(tidy_table(answers.sample.own, made), eager_only=True)
    return nw.concat([own.select(list(columns)), extra], how="horizontal").to_native()
