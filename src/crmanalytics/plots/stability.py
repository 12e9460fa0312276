"""Stability of clusters: would they be found again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import as_float, as_numpy
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_stability"]


def plot_stability(found: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how stable each number of clusters is, with the sizes of the clusters.

    Parameters
    ----------
    found : DataFrame
        What ``segments.cluster_stability`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: mean adjusted Rand index with two standard errors, the lowest one as a cross, the
        number advised ringed, and above each number its smallest cluster.

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
    >>> customers = pd.DataFrame({"x": [1.0, 1.1, 1.2, 5.0, 5.1, 5.2, 9.0, 9.1]})
    >>> found = crm.segments.cluster_stability(customers, (2, 3), ["x"])
    >>> plot_stability(found).get_xlabel()
    'Clusters (in brackets: customers of the smallest)'
    """
    numbers = ("k", "stability", c.STANDARD_ERROR, "lowest", "smallest")
    own = admitted("found", found, *numbers, labels=("advised",))
    k, mean, error, lowest, smallest = (as_float(own, name) for name in numbers)
    advised = as_numpy(own, "advised").astype(bool)
    axes = axes_for(ax)
    axes.errorbar(
        k, mean, 2 * error, color=ACTUAL, marker="o", capsize=4, label="mean, ± 2 standard errors"
    )
    axes.plot(k, lowest, "x", color=EXPECTED, label="lowest of the samples")
    if advised.any():
        axes.plot(
            k[advised],
            mean[advised],
            "o",
            markersize=15,
            markerfacecolor="none",
            markeredgecolor="black",
            label="advised",
        )
    axes.set(
        xlabel="Clusters (in brackets: customers of the smallest)",
        ylabel="Adjusted Rand index",
        title="Stability of clusters under resampling",
        ylim=(min(0.0, float(np.min(lowest))), 1.05),
    )
    ticks = [f"{int(a)}\n({int(n):,})" for a, n in zip(k, smallest, strict=True)]
    axes.set_xticks(k, ticks)
    axes.legend(frameon=False, loc="lower left")
    return axes
