"""Heat maps: the RFM map and the cohort triangle; and the segments in figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float, as_numpy
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, axes_for, compact, percent_axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["plot_retention", "plot_rfm_map", "plot_segments"]

_WORDS = {c.R_SCORE: "Recency", c.F_SCORE: "Frequency", c.M_SCORE: "Money"}
_ENDS = {
    c.R_SCORE: ("long ago", "recently"),
    c.F_SCORE: ("rarely", "often"),
    c.M_SCORE: ("little", "much"),
}


def plot_rfm_map(grid: Any, *, currency: str = "", ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw customers and money per cell of two scores.

    Parameters
    ----------
    grid : DataFrame
        What ``rfm.grid`` returned.
    currency : str
        What to write before an amount of money.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: the lighter a cell, the more money (by its square root); the figures are its
        customers and its money.

    Raises
    ------
    DataError
        If the frame is no such grid.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> customers = crm.summarize(crm.datasets.load_cdnow_sample(), until="1998-06-30")
    >>> ax = crm.plots.plot_rfm_map(crm.rfm.grid(crm.rfm.score(customers)))
    >>> ax.get_xlabel()
    'Recency score (1 = long ago, 5 = recently)'
    """
    own = admitted("grid", grid, "customers", "sum")
    scores = [name for name in own.columns if name in _WORDS]
    if len(scores) != 2:
        raise InvalidValuesError("grid must have two columns of scores: see rfm.grid.")
    axes = axes_for(ax, size=(6.4, 4.6))
    down, across = (as_numpy(own, name).astype(int) for name in scores)
    shape = (down.max(), across.max())
    money, count = np.full(shape, np.nan), np.zeros(shape)
    money[down - 1, across - 1] = as_float(own, "sum")
    count[down - 1, across - 1] = as_float(own, "customers")
    money[count == 0] = np.nan
    mesh = _mesh(axes, money, power=0.5)
    for (row, column), customers in np.ndenumerate(count):
        if customers:
            text = f"{customers:,.0f}\n{currency}{compact(float(money[row, column]))}"
            _write(axes, mesh, (row, column), text)
    for axis, name, size in (("y", scores[0], shape[0]), ("x", scores[1], shape[1])):
        low, high = _ENDS[name]
        axes.set(
            **{
                f"{axis}label": f"{_WORDS[name]} score (1 = {low}, {size} = {high})",
                f"{axis}ticks": np.arange(size) + 0.5,
                f"{axis}ticklabels": range(1, size + 1),
            }
        )
    axes.set_title("Customers (above) and their revenue (below) by score")
    return axes


def plot_retention(triangle: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - a pandas frame
    """Draw which share of each cohort bought again after one, two, ... periods.

    Parameters
    ----------
    triangle : pandas.DataFrame
        What ``cohorts.triangle`` returned for a pandas frame: cohorts down, periods across.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. The first period, which is 100% by definition, is left out.

    Raises
    ------
    DataError
        If there is no later period.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> followed = crm.cohorts.retention(crm.datasets.load_cdnow_sample())
    >>> crm.plots.plot_retention(crm.cohorts.triangle(followed)).get_ylabel()
    'Month of first purchase'
    """
    values = np.asarray(triangle.to_numpy(), dtype=float)[:, 1:]
    seen = np.isfinite(values).any(axis=1)
    if not seen.any():
        raise InvalidValuesError(
            "triangle has no period after the first: there is nothing to draw."
        )
    values = values[seen]
    starts = np.asarray(triangle.index.to_numpy())[seen].astype("M8[D]")
    periods = values.shape[1]
    size = (max(6.4, 1.3 + 0.42 * periods), 1.6 + 0.32 * len(values))
    axes = axes_for(ax, size=size)
    mesh = _mesh(axes, values)
    for (row, column), rate in np.ndenumerate(values):
        if np.isfinite(rate) and periods <= 24:
            _write(axes, mesh, (row, column), f"{100 * rate:.0f}", size="small")
    monthly = bool((starts == starts.astype("M8[M]").astype("M8[D]")).all())
    axes.invert_yaxis()
    every = np.arange(0, periods, 1 + periods // 25)
    axes.set(
        xlabel=f"{'Months' if monthly else 'Periods'} after the first purchase",
        ylabel=f"{'Month' if monthly else 'Period'} of first purchase",
        title="Customers who came back, % of the cohort",
        xticks=every + 0.5,
        xticklabels=every + 1,
        yticks=np.arange(len(starts)) + 0.5,
        yticklabels=[str(day)[: 7 if monthly else 10] for day in starts],
    )
    return axes


def plot_segments(profile: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw each segment's share of customers beside its share of the revenue.

    Parameters
    ----------
    profile : DataFrame
        What ``rfm.profile`` returned: segment, share, revenue_share.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with the segment of most revenue on top.

    Raises
    ------
    DataError
        If the frame is no such profile.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> customers = crm.summarize(crm.datasets.load_cdnow_sample(), until="1998-06-30")
    >>> segments = crm.rfm.profile(crm.rfm.segment(crm.rfm.score(customers)))
    >>> crm.plots.plot_segments(segments).get_title()
    'Share of customers and of revenue'
    """
    own = admitted("profile", profile, "share", "revenue_share", labels=("segment",))
    axes = axes_for(ax, size=(6.4, 1.4 + 0.42 * len(own)))
    shares = [np.nan_to_num(as_float(own, name)) for name in ("share", "revenue_share")]
    order = np.argsort(shares[1], kind="stable")
    place = np.arange(len(order))
    for values, shift, colour, hatch, label in (
        (shares[1], 0.2, ACTUAL, "", "share of revenue"),
        (shares[0], -0.2, EXPECTED, "///", "share of customers"),
    ):
        bars = axes.barh(
            place + shift,
            values[order],
            0.38,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.5,
            label=label,
        )
        axes.bar_label(bars, [f"{x:.0%}" for x in values[order]], padding=2, fontsize="small")
    names = np.array(own["segment"].to_list())[order]
    axes.set(yticks=place, yticklabels=names, title="Share of customers and of revenue")
    axes.margins(x=0.1)
    percent_axis(axes.xaxis)
    axes.legend(frameon=False, loc="lower right")
    return axes


def _mesh(axes: Axes, values: Floats, *, power: float = 1.0) -> QuadMesh:
    """Draw a heat map in colours that grow lighter in step with the value, in grey as well."""
    from matplotlib.colors import PowerNorm

    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    floor = min(0.0, float(np.nanmin(values)))
    top = float(np.nanmax(values))
    return axes.pcolormesh(
        np.ma.masked_invalid(values),
        cmap="cividis",
        norm=PowerNorm(power, vmin=floor, vmax=top if top > floor else floor + 1.0),
        edgecolors="white",
        linewidth=1,
    )


def _write(
    axes: Axes, mesh: QuadMesh, cell: Sequence[int], text: str, size: str = "medium"
) -> None:
    """Write into a cell, dark on light colours and light on dark ones."""
    colour = np.array(mesh.to_rgba(mesh.get_array()[cell[0], cell[1]])[:3])  # type: ignore[index]
    linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
    # where black and white stand out alike (relative luminance of the WCAG)
    light = float(linear @ [0.2126, 0.7152, 0.0722]) > 0.179
    axes.text(
        cell[1] + 0.5,
        cell[0] + 0.5,
        text,
        ha="center",
        va="center",
        color="#000000" if light else "#fefefe",
        fontsize=size,
    )
