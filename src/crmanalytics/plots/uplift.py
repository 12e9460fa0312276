"""What treating the customers of the highest uplift first gains, and what it gained in each bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import (
    ACTUAL,
    EXPECTED,
    MUTED,
    axes_for,
    percent_axis,
    thousands_axis,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_uplift_bins", "plot_uplift_curve"]


def plot_uplift_curve(
    curve: Any,  # noqa: ANN401 - any eager frame
    *,
    label: str = "Outcomes gained",
    ax: Axes | None = None,
) -> Axes:
    """Draw a Qini or uplift curve beside treating as many customers at random.

    Parameters
    ----------
    curve : DataFrame
        What ``churn.uplift.uplift_curve`` returned.
    label : str
        What is gained, with its unit.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the area between both lines is what Qini coefficients measure.

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
    >>> experiment = pd.DataFrame(
    ...     {"treated": [1, 0, 1, 0], "visit": [1, 0, 1, 1], "uplift": [0.9, 0.9, 0.1, 0.1]}
    ... )
    >>> curve = crm.churn.uplift.uplift_curve(experiment, outcome="visit")
    >>> crm.plots.plot_uplift_curve(curve).get_ylabel()
    'Outcomes gained'
    """
    own = admitted("curve", curve, "customer_share", "gained", "random")
    across, up, line = (as_float(own, name) for name in ("customer_share", "gained", "random"))
    axes = axes_for(ax)
    axes.fill_between(across, line, up, color=ACTUAL, alpha=0.15, linewidth=0)
    axes.plot(across, up, color=ACTUAL, linewidth=2, label="highest scores first")
    axes.plot(across, line, color=MUTED, linestyle="--", linewidth=1.2, label="at random")
    axes.axhline(0, color="black", linewidth=0.8)
    axes.plot([1], [line[-1]], "s", color=EXPECTED, clip_on=False, label="everybody")
    axes.margins(y=0.1)
    axes.set(
        xlabel="Share of customers treated",
        ylabel=label,
        title="What treating gains",
        xlim=(0, 1),
    )
    axes.legend(frameon=False, loc="best")
    percent_axis(axes.xaxis)
    thousands_axis(axes.yaxis)
    return axes


def plot_uplift_bins(
    table: Any,  # noqa: ANN401 - any eager frame
    *,
    percent: bool = True,
    ax: Axes | None = None,
) -> Axes:
    """Draw the effect of the treatment in each group of customers, the highest scores first.

    Parameters
    ----------
    table : DataFrame
        What ``churn.uplift.uplift_by_bin`` returned.
    percent : bool
        Write effects as percentages, for outcomes of 1 and 0.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: points with intervals; above zero the treatment did good.

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
    >>> experiment = pd.DataFrame({"treated": [1, 1, 0, 0], "visit": [1, 0, 0, 0], "uplift": 0.2})
    >>> table = crm.churn.uplift.uplift_by_bin(experiment, outcome="visit")
    >>> crm.plots.plot_uplift_bins(table).get_ylabel()
    'Effect of the treatment'
    """
    names = ("bin", "effect", "low", "high", "treated", "control")
    own = admitted("table", table, *names)
    number, effect, low, high, treated, control = (as_float(own, name) for name in names)
    axes = axes_for(ax)
    axes.axhline(0, color="black", linewidth=0.8)
    size = treated + control
    mean = float(np.nansum(effect * size) / size[np.isfinite(effect)].sum())
    axes.axhline(mean, color=MUTED, linestyle="--", linewidth=1)
    axes.annotate(
        "mean", (1.0, mean), xycoords=("axes fraction", "data"), xytext=(-2, 3),
        textcoords="offset points", ha="right", color=MUTED,
    )  # fmt: skip
    spread = np.nan_to_num(np.maximum([effect - low, high - effect], 0.0))
    axes.errorbar(
        number, effect, yerr=spread, fmt="o", color=ACTUAL, ecolor=ACTUAL, elinewidth=1.2, capsize=3
    )
    axes.set(
        xlabel="Groups of customers, highest scores first",
        ylabel="Effect of the treatment",
        title="Effect by predicted uplift",
        xticks=number,
    )
    if percent:
        percent_axis(axes.yaxis)
    else:
        thousands_axis(axes.yaxis)
    return axes
