"""Where revenue turns into profit: a treemap with the margin as shade and losses hatched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float, as_numpy
from crmanalytics.plots.profit_map import label_text
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import axes_for, compact
from crmanalytics.plots.treemap import squarified

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["plot_profit_treemap"]

_WIDTH, _HEIGHT = 16.0, 10.0
_LEAST = 6.0


def plot_profit_treemap(
    found: Any,  # noqa: ANN401 - any eager frame
    by: str,
    *,
    most: int = 24,
    ax: Axes | None = None,
) -> Axes:
    """Draw groups of a cube as rectangles: the area is the revenue, the shade the margin.

    Parameters
    ----------
    found : DataFrame
        What ``profitability.cube`` or ``profitability.drill_down`` returned, with `by` alone among
        its sets, or the dimension that was opened.
    by : str
        The dimension.
    most : int
        How many groups to draw; the smaller ones are drawn together as "others".
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; groups with a loss are hatched, groups without revenue are left out.

    Raises
    ------
    DataError
        If the cube lacks the dimension, or nothing has revenue.

    References
    ----------
    Bruls, M., Huizing, K. and van Wijk, J. J. (2000), "Squarified treemaps", Data Visualization
    2000, 33-42.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> log = pd.DataFrame({"region": ["a", "b"], "amount": [9.0, 5.0], "cost": [4.0, 6.0]})
    >>> found = crm.profitability.cube(log, "region", costs="cost")
    >>> len(crm.plots.plot_profit_treemap(found, "region").patches)
    2
    """
    own = admitted("found", found, "revenue", "profit", labels=("grouping",))
    inside = _rows(as_numpy(own, "grouping").astype(str), by)
    revenue, profit = as_float(own, "revenue")[inside], as_float(own, "profit")[inside]
    if not (revenue > 0).any():
        raise InvalidValuesError(f"found has no rows of the grouping {by} with revenue.")
    labels = [label_text(own[by][int(k)]) for k in inside]
    order = [k for k in np.argsort(-revenue, kind="stable") if revenue[k] > 0]
    groups = [(labels[k], revenue[k], profit[k]) for k in order[:most]]
    rest = order[most:]
    if rest:
        groups.append((f"{len(rest)} others", revenue[rest].sum(), profit[rest].sum()))
        groups.sort(key=lambda each: -each[1])
    areas = np.array([each[1] for each in groups])
    boxes = squarified(areas, (0.0, 0.0, _WIDTH, _HEIGHT))
    axes = axes_for(ax, size=(6.8, 4.4))
    axes.spines[:].set_visible(False)
    highest = max(0.01, *(each[2] / each[1] for each in groups))
    for box, (label, taken, earned) in zip(boxes, groups, strict=True):
        _draw(
            axes, box, f"{label}\n{compact(earned)}\n{earned / taken:.0%}", earned / taken / highest
        )
    axes.set(
        xlim=(0, _WIDTH),
        ylim=(_HEIGHT, 0),
        xticks=[],
        yticks=[],
        title=f"Profit and margin by {by}\n(area: revenue; darker: higher margin; hatched: loss)",
    )
    axes.title.set_fontsize("medium")
    return axes


def _rows(groupings: NDArray[Any], by: str) -> NDArray[np.intp]:
    """Return the rows of one dimension, or all those of a drill-down into it."""
    known = np.unique(groupings)
    if len(known) == 1 and by in known[0].split(" x "):
        return np.arange(len(groupings))
    return np.flatnonzero(groupings == by)


def _draw(axes: Axes, box: tuple[float, float, float, float], text: str, tone: float) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    left, top, width, height = box
    loss = tone < 0
    axes.add_patch(
        Rectangle(
            (left, top),
            width,
            height,
            facecolor="#fbe3d6" if loss else colormaps["Blues"](0.08 + 0.67 * tone),
            edgecolor="#D55E00" if loss else "white",
            hatch="//" if loss else None,
            lw=1.5,
        )
    )
    name = text.split("\n", maxsplit=1)[0]
    size, text = max(_fitted(each, width, height) for each in (text, name))
    if size < _LEAST:
        return
    note = axes.text(
        left + width / 2,
        top + height / 2,
        text,
        ha="center",
        va="center",
        fontsize=size,
        color="white" if tone > 0.75 else "#111111",
    )
    if loss:
        note.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85})


def _fitted(text: str, width: float, height: float) -> tuple[float, str]:
    """Return the largest size at which a text fits; the longer text wins where both do."""
    lines = text.split("\n")
    size = min(9.0, 26.0 * width / max(map(len, lines)), 18.0 * height / len(lines))
    return size + 0.5 * (len(lines) > 1), text
