"""How many answers a survey needs: to be as precise as wanted, or to notice a change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmanalytics.errors import ParameterError
from crmanalytics.inference import check_level, normal_quantile

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["sample_size_nps", "sample_size_share"]


def sample_size_nps(
    promoters: float,
    detractors: float,
    *,
    margin: float | None = None,
    detect: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
    correlation: float = 0.0,
    design_effect: float = 1.0,
    response_rate: float = 1.0,
    population: int | None = None,
) -> pd.DataFrame:
    """Say how many answers a net promoter score needs.

    Parameters
    ----------
    promoters, detractors : float
        Shares that are expected. With half of each, the most answers are needed.
    margin : float, optional
        Wanted: an interval of the score that reaches this far to either side (0.05 is 5 points).
    detect : float, optional
        Wanted instead: to notice a change of the score by this much between two waves.
    power : float
        With `detect`: how likely such a change is noticed.
    level : float
        Confidence level, of the interval or of the two-sided test.
    correlation : float
        With `detect`: of the answers (1, 0, -1) of the same people in both waves; 0 where others
        are asked.
    design_effect : float
        How many times larger the variance is than that of a simple random sample, for weights and
        clusters.
    response_rate : float
        Share of those invited who answer.
    population : int, optional
        With `margin`: how many customers there are, if they are few.

    Returns
    -------
    pandas.DataFrame
        One row: ``metric``, ``goal`` ('margin' or 'detect'), ``size_of_goal``, ``n`` (answers; of
        each wave for 'detect'), ``invitations``, ``variance`` (of one answer), ``power``,
        ``level`` and ``design_effect``.

    Raises
    ------
    ParameterError
        If not exactly one of `margin` and `detect` is given, or an argument is wrong.

    Notes
    -----
    The variance of one answer is ``p + d - (p - d)**2``. A margin m needs ``z**2 V / m**2``
    answers; a difference D between waves needs ``(z_level + z_power)**2 * 2 V (1 - correlation) /
    D**2`` in each, the variance being the same in both. These are normal approximations: below some
    30 answers look at :func:`nps_coverage`.

    References
    ----------
    Cochran, W. G. (1977), Sampling Techniques, sections 4.4 and 4.6; for power, Chow, S.-C., Shao,
    J. and Wang, H. (2008), Sample Size Calculations in Clinical Research, section 3.2.

    Examples
    --------
    >>> sample_size_nps(0.5, 0.2, margin=0.05)[["n", "variance"]]
         n  variance
    0  938      0.61
    >>> int(sample_size_nps(0.5, 0.2, detect=0.1, response_rate=0.2)["invitations"].iloc[0])
    4790
    """
    if min(promoters, detractors) < 0 or promoters + detractors > 1 + 1e-12:
        raise ParameterError("promoters and detractors must be shares that sum to at most 1")
    variance = promoters + detractors - (promoters - detractors) ** 2
    plan = _Plan(margin, detect, power, level, design_effect, response_rate, population)
    spread = 2 * variance * (1 - _checked_correlation(correlation))
    return plan.frame("nps", variance, spread)


def sample_size_share(
    share: float,
    *,
    margin: float | None = None,
    detect: float | None = None,
    power: float = 0.8,
    level: float = 0.95,
    correlation: float = 0.0,
    design_effect: float = 1.0,
    response_rate: float = 1.0,
    population: int | None = None,
) -> pd.DataFrame:
    """Say how many answers a share needs, such as that of satisfied customers.

    Parameters
    ----------
    share : float
        The share that is expected; with one half, the most answers are needed.
    margin : float, optional
        Wanted: an interval (Wilson's) that reaches this far to either side.
    detect : float, optional
        Wanted instead: to notice a rise of the share by this much (a fall, if negative).
    power, level, correlation, design_effect, response_rate, population
        As for :func:`sample_size_nps`.

    Returns
    -------
    pandas.DataFrame
        As of :func:`sample_size_nps`.

    Raises
    ------
    ParameterError
        If not exactly one of `margin` and `detect` is given, or an argument is wrong.

    References
    ----------
    Fleiss, J. L., Levin, B. and Paik, M. C. (2003), Statistical Methods for Rates and Proportions,
    section 4.2, for `detect` (variances of both shares, unpooled).

    Examples
    --------
    >>> int(sample_size_share(0.5, margin=0.03)["n"].iloc[0])
    1064
    >>> int(sample_size_share(0.6, detect=0.05)["n"].iloc[0])
    1468
    """
    if not 0 < share < 1:
        raise ParameterError(f"share must lie between 0 and 1, not {share!r}")
    later = share + (detect or 0.0)
    if not 0 <= later <= 1:
        raise ParameterError(f"share + detect must stay between 0 and 1, not {later:g}")
    first, second = share * (1 - share), later * (1 - later)
    together = 2 * _checked_correlation(correlation) * math.sqrt(first * second)
    plan = _Plan(margin, detect, power, level, design_effect, response_rate, population)
    return plan.frame("share", first, first + second - together)


def _checked_correlation(correlation: float) -> float:
    if not -1 <= correlation < 1:
        raise ParameterError(f"correlation must lie between -1 and below 1, not {correlation!r}")
    return correlation


@dataclass(frozen=True)
class _Plan:
    """What is wanted, and under which circumstances."""

    margin: float | None
    detect: float | None
    power: float
    level: float
    design_effect: float
    response_rate: float
    population: int | None

    def __post_init__(self) -> None:
        """Say what cannot be."""
        if (self.margin is None) == (self.detect is None):
            raise ParameterError("say what is wanted: either margin or detect")
        checks: tuple[tuple[str, float | None, str, Callable[[float], bool]], ...] = (
            ("margin", self.margin, "between 0 and 0.5", lambda x: 0 < x < 0.5),
            ("detect", self.detect, "between -1 and 1, and not be 0", lambda x: 0 < abs(x) <= 1),
            ("power", self.power, "between 0.5 and 1 (0.8 is usual)", lambda x: 0.5 < x < 1),
            ("design_effect", self.design_effect, "above 0", lambda x: 0 < x < math.inf),
            ("response_rate", self.response_rate, "above 0 and up to 1", lambda x: 0 < x <= 1),
            ("population", self.population, "at 1 or above", lambda x: x >= 1),
        )
        for name, value, place, holds in checks:
            if value is not None and not holds(value):
                raise ParameterError(f"{name} must lie {place}, not {value!r}")

    def frame(self, metric: str, variance: float, spread: float) -> pd.DataFrame:
        """Lay the plan out; `spread` is the variance of the difference of two answers."""
        import pandas as pd

        needed = self.design_effect * self._simple(metric, variance, spread)
        if self.margin is not None and self.population is not None:
            needed = needed / (1 + needed / self.population)
        n = max(math.ceil(needed - 1e-9), 1)
        row = {
            "metric": metric,
            "goal": "detect" if self.margin is None else "margin",
            "size_of_goal": self.detect if self.margin is None else self.margin,
            "n": n,
            "invitations": math.ceil(n / self.response_rate - 1e-9),
            "variance": variance,
            "power": self.power if self.margin is None else math.nan,
            "level": self.level,
            "design_effect": self.design_effect,
        }
        return pd.DataFrame([row])

    def _simple(self, metric: str, variance: float, spread: float) -> float:
        """Return the size of a simple random sample."""
        z = normal_quantile(check_level(self.level))
        if self.margin is None:
            both = z + normal_quantile(2 * self.power - 1)
            return both**2 * spread / float(self.detect or 1.0) ** 2
        if metric == "share":
            return _wilson_size(variance, self.margin, z)
        return z**2 * variance / self.margin**2


def _wilson_size(variance: float, margin: float, z: float) -> float:
    """Return the n at which half the width of Wilson's interval is the margin.

    With x = z^2 / n the half width w obeys w^2 (1 + x)^2 = x V + x^2 / 4, a square equation.
    """
    square = margin**2
    a, b = square - 0.25, 2 * square - variance
    x = (-b - math.sqrt(max(b * b - 4 * a * square, 0.0))) / (2 * a)
    return z**2 / x
