"""Who is still active, what they are expected to bring, and who the best of them are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crmanalytics import clv, plots
from crmanalytics import columns as c
from crmanalytics.report.drawing import draw
from crmanalytics.report.parts import Column, Section, table_of
from crmanalytics.report.wording import money, number, percent, span

if TYPE_CHECKING:
    import pandas as pd

    from crmanalytics.report.digest import Digest
    from crmanalytics.report.material import Material
    from crmanalytics.report.parts import Table

__all__ = ["TOP", "ahead_of", "alive", "top_customers", "top_of", "value"]

TOP: Final = 25
_DECILES: Final = 10


def alive(material: Material) -> Section:
    """Show how many customers are how likely to be still active."""
    scored, ahead = material.scored, span(material.horizon, material.unit)
    again = scored[c.FREQUENCY] > 0
    # models of the BG/NBD kind let customers leave after repeat purchases alone
    blind = bool((scored.loc[~again, c.P_ALIVE] == 1).any())
    p = scored.loc[again, c.P_ALIVE] if blind else scored[c.P_ALIVE]
    likely, gone = int((p >= 0.5).sum()), int((p < 0.1).sum())
    active = float(scored[c.P_ACTIVE].sum())
    lead = [
        (
            f"{number(likely)} of {number(len(p))} {'repeat ' if blind else ''}customers "
            f"({percent(likely / len(p))}) are more likely to be still active than not; "
            f"{number(gone)} are almost certainly gone (below 10%)."
        ),
        (
            "The probability comes from each customer's own rhythm: a long silence means more for "
            "someone who used to buy every week than for someone who buys once a year."
        ),
        (
            f"{number(active)} customers ({percent(active / len(scored))}) are expected to buy at "
            f"least once in the next {ahead}."
        ),
    ]
    note = ""
    if blind:
        once = number(int((~again).sum()))
        note = (
            f"In this model a customer can leave only after a repeat purchase: all {once} one-time "
            "buyers count as active. Whether they will buy says more about them."
        )
    chart = draw("alive", lambda ax: plots.plot_alive(material.scored, ax=ax), note=note)
    return Section(
        "alive",
        "Who is still active",
        tuple(lead),
        charts=(chart,),
        tables=(_by_segment(material),),
    )


def _by_segment(material: Material) -> Table:
    """Add up what is expected of each segment."""
    names = [c.P_ACTIVE, c.EXPECTED_PURCHASES, *([c.CLV] if material.has_value else [])]
    by = material.scored.groupby(c.SEGMENT, sort=True)
    return ahead_of(by[names].sum().assign(customers=by.size()).reset_index(), material.currency)


def ahead_of(sums: pd.DataFrame, currency: str) -> Table:
    """Lay out what is expected of each segment."""
    by = c.CLV if c.CLV in sums else c.EXPECTED_PURCHASES
    shares = sums.assign(share=sums[c.P_ACTIVE] / sums["customers"])
    columns = (
        Column(c.SEGMENT, "Segment", "text"),
        Column("customers", "Customers", "count"),
        Column(c.P_ACTIVE, "Will buy", "count", "expected number of them within the horizon"),
        Column("share", "% will buy", "percent", "of the customers of the segment"),
        Column(c.EXPECTED_PURCHASES, "Purchases ahead", "count", "expected within the horizon"),
        Column(c.CLV, "Expected value", "money", "sum over the segment"),
    )
    ordered = shares.sort_values(by, ascending=False, kind="stable")
    return table_of("What to expect of each segment", ordered, columns, currency)


def value(material: Material) -> Section:
    """Show how the expected value is spread over the tenths of the base."""
    scored, sign = material.scored, material.currency
    ahead = span(material.horizon, material.unit)
    name = c.CLV if material.has_value else c.EXPECTED_PURCHASES
    groups = min(_DECILES, len(scored))
    deciles = clv.diagnostics.value_by_decile(scored, name, n=groups)
    best = deciles.iloc[0]
    if material.has_value:
        label, kind, total = (
            f"Expected value ({sign})" if sign else "Expected value",
            "amount",
            "money",
        )
        lead = [
            (
                f"Expected value is the margin to expect of a customer in the next {ahead}: "
                f"purchases times spend, times a margin of {percent(material.margin or 0, 1)}, at "
                f"today's value with a discount rate of {percent(material.discount_rate or 0, 1)} "
                "a year."
            ),
            (
                f"The best tenth is worth {money(best['mean'], sign)} each on average and "
                f"{percent(best['share'])} of the whole; "
                f"the next tenth {percent(deciles['share'].iloc[min(1, groups - 1)])}."
            ),
        ]
    else:
        label, kind, total = "Expected purchases", "decimal", "count"
        lead = [
            (
                f"Expected purchases in the next {ahead}. A value in money needs a margin and a "
                "discount rate, which were not given."
            ),
            (
                f"The best tenth makes {number(best['mean'], 1)} purchases each on average, "
                f"{percent(best['share'])} of all."
            ),
        ]
    chart = draw("deciles", lambda ax: plots.plot_deciles(deciles, label=label, ax=ax))
    columns = (
        Column("decile", "Tenth", "count", "1 is the best tenth of the customers"),
        Column("customers", "Customers", "count"),
        Column("mean", "Mean", kind, "per customer"),  # type: ignore[arg-type] # chosen above
        Column("smallest", "Lowest", kind, "the lowest of the tenth"),  # type: ignore[arg-type] # as above
        Column("sum", "Sum", total, "of the tenth"),  # type: ignore[arg-type] # as above
        Column("share", "Share", "percent", "of the whole"),
        Column("cumulative_share", "So far", "percent", "share of this tenth and those above"),
    )
    table = table_of("Tenth by tenth", deciles, columns, sign)
    return Section("value", "What to expect, and of whom", tuple(lead), (), (chart,), (table,))


def top_customers(material: Material) -> Section:
    """List the customers of whom most is expected."""
    by = c.CLV if material.has_value else c.EXPECTED_PURCHASES
    best = material.scored.sort_values([by, c.CUSTOMER_ID], ascending=[False, True]).head(TOP)
    return top_of(best, material)


def top_of(best: pd.DataFrame, material: Material | Digest) -> Section:
    """List these customers."""
    ahead = span(material.horizon, material.unit)
    columns = (
        Column(c.CUSTOMER_ID, "Customer", "text"),
        Column(c.SEGMENT, "Segment", "text"),
        Column(c.ORDERS, "Purchases", "count", "so far"),
        Column(c.TOTAL, "Spent", "money", "so far, net of refunds"),
        Column(c.DAYS_SINCE_LAST, "Days since last", "count", "since the last purchase"),
        Column(c.P_ALIVE, "Still active", "percent", "probability"),
        Column(c.P_ACTIVE, "Will buy", "percent", f"probability, in the next {ahead}"),
        Column(c.EXPECTED_PURCHASES, "Purchases ahead", "decimal", f"expected in the next {ahead}"),
        Column(c.EXPECTED_SPEND, "Per purchase", "amount", "expected spend per purchase"),
        Column(c.CLV, "Expected value", "money", "see above"),
    )
    what = "expected value" if material.has_value else "expected purchases"
    lead = (f"The {len(best)} customers with the highest {what}.",)
    table = table_of("Top customers", best, columns, material.currency)
    return Section("top", "Top customers", lead, tables=(table,))
