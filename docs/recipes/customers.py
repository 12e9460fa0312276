"""Who the customers are: scores, segments, tiers, concentration, life cycle, migration."""

from __future__ import annotations

import crmanalytics as crm
from recipes import recipe
from recipes.base import AT, CDNOW, UNTIL, customers, log, scored

THEME = "Segments and tiers"


@recipe(
    "plot_rfm_map",
    theme=THEME,
    source=CDNOW,
    caption="Where customers and money sit, by how recently and how often they bought.",
)
def rfm_map(ax):
    crm.plots.plot_rfm_map(crm.rfm.grid(scored()), currency="$", ax=ax)


@recipe(
    "plot_segments",
    theme=THEME,
    source=CDNOW,
    caption="The share of customers beside the share of revenue: Champions are 18% and bring 52%.",
)
def segments(ax):
    crm.plots.plot_segments(crm.rfm.profile(scored()), ax=ax)


@recipe(
    "plot_treemap",
    theme=THEME,
    source=CDNOW,
    caption="Segments by size; the darker, the more an order is worth.",
)
def treemap(ax):
    profile = crm.rfm.profile(scored())
    crm.plots.plot_treemap(profile, area="customers", shade="average_order_value", ax=ax)


@recipe("plot_lorenz", theme=THEME, source=CDNOW, caption="How much of the revenue the best hold.")
def lorenz(ax):
    curve = crm.segments.lorenz(customers(), points=201, descending=True)
    crm.plots.plot_lorenz(curve, ax=ax)


@recipe(
    "plot_whale_curve",
    theme=THEME,
    source=f"{CDNOW}; assumed: 30% margin, 8 per customer and 1 per order to serve",
    caption="Cumulative profit, the best customers first: who costs more than they bring takes "
    "profit away again.",
)
def whale(ax):
    base = customers()
    profit = base["total"] * 0.30 - 8.0 - 1.0 * base["orders"]
    curve = crm.segments.whale_curve(base.assign(profit=profit))
    crm.plots.plot_whale_curve(curve, currency="$", ax=ax)


@recipe(
    "plot_pyramid",
    theme=THEME,
    source=CDNOW,
    caption="The pyramid of customers stands on its foot, that of value on its head.",
)
def pyramid(ax):
    tiered = crm.segments.pyramid(customers(), value="total")
    crm.plots.plot_pyramid(crm.segments.tier_profile(tiered), ax=ax)


@recipe(
    "plot_lifecycle",
    theme=THEME,
    source=CDNOW,
    caption="First-time buyers become repeat buyers, or go quiet.",
)
def lifecycle(ax):
    days = [f"1997-{month:02d}-28" for month in range(1, 13)]
    days += [f"1998-{month:02d}-28" for month in range(1, 7)]
    crm.plots.plot_lifecycle(crm.segments.lifecycle_counts(log(), days), ax=ax)


def _moves():
    before = crm.summarize(log(), until=AT)
    cuts = crm.rfm.breaks(before)
    then = crm.rfm.segment(crm.rfm.score(before, cuts))
    now = crm.rfm.segment(crm.rfm.score(crm.summarize(log(), until=UNTIL), cuts))
    return crm.segments.migration(then, now)


@recipe(
    "plot_migration",
    theme=THEME,
    source=CDNOW,
    caption="Who moved where between September 1997 and June 1998, the cuts held still.",
    size=(7.5, 5.5),
)
def migration(ax):
    crm.plots.plot_migration(_moves(), ax=ax)


@recipe(
    "plot_transitions",
    theme=THEME,
    source=CDNOW,
    caption="The same moves as percentages of where customers came from.",
    size=(7.5, 5.5),
)
def transitions(ax):
    crm.plots.plot_transitions(_moves(), ax=ax)


@recipe(
    "plot_stability",
    theme=THEME,
    source=f"{CDNOW}; repeat buyers",
    caption="How alike clusters come out of resampled customers, by their number.",
)
def stability(ax):
    repeat = customers().query("frequency > 1").sample(3000, random_state=1)
    columns = ["days_since_last", "orders", "total"]
    crm.plots.plot_stability(
        crm.segments.cluster_stability(repeat, (2, 3, 4, 5, 6), columns), ax=ax
    )
