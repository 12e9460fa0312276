"""Which scores and features have drifted since a model was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, MUTED, axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_drift", "plot_drift_bins"]

_SHADES = {"stable": MUTED, "shifted": ACTUAL, "changed": EXPECTED}


def plot_drift(report: Any, *, most: int = 20, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw the stability index of each column, the most changed one on top.

    Parameters
    ----------
    report : DataFrame
        What ``churn.drift`` returned.
    most : int
        How many columns to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: bars by verdict, and a tick at what chance would make of it.

    Raises
    ------
    DataError
        If the frame is no such report.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> then = pd.DataFrame({"tenure": range(100)})
    >>> crm.plots.plot_drift(crm.churn.drift(then, then + 50)).get_xlabel()
    'Stability index (PSI)'
    """
    own = admitted("report", report, "psi", "by_chance", labels=("column", "verdict"))
    own = own.head(most)
    psi, chance = as_float(own, "psi"), as_float(own, "by_chance")
    verdicts = own["verdict"].to_list()
    axes = axes_for(ax, size=(6.4, max(2.2, 0.32 * len(own) + 1.2)))
    place = np.arange(len(own))
    drawn = np.where(np.isfinite(psi), psi, np.nanmax(np.where(np.isfinite(psi), psi, 0.0)) * 1.2)
    for verdict, shade in _SHADES.items():
        which = np.array([each == verdict for each in verdicts])
        if which.any():
            axes.barh(place[which], drawn[which], color=shade, height=0.7, label=verdict)
    axes.plot(chance, place, "|", color="black", markersize=10, label="by chance")
    axes.set(
        yticks=place,
        yticklabels=[str(each) for each in own["column"].to_list()],
        xlabel="Stability index (PSI)",
        title="What has changed since the model was made",
    )
    axes.set_xlim(0, None)
    axes.invert_yaxis()
    axes.legend(frameon=False, loc="lower right")
    return axes


def plot_drift_bins(table: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how the customers are spread over the bins of a column, then and now.

    Parameters
    ----------
    table : DataFrame
        What ``churn.drift_table`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, two bars to a bin.

    Raises
    ------
    DataError
        If the frame is no such table.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> then = pd.DataFrame({"tenure": range(100)})
    >>> table = crm.churn.drift_table(then, then + 50, "tenure", bins=4)
    >>> crm.plots.plot_drift_bins(table).get_ylabel()
    'Share of customers'
    """
    from crmanalytics.plots.style import percent_axis

    own = admitted("table", table, "share_then", "share_now", labels=("bin",))
    then, now = as_float(own, "share_then"), as_float(own, "share_now")
    axes = axes_for(ax)
    place = np.arange(len(own))
    axes.bar(place - 0.2, then, width=0.38, color=MUTED, label="then")
    axes.bar(place + 0.2, now, width=0.38, color=ACTUAL, label="now")
    labels = [str(each) for each in own["bin"].to_list()]
    crowded = sum(map(len, labels)) > 60
    axes.set_xticks(
        place, labels, rotation=30 if crowded else 0, ha="right" if crowded else "center"
    )
    axes.set(ylabel="Share of customers", title="Customers by bin, then and now")
    axes.legend(frameon=False)
    percent_axis(axes.yaxis)
    return axes
