"""What a churn score finds and what it earns: gain, lift and profit over the share contacted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.frames import as_float, as_numpy
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

__all__ = ["plot_gain", "plot_lift", "plot_profit_curve"]


def plot_gain(curve: Any, *, share: float = 0.2, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw which share of the churners is found among the customers of the highest scores.

    Parameters
    ----------
    curve : DataFrame
        What ``churn.cumulative_gain`` returned.
    share : float
        Which share of the customers to mark.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with what a perfect score and no score would find.

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
    >>> scored = pd.DataFrame({"churned": [1, 0, 1], "churn_probability": [0.9, 0.5, 0.4]})
    >>> crm.plots.plot_gain(crm.churn.cumulative_gain(scored)).get_ylabel()
    'Share of churners found'
    """
    own = admitted("curve", curve, "customer_share", "gain", "perfect")
    axes = axes_for(ax)
    across, gain = as_float(own, "customer_share"), as_float(own, "gain")
    perfect = as_float(own, "perfect")
    bend = float(np.max(np.divide(across, perfect, out=np.zeros(len(across)), where=perfect > 0)
                        * (perfect < 1)))  # fmt: skip
    bend = bend or float(across[perfect >= 1][0])
    axes.plot([0, bend, 1], [0, 1, 1], color=MUTED, linestyle=":", linewidth=1.5)
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1)
    axes.plot(across, gain, color=ACTUAL, linewidth=2)
    found = float(np.interp(share, across, gain))
    axes.plot([share], [found], "o", color=ACTUAL)
    axes.annotate(
        f"highest {share:.0%}: {found:.0%} of churners",
        (share, found),
        xytext=(9, -13),
        textcoords="offset points",
    )
    axes.annotate(
        "perfect", (bend, 1.0), xytext=(5, -4), textcoords="offset points", color=MUTED, va="top"
    )
    axes.annotate("at random", (0.72, 0.66), color=MUTED, va="top")
    axes.set(
        xlabel="Share of customers, highest scores first",
        ylabel="Share of churners found",
        title="Churners found by the score",
        xlim=(0, 1),
        ylim=(0, 1.03),
    )
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
    return axes


def plot_lift(table: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw the churn rate of each tenth of the customers, the highest scores first.

    Parameters
    ----------
    table : DataFrame
        What ``churn.lift_table`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: bars with intervals, above them the lift; the dashed line is the mean.

    Raises
    ------
    DataError
        If the frame is no such table.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> scored = pd.DataFrame({"churned": [1, 0] * 5, "churn_probability": range(10)})
    >>> crm.plots.plot_lift(crm.churn.lift_table(scored, groups=2)).get_ylabel()
    'Share that churned'
    """
    names = ("group", "customers", "churned", "churn_rate", "low", "high", "lift")
    own = admitted("table", table, *names)
    group, size, hits, rate, low, high, lift = (as_float(own, name) for name in names)
    axes = axes_for(ax)
    spread = np.maximum([rate - low, high - rate], 0.0)
    axes.bar(group, rate, color=ACTUAL, width=0.8)
    axes.errorbar(group, rate, yerr=spread, fmt="none", ecolor="black", elinewidth=1, capsize=2.5)
    for x, y, value in zip(group, high, lift, strict=True):
        axes.annotate(
            f"{value:.1f}x",
            (x, y),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize="small",
        )
    mean = float(hits.sum() / size.sum())
    axes.axhline(mean, color=EXPECTED, linestyle="--", linewidth=1)
    axes.annotate(
        f"all: {mean:.1%}",
        (group[-1] + 0.4, mean),
        xytext=(0, 4),
        textcoords="offset points",
        ha="right",
        color=EXPECTED,
    )
    axes.set(
        xlabel="Groups of customers, highest scores first (above: lift)",
        ylabel="Share that churned",
        title="Churn by score",
        xticks=group,
        ylim=(0, None),
    )
    percent_axis(axes.yaxis)
    axes.margins(y=0.12)
    return axes


def plot_profit_curve(curve: Any, *, currency: str = "", ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw what a retention campaign earns for every share of customers contacted.

    Parameters
    ----------
    curve : DataFrame
        What ``churn.profit_curve`` returned.
    currency : str
        What to write before an amount of money.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the best share and contacting everybody are marked.

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
    >>> scored = pd.DataFrame({"churned": [1, 0, 1], "churn_probability": [0.9, 0.5, 0.4]})
    >>> curve = crm.churn.profit_curve(
    ...     scored, clv=200, offer_cost=10, contact_cost=1, acceptance=0.3
    ... )
    >>> crm.plots.plot_profit_curve(curve).get_ylabel()
    'Profit of the campaign'
    """
    own = admitted("curve", curve, "target_rate", "profit", labels=("best",))
    axes = axes_for(ax)
    across, up = as_float(own, "target_rate"), as_float(own, "profit")
    best = int(np.flatnonzero(as_numpy(own, "best").astype(bool))[0])
    axes.plot(across, up, color=ACTUAL, linewidth=2)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.plot([across[best]] * 2, [0, up[best]], color=MUTED, linestyle="--", linewidth=1)
    axes.plot([across[best]], [up[best]], "^", color=ACTUAL, markersize=8)
    axes.plot([across[-1]], [up[-1]], "s", color=EXPECTED, clip_on=False)
    axes.annotate(
        f"best, {across[best]:.0%}: {currency}{compact(float(up[best]))}",
        (across[best], up[best]),
        xytext=(0, 8),
        textcoords="offset points",
        ha="right" if across[best] > 0.6 else "left" if across[best] < 0.25 else "center",
    )
    axes.annotate(
        f"everybody: {currency}{compact(float(up[-1]))}",
        (across[-1], up[-1]),
        xytext=(-6, -15),
        textcoords="offset points",
        ha="right",
    )
    axes.margins(y=0.14)
    axes.set(
        xlabel="Share of customers contacted, highest scores first",
        ylabel="Profit of the campaign",
        title="Profit by share contacted",
        xlim=(0, 1),
    )
    percent_axis(axes.xaxis)
    thousands_axis(axes.yaxis)
    return axes
