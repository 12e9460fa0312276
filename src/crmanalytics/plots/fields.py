"""The cells of a two-way matrix: their names, how many customers they hold and what they bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.errors import MissingColumnsError
from crmanalytics.frames import as_float, column_names
from crmanalytics.plots.results import admitted
from crmanalytics.plots.shades import shaded, written
from crmanalytics.plots.style import axes_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_fields"]


def plot_fields(
    profile: Any,  # noqa: ANN401 - any eager frame
    *,
    share: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw the cells of a two-way matrix, shaded by their share of what is counted.

    Parameters
    ----------
    profile : DataFrame
        What ``decisions.two_way_profile`` returned.
    share : str, optional
        The column of shares that shades the cells; the first one after ``customer_share`` by
        default.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes. A cell shows its field, its customers and both of its shares.

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
    >>> customers = pd.DataFrame({"total": [90.0, 70.0, 5.0], "growth": [0.5, -0.1, -0.3]})
    >>> portfolio = crm.decisions.growth_portfolio(customers, value_from=50.0)
    >>> profile = crm.decisions.two_way_profile(portfolio, "total", "growth", name="portfolio")
    >>> crm.plots.plot_fields(profile).get_ylabel()
    'Total'
    """
    names = column_names(profile)
    levels = [name for name in names if name.endswith("_level")]
    shares = [name for name in names if name.endswith("_share")]
    if len(levels) != 2 or not {"priority", *shares[1:2]} <= set(names) or len(shares) < 2:
        raise MissingColumnsError("profile must be what decisions.two_way_profile returned")
    chosen = shares[1] if share is None else share
    field = names[names.index(levels[1]) + 1]
    own = admitted("profile", profile, "customers", "customer_share", chosen, labels=(field,))
    axes = axes_for(ax, size=(6.4, 4.2))
    text = {level: [str(x) for x in own[level].to_list()] for level in levels}
    order = {level: _order(text[level]) for level in levels}
    grid = np.full([len(order[level]) for level in levels], np.nan)
    cells = [
        tuple(order[level].index(text[level][row]) for level in levels) for row in range(len(own))
    ]
    for cell, value in zip(cells, as_float(own, chosen), strict=True):
        grid[cell] = value
    mesh = shaded(axes, np.nan_to_num(grid))
    fields = [str(x) for x in own[field].to_list()]
    counted = chosen.removesuffix("_share").replace("_", " ")
    for row, cell in enumerate(cells):
        words = (
            f"{fields[row]}\n{as_float(own, 'customers')[row]:,.0f} customers "
            f"({as_float(own, 'customer_share')[row]:.0%})\n{_percent(grid[cell])} of {counted}"
        )
        written(axes, mesh, cell, words)
    for axis, level in (("y", levels[0]), ("x", levels[1])):
        label = level.removesuffix("_level").replace("_", " ")
        axes.set(
            **{
                f"{axis}ticks": np.arange(len(order[level])) + 0.5,
                f"{axis}ticklabels": order[level],
                f"{axis}label": label[:1].upper() + label[1:],
            }
        )
    axes.set_title(f"Customers, and their share of {counted}")
    return axes


def _percent(share: float) -> str:
    return f"{share:.0%}" if np.isfinite(share) else "no share"


def _order(levels: list[str]) -> list[str]:
    """Return levels with low ones first: the profile has larger values first where it can."""
    known = ["low", "high"]
    seen = list(dict.fromkeys(levels))
    if set(known) & set(seen):
        return [x for x in known if x in seen] + [x for x in seen if x not in known]
    return sorted(seen)
