"""Charts of a purchase model beside what happened: how it fits, and how it forecasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crmanalytics.frames import as_float, as_numpy
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import (
    ACTUAL,
    EXPECTED,
    MUTED,
    axes_for,
    short_dates,
    thousands_axis,
)

if TYPE_CHECKING:
    import narwhals.stable.v2 as nw
    from matplotlib.axes import Axes

__all__ = ["plot_frequency_histogram", "plot_holdout", "plot_tracking"]


def plot_frequency_histogram(histogram: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw how many customers made 0, 1, 2, ... repeat purchases, beside the model's numbers.

    Parameters
    ----------
    histogram : DataFrame
        What ``clv.diagnostics.frequency_histogram`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, for further changes.

    Raises
    ------
    DataError
        If the frame is no such table.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> model = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> customers = crm.datasets.load_cdnow_summary()
    >>> table = crm.clv.diagnostics.frequency_histogram(model, customers)
    >>> crm.plots.plot_frequency_histogram(table).get_xlabel()
    'Repeat purchases'
    """
    own = admitted("histogram", histogram, "frequency", "actual", "expected")
    axes = axes_for(ax)
    place = np.arange(len(own))
    actual, expected = as_float(own, "actual"), as_float(own, "expected")
    axes.bar(place - 0.2, actual, 0.38, color=ACTUAL, label="actual")
    axes.bar(
        place + 0.2,
        expected,
        0.38,
        color=EXPECTED,
        hatch="///",
        edgecolor="white",
        linewidth=0.5,
        label="expected by the model",
    )
    axes.set(
        xlabel="Repeat purchases",
        ylabel="Customers",
        title="Customers by repeat purchases",
        xticks=place,
        xticklabels=_labels(own),
    )
    thousands_axis(axes.yaxis)
    axes.legend(frameon=False)
    return axes


def plot_tracking(tracking: Any, *, cumulative: bool = False, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw repeat purchases week by week beside the model's expectation.

    Parameters
    ----------
    tracking : DataFrame
        What ``clv.diagnostics.repeat_purchases_over_time`` returned.
    cumulative : bool
        Add them up since the beginning.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; a line parts the period fitted to from the period forecast.

    Raises
    ------
    DataError
        If the frame is no such table.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> model = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
    >>> log = crm.datasets.load_cdnow_sample()
    >>> weeks = crm.clv.diagnostics.repeat_purchases_over_time(model, log, at="1997-09-30")
    >>> crm.plots.plot_tracking(weeks, cumulative=True).get_title()
    'Repeat purchases so far'
    """
    suffix = "_cumulative" if cumulative else ""
    names = (f"actual{suffix}", f"expected{suffix}")
    own = admitted("tracking", tracking, *names, dates=("end",))
    shown = np.ones(len(own), dtype=bool) if cumulative else as_numpy(own, "complete").astype(bool)
    axes = axes_for(ax)
    end = as_numpy(own, "end").astype("M8[D]")
    actual, expected = (as_float(own, name) for name in names)
    axes.plot(end[shown], actual[shown], color=ACTUAL, linewidth=1.8, label="actual")
    axes.plot(
        end[shown],
        expected[shown],
        color=EXPECTED,
        linewidth=1.8,
        linestyle="--",
        label="expected by the model",
    )
    axes.set(
        ylabel="Repeat purchases",
        title="Repeat purchases so far" if cumulative else "Repeat purchases per period",
        ylim=(0, 1.25 * max(actual[shown].max(initial=0), expected[shown].max(initial=0), 1.0)),
    )
    later = as_numpy(own, "holdout").astype(bool)
    if later.any() and not later.all():
        border = end[~later][-1]
        axes.axvline(border, color=MUTED, linewidth=1, linestyle=":")
        for text, side, shift in (("fitted", "right", -5), ("forecast", "left", 5)):
            axes.annotate(
                text,
                (border, 0.02),
                xycoords=("data", "axes fraction"),
                xytext=(shift, 0),
                textcoords="offset points",
                ha=side,
                color=MUTED,
            )
    thousands_axis(axes.yaxis)
    axes.legend(frameon=False, loc="upper left" if cumulative else "best")
    short_dates(axes)
    return axes


def plot_holdout(holdout: Any, *, ax: Axes | None = None) -> Axes:  # noqa: ANN401 - any eager frame
    """Draw later purchases and their forecast, by how often customers had bought before.

    Parameters
    ----------
    holdout : DataFrame
        What ``clv.diagnostics.holdout_by_frequency`` returned.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes, for further changes.

    Raises
    ------
    DataError
        If the frame is no such table.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> log = crm.datasets.load_cdnow_sample()
    >>> customers = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    >>> model = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)
    >>> table = crm.clv.diagnostics.holdout_by_frequency(model, customers)
    >>> crm.plots.plot_holdout(table).get_ylabel()
    'Later purchases, mean per customer'
    """
    own = admitted("holdout", holdout, "frequency", "customers", "actual", "expected")
    axes = axes_for(ax)
    place = np.arange(len(own))
    actual, expected = as_float(own, "actual"), as_float(own, "expected")
    axes.plot(place, actual, "o-", color=ACTUAL, linewidth=1.8, label="actual")
    axes.plot(
        place,
        expected,
        "s--",
        color=EXPECTED,
        linewidth=1.8,
        markerfacecolor="white",
        label="forecast by the model",
    )
    axes.set(
        xlabel="Repeat purchases before the forecast",
        ylabel="Later purchases, mean per customer",
        title="Was the forecast right for rare and frequent buyers?",
        xticks=place,
        xticklabels=_labels(own),
        ylim=(0, None),
    )
    axes.legend(frameon=False, loc="upper left")
    return axes


def _labels(own: nw.DataFrame[Any]) -> list[str]:
    pairs = zip(own["frequency"].to_list(), own["or_more"].to_list(), strict=True)
    return [f"{number}+" if more else f"{number}" for number, more in pairs]
