"""From satisfaction to loyalty: the link with its forms, and the types of loyalty as a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, axes_for, percent_axis, thousands_axis
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from crmanalytics.loyalty import SatisfactionLink

__all__ = ["plot_loyalty_types", "plot_satisfaction_link"]

#: Line and colour of each form (Okabe and Ito).
_FORMS: Final = {
    "isotonic": ("#000000", ":"),
    "logistic": ("#D55E00", "-"),
    "segmented": ("#009E73", "--"),
    "ordered": ("#CC79A7", "-."),
}
#: Where each type lies: to the right are the satisfied, on top are the loyal.
_PLACES: Final = {
    "apostle": (1, 1),
    "mercenary": (1, 0),
    "hostage": (0, 1),
    "defector": (0, 0),
    "loyalty": (1, 1),
    "latent loyalty": (1, 0),
    "spurious loyalty": (0, 1),
    "no loyalty": (0, 0),
}
_COLOURS: Final = {(1, 1): "#009E73", (1, 0): "#56B4E9", (0, 1): "#E69F00", (0, 0): "#D55E00"}


def plot_satisfaction_link(
    link: SatisfactionLink, *, forms: Sequence[str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw which share is loyal at each level of satisfaction, with the forms of the link.

    Parameters
    ----------
    link : SatisfactionLink
        What ``loyalty.satisfaction_link`` returned; with groups one of its ``groups``.
    forms : sequence of str, optional
        Which forms to draw; all that were fitted by default.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: points with their intervals, the larger the more customers; the legend lists
        the form that foretells best first. Where the segmented form's slope changes is shaded,
        with its interval.

    Raises
    ------
    ParameterError
        If a form was not fitted, or the link is of several groups.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"happy": [1, 2, 3, 4, 5] * 40})
    >>> survey = survey.assign(again=(survey["happy"] + survey.index % 4 > 5).astype(int))
    >>> link = crm.loyalty.satisfaction_link(survey, "happy", "again", forms=["logistic"])
    >>> crm.plots.plot_satisfaction_link(link).get_ylabel()
    'Share of loyal customers'
    """
    if link.by:
        raise ParameterError(
            f"this link has {len(link.groups)} groups by {', '.join(link.by)}: draw one of them, "
            f"such as link.groups[{next(iter(link.groups))!r}]"
        )
    ranked = [str(each) for each in link.comparison["form"] if each in link.forms]
    chosen = ranked if forms is None else list(forms)
    for name in chosen:
        one_of("each of forms", name, ranked)
    axes = axes_for(ax, size=(7.2, 4.2))
    given, share, low, high, n = (
        link.curve[name].to_numpy(dtype=float)
        for name in ("satisfaction", "share", "low", "high", "n")
    )
    axes.vlines(given, low, high, color=ACTUAL, linewidth=1.2)
    size = 20 + 120 * n / n.max()
    axes.scatter(given, share, s=size, color=ACTUAL, zorder=3, label="measured, with interval")
    fine = np.linspace(given.min(), given.max(), 301)
    scores = dict(zip(ranked, link.comparison["log_score"], strict=True))
    for name in sorted(chosen, key=ranked.index):
        colour, line = _FORMS[name]
        label = f"{name} (log score {scores[name]:.3f})"
        chance = link.forms[name].probability(fine)
        axes.plot(fine, chance, color=colour, linestyle=line, linewidth=1.6, label=label)
    if "segmented" in chosen:
        _mark_break(axes, link)
    axes.set(
        xlabel="Satisfaction",
        ylabel="Share of loyal customers",
        title="From satisfaction to loyalty",
        ylim=(-0.02, 1.02),
    )
    percent_axis(axes.yaxis)
    thousands_axis(axes.xaxis)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
    return axes


def _mark_break(axes: Axes, link: SatisfactionLink) -> None:
    row = link.estimates.query("metric == 'break'").iloc[0]
    colour = _FORMS["segmented"][0]
    axes.axvspan(row["low"], row["high"], color=colour, alpha=0.12, linewidth=0, label="break")
    axes.axvline(row["estimate"], color=colour, linewidth=1, linestyle="--")


