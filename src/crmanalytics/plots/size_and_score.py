"""Big is not the same as good: customers by size and by score, the core marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.frames import as_float, as_numpy
from crmanalytics.plots.quadrant import point_size
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, MUTED, axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_size_and_score"]


def plot_size_and_score(
    scored: Any,  # noqa: ANN401 - any eager frame
    *,
    size: str = "total",
    ax: Axes | None = None,
) -> Axes:
    """Draw customers by rank of size and by score, to show who is big, good, both or neither.

    Parameters
    ----------
    scored : DataFrame
        What ``decisions.scorecard`` returned, with a column of size.
    size : str
        That column. Ranks are drawn, since a few giants would crowd all others into a corner.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; as many customers count as big as are in the core (more where sizes are equal).

    Raises
    ------
    DataError
        If the frame was not scored, or has no rows.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> customers = pd.DataFrame({"total": [900.0, 80.0, 20.0], "margin": [0.1, 0.5, 0.3]})
    >>> scored = crm.decisions.scorecard(customers, ["margin"])
    >>> crm.plots.plot_size_and_score(scored).get_ylabel()
    'Score'
    """
    own = admitted("scored", scored, size, "score", labels=("core",))
    axes = axes_for(ax, size=(7.6, 4.4))
    money, score = as_float(own, size), as_float(own, "score")
    core = as_numpy(own, "core").astype(bool)
    ordered = np.sort(money)
    share = np.searchsorted(ordered, money, "right") / len(money)
    seats = max(1, int(core.sum()))
    least = ordered[-min(seats, len(ordered))]
    big = money >= least
    marks = (
        (core & ~big, "good, not big", EXPECTED, "D"),
        (core & big, "good and big", ACTUAL, "o"),
        (~core & big, "big, not good", "#E69F00", "^"),
        (~core & ~big, "neither", MUTED, "."),
    )
    point = point_size(len(money))
    for inside, label, colour, mark in marks:
        axes.scatter(
            share[inside],
            score[inside],
            s=point,
            c=colour,
            marker=mark,
            label=f"{label} ({int(inside.sum()):,})",
            alpha=0.7,
            linewidths=0,
            rasterized=len(money) > 5_000,
        )
    if core.any():
        axes.axhline(float(score[core].min()), color="black", linewidth=0.8)
    axes.axvline(float(share[big].min()), color="black", linewidth=0.8)
    word = size.replace("_", " ")
    axes.set(
        xlabel=f"Share of customers with no larger {word}",
        ylabel="Score",
        title="Big is not the same as good",
    )
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(1, 1),
        frameon=False,
        title="Customers",
        markerscale=max(1.0, 6.0 / point**0.5),
    )
    return axes
