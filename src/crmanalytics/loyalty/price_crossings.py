"""Where the curves of the price meter cross, and which price brings most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from crmanalytics.loyalty.price_answers import shares_above

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from crmanalytics.loyalty.price_answers import Prices

    Floats = NDArray[np.float64]

__all__ = ["BEST", "POINTS", "Limits", "Pick", "crossing", "meter_curves", "meter_points", "trial"]

Limits = Literal["original", "narrower"]
Pick = Literal["low", "middle", "high"]

_PAIRS: Final = {
    "PMC": {"original": ("too_cheap", "not_cheap"), "narrower": ("too_cheap", "expensive")},
    "PME": {"original": ("not_expensive", "too_expensive"), "narrower": ("cheap", "too_expensive")},
    "IDP": {"original": ("cheap", "expensive"), "narrower": ("cheap", "expensive")},
    "OPP": {"original": ("too_cheap", "too_expensive"), "narrower": ("too_cheap", "too_expensive")},
}
#: Points of the curves, and prices that intentions to buy single out.
POINTS: Final = tuple(_PAIRS)
BEST: Final = ("best reach", "best revenue")


def meter_curves(answers: Prices, weight: Floats | None = None) -> dict[str, Floats]:
    """Return the price grid and the share of people to whom each price is what.

    Examples
    --------
    >>> from crmanalytics.loyalty.price_answers import Prices
    >>> one = Prices(np.array([[1.0, 2.0, 3.0, 4.0]]), np.ones(1), None)
    >>> meter_curves(one)["cheap"].tolist()
    [1.0, 0.0, 0.0, 0.0]
    """
    weight = answers.weight if weight is None else weight
    grid = answers.grid
    above = [shares_above(answers.prices[:, k], weight, grid) for k in range(4)]
    return {
        "price": grid,
        "too_cheap": above[0],
        "cheap": above[1],
        "not_cheap": 1 - above[1],
        "not_expensive": above[2],
        "expensive": 1 - above[2],
        "too_expensive": 1 - above[3],
    }


def crossing(grid: Floats, falling: Floats, rising: Floats) -> tuple[float, float]:
    """Return between which prices a falling curve meets a rising one; missing if nowhere.

    Where they coincide it is all prices of which that is true, up to the first one of which it is
    not. Where one jumps over the other it is the middle between the two prices.

    Examples
    --------
    >>> grid = np.array([1.0, 2.0, 3.0])
    >>> crossing(grid, np.array([0.9, 0.5, 0.1]), np.array([0.1, 0.5, 0.9]))
    (2.0, 3.0)
    >>> crossing(grid[:2], np.array([0.9, 0.1]), np.array([0.1, 0.9]))
    (1.5, 1.5)
    """
    gap = np.round(falling - rising, 12)
    above, below = np.flatnonzero(gap > 0), np.flatnonzero(gap < 0)
    if not len(above) or not len(below):
        return np.nan, np.nan
    last, first = int(above[-1]), int(below[0])
    if first == last + 1:
        middle = float(grid[last]) / 2 + float(grid[first]) / 2
        return middle, middle
    return float(grid[last + 1]), float(grid[first])


def trial(answers: Prices, weight: Floats | None = None) -> Floats:
    """Return the share expected to buy at each price of the grid.

    A person buys with the stated chance at the own cheap and expensive price, never at the prices
    that are too low or too high, and in between by straight lines.

    References
    ----------
    Newton, D., Miller, J. and Smith, P. (1993), "A market acceptance extension to traditional
    price sensitivity measurement", AMA Advanced Research Techniques Forum.

    Examples
    --------
    >>> from crmanalytics.loyalty.price_answers import Intent, Prices
    >>> intent = Intent(np.array([0.7]), np.array([0.3]))
    >>> trial(Prices(np.array([[1.0, 2.0, 3.0, 4.0]]), np.ones(1), intent)).round(9).tolist()
    [0.0, 0.7, 0.3, 0.0]
    """
    if answers.intent is None:
        return np.full(len(answers.grid), np.nan)
    weight = answers.weight if weight is None else weight
    none = np.zeros(len(weight))
    heights = np.column_stack([none, answers.intent.cheap, answers.intent.expensive, none])
    grid, total = answers.grid, np.zeros(len(answers.grid))
    # each piece of each person's line is a line over a range of the grid: summed by differences
    for k in range(3):
        left, right = answers.prices[:, k], answers.prices[:, k + 1]
        slope = (heights[:, k + 1] - heights[:, k]) / np.where(right > left, right - left, np.inf)
        base = heights[:, k] - slope * left
        starts = np.searchsorted(grid, left)
        ends = np.searchsorted(grid, right)
        for values, factor in ((base, 1.0), (slope, grid)):
            change = np.bincount(starts, weights=weight * values, minlength=len(grid) + 1)
            change -= np.bincount(ends, weights=weight * values, minlength=len(grid) + 1)
            total += np.cumsum(change)[:-1] * factor
    return np.asarray(np.maximum(total, 0.0) / weight.sum())


def meter_points(
    answers: Prices, limits: Limits, pick: Pick, weight: Floats | None = None
) -> dict[str, tuple[float, float, float]]:
    """Return each point of the price meter: the price, and between which prices curves coincide.

    Examples
    --------
    >>> from crmanalytics.loyalty.price_answers import Prices
    >>> two = Prices(np.array([[1.0, 2.0, 3.0, 4.0], [2.0, 3.0, 4.0, 5.0]]), np.ones(2), None)
    >>> meter_points(two, "original", "middle")["OPP"]
    (3.0, 2.0, 4.0)
    """
    curves = meter_curves(answers, weight)
    found = {}
    for name, pairs in _PAIRS.items():
        falling, rising = pairs[limits]
        low, high = crossing(curves["price"], curves[falling], curves[rising])
        at = {"low": low, "middle": low / 2 + high / 2, "high": high}[pick]
        found[name] = (at, low, high)
    if answers.intent is not None:
        buyers = np.round(trial(answers, weight), 12)
        for name, worth in zip(BEST, (buyers, buyers * curves["price"]), strict=True):
            at = float(curves["price"][int(np.argmax(worth))])
            found[name] = (at, at, at)
    return found
