"""The whale curve: profit added up from the best customer to the worst."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import (
    ACTUAL,
    EXPECTED,
    MUTED,
    axes_for,
    compact,
    percent_axis,
    thousands_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_whale_curve"]


def plot_whale_curve(curve: Any, *, currency: str = "", ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how far profit rises over the good customers, and what the others take away again.

    Parameters
    ----------
    curve : DataFrame
        What ``segments.whale_curve`` returned.
    currency : str
        What to write before an amount of money.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the peak and the end are marked with their money.

    Raises
    ------
    DataError
        If the frame is no such curve.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> customers = pd.DataFrame({"profit": [90.0, 30.0, -20.0, 0.0]})
    >>> plot_whale_curve(crm.segments.whale_curve(customers)).get_ylabel()
    'Profit so far'
    """
    from matplotlib.ticker import MaxNLocator

    own = admitted("curve", curve, "customer_share", "value")
    axes = axes_for(ax)
    across, up = as_float(own, "customer_share"), as_float(own, "value")
    peak, end = int(np.argmax(up)), len(up) - 1
    axes.plot(across, up, color=ACTUAL, linewidth=2)
    axes.axhline(0, color="black", linewidth=0.8)
    if peak < end:
        lost = across >= across[peak]
        axes.fill_between(
            across[lost],
            up[lost],
            up[peak],
            facecolor="none",
            hatch="///",
            edgecolor=MUTED,
            linewidth=0,
        )
    axes.plot([across[peak]], [up[peak]], "^", color=ACTUAL, markersize=8)
    axes.plot([1], [up[end]], "s", color=EXPECTED, clip_on=False)
    axes.annotate(
        f"best {across[peak]:.0%}: {currency}{compact(float(up[peak]))}",
        (across[peak], up[peak]),
        xytext=(0, 8),
        textcoords="offset points",
        ha="right" if across[peak] > 0.6 else "center",
    )
    axes.annotate(
        f"all: {currency}{compact(float(up[end]))}",
        (1, up[end]),
        xytext=(-6, -14),
        textcoords="offset points",
        ha="right",
    )
    axes.margins(y=0.12)
    axes.set(
        xlabel="Share of customers, most profitable first",
        ylabel="Profit so far",
        title="Whale curve of customer profit",
        xlim=(0, 1),
    )
    percent_axis(axes.xaxis)
    axes.yaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10]))
    thousands_axis(axes.yaxis)
    return axes
