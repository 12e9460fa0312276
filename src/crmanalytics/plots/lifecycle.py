"""Life-cycle states over time, stacked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import as_float, as_numpy
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import axes_for, short_dates, thousands_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_lifecycle"]

_HATCHES = ("", "//", "", "..", "", "\\\\", "", "xx", "")


def plot_lifecycle(counts: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how many customers were in which state of life, day after day.

    Parameters
    ----------
    counts : DataFrame
        What ``segments.lifecycle_counts`` returned, for two days or more.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, the states stacked in the order in which they come; lost customers on top.

    Raises
    ------
    DataError
        If the frame is no such result.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> counts = crm.segments.lifecycle_counts(log, ["1997-06-30", "1997-12-31"])
    >>> plot_lifecycle(counts).get_ylabel()
    'Customers'
    """
    from matplotlib import colormaps

    own = admitted("counts", counts, "customers", dates=(c.DATE,), labels=(c.STATE,))
    days, across = np.unique(as_numpy(own, c.DATE).astype("M8[D]"), return_inverse=True)
    labels = own[c.STATE].to_list()
    states = list(dict.fromkeys(labels))
    # whoever is active stands below those who are not
    states.sort(key=_ended)
    table = np.zeros((len(states), len(days)))
    table[[states.index(each) for each in labels], across] = as_float(own, "customers")
    axes = axes_for(ax)
    layers = axes.stackplot(
        days,
        table,
        colors=colormaps["cividis"](np.linspace(0.95, 0.1, len(states))),
        edgecolor="white",
        linewidth=0.6,
        labels=[str(each) for each in states],
    )
    for layer, hatch in zip(layers, np.resize(np.array(_HATCHES), len(layers)), strict=True):
        layer.set_hatch(str(hatch))
    axes.set(ylabel="Customers", title="Customers by state of life", xlim=(days[0], days[-1]))
    handles, names = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1], names[::-1], frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5)
    )
    thousands_axis(axes.yaxis)
    short_dates(axes)
    return axes


def _ended(state: object) -> int:
    return {"dormant": 1, "lost": 2}.get(str(state), 0)
