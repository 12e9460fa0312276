"""What satisfaction is worth: how much more loyal the delighted are, and what others hear."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.inference import (
    Estimates,
    effective_size,
    estimate_means,
    estimate_proportions,
    influence_of_means,
    normal_interval,
    normal_quantile,
    read_sample,
    tidy,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from crmanalytics.inference import Sample

    Floats = NDArray[np.float64]

__all__ = ["very_satisfied_ratio", "word_of_mouth"]


def very_satisfied_ratio(
    survey: Any,  # noqa: ANN401 - any eager frame
    satisfaction: str,
    loyal: str,
    *,
    very: float | Sequence[float],
    satisfied: float | Sequence[float],
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how many times more loyal the very satisfied are than the merely satisfied.

    It is often told that they are six times as loyal. Here it is measured, with its interval.

    Parameters
    ----------
    survey : DataFrame
        One row per customer.
    satisfaction : str
        Column of answers.
    loyal : str
        Column that says whether the customer is loyal (bought again, will buy again): 1 or 0.
    very, satisfied : float or sequence of float
        The answers that mean very satisfied, and satisfied.
    by, weight, strata, clusters, population, raked, base_weight : optional
        As for :func:`apostle_shares`.
    no_answer : sequence of float
        Codes that stand for no answer.
    level : float
        Confidence level.

    Returns
    -------
    DataFrame
        Of the same kind, per group three rows: the shares 'loyal if very satisfied' and 'loyal if
        satisfied' (Wilson), and 'ratio' with its interval (normal on the logarithm; missing where
        nobody of a side is loyal).

    Raises
    ------
    DataError
        If a column is missing or `loyal` is not 1 and 0.
    ParameterError
        If the two sets of answers overlap.

    References
    ----------
    Katz, D., Baptista, J., Azen, S. P. and Pike, M. C. (1978), "Obtaining confidence intervals
    for the risk ratio in cohort studies", Biometrics 34(3), 469-474.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"happy": [5] * 40 + [4] * 60, "loyal": [1] * 30 + [0] * 10
    ...                        + [1] * 15 + [0] * 45})
    >>> found = very_satisfied_ratio(survey, "happy", "loyal", very=5, satisfied=4)
    >>> found[["metric", "estimate", "low", "high"]].round(2)
                        metric  estimate   low  high
    0  loyal if very satisfied      0.75  0.60  0.86
    1       loyal if satisfied      0.25  0.16  0.37
    2                    ratio      3.00  1.87  4.82
    """
    answers = [np.atleast_1d(np.asarray(x, dtype=float)) for x in (very, satisfied)]
    if np.isin(answers[0], answers[1]).any():
        raise ParameterError("very and satisfied must not have an answer in common")
    sample = read_sample(
        survey, satisfaction, flags=[loyal], by=by, weight=weight, strata=strata, clusters=clusters,
        population=population, raked=raked, base_weight=base_weight, no_answer=no_answer,
        level=level,
    )  # fmt: skip
    given, came = sample.answers(satisfaction), sample.answers(loyal)
    hits = [np.where(np.isin(given, x), came, np.nan) for x in answers]
    unknown = sample.groups.count(np.isnan(given) | np.isnan(came))
    sides = [replace(estimate_proportions(sample, x), n_missing=unknown) for x in hits]
    return tidy(
        sample,
        {
            "loyal if very satisfied": sides[0],
            "loyal if satisfied": sides[1],
            "ratio": _ratio(sample, hits, sides),
        },
    )


def _ratio(sample: Sample, hits: list[Floats], sides: list[Estimates]) -> Estimates:
    """Return the ratio of two shares of different people, with Katz's interval."""
    above, below = sides
    known = (above.estimate > 0) & (below.estimate > 0)
    ratio = np.where(known, above.estimate, np.nan) / np.where(known, below.estimate, 1.0)
    # what each row adds to the logarithm of the ratio; unweighted, its squares sum to Katz's
    # (1 - p) / (n p) of both sides
    influence = np.zeros(len(sample.weight))
    for values, side, sign in zip(hits, sides, (1.0, -1.0), strict=True):
        share = np.where(known, side.estimate, 1.0)[sample.groups.of_row]
        influence += sign * influence_of_means(sample, values)[1] / share
    answered = ~(np.isnan(hits[0]) & np.isnan(hits[1]))
    variance = sample.variance(influence, answered=answered)
    spread = np.sqrt(np.where(known, variance, np.nan))
    reach = normal_quantile(sample.level) * spread
    return Estimates(
        ratio,
        ratio * spread,
        ratio * np.exp(-reach),
        ratio * np.exp(reach),
        above.n + below.n,
        above.n_effective + below.n_effective,
        above.n_missing,
        "log",
    )


