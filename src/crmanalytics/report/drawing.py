"""Charts as text: SVG that stands in the page, in the colours of the page, the same every time."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

from crmanalytics.plots.style import ACTUAL, EXPECTED, MUTED
from crmanalytics.report.parts import Chart

if TYPE_CHECKING:
    from collections.abc import Callable

    from matplotlib.axes import Axes

__all__ = ["draw"]

_INK: Final = "#101214"  # a colour that no chart uses on purpose, to be told apart afterwards

#: What is drawn in these colours takes those that the page has for light and for dark.
_COLOURS: Final = {
    _INK: "var(--ink)",
    "#ffffff": "var(--paper)",
    ACTUAL.lower(): "var(--actual)",
    EXPECTED.lower(): "var(--expected)",
    MUTED.lower(): "var(--muted)",
}

_SETTINGS: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "crmanalytics",
    "text.color": _INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": _INK,
    "axes.facecolor": "none",
    "xtick.color": _INK,
    "ytick.color": _INK,
    "font.size": 11,
    "font.family": "DejaVu Sans",
    "hatch.linewidth": 1.5,
}

_NOTHING: Final = {"Date": None, "Creator": None, "Format": None, "Type": None}


def draw(
    name: str,
    plot: Callable[[Axes], Axes],
    *,
    note: str = "",
    size: tuple[float, float] = (6.4, 3.8),
    wide: bool = False,
) -> Chart:
    """Draw a chart for the page.

    Parameters
    ----------
    name : str
        Name of the chart within the page: its identifiers begin with it.
    plot : callable
        Draws on the axes given.
    note : str
        What to read in it.
    size : tuple of float
        Width and height in inches, at which text has its right size.
    wide : bool
        Whether it needs the whole width of the page.

    Returns
    -------
    Chart
        The title of the axes, and the drawing without it.

    Examples
    --------
    >>> def plot(ax):
    ...     ax.set_title("Two points")
    ...     ax.plot([0, 1], [1, 2], color="#0072B2")
    ...     return ax
    >>> chart = draw("points", plot)
    >>> chart.title, chart.svg[:4], "var(--actual)" in chart.svg, chart == draw("points", plot)
    ('Two points', '<svg', True, True)
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context(_SETTINGS):
        figure = Figure(figsize=size, layout="constrained")
        axes = plot(figure.subplots())
        title = axes.get_title()
        axes.set_title("")
        file = io.StringIO()
        figure.savefig(file, format="svg", transparent=True, metadata=_NOTHING)
    return Chart(title, _inline(file.getvalue(), name, title), note, wide)


def _inline(text: str, name: str, title: str) -> str:
    """Make a file of an SVG into an element of a page."""
    body = text[text.index("<svg") :]
    width = re.search(r'viewBox="0 0 ([\d.]+)', body)
    body = re.sub(r"<svg[^>]*?(viewBox=\"[^\"]*\")[^>]*>", r"<svg \1 @>", body, count=1)
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    # identifiers of several drawings on one page must not meet
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r"url\(#", f"url(#{name}-", body)
    body = re.sub(r'xlink:href="#', f'href="#{name}-', body)
    for colour, variable in _COLOURS.items():
        body = body.replace(colour, variable)
    broad = f' style="--width: {float(width[1]):.0f}px"' if width else ""
    return body.replace("@", f'role="img" aria-label="{title}"{broad}', 1).strip()
