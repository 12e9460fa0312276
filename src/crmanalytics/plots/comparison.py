"""Models side by side, as a picture."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from crmanalytics.frames import as_float
from crmanalytics.plots.results import admitted
from crmanalytics.plots.style import ACTUAL, MUTED, axes_for
from crmanalytics.wording import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from matplotlib.axes import Axes
    from numpy.typing import NDArray

__all__ = ["plot_comparison"]


class _Measure(NamedTuple):
    """How a measure is called, how its numbers are written, and what is good."""

    label: str
    written: str
    sign: int  # 1: larger is better, -1: smaller, 0: nearer to 0


_MEASURES: Final[Mapping[str, _Measure]] = MappingProxyType(
    {
        "log_likelihood": _Measure("Log-likelihood", ",.1f", 1),
        "aic": _Measure("AIC", ",.1f", -1),
        "bic": _Measure("BIC", ",.1f", -1),
        "log_score": _Measure("Log-score in the holdout", ".4f", 1),
        "mean_absolute_error": _Measure("Mean absolute error in the holdout", ".4f", -1),
        "root_mean_squared_error": _Measure("Root mean squared error in the holdout", ".4f", -1),
        "bias": _Measure("Purchases expected over purchases made, less 1", "+.1%", 0),
        "top_decile_capture": _Measure("Purchases made by the best tenth", ".1%", 1),
    }
)
_WORDS: Final = MappingProxyType(
    {1: "larger is better", -1: "smaller is better", 0: "nearer to 0 is better"}
)


def plot_comparison(
    comparison: Any,  # noqa: ANN401 - any eager frame
    measure: str = "log_score",
    *,
    ax: Axes | None = None,
) -> Axes:
    """Draw one measure of several models, the best model on top.

    Parameters
    ----------
    comparison : DataFrame
        What ``clv.diagnostics.compare`` returned.
    measure : str
        One of its columns: log_likelihood, aic, bic, log_score, mean_absolute_error,
        root_mean_squared_error, bias or top_decile_capture.
    ax : matplotlib Axes, optional
        Where to draw; a new figure otherwise.

    Returns
    -------
    matplotlib.axes.Axes
        The axes: a point per model with its number. The axis does not begin at 0, since it is
        differences that count; a model without the number has none.

    Raises
    ------
    DataError
        If the frame is no such table.
    ParameterError
        If there is no such measure.

    Examples
    --------
    >>> import matplotlib
    >>> matplotlib.use("Agg")
    >>> import crmanalytics as crm
    >>> customers = crm.datasets.load_cdnow_summary()
    >>> fits = {"BG/NBD": crm.clv.BGNBD.fit(customers), "MBG/NBD": crm.clv.MBGNBD.fit(customers)}
    >>> table = crm.clv.diagnostics.compare(fits, customers)
    >>> axes = crm.plots.plot_comparison(table, "aic")
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['MBG/NBD', 'BG/NBD']
    """
    one_of("measure", measure, _MEASURES)
    own = admitted("comparison", comparison, measure, labels=("model",))
    kind, values = _MEASURES[measure], as_float(own, measure)
    order = _best_first(values, kind.sign)
    axes = axes_for(ax, size=(6.4, 1.4 + 0.42 * len(values)))
    place = np.arange(len(values))
    ordered = values[order]
    axes.hlines(place, *_span(ordered), color=MUTED, linewidth=0.6, linestyle=":")
    axes.plot(ordered, place, "o", color=ACTUAL, markersize=8)
    for at, value in zip(place, ordered, strict=True):
        if np.isfinite(value):
            axes.annotate(
                format(value, kind.written),
                (value, at),
                xytext=(0, 8),
                textcoords="offset points",
                ha="center",
                fontsize="small",
            )
    if kind.sign == 0:
        axes.axvline(0, color=MUTED, linewidth=1, linestyle="--")
    models = own["model"].to_list()
    axes.set(
        xlabel=f"{kind.label} ({_WORDS[kind.sign]})",
        title="Models compared, the best on top",
        yticks=place,
        yticklabels=[str(models[i]) for i in order],
        ylim=(len(values) - 0.5, -0.7),
    )
    axes.xaxis.set_major_formatter(lambda value, _: format(value, kind.written))
    axes.locator_params(axis="x", nbins=5)
    axes.margins(x=0.12)
    return axes


def _best_first(values: NDArray[np.float64], sign: int) -> NDArray[np.intp]:
    """Order models by merit; those without the number come last."""
    loss = np.abs(values) if sign == 0 else -sign * values
    return np.argsort(np.where(np.isnan(loss), np.inf, loss), kind="stable")


def _span(values: NDArray[np.float64]) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)
