"""What a treatment did on average: overall, and among customers of different scores."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.churn.ranking import count_of
from crmanalytics.churn.uplift.arms import read_experiment
from crmanalytics.errors import ParameterError
from crmanalytics.frames import frame_like, with_parameters
from crmanalytics.inference import normal_interval
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from numpy.typing import NDArray

    from crmanalytics.churn.ranking import Rounding
    from crmanalytics.churn.uplift.arms import Arms, Experiment

    Floats = NDArray[np.float64]
    Ranked = Literal["overall", "by_group"]

__all__ = ["treatment_effect", "uplift_at", "uplift_at_of", "uplift_by_bin"]


def treatment_effect(
    experiment: Any,  # noqa: ANN401 - any eager frame
    outcomes: str | Sequence[str],
    *,
    treatment: str = c.TREATED,
    weight: str | None = None,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say what a treatment changed on average, for one outcome or several.

    Parameters
    ----------
    experiment : DataFrame of shape (customers, ...)
        One row per customer of an experiment in which chance decided who is treated.
    outcomes : str or sequence of str
        Columns: flags, or numbers such as money.
    treatment, weight : str
        Columns: who was treated, and for how many customers the row stands.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        Of the same kind, one row per outcome: ``outcome``, ``treated`` and ``control`` (customers),
        ``mean_treated``, ``mean_control``, ``effect`` (their difference), its ``standard_error``
        (of two independent samples of unequal variance), ``low`` and ``high`` (normal).

    Raises
    ------
    DataError
        If columns or values are missing, or an arm is empty.

    References
    ----------
    Imbens, G. W. and Rubin, D. B. (2015), *Causal Inference for Statistics, Social, and Biomedical
    Sciences*, Cambridge University Press, chapter 6 (Neyman's estimator of the variance).

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import uplift
    >>> experiment = pd.DataFrame(
    ...     {"treated": [1, 1, 1, 0, 0, 0], "visit": [1, 1, 0, 1, 0, 0]}
    ... )
    >>> uplift.treatment_effect(experiment, "visit")[["outcome", "effect", "standard_error"]]
      outcome    effect  standard_error
    0   visit  0.333333        0.471405
    """
    names = [outcomes] if isinstance(outcomes, str) else list(outcomes)
    if not names:
        raise ParameterError("outcomes must name at least one column")
    found: list[dict[str, Any]] = []
    for name in names:
        rows = read_experiment(experiment, outcome=name, treatment=treatment, weight=weight)
        table = _effects(rows, np.zeros(1, dtype=np.intp), level)
        found.append({"outcome": name, **{k: v[0] for k, v in table.items()}})
    made = {key: [each[key] for each in found] for key in found[0]}
    return with_parameters(frame_like(rows.own, made), level=level, weight=weight)


