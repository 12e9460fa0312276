"""Charts of structural models: what drives what, and how well it is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import narwhals.stable.v2 as nw
import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import as_float, column_names
from crmanalytics.plots.estimates import label_points
from crmanalytics.plots.layout import arranged, label_places
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, MUTED, axes_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Places = Mapping[str, tuple[float, float]]

__all__ = ["plot_importance_map", "plot_path_diagram", "plot_reliability"]

_ENDS: Final = ("source", "target")
_MEASURES: Final = {
    "alpha": ("alpha", "o"),
    "rho_a": (r"$\rho_A$", "s"),
    "rho_c": (r"$\rho_C$", "^"),
    "ave": ("AVE", "D"),
}
_COLOURS: Final = ("#0072B2", "#009E73", "#E69F00", "#D55E00")


def plot_path_diagram(
    paths: Any,  # noqa: ANN401 - any eager frame
    r2: Any = None,  # noqa: ANN401 - any eager frame
    *,
    positions: Places | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw what drives what, with the strength of each path.

    Parameters
    ----------
    paths : DataFrame
        ``fit.paths`` of a structural fit, or ``table("paths")`` of its bootstrap, which knows
        which paths may be none.
    r2 : DataFrame, optional
        ``fit.r2``: the share explained, to be written into the boxes.
    positions : mapping of str to (float, float), optional
        Places of the boxes; by default causes stand left of effects and arrows cross little.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. The stronger a path the wider its arrow; negative ones are of the other colour,
        those whose interval holds 0 are dashed.

    Raises
    ------
    DataError
        If a frame is no such table.
    ParameterError
        If positions lack a construct.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> model = crm.satisfaction.structural_model({"X": ["x"], "Y": ["y"]}, ["X -> Y"])
    >>> moments = crm.satisfaction.Moments.of(["x", "y"], [[1.0, 0.3], [0.3, 1.0]], n=50)
    >>> fit = crm.satisfaction.fit_structural_moments(moments, model)
    >>> shown = crm.plots.plot_path_diagram(fit.paths, fit.r2)
    >>> len(shown.texts), shown.texts[-1].get_text()
    (3, '0.30')
    """
    arrows, value, unsure = _arrows(paths)
    places = dict(arranged(arrows) if positions is None else positions)
    lacking = sorted({end for arrow in arrows for end in arrow} - set(places))
    if lacking:
        raise ParameterError(f"positions lack {lacking}")
    explained = _explained(r2)
    at = np.array(list(places.values()))
    size = (
        float(np.clip(2.2 + 1.45 * np.ptp(at[:, 0]), 5, 11)),
        2.0 + 1.0 * float(np.ptp(at[:, 1])),
    )
    axes = axes_for(ax, size=size)
    boxes = {name: _box(axes, name, place, explained) for name, place in places.items()}
    spots = label_places(places, arrows)
    for arrow, strength, vague, spot in zip(arrows, value, unsure, spots, strict=True):
        _arrow(axes, (boxes[arrow[0]], boxes[arrow[1]]), float(strength), dashed=bool(vague))
        axes.annotate(
            f"{strength:.2f}",
            spot,
            ha="center",
            va="center",
            fontsize="small",
            color=_colour(float(strength)),
            bbox={"boxstyle": "round,pad=0.12", "facecolor": "white", "edgecolor": "none"},
            zorder=4,
        )
    low, high = at.min(axis=0), at.max(axis=0)
    axes.set(xlim=(low[0] - 0.75, high[0] + 0.75), ylim=(low[1] - 0.5, high[1] + 0.5))
    axes.set_title("What drives what" + (" (dashed: may be none)" if unsure.any() else ""))
    axes.set_axis_off()
    return axes


def _arrows(paths: object) -> tuple[list[tuple[str, str]], Floats, NDArray[np.bool_]]:
    if c.METRIC in column_names(paths):
        own = admitted("paths", paths, c.ESTIMATE, c.LOW, c.HIGH, labels=(*_ENDS, c.METRIC))
        own = own.filter(nw.col(c.METRIC) == "path")
        if not len(own):
            raise InvalidValuesError("paths has no rows of the metric 'path'")
        vague = (as_float(own, c.LOW) <= 0) & (as_float(own, c.HIGH) >= 0)
        value = as_float(own, c.ESTIMATE)
    else:
        own = admitted("paths", paths, "path", labels=_ENDS)
        value = as_float(own, "path")
        vague = np.zeros(len(value), dtype=bool)
    ends = [[str(each) for each in own[name].to_list()] for name in _ENDS]
    return list(zip(*ends, strict=True)), value, vague


def _explained(r2: object) -> dict[str, float]:
    if r2 is None:
        return {}
    own = admitted("r2", r2, "r2", labels=("construct",))
    return dict(zip(own["construct"].to_list(), as_float(own, "r2").tolist(), strict=True))


def _box(axes: Axes, name: str, place: tuple[float, float], explained: Mapping[str, float]) -> Any:  # noqa: ANN401 - matplotlib's text
    label = f"{name}\n$R^2$ = {explained[name]:.2f}" if name in explained else name
    return axes.annotate(
        label,
        place,
        ha="center",
        va="center",
        bbox={"boxstyle": "round,pad=0.45", "facecolor": "#eef3f7", "edgecolor": "#555555"},
        zorder=5,
    )


