"""Change of a score between waves or groups, and how far it is from chance."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import Column, Contract, Kind, admit_eager, with_parameters
from crmanalytics.inference import (
    adjust_p_values,
    label_codes,
    names_of,
    read_sample,
    row_groups,
    tidy_table,
)
from crmanalytics.inference.calibration import read_calibration
from crmanalytics.satisfaction.csat import top_boxes
from crmanalytics.satisfaction.differences import joined_interval, pair_errors, wald_interval
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample
    from crmanalytics.inference.calibration import Calibration
    from crmanalytics.satisfaction.differences import Pairs
    from crmanalytics.satisfaction.score_types import Adjustment, ScoreName

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

__all__ = ["change"]

Against = Literal["previous", "first", "all"]
Method = Literal["mover", "adjusted-wald", "wald"]
_SCALES: Final[dict[str, tuple[int, int]]] = {"nps": (0, 10)}


def change(
    survey: Any,  # noqa: ANN401 - any eager frame
    answer: str,
    *,
    between: str,
    score: ScoreName = "nps",
    scale: tuple[int, int] | None = None,
    top: int = 2,
    by: str | Sequence[str] | None = None,
    against: Against = "previous",
    paired: str | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    method: Method = "mover",
    adjust: Adjustment = "holm",
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say whether a score has changed since the last wave, or differs between groups.

    Parameters
    ----------
    survey : DataFrame
        One row per answer sheet, the waves below each other.
    answer : str
        Column of answers.
    between : str
        Column of waves or groups, in order of their labels (of the categories, if it has any).
    score : str
        ``nps``; ``top``, the share of the `top` best answers; ``mean``, the mean answer.
    scale : tuple of int, optional
        Lowest and highest answer; needed unless `score` is ``nps``.
    top : int
        How many of the best answers count.
    by : str or sequence of str, optional
        Columns to group by: the changes of each group.
    against : str
        Each wave against the ``previous`` one, against the ``first``, or ``all`` pairs.
    paired : str, optional
        Column of who answered: then only those who answered both times count, and the change is
        that of the same people. Without it waves are taken as independent samples. To use all
        answers of a panel that only partly stays, name the person in `clusters` instead.
    weight, strata, clusters, population, no_answer
        As for :func:`nps`. With strata or clusters the error of the difference knows which
        clusters are in both waves.
    raked, base_weight : str or sequence of str, and str, optional
        Columns that the weights of each wave by itself were raked to, and the weights before.
    method : str
        ``mover`` joins the intervals of both scores (for two shares this is Newcombe's method 10);
        ``wald``; ``adjusted-wald`` (independent waves of a net promoter score). A mean always has
        Student's interval, with Welch's degrees of freedom where waves are independent.
    adjust : str
        How p-values account for the number of comparisons in the result: ``holm``,
        ``benjamini-hochberg``, ``bonferroni`` or ``none``. The intervals are those of each
        comparison alone.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the same kind, one row per comparison: the columns of `by`, ``{between}_from`` and
        ``{between}_to``, ``metric``, ``estimate`` (the later less the earlier), ``se``, ``low``,
        ``high``, ``n`` (answers used, of both), ``n_effective``, ``n_missing``, ``method``,
        ``p_value`` and ``p_adjusted``.

    Raises
    ------
    DataError
        If columns are missing, answers are out of range, or a person answered twice in a wave.
    ParameterError
        If an argument is wrong, or there is but one wave.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008), Statistics in Medicine 27(10), 1693-1702; Newcombe, R. G.
    (1998), Statistics in Medicine 17(8), 873-890 (independent) and 17(22), 2635-2650 (paired);
    Holm (1979) and Benjamini and Hochberg (1995): see ``inference.adjust_p_values``.

    Examples
    --------
    >>> import pandas as pd
    >>> first, second = [3] * 20 + [8] * 30 + [10] * 50, [3] * 15 + [8] * 25 + [10] * 60
    >>> survey = pd.DataFrame({"wave": [1] * 100 + [2] * 100, "likely": first + second})
    >>> found = change(survey, "likely", between="wave").round(3)
    >>> found[["wave_from", "wave_to", "estimate", "low", "high", "p_value"]]
       wave_from  wave_to  estimate    low   high  p_value
    0          1        2      0.15 -0.062  0.356    0.166
    """
    _check(score, method, against, paired)
    grouped = names_of(by)
    waves = Column(between, Kind.LABEL, null_remedy="say which wave they are of, or leave them out")
    admit_eager(survey, Contract("survey", (waves,)))
    sample = read_sample(
        survey, answer, by=[*grouped, between], scale=_scale(score, scale), whole=score != "mean",
        weight=weight, strata=strata, clusters=clusters, population=population, raked=raked,
        base_weight=base_weight, no_answer=no_answer, labels=[paired] if paired else [],
        level=level,
    )  # fmt: skip
    if sample.calibration is not None:
        sample = replace(sample, calibration=_by_wave(sample, names_of(raked), between))
    values = _values(sample.answers(answer), score, scale, top)
    places = _pairs(sample, grouped, against)
    if not len(places):
        raise ParameterError(f"survey[{between!r}] has but one label: there is nothing to compare")
    person = _people(sample, paired, between) if paired else None
    pairs = pair_errors(sample, values, places, person, ddof=int(score == "mean"))
    bounds = _bounds(sample, pairs, score, method)
    table = _table(pairs, bounds, score, "student" if score == "mean" else method)
    table["p_adjusted"] = adjust_p_values(bounds[2], adjust)
    found = tidy_table(
        sample.own, {**_ends(sample, places, between), **table}, _by(sample, places, grouped)
    )
    return with_parameters(found, level=level, adjust=adjust, between=between)