def uplift_by_bin(
    experiment: Any,  # noqa: ANN401 - any eager frame
    *,
    outcome: str,
    bins: int = 10,
    treatment: str = c.TREATED,
    score: str = c.UPLIFT,
    weight: str | None = None,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """List what the treatment did among customers of high, middling and low scores.

    Parameters
    ----------
    experiment, treatment, weight, level
        As for :func:`treatment_effect`.
    outcome : str
        Column of the outcome.
    bins : int
        How many groups of about equally many customers, at most; customers of equal score are
        never parted.
    score : str
        Column to sort by, such as the predicted uplift.

    Returns
    -------
    DataFrame
        Of the same kind, one row per group, 1 being the highest scores: ``bin``, ``highest`` and
        ``lowest`` score, and the columns of :func:`treatment_effect`, which gives the total with
        its own standard error. The effect is missing where an arm is empty, its standard error
        where an arm has a single customer.

    Raises
    ------
    DataError, ParameterError
        If columns or values are missing, an arm is empty, or `bins` is no number of groups.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import uplift
    >>> experiment = pd.DataFrame(
    ...     {
    ...         "treated": [1, 1, 0, 0] * 2,
    ...         "visit": [1, 1, 0, 0, 0, 1, 1, 0],
    ...         "uplift": [0.9] * 4 + [0.1] * 4,
    ...     }
    ... )
    >>> uplift.uplift_by_bin(experiment, outcome="visit", bins=2)[["bin", "treated", "effect"]]
       bin  treated  effect
    0    1      2.0     1.0
    1    2      2.0     0.0
    """
    if isinstance(bins, bool) or not isinstance(bins, int) or bins < 1:
        raise ParameterError(f"bins must be a whole number from 1, not {bins!r}")
    rows = read_experiment(
        experiment, outcome=outcome, treatment=treatment, score=score, weight=weight
    )
    size = rows.arms().size
    middle = (np.cumsum(size) - size / 2.0) / size.sum()
    number = np.clip(np.floor(np.round(middle * bins, 9)), 0, bins - 1).astype(np.int64)
    used, first = np.unique(number, return_index=True)
    starts = rows.starts[first]
    last = np.append(starts[1:], len(rows.score)) - 1
    table = {
        "bin": used + 1,
        "highest": rows.score[starts],
        "lowest": rows.score[last],
        **_effects(rows, starts, level),
    }
    return with_parameters(
        frame_like(rows.own, table), outcome=outcome, bins=bins, level=level, weight=weight
    )


def uplift_at(
    experiment: Any,  # noqa: ANN401 - any eager frame
    *,
    outcome: str,
    share: float,
    ranked: Ranked = "overall",
    rounding: Rounding = "round",
    treatment: str = c.TREATED,
    score: str = c.UPLIFT,
    weight: str | None = None,
) -> float:
    """Return the effect of the treatment among the share of customers with the highest scores.

    Customers of equal score who do not all fit count with what is expected of a fair draw.

    Parameters
    ----------
    experiment, outcome, treatment, score, weight
        As for :func:`uplift_by_bin`.
    share : float
        Share of the customers, above 0 and up to 1.
    ranked : {"overall", "by_group"}
        Take the share of all customers, or of each arm by itself.
    rounding : {"round", "ceil", "floor", "exact"}
        How the share becomes a number of customers; see :func:`crmanalytics.churn.lift`.

    Returns
    -------
    float
        Difference of the arms' mean outcomes; missing if one of them has nobody there.

    Raises
    ------
    DataError, ParameterError
        As for :func:`uplift_by_bin`, or if an argument is none of these.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.churn import uplift
    >>> experiment = pd.DataFrame(
    ...     {"treated": [1, 0, 1, 0], "visit": [1, 0, 1, 1], "uplift": [0.9, 0.9, 0.1, 0.1]}
    ... )
    >>> uplift.uplift_at(experiment, outcome="visit", share=0.5)
    1.0
    """
    rows = read_experiment(
        experiment, outcome=outcome, treatment=treatment, score=score, weight=weight
    )
    return uplift_at_of(rows.arms(), share, ranked, rounding)


def uplift_at_of(
    arms: Arms, share: float, ranked: Ranked = "overall", rounding: Rounding = "round"
) -> float:
    """Return the effect among the share of customers with the highest scores.

    Examples
    --------
    >>> from crmanalytics.churn.uplift.arms import Arms, Experiment
    >>> one = np.array([1.0, 1.0])
    >>> uplift_at_of(Arms(one, one, np.array([1.0, 0.0]), np.array([0.0, 0.0])), 0.5)
    1.0
    """
    one_of("ranked", ranked, ("overall", "by_group"))
    if ranked == "overall":
        treated, control, gained, lost = arms.top(count_of(share, float(arms.size.sum()), rounding))
        if min(treated, control) <= 0:
            return float("nan")
        return gained / treated - lost / control
    means = []
    for size, sums in ((arms.treated, arms.gained), (arms.control, arms.lost)):
        count = count_of(share, float(size.sum()), rounding)
        up = np.concatenate([[0.0], np.cumsum(sums)])
        across = np.concatenate([[0.0], np.cumsum(size)])
        means.append(float(np.interp(count, across, up)) / count)
    return means[0] - means[1]


def _effects(rows: Experiment, starts: NDArray[np.intp], level: float) -> dict[str, Any]:
    """Return the effect in each stretch of rows."""
    arm = {"treated": rows.weight * rows.treated, "control": rows.weight * (1.0 - rows.treated)}
    size = {name: np.add.reduceat(each, starts) for name, each in arm.items()}
    means, variance = {}, np.zeros(len(starts))
    stretch = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(rows.score))))
    for name, weight in arm.items():
        n = size[name]
        mean = _ratio(np.add.reduceat(weight * rows.outcome, starts), n)
        squares = weight * (rows.outcome - np.nan_to_num(mean)[stretch]) ** 2
        variance += _ratio(np.add.reduceat(squares, starts), (n - 1.0) * n)
        means[f"mean_{name}"] = mean
    effect = means["mean_treated"] - means["mean_control"]
    error = np.sqrt(variance)
    low, high = normal_interval(effect, error, level)
    return {**size, **means, "effect": effect, c.STANDARD_ERROR: error, "low": low, "high": high}


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.asarray(np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0))
