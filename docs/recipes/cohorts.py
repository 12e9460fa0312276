"""Who comes back: cohorts over time."""

from __future__ import annotations

import crmanalytics as crm
from recipes import recipe
from recipes.base import CDNOW, UNTIL, log

THEME = "Cohorts"


def _followed():
    return crm.cohorts.retention(log(), until=UNTIL)


@recipe(
    "plot_retention",
    theme=THEME,
    source=CDNOW,
    caption="The share of each cohort that bought again, month by month.",
)
def retention(ax):
    crm.plots.plot_retention(crm.cohorts.triangle(_followed()), ax=ax)


@recipe(
    "plot_average_retention",
    theme=THEME,
    source=CDNOW,
    caption="All cohorts together, with the interval and the best and the worst cohort.",
)
def average(ax):
    crm.plots.plot_average_retention(crm.cohorts.average_retention(_followed()), ax=ax)


@recipe(
    "plot_survival",
    theme=THEME,
    source=CDNOW,
    caption="The share of customers who have not lapsed yet.",
)
def survival(ax):
    crm.plots.plot_survival(crm.cohorts.survival(log(), until=UNTIL), ax=ax)


@recipe(
    "plot_activity",
    theme=THEME,
    source=CDNOW,
    caption="New and returning customers per month: all of CDNOW's are new in the first quarter.",
)
def activity(ax):
    crm.plots.plot_activity(crm.cohorts.activity(log(), until=UNTIL), ax=ax)
