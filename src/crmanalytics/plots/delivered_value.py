"""Delivered value as steps: what each part adds, what each cost takes, and what is left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float
from crmanalytics.plots.estimates import name_ticks
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, MUTED, axes_for, compact, thousands_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_delivered_value"]


def plot_delivered_value(found: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how what customers get and what it costs them adds up to what is left.

    Parameters
    ----------
    found : DataFrame
        What ``satisfaction.delivered_value`` returned, of one group.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the last bar has its interval.

    Raises
    ------
    DataError
        If the frame is no such table, or holds several groups.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"product": [90, 70], "price": [50, 60]})
    >>> found = crm.satisfaction.delivered_value(survey, value=["product"], cost=["price"])
    >>> crm.plots.plot_delivered_value(found).get_title()
    'What customers get, and what it costs them'
    """
    own = admitted("found", found, c.ESTIMATE, c.LOW, c.HIGH, labels=("part", c.METRIC))
    left = own.filter((nw.col("part") == "total") & (nw.col(c.METRIC) == "delivered_value"))
    if len(left) != 1:
        raise InvalidValuesError(
            f"found has {len(left)} rows of 'delivered_value': choose one group, a chart for each"
        )
    steps = own.filter(nw.col("part") != "total")
    signs = np.where(np.array(steps["part"].to_list()) == "value", 1.0, -1.0)
    sizes = as_float(steps, c.ESTIMATE) * signs
    ends = np.cumsum(sizes)
    value, low, high = (float(as_float(left, name)[0]) for name in (c.ESTIMATE, c.LOW, c.HIGH))
    names = [str(each).replace("_", " ") for each in steps[c.METRIC].to_list()]
    axes = axes_for(ax, size=(max(5.0, 1.6 + 0.9 * len(names)), 4.0))
    at = np.arange(len(names))
    colours = np.where(signs > 0, ACTUAL, EXPECTED)
    axes.bar(at, sizes, bottom=ends - sizes, color=colours, width=0.7)
    axes.hlines(ends, at - 0.35, at + 1.35, color=MUTED, linewidth=1)
    axes.bar([len(names)], [value], color=MUTED, width=0.7)
    if not np.isnan(low + high):
        axes.vlines([len(names)], low, high, color="black", linewidth=1.4)
    axes.axhline(0, color="black", linewidth=0.8)
    tops = np.append(np.maximum(ends, ends - sizes), np.nanmax([value, high, 0.0]))
    for place, (top, size) in enumerate(zip(tops, [*sizes, value], strict=True)):
        sign = "+" if place < len(names) and size >= 0 else ""
        text = f"{sign}{compact(float(size))}"
        axes.annotate(text, (place, top), xytext=(0, 3), textcoords="offset points", ha="center")
    name_ticks(axes.xaxis, [*names, "left"])
    bottom = float(min(0.0, ends.min(), value if np.isnan(low) else low))
    room = 0.1 * (float(tops.max()) - bottom)
    axes.set_ylim(bottom - (room if bottom < 0 else 0.0), float(tops.max()) + room)
    axes.set(ylabel="Mean per respondent", title="What customers get, and what it costs them")
    thousands_axis(axes.yaxis)
    return axes
