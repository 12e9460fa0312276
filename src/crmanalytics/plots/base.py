"""Charts of the customer base: how unequal it is, who bought when, and who is still there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import Column, Contract, Kind, admit_eager, as_float, as_numpy
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import (
    ACTUAL,
    EXPECTED,
    MUTED,
    axes_for,
    percent_axis,
    short_dates,
    thousands_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_activity", "plot_alive", "plot_deciles", "plot_lorenz"]


def plot_lorenz(curve: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw which share of the revenue the best customers hold, the best ones first.

    Parameters
    ----------
    curve : DataFrame
        What ``segments.lorenz(customers, descending=True)`` returned: customer_share, value_share.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, for further changes.

    Raises
    ------
    DataError
        If the frame is no such curve.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> customers = crm.summarize(crm.datasets.load_cdnow_sample(), until="1998-06-30")
    >>> curve = crm.segments.lorenz(customers, points=201, descending=True)
    >>> crm.plots.plot_lorenz(curve).get_ylabel()
    'Share of revenue'
    """
    own = admitted("curve", curve, "customer_share", "value_share")
    axes = axes_for(ax)
    across, up = as_float(own, "customer_share"), as_float(own, "value_share")
    axes.plot(across, up, color=ACTUAL, linewidth=2)
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1)
    axes.annotate("if all spent the same", (0.68, 0.62), color=MUTED, va="top")
    for share in (0.2, 0.5):
        held = float(np.interp(share, across, up))
        axes.plot([share], [held], "o", color=ACTUAL)
        axes.annotate(
            f"best {share:.0%}: {held:.0%} of revenue",
            (share, held),
            xytext=(9, -13),
            textcoords="offset points",
        )
    axes.set(
        xlabel="Share of customers, best first",
        ylabel="Share of revenue",
        title="Share of revenue that the best customers hold",
        xlim=(0, 1),
        ylim=(0, max(1.03, float(up.max()) * 1.03)),
    )
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
    return axes


def plot_activity(activity: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how many customers bought in each period, new ones and returning ones.

    Parameters
    ----------
    activity : DataFrame
        What ``cohorts.activity`` returned: period_start, new, returning, complete.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; periods that had not ended are drawn pale.

    Raises
    ------
    DataError
        If the frame is no such table.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> months = crm.cohorts.activity(crm.datasets.load_cdnow_sample())
    >>> crm.plots.plot_activity(months).get_title()
    'Customers who bought'
    """
    own = admitted("activity", activity, "new", "returning", dates=("period_start",))
    axes = axes_for(ax)
    starts = as_numpy(own, "period_start").astype("M8[D]")
    days = starts.astype(np.int64).astype(float)
    width = 0.85 * float(np.diff(days).min()) if len(days) > 1 else 20.0
    pale = np.where(as_numpy(own, "complete").astype(bool), 1.0, 0.45)
    bottom = np.zeros(len(days))
    for name, colour, hatch in (("returning", ACTUAL, ""), ("new", EXPECTED, "///")):
        bars = axes.bar(
            starts + np.timedelta64(int(width / 2), "D"),
            as_float(own, name),
            width=width,
            bottom=bottom,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.5,
            label=f"{name} customers",
        )
        for bar, alpha in zip(bars, pale, strict=True):
            bar.set_alpha(alpha)
        bottom += as_float(own, name)
    axes.set(ylabel="Customers", title="Customers who bought", ylim=(0, None))
    thousands_axis(axes.yaxis)
    axes.legend(frameon=False)
    short_dates(axes)
    return axes


def plot_alive(scored: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how many customers are how likely to be still active.

    Parameters
    ----------
    scored : DataFrame
        One row per customer, with ``p_alive``.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, for further changes.

    Raises
    ------
    DataError
        If the column is missing or holds no probabilities.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> crm.plots.plot_alive(pd.DataFrame({"p_alive": [0.1, 0.8, 0.9]})).get_xlabel()
    'Probability of still being active'
    """
    contract = Contract("scored", (Column(c.P_ALIVE, Kind.NUMBER, low=0, high=1),))
    own = admit_eager(scored, contract)
    axes = axes_for(ax)
    edges = np.linspace(0, 1, 11)
    count = np.histogram(as_float(own, c.P_ALIVE), edges)[0]
    bars = axes.bar(edges[:-1], count, width=0.1, align="edge", color=ACTUAL, edgecolor="white")
    axes.bar_label(
        bars, [f"{each:,}" if each else "" for each in count], padding=2, fontsize="small"
    )
    axes.set(
        xlabel="Probability of still being active",
        ylabel="Customers",
        title="Customers by probability of being active",
        xlim=(0, 1),
        xticks=edges[::2],
    )
    percent_axis(axes.xaxis)
    thousands_axis(axes.yaxis)
    axes.margins(y=0.1)
    return axes


def plot_deciles(
    deciles: Any,  # noqa: ANN401 - any eager frame
    *,
    label: str = "Expected value",
    ax: Axes | None = None,
) -> Axes:
    """Draw what each tenth of the customers is expected to bring on average, the best one first.

    Parameters
    ----------
    deciles : DataFrame
        What ``clv.diagnostics.value_by_decile`` returned: decile, mean, share.
    label : str
        What the value is, with its unit.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; above each bar is its share of the whole.

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
    >>> scored = pd.DataFrame({"clv": range(20)})
    >>> deciles = crm.clv.diagnostics.value_by_decile(scored)
    >>> crm.plots.plot_deciles(deciles).get_ylabel()
    'Expected value, mean per customer'
    """
    own = admitted("deciles", deciles, "decile", "mean")
    axes = axes_for(ax)
    bars = axes.bar(as_float(own, "decile"), as_float(own, "mean"), color=ACTUAL, width=0.8)
    shares = [f"{share:.0%}" if share == share else "" for share in own["share"].to_list()]  # noqa: PLR0124 - missing
    axes.bar_label(bars, shares, padding=2, fontsize="small")
    axes.set(
        xlabel="Tenth of the customers, the best first (above: share of all)",
        ylabel=f"{label}, mean per customer",
        title=f"{label} by decile",
        xticks=as_float(own, "decile"),
    )
    thousands_axis(axes.yaxis)
    axes.margins(y=0.1)
    return axes
