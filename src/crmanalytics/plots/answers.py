"""The distribution of answers, as bars of one whole each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError
from crmanalytics.frames import as_float
from crmanalytics.plots.estimates import name_ticks
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import MUTED, axes_for, percent_axis

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["plot_answers"]

_ROOM = 0.06  # of the width: below, a share has no number


def plot_answers(shares: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw which answers each item got, from the worst to the best.

    Parameters
    ----------
    shares : DataFrame
        What ``satisfaction.answer_shares`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: a bar per group and item, the first on top; low answers in orange, high ones in
        blue, no answer in grey.

    Raises
    ------
    DataError
        If the frame is no such result.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> shares = crm.satisfaction.answer_shares(pd.DataFrame({"q": [1, 3, 3]}), "q", scale=(1, 3))
    >>> plot_answers(shares).get_xlabel()
    'Share of answers'
    """
    own = admitted("shares", shares, "answer", c.ESTIMATE, labels=("item",))
    before = own.columns[: own.columns.index("answer")]
    if len(before) > 1 and own["item"].n_unique() == 1:
        before = [name for name in before if name != "item"]
    labels = [", ".join(map(str, row)) for row in own.select(*before).rows()]
    names = list(dict.fromkeys(labels))
    steps, places = len(own) // len(names), np.arange(len(names))
    if steps * len(names) != len(own) or labels != [n for n in names for _ in range(steps)]:
        raise InvalidValuesError(
            "shares must have one row per group, item and answer, as answer_shares gives them."
        )
    table = np.nan_to_num(as_float(own, c.ESTIMATE).reshape(len(names), steps))
    answer = as_float(own, "answer")[:steps]
    axes = axes_for(ax, size=(6.8, max(2.2, 1.1 + 0.42 * len(names))))
    left = np.zeros(len(names))
    for k, colour in enumerate(_colours(answer)):
        label = "no answer" if np.isnan(answer[k]) else f"{answer[k]:g}"
        axes.barh(
            places, table[:, k], left=left, color=colour, height=0.72, label=label,
            edgecolor="white", linewidth=0.6,
        )  # fmt: skip
        _write(axes, left, table[:, k], colour)
        left += table[:, k]
    name_ticks(axes.yaxis, names)
    axes.set(xlim=(0, 1), ylim=(len(names) - 0.4, -0.6), xlabel="Share of answers")
    percent_axis(axes.xaxis)
    axes.legend(
        frameon=False, ncols=min(steps, 12), loc="lower center", bbox_to_anchor=(0.5, 1.0),
        fontsize="small", handlelength=0.9, columnspacing=0.9,
    )  # fmt: skip
    return axes


def _colours(answer: Floats) -> list[Any]:
    """Return orange for the lowest answers, through pale, to blue for the highest."""
    from matplotlib import colormaps

    known = int((~np.isnan(answer)).sum())
    found: list[Any] = list(colormaps["RdYlBu"](np.linspace(0.12, 0.9, max(known, 2))))
    return [MUTED if np.isnan(each) else found[k] for k, each in enumerate(answer)]


def _write(axes: Axes, left: Floats, width: Floats, colour: Any) -> None:  # noqa: ANN401 - a colour
    from matplotlib.colors import to_rgb

    dark = float(np.dot(to_rgb(colour), (0.299, 0.587, 0.114))) < 0.55
    for place, (start, share) in enumerate(zip(left, width, strict=True)):
        if share >= _ROOM:
            axes.annotate(
                f"{share:.0%}", (start + share / 2, place), ha="center", va="center",
                fontsize="small", color="white" if dark else "black",
            )  # fmt: skip
