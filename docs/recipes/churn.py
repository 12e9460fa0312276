"""Who leaves: a score of CDNOW's customers made in September 1997, judged by what came later."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import crmanalytics as crm
from recipes import recipe
from recipes.base import CDNOW, early, log

THEME = "Churn"
JUDGED = f"{CDNOW}; scored by the MBG/NBD model as of 1997-09, churned: no purchase after"
MONEY = {"offer_cost": 2.0, "contact_cost": 0.5, "acceptance": 0.3}
ASSUMED = "assumed: offers of 2, contacts of 0.50, accepted by 30%"


@cache
def _scored():
    then = early()
    fit = crm.clv.MBGNBD.fit(then)
    weeks = float(then["duration_holdout"].iloc[0])
    active = fit.model.probability_active(then, weeks)
    spent = then["total"] / then["orders"]
    return then.assign(
        churn_probability=1 - active,
        churned=then["frequency_holdout"] == 0,
        clv=(0.3 * spent * fit.model.expected_purchases(then, 52)).clip(0),
    )


@recipe(
    "plot_gain",
    theme=THEME,
    source=JUDGED,
    caption="Which share of those who never came back the score finds, and how soon.",
)
def gain(ax):
    crm.plots.plot_gain(crm.churn.cumulative_gain(_scored()), ax=ax)


@recipe(
    "plot_lift",
    theme=THEME,
    source=JUDGED,
    caption="Churn by tenths of the score, with intervals; above each bar the lift.",
)
def lift(ax):
    crm.plots.plot_lift(crm.churn.lift_table(_scored()), ax=ax)


@recipe(
    "plot_profit_curve",
    theme=THEME,
    source=f"{JUDGED}; {ASSUMED}, customers worth 20",
    caption="What a campaign earns for each share of the customers that it contacts.",
)
def profit_curve(ax):
    curve = crm.churn.profit_curve(_scored(), clv=20, **MONEY)
    crm.plots.plot_profit_curve(curve, currency="$", ax=ax)


@recipe(
    "plot_retention_plan",
    theme=THEME,
    source=f"{JUDGED}; {ASSUMED}; margin 30%, budget 3,000",
    caption="Right of the line an offer pays; the budget is enough for the best of them.",
    size=(7.0, 5.2),
)
def retention_plan(ax):
    plan = crm.decisions.retention_plan(_scored(), budget=3000, **MONEY)
    crm.plots.plot_retention_plan(plan, up_scale="log", ax=ax)


@cache
def _drifted():
    ends = ("1997-06-30", "1998-06-30")
    columns = ["days_since_last", "orders", "total", "frequency"]
    return [crm.summarize(log(), until=end, unit="W")[columns] for end in ends]


@recipe(
    "plot_drift",
    theme=THEME,
    source=f"{CDNOW}: as of 1997-06 and as of 1998-06",
    caption="What has changed in a year: the customers of one quarter have grown old together.",
)
def drift(ax):
    crm.plots.plot_drift(crm.churn.drift(*_drifted()), ax=ax)


@recipe(
    "plot_drift_bins",
    theme=THEME,
    source=f"{CDNOW}: as of 1997-06 and as of 1998-06",
    caption="Orders per customer, then and now, in the bins of then.",
)
def drift_bins(ax):
    crm.plots.plot_drift_bins(crm.churn.drift_table(*_drifted(), "orders"), ax=ax)


@cache
def _experiment():
    draw = np.random.default_rng(1)
    rows = 20_000
    past, treated = draw.integers(0, 12, rows), draw.integers(0, 2, rows)
    effect = np.where(past < 6, 0.08 - 0.01 * past, -0.02)
    visit = draw.random(rows) < 0.25 + effect * treated
    return pd.DataFrame({"treated": treated, "visit": visit, "uplift": -past.astype(float)})


@recipe(
    "plot_uplift_curve",
    theme=THEME,
    source="20,000 simulated customers, half of them mailed by chance",
    caption="Visits gained by mailing the customers first whom it changes most.",
)
def uplift_curve(ax):
    curve = crm.churn.uplift.uplift_curve(_experiment(), outcome="visit")
    crm.plots.plot_uplift_curve(curve, label="Visits gained", ax=ax)


@recipe(
    "plot_uplift_bins",
    theme=THEME,
    source="20,000 simulated customers, half of them mailed by chance",
    caption="What the mail did in groups of customers: some are better left alone.",
)
def uplift_bins(ax):
    table = crm.churn.uplift.uplift_by_bin(_experiment(), outcome="visit")
    crm.plots.plot_uplift_bins(table, ax=ax)
