"""What charts of tidy estimates share: one group, one metric, names down the side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    _Box = tuple[float, float, float, float]

__all__ = ["bars_with_intervals", "label_points", "name_ticks", "of_metric", "shorten"]

#: About what a character and a line of small print take up, in inches.
_LETTER, _LINE = 0.075, 0.15


def of_metric(
    frame: str,
    given: Any,  # noqa: ANN401 - any eager frame
    metric: str,
    key: str,
    *others: str,
) -> nw.DataFrame[Any]:
    """Return the rows of one metric, one per thing.

    Parameters
    ----------
    frame : str
        What the argument is called, for messages.
    given : DataFrame
        Tidy estimates.
    metric : str
        Which metric.
    key : str
        Column that says what a row is about.
    *others : str
        Further columns that must be there.

    Returns
    -------
    narwhals.DataFrame
        The rows.

    Raises
    ------
    DataError
        If columns or the metric are missing, or a thing appears twice: there are groups.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"driver": ["a"], "metric": ["lmg"], "estimate": [0.2]})
    >>> table[["low", "high"]] = 0.1, 0.3
    >>> of_metric("found", table, "lmg", "driver")["estimate"].to_list()
    [0.2]
    """
    own = admitted(frame, given, c.ESTIMATE, c.LOW, c.HIGH, labels=(key, c.METRIC, *others))
    rows = own.filter(nw.col(c.METRIC) == metric)
    if not len(rows):
        known = ", ".join(map(repr, dict.fromkeys(own[c.METRIC].to_list())))
        raise ParameterError(f"{frame} has no metric {metric!r}; it has {known}")
    if rows.select(key, *others).is_duplicated().any():
        raise InvalidValuesError(
            f"{frame} has several rows of one {key!r}: choose one group of it, a chart for each"
        )
    return rows


def bars_with_intervals(
    axes: Axes,
    names: Sequence[str],
    rows: nw.DataFrame[Any],
    colours: Any,  # noqa: ANN401 - one colour or several
) -> None:
    """Draw a bar for each name, the first one on top, with its interval where it has one.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> rows = nw.from_dict({"estimate": [1.0], "low": [0.5], "high": [2.0]}, backend="pandas")
    >>> bars_with_intervals(axes, ["staff"], rows, "grey")
    >>> [each.get_text() for each in axes.get_yticklabels()]
    ['staff']
    """
    at = np.arange(len(names))
    value, low, high = (as_float(rows, name) for name in (c.ESTIMATE, c.LOW, c.HIGH))
    axes.barh(at, value, color=colours, height=0.7)
    known = ~np.isnan(low + high)
    if known.any():
        axes.hlines(at[known], low[known], high[known], color="black", linewidth=1.2)
        for ends in (low, high):
            axes.plot(ends[known], at[known], "|", color="black", markersize=7)
    name_ticks(axes.yaxis, names)
    axes.invert_yaxis()


def name_ticks(axis: Axis, names: Sequence[str]) -> None:
    """Write names along an axis.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> name_ticks(axes.xaxis, ["a", "b"])
    >>> axes.get_xticks().tolist()
    [0, 1]
    """
    axis.set_ticks(list(range(len(names))), [shorten(name) for name in names])
    axis.set_tick_params(length=0)


def shorten(name: str, most: int = 28) -> str:
    """Return a name that a chart has room for.

    Examples
    --------
    >>> shorten("How satisfied are you with the staff at our branches?")
    'How satisfied are you with…'
    """
    text = str(name)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def label_points(axes: Axes, names: Sequence[str], x: Floats, y: Floats) -> None:
    """Write names beside points, so that they cover neither each other nor points.

    Limits of the axes must be set before. Labels go to the first free place around their point.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> label_points(axes, ["a", "b"], np.array([0.2, 0.2]), np.array([0.5, 0.51]))
    >>> len(axes.texts)
    2
    """
    fraction = axes.transData + axes.transAxes.inverted()
    at = fraction.transform(np.column_stack([x, y]))
    extent = axes.get_window_extent()
    dpi = axes.figure.dpi
    size = max(extent.width / dpi, 0.1), max(extent.height / dpi, 0.1)
    high = _LINE / size[1]
    taken: list[_Box] = [(px, py, px, py) for px, py in at.tolist()]
    for name, (px, py) in zip(names, at.tolist(), strict=True):
        wide = _LETTER * len(name) / size[0]
        boxes = list(_around(px, py, wide, high))
        inside = [b for b in boxes if min(b[:2]) >= 0 and max(b[2:]) <= 1] or boxes
        free = [b for b in inside if not any(_meet(b, other) for other in taken)]
        box = (free or inside)[0]
        taken.append(box)
        right = box[0] >= px
        axes.text(
            box[0] if right else box[2],
            (box[1] + box[3]) / 2,
            name,
            ha="left" if right else "right",
            va="center",
            fontsize="small",
            transform=axes.transAxes,
        )


def _around(x: float, y: float, wide: float, high: float) -> Iterator[_Box]:
    """Yield places for a label around a point, the nearest first: left, bottom, right, top."""
    for step in range(1, 8):
        for up in (step - 0.5, -step - 0.5) if step > 1 else (0.3, -1.3):
            for left in (x + 0.012, x - 0.012 - wide):
                yield left, y + up * high, left + wide, y + (up + 1) * high


def _meet(one: _Box, other: _Box) -> bool:
    apart = one[2] < other[0] or other[2] < one[0] or one[3] < other[1] or other[3] < one[1]
    return not apart
