"""What a point more of retention, margin or discount rate does to a customer's value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from crmanalytics.clv.discounting.arguments import check_timing, numbers, period_rate, whole_periods
from crmanalytics.clv.discounting.projected import check_first, retention_value
from crmanalytics.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from crmanalytics.clv.discounting.arguments import Timing
    from crmanalytics.clv.discounting.projected import First

    Floats = NDArray[np.float64]

__all__ = ["elasticities", "retention_lift_table"]

_POINT: Final = 0.01
_LONGEST: Final = 1_000_000


def elasticities(
    margin: float,
    retention: float,
    discount_rate: float,
    *,
    timing: Timing,
    first: First,
    periods_per_year: float,
    horizon: int | None = None,
    growth: float = 0.0,
) -> pd.DataFrame:
    """Say how a customer's value answers to retention, margin, growth and discount rate.

    Parameters
    ----------
    margin : float
        Money per period.
    retention : float
        Probability per period of staying.
    discount_rate : float
        Per year.
    timing : {"start", "middle", "end"}
        When in its period the margin comes.
    first : {"certain", "at_risk"}
        Whether the first margin is sure.
    periods_per_year : float
        12 for months.
    horizon : int, optional
        Number of periods; without it there is no end.
    growth : float
        Growth of the margin per period.

    Returns
    -------
    pandas.DataFrame
        One row per driver: driver; step (0.01: a point, and one percent of the margin); value;
        value_after (the step, worked out anew; retention is not raised above 1); change
        (value_after / value - 1); derivative (in closed form); elasticity (derivative x driver /
        value: percent of value per percent of the driver).

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

    def value(m: float, r: float, d: float, g: float) -> float:
        worth = retention_value(
            m,
            r,
            d,
            timing=timing,
            first=first,
            periods_per_year=periods_per_year,
            horizon=horizon,
            growth=g,
        )
        return float(worth)

    now = value(margin, retention, discount_rate, growth)
    if not np.isfinite(now) or now == 0:
        raise ParameterError(f"elasticities need a finite value other than 0; the value is {now}")
    after = [
        value(margin, min(retention + _POINT, 1.0), discount_rate, growth),
        value(margin * (1 + _POINT), retention, discount_rate, growth),
        value(margin, retention, discount_rate, growth + _POINT),
        value(margin, retention, discount_rate + _POINT, growth),
    ]
    rate = float(period_rate(discount_rate, periods_per_year))
    n = float(whole_periods("horizon", horizon))
    unit = _Slopes(retention, 1 + rate, 1 + growth, n, check_timing(timing), check_first(first))
    to_year = (1 + rate) / (periods_per_year * (1 + discount_rate))
    slopes = np.array(
        [
            margin * unit.retention(),
            now / margin,
            margin * unit.growth(),
            margin * unit.rate() * to_year,
        ]
    )
    level = np.array([retention, margin, growth, discount_rate])
    return pd.DataFrame(
        {
            "driver": ["retention", "margin", "growth", "discount_rate"],
            "step": _POINT,
            "value": now,
            "value_after": after,
            "change": np.array(after) / now - 1,
            "derivative": slopes,
            "elasticity": slopes * level / now,
        }
    )


@dataclass(frozen=True)
class _Slopes:
    """Derivatives of the multiple L S(q).

    S = sum_{t<N} q^t with q = r (1+g) / (1+d); L = r^a / (1+d)^s, with a = 1 if the first margin is
    at risk, and s the part of its period after which a margin comes.
    """

    stay: float
    discount: float
    grow: float
    periods: float
    offset: float
    at_risk: bool

    @property
    def _lead(self) -> float:
        return (self.stay if self.at_risk else 1.0) / float(self.discount**self.offset)

    @property
    def _sums(self) -> tuple[float, float]:
        return _series(self.stay * self.grow / self.discount, self.periods)

    def retention(self) -> float:
        """Return the derivative in r."""
        total, slope = self._sums
        own = total / float(self.discount**self.offset) if self.at_risk else 0.0
        return own + self._lead * slope * self.grow / self.discount

    def growth(self) -> float:
        """Return the derivative in g."""
        return self._lead * self._sums[1] * self.stay / self.discount

    def rate(self) -> float:
        """Return the derivative in d."""
        total, slope = self._sums
        falls = self.offset * total + slope * self.stay * self.grow / self.discount
        return -self._lead * falls / self.discount


def _series(q: float, n: float) -> tuple[float, float]:
    """Return sum_{t<n} q^t and its derivative in q."""
    if np.isinf(n):
        return 1 / (1 - q), 1 / (1 - q) ** 2
    if n > _LONGEST:
        raise ParameterError(f"horizon must be at most {_LONGEST:,} periods here, or None")
    t = np.arange(n)
    powers = np.power(q, t)
    return float(powers.sum()), float((t[1:] * powers[:-1]).sum())


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