def word_of_mouth(
    survey: Any,  # noqa: ANN401 - any eager frame
    satisfaction: str,
    *,
    satisfied_from: float,
    dissatisfied_to: float,
    told_by_satisfied: float | tuple[float, float],
    told_by_dissatisfied: float | tuple[float, float],
    customers: float | None = None,
    by: str | Sequence[str] | None = None,
    weight: str | None = None,
    strata: str | None = None,
    clusters: str | None = None,
    population: str | None = None,
    raked: str | Sequence[str] = (),
    base_weight: str | None = None,
    no_answer: Sequence[float] = (),
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - a frame of the same kind
    """Say how many people hear praise, and how many complaints.

    Parameters
    ----------
    survey : DataFrame
        One row per customer.
    satisfaction : str
        Column of answers, more being better.
    satisfied_from, dissatisfied_to : float
        From where on customers are satisfied, and up to where dissatisfied.
    told_by_satisfied, told_by_dissatisfied : float or tuple of float
        How many others a customer tells; there is no default, since what is often told (5 and
        11, say) is of other times and trades. A pair is an estimate with its standard error.
    customers : float, optional
        Number of customers; results are per customer otherwise.
    by, weight, strata, clusters, population, raked, base_weight, no_answer, level
        As for :func:`apostle_shares`.

    Returns
    -------
    DataFrame
        Of the same kind, per group three rows: 'praise heard', 'complaints heard', and 'balance'
        (praise less complaints), with standard errors that carry both the sample's and the
        multipliers' uncertainty, and normal intervals.

    Raises
    ------
    DataError
        If the column is missing or holds no numbers.
    ParameterError
        If an argument is out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> survey = pd.DataFrame({"happy": [5] * 70 + [3] * 20 + [1] * 10})
    >>> found = word_of_mouth(
    ...     survey, "happy", satisfied_from=4, dissatisfied_to=2,
    ...     told_by_satisfied=3.0, told_by_dissatisfied=(9.0, 1.0), customers=1000,
    ... )
    >>> found[["metric", "estimate", "low", "high"]].round(0)
                 metric  estimate     low    high
    0      praise heard    2100.0  1829.0  2371.0
    1  complaints heard     900.0   333.0  1467.0
    2           balance    1200.0   464.0  1936.0
    """
    if dissatisfied_to >= satisfied_from:
        raise ParameterError(
            f"dissatisfied_to ({dissatisfied_to!r}) must be below satisfied_from "
            f"({satisfied_from!r})"
        )
    scale = 1.0 if customers is None else float(customers)
    if not (np.isfinite(scale) and scale > 0):
        raise ParameterError(f"customers must be a number above 0, not {customers!r}")
    praise = _multiplier("told_by_satisfied", told_by_satisfied)
    blame = _multiplier("told_by_dissatisfied", told_by_dissatisfied)
    sample = read_sample(
        survey, satisfaction, by=by, weight=weight, strata=strata, clusters=clusters,
        population=population, raked=raked, base_weight=base_weight, no_answer=no_answer,
        level=level,
    )  # fmt: skip
    given = sample.answers(satisfaction)
    missing = np.isnan(given)
    happy = np.where(missing, np.nan, given >= satisfied_from)
    angry = np.where(missing, np.nan, given <= dissatisfied_to)
    shares = [estimate_means(sample, each).estimate for each in (happy, angry)]
    spread = [(shares[0] * praise[1]) ** 2, (shares[1] * blame[1]) ** 2]
    parts = {
        "praise heard": (praise[0] * happy, spread[0]),
        "complaints heard": (blame[0] * angry, spread[1]),
        "balance": (praise[0] * happy - blame[0] * angry, spread[0] + spread[1]),
    }
    return tidy(
        sample,
        {name: _heard(sample, values, more, scale) for name, (values, more) in parts.items()},
    )


def _multiplier(argument: str, value: float | tuple[float, float]) -> tuple[float, float]:
    number, error = value if isinstance(value, tuple) else (value, 0.0)
    if not (np.isfinite(number) and number >= 0 and np.isfinite(error) and error >= 0):
        raise ParameterError(
            f"{argument} must be a number of people, or a pair of it and its standard error, 0 or "
            f"more, not {value!r}"
        )
    return float(number), float(error)


def _heard(sample: Sample, values: Floats, more: Floats, scale: float) -> Estimates:
    """Return the mean of what each customer tells, with the multipliers' variance added."""
    found = estimate_means(sample, values)
    error = np.sqrt(np.nan_to_num(found.se) ** 2 + more)
    error = np.where(np.isnan(found.se), np.nan, error)
    low, high = normal_interval(found.estimate, error, sample.level)
    answered = ~np.isnan(values)
    nothing = np.zeros(sample.groups.size)
    return Estimates(
        found.estimate * scale,
        error * scale,
        low * scale,
        high * scale,
        found.n,
        effective_size(sample, answered, nothing, nothing),
        found.n_missing,
        "delta",
    )
