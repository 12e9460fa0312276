"""What all charts share: axes to draw on, colours, and how numbers are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis

__all__ = [
    "ACTUAL",
    "EXPECTED",
    "GROUPS",
    "MUTED",
    "axes_for",
    "compact",
    "percent_axis",
    "short_dates",
    "thousands_axis",
]

#: Colours that remain apart for colour-blind eyes and in grey (Okabe and Ito).
ACTUAL: Final = "#0072B2"
EXPECTED: Final = "#D55E00"
MUTED: Final = "#999999"
#: For as many groups as there are, in this order; they are the same seven in every chart.
GROUPS: Final = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#666666")


def axes_for(ax: Axes | None, *, size: tuple[float, float] = (6.4, 3.8)) -> Axes:
    """Return the axes given, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib Axes, optional
        What the caller gave.
    size : tuple of float
        Width and height of a new figure, in inches.

    Returns
    -------
    matplotlib.axes.Axes
        Axes with a quiet frame.
    """
    if ax is None:
        import matplotlib.pyplot as plt

        ax = plt.subplots(figsize=size, layout="constrained")[1]
        ax.set_prop_cycle(color=GROUPS)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def compact(value: float) -> str:
    """Write a number in the four characters or so that a cell of a heat map has room for.

    Examples
    --------
    >>> [compact(x) for x in (0, 7.25, 812, 1234, 56_789, 2_500_000, -1500)]
    ['0', '7.2', '812', '1.2k', '57k', '2.5M', '-1.5k']
    """
    size, sign = abs(value), "-" if value < 0 else ""
    for limit, unit, letter in ((999.5, 1, ""), (999_500, 1e3, "k"), (999.5e6, 1e6, "M")):
        if size < limit:
            return sign + _short(size / unit) + letter
    return sign + _short(size / 1e9) + "bn"


def _short(size: float) -> str:
    return f"{size:.0f}" if size >= 9.95 else f"{size:.1f}".removesuffix(".0")


def percent_axis(axis: Axis) -> None:
    """Write an axis of shares as percentages."""
    from matplotlib.ticker import PercentFormatter

    axis.set_major_formatter(PercentFormatter(1.0, decimals=0))


def thousands_axis(axis: Axis) -> None:
    """Write an axis of numbers with thousands apart, so that no power of ten is needed."""
    from matplotlib.ticker import FuncFormatter

    def write(value: float, _: Any) -> str:  # noqa: ANN401 - matplotlib's tick position
        return compact(value) if abs(value) >= 10_000 else f"{value:,.10g}"

    axis.set_major_formatter(FuncFormatter(write))


def short_dates(axes: Axes) -> None:
    """Write dates across as briefly as can be, the year but once."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(maxticks=8)  # type: ignore[no-untyped-call] # matplotlib's own
    axes.xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call] # matplotlib's own
    axes.xaxis.set_major_formatter(formatter)
