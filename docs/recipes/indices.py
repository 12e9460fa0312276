"""Indices: a structural model of satisfaction, and composites of many indicators."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import crmanalytics as crm
from recipes import recipe

THEME = "Satisfaction indices"
ANSWERS = "600 simulated answer sheets, drawn in place"
SHOPS = "12 simulated shops, drawn in place"
DRAWS = {"draws": 300, "seed": 1}


@cache
def _fit():
    """Quality drives value, both drive satisfaction, and that drives loyalty."""
    draw = np.random.default_rng(7)
    quality = draw.normal(size=600)
    value = 0.6 * quality + 0.8 * draw.normal(size=600)
    joy = 0.6 * quality + 0.2 * value + 0.6 * draw.normal(size=600)
    stay = 0.7 * joy + 0.7 * draw.normal(size=600)
    truth = {"Quality": (quality, 3), "Value": (value, 2)}
    truth |= {"Satisfaction": (joy, 3), "Loyalty": (stay, 2)}
    survey = {
        f"{name} {k}": (6 + (name == "Quality") + 1.5 * true + draw.normal(size=600))
        .round()
        .clip(1, 10)
        for name, (true, count) in truth.items()
        for k in range(count)
    }
    model = crm.satisfaction.structural_model(
        {name: [f"{name} {k}" for k in range(count)] for name, (_, count) in truth.items()},
        [
            "Quality -> Value",
            "Quality -> Satisfaction",
            "Value -> Satisfaction",
            "Satisfaction -> Loyalty",
        ],
    )
    return crm.satisfaction.fit_structural(pd.DataFrame(survey), model, scale=(1, 10))


@recipe(
    "plot_path_diagram",
    theme=THEME,
    source=ANSWERS,
    caption="What drives what, and how much; in each box the share that is explained.",
)
def path_diagram(ax):
    crm.plots.plot_path_diagram(_fit().paths, _fit().r2, ax=ax)


@recipe(
    "plot_reliability",
    theme=THEME,
    source=ANSWERS,
    caption="Whether the questions of each construct speak of one thing.",
)
def reliability(ax):
    crm.plots.plot_reliability(_fit().reliability, ax=ax)


@recipe(
    "plot_importance_map",
    theme=THEME,
    source=ANSWERS,
    caption="What matters for satisfaction, and how well it is done.",
)
def importance_map(ax):
    found = crm.satisfaction.importance_performance(_fit(), scale=(1, 10))
    crm.plots.plot_importance_map(found, ax=ax)


@cache
def _composite():
    draw = np.random.default_rng(2)
    skill = draw.normal(size=(12, 1))
    shown = 50 + 10 * (0.7 * skill + 0.7 * draw.normal(size=(12, 4)))
    names = ["praise", "repurchase", "complaints", "wait"]
    shops = pd.DataFrame(shown, columns=names, index=[f"Shop {k}" for k in "ABCDEFGHIJKL"])
    plan = crm.satisfaction.composite_plan(names, costs=["complaints", "wait"])
    shops[["complaints", "wait"]] = 100 - shops[["complaints", "wait"]]
    return shops, plan


@recipe(
    "plot_ranks",
    theme=THEME,
    source=SHOPS,
    caption="Ranks of shops, with how far they depend on choices of weights.",
    size=(7.0, 4.8),
)
def ranks(ax):
    choices = crm.satisfaction.CompositeChoices(weight_noise=0.3)
    crm.plots.plot_ranks(
        crm.satisfaction.composite_uncertainty(*_composite(), choices, **DRAWS), ax=ax
    )


@recipe(
    "plot_choices",
    theme=THEME,
    source=SHOPS,
    caption="Which choice the ranks depend on most: weights, or an indicator left out.",
)
def choices(ax):
    options = crm.satisfaction.CompositeChoices(weight_noise=0.3, leave_out=True)
    crm.plots.plot_choices(
        crm.satisfaction.composite_sensitivity(*_composite(), options, **DRAWS), ax=ax
    )
