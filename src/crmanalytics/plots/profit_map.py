"""Profit by two dimensions of a cube, as a heat map with losses hatched."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float, as_numpy
from crmanalytics.plots.results import admitted
from crmanalytics.plots.shades import shaded, written
from crmanalytics.plots.style import axes_for, compact

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["label_text", "plot_profit_map"]

_RATIOS = ("_share", "margin", "productivity", "risk")
_MOST_WORDS = 16


def plot_profit_map(
    found: Any,  # noqa: ANN401 - any eager frame
    down: str,
    across: str,
    *,
    measure: str = "profit",
    most: int = 20,
    ax: Axes | None = None,
) -> Axes:
    """Draw where money is earned and lost, by two dimensions of a cube.

    Parameters
    ----------
    found : DataFrame
        What ``profitability.cube`` returned, with the two dimensions together among its sets.
    down, across : str
        The two dimensions.
    measure : str
        The column to draw.
    most : int
        How many labels of each dimension to draw at most: those of the largest revenue, except
        that all dates are kept.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; the darker a cell the more, and cells below zero are hatched.

    Raises
    ------
    DataError
        If the cube lacks the columns or this combination of dimensions.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> log = pd.DataFrame(
    ...     {"region": ["north", "south"], "channel": ["web", "shop"], "amount": [9.0, 5.0]}
    ... ).assign(cost=[4.0, 6.0])
    >>> found = crm.profitability.cube(log, ["region", "channel"], costs="cost")
    >>> crm.plots.plot_profit_map(found, "region", "channel").get_title()
    'Profit by region and channel'
    """
    own = admitted("found", found, measure, "revenue", labels=("grouping",))
    wanted = {f"{down} x {across}", f"{across} x {down}"}
    rows = np.flatnonzero(np.isin(as_numpy(own, "grouping").astype(str), list(wanted)))
    if not len(rows):
        raise InvalidValuesError(f"found has no rows of the grouping {down} x {across}.")
    part = own[rows.tolist()]
    money = as_float(part, "revenue")
    places = [_placed(part[name].to_list(), money, most) for name in (down, across)]
    grid = np.full([len(labels) for _, labels in places], np.nan)
    for row, column, value in zip(places[0][0], places[1][0], as_float(part, measure), strict=True):
        if row >= 0 and column >= 0:
            grid[row, column] = value
    grid = grid[::-1]  # the first label on top
    size = (1.6 + 0.62 * grid.shape[1], 1.4 + 0.36 * grid.shape[0])
    axes = axes_for(ax, size=(max(6.4, size[0]), max(2.8, size[1])))
    mesh = shaded(axes, grid)
    ratio = measure.endswith(_RATIOS)
    if grid.shape[1] <= _MOST_WORDS:
        for cell, value in np.ndenumerate(grid):
            if np.isfinite(value):
                written(axes, mesh, cell, f"{value:.0%}" if ratio else compact(float(value)))
    names = [labels for _, labels in places]
    crowded = sum(map(len, names[1])) > 9 * size[0]
    axes.set(
        xticks=np.arange(grid.shape[1]) + 0.5,
        yticks=np.arange(grid.shape[0]) + 0.5,
        yticklabels=names[0][::-1],
        title=f"{measure.replace('_', ' ').capitalize()} by {down} and {across}",
    )
    axes.set_xticklabels(names[1], rotation=90 if crowded else 0)
    return axes


def _placed(
    labels: list[Any], money: NDArray[np.float64], most: int
) -> tuple[list[int], list[str]]:
    """Return where each row's label is among those drawn, or -1; and what they are called."""
    sums: dict[Any, float] = {}
    for label, amount in zip(labels, money.tolist(), strict=True):
        sums[label] = sums.get(label, 0.0) + amount
    dated = all(hasattr(label, "isoformat") for label in sums)
    order = (
        sorted(sums) if dated else sorted(sums, key=lambda each: (-sums[each], str(each)))[:most]
    )
    where = {label: place for place, label in enumerate(order)}
    texts = [label_text(x) for x in order]
    if dated and all(text.endswith("-01") for text in texts):
        texts = [text[:7] for text in texts]
    return [where.get(label, -1) for label in labels], texts


def label_text(label: Any) -> str:  # noqa: ANN401 - a label of any kind
    """Write a label of a cube for a reader.

    Examples
    --------
    >>> label_text("north"), label_text(None)
    ('north', '(none)')
    """
    if hasattr(label, "isoformat"):
        return str(label.isoformat())[:10]
    return "(none)" if label is None or label != label else str(label)  # noqa: PLR0124 - NaN
