"""A two-way matrix as a picture: each customer by both columns, with the field as mark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from crmanalytics.frames import as_float, as_numpy
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import axes_for, thousands_axis

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["Spread", "borders", "plot_quadrant", "point_size", "scatter_fields"]

Spread = Literal["linear", "log", "symlog"]

#: Colours and marks that remain apart for colour-blind eyes and in grey (Okabe and Ito).
_COLOURS: Final = ("#D55E00", "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#666666")
_MARKS: Final = ("o", "^", "s", "D", "v", "P", "X")


def plot_quadrant(
    matrix: Any,  # noqa: ANN401 - any eager frame
    up: str,
    across: str,
    *,
    name: str = "field",
    up_scale: Spread = "linear",
    across_scale: Spread = "linear",
    ax: Axes | None = None,
) -> Axes:
    """Draw each customer in a two-way matrix, with lines where the levels meet.

    Parameters
    ----------
    matrix : DataFrame
        What ``decisions.two_way`` or one of the ready-made matrices returned.
    up, across : str
        The two columns it was made of. Customers without a value are counted in the legend, not
        drawn.
    name : str
        The column of fields, such as ``"portfolio"``.
    up_scale, across_scale : {"linear", "log", "symlog"}
        Scales of the axes; money is easier to read on a logarithmic one.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the legend lists the most urgent field first.

    Raises
    ------
    DataError
        If the frame is no such matrix or has no rows.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> customers = pd.DataFrame({"total": [90.0, 70.0, 5.0], "growth": [0.5, -0.1, -0.3]})
    >>> portfolio = crm.decisions.growth_portfolio(customers, value_from=50.0)
    >>> crm.plots.plot_quadrant(portfolio, "total", "growth", name="portfolio").get_xlabel()
    'Growth'
    """
    levels = (f"{up}_level", f"{across}_level")
    own = admitted("matrix", matrix, up, across, f"{name}_priority", labels=(*levels, name))
    axes = axes_for(ax, size=(7.6, 4.6))
    values = as_float(own, across), as_float(own, up)
    fields, urgency = as_numpy(own, name), as_float(own, f"{name}_priority")
    ranked = [str(x) for x in dict.fromkeys(fields[np.argsort(urgency, kind="stable")].tolist())]
    scatter_fields(axes, *values, fields, ranked)
    for line, kept, level in (
        (axes.axhline, values[1], levels[0]),
        (axes.axvline, values[0], levels[1]),
    ):
        for at in borders(kept, as_numpy(own, level)):
            line(at, color="black", linewidth=0.8)
    axes.set(xlabel=_words(across), ylabel=_words(up), xscale=across_scale, yscale=up_scale)
    for scale, axis in ((across_scale, axes.xaxis), (up_scale, axes.yaxis)):
        if scale == "linear":
            thousands_axis(axis)
    axes.set_title(f"{_words(up)} by {across.replace('_', ' ')}")
    axes.legend(
        title=f"{_words(name)} (customers)",
        loc="upper left",
        bbox_to_anchor=(1, 1),
        frameon=False,
        markerscale=max(1.0, 6.0 / point_size(len(own)) ** 0.5),
    )
    return axes


def scatter_fields(
    axes: Axes,
    across: Floats,
    up: Floats,
    fields: NDArray[Any],
    order: Sequence[str],
    colours: Sequence[str] = _COLOURS,
) -> None:
    """Draw points field by field, each in its colour and mark.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> at = np.array([1.0, 2.0])
    >>> scatter_fields(axes, at, at, np.array(["dog", "star"]), ["star", "dog"])
    >>> [each.get_label() for each in axes.collections]
    ['star (1)', 'dog (1)']
    """
    drawn = np.isfinite(across) & np.isfinite(up)
    size = point_size(len(across))
    for place, field in enumerate(order):
        inside = fields == field
        axes.scatter(
            across[inside & drawn],
            up[inside & drawn],
            s=size,
            c=colours[place % len(colours)],
            marker=_MARKS[place % len(_MARKS)],
            label=f"{field} ({int(inside.sum()):,})",
            alpha=0.7,
            linewidths=0,
            rasterized=len(across) > 5_000,
        )


def point_size(customers: int) -> float:
    """Return the area of a point: the more customers, the smaller.

    Examples
    --------
    >>> point_size(100), point_size(10_000)
    (40.0, 4.0)
    """
    return float(np.clip(20_000 / max(customers, 1), 4.0, 40.0))


def borders(values: Floats, levels: NDArray[Any]) -> list[float]:
    """Return the lowest value of each level but the lowest.

    Examples
    --------
    >>> borders(np.array([1.0, 5.0, 7.0]), np.array(["low", "high", "high"]))
    [5.0]
    """
    known = ~np.isnan(values)
    lowest = [float(values[known & (levels == x)].min()) for x in np.unique(levels[known])]
    return sorted(lowest)[1:]


def _words(column: str) -> str:
    text = column.replace("_", " ")
    return text[:1].upper() + text[1:]
