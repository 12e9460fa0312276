"""Loyalty and prices: answers made in place, since no public data set has them."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import crmanalytics as crm
from recipes import recipe

THEME = "Loyalty and price"
ANSWERS = "1,500 simulated customers, drawn in place"
PRICES = "400 simulated people, drawn in place"
QUESTIONS = {name: name for name in ("too_cheap", "cheap", "expensive", "too_expensive")}


@cache
def _answers():
    """Satisfaction from 0 to 10, and buying again, which hardly depends on it below 7."""
    draw = np.random.default_rng(1)
    happy = draw.binomial(10, draw.beta(4, 2, 1500))
    odds = -1.2 + 0.05 * happy + 0.75 * np.maximum(happy - 6.5, 0)
    again = draw.random(1500) < 1 / (1 + np.exp(-odds))
    return pd.DataFrame({"satisfaction": happy, "again": again.astype(int)})


@recipe(
    "plot_satisfaction_link",
    theme=THEME,
    source=ANSWERS,
    caption="Loyalty is flat up to a point and rises from there, which the forms show differently.",
    size=(8.4, 4.2),
)
def satisfaction_link(ax):
    survey = _answers()
    crm.plots.plot_satisfaction_link(
        crm.loyalty.satisfaction_link(survey, "satisfaction", "again"), ax=ax
    )


@recipe(
    "plot_loyalty_types",
    theme=THEME,
    source=ANSWERS,
    caption="Apostles are satisfied and stay; hostages stay although they are not satisfied.",
    size=(5.6, 5.4),
)
def loyalty_types(ax):
    survey = _answers()
    shares = crm.loyalty.apostle_shares(
        survey, "satisfaction", "again", satisfied_from=7, loyal_from=1, terrorist_to=2
    )
    crm.plots.plot_loyalty_types(shares, ax=ax)


@cache
def _prices():
    """Four rising prices of each person, around a fair price of their own."""
    draw = np.random.default_rng(2)
    fair = 10 * np.exp(0.2 * draw.standard_normal(400))
    factors = np.cumsum(draw.uniform(0.1, 0.35, (400, 4)), axis=1) + 0.45
    return pd.DataFrame(np.round(fair[:, None] * factors, 1), columns=list(QUESTIONS))


@recipe(
    "plot_price_meter",
    theme=THEME,
    source=PRICES,
    caption="Shaded: the prices that are acceptable. Above: the four points with their intervals.",
    size=(8.2, 5.0),
)
def price_meter(ax):
    arguments = QUESTIONS | {"intransitive": "exclude"}
    curves = crm.loyalty.price_sensitivity_curves(_prices(), **arguments)
    points = crm.loyalty.price_sensitivity(_prices(), **arguments, bootstraps=300)
    crm.plots.plot_price_meter(curves, points, currency="$", ax=ax)


@recipe(
    "plot_demand",
    theme=THEME,
    source=PRICES,
    caption="Who would buy at which price, what that brings, and which price brings most.",
    size=(8.6, 4.4),
)
def demand(ax):
    draw = np.random.default_rng(3)
    limit = 10 * np.exp(0.35 * draw.standard_normal(400))
    asked = pd.DataFrame({"price": [5.0, 7.0, 9.0, 11.0, 13.0, 15.0]}).merge(
        pd.DataFrame({"who": range(400), "limit": limit}), how="cross"
    )
    asked["buys"] = (asked["limit"] * draw.uniform(0.9, 1.1, len(asked)) > asked["price"]).astype(
        int
    )
    names = {"respondent": "who", "price": "price", "would_buy": "buys", "cost": 4.0}
    curve = crm.loyalty.demand_curve(asked, **names, bootstraps=300)
    best = crm.loyalty.best_price(asked, **names, bootstraps=300)
    crm.plots.plot_demand(curve, best, currency="$", ax=ax)
