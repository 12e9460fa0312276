"""Does what a customer spends have nothing to do with how often they buy."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from scipy.special import stdtr

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import CUSTOMERS, admit_eager, as_float, frame_like
from crmanalytics.inference import check_level, normal_interval

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["spend_independence"]

#: Cohen's names of correlations from this size on.
_EFFECTS: Final = ((0.5, "large"), (0.3, "medium"), (0.1, "small"), (0.0, "negligible"))
_FEWEST = 4  # from here on the interval is defined


def spend_independence(
    customers: Any,  # noqa: ANN401 - any eager frame
    *,
    weight: str | None = None,
    level: float = 0.95,
) -> Any:  # noqa: ANN401 - the kind that came in
    """Test what the Gamma-Gamma model assumes: spend per purchase is independent of frequency.

    If frequent customers spend more per purchase than others, the model undervalues the best of
    them; if they spend less, it overvalues them. With many customers even a trace of dependence is
    significant: judge by the size of the correlation and its interval, not by the p-value alone.

    Parameters
    ----------
    customers : DataFrame
        frequency and monetary_value; only customers with repeat purchases and spend count.
    weight : str, optional
        Column with the number of customers that a row stands for.
    level : float
        Confidence level of the intervals.

    Returns
    -------
    DataFrame
        Of the same kind, two rows: ``measure`` ("pearson", linear; "spearman", of ranks, which a
        few large spenders do not sway), ``customers``, ``correlation``, ``low``, ``high``,
        ``p_value`` (of no correlation, two-sided), ``effect`` (Cohen's names: negligible below
        0.1, small, medium from 0.3, large from 0.5) and ``verdict`` in words. Correlations are
        missing where all customers bought equally often, or all spend the same.

    Raises
    ------
    DataError
        If columns are missing, or fewer than four customers bought again.

    References
    ----------
    Fader & Hardie (2013), The Gamma-Gamma model of monetary value, note 025 (the assumption; CDNOW
    has a correlation of 0.11). Fisher (1921), On the probable error of a coefficient of
    correlation. Bonett & Wright (2000), Sample size requirements for estimating Pearson, Kendall
    and Spearman correlations. Psychometrika 65(1), 23-28 (interval of Spearman's). Cohen (1988),
    Statistical power analysis for the behavioral sciences, section 3.2.

    Examples
    --------
    >>> from crmanalytics.datasets import load_cdnow_summary
    >>> found = spend_independence(load_cdnow_summary())
    >>> found[["measure", "customers", "correlation", "low", "high", "effect"]].round(2)
        measure  customers  correlation   low  high effect
    0   pearson        946         0.11  0.05  0.18  small
    1  spearman        946         0.21  0.14  0.27  small
    """
    check_level(level)
    own, x, mean, count = _repeat_spenders(customers, weight)
    n = float(count.sum())
    linear = _correlation(x, mean, count)
    monotone = _correlation(_ranks(x, count), _ranks(mean, count), count)
    correlation = np.array([linear, monotone])
    # the variance of Fisher's transform; Spearman's is larger by half its square
    error = np.sqrt((1 + np.array([0.0, monotone**2 / 2])) / (n - 3))
    with np.errstate(divide="ignore"):
        bounds = normal_interval(np.arctanh(correlation), error, level)
    low, high = (np.tanh(bound) for bound in bounds)
    effects = [_effect(value) for value in correlation]
    verdicts = [_verdict(*row) for row in zip(correlation, low, high, effects, strict=True)]
    return frame_like(
        own,
        {
            "measure": ["pearson", "spearman"],
            "customers": [n, n] if weight else [int(n), int(n)],
            "correlation": correlation,
            "low": low,
            "high": high,
            "p_value": _p_value(correlation, n),
            "effect": effects,
            "verdict": verdicts,
        },
    )


def _repeat_spenders(
    customers: Any,  # noqa: ANN401 - any eager frame
    weight: str | None,
) -> tuple[nw.DataFrame[Any], Floats, Floats, Floats]:
    need = [c.FREQUENCY, c.MONETARY_VALUE] + ([c.WEIGHT] if weight else [])
    names = {c.WEIGHT: weight} if weight else {}
    own = admit_eager(customers, CUSTOMERS.requiring(need), names=names)
    x, mean = as_float(own, c.FREQUENCY), as_float(own, c.MONETARY_VALUE)
    count = as_float(own, c.WEIGHT) if weight else np.ones_like(x)
    kept = (x > 0) & (mean > 0) & (count > 0)
    if count[kept].sum() < _FEWEST:
        raise InvalidValuesError(
            f"customers has {count[kept].sum():g} repeat customers who spent money: a correlation "
            f"needs at least {_FEWEST}."
        )
    return own, x[kept], mean[kept], count[kept]


def _correlation(a: Floats, b: Floats, weight: Floats) -> float:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return math.nan
    a, b = (v - np.average(v, weights=weight) for v in (a, b))
    spread = math.sqrt(float(weight @ (a * a)) * float(weight @ (b * b)))
    return max(-1.0, min(1.0, float(weight @ (a * b)) / spread))


def _ranks(values: Floats, weight: Floats) -> Floats:
    """Return each value's mean rank, if each row were as many rows as its weight says."""
    _, place = np.unique(values, return_inverse=True)
    size = np.bincount(place, weight)
    return np.asarray((np.cumsum(size) - size / 2)[place])


def _p_value(correlation: Floats, n: float) -> Floats:
    with np.errstate(divide="ignore"):
        t = np.abs(correlation) * np.sqrt((n - 2) / (1 - correlation**2))
    return np.asarray(2 * stdtr(n - 2, -t))


def _effect(correlation: float) -> str:
    return next((name for size, name in _EFFECTS if abs(correlation) >= size), "unknown")


def _verdict(correlation: float, low: float, high: float, effect: str) -> str:
    if math.isnan(correlation):
        return "cannot be told: frequency or spend does not vary"
    if max(-low, high) < _EFFECTS[-2][0]:
        return "independent for all practical purposes"
    way = "more" if correlation > 0 else "less"
    if low <= 0 <= high:
        return "no dependence shown, but too few customers to rule it out"
    if effect == "negligible":
        return "a trace of dependence, too weak to matter"
    mend = {
        "small": "the Gamma-Gamma model is usable, with a slight bias",
        "medium": "model spend within groups of like frequency, or check its bias there",
        "large": "the Gamma-Gamma model does not suit these customers",
    }[effect]
    return f"frequent customers spend {way} per purchase ({effect} effect): {mend}"