def plot_loyalty_types(
    shares: Any,  # noqa: ANN401 - any eager frame
    *,
    names: tuple[str, str] | None = None,
    places: Mapping[str, tuple[int, int]] = _PLACES,
    ax: Axes | None = None,
) -> Axes:
    """Draw how many are apostles, mercenaries, hostages and defectors, as four squares.

    Parameters
    ----------
    shares : DataFrame
        What ``loyalty.apostle_shares`` or ``loyalty.dick_basu_shares`` returned, of one group.
        Terrorists are written with the defectors.
    names : tuple of str, optional
        What lies across and what lies up; found from the types by default.
    places : mapping, optional
        Where each type lies: 1 for high and 0 for low, across and up.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: each field has a square whose area is the share, and says it with its interval.

    Raises
    ------
    DataError
        If the frame is no such table, or holds several groups.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> survey = pd.DataFrame({"happy": [5, 5, 2, 1], "again": [5, 1, 4, 5]})
    >>> found = crm.loyalty.apostle_shares(
    ...     survey, "happy", "again", satisfied_from=4, loyal_from=4
    ... )
    >>> crm.plots.plot_loyalty_types(found).get_xlabel()
    'Satisfaction'
    """
    own = admitted("shares", shares, c.ESTIMATE, c.LOW, c.HIGH, c.N, labels=(c.METRIC,))
    if own.select(c.METRIC).is_duplicated().any():
        raise InvalidValuesError(
            "shares has several rows of one 'metric': choose one group of it, a chart for each"
        )
    types = [str(each) for each in own[c.METRIC].to_list()]
    rows = list(zip(*(as_float(own, x) for x in (c.ESTIMATE, c.LOW, c.HIGH)), strict=True))
    strange = [name for name in types if name not in places and name != "terrorist"]
    if strange:
        raise InvalidValuesError(f"shares has types without a place: {strange}")
    axes = axes_for(ax, size=(5.6, 5.2))
    for name, (value, low, high) in zip(types, rows, strict=True):
        if name in places:
            _square(axes, places[name], name, (value, low, high))
    if "terrorist" in types:
        value, low, high = rows[types.index("terrorist")]
        text = f"terrorists: {value:.0%} ({low:.0%} to {high:.0%})"
        axes.text(0.5, 0.05, text, ha="center", va="bottom", fontsize="small")
    across, up = names or _axis_names(types)
    number = int(as_float(own, c.N).max())
    axes.set(
        xlim=(0, 2),
        ylim=(0, 2),
        xlabel=across,
        ylabel=up,
        title=f"Types of loyalty (n = {number:,})",
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_ticks([0.5, 1.5], ["low", "high"])
        axis.set_tick_params(length=0)
    axes.axhline(1, color="black", linewidth=0.8)
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_aspect("equal")
    return axes


def _square(
    axes: Axes, place: tuple[int, int], name: str, found: tuple[float, float, float]
) -> None:
    from matplotlib.patches import Rectangle

    value, low, high = found
    x, y = place[0] + 0.5, place[1] + 0.5
    side = float(np.sqrt(value)) if value > 0 else 0.0
    corner = (x - side / 2, y - side / 2)
    axes.add_patch(Rectangle(corner, side, side, color=_COLOURS[place], alpha=0.45, linewidth=0))
    axes.text(x, y + 0.4, name.capitalize(), ha="center", va="top", fontweight="bold")
    text = "no answers" if np.isnan(value) else f"{value:.0%}\n({low:.0%} to {high:.0%})"
    axes.text(x, y, text, ha="center", va="center")


def _axis_names(types: Sequence[str]) -> tuple[str, str]:
    if "loyalty" in types:
        return "Attitude", "Repeat buying"
    return "Satisfaction", "Loyalty"
