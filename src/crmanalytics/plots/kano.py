"""Kano's features as a map: how much each pleases when there, and annoys when not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float
from crmanalytics.plots.estimates import label_points, of_metric, shorten
from crmanalytics.plots.style import ACTUAL, MUTED, axes_for, percent_axis

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["plot_kano"]

_CORNERS = (
    ("Indifferent", 0.02, 0.02, "left", "bottom"),
    ("Attractive", 0.02, 0.98, "left", "top"),
    ("One-dimensional", 0.98, 0.98, "right", "top"),
    ("Must-be", 0.98, 0.02, "right", "bottom"),
)


def plot_kano(found: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw what each feature adds when it is there against what it takes when it is not.

    Parameters
    ----------
    found : DataFrame
        What ``satisfaction.kano`` returned, of one group.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: 'worse' across (without its sign), 'better' up, with their intervals. Features
        that are in neither are listed below the title.

    Raises
    ------
    DataError
        If the frame is no such table, or holds several groups, or nothing can be drawn.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"with": [1, 1, 3, 1], "without": [3, 3, 5, 5]})
    >>> found = crm.satisfaction.kano(survey, {"navigation": ("with", "without")})
    >>> crm.plots.plot_kano(found).get_title()
    'What features do for satisfaction'
    """
    better, worse = (of_metric("found", found, name, "feature") for name in ("better", "worse"))
    names = [str(each) for each in better["feature"].to_list()]
    up, across = _bounds(better, 1), _bounds(worse, -1)
    drawn = ~np.isnan(up[0] + across[0])
    if not drawn.any():
        raise InvalidValuesError("found has no feature with 'better' and 'worse': nothing to draw")
    axes = axes_for(ax, size=(6.4, 5.6))
    axes.errorbar(
        across[0][drawn],
        up[0][drawn],
        xerr=np.abs(across[1:] - across[0])[:, drawn],
        yerr=np.abs(up[1:] - up[0])[:, drawn],
        fmt="o",
        color=ACTUAL,
        ecolor="#CCCCCC",
        elinewidth=1,
    )
    for line in (axes.axhline, axes.axvline):
        line(0.5, color="black", linewidth=0.8)
    for text, x, y, ha, va in _CORNERS:
        axes.text(x, y, text, ha=ha, va=va, color=MUTED, fontsize="large", transform=axes.transAxes)
    left = [name for name, there in zip(names, drawn, strict=True) if not there]
    axes.set(
        xlim=(-0.02, 1.02),
        ylim=(-0.02, 1.02),
        xlabel="Worse: how far satisfaction falls without it",
        ylabel="Better: how far satisfaction rises with it",
        title="What features do for satisfaction",
    )
    if left:
        axes.set_title(axes.get_title() + f"\nnot drawn: {', '.join(left)}", fontsize="medium")
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
    shown = [shorten(name) for name, there in zip(names, drawn, strict=True) if there]
    label_points(axes, shown, across[0][drawn], up[0][drawn])
    return axes


def _bounds(rows: nw.DataFrame[Any], sign: int) -> Floats:
    """Return estimate, lower and upper bound, turned where 'worse' is negative."""
    names = (c.ESTIMATE, c.LOW, c.HIGH) if sign > 0 else (c.ESTIMATE, c.HIGH, c.LOW)
    return np.stack([sign * as_float(rows, name) for name in names])
