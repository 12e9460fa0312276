"""Importance-performance analysis: what to work on first, and how sure that is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.inference import Estimates, names_of, read_sample
from crmanalytics.satisfaction.laying import tidy_by_item, with_reasons
from crmanalytics.satisfaction.priority_draws import Ask, spots_of
from crmanalytics.satisfaction.quadrants import QUADRANTS, check_cut, placed
from crmanalytics.satisfaction.resampling import check_draws, from_replicates
from crmanalytics.satisfaction.sample_options import refuse_raked

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.satisfaction.priority_draws import Spots
    from crmanalytics.satisfaction.quadrants import Cut
    from crmanalytics.satisfaction.sample_options import DrawnOptions

    Floats = NDArray[np.float64]

__all__ = ["importance_performance_analysis"]


def importance_performance_analysis(
    survey: Any,  # noqa: ANN401 - any eager frame
    performance: Mapping[str, str],
    *,
    importance: Mapping[str, str] | None = None,
    outcome: str | None = None,
    method: str = "johnson",
    cut: Cut = "mean",
    scale: tuple[float, float] | Mapping[str, tuple[float, float]] | None = None,
    draws: int = 1000,
    seed: int = 0,
    **options: Unpack[DrawnOptions],
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Find what to work on first: what matters to customers and does not please them.

    Which quadrant an attribute is in depends on four uncertain numbers: two means, and the two
    lines, which move with all the others. So samples are drawn again, lines included, and the
    result says with what probability each attribute is in each quadrant.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    performance : mapping of str to str
        Attribute to the column of how well it is done; two attributes at least.
    importance : mapping of str to str, optional
        Attribute to the column of how important respondents say it is. Give this or `outcome`.
    outcome : str, optional
        Column of overall satisfaction, to derive importance: what the performance of each attribute
        accounts for, by `method`; rows without an answer to all of them are left out of that.
    method : str
        As for :func:`crmanalytics.satisfaction.drivers`, of a linear regression.
    cut : {"mean", "median"} or pair of float
        Where the lines are: at the mean or the median of the attributes, or at an importance and a
        performance of your own.
    scale : tuple of float or mapping, optional
        Lowest and highest answer, of all columns or by column; others are an error.
    draws, seed : int
        Bootstrap samples (of rows, or of clusters within strata) and the seed of random numbers.
    **options
        ``by``, ``weight``, ``strata``, ``clusters``, ``population``, ``no_answer``, ``level``: see
        :func:`crmanalytics.inference.read_sample`.

    Returns
    -------
    DataFrame
        Per group and attribute: ``attribute``, the tidy columns, ``quadrant``, and the lines
        (``importance_cut``, ``performance_cut``). Metrics are
        ``importance``, ``performance``, and per quadrant its probability (``p_concentrate_here``,
        ``p_keep_up_the_good_work``, ``p_low_priority``, ``p_possible_overkill``), whose standard
        error is that of the number of draws.

    Raises
    ------
    DataError
        If columns are missing, answers off the scale, or importance cannot be derived.
    ParameterError
        If an argument is wrong.

    See Also
    --------
    crmanalytics.satisfaction.priority_matrix : One row per attribute, to draw or to merge.

    References
    ----------
    Martilla, J. A. and James, J. C. (1977), "Importance-performance analysis", Journal of Marketing
    41(1), 77-79.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame(
    ...     {"i1": [9, 8, 9, 9], "p1": [3, 4, 3, 2], "i2": [2, 3, 2, 4], "p2": [8, 9, 7, 8]}
    ... )
    >>> found = crm.satisfaction.importance_performance_analysis(
    ...     survey, {"staff": "p1", "parking": "p2"}, importance={"staff": "i1", "parking": "i2"}
    ... )
    >>> found.loc[found["attribute"] == "staff", ["metric", "estimate", "quadrant"]].head(3)
                   metric  estimate          quadrant
    0          importance      8.75  concentrate here
    1         performance      3.00  concentrate here
    2  p_concentrate_here      1.00  concentrate here
    """
    _check(performance, importance, outcome, cut)
    ask = Ask(performance, importance, outcome, method, check_draws(draws), seed)
    refuse_raked(options)
    sample = read_sample(survey, ask.columns, scale=scale, **options)
    found = [spots_of(sample, group, ask) for group in range(sample.groups.size)]
    metrics: dict[tuple[str, ...], Estimates] = {}
    quadrants = []
    for place, attribute in enumerate(performance):
        for name, estimates in _metrics(sample, ask, found, place, cut).items():
            metrics[attribute, name] = estimates
    for each in found:
        names = placed(each.importance, each.performance, cut).names()
        quadrants += [name for name in names for _ in range(len(QUADRANTS) + 2)]
    beside = {"quadrant": quadrants, **_cuts(found, cut, len(metrics))}
    table = tidy_by_item(sample, metrics, ["attribute"], beside)
    reasons = [
        None if name == "performance" else each.reason for each in found for _, name in metrics
    ]
    return with_reasons(table, reasons)


def _check(
    performance: Mapping[str, str],
    importance: Mapping[str, str] | None,
    outcome: str | None,
    cut: Cut,
) -> None:
    if len(performance) < 2 or len(set(performance.values())) < len(performance):
        raise ParameterError("performance must name a column for each of two attributes or more")
    if (importance is None) == (outcome is None):
        raise ParameterError("give either importance (as stated) or outcome (to derive it from)")
    if importance is not None and set(importance) != set(performance):
        odd = sorted(set(importance) ^ set(performance))
        raise ParameterError(f"importance and performance must name the same attributes: see {odd}")
    if outcome in names_of(list(performance.values())):
        raise ParameterError(f"the outcome {outcome!r} cannot be the performance of an attribute")
    check_cut(cut)


def _cuts(found: list[Spots], cut: Cut, rows: int) -> dict[str, Floats]:
    """Return where the lines of each group are, for each of its rows."""
    lines = [placed(each.importance, each.performance, cut).cuts for each in found]
    return {
        f"{name}_cut": np.repeat([float(each[place]) for each in lines], rows)
        for place, name in enumerate(("importance", "performance"))
    }


def _metrics(
    sample: Sample, ask: Ask, found: list[Spots], place: int, cut: Cut
) -> dict[str, Estimates]:
    answered = ask.answered(sample, place)
    made = {
        name: from_replicates(
            sample,
            answered[name],
            np.array([getattr(each, name)[place] for each in found]),
            [getattr(each, f"{name}_drawn")[:, place] for each in found],
        )
        for name in ("importance", "performance")
    }
    both = made["importance"]
    for quadrant, name in QUADRANTS.items():
        share = np.array([_share(each, quadrant, place, cut) for each in found])
        error = np.sqrt(share * (1 - share) / max(ask.draws, 1))
        none = np.full(len(share), np.nan)
        method = f"share of {ask.draws} draws" if ask.draws else "no draws"
        made[f"p_{name.replace(' ', '_')}"] = Estimates(
            share, error, none, none, both.n, both.n_effective, both.n_missing, method
        )
    return made


def _share(spots: Spots, quadrant: tuple[bool, bool], place: int, cut: Cut) -> float:
    """Return in which share of the samples drawn again an attribute is in a quadrant."""
    known = ~np.isnan(spots.importance_drawn[:, place] + spots.performance_drawn[:, place])
    if not known.any():
        return np.nan
    drawn = spots.importance_drawn[known], spots.performance_drawn[known]
    return float(placed(*drawn, cut).inside(quadrant)[:, place].mean())
