"""Scores by group and changes between waves, each with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import ParameterError
from crmanalytics.frames import as_float
from crmanalytics.plots.estimates import name_ticks
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, MUTED, axes_for, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["plot_change", "plot_scores"]

_TITLES: Final = {
    "nps": "Net promoter score",
    "csat": "Satisfied customers",
    "ces": "Customers who found it easy",
    "ces_mean": "Effort, mean answer",
    "csat_mean": "Satisfaction, mean answer",
    "promoters": "Promoters",
    "passives": "Passives",
    "detractors": "Detractors",
    "index": "Index from 0 to 100",
}
_MEANS: Final = ("mean", "ces_mean", "csat_mean")


def plot_scores(
    scores: Any,  # noqa: ANN401 - any eager frame
    *,
    metric: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw a score of each group with its interval.

    Parameters
    ----------
    scores : DataFrame
        What ``satisfaction.nps``, ``csat``, ``ces`` or another call that gives tidy estimates
        returned, with groups or without.
    metric : str, optional
        Which metric to draw; the first one otherwise.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: a dot for each group, the first on top, its interval and its number of answers.
        Net promoter scores are in points, from -100 to 100.

    Raises
    ------
    DataError
        If the frame is no such result.
    ParameterError
        If it has no such metric.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"likely": [9, 10, 3, 8], "shop": ["a", "a", "b", "b"]})
    >>> plot_scores(crm.satisfaction.nps(survey, "likely", by="shop")).get_xlabel()
    'Net promoter score, points (lines: interval of 95%)'
    """
    own = admitted("scores", scores, c.ESTIMATE, c.LOW, c.HIGH, c.N, labels=(c.METRIC,))
    chosen = own[c.METRIC].to_list()[0] if metric is None else metric
    rows = own.filter(nw.col(c.METRIC) == chosen)
    if not len(rows):
        known = ", ".join(dict.fromkeys(map(str, own[c.METRIC].to_list())))
        raise ParameterError(f"scores has no metric {chosen!r}; it has {known}")
    before = rows.columns[: rows.columns.index(c.METRIC)]
    names = [", ".join(map(str, row)) for row in rows.select(*before).rows()] if before else [""]
    axes = axes_for(ax, size=(6.4, max(2.0, 0.9 + 0.36 * len(names))))
    scale = 100.0 if chosen == "nps" else 1.0
    _dots(axes, rows, np.full(len(rows), fill_value=True), scale)
    for place, n in enumerate(as_float(rows, c.N)):
        axes.annotate(
            f"n = {n:,.0f}", (1.0, place), xycoords=axes.get_yaxis_transform(), xytext=(4, 0),
            textcoords="offset points", va="center", color=MUTED, fontsize="small",
        )  # fmt: skip
    name_ticks(axes.yaxis, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    title = _title(str(chosen))
    unit = ", points" if chosen == "nps" else ""
    axes.set(xlabel=f"{title}{unit} (lines: interval of {_level(scores)})", title=title)
    _scaled(axes.xaxis, rows, str(chosen))
    return axes


def plot_change(changes: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how a score changed, with the interval of each change.

    Parameters
    ----------
    changes : DataFrame
        What ``satisfaction.change`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: a dot for each comparison, filled where the adjusted p-value says that it is more
        than chance, and a line at no change.

    Raises
    ------
    DataError
        If the frame is no such result.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"likely": [9, 10, 3, 8], "wave": [1, 1, 2, 2]})
    >>> plot_change(crm.satisfaction.change(survey, "likely", between="wave")).get_title()
    'Change in net promoter score'
    """
    numbers = (c.ESTIMATE, c.LOW, c.HIGH, "p_adjusted")
    own = admitted("changes", changes, *numbers, labels=(c.METRIC,))
    before = own.columns[: own.columns.index(c.METRIC)]
    names = [_comparison(row) for row in own.select(*before).rows()]
    axes = axes_for(ax, size=(6.4, max(2.0, 0.9 + 0.36 * len(names))))
    score = str(own[c.METRIC].to_list()[0]).removeprefix("change in ")
    alpha = 1 - _level_of(changes)
    axes.axvline(0, color=MUTED, linewidth=1)
    _dots(axes, own, as_float(own, "p_adjusted") < alpha, 100.0 if score == "nps" else 1.0)
    name_ticks(axes.yaxis, names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    title = {"nps": "net promoter score", "top": "share of best answers"}.get(score, "mean answer")
    unit = ", points" if score == "nps" else ""
    axes.set(
        xlabel=f"Change{unit} (filled: adjusted p < {alpha:.2g})",
        title=f"Change in {title}",
    )
    if score == "top":
        percent_axis(axes.xaxis)
    return axes


def _dots(axes: Axes, rows: nw.DataFrame[Any], filled: NDArray[np.bool_], scale: float) -> None:
    value, low, high = (scale * as_float(rows, name) for name in (c.ESTIMATE, c.LOW, c.HIGH))
    at = np.arange(len(value))
    axes.hlines(at, low, high, color=ACTUAL, linewidth=2, alpha=0.55)
    axes.plot(value[filled], at[filled], "o", color=ACTUAL, markersize=7)
    axes.plot(value[~filled], at[~filled], "o", color=ACTUAL, markersize=7, markerfacecolor="white")


def _title(metric: str) -> str:
    name, _, item = metric.partition(":")
    return f"{_TITLES.get(name, name)}: {item}" if item else _TITLES.get(name, name)


def _comparison(row: tuple[Any, ...]) -> str:
    *group, first, second = (str(each).removesuffix(" 00:00:00") for each in row)
    return ", ".join([*group, f"{first} → {second}"])


def _scaled(axis: Axis, rows: nw.DataFrame[Any], metric: str) -> None:
    if metric == "nps":
        return
    bounds = np.concatenate([as_float(rows, name) for name in (c.ESTIMATE, c.LOW, c.HIGH)])
    is_mean = metric.partition(":")[0] in _MEANS
    if not is_mean and np.nanmax(np.abs(bounds), initial=0.0) <= 1.0:
        percent_axis(axis)


def _level_of(frame: object) -> float:
    kept = getattr(frame, "attrs", {}).get("crmanalytics", {})
    return float(kept.get("level", 0.95)) if isinstance(kept, dict) else 0.95


def _level(frame: object) -> str:
    return f"{100 * _level_of(frame):.4g}%"
