"""What follows: matrices, portfolios, core customers, and where profit comes from."""

from __future__ import annotations

from functools import cache

import crmanalytics as crm
from recipes import recipe
from recipes.base import CDNOW, UNTIL, log, scored

THEME = "Decisions and profitability"


@cache
def _cube():
    lines = log().assign(month=lambda d: d["date"].dt.strftime("%Y-%m"))
    size = lines["quantity"].clip(upper=4).astype(int).astype(str)
    first = lines.groupby("customer_id")["date"].transform("min").dt.strftime("%Y-%m")
    lines = lines.assign(cohort=first, cost=lines["amount"] * 0.55 + 5.0)
    dimensions = ["cohort", "CDs"]
    lines["CDs"] = size.where(size != "4", "4 or more")
    return crm.profitability.cube(lines, dimensions, costs="cost")


@recipe(
    "plot_profit_map",
    theme=THEME,
    source=f"{CDNOW}; assumed: costs of 55% and 5 per line",
    caption="Profit by the month of the first purchase and the number of CDs in a line.",
)
def profit_map(ax):
    crm.plots.plot_profit_map(_cube(), "cohort", "CDs", ax=ax)


@recipe(
    "plot_profit_treemap",
    theme=THEME,
    source=f"{CDNOW}; assumed: costs of 55% and 5 per line",
    caption="Revenue as area and margin as shade: lines of a single CD bring least per dollar.",
)
def profit_treemap(ax):
    crm.plots.plot_profit_treemap(_cube(), "CDs", ax=ax)


@cache
def _portfolio():
    grown = crm.decisions.customer_growth(log(), at="1997-12-31", until=UNTIL)
    return crm.decisions.growth_portfolio(grown.query("total > 0"))


@recipe(
    "plot_quadrant",
    theme=THEME,
    source=f"{CDNOW}; the last half-year against the one before",
    caption="Customers by value and growth: cows, stars, question marks and dogs.",
    size=(7.5, 5.0),
)
def quadrant(ax):
    crm.plots.plot_quadrant(
        _portfolio(), "total", "growth", name="portfolio", up_scale="log", ax=ax
    )


@recipe(
    "plot_fields",
    theme=THEME,
    source=CDNOW,
    caption="The same portfolio, counted.",
)
def fields(ax):
    profile = crm.decisions.two_way_profile(_portfolio(), "total", "growth", name="portfolio")
    crm.plots.plot_fields(profile, ax=ax)


@recipe(
    "plot_value_matrix",
    theme=THEME,
    source=f"{CDNOW}; current: profit so far, potential: value of the coming year",
    caption="Current value against potential, with the four classical strategies.",
    size=(7.5, 5.0),
)
def value_matrix(ax):
    values = scored().assign(current=lambda d: d["total"] * 0.30, potential=lambda d: d["clv"])
    cuts = crm.decisions.value_cuts(values, method="mean")
    crm.plots.plot_value_matrix(crm.decisions.value_matrix(values, cuts=cuts), scale="log", ax=ax)


@cache
def _core():
    return crm.decisions.scorecard(scored(), CRITERIA, weights=WEIGHTS)


CRITERIA = ["total", "frequency", "p_alive", "monetary_value"]
WEIGHTS = {"total": 3, "frequency": 2, "p_alive": 3, "monetary_value": 1}


@recipe(
    "plot_size_and_score",
    theme=THEME,
    source=CDNOW,
    caption="Big is not the same as good, and small may be good.",
)
def size_and_score(ax):
    crm.plots.plot_size_and_score(_core(), ax=ax)


@recipe(
    "plot_sensitivity",
    theme=THEME,
    source=CDNOW,
    caption="How many of the core customers remain when a weight is larger or smaller.",
)
def sensitivity(ax):
    crm.plots.plot_sensitivity(crm.decisions.weight_sensitivity(_core(), WEIGHTS), ax=ax)
