"""How much of the selection stays when one weight is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, axes_for, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_sensitivity"]


def plot_sensitivity(sensitivity: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw which share of the core customers remains when each weight is larger or smaller.

    Parameters
    ----------
    sensitivity : DataFrame
        What ``decisions.weight_sensitivity`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with the criterion that matters most on top; filled marks are larger weights,
        open ones smaller weights.

    Raises
    ------
    DataError
        If the frame is no such result.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> customers = pd.DataFrame({"margin": [1.0, 2.0, 3.0], "growth": [3.0, 2.0, 0.0]})
    >>> weights = {"margin": 2, "growth": 1}
    >>> scored = crm.decisions.scorecard(customers, ["margin", "growth"], weights=weights)
    >>> shown = crm.plots.plot_sensitivity(crm.decisions.weight_sensitivity(scored, weights))
    >>> shown.get_title()
    'Core customers who remain when a weight changes'
    """
    own = admitted("sensitivity", sensitivity, "shift", "kept", labels=("criterion",))
    criteria = np.array([str(x) for x in own["criterion"].to_list()])
    shift, kept = as_float(own, "shift"), as_float(own, "kept")
    lowest = {name: float(kept[criteria == name].min()) for name in dict.fromkeys(criteria)}
    order = sorted(lowest, key=lambda name: -lowest[name])
    place = np.array([order.index(name) for name in criteria], dtype=float)
    axes = axes_for(ax, size=(6.4, 1.6 + 0.5 * len(order)))
    axes.hlines(range(len(order)), [lowest[x] for x in order], 1.0, color="#cccccc", zorder=0)
    for each in np.unique(shift):
        inside = shift == each
        larger = each > 0
        colour = EXPECTED if larger else ACTUAL
        axes.scatter(
            kept[inside],
            place[inside] + (0.13 if larger else -0.13),
            s=30 + 60 * abs(float(each)),
            marker="^" if larger else "v",
            facecolors=colour if larger else "white",
            edgecolors=colour,
            label=f"weight {each:+.0%}",
        )
    axes.set(
        yticks=range(len(order)),
        yticklabels=[x.replace("_", " ") for x in order],
        ylim=(-0.6, len(order) - 0.4),
        xlabel="Share of the core customers who remain",
        title="Core customers who remain when a weight changes",
    )
    percent_axis(axes.xaxis)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return axes
