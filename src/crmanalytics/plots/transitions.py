"""Migration as a heat map: the probability of each move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_transitions"]


def plot_transitions(moves: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw which share of each segment went where, as a table of shades and figures.

    Parameters
    ----------
    moves : DataFrame
        What ``segments.migration`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: rows are where customers come from, columns where they went, each figure a
        percentage of the row. States without customers before or after are left out.

    Raises
    ------
    DataError
        If the frame is no such result.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> moves = pd.DataFrame(
    ...     {
    ...         "from_state": ["a", "a"],
    ...         "to_state": ["a", "b"],
    ...         "count": [80, 20],
    ...         "probability": [0.8, 0.2],
    ...     }
    ... )
    >>> [text.get_text() for text in plot_transitions(moves).texts]
    ['80', '20']
    """
    own = admitted("moves", moves, "count", c.PROBABILITY, labels=("from_state", "to_state"))
    frm, to = (own[name].to_list() for name in ("from_state", "to_state"))
    count, share = as_float(own, "count"), as_float(own, c.PROBABILITY)
    rows = list(dict.fromkeys(a for a, n in zip(frm, count, strict=True) if n > 0))
    columns = list(dict.fromkeys(to))
    columns = [b for b in columns if count[[each == b for each in to]].sum() > 0]
    table = np.full((len(rows), len(columns)), np.nan)
    for a, b, p in zip(frm, to, share, strict=True):
        if a in rows and b in columns:
            table[rows.index(a), columns.index(b)] = p
    axes = axes_for(ax, size=(1.8 + 0.75 * len(columns), 1.4 + 0.5 * len(rows)))
    axes.spines[:].set_visible(False)
    axes.imshow(np.nan_to_num(table), cmap="Blues", vmin=0.0, vmax=1.25, aspect="auto")
    for (row, column), p in np.ndenumerate(table):
        if p > 0:
            ink = "white" if p > 0.75 else "#111111"
            text = f"{100 * p:.0f}" if p >= 0.005 else "<1"
            axes.text(column, row, text, ha="center", va="center", color=ink)
    axes.set_xticks(range(len(columns)), [str(each) for each in columns], rotation=30, ha="right")
    axes.set_yticks(range(len(rows)), [str(each) for each in rows])
    axes.tick_params(length=0)
    axes.set(xlabel="after", ylabel="before", title="Where customers went, % of the row")
    return axes