def _by_wave(sample: Sample, raked: list[str], between: str) -> Calibration | None:
    """Return the margins of each wave: that of one wave says nothing about the next."""
    known = sample.calibration
    return None if known is None else read_calibration(sample.own, raked, known.base, between)


def _check(score: str, method: str, against: str, paired: str | None) -> None:
    for name, given, known in (
        ("score", score, ("nps", "top", "mean")),
        ("method", method, ("mover", "adjusted-wald", "wald")),
        ("against", against, ("previous", "first", "all")),
    ):
        one_of(name, given, known)
    if method == "adjusted-wald" and (score != "nps" or paired):
        raise ParameterError(
            "method 'adjusted-wald' is for independent waves of a net promoter score; "
            "take 'mover' otherwise"
        )


def _scale(score: str, scale: tuple[int, int] | None) -> tuple[int, int]:
    known = _SCALES.get(score, scale)
    if known is None:
        raise ParameterError(f"scale is needed for score {score!r}: pass (lowest, highest) answer")
    return known


def _values(given: Floats, score: str, scale: tuple[int, int] | None, top: int) -> Floats:
    if score == "nps":
        return top_boxes(given, (0, 10), 2) - top_boxes(10 - given, (0, 10), 7)
    return top_boxes(given, scale, top) if score == "top" and scale else given


def _pairs(sample: Sample, by: list[str], against: str) -> Ints:
    """Return numbers of the cells to compare, those of each group of `by` in order of the waves."""
    labels = sample.groups.labels
    if labels is None or not sample.groups.size:
        return np.empty((0, 2), dtype=np.int64)
    group = row_groups(labels, by).of_row
    found: list[tuple[int, int]] = []
    for k in range(int(group.max()) + 1):
        cells = np.flatnonzero(group == k).tolist()  # cells ascend by wave within a group
        if against == "previous":
            found += pairwise(cells)
        else:
            found += [x for x in combinations(cells, 2) if against == "all" or x[0] == cells[0]]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def _people(sample: Sample, paired: str, between: str) -> Ints:
    person, count = label_codes(sample.own, paired)
    cell = sample.groups.of_row * count + person
    twice = len(cell) - len(np.unique(cell))
    if twice:
        raise InvalidValuesError(
            f"survey[{paired!r}] must not repeat within a group of {between!r}: {twice:,} rows do. "
            "Keep one answer of each person and wave."
        )
    return person


def _bounds(sample: Sample, pairs: Pairs, score: str, method: str) -> tuple[Floats, Floats, Floats]:
    if score == "mean":
        return wald_interval(pairs, sample.level, student=True)
    if method == "mover":
        return joined_interval(pairs, sample.level, net=score == "nps")
    student = sample.design is not None
    more = method == "adjusted-wald"
    return wald_interval(pairs, sample.level, student=student, more=more)


def _table(
    pairs: Pairs, bounds: tuple[Floats, Floats, Floats], score: str, method: str
) -> dict[str, Any]:
    before, after = pairs.before, pairs.after
    return {
        c.METRIC: [f"change in {score}"] * len(pairs.error),
        c.ESTIMATE: pairs.estimate,
        c.SE: pairs.error,
        c.LOW: bounds[0],
        c.HIGH: bounds[1],
        c.N: before.n + after.n,
        c.N_EFFECTIVE: before.n_effective + after.n_effective,
        c.N_MISSING: before.n_missing + after.n_missing,
        c.METHOD: [method] * len(pairs.error),
        "p_value": bounds[2],
    }


def _ends(sample: Sample, places: Ints, between: str) -> dict[str, Any]:
    labels = sample.groups.labels
    if labels is None:
        return {}
    ends = {}
    for column, name in ((0, f"{between}_from"), (1, f"{between}_to")):
        chosen = labels[between][places[:, column].tolist()]
        native = chosen.to_native()
        ends[name] = native.array if hasattr(native, "array") else chosen.to_list()
    return ends


def _by(sample: Sample, places: Ints, by: list[str]) -> Any:  # noqa: ANN401 - a narwhals frame
    labels = sample.groups.labels
    return labels.select(*by)[places[:, 0].tolist()] if labels is not None and by else None
