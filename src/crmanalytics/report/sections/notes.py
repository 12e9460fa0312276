"""What was removed from the log, and what every number means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmanalytics import columns as c
from crmanalytics.report.parts import Column, Section, table_of
from crmanalytics.report.wording import MODELS, UNITS, day, money, number, span
from crmanalytics.rfm import rules

if TYPE_CHECKING:
    import pandas as pd

    from crmanalytics.report.digest import Digest
    from crmanalytics.report.material import Material
    from crmanalytics.report.parts import Table

__all__ = ["cleaning", "cleaning_of", "definitions", "definitions_of"]

_OCCASIONS = {
    "day": "all that a customer buys on one day is one purchase",
    "order": "all rows of one order are one purchase",
    "row": "each row of the log is one purchase",
}
_DIMENSIONS = {
    c.DAYS_SINCE_LAST: "Recency: days since the last purchase",
    c.ORDERS: "Frequency: purchases",
    c.TOTAL: "Money: revenue",
}


def cleaning(material: Material) -> Section:
    """Say what was left out before anything was counted."""
    return cleaning_of(material.cleaning, len(material.transactions), material.currency)


def cleaning_of(log: pd.DataFrame | None, kept: int, currency: str) -> Section:
    """Say it of the record of a cleaning."""
    title = "What was left out of the log"
    if log is None or not int(log["rows"].sum()):
        lead = ("Nothing: every row of the log was used.",)
        return Section("cleaning", title, lead)
    rows, value = int(log["rows"].sum()), float(log["money"].sum())
    lead = (
        (
            f"{number(rows)} of {number(rows + kept)} rows were removed before anything was "
            f"counted; their amounts add up to {money(value, currency)}."
        ),
    )
    columns = (
        Column("rule", "Rule", "text", "why the rows were removed"),
        Column("rows", "Rows", "count"),
        Column("money", "Money", "money", "sum of their amounts; refunds are negative"),
        Column("customers", "Customers", "count", "whose rows these were"),
    )
    table = table_of("Rows removed", log[log["rows"] > 0], columns, currency)
    return Section("cleaning", title, lead, tables=(table,))


def definitions(material: Material) -> Section:
    """Define every number of the page and of the scored table."""
    return definitions_of(tuple(material.scored.columns), material)


def definitions_of(names: tuple[str, ...], material: Material | Digest) -> Section:
    """Define every number of the page, and the columns of these names."""
    model, spend = (
        MODELS[type(each.model).__name__] for each in (material.purchases, material.spend)
    )
    words = (
        ("purchase", _OCCASIONS[material.occasion]),
        ("revenue", "sum of the amounts of the log, net of refunds"),
        ("time unit", f"the {UNITS[material.unit]}, where a length of time has no unit of its own"),
        ("horizon", f"{span(material.horizon, material.unit)} from {day(material.until)}"),
        ("will buy again", f"sum of p_active over customers, by the {model} model"),
        ("models", f"{model} for purchases, {spend} for the money per purchase"),
        ("95% interval", "where figures would lie if customers were a sample of possible ones"),
        ("decile", "a tenth of the customers, the best tenth being number 1"),
    )
    described = tuple((name, c.DESCRIPTIONS[name]) for name in names if name in c.DESCRIPTIONS)
    lead = ("Names in typewriter letters are columns of the scored table.",)
    tables = (_limits(material), _segments())
    return Section(
        "definitions", "What every number means", lead, tables=tables, terms=words + described
    )


def _limits(material: Material | Digest) -> Table:
    table = material.breaks.table()
    shown = table[table["reachable"]] if "reachable" in table else table
    shown = shown.assign(
        dimension=shown["dimension"].map(_DIMENSIONS),
        limits=[
            _range(low, high) for low, high in zip(shown["above"], shown["up_to"], strict=True)
        ],
    )
    columns = (
        Column("dimension", "Dimension", "text"),
        Column("score", "Score", "count", "5 is the best"),
        Column("limits", "Who has it", "text"),
    )
    return table_of("Limits of the scores", shown, columns)


def _range(low: float, high: float) -> str:
    if low == float("-inf"):
        return f"up to {high:,.10g}"
    return (
        f"above {low:,.10g}" if high == float("inf") else f"above {low:,.10g}, up to {high:,.10g}"
    )


def _segments() -> Table:
    import pandas as pd

    boxes = rules().boxes
    frame = pd.DataFrame(
        {
            "segment": [box.segment for box in boxes],
            "recency": [_scores(box.r_low, box.r_high) for box in boxes],
            "frequency": [_scores(box.f_low, box.f_high) for box in boxes],
        }
    )
    columns = (
        Column("segment", "Segment", "text"),
        Column("recency", "Recency score", "text", "5 is the most recent"),
        Column("frequency", "Frequency score", "text", "5 is the most frequent"),
    )
    return table_of("Scores of the segments", frame, columns)


def _scores(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"
