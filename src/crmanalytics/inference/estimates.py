"""Means, shares and ratios of a survey by group, with weights, strata and clusters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crmanalytics.errors import ParameterError
from crmanalytics.inference.proportions import proportion_interval

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.inference.sample import Sample

    Floats = NDArray[np.float64]

__all__ = [
    "Estimates",
    "effective_size",
    "estimate_means",
    "estimate_proportions",
    "estimate_ratios",
    "influence_of_means",
    "student_interval",
]


#: Of the variance of a simple random sample, what margins that explain all are taken to leave.
_EXPLAINED = 1e-6


@dataclass(frozen=True)
class Estimates:
    """One estimate per group of a sample, each array of shape (groups,).

    Parameters
    ----------
    estimate, se, low, high : ndarray
        Estimates, standard errors and bounds; missing where there is too little to say.
    n, n_effective, n_missing : ndarray
        Rows that answered; the size of a simple random sample that would tell as much; rows
        without an answer.
    method : str
        How the interval was made.
    """

    estimate: Floats
    se: Floats
    low: Floats
    high: Floats
    n: Floats
    n_effective: Floats
    n_missing: Floats
    method: str


def estimate_means(sample: Sample, values: Floats) -> Estimates:
    """Estimate the mean of values by group, with Student's interval.

    Parameters
    ----------
    sample : Sample
        What :func:`read_sample` returned.
    values : ndarray of shape (rows,)
        One value per row of the sample, NaN for no answer.

    Returns
    -------
    Estimates
        Weighted means. Standard errors are linearised; degrees of freedom are rows less one, or
        clusters less strata.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"score": [4.0, 6.0, 8.0, None]}), "score")
    >>> means = estimate_means(sample, sample.answers("score"))
    >>> print(means.estimate, means.se.round(4), means.n, means.n_missing)
    [6.] [1.1547] [3.] [1.]
    """
    answered = ~np.isnan(values)
    mean, influence = influence_of_means(sample, values)
    variance = sample.variance(influence, answered=answered, ddof=1)
    variance = np.where(np.isnan(mean), np.nan, variance)
    n = sample.groups.count(answered)
    spread = influence_of_means(sample, (values - mean[sample.groups.of_row]) ** 2)[0]
    if sample.design is None:
        spread = spread * _sample_factor(sample, answered)
    low, high = student_interval(sample, mean, np.sqrt(variance), answered)
    size = effective_size(sample, answered, spread, variance)
    missing = sample.groups.count(~answered)
    return Estimates(mean, np.sqrt(variance), low, high, n, size, missing, "student")


def estimate_proportions(sample: Sample, hits: Floats, method: str = "wilson") -> Estimates:
    """Estimate a share by group.

    Parameters
    ----------
    sample : Sample
        What :func:`read_sample` returned.
    hits : ndarray of shape (rows,)
        1 or 0 per row of the sample, NaN for no answer.
    method : str
        ``wilson`` (score interval), ``logit``, ``beta`` (Clopper and Pearson's, as Korn and
        Graubard have it for designs) or ``wald``. With weights or a design they take the effective
        number of answers, and with a design fewer degrees of freedom.

    Returns
    -------
    Estimates
        Weighted shares; standard errors are linearised.

    Raises
    ------
    ParameterError
        If the method is none of these.

    References
    ----------
    Korn, E. L. and Graubard, B. I. (1998), "Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data", Survey Methodology 24(2),
    193-201.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"score": [1] * 8 + [0] * 2}), "score")
    >>> shares = estimate_proportions(sample, sample.answers("score"))
    >>> print(shares.estimate, shares.low.round(4), shares.high.round(4))
    [0.8] [0.4902] [0.9433]
    """
    answered = ~np.isnan(hits)
    share, influence = influence_of_means(sample, hits)
    variance = sample.variance(influence, answered=answered)
    variance = np.where(np.isnan(share), np.nan, variance)
    size = effective_size(sample, answered, share * (1 - share), variance)
    n = sample.groups.count(answered)
    degrees = None if sample.design is None else sample.degrees(answered)
    low, high = proportion_interval(
        share, size, sample.level, method=method, rows=n, degrees=degrees
    )
    missing = sample.groups.count(~answered)
    return Estimates(share, np.sqrt(variance), low, high, n, size, missing, method)


def estimate_ratios(sample: Sample, numerator: Floats, denominator: Floats) -> Estimates:
    """Estimate a ratio of two totals by group, such as complaints per order.

    Parameters
    ----------
    sample : Sample
        What :func:`read_sample` returned.
    numerator, denominator : ndarray of shape (rows,)
        One value per row of the sample; a row lacking either is left out and counted as missing.

    Returns
    -------
    Estimates
        Ratios of weighted totals, linearised standard errors, Student's interval.

    Raises
    ------
    ParameterError
        If a denominator is negative.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> frame = pd.DataFrame({"complaints": [0, 1, 2.0], "orders": [4, 4, 2.0]})
    >>> sample = read_sample(frame, ["complaints", "orders"])
    >>> ratios = estimate_ratios(sample, sample.answers("complaints"), sample.answers("orders"))
    >>> print(ratios.estimate, ratios.se.round(4))
    [0.3] [0.2272]
    """
    answered = ~(np.isnan(numerator) | np.isnan(denominator))
    if (denominator[answered] < 0).any():
        raise ParameterError("the denominator of a ratio must not be negative")
    over = np.where(answered, denominator, 0.0)
    base = sample.groups.total(sample.weight * over)
    base = np.where(base > 0, base, np.nan)
    up = np.where(answered, numerator, 0.0)
    ratio = sample.groups.total(sample.weight * up) / base
    of_row = sample.groups.of_row
    residual = np.where(answered, up - ratio[of_row] * over, 0.0)
    influence = np.nan_to_num(sample.weight * residual / base[of_row])
    variance = sample.variance(influence, answered=answered, ddof=1)
    variance = np.where(np.isnan(ratio), np.nan, variance)
    # as if the rows were a simple random sample: the spread of residuals beside the mean of `over`
    n = sample.groups.count(answered)
    mean_over = influence_of_means(sample, np.where(answered, over, np.nan))[0]
    scaled = np.where(answered, (residual / mean_over[of_row]) ** 2, np.nan)
    spread = influence_of_means(sample, scaled)[0]
    if sample.design is None:
        spread = spread * _sample_factor(sample, answered)
    low, high = student_interval(sample, ratio, np.sqrt(variance), answered)
    size = effective_size(sample, answered, spread, variance)
    missing = sample.groups.count(~answered)
    return Estimates(ratio, np.sqrt(variance), low, high, n, size, missing, "student, linearised")


def _sample_factor(sample: Sample, answered: NDArray[np.bool_]) -> Floats:
    """Return n / (n - 1) of the rows that count, by which a variance of a sample is too small."""
    n = sample.groups.count(answered & (sample.weight > 0))
    return n / np.where(n > 1, n - 1, np.nan)


def influence_of_means(sample: Sample, values: Floats) -> tuple[Floats, Floats]:
    """Return each group's weighted mean, and the influence of each row on its group's mean.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"score": [1.0, 3.0]}), "score")
    >>> influence_of_means(sample, sample.answers("score"))
    (array([2.]), array([-0.5,  0.5]))
    """
    answered = ~np.isnan(values)
    known = np.where(answered, values, 0.0)
    weight = np.where(answered, sample.weight, 0.0)
    total = sample.groups.total(weight)
    total = np.where(total > 0, total, np.nan)
    mean = sample.groups.total(weight * known) / total
    of_row = sample.groups.of_row
    return mean, np.nan_to_num(weight * (known - mean[of_row]) / total[of_row])


def effective_size(
    sample: Sample, answered: NDArray[np.bool_], spread: Floats, variance: Floats
) -> Floats:
    """Return the size of the simple random sample that would have the variance of each estimate.

    Parameters
    ----------
    sample : Sample
        The sample.
    answered : ndarray of bool
        Rows that answered.
    spread : ndarray of shape (groups,)
        Variance of the answers of one person.
    variance : ndarray of shape (groups,)
        Variance of the estimate.

    Returns
    -------
    ndarray of shape (groups,)
        Rows without weights and design. With weights alone the smaller of Kish's (the squared sum
        of weights by the sum of their squares) and ``spread / variance``; with a design, or with
        the margins of raked weights, the latter. Kish's too where all answers agree, so that no
        variance is seen.

    References
    ----------
    Kish, L. (1965), Survey Sampling, section 11.7.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> frame = pd.DataFrame({"score": [1, 1], "w": [1.0, 3.0]})
    >>> sample = read_sample(frame, "score", weight="w")
    >>> effective_size(sample, np.array([True, True]), np.zeros(1), np.zeros(1))
    array([1.6])
    """
    n = sample.groups.count(answered)
    if sample.design is None and not sample.weighted:
        return n
    weight = np.where(answered, sample.weight, 0.0)
    weight = weight / max(float(weight.max(initial=0.0)), 1e-300)  # so that squares stay numbers
    squares = sample.groups.total(weight**2)
    kish = sample.groups.total(weight) ** 2 / np.where(squares > 0, squares, np.inf)
    if sample.calibration is not None:  # margins can explain all: what is left is then rounding
        variance = np.maximum(variance, spread / np.maximum(n, 1.0) * _EXPLAINED)
    seen = (variance > 0) & (spread > 0)
    linear = np.where(seen, spread, kish) / np.where(seen, variance, 1.0)
    known = sample.design is not None or sample.calibration is not None
    return linear if known else np.minimum(kish, linear)


def student_interval(
    sample: Sample, estimate: Floats, error: Floats, answered: NDArray[np.bool_]
) -> tuple[Floats, Floats]:
    """Return the bounds of Student's interval of each group's estimate.

    Examples
    --------
    >>> import pandas as pd
    >>> from crmanalytics.inference import read_sample
    >>> sample = read_sample(pd.DataFrame({"score": [1.0, 2.0, 3.0]}), "score")
    >>> low, high = student_interval(sample, np.array([2.0]), np.array([1.0]), np.full(3, True))
    >>> print(low.round(3), high.round(3))
    [-2.303] [6.303]
    """
    from scipy.special import stdtrit

    half = stdtrit(sample.degrees(answered), 0.5 + sample.level / 2) * error
    return estimate - half, estimate + half
