"""Penalty-reward contrast analysis: what hurts when poor, and what delights when good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.inference import read_sample
from crmanalytics.satisfaction.laying import tidy_by_item, with_reasons
from crmanalytics.satisfaction.moments import correlations, moments, moments_redrawn, sound
from crmanalytics.satisfaction.resampling import check_draws, from_replicates, units_of
from crmanalytics.satisfaction.sample_options import refuse_raked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from numpy.typing import NDArray

    from crmanalytics.inference import Estimates, Sample
    from crmanalytics.satisfaction.sample_options import DrawnOptions

    Floats = NDArray[np.float64]

__all__ = ["penalty_reward_contrast"]

#: Mikulic and Prebezac (2008): from which asymmetry on an attribute is called what.
_ROLES: Final = ((0.7, "delighter"), (0.2, "satisfier"), (-0.2, "hybrid"), (-0.7, "dissatisfier"))
_METRICS: Final = ("penalty", "reward", "range", "asymmetry")


def penalty_reward_contrast(
    survey: Any,  # noqa: ANN401 - any eager frame
    outcome: str,
    attributes: Sequence[str],
    *,
    poor: float,
    good: float,
    scale: tuple[float, float] | None = None,
    draws: int = 1000,
    seed: int = 0,
    **options: Unpack[DrawnOptions],
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Find what hurts satisfaction when it is poor, and what lifts it when it is good.

    Satisfaction is regressed on two marks of each attribute: poor performance and good performance,
    both compared with what lies between.

    Parameters
    ----------
    survey : DataFrame
        One row per respondent.
    outcome : str
        Column of overall satisfaction.
    attributes : sequence of str
        Columns of performance, all on one scale.
    poor, good : float
        An answer of at most `poor` is poor, one of at least `good` is good.
    scale : tuple of float, optional
        Lowest and highest answer of outcome and attributes; others are an error.
    draws, seed : int
        Bootstrap samples (of rows, or of clusters within strata) and the seed of random numbers.
    **options
        ``by``, ``weight``, ``strata``, ``clusters``, ``population``, ``no_answer``, ``level``: see
        :func:`crmanalytics.inference.read_sample`.

    Returns
    -------
    DataFrame
        Per group and attribute: ``attribute``, the tidy columns, ``role``. Metrics are ``penalty``
        and ``reward`` (coefficients: how much satisfaction differs from that of the middle),
        ``range`` (reward less penalty) and ``asymmetry``, (r - p) / (r + p) of the reward r and the
        size p of the penalty, of which none is taken to be below 0; missing where both are 0, and
        without bounds where more than a tenth of the draws are so. Roles by asymmetry: "delighter"
        from 0.7, "satisfier" from 0.2, "hybrid", "dissatisfier" below -0.2, "frustrator" below
        -0.7. Rows without all answers are left out and counted in ``n_missing``.

    Raises
    ------
    DataError
        If columns are missing or answers off the scale; without groups also if a mark is made by
        nobody, by all, or by the same people as others (with groups that is said as ``method``).
    ParameterError
        If an argument is wrong.

    References
    ----------
    Brandt, D. R. (1987), "A procedure for identifying value-enhancing service components using
    customer satisfaction survey data", in Add value to your service, American Marketing
    Association, 61-65. Mikulic, J. and Prebezac, D. (2008), "Prioritizing improvement of service
    attributes using impact range-performance analysis and impact-asymmetry analysis", Managing
    Service Quality 18(6), 559-576.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> draw = np.random.default_rng(0)
    >>> survey = pd.DataFrame(draw.integers(1, 6, (400, 2)), columns=["clean", "upgrade"])
    >>> survey["overall"] = 5.0 - 2 * (survey["clean"] < 3) + 2 * (survey["upgrade"] > 3)
    >>> survey["overall"] += draw.normal(size=400)
    >>> found = crm.satisfaction.penalty_reward_contrast(
    ...     survey, "overall", ["clean", "upgrade"], poor=2, good=4
    ... )
    >>> found.loc[found["metric"] == "asymmetry", ["attribute", "estimate", "role"]].round(1)
      attribute  estimate          role
    3     clean      -1.0  frustrator
    7   upgrade       1.0   delighter
    """
    names = list(attributes)
    if not names or len(set(names)) < len(names) or outcome in names:
        raise ParameterError(f"attributes must be different columns, without {outcome!r}: {names}")
    if not poor < good:
        raise ParameterError(f"poor ({poor!r}) must be less than good ({good!r})")
    check_draws(draws)
    refuse_raked(options)
    sample = read_sample(survey, [*names, outcome], scale=scale, **options)
    values = np.column_stack([sample.answers(each) for each in (*names, outcome)])
    answered = np.asarray(~np.isnan(values).any(axis=1))
    rated = values[:, :-1]
    marks = np.column_stack([rated <= poor, rated >= good, values[:, -1]])
    task = _Task(tuple(names), marks, answered, draws, seed)
    tried = [_tried(sample, group, task) for group in range(sample.groups.size)]
    found = [each[:2] for each in tried]
    metrics: dict[tuple[str, ...], Estimates] = {}
    for place, name in enumerate(names):
        for m, metric in enumerate(_METRICS):
            estimate = np.array([each[0][m, place] for each in found])
            drawn = [each[1][:, m, place] for each in found]
            lenient = metric == "asymmetry"
            made = from_replicates(sample, answered, estimate, drawn, lenient=lenient)
            metrics[name, metric] = made
    roles = [_role(x) for each in found for x in each[0][3] for _ in _METRICS]
    table = tidy_by_item(sample, metrics, ["attribute"], {"role": roles})
    return with_reasons(table, [each[2] for each in tried for _ in metrics])


