"""Heat maps that can be read in grey: shades that grow in step, and hatches for losses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.collections import QuadMesh
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["shaded", "written"]


def shaded(axes: Axes, values: Floats) -> QuadMesh:
    """Draw a grid in shades, the darker the more; cells below zero are hatched.

    Parameters
    ----------
    axes : matplotlib Axes
        Where to draw; the first row is at the bottom.
    values : ndarray of shape (rows, columns)
        Missing ones are left blank.

    Returns
    -------
    matplotlib.collections.QuadMesh

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> mesh = shaded(axes, np.array([[1.0, -1.0]]))
    >>> len(axes.patches)
    1
    """
    from matplotlib.colors import PowerNorm
    from matplotlib.patches import Rectangle

    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    top = float(np.nanmax(values, initial=0.0))
    # the root keeps small cells apart beside a giant; the darkest blues would swallow the text
    norm = PowerNorm(0.5, vmin=0.0, vmax=1.5 * top if top > 0 else 1.0)
    mesh = axes.pcolormesh(
        np.ma.masked_invalid(np.where(values < 0, 0.0, values)),
        cmap="Blues",
        norm=norm,
        edgecolors="white",
        linewidth=2,
    )
    for row, column in np.argwhere(values < 0).tolist():
        axes.add_patch(
            Rectangle(
                (column, row), 1, 1, facecolor="#fbe3d6", edgecolor="#D55E00", hatch="//", lw=0
            )
        )
    return mesh


def written(
    axes: Axes, mesh: QuadMesh, cell: Sequence[int], text: str, size: str = "small"
) -> None:
    """Write into a cell, dark on light shades and light on dark ones.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> axes = Figure().subplots()
    >>> written(axes, shaded(axes, np.array([[1.0]])), (0, 0), "12k")
    >>> axes.texts[0].get_position()
    (0.5, 0.5)
    """
    shade = mesh.get_array()[cell[0], cell[1]]  # type: ignore[index] # the grid that was drawn
    red, green, blue, _ = mesh.to_rgba(shade)
    light = 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5
    note = axes.text(
        cell[1] + 0.5,
        cell[0] + 0.5,
        text,
        ha="center",
        va="center",
        color="#111111" if light else "#fefefe",
        fontsize=size,
    )
    if text.lstrip().startswith("-"):
        note.set_bbox({"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85})
