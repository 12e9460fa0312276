"""Coverage: how often the intervals of a net promoter score hold the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw

from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, MUTED, axes_for, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_nps_coverage"]

#: Marker and colour of each interval; told apart without colours too.
_LOOKS: Final = {
    "mover": ("o-", ACTUAL),
    "score": ("s--", "#009E73"),
    "adjusted-wald": ("^-.", "#CC79A7"),
    "wald": ("x:", EXPECTED),
}


def plot_nps_coverage(coverage: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw the coverage of intervals by the number of answers.

    Parameters
    ----------
    coverage : DataFrame
        What ``satisfaction.nps_coverage`` returned for several sizes.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with a line at the level that the intervals claim.

    Raises
    ------
    DataError
        If the frame is no such result, or mixes several true scores.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> coverage = crm.satisfaction.nps_coverage(0.6, 0.15, [10, 20, 30])
    >>> plot_nps_coverage(coverage).get_ylabel()
    'Intervals that hold the truth'
    """
    numbers = ("promoters", "detractors", "n", "level", "coverage")
    own = admitted("coverage", coverage, *numbers, labels=("method",))
    truth = {(p, d, level) for p, d, _, level, _ in own.select(*numbers).rows()}
    if len(truth) > 1:
        raise InvalidValuesError("coverage mixes several true shares or levels: draw each apart.")
    promoters, detractors, level = next(iter(truth))
    axes = axes_for(ax)
    axes.axhline(level, color=MUTED, linewidth=1)
    for method in dict.fromkeys(own["method"].to_list()):
        rows = own.filter(nw.col("method") == method).sort("n")
        look, colour = _LOOKS.get(method, (".-", MUTED))
        axes.plot(as_float(rows, "n"), as_float(rows, "coverage"), look, color=colour, label=method)
    truth_told = f"{promoters:.0%} promoters, {detractors:.0%} detractors"
    axes.set(
        xlabel="Answers",
        ylabel="Intervals that hold the truth",
        title=f"Intervals of {100 * level:.4g}%: {truth_told}",
    )
    percent_axis(axes.yaxis)
    axes.legend(frameon=False)
    return axes
