"""Whether predicted probabilities came true, as a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, MUTED, axes_for, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_calibration"]


def plot_calibration(
    calibration: Any,  # noqa: ANN401 - any eager frame
    *,
    outcome: str = "bought",
    ax: Axes | None = None,
) -> Axes:
    """Draw the share of customers who bought, or churned, against the predicted probability.

    Parameters
    ----------
    calibration : DataFrame
        What ``clv.diagnostics.activity_calibration`` or ``churn.calibration`` returned.
    outcome : str
        What was predicted: "churned" for churn.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: a point per group of customers, its area by their number, with the interval of the
        share; on the dashed line prediction and outcome are equal.

    Raises
    ------
    DataError
        If the frame is no such table.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    >>> model = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> table = crm.clv.diagnostics.activity_calibration(model, customers)
    >>> crm.plots.plot_calibration(table).get_ylabel()
    'Share who bought'
    """
    names = ("customers", "predicted", "observed", "low", "high")
    own = admitted("calibration", calibration, *names)
    size, predicted, observed, low, high = (as_float(own, name) for name in names)
    axes = axes_for(ax, size=(4.8, 4.4))
    axes.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1, label="as predicted")
    # the interval of a share need not be symmetric, and never reaches beyond 0 and 1
    spread = np.maximum([observed - low, high - observed], 0.0)
    axes.errorbar(
        predicted, observed, yerr=spread, fmt="none", ecolor=ACTUAL, elinewidth=1.2, capsize=2.5
    )
    axes.scatter(predicted, observed, s=90 * size / size.max(), color=ACTUAL, zorder=3)
    axes.legend(frameon=False, loc="lower right")
    axes.set(
        xlabel="Predicted probability, mean of the group",
        ylabel=f"Share who {outcome}",
        title="Did the probabilities come true?",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
    return axes
