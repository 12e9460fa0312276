"""The base: its size and health, how concentrated it is, its segments and its cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmanalytics import cohorts as _cohorts
from crmanalytics import columns as c
from crmanalytics import plots, rfm
from crmanalytics import segments as _segments
from crmanalytics.report.digest import totals_of
from crmanalytics.report.drawing import draw
from crmanalytics.report.parts import Column, Figure, Section, table_of
from crmanalytics.report.wording import day, money, number, percent, span

if TYPE_CHECKING:
    import pandas as pd

    from crmanalytics.report.digest import Digest, Totals
    from crmanalytics.report.material import Material

__all__ = [
    "activity",
    "cohorts",
    "concentration",
    "headline",
    "headline_of",
    "segments",
    "segments_of",
]

_PERIODS = {"W": "week", "M": "month", "Q": "quarter", "Y": "year"}


def headline(material: Material) -> Section:
    """Say how large the base is, what it brought in, and what it is expected to bring."""
    return headline_of(totals_of(material.scored), material)


def headline_of(totals: Totals, material: Material | Digest) -> Section:
    """Say it of a base in sums."""
    sign, customers, orders = material.currency, totals.customers, totals.orders
    revenue, active, repeat = totals.revenue, totals.active, totals.repeat
    ahead = span(material.horizon, material.unit)
    figures = [
        Figure(number(customers), "customers", f"first purchase from {day(totals.first)} on"),
        Figure(money(revenue, sign), "revenue", "of all of them, net of refunds"),
        Figure(money(revenue / orders, sign), "per purchase", f"{number(orders)} purchases"),
        Figure(percent(repeat / customers), "bought again", f"{number(repeat)} customers"),
        Figure(
            number(active),
            "will buy again",
            f"{percent(active / customers)} of customers, expected in the next {ahead}",
        ),
        Figure(
            number(totals.purchases),
            "purchases ahead",
            f"expected in the next {ahead}",
        ),
    ]
    if totals.worth is not None:
        figures.append(Figure(money(totals.worth, sign), "expected value", _terms(material, ahead)))
    lead = (
        (
            f"{number(customers)} customers made {number(orders)} purchases worth "
            f"{money(revenue, sign)} up to {day(material.until)}."
        ),
        (
            f"{number(customers - repeat)} of them ({percent(1 - repeat / customers)}) "
            "have bought only once so far."
        ),
    )
    return Section("headline", "The customer base at a glance", lead, tuple(figures))


def _first(scored: pd.DataFrame) -> str:
    return str(scored[c.FIRST_DATE].min())[:10]


def _terms(material: Material | Digest, ahead: str) -> str:
    return (
        f"margin of the next {ahead} at {percent(material.margin or 0)} of sales, "
        f"discounted at {percent(material.discount_rate or 0)} a year"
    )


def activity(material: Material) -> Section:
    """Show who bought in each period, and for how much."""
    table = _cohorts.activity(
        material.transactions,
        period=material.period,  # type: ignore[arg-type] # one of the periods
        until=material.until,
    )
    word = _PERIODS[material.period]
    last = table[table["complete"]].tail(1)
    lead = [
        "Returning customers bought before; new ones made their first purchase.",
        *(
            f"In the last full {word}, {number(row.active)} customers bought for "
            f"{money(row.revenue, material.currency)}; "
            f"{number(row.new) if row.new else 'none'} of them were new."
            for row in last.itertuples()
        ),
    ]
    if not table["complete"].all():
        lead.append(f"Pale bars: a {word} that had not ended yet.")
    chart = draw("activity", lambda ax: plots.plot_activity(table, ax=ax))
    columns = (
        Column("period_start", f"{word.capitalize()} from", "date", "first day of the period"),
        Column("active", "Customers", "count", "who bought in the period"),
        Column("new", "New", "count", "whose first purchase it was"),
        Column("returning", "Returning", "count", "who had bought before the period"),
        Column("revenue", "Revenue", "money", "net of refunds"),
        Column("revenue_returning", "of returning", "money", "revenue of returning customers"),
    )
    shown = table_of(f"{word.capitalize()} by {word}", table[::-1], columns, material.currency)
    return Section("activity", "Who buys, and when", tuple(lead), charts=(chart,), tables=(shown,))


def concentration(material: Material) -> Section:
    """Say on how few customers the business hangs."""
    scored = material.scored
    core = _segments.core_customers(scored)
    half, most = (int(count) for count in core["customers"])
    total = len(scored)
    gini = _segments.gini(scored)
    lead = (
        (
            f"{number(half)} of {number(total)} customers ({percent(half / total, 1)}) hold half "
            f"of the revenue; {number(most)} ({percent(most / total, 1)}) hold 80% of it."
        ),
        (
            f"The Gini coefficient is {gini:.2f}: 0 would mean that all spent the same, "
            "1 that one customer spent everything."
        ),
    )
    curve = _segments.lorenz(scored, points=401, descending=True)
    chart = draw("lorenz", lambda ax: plots.plot_lorenz(curve, ax=ax))
    columns = (
        Column("top", "Best", "whole", "share of customers, best first"),
        Column("customers", "Customers", "count"),
        Column("value", "Revenue", "money", "of these customers together"),
        Column("value_share", "Share of revenue", "percent"),
        Column("low", "from", "percent", "lower end of the 95% interval of the share"),
        Column("high", "to", "percent", "upper end of the 95% interval of the share"),
        Column("smallest", "Each spent at least", "amount", "revenue of the last of them"),
    )
    table = table_of(
        "Share of the best customers", _segments.concentration(scored), columns, material.currency
    )
    return Section("concentration", "How concentrated revenue is", lead, (), (chart,), (table,))


def segments(material: Material) -> Section:
    """Show the RFM map, and what each segment is."""
    n_recency, n_frequency, _ = material.breaks.n
    grid = rfm.grid(material.scored, n=(n_frequency, n_recency))
    return segments_of(rfm.profile(material.scored), grid, material.currency)


def segments_of(profile: pd.DataFrame, grid: pd.DataFrame, sign: str) -> Section:
    """Show the map and the segments of tables."""
    profile = profile.sort_values("revenue_share", ascending=False, kind="stable")
    best = profile.iloc[0]
    lead = (
        (
            f"“{best['segment']}” bring the most: {percent(best['share'])} of customers, "
            f"{percent(best['revenue_share'])} of revenue."
        ),
        (
            "Customers are scored by how recently they bought, how often, and for how much; "
            "recency and frequency decide the segment. The limits of the scores are listed at the "
            "end."
        ),
    )
    charts = (
        draw(
            "rfm",
            lambda ax: plots.plot_rfm_map(grid, currency=sign, ax=ax),
            note="The lighter a cell, the more revenue. Top right: recent and frequent buyers. "
            "An empty score has nobody: many customers share one value.",
            size=(6.4, 4.6),
        ),
        draw(
            "segments",
            lambda ax: plots.plot_segments(profile, ax=ax),
            size=(6.4, 1.4 + 0.42 * len(profile)),
        ),
    )
    columns = (
        Column("segment", "Segment", "text"),
        Column("customers", "Customers", "count"),
        Column("share", "% of customers", "percent", "share of customers"),
        Column("revenue", "Revenue", "money", "net of refunds"),
        Column("revenue_share", "% of revenue", "percent", "share of revenue"),
        Column("average_order_value", "Per purchase", "amount", "revenue per purchase"),
        Column("median_orders", "Purchases", "short", "median number of purchases of a customer"),
        Column(
            "median_days_since_last", "Days since last", "short", "median, since the last purchase"
        ),
        Column("median_total", "Spent", "amount", "median revenue of a customer"),
    )
    tables = (table_of("Segments", profile, columns, sign),)
    return Section("segments", "Segments: recency, frequency, money", lead, (), charts, tables)


def cohorts(material: Material) -> Section:
    """Show how many of each cohort came back."""
    period = material.period
    followed = _cohorts.retention(
        material.transactions,
        period=period,  # type: ignore[arg-type] # one of the periods
        until=material.until,
    )
    triangle = _cohorts.triangle(followed, complete=True)
    triangle = triangle.dropna(how="all").dropna(axis=1, how="all")
    word = _PERIODS[period]
    lead = [
        (
            f"Each row is the customers who first bought in one {word}; each column says which "
            f"share of them bought again so many {word}s later."
        ),
        (
            f"Customers who bought before {day(_first(material.scored))} are not known as such: "
            "the first rows may hold old customers."
        ),
    ]
    if triangle.shape[1] < 2:
        return Section("cohorts", "Who comes back", (f"There is no full {word} to come back in.",))
    first = triangle[1].dropna()
    if len(first):
        lead.insert(
            1,
            f"In the {word} after the first purchase, between {percent(first.min(), 1)} and "
            f"{percent(first.max(), 1)} came back.",
        )
    wide = triangle.shape[1] > 8
    size = (max(6.4, 1.3 + 0.5 * triangle.shape[1]), 1.5 + 0.32 * len(triangle))
    chart = draw("cohorts", lambda ax: plots.plot_retention(triangle, ax=ax), size=size, wide=wide)
    return Section("cohorts", "Who comes back", tuple(lead), charts=(chart,))
