"""Prices: the curves of the price meter with their crossings, and demand with what it brings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import (
    ACTUAL,
    EXPECTED,
    MUTED,
    axes_for,
    percent_axis,
    thousands_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_demand", "plot_price_meter"]

_CURVES: Final = {
    "too_cheap": ("too cheap", EXPECTED, "--"),
    "cheap": ("cheap", ACTUAL, "--"),
    "expensive": ("expensive", ACTUAL, "-"),
    "too_expensive": ("too expensive", EXPECTED, "-"),
}
_LIMITS: Final = {
    "not_cheap": ("not cheap", MUTED, "--"),
    "not_expensive": ("not expensive", MUTED, "-"),
}
_POINTS: Final = ("PMC", "OPP", "IDP", "PME")
#: What demand brings, and its line.
_BRINGS: Final = {"revenue": "-", "profit": "--"}


def plot_price_meter(
    curves: Any,  # noqa: ANN401 - any eager frame
    points: Any = None,  # noqa: ANN401 - any eager frame
    *,
    currency: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw which price is too cheap, cheap, expensive or too expensive for how many people.

    Parameters
    ----------
    curves : DataFrame
        What ``loyalty.price_sensitivity_curves`` returned, of one group.
    points : DataFrame, optional
        What ``loyalty.price_sensitivity`` returned of the same group: the acceptable range is
        shaded, and the four points are marked above with their intervals.
    currency : str
        Unit of the prices, for the label.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes.

    Raises
    ------
    DataError
        If a frame is no such table, or holds several groups.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"a": [2, 3], "b": [4, 5], "c": [7, 8], "d": [9, 12]})
    >>> names = {"too_cheap": "a", "cheap": "b", "expensive": "c", "too_expensive": "d"}
    >>> curves = crm.loyalty.price_sensitivity_curves(survey, **names)
    >>> crm.plots.plot_price_meter(curves, currency="$").get_xlabel()
    'Price ($)'
    """
    own = admitted("curves", curves, "price", *_CURVES, *_LIMITS)
    _one_group(own, "curves", "price")
    axes = axes_for(ax, size=(7.6, 4.6))
    price = as_float(own, "price")
    for name, (label, colour, line) in (_LIMITS | _CURVES).items():
        width = 1.0 if name in _LIMITS else 1.8
        share = as_float(own, name)
        axes.step(
            price, share, where="post", color=colour, linestyle=line, linewidth=width, label=label
        )
    axes.set(
        xlabel=f"Price ({currency})" if currency else "Price",
        ylabel="Share of people who find it so",
        title="Which prices customers accept",
        ylim=(0, 1.0),
        xlim=(price.min(), price.max()),
    )
    percent_axis(axes.yaxis)
    thousands_axis(axes.xaxis)
    if points is not None:
        _mark_points(axes, points)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return axes


def _mark_points(axes: Axes, points: Any) -> None:  # noqa: ANN401 - any eager frame
    """Shade the acceptable range and write the points above the curves, one line each."""
    own = admitted("points", points, c.ESTIMATE, c.LOW, c.HIGH, labels=(c.METRIC,))
    _one_group(own, "points", c.METRIC)
    rows = dict(zip(own[c.METRIC].to_list(), range(len(own)), strict=True))
    absent = [name for name in _POINTS if name not in rows]
    if absent:
        raise InvalidValuesError(f"points has no {absent}; see loyalty.price_sensitivity")
    value, low, high = (as_float(own, name) for name in (c.ESTIMATE, c.LOW, c.HIGH))
    ends = [float(value[rows[name]]) for name in ("PMC", "PME")]
    if np.isfinite(ends).all():
        axes.axvspan(ends[0], ends[1], ymax=1 / 1.36, color=MUTED, alpha=0.15, linewidth=0)
    for place, name in enumerate(_POINTS):
        at, height = rows[name], 1.30 - 0.08 * place
        if np.isnan(value[at]):
            continue
        axes.plot([low[at], high[at]], [height] * 2, color="black", linewidth=1.2)
        axes.plot([value[at]], [height], "o", color="black", markersize=4)
        right = max(high[at], value[at])
        axes.annotate(
            f"{name} {value[at]:,.4g}", (right, height), xytext=(5, 0),
            textcoords="offset points", va="center", fontsize="small",
        )  # fmt: skip
    axes.set_ylim(0, 1.36)
    axes.set_yticks(np.linspace(0, 1, 6))


