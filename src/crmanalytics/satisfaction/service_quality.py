"""Service quality: SERVQUAL's gaps and SERVPERF's performance, by item, dimension and overall."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.frames import with_new
from crmanalytics.inference import estimate_means, read_sample
from crmanalytics.satisfaction.expectations import gap_metrics, paired_columns
from crmanalytics.satisfaction.laying import tidy_by_item
from crmanalytics.satisfaction.service_scores import layout_of, scored

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates
    from crmanalytics.satisfaction.sample_options import SampleOptions

    Floats = NDArray[np.float64]

__all__ = ["SERVQUAL_DIMENSIONS", "servperf", "servqual", "servqual_scores"]

#: Numbers of the 22 items of each dimension, as published in 1988.
SERVQUAL_DIMENSIONS: Final[Mapping[str, tuple[int, ...]]] = {
    "tangibles": (1, 2, 3, 4),
    "reliability": (5, 6, 7, 8, 9),
    "responsiveness": (10, 11, 12, 13),
    "assurance": (14, 15, 16, 17),
    "empathy": (18, 19, 20, 21, 22),
}


def servqual(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: Mapping[str, tuple[str, str]],
    *,
    dimensions: Mapping[str, Sequence[str]] | None = None,
    importance: Mapping[str, str | float] | None = None,
    scale: tuple[float, float] | None = None,
    answered: float = 1.0,
    **options: Unpack[SampleOptions],
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Measure the quality of a service as perception less expectation (SERVQUAL).

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    items : mapping of str to pair of str
        Item to its columns: expectation and perception.
    dimensions : mapping of str to sequence of str, optional
        Dimension to its items; ``SERVQUAL_DIMENSIONS`` has the numbers of the published ones.
        Without it there are only items and the overall mean of all of them.
    importance : mapping of str to str or float, optional
        What each dimension counts in the weighted overall: a number for all, or the column of the
        points that each respondent gave it.
    scale : tuple of float, optional
        Lowest and highest answer; others are an error.
    answered : float
        Share of its items that a respondent must have answered for a dimension to be scored; 1 for
        all. What is not answered is left out of the mean, not guessed.
    **options
        ``by``, ``weight``, ``strata``, ``clusters``, ``population``, ``raked``, ``base_weight``,
        ``no_answer``, ``level``: see :func:`crmanalytics.inference.read_sample`.

    Returns
    -------
    DataFrame
        Per group: ``part`` ("item", "dimension" or "overall"), ``item`` (its name; "mean" and
        "weighted" overall), and the tidy columns with the metrics ``expectation``, ``perception``
        and ``gap``, each of those who gave both answers. Below 0 the service falls short.

    Raises
    ------
    DataError
        If columns are missing or answers off the scale, or points are negative.
    ParameterError
        If an argument is wrong.

    See Also
    --------
    crmanalytics.satisfaction.servqual_scores : The scores of each respondent.

    References
    ----------
    Parasuraman, A., Zeithaml, V. A. and Berry, L. L. (1988), "SERVQUAL: a multiple-item scale for
    measuring consumer perceptions of service quality", Journal of Retailing 64(1), 12-40. Weighted:
    the same (1991), "Refinement and reassessment of the SERVQUAL scale", 67(4), 420-450.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"e1": [7, 6], "p1": [5, 6], "e2": [6, 6], "p2": [7, 6]})
    >>> found = crm.satisfaction.servqual(
    ...     survey,
    ...     {"clean": ("e1", "p1"), "prompt": ("e2", "p2")},
    ...     dimensions={"tangibles": ["clean"], "responsiveness": ["prompt"]},
    ...     importance={"tangibles": 30, "responsiveness": 70},
    ... )
    >>> found.loc[found["metric"] == "gap", ["part", "item", "estimate"]]
             part            item  estimate
    2        item           clean     -1.00
    5        item          prompt      0.50
    8   dimension       tangibles     -1.00
    11  dimension  responsiveness      0.50
    14    overall            mean     -0.25
    17    overall        weighted      0.05
    """
    layout = layout_of(items, dimensions, importance, answered)
    columns = paired_columns(items)
    sample = read_sample(
        survey, [*columns, *layout.points], scale=layout.scales(columns, scale), **options
    )
    wanted, got = (
        {item: sample.answers(pair[side]) for item, pair in items.items()} for side in (0, 1)
    )
    for item in items:  # a mean of expectations and one of perceptions must be of the same items
        lacking = np.isnan(wanted[item]) | np.isnan(got[item])
        wanted[item], got[item] = (np.where(lacking, np.nan, x[item]) for x in (wanted, got))
    points = {name: sample.answers(name) for name in layout.points}
    expected, perceived = (scored(layout, values, points) for values in (wanted, got))
    metrics: dict[tuple[str, ...], Estimates] = {}
    for key, perception in perceived.items():
        for name, each in gap_metrics(sample, expected[key], perception).items():
            metrics[(*key, name)] = each
    return tidy_by_item(sample, metrics, ["part", "item"])


