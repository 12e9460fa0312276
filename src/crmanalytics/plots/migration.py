"""Migration as flows: from the segments of one day to those of another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["plot_migration"]

_GAP = 0.03
_BAR = 0.04


def plot_migration(
    moves: Any,  # noqa: ANN401 - any eager frame
    *,
    size: str = "count",
    ax: Axes | None = None,
) -> Axes:
    """Draw customers, or their money, as bands that flow from segment to segment.

    Parameters
    ----------
    moves : DataFrame
        What ``segments.migration`` returned.
    size : str
        What the width of a band is: "count", "value_before" or "value_after".
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: before to the left, after to the right. A band has the colour of the segment that
        it comes from; those who stay are drawn dense, those who move pale.

    Raises
    ------
    DataError
        If columns are missing, a width is negative, or all are zero.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> moves = pd.DataFrame(
    ...     {"from_state": ["a", "a"], "to_state": ["a", "b"], "count": [80, 20]}
    ... )
    >>> plot_migration(moves).get_title()
    'Migration, count'
    """
    own = admitted("moves", moves, size, labels=("from_state", "to_state"))
    frm, to = (own[name].to_list() for name in ("from_state", "to_state"))
    states = list(dict.fromkeys([*frm, *to]))
    flow = np.zeros((len(states), len(states)))
    places = [(states.index(a), states.index(b)) for a, b in zip(frm, to, strict=True)]
    np.add.at(flow, tuple(np.array(places).T), np.nan_to_num(as_float(own, size)))
    if (flow < 0).any() or not flow.sum() > 0:
        raise InvalidValuesError(f"moves[{size!r}] must not be negative, nor all zero.")
    flow /= flow.sum()
    axes = axes_for(ax, size=(6.8, 5.0))
    axes.spines[:].set_visible(False)
    colours = _colours(len(states))
    starts = [_stack(flow.sum(axis=1)), _stack(flow.sum(axis=0))]
    for side, totals in enumerate((flow.sum(axis=1), flow.sum(axis=0))):
        for k, total in enumerate(totals):
            if total > 0:
                _bar(axes, side, starts[side][k], total, str(states[k]), colours[k])
    left, right = starts[0].copy(), starts[1].copy()
    for (i, j), width in np.ndenumerate(flow):
        if width > 0:
            _band(axes, float(left[i]), float(right[j]), width, colours[i], dense=i == j)
            left[i] += width
            right[j] += width
    lowest = max(starts[0][-1] + flow.sum(axis=1)[-1], starts[1][-1] + flow.sum(axis=0)[-1])
    axes.set(
        xlim=(-0.42, 1.42),
        ylim=(lowest + 0.01, -0.01),
        xticks=[0, 1],
        xticklabels=["before", "after"],
        yticks=[],
        title=f"Migration, {size.replace('_', ' ')}",
    )
    axes.tick_params(length=0)
    return axes


def _stack(totals: Floats) -> Floats:
    gaps = _GAP * (totals > 0)
    return np.concatenate([[0.0], np.cumsum(totals + gaps)[:-1]])


def _colours(count: int) -> Any:  # noqa: ANN401 - colours of matplotlib
    from matplotlib import colormaps

    return colormaps["cividis"](np.linspace(0.0, 0.92, count))


def _bar(axes: Axes, side: int, start: float, total: float, name: str, colour: Any) -> None:  # noqa: ANN401 - a colour of matplotlib; private
    from matplotlib.patches import Rectangle

    left = -_BAR if side == 0 else 1.0
    axes.add_patch(Rectangle((left, start), _BAR, total, facecolor=colour, edgecolor="none"))
    axes.text(
        -_BAR - 0.02 if side == 0 else 1.0 + _BAR + 0.02,
        start + total / 2,
        f"{name} {total:.1%}",
        ha="right" if side == 0 else "left",
        va="center",
        fontsize="small",
    )


def _band(axes: Axes, left: float, right: float, width: float, colour: Any, *, dense: bool) -> None:  # noqa: ANN401 - a colour of matplotlib
    across = np.linspace(0.0, 1.0, 41)
    ease = across**2 * (3 - 2 * across)
    top = left + (right - left) * ease
    axes.fill_between(
        across, top, top + width, color=colour, alpha=0.85 if dense else 0.4, linewidth=0
    )
