"""Charts of composite indices: how sure ranks are, and which choice they depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, MUTED, axes_for, percent_axis
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_choices", "plot_ranks"]

_MOST = 60


def plot_ranks(
    uncertainty: Any,  # noqa: ANN401 - any eager frame
    *,
    top: int | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the rank of each row with the ranks that other choices would have given it.

    Parameters
    ----------
    uncertainty : DataFrame
        What ``satisfaction.composite_uncertainty`` returned.
    top : int, optional
        Only so many of the best; up to 60 of them otherwise.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, the best rank on top: a dot for the published rank, a tick for the median, a line
        for the interval.

    Raises
    ------
    DataError
        If the frame is no such result, or no row has a rank.
    ParameterError
        If `top` is no positive number.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> shops = pd.DataFrame({"praise": [9.0, 7.0, 4.0], "wait": [12.0, 3.0, 8.0]})
    >>> found = crm.satisfaction.composite_uncertainty(
    ...     shops,
    ...     crm.satisfaction.composite_plan(["praise", "wait"], costs=["wait"]),
    ...     crm.satisfaction.CompositeChoices(weight_noise=0.3),
    ...     draws=50,
    ...     seed=1,
    ... )
    >>> crm.plots.plot_ranks(found).get_xlabel()
    'Rank (1 is best)'
    """
    if top is not None and top < 1:
        raise ParameterError(f"top must be 1 or more, not {top!r}")
    numbers = ("index_rank", "rank_median", "rank_low", "rank_high")
    own = admitted("uncertainty", uncertainty, *numbers)
    ranks = as_float(own, "index_rank")
    order = np.argsort(ranks, kind="stable")[: int(np.isfinite(ranks).sum())]
    if not len(order):
        raise InvalidValuesError("uncertainty has no row with a rank: there is nothing to draw")
    order = order[: min(top or _MOST, len(order))]
    names = _names(own.columns[0], [own[own.columns[0]][int(k)] for k in order])
    rank, middle, low, high = (as_float(own, name)[order] for name in numbers)
    axes = axes_for(ax, size=(6.4, 1.4 + 0.2 * len(order)))
    rows = np.arange(len(order))
    axes.hlines(rows, low, high, color=ACTUAL, linewidth=4, alpha=0.3, label="interval of ranks")
    axes.plot(middle, rows, "|", color=ACTUAL, markersize=9, markeredgewidth=2, label="median")
    axes.plot(rank, rows, "o", color=EXPECTED, markersize=4, label="as published")
    axes.set(
        yticks=rows,
        yticklabels=names,
        ylim=(len(rows) - 0.4, -0.6),
        xlabel="Rank (1 is best)",
        title="Ranks, had the index been made otherwise",
    )
    axes.tick_params(axis="y", labelsize="small", length=0)
    axes.grid(axis="x", color="#e6e6e6")
    axes.set_axisbelow(True)
    axes.legend(frameon=False, loc="lower left", fontsize="small")
    return axes


def _names(column: str, labels: list[Any]) -> list[str]:
    """Return names of rows; positions say that they are such."""
    places = column == "row" and all(isinstance(each, int | np.integer) for each in labels)
    return [f"row {each}" if places else str(each) for each in labels]


def plot_choices(
    sensitivity: Any,  # noqa: ANN401 - any eager frame
    *,
    output: str = "ranks",
    ax: Axes | None = None,
) -> Axes:
    """Draw how much of the uncertainty of ranks each choice is responsible for.

    Parameters
    ----------
    sensitivity : DataFrame
        What ``satisfaction.composite_sensitivity`` returned.
    output : str
        Whose shares: ``"ranks"``, ``"mean shift"``, or the rank of a row.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, the choice that matters most on top: its share alone, and with all interactions,
        each with its interval.

    Raises
    ------
    DataError
        If the frame is no such result.
    ParameterError
        If it has no such output.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> shops = pd.DataFrame({"praise": [9.0, 7.0, 4.0], "wait": [12.0, 3.0, 8.0]})
    >>> found = crm.satisfaction.composite_sensitivity(
    ...     shops,
    ...     crm.satisfaction.composite_plan(["praise", "wait"], costs=["wait"]),
    ...     crm.satisfaction.CompositeChoices(weight_noise=0.3, leave_out=True),
    ...     draws=50,
    ...     seed=1,
    ... )
    >>> crm.plots.plot_choices(found).get_title()
    'Which choice ranks depend on'
    """
    labels = ("output", "factor", c.METRIC)
    own = admitted("sensitivity", sensitivity, c.ESTIMATE, c.LOW, c.HIGH, labels=labels)
    known = list(dict.fromkeys(map(str, own["output"].to_list())))
    one_of("output", output, known)
    own = own.filter(nw.col("output") == output)
    whole = own.filter(nw.col(c.METRIC) == "total")
    totals = dict(zip(whole["factor"].to_list(), as_float(whole, c.ESTIMATE).tolist(), strict=True))
    order = sorted(totals, key=lambda name: -totals[name])
    axes = axes_for(ax, size=(6.4, 1.5 + 0.55 * len(order)))
    for metric, shift, colour, mark, label in (
        ("total", -0.12, ACTUAL, "o", "with all interactions"),
        ("first_order", 0.12, EXPECTED, "s", "alone"),
    ):
        part = own.filter(nw.col(c.METRIC) == metric)
        rows = np.array([order.index(str(name)) for name in part["factor"].to_list()]) + shift
        low, high = as_float(part, c.LOW), as_float(part, c.HIGH)
        axes.hlines(rows, low, high, color=colour, linewidth=2, alpha=0.5)
        axes.plot(as_float(part, c.ESTIMATE), rows, mark, color=colour, label=label)
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.set(
        yticks=range(len(order)),
        yticklabels=order,
        ylim=(len(order) - 0.5, -0.5),
        xlabel=f"Share of the variance of {'all ranks' if output == 'ranks' else 'the ' + output}",
        title="Which choice ranks depend on",
    )
    percent_axis(axes.xaxis)
    axes.legend(frameon=False, loc="lower right")
    return axes
