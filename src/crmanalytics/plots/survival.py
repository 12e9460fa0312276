"""Survival until the first lapse, as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmanalytics.plots.curves import draw_curve
from crmanalytics.plots.results import admitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_survival"]


def plot_survival(curve: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw which share of customers has not lapsed yet, with its interval.

    Parameters
    ----------
    curve : DataFrame
        What ``cohorts.survival`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, from 0 to 100%.

    Raises
    ------
    DataError
        If the frame is no such result.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> plot_survival(crm.cohorts.survival(log, until="1998-06-30")).get_ylabel()
    'Customers not lapsed'
    """
    own = admitted("curve", curve, "period", "survival", "low", "high")
    axes = draw_curve(own, "survival", ax, steps=True)
    axes.set(ylabel="Customers not lapsed", title="Survival until the first lapse", ylim=(0, 1))
    return axes
