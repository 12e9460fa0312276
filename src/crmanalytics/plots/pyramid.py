"""The customer pyramid: each tier's share of customers beside its share of value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, EXPECTED, axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_pyramid"]


def plot_pyramid(profile: Any, *, tier: str = "tier", ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw customers to the left and value to the right, tier above tier: two pyramids on end.

    Parameters
    ----------
    profile : DataFrame
        What ``segments.tier_profile`` returned, the top tier first.
    tier : str
        The column of labels.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, the first tier on top.

    Raises
    ------
    DataError
        If the frame is no such profile.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import pandas as pd
    >>> import crmanalytics as crm
    >>> customers = pd.DataFrame({"total": [90.0] + [1.0] * 9})
    >>> tiered = crm.segments.pyramid(customers, tiers={"top": 0.1, "rest": 0.9})
    >>> plot_pyramid(crm.segments.tier_profile(tiered)).get_title()
    'Customer pyramid'
    """
    own = admitted("profile", profile, "customer_share", "value_share", labels=(tier,))
    axes = axes_for(ax, size=(6.4, 1.6 + 0.55 * len(own)))
    place = -np.arange(len(own))
    sides = (
        ("customer_share", -1, EXPECTED, "///", "share of customers"),
        ("value_share", 1, ACTUAL, "", "share of value"),
    )
    for name, sign, colour, hatch, label in sides:
        shares = np.nan_to_num(as_float(own, name))
        bars = axes.barh(
            place,
            sign * shares,
            0.8,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.5,
            label=label,
        )
        axes.bar_label(bars, [f"{x:.1%}" for x in shares], padding=3, fontsize="small")
    axes.axvline(0, color="black", linewidth=0.8)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.margins(x=0.14)
    axes.set(
        yticks=place,
        yticklabels=[str(each) for each in own[tier].to_list()],
        xticks=[],
        title="Customer pyramid",
    )
    axes.legend(frameon=False, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=2)
    return axes