def servperf(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: Mapping[str, str],
    *,
    dimensions: Mapping[str, Sequence[str]] | None = None,
    importance: Mapping[str, str | float] | None = None,
    scale: tuple[float, float] | None = None,
    answered: float = 1.0,
    **options: Unpack[SampleOptions],
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Measure the quality of a service by its performance alone (SERVPERF).

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    items : mapping of str to str
        Item to its column.
    dimensions, importance, scale, answered
        As for :func:`servqual`.
    **options
        ``by``, ``weight``, ``strata``, ``clusters``, ``population``, ``raked``, ``base_weight``,
        ``no_answer``, ``level``: see :func:`crmanalytics.inference.read_sample`.

    Returns
    -------
    DataFrame
        Per group: ``part``, ``item`` and the tidy columns, with the metric ``perception``.

    Raises
    ------
    DataError
        If columns are missing or answers off the scale, or points are negative.
    ParameterError
        If an argument is wrong.

    References
    ----------
    Cronin, J. J. and Taylor, S. A. (1992), "Measuring service quality: a reexamination and
    extension", Journal of Marketing 56(3), 55-68.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"p1": [5, 6, 7], "p2": [7, 6, 5]})
    >>> crm.satisfaction.servperf(survey, {"clean": "p1", "prompt": "p2"})[
    ...     ["part", "item", "estimate", "n"]
    ... ]
          part    item  estimate  n
    0     item   clean       6.0  3
    1     item  prompt       6.0  3
    2  overall    mean       6.0  3
    """
    layout = layout_of(items, dimensions, importance, answered)
    columns = list(dict.fromkeys(items.values()))
    sample = read_sample(
        survey, [*columns, *layout.points], scale=layout.scales(columns, scale), **options
    )
    values = {item: sample.answers(name) for item, name in items.items()}
    points = {name: sample.answers(name) for name in layout.points}
    metrics: dict[tuple[str, ...], Estimates] = {
        (*key, "perception"): estimate_means(sample, each)
        for key, each in scored(layout, values, points).items()
    }
    return tidy_by_item(sample, metrics, ["part", "item"])


def servqual_scores(
    survey: Any,  # noqa: ANN401 - any eager frame
    items: Mapping[str, tuple[str, str]],
    *,
    dimensions: Mapping[str, Sequence[str]] | None = None,
    importance: Mapping[str, str | float] | None = None,
    scale: tuple[float, float] | None = None,
    answered: float = 1.0,
    no_answer: Sequence[float] = (),
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Score each respondent's gaps, to join them to customers.

    Parameters
    ----------
    survey, items, dimensions, importance, scale, answered
        As for :func:`servqual`.
    no_answer : sequence of float
        Codes of no answer.

    Returns
    -------
    DataFrame
        Of the same kind, with its rows and columns, and ``gap_...`` for each dimension,
        ``gap_mean`` and, with `importance`, ``gap_weighted``; missing for those who answered too
        little.

    Raises
    ------
    DataError
        If columns are missing or answers off the scale, or points are negative.
    ParameterError
        If an argument is wrong.

    Examples
    --------
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"customer_id": [1, 2], "e1": [7, 6], "p1": [5, None]})
    >>> crm.satisfaction.servqual_scores(survey, {"clean": ("e1", "p1")})[
    ...     ["customer_id", "gap_mean"]
    ... ]
       customer_id  gap_mean
    0            1      -2.0
    1            2       NaN
    """
    layout = layout_of(items, dimensions, importance, answered)
    columns = paired_columns(items)
    scales = layout.scales(columns, scale)
    sample = read_sample(survey, [*columns, *layout.points], scale=scales, no_answer=no_answer)
    gaps = {
        item: sample.answers(got) - sample.answers(hoped) for item, (hoped, got) in items.items()
    }
    points = {name: sample.answers(name) for name in layout.points}
    found = scored(layout, gaps, points)
    return with_new(
        sample.own, {f"gap_{name}": x for (part, name), x in found.items() if part != "item"}
    )
