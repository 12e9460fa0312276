"""Who will still buy, and how well the models say it."""

from __future__ import annotations

import crmanalytics as crm
from recipes import recipe
from recipes.base import AT, CDNOW, early, log, scored

THEME = "Lifetime value"


def _fit():
    return crm.clv.MBGNBD.fit(early())


@recipe(
    "plot_alive",
    theme=THEME,
    source=CDNOW,
    caption="How likely customers are to be still active: many have left, few are sure to stay.",
)
def alive(ax):
    crm.plots.plot_alive(scored(), ax=ax)


@recipe(
    "plot_tracking",
    theme=THEME,
    source=f"{CDNOW}; MBG/NBD fitted until {AT}",
    caption="Repeat purchases week by week beside what the model expects; right of the line it "
    "forecasts.",
)
def tracking(ax):
    weeks = crm.clv.diagnostics.repeat_purchases_over_time(_fit(), log(), at=AT)
    crm.plots.plot_tracking(weeks, ax=ax)


@recipe(
    "plot_frequency_histogram",
    theme=THEME,
    source=f"{CDNOW}; MBG/NBD fitted until {AT}",
    caption="How many customers made 0, 1, 2, ... repeat purchases, counted and modelled.",
)
def histogram(ax):
    table = crm.clv.diagnostics.frequency_histogram(_fit(), early())
    crm.plots.plot_frequency_histogram(table, ax=ax)


@recipe(
    "plot_holdout",
    theme=THEME,
    source=f"{CDNOW}; MBG/NBD fitted until {AT}",
    caption="Purchases of the following nine months and their forecast, by earlier frequency.",
)
def holdout(ax):
    table = crm.clv.diagnostics.holdout_by_frequency(_fit(), early())
    crm.plots.plot_holdout(table, ax=ax)


@recipe(
    "plot_calibration",
    theme=THEME,
    source=f"{CDNOW}; MBG/NBD fitted until {AT}",
    caption="Of those who would buy with probability p, a share of p should have bought.",
)
def calibration(ax):
    table = crm.clv.diagnostics.activity_calibration(_fit(), early())
    crm.plots.plot_calibration(table, ax=ax)


@recipe(
    "plot_comparison",
    theme=THEME,
    source=f"{CDNOW}; fitted until {AT}",
    caption="The mean log-probability that models had given to what came: the higher the better.",
)
def comparison(ax):
    models = {"BG/NBD": crm.clv.BGNBD, "MBG/NBD": crm.clv.MBGNBD, "Pareto/NBD": crm.clv.ParetoNBD}
    fits = {name: model.fit(early()) for name, model in models.items()}
    crm.plots.plot_comparison(crm.clv.diagnostics.compare(fits, early()), ax=ax)


@recipe(
    "plot_deciles",
    theme=THEME,
    source=f"{CDNOW}; 52 weeks, 10% a year, 30% margin",
    caption="What each tenth of the customers is expected to bring in the coming year.",
)
def deciles(ax):
    table = crm.clv.diagnostics.value_by_decile(scored())
    crm.plots.plot_deciles(table, label="Expected profit ($)", ax=ax)
