"""The retention plan as a map: value by probability of churn, and where an offer pays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, MUTED, axes_for, percent_axis, thousands_axis
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["plot_retention_plan"]

_LOOKS = {
    "contact": (ACTUAL, "o"),
    "beyond the limits": (EXPECTED, "^"),
    "better left alone": ("black", "x"),
    "costs more than it brings": (MUTED, "."),
}


def plot_retention_plan(
    plan: Any,  # noqa: ANN401 - any eager frame
    *,
    clv: str = c.CLV,
    churn_probability: str = c.CHURN_PROBABILITY,
    up_scale: Literal["linear", "log"] = "linear",
    most: int = 5000,
    ax: Axes | None = None,
) -> Axes:
    """Draw each customer by value and probability of churn, and whom the plan contacts.

    Parameters
    ----------
    plan : DataFrame
        What ``decisions.retention_plan`` returned.
    clv, churn_probability : str
        Its columns of value and probability.
    up_scale : {"linear", "log"}
        The scale of the value; the logarithm tells customers apart where few are worth much.
        Customers of no value have no place on it, nor has the lowest fiftieth of the others.
    most : int
        How many customers to draw at most, spread evenly over the ranks.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the line is the break-even probability, where costs are the same for all.

    Raises
    ------
    DataError
        If the frame is no such plan.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> customers = pd.DataFrame(
    ...     {"customer_id": [1, 2], "clv": [300.0, 90.0], "churn_probability": [0.5, 0.1]}
    ... )
    >>> plan = crm.decisions.retention_plan(
    ...     customers, offer_cost=10, contact_cost=1, acceptance=0.3
    ... )
    >>> crm.plots.plot_retention_plan(plan).get_xlabel()
    'Probability of churn'
    """
    names = (churn_probability, clv, "expected_profit", "rank")
    own = admitted("plan", plan, *names, labels=("verdict",))
    risk, value, profit, rank = (as_float(own, name) for name in names)
    verdicts = np.array(own["verdict"].to_list())
    axes = axes_for(ax, size=(6.4, 4.6))
    shown = _spread(rank, most)
    for verdict, (shade, marker) in reversed(_LOOKS.items()):
        who = shown[verdicts[shown] == verdict]
        every = verdicts == verdict
        if len(who):
            label = f"{verdict} ({every.sum():,})"
            axes.plot(
                risk[who], value[who], marker, color=shade, markersize=4, alpha=0.7, label=label
            )
    if "break_even" in own.columns:
        _break_even(axes, as_float(own, "break_even"), value)
    axes.set(
        xlabel="Probability of churn",
        ylabel="Customer lifetime value",
        title=f"Retention plan: {(verdicts == 'contact').sum():,} contacts, "
        f"expected profit {profit[verdicts == 'contact'].sum():,.0f}",
        xlim=(0, 1),
        yscale=one_of("up_scale", up_scale, ("linear", "log")),
    )
    if up_scale == "linear":
        axes.set_ylim(0, None)
    elif (value > 0).any():
        axes.set_ylim(float(np.quantile(value[value > 0], 0.02)), None)
    percent_axis(axes.xaxis)
    thousands_axis(axes.yaxis)
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[::-1],
        labels[::-1],
        frameon=False,
        fontsize="small",
        loc="upper center",
        bbox_to_anchor=(0.5, -0.16),
        ncols=2,
    )
    return axes


def _spread(rank: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    order = np.argsort(rank, kind="stable")
    if len(order) <= most:
        return order
    return np.asarray(order[np.linspace(0, len(order) - 1, most).astype(np.intp)])


def _break_even(axes: Axes, at: NDArray[np.float64], value: NDArray[np.float64]) -> None:
    """Draw the line, unless customers of one value differ in it."""
    order = np.lexsort((at, value))
    up, across = value[order], at[order]
    same = np.diff(up) == 0
    if (np.abs(np.diff(across))[same] > 1e-9).any() or (np.diff(across) > 1e-9).any():
        return
    axes.plot(across, up, color="black", linewidth=1, linestyle="--", label="break-even")
