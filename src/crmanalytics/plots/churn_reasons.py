"""Why a customer is likely to leave, as bars; and survival by group, as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, axes_for, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_reasons", "plot_time_to_churn"]


def plot_reasons(reasons: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw what weighs most in one customer's score, the most important on top.

    Parameters
    ----------
    reasons : DataFrame
        What ``ChurnClassifier.reasons`` returned, of one customer.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: what raises the risk reaches to the right.

    Raises
    ------
    DataError
        If the frame is no such result, or of several customers.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> from crmanalytics.churn import ChurnClassifier
    >>> X = pd.DataFrame({"months": list(range(40))})
    >>> model = ChurnClassifier().fit(X, [1] * 15 + [0, 1] * 5 + [0] * 15)
    >>> plot_reasons(model.reasons(X.head(1))).get_yticklabels()[0].get_text()
    'months of 0 (low)'
    """
    own = admitted("reasons", reasons, "contribution", labels=("row", "reason"))
    rows = own["row"].to_list()
    if len(set(rows)) > 1:
        raise InvalidValuesError(
            "reasons holds several customers, and a chart has room for one: select one 'row'."
        )
    names = [str(each).rsplit(" ", 3)[0] for each in own["reason"].to_list()]
    values = as_float(own, "contribution")
    axes = axes_for(ax, size=(6.4, 1.6 + 0.4 * len(names)))
    axes.barh(range(len(names)), values, color=np.where(values > 0, EXPECTED, ACTUAL))
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set(
        xlabel="Lowers | raises the risk (log-odds, before calibration)",
        title=f"Why customer {rows[0]} may leave or stay",
    )
    return axes


def plot_time_to_churn(
    curve: Any,  # noqa: ANN401 - any eager frame
    *,
    by: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw which share of customers is still there after each time, by group.

    Parameters
    ----------
    curve : DataFrame
        What ``churn.kaplan_meier`` returned.
    by : str, optional
        Its column of groups.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, from 0 to 100%, each curve with its interval.

    Raises
    ------
    DataError
        If the frame is no such result.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> from crmanalytics.churn import kaplan_meier
    >>> customers = pd.DataFrame({"duration": [1, 2, 2, 3], "churned": [1, 0, 1, 0]})
    >>> plot_time_to_churn(kaplan_meier(customers)).get_ylabel()
    'Customers still there'
    """
    numbers = ("time", "survival", "low", "high")
    own = admitted("curve", curve, *numbers, labels=() if by is None else (by,))
    axes = axes_for(ax)
    group = [""] * len(own) if by is None else [str(each) for each in own[by].to_list()]
    time, alive, low, high = (as_float(own, name) for name in numbers)
    for label in dict.fromkeys(group):
        here = np.array([each == label for each in group])
        at = np.append(0.0, time[here])
        middle, bottom, top = (np.append(1.0, each[here]) for each in (alive, low, high))
        (line,) = axes.step(at, middle, where="post", linewidth=2, label=label)
        axes.fill_between(
            at, bottom, top, step="post", alpha=0.2, linewidth=0, color=line.get_color()
        )
    if by is not None:
        axes.legend(title=by.replace("_", " "), frameon=False, loc="lower left")
    axes.set(xlabel="Time", ylabel="Customers still there", title="Time to churn")
    axes.set(xlim=(0, None), ylim=(0, 1.02))
    percent_axis(axes.yaxis)
    return axes
