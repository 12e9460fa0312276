"""An importance-performance analysis as a map, with how sure each quadrant is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float
from crmanalytics.plots.estimates import label_points, shorten
from crmanalytics.plots.quadrant import scatter_fields
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["plot_priorities"]


def plot_priorities(matrix: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw attributes by performance and importance, with intervals and the certainty of each.

    Parameters
    ----------
    matrix : DataFrame
        What ``satisfaction.priority_matrix`` returned, of one group.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; beside each name stands the probability of its quadrant.

    Raises
    ------
    DataError
        If the frame is no such matrix, or holds several groups.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame(
    ...     {"i1": [9, 8, 9, 9], "p1": [3, 4, 3, 2], "i2": [2, 3, 2, 4], "p2": [8, 9, 7, 8]}
    ... )
    >>> analysis = crm.satisfaction.importance_performance_analysis(
    ...     survey, {"staff": "p1", "parking": "p2"}, importance={"staff": "i1", "parking": "i2"}
    ... )
    >>> crm.plots.plot_priorities(crm.satisfaction.priority_matrix(analysis)).get_ylabel()
    'Importance'
    """
    bounds = [f"{name}_{end}" for name in ("performance", "importance") for end in ("low", "high")]
    cuts = ("performance_cut", "importance_cut")
    own = admitted("matrix", matrix, "certainty", *bounds, *cuts, labels=("attribute",))
    names = [str(each) for each in own["attribute"].to_list()]
    if len(set(names)) < len(names):
        raise InvalidValuesError("matrix has several groups: choose one, a chart for each")
    own = own.filter(~nw.col("quadrant").is_null())
    if not len(own):
        raise InvalidValuesError("matrix has no attribute in a quadrant: there is nothing to draw")
    axes = axes_for(ax, size=(7.6, 4.8))
    at = as_float(own, "performance"), as_float(own, "importance")
    _intervals(axes, own, at, bounds)
    fields = np.array(own["quadrant"].to_list())
    scatter_fields(axes, *at, fields, list(dict.fromkeys(fields.tolist())))
    for line, cut in ((axes.axvline, cuts[0]), (axes.axhline, cuts[1])):
        line(float(as_float(own, cut)[0]), color="black", linewidth=0.8)
    axes.legend(
        title="Quadrant (attributes)", loc="upper left", bbox_to_anchor=(1, 1), frameon=False
    )
    axes.set(
        xlabel="Performance",
        ylabel="Importance",
        title="What to work on (in brackets: how sure the quadrant is)",
        xlim=axes.get_xlim(),
        ylim=axes.get_ylim(),
    )
    sure = as_float(own, "certainty")
    texts = [
        shorten(name) if np.isnan(share) else f"{shorten(name)} ({share:.0%})"
        for name, share in zip(own["attribute"].to_list(), sure, strict=True)
    ]
    label_points(axes, texts, *at)
    return axes


def _intervals(
    axes: Axes, own: nw.DataFrame[Any], at: tuple[Floats, Floats], bounds: list[str]
) -> None:
    ends = [np.abs(as_float(own, name) - at[place // 2]) for place, name in enumerate(bounds)]
    drawn = ~np.isnan(np.stack(ends)).any(axis=0)
    if drawn.any():
        across, up = (np.stack(pair)[:, drawn] for pair in (ends[:2], ends[2:]))
        axes.errorbar(
            at[0][drawn],
            at[1][drawn],
            xerr=across,
            yerr=up,
            fmt="none",
            ecolor="#CCCCCC",
            elinewidth=1,
            zorder=0,
        )