def _colour(strength: float) -> str:
    return EXPECTED if strength < 0 else ACTUAL


def _arrow(axes: Axes, boxes: tuple[Any, Any], strength: float, *, dashed: bool) -> None:
    from matplotlib.patches import FancyArrowPatch

    start, end = boxes
    axes.add_patch(
        FancyArrowPatch(
            start.xy,
            end.xy,
            patchA=start.get_bbox_patch(),
            patchB=end.get_bbox_patch(),
            arrowstyle="-|>",
            mutation_scale=13,
            shrinkA=2,
            shrinkB=3,
            linewidth=0.8 + 4 * min(abs(strength), 1.0),
            linestyle=(0, (3, 2)) if dashed else "-",
            color=_colour(strength),
            alpha=0.75,
            zorder=2,
        )
    )


def plot_reliability(reliability: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how reliably each construct is measured.

    Parameters
    ----------
    reliability : DataFrame
        ``fit.reliability`` of a structural fit. Constructs of one item, which are taken to be
        without error, and those that their items form are left out.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with the customary limits: 0.7 for reliability, 0.5 for AVE.

    Raises
    ------
    DataError
        If the frame is no such table, or has no construct of several items.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> measured = {"alpha": [0.8], "rho_a": [0.82], "rho_c": [0.87], "ave": [0.6]}
    >>> table = pd.DataFrame({"construct": ["Joy"], **measured})
    >>> crm.plots.plot_reliability(table).get_title()
    'How reliably each construct is measured'
    """
    own = admitted("reliability", reliability, *_MEASURES, labels=("construct",))
    values = np.column_stack([as_float(own, name) for name in _MEASURES])
    shown = ~np.isnan(values).any(axis=1) & ~(values == 1).all(axis=1)
    if not shown.any():
        raise InvalidValuesError("reliability has no construct of several reflecting items")
    names = [str(n) for n, s in zip(own["construct"].to_list(), shown, strict=True) if s]
    values = values[shown]
    axes = axes_for(ax, size=(6.8, 1.6 + 0.5 * len(names)))
    rows = np.arange(len(names))
    for row in rows:
        axes.axhspan(row - 0.33, row + 0.33, color="#f4f4f4", zorder=-1, linewidth=0)
    lanes = np.linspace(-0.21, 0.21, len(_MEASURES))  # equal numbers do not hide each other
    marks = zip(values.T, _MEASURES.values(), _COLOURS, lanes, strict=True)
    for each, (label, mark), colour, lane in marks:
        axes.plot(each, rows + lane, mark, color=colour, label=label, linestyle="none", alpha=0.9)
    for limit, what in ((0.7, "reliability"), (0.5, "AVE")):
        axes.axvline(limit, color=MUTED, linestyle="--", linewidth=1, zorder=0)
        axes.annotate(
            what, (limit, -0.55), color=MUTED, fontsize="small", ha="center", va="bottom",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )  # fmt: skip
    axes.set(
        yticks=rows,
        yticklabels=names,
        ylim=(len(names) - 0.5, -0.9),
        xlim=(min(0.0, float(values.min()) - 0.05), max(1.0, float(values.max()) + 0.05)),
        xlabel="Share of the variance that is not error (AVE: that the construct explains)",
        title="How reliably each construct is measured",
    )
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return axes


def plot_importance_map(
    found: Any,  # noqa: ANN401 - any eager frame
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw what matters most beside what is done best: where to improve first.

    Parameters
    ----------
    found : DataFrame
        What ``satisfaction.importance_performance`` returned, for constructs or items.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, with lines at the means: below right is what matters and is done less well.

    Raises
    ------
    DataError
        If the frame is no such table.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> table = pd.DataFrame(
    ...     {"construct": ["Quality", "Value"], "importance": [0.6, 0.1], "performance": [75, 62.0]}
    ... )
    >>> crm.plots.plot_importance_map(table).get_ylabel()
    'Performance, index from 0 to 100'
    """
    own = admitted("found", found, "importance", "performance", labels=("construct",))
    label = "item" if "item" in own.columns else "construct"
    across, up = as_float(own, "importance"), as_float(own, "performance")
    axes = axes_for(ax, size=(6.8, 4.2))
    axes.plot(across, up, "o", color=ACTUAL, markersize=7)
    axes.axvline(float(across.mean()), color=MUTED, linestyle="--", linewidth=1)
    axes.axhline(float(up.mean()), color=MUTED, linestyle="--", linewidth=1)
    axes.set(
        xlabel="Importance: points of the target gained per point",
        ylabel="Performance, index from 0 to 100",
        title="Where to improve first (below right)",
    )
    axes.margins(x=0.14, y=0.14)
    axes.set(
        xlim=axes.get_xlim(), ylim=axes.get_ylim()
    )  # settled, so that labels find their places
    label_points(axes, [str(name) for name in own[label].to_list()], across, up)
    return axes
