"""Service quality as a chart: what was expected, what was perceived, and the gap between."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import as_float
from crmanalytics.plots.estimates import name_ticks, of_metric
from crmanalytics.plots.style import ACTUAL, EXPECTED, MUTED, axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_service_gaps"]


def plot_service_gaps(
    found: Any,  # noqa: ANN401 - any eager frame
    *,
    part: str = "dimension",
    ax: Axes | None = None,
) -> Axes:
    """Draw what customers expected and perceived, the widest gap on top.

    Parameters
    ----------
    found : DataFrame
        What ``satisfaction.servqual`` returned, of one group.
    part : {"item", "dimension", "overall"}
        What to draw.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; at the right is each gap with its interval.

    Raises
    ------
    DataError
        If the frame is no such table, or holds several groups.
    ParameterError
        If it has not the part.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"e1": [7, 6], "p1": [5, 6]})
    >>> found = crm.satisfaction.servqual(survey, {"clean": ("e1", "p1")})
    >>> crm.plots.plot_service_gaps(found, part="item").get_xlabel()
    'Mean answer'
    """
    sides = [_of_part(found, name, part) for name in ("gap", "expectation", "perception")]
    order = np.argsort(as_float(sides[0], c.ESTIMATE), kind="stable").tolist()
    gap, expected, perceived = (rows[order] for rows in sides)
    names = [str(each) for each in gap["item"].to_list()]
    axes = axes_for(ax, size=(7.2, 1.5 + 0.4 * len(names)))
    at = np.arange(len(names))
    ends = as_float(expected, c.ESTIMATE), as_float(perceived, c.ESTIMATE)
    axes.hlines(at, np.minimum(*ends), np.maximum(*ends), color=MUTED, linewidth=2, zorder=1)
    axes.plot(ends[0], at, "D", color=EXPECTED, label="expected")
    axes.plot(ends[1], at, "o", color=ACTUAL, label="perceived")
    name_ticks(axes.yaxis, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    for place in range(len(names)):
        value, low, high = (as_float(gap, x)[place] for x in (c.ESTIMATE, c.LOW, c.HIGH))
        text = f"{value:+.2f} [{low:+.2f}, {high:+.2f}]"
        axes.text(
            1.02, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize="small"
        )
    axes.margins(x=0.08)
    axes.set(xlabel="Mean answer", title="Expected and perceived (right: gap)")
    below = -0.55 / (0.4 * len(names))
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, below), ncols=2)
    return axes


def _of_part(found: Any, metric: str, part: str) -> nw.DataFrame[Any]:  # noqa: ANN401 - any eager frame
    rows = of_metric("found", found, metric, "item", "part")
    kept = rows.filter(nw.col("part") == part)
    if not len(kept):
        known = ", ".join(map(repr, dict.fromkeys(rows["part"].to_list())))
        raise ParameterError(f"found has no part {part!r}; it has {known}")
    return kept
