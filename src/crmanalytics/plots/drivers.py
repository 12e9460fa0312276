"""Drivers of satisfaction as bars: how much each accounts for, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.frames import as_float
from crmanalytics.plots.estimates import bars_with_intervals, of_metric
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, axes_for, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_drivers"]


def plot_drivers(
    found: Any,  # noqa: ANN401 - any eager frame
    *,
    method: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw how much each driver accounts for, the largest on top.

    Parameters
    ----------
    found : DataFrame
        What ``satisfaction.drivers`` returned, of one group.
    method : str, optional
        Which measure, where there are several; the first by default.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; negative shares are in another colour.

    Raises
    ------
    DataError
        If the frame is no such table, or holds several groups.
    ParameterError
        If it has not the measure.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"staff": [1, 2, 3, 4], "price": [2, 1, 4, 4], "all": [1, 2, 4, 5]})
    >>> found = crm.satisfaction.drivers(survey, "all", ["staff", "price"], draws=0)
    >>> crm.plots.plot_drivers(found).get_xlabel()
    'Share of the variation of the outcome (LMG)'
    """
    from matplotlib.ticker import MaxNLocator

    first = of_first(found) if method is None else method
    rows = of_metric("found", found, first, "driver")
    order = np.argsort(-as_float(rows, c.ESTIMATE), kind="stable").tolist()
    rows = rows[order]
    names = [str(each) for each in rows["driver"].to_list()]
    axes = axes_for(ax, size=(6.4, 1.4 + 0.36 * len(names)))
    values = as_float(rows, c.ESTIMATE)
    bars_with_intervals(axes, names, rows, np.where(values < 0, EXPECTED, ACTUAL))
    axes.axvline(0, color="black", linewidth=0.8)
    label = first.upper() if first in ("lmg", "car") else first.capitalize()
    axes.set(xlabel=f"Share of the variation of the outcome ({label})", title=_title(rows))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
    percent_axis(axes.xaxis)
    return axes


def of_first(found: Any) -> str:  # noqa: ANN401 - any eager frame
    """Return the first measure of a table of drivers.

    Examples
    --------
    >>> import pandas as pd
    >>> of_first(pd.DataFrame({"driver": ["a"], "metric": ["lmg"], "estimate": [0.1]}))
    'lmg'
    """
    own = admitted("found", found, c.ESTIMATE, labels=("driver", c.METRIC))
    return str(own[c.METRIC][0])


def _title(rows: Any) -> str:  # noqa: ANN401 - a narwhals frame
    if "r_squared" not in rows.columns:
        return "Drivers"
    return f"Drivers: together {float(rows['r_squared'][0]):.0%} explained"
