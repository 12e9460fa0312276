"""Penalties and rewards as bars to either side: what annoys, what delights, and what does both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import as_float
from crmanalytics.plots.estimates import name_ticks, of_metric
from crmanalytics.plots.style import ACTUAL, EXPECTED, axes_for

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["plot_penalty_reward"]


def plot_penalty_reward(found: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw what poor and what good performance does, the widest range on top.

    Parameters
    ----------
    found : DataFrame
        What ``satisfaction.penalty_reward_contrast`` returned, of one group.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; at the right is the role of each attribute.

    Raises
    ------
    DataError
        If the frame is no such table, or holds several groups.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import numpy as np
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> draw = np.random.default_rng(0)
    >>> survey = pd.DataFrame({"clean": draw.integers(1, 6, 200)})
    >>> survey["overall"] = 5.0 - 2 * (survey["clean"] < 3) + draw.normal(size=200)
    >>> found = crm.satisfaction.penalty_reward_contrast(
    ...     survey, "overall", ["clean"], poor=2, good=4, draws=100
    ... )
    >>> crm.plots.plot_penalty_reward(found).get_title()
    'What poor and good performance does'
    """
    key = "attribute"
    parts = [of_metric("found", found, name, key) for name in ("range", "penalty", "reward")]
    order = np.argsort(-as_float(parts[0], c.ESTIMATE), kind="stable").tolist()
    names = [str(parts[0][key][k]) for k in order]
    axes = axes_for(ax, size=(7.0, 1.7 + 0.45 * len(names)))
    at = np.arange(len(names), dtype=np.float64)
    _bars(axes, at - 0.19, parts[1][order], EXPECTED, "poor")
    _bars(axes, at + 0.19, parts[2][order], ACTUAL, "good")
    axes.axvline(0, color="black", linewidth=0.8)
    name_ticks(axes.yaxis, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    roles = [parts[0]["role"][k] for k in order] if "role" in parts[0].columns else []
    for place, role in enumerate(roles):
        text = role if isinstance(role, str) else "no role"
        beside = axes.get_yaxis_transform()
        axes.text(1.02, place, text, transform=beside, va="center", fontsize="small")
    axes.set(xlabel="Difference from the middle", title="What poor and good performance does")
    below = -0.6 / (0.45 * len(names))
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, below), ncols=2)
    return axes


def _bars(axes: Axes, at: Floats, rows: nw.DataFrame[Any], colour: str, label: str) -> None:
    value, low, high = (as_float(rows, name) for name in (c.ESTIMATE, c.LOW, c.HIGH))
    axes.barh(at, value, height=0.36, color=colour, label=f"if it is {label}")
    known = ~np.isnan(low + high)
    axes.hlines(at[known], low[known], high[known], color="black", linewidth=1.1)
