"""What a point more of retention, margin or discount rate does to a customer's value."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics.clv.discounting.arguments import check_timing, numbers, period_rate, whole_periods
from crmanalytics.clv.discounting.projected import check_first, retention_value
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from crmanalytics.clv.discounting.arguments import Timing
    from crmanalytics.clv.discounting.projected import First

    Floats = NDArray[np.float64]

__all__ = ["elasticities", "retention_lift_table"]

_POINT: Final = 0.01
_LONGEST: Final = 100_000


def elasticities(
    margin: ArrayLike,
    retention: ArrayLike,
    discount_rate: ArrayLike,
    *,
    timing: Timing,
    first: First,
    periods_per_year: float,
    horizon: int | None = None,
    growth: ArrayLike = 0.0,
) -> pd.DataFrame:
    """Say how the value of a customer, or of a whole base, answers to what drives it.

    Parameters
    ----------
    margin : array_like
        Money per period; a number, or one per customer. The value is then the customer equity.
    retention : array_like
        Probability per period of staying.
    discount_rate : array_like
        Per year.
    timing : {"start", "middle", "end"}
        When in its period the margin comes.
    first : {"certain", "at_risk"}
        Whether the first margin is sure.
    periods_per_year : float
        12 for months.
    horizon : int, optional
        Number of periods; without it there is no end.
    growth : array_like
        Growth of the margin per period.

    Returns
    -------
    pandas.DataFrame
        One row per driver: driver; step (0.01: a point, and one percent of the margin); value (of
        all customers); value_after (the step taken for everyone, worked out anew; retention is
        not raised above 1); change (value_after / value - 1); derivative (in closed form, of a
        unit more for everyone); elasticity (percent of value per percent of the driver).

    Raises
    ------
    ParameterError
        If an argument is out of bounds, or the value is infinite or 0.

    References
    ----------
    Gupta, S., Lehmann, D. R. and Stuart, J. A. (2004). Valuing customers. Journal of Marketing
    Research 41(1), 7-18: retention matters more than margin or discount rate.

    Examples
    --------
    >>> table = elasticities(
    ...     100.0, 0.8, 0.12, timing="end", first="at_risk", periods_per_year=1
    ... )
    >>> table[["driver", "value_after", "elasticity"]].round(3)
              driver  value_after  elasticity
    0      retention      261.290       3.500
    1         margin      252.500       1.000
    2         growth      256.410       0.000
    3  discount_rate      242.424      -0.375
    """
    import pandas as pd

    m, r, d, g = np.broadcast_arrays(
        *(numbers(*x) for x in _named(margin, retention, discount_rate, growth))
    )

    def equity(margin: Floats, retention: Floats, growth: Floats, discount_rate: Floats) -> float:
        worth = retention_value(
            margin,
            retention,
            discount_rate,
            timing=timing,
            first=first,
            periods_per_year=periods_per_year,
            horizon=horizon,
            growth=growth,
        )
        return float(worth.sum())

    now = equity(m, r, g, d)
    if not np.isfinite(now) or now == 0:
        raise ParameterError(f"elasticities need a finite value other than 0; the value is {now}")
    after = [
        equity(m, np.minimum(r + _POINT, 1.0), g, d),
        equity(m * (1 + _POINT), r, g, d),
        equity(m, r, g + _POINT, d),
        equity(m, r, g, d + _POINT),
    ]
    rate = period_rate(d, periods_per_year)
    n = float(whole_periods("horizon", horizon))
    multiple = _Multiple(r, rate, g, n, check_timing(timing), check_first(first))
    to_year = (1 + rate) / (periods_per_year * (1 + d))
    slopes = [
        m * multiple.by_retention(),
        multiple.value(),
        m * multiple.by_growth(),
        m * multiple.by_rate() * to_year,
    ]
    return pd.DataFrame(
        {
            "driver": ["retention", "margin", "growth", "discount_rate"],
            "step": _POINT,
            "value": now,
            "value_after": after,
            "change": np.array(after) / now - 1,
            "derivative": [float(x.sum()) for x in slopes],
            "elasticity": [
                float((x * level).sum()) / now
                for x, level in zip(slopes, (r, m, g, d), strict=True)
            ],
        }
    )


def _named(*values: ArrayLike) -> list[tuple[str, ArrayLike]]:
    return list(zip(("margin", "retention", "discount_rate", "growth"), values, strict=True))


@dataclass(frozen=True)
class _Multiple:
    """The value of a margin of 1, L S(q), and its derivatives.

    S = sum_{t<N} q^t with q = r (1+g) / (1+d); L = r^a / (1+d)^s, with a = 1 if the first margin is
    at risk, and s the part of its period after which a margin comes.
    """

    stay: Floats
    rate: Floats
    growth: Floats
    periods: float
    offset: float
    at_risk: bool

    @cached_property
    def _lead(self) -> Floats:
        sure = (1 + self.rate) ** -self.offset
        return np.asarray(sure * self.stay if self.at_risk else sure)

    @cached_property
    def _step(self) -> Floats:
        return np.asarray((1 + self.growth) / (1 + self.rate))

    @cached_property
    def _sums(self) -> tuple[Floats, Floats]:
        gap = ((self.rate - self.stay * self.growth) + (1 - self.stay)) / (1 + self.rate)
        return _series(gap, self.periods)

    def value(self) -> Floats:
        return self._lead * self._sums[0]

    def by_retention(self) -> Floats:
        total, slope = self._sums
        own = (1 + self.rate) ** -self.offset * total if self.at_risk else 0.0
        return np.asarray(own + self._lead * slope * self._step)

    def by_growth(self) -> Floats:
        return np.asarray(self._lead * self._sums[1] * self.stay / (1 + self.rate))

    def by_rate(self) -> Floats:
        total, slope = self._sums
        falls = self.offset * total + slope * self.stay * self._step
        return np.asarray(-self._lead * falls / (1 + self.rate))


def _series(gap: Floats, n: float) -> tuple[Floats, Floats]:
    """Return sum_{t<n} q^t and its derivative in q, for q = 1 - gap."""
    if np.isinf(n):
        return 1 / gap, 1 / gap**2
    if n > _LONGEST:
        raise ParameterError(f"horizon must be at most {_LONGEST:,} periods here, or None")
    total, slope, q = np.zeros_like(gap), np.zeros_like(gap), 1 - gap
    for _ in range(int(n)):  # Horner's rule, which adds positive terms only
        slope = slope * q + total
        total = total * q + 1
    return total, slope


def retention_lift_table(
    *,
    retention: Sequence[float],
    discount_rate: Sequence[float],
    growth: Sequence[float],
    acquisition_cost: Sequence[float],
    timing: Timing,
    first: First,
    lift: float = 0.05,
    horizon: int | None = None,
) -> pd.DataFrame:
    """Say by how many percent a few points of retention raise the profit of a customer.

    'Five points more of retention raise profits by 25 to 95 percent' is a saying with conditions:
    this table works it out for every combination of the inputs.

    Parameters
    ----------
    retention : sequence of float
        Yearly retention rates before the lift.
    discount_rate : sequence of float
        Per year.
    growth : sequence of float
        Growth of the margin per year of the relationship.
    acquisition_cost : sequence of float
        What winning the customer cost, in yearly margins: 1.5 is a year and a half of margin.
    timing : {"start", "middle", "end"}
        When in its year the margin comes.
    first : {"certain", "at_risk"}
        Whether the first margin is sure.
    lift : float
        Points of retention gained; 0.05 is five.
    horizon : int, optional
        Years counted; without it there is no end.

    Returns
    -------
    pandas.DataFrame
        One row per combination: retention, discount_rate, growth, acquisition_cost, value, and
        value_after (both in yearly margins, net of the acquisition cost), lift (share by which the
        profit rises; missing where the customer earned nothing before) and classical (bool:
        between 25 and 95 percent). Combinations with retention above 1 after the lift, or without
        a finite value, are left out.

    Raises
    ------
    ParameterError
        If an argument is out of bounds.

    References
    ----------
    Reichheld, F. F. and Sasser, W. E. (1990). Zero defections: quality comes to services. Harvard
    Business Review 68(5), 105-111. Reichheld, F. F. (1996). The Loyalty Effect. Harvard Business
    School Press.

    Examples
    --------
    >>> retention_lift_table(
    ...     retention=[0.7, 0.8, 0.9], discount_rate=[0.1], growth=[0.0], acquisition_cost=[0.0],
    ...     timing="start", first="certain",
    ... )[["retention", "value", "value_after", "lift", "classical"]].round(3)
       retention  value  value_after   lift  classical
    0        0.7  2.750        3.143  0.143      False
    1        0.8  3.667        4.400  0.200      False
    2        0.9  5.500        7.333  0.333       True
    """
    import pandas as pd

    points = float(numbers("lift", lift, above=0, high=1))
    axes = (
        numbers("retention", np.atleast_1d(retention), low=0, high=1),
        numbers("discount_rate", np.atleast_1d(discount_rate), above=-1),
        numbers("growth", np.atleast_1d(growth), low=-1),
        numbers("acquisition_cost", np.atleast_1d(acquisition_cost), low=0),
    )
    stay, rate, grow, cost = (x.ravel() for x in np.meshgrid(*axes, indexing="ij"))
    kept = stay + points <= 1

    def value(r: Floats) -> Floats:
        worth = retention_value(
            1.0,
            r,
            rate,
            timing=timing,
            first=first,
            periods_per_year=1,
            horizon=horizon,
            growth=grow,
        )
        return worth - cost

    before, after = value(stay), value(np.minimum(stay + points, 1.0))
    kept &= np.isfinite(before) & np.isfinite(after)
    rises = np.divide(after - before, before, out=np.full(len(stay), np.nan), where=before > 0)
    table = pd.DataFrame(
        {
            "retention": stay,
            "discount_rate": rate,
            "growth": grow,
            "acquisition_cost": cost,
            "value": before,
            "value_after": after,
            "lift": rises,
            "classical": (rises >= 0.25) & (rises <= 0.95),
        }
    )
    return table[kept].reset_index(drop=True)