@dataclass(frozen=True, eq=False)
class _Task:
    """Marks of poor and of good performance per row, then the outcome; and how often to draw."""

    names: tuple[str, ...]
    marks: Floats
    answered: NDArray[np.bool_]
    draws: int
    seed: int


def _tried(sample: Sample, group: int, task: _Task) -> tuple[Floats, Floats, str | None]:
    """Return what a group gives; of several, one that gives nothing says why and stops nobody."""
    try:
        return *_of_group(sample, group, task), None
    except InvalidValuesError as problem:
        if sample.groups.labels is None:
            raise
        shape = (len(_METRICS), len(task.names))
        return np.full(shape, np.nan), np.empty((0, *shape)), str(problem)


def _of_group(sample: Sample, group: int, task: _Task) -> tuple[Floats, Floats]:
    """Return metrics x attributes of a group, and the same of samples drawn again."""
    used = task.answered & (sample.weight > 0)
    units = units_of(sample, group, used, task.marks)
    rows, weight = task.marks[units.rows], sample.weight[units.rows]
    _check_marks(rows, task.names)
    _, covariance = moments(rows, weight)
    if not sound(correlations(covariance)[None])[0]:
        raise InvalidValuesError(
            "survey has attributes that are poor, or good, for just the same respondents as others "
            f"({', '.join(task.names)}): their effects cannot be told apart. Leave some out."
        )
    made = [np.empty((0, len(_METRICS), len(task.names)))]
    for _, again in moments_redrawn(rows, weight, units, task.draws, task.seed):
        fine = sound(correlations(again))
        again[~fine] = np.eye(rows.shape[1])
        one = _contrasts(again)
        one[~fine] = np.nan
        made.append(one)
    return _contrasts(covariance[None])[0], np.concatenate(made)


def _check_marks(rows: Floats, names: tuple[str, ...]) -> None:
    if len(rows) < rows.shape[1] + 1:
        raise InvalidValuesError(
            f"survey has {len(rows)} complete rows of a group, too few for the "
            f"{rows.shape[1] - 1} effects of {len(names)} attributes"
        )
    spread = np.ptp(rows, axis=0)
    bad = [
        f"{name!r} ({what})"
        for k, what in enumerate(("poor", "good"))
        for j, name in enumerate(names)
        if spread[k * len(names) + j] == 0
    ]
    if bad:
        raise InvalidValuesError(
            f"survey has attributes that nobody, or everybody, calls so: {', '.join(bad)}. Move "
            "poor or good, or leave these attributes out."
        )


def _contrasts(covariance: Floats) -> Floats:
    """Return penalty, reward, range and asymmetry of each attribute, per sample."""
    slopes = np.linalg.solve(covariance[:, :-1, :-1], covariance[:, :-1, -1:])[..., 0]
    penalty, reward = np.hsplit(slopes, 2)
    up, down = np.maximum(reward, 0), np.maximum(-penalty, 0)
    total = np.where(up + down > 0, up + down, np.nan)
    return np.stack([penalty, reward, reward - penalty, (up - down) / total], axis=1)


def _role(asymmetry: float) -> str | None:
    if np.isnan(asymmetry):
        return None
    return next((name for least, name in _ROLES if asymmetry >= least), "frustrator")
