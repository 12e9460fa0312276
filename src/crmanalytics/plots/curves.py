"""Curves over the periods since the first purchase, with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmanalytics.frames import as_float
from crmanalytics.plots.style import ACTUAL, axes_for, percent_axis

if TYPE_CHECKING:
    from typing import Any

    import narwhals.stable.v2 as nw
    from matplotlib.axes import Axes

__all__ = ["draw_curve"]


def draw_curve(own: nw.DataFrame[Any], name: str, ax: Axes | None, *, steps: bool = False) -> Axes:
    """Draw a column over ``period`` with the band between ``low`` and ``high``."""
    from matplotlib.ticker import MaxNLocator

    axes = axes_for(ax)
    period, middle, low, high = (as_float(own, x) for x in ("period", name, "low", "high"))
    axes.fill_between(
        period, low, high, color=ACTUAL, alpha=0.25, linewidth=0, step="post" if steps else None
    )
    drawn = "steps-post" if steps else "default"
    axes.plot(period, middle, color=ACTUAL, linewidth=2, drawstyle=drawn, marker="o", markersize=4)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set(xlabel="Periods after the first purchase", xlim=(0, None))
    percent_axis(axes.yaxis)
    return axes
