"""A treemap: segments as rectangles whose areas are their shares."""

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
    Box = tuple[float, float, float, float]

__all__ = ["plot_treemap", "squarified"]

_WIDTH, _HEIGHT = 16.0, 10.0
_LEAST = 5.5


def plot_treemap(
    profile: Any,  # noqa: ANN401 - any eager frame
    label: str = "segment",
    *,
    area: str = "customers",
    shade: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw segments as rectangles: the area says how large they are, the shade what they are worth.

    Parameters
    ----------
    profile : DataFrame
        One row per segment: what ``rfm.profile``, ``segments.tier_profile`` or
        ``segments.cluster_profile`` returned.
    label : str
        The column of names.
    area : str
        Column for the areas; no value may be negative.
    shade : str, optional
        Column for the shades, the darker the more; without it all are alike.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; a segment too small for its name has none.

    Raises
    ------
    DataError
        If columns are missing, an area is negative, or all are zero.

    References
    ----------
    Bruls, M., Huizing, K. and van Wijk, J. J. (2000), "Squarified treemaps", Data Visualization
    2000, 33-42.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> profile = pd.DataFrame({"segment": ["Best", "Rest"], "customers": [20, 80]})
    >>> len(plot_treemap(profile).patches)
    2
    """
    numbers = (area,) if shade is None else (area, shade)
    own = admitted("profile", profile, *numbers, labels=(label,))
    sizes = np.nan_to_num(as_float(own, area))
    if (sizes < 0).any() or not sizes.sum() > 0:
        raise InvalidValuesError(f"profile[{area!r}] must not be negative, nor all zero.")
    order = [k for k in np.argsort(-sizes, kind="stable") if sizes[k] > 0]
    tone = _tones(None if shade is None else as_float(own, shade), len(sizes))
    names = [str(each) for each in own[label].to_list()]
    axes = axes_for(ax, size=(6.4, 4.2))
    axes.spines[:].set_visible(False)
    boxes = squarified(sizes[order] / sizes.sum(), (0.0, 0.0, _WIDTH, _HEIGHT))
    for k, box in zip(order, boxes, strict=True):
        _draw(axes, box, f"{names[k]}\n{sizes[k] / sizes.sum():.1%}", tone[k])
    title = f"Area: {area.replace('_', ' ')}"
    if shade is not None:
        title += f"; the darker, the more {shade.replace('_', ' ')}"
    axes.set(xlim=(0, _WIDTH), ylim=(_HEIGHT, 0), xticks=[], yticks=[], title=title)
    return axes


def squarified(shares: Floats, box: Box) -> list[Box]:
    """Divide a rectangle by shares, largest first, into rectangles that are nearly square.

    Examples
    --------
    >>> squarified(np.array([0.5, 0.5]), (0.0, 0.0, 2.0, 1.0))
    [(0.0, 0.0, 1.0, 1.0), (1.0, 0.0, 1.0, 1.0)]
    """
    left, top, width, height = box
    areas = [float(x) for x in shares / shares.sum() * width * height]
    found: list[Box] = []
    while areas:
        short = min(width, height)
        count = 1
        while count < len(areas):
            if _worst(areas[: count + 1], short) > _worst(areas[:count], short):
                break
            count += 1
        row, areas = areas[:count], areas[count:]
        depth = sum(row) / short
        at = 0.0
        for each in row:
            side = each / depth
            lying = width >= height
            found.append((left, top + at, depth, side) if lying else (left + at, top, side, depth))
            at += side
        if width >= height:
            left, width = left + depth, width - depth
        else:
            top, height = top + depth, height - depth
    return found


def _worst(row: list[float], short: float) -> float:
    depth = sum(row) / short
    return max(max(depth**2 / each, each / depth**2) for each in row)


def _tones(values: Floats | None, count: int) -> Floats:
    if values is None:
        return np.full(count, 0.25)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    share = (values - low) / (high - low) if high > low else np.full(count, 0.5)
    return 0.08 + 0.72 * np.nan_to_num(share)


def _draw(axes: Axes, box: Box, text: str, tone: float) -> None:
    from matplotlib import colormaps
    from matplotlib.patches import Rectangle

    left, top, width, height = box
    colour = colormaps["Blues"](tone)
    axes.add_patch(Rectangle((left, top), width, height, facecolor=colour, edgecolor="white", lw=2))
    size, shown, angle = max(_fitted(text, width, height), _fitted(text, height, width, 90.0))
    if size >= _LEAST:
        ink = "white" if tone > 0.55 else "#111111"
        middle = (left + width / 2, top + height / 2)
        axes.text(
            *middle, shown, ha="center", va="center", color=ink, fontsize=size, rotation=angle
        )


def _fitted(text: str, width: float, height: float, angle: float = 0.0) -> tuple[float, str, float]:
    """Return the largest size at which a text fits, its words in one line or in several."""
    tries = (text, text.replace(" ", "\n"))
    found = []
    for rank, each in enumerate(tries):
        lines = each.split("\n")
        room = min(30.0 * width / max(map(len, lines)), 20.0 * height / len(lines))
        # lying text in one line is easier to read: it wins where it fits as well
        found.append((min(11.0, room) - 0.3 * rank - (0.5 if angle else 0.0), each, angle))
    return max(found)
