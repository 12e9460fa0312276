"""The average retention curve, with the range of the cohorts around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmanalytics.frames import as_float
from crmanalytics.plots.curves import draw_curve
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_average_retention"]


def plot_average_retention(curve: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw the retention of all cohorts together, its interval, and the best and worst cohort.

    Parameters
    ----------
    curve : DataFrame
        What ``cohorts.average_retention`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the first period, which is 100% by definition, is left out.

    Raises
    ------
    DataError
        If the frame is no such result, or there is no later period.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> followed = crm.cohorts.retention(crm.datasets.load_cdnow_sample(), until="1998-06-30")
    >>> plot_average_retention(crm.cohorts.average_retention(followed)).get_title()
    'Retention, all cohorts together'
    """
    import narwhals.stable.v2 as nw

    numbers = ("period", "rate", "low", "high", "lowest", "highest")
    whole = admitted("curve", curve, *numbers)
    later = whole.filter(nw.col("period") > 0)
    own = admitted("curve without its first period", later.to_native(), *numbers)
    axes = draw_curve(own, "rate", ax)
    period = as_float(own, "period")
    for name, style, label in (
        ("highest", "--", "best cohort"),
        ("lowest", ":", "worst cohort"),
    ):
        axes.plot(period, as_float(own, name), color=MUTED, linestyle=style, label=label)
    axes.set(
        ylabel="Share of the first period",
        title="Retention, all cohorts together",
        xlim=(0.5, None),
        ylim=(min(0.0, float(axes.get_ylim()[0])), None),
    )
    axes.legend(frameon=False)
    return axes