def plot_demand(
    curve: Any,  # noqa: ANN401 - any eager frame
    best: Any = None,  # noqa: ANN401 - any eager frame
    *,
    currency: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw how many would buy at each price, and what that brings.

    Parameters
    ----------
    curve : DataFrame
        What ``loyalty.demand_curve`` returned, of one group.
    best : DataFrame, optional
        What ``loyalty.best_price`` returned of the same group: the best prices are marked.
    currency : str
        Unit of money, for the labels.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of demand; revenue, and profit where there is a cost, have an axis of their own
        on the right.

    Raises
    ------
    DataError
        If a frame is no such table, or holds several groups.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> asked = pd.DataFrame(
    ...     {"who": [1, 1, 2, 2, 3, 3], "price": [5, 9] * 3, "buys": [1, 1, 1, 0, 0, 0]}
    ... )
    >>> names = {"respondent": "who", "price": "price", "would_buy": "buys"}
    >>> crm.plots.plot_demand(crm.loyalty.demand_curve(asked, **names)).get_ylabel()
    'Share of people who would buy'
    """
    own = admitted("curve", curve, "price", c.ESTIMATE, c.LOW, c.HIGH, labels=(c.METRIC,))
    parts = {name: own.filter(nw.col(c.METRIC) == name) for name in ("demand", "share", *_BRINGS)}
    for name in ("demand", "share", "revenue"):
        _one_group(parts[name], f"curve ({name})", "price")
        if not len(parts[name]):
            raise InvalidValuesError(f"curve has no {name!r}; see loyalty.demand_curve")
    axes = axes_for(ax, size=(7.2, 4.2))
    price, demand, low, high = (
        as_float(parts["demand"], name) for name in ("price", c.ESTIMATE, c.LOW, c.HIGH)
    )
    share = as_float(parts["share"], c.ESTIMATE)
    axes.fill_between(price, low, high, color=ACTUAL, alpha=0.15, linewidth=0)
    axes.plot(price, demand, color=ACTUAL, linewidth=2, label="would buy (never rising)")
    axes.plot(price, share, "o", color=ACTUAL, markerfacecolor="white", label="as answered")
    unit = f" ({currency})" if currency else ""
    axes.set(
        xlabel=f"Price{unit}",
        ylabel="Share of people who would buy",
        title="Demand and what it brings",
        ylim=(0, 1.02),
    )
    percent_axis(axes.yaxis)
    thousands_axis(axes.xaxis)
    other = axes.twinx()
    other.spines[["top"]].set_visible(False)
    for name, line in _BRINGS.items():
        if len(parts[name]):
            money = as_float(parts[name], c.ESTIMATE)
            other.plot(price, money, color=EXPECTED, linestyle=line, label=name)
    other.set_ylabel(f"Money per person asked{unit}")
    if best is not None:
        _mark_best(axes, best)
    other.set_ylim(bottom=min(0.0, other.get_ylim()[0]))
    handles = [each.get_legend_handles_labels() for each in (axes, other)]
    axes.legend(
        handles[0][0] + handles[1][0],
        handles[0][1] + handles[1][1],
        frameon=False,
        loc="upper left",
        bbox_to_anchor=(1.12, 1),
    )
    return axes


def _mark_best(axes: Axes, best: Any) -> None:  # noqa: ANN401 - any eager frame
    own = admitted("best", best, c.ESTIMATE, c.LOW, c.HIGH, labels=(c.METRIC,))
    _one_group(own, "best", c.METRIC)
    metrics = own[c.METRIC].to_list()
    value, low, high = (as_float(own, name) for name in (c.ESTIMATE, c.LOW, c.HIGH))
    for place, name in enumerate(("revenue", "profit")):
        if f"{name} price" not in metrics:
            continue
        at, height = metrics.index(f"{name} price"), 0.04 + 0.05 * place
        line = "-" if name == "revenue" else "--"
        axes.axvline(value[at], color=MUTED, linewidth=1, linestyle=line)
        axes.plot([low[at], high[at]], [height] * 2, color="black", linewidth=1.2)
        axes.plot(
            [value[at]], [height], "s" if place else "o", color="black", markersize=4.5,
            label=f"best price for {name}, {value[at]:,.4g}",
        )  # fmt: skip


def _one_group(own: nw.DataFrame[Any], frame: str, key: str) -> None:
    """Refuse a table of several groups, whose lines would run into each other."""
    if own.select(key).is_duplicated().any():
        raise InvalidValuesError(
            f"{frame} has several rows of one {key!r}: choose one group of it, a chart for each"
        )
