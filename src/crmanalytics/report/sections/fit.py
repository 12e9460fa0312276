"""Whether the model can be trusted: fitted to the past, it forecasts a later past."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmanalytics import clv, plots
from crmanalytics import columns as c
from crmanalytics.errors import ConvergenceError, CRMAnalyticsError, FitError
from crmanalytics.report.drawing import draw
from crmanalytics.report.parts import Column, Section, table_of
from crmanalytics.report.wording import MODELS, UNITS, day, number, percent
from crmanalytics.transactions import split

if TYPE_CHECKING:
    import pandas as pd

    from crmanalytics.clv import Fit, PurchaseModel
    from crmanalytics.report.digest import Digest
    from crmanalytics.report.material import Material
    from crmanalytics.report.parts import Chart, Table

__all__ = ["fit", "histogram_of", "parameters_of"]

_HOLD = 1.0
_TITLE = "Can these forecasts be trusted?"
_HELD = (
    "That part of the log does not determine the model by itself: for the test, its parameters "
    "were held near moderate values (a penalty of 1)."
)


def fit(material: Material) -> Section:
    """Put the model to the test on the days after it was fitted, and show how it did."""
    histogram = clv.diagnostics.frequency_histogram(material.purchases, material.scored)
    charts = [histogram_of(histogram)]
    parameters = parameters_of(material)
    try:
        known, then = _tested(material)
    except CRMAnalyticsError as error:
        lead = (f"The forecast could not be tested on a later period: {error}",)
        return Section("fit", _TITLE, lead, charts=tuple(charts), tables=(parameters,))
    results = clv.diagnostics.calibration_holdout(then, known)
    charts += _later(material, known, then)
    return Section(
        "fit",
        _TITLE,
        _lead(material, then, results),
        charts=tuple(charts),
        tables=(_accuracy(material, results), parameters),
    )


def histogram_of(histogram: pd.DataFrame) -> Chart:
    """Draw customers by repeat purchases, beside what the model expects."""
    return draw(
        "histogram",
        lambda ax: plots.plot_frequency_histogram(histogram, ax=ax),
        note="All customers. Bars of equal height: the model describes the base well.",
    )


def _tested(material: Material) -> tuple[pd.DataFrame, Fit[PurchaseModel]]:
    """Fit the model again to what was known on the day of the test."""
    known = split(
        material.transactions,
        at=material.check_at,
        until=material.until,
        unit=material.unit,  # type: ignore[arg-type] # a unit by construction
        occasion=material.occasion,
    )
    if not (known[c.FREQUENCY] > 0).any():
        raise FitError(f"nobody had bought twice by {day(material.check_at)}.")
    model, penalty = type(material.purchases.model), material.purchases.penalty
    try:
        return known, model.fit(known, penalty=penalty)
    except ConvergenceError:
        # a part of the log may not determine what the whole of it does
        return known, model.fit(known, penalty=max(penalty, _HOLD))


def _lead(material: Material, then: Fit[PurchaseModel], results: pd.DataFrame) -> tuple[str, ...]:
    later = results.iloc[1]
    off = later["difference"]
    verdict = (
        "nobody bought"
        if off != off  # noqa: PLR0124 - missing
        else f"{percent(abs(off), 1)} too {'many' if off > 0 else 'few'}"
    )
    return (
        (
            f"The model was fitted again to what was known on {day(material.check_at)}, and asked "
            f"what those {number(later['customers'])} customers would buy until "
            f"{day(material.until)}."
        ),
        (
            f"It expected {number(later['expected'])} purchases; {number(later['actual'])} were "
            f"made: {verdict}."
        ),
        *([_HELD] if then.penalty > material.purchases.penalty else []),
    )


def _later(material: Material, known: pd.DataFrame, then: Fit[PurchaseModel]) -> list[Chart]:
    tracking = clv.diagnostics.repeat_purchases_over_time(
        then,
        material.transactions,
        at=material.check_at,
        until=material.until,
        every="W" if material.unit == "D" else material.unit,  # type: ignore[arg-type] # a unit
        occasion=material.occasion,
    )
    holdout = clv.diagnostics.holdout_by_frequency(then, known)
    word = UNITS["W" if material.unit == "D" else material.unit]
    return [
        draw(
            "weekly",
            lambda ax: plots.plot_tracking(tracking, ax=ax),
            note=f"Repeat purchases of each {word}. Left of the dotted line the model knew what "
            "happened; right of it, it did not.",
        ),
        draw("cumulative", lambda ax: plots.plot_tracking(tracking, cumulative=True, ax=ax)),
        draw(
            "holdout",
            lambda ax: plots.plot_holdout(holdout, ax=ax),
            note=f"Purchases after {day(material.check_at)}, by how often customers had bought "
            "before.",
        ),
    ]


def _accuracy(material: Material, results: pd.DataFrame) -> Table:
    words = {
        "calibration": f"known: until {day(material.check_at)}",
        "holdout": f"forecast: then until {day(material.until)}",
    }
    shown = results.assign(period=results["period"].map(words))
    columns = (
        Column("period", "Period", "text"),
        Column("customers", "Customers", "count"),
        Column("actual", "Repeat purchases", "count", "that were made"),
        Column("expected", "Expected", "count", "by the model"),
        Column("difference", "Difference", "percent", "expected over actual, less 100%"),
        Column(
            "mean_absolute_error", "Mean error", "decimal", "purchases per customer, either way"
        ),
        Column("correlation", "Correlation", "decimal", "of forecast and purchases over customers"),
    )
    return table_of("How the model did", shown, columns)


def parameters_of(material: Material | Digest) -> Table:
    """List the parameters of both models with their intervals."""
    import pandas as pd

    fits: tuple[Fit[Any], ...] = (material.purchases, material.spend)
    frame = pd.concat(
        [
            each.parameters.reset_index().assign(model=MODELS[type(each.model).__name__])
            for each in fits
        ]
    )
    columns = (
        Column("model", "Model", "text"),
        Column("parameter", "Parameter", "text", "named as in the model's paper"),
        Column("estimate", "Estimate", "fine"),
        Column("standard_error", "Standard error", "fine", "from the observed information"),
        Column("low", "from", "fine", "lower end of the 95% interval"),
        Column("high", "to", "fine", "upper end of the 95% interval"),
    )
    return table_of("Parameters of the models", frame, columns)
