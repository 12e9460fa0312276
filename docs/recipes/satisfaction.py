"""Satisfaction: answers made in place with a seed, and public ones where there are any."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import crmanalytics as crm
from recipes import recipe

THEME = "Satisfaction"
ANSWERS = "800 simulated answer sheets, drawn in place"
DRIVERS = ("staff", "price", "delivery", "website")


@cache
def _survey():
    """Four drivers that go together, satisfaction, and how likely people recommend."""
    draw = np.random.default_rng(1)
    mood = draw.normal(size=(800, 1))
    latent = 0.6 * mood + draw.normal(size=(800, 4))
    overall = latent @ [0.6, 0.3, 0.4, 0.1] + draw.normal(size=800)
    frame = pd.DataFrame(np.clip(np.round(3.4 + latent), 1, 5).astype(int), columns=list(DRIVERS))
    return frame.assign(
        overall=np.clip(np.round(3.4 + 0.8 * overall), 1, 5).astype(int),
        likely=np.clip(np.round(7.6 + 1.8 * overall), 0, 10).astype(int),
        shop=draw.choice(["North", "East", "South", "West"], 800, p=[0.5, 0.3, 0.15, 0.05]),
        wave=draw.choice(["2024", "2025", "2026"], 800),
    )


@recipe(
    "plot_scores",
    theme=THEME,
    source=ANSWERS,
    caption="Net promoter scores by shop: the fewer answers, the wider the interval.",
)
def scores(ax):
    crm.plots.plot_scores(crm.satisfaction.nps(_survey(), "likely", by="shop"), ax=ax)


@recipe(
    "plot_change",
    theme=THEME,
    source=ANSWERS,
    caption="Changes between waves of which chance alone is the cause: the intervals know.",
)
def change(ax):
    crm.plots.plot_change(crm.satisfaction.change(_survey(), "likely", between="wave"), ax=ax)


@recipe(
    "plot_answers",
    theme=THEME,
    source=ANSWERS,
    caption="All answers, which a mean would hide.",
)
def answers(ax):
    shares = crm.satisfaction.answer_shares(_survey(), "overall", scale=(1, 5), by="shop")
    crm.plots.plot_answers(shares, ax=ax).set_title("Satisfaction by shop, from 1 to 5", pad=28)


@recipe(
    "plot_nps_coverage",
    theme=THEME,
    source="all surveys that can come about, enumerated",
    caption="How often intervals of 95% hold a true score of 93, by the number of answers.",
)
def nps_coverage(ax):
    sizes = [10, 15, 20, 30, 40, 50, 60, 80]
    crm.plots.plot_nps_coverage(crm.satisfaction.nps_coverage(0.95, 0.02, sizes), ax=ax)


@recipe(
    "plot_drivers",
    theme=THEME,
    source=ANSWERS,
    caption="How much of the variation of satisfaction goes with each driver (LMG).",
)
def drivers(ax):
    found = crm.satisfaction.drivers(_survey(), "overall", list(DRIVERS), draws=300)
    crm.plots.plot_drivers(found, ax=ax)


@recipe(
    "plot_penalty_reward",
    theme=THEME,
    source=ANSWERS,
    caption="What a poor performance takes from satisfaction, and what a good one adds.",
)
def penalty_reward(ax):
    found = crm.satisfaction.penalty_reward_contrast(
        _survey(), "overall", list(DRIVERS), poor=2, good=4, draws=300
    )
    crm.plots.plot_penalty_reward(found, ax=ax)


@recipe(
    "plot_priorities",
    theme=THEME,
    source=ANSWERS,
    caption="What matters and is not good enough comes first, with what chance it lies there.",
    size=(7.0, 5.4),
)
def priorities(ax):
    draw = np.random.default_rng(2)
    stated = {
        f"{name}_matters": np.clip(np.round(draw.normal(level, 1, 800)), 1, 5)
        for name, level in zip(DRIVERS, (4.4, 4.2, 3.0, 2.6), strict=True)
    }
    analysis = crm.satisfaction.importance_performance_analysis(
        _survey().assign(staff=lambda d: (d["staff"] - 1).clip(1), **stated),
        {name: name for name in DRIVERS},
        importance={name: f"{name}_matters" for name in DRIVERS},
    )
    crm.plots.plot_priorities(crm.satisfaction.priority_matrix(analysis), ax=ax)


@recipe(
    "plot_kano",
    theme=THEME,
    source="200 simulated people asked about five features, drawn in place",
    caption="What pleases when it is there, and what annoys when it is not.",
    size=(6.4, 5.8),
)
def kano(ax):
    draw = np.random.default_rng(3)
    # chances of the answers from 'like' to 'dislike', with the feature and without it
    kinds = {
        "Brakes": ([0.1, 0.7, 0.15, 0.05, 0.0], [0.0, 0.0, 0.1, 0.1, 0.8]),
        "Mileage": ([0.8, 0.1, 0.1, 0.0, 0.0], [0.0, 0.0, 0.1, 0.2, 0.7]),
        "Seat heating": ([0.7, 0.1, 0.2, 0.0, 0.0], [0.0, 0.1, 0.6, 0.2, 0.1]),
        "Ashtray": ([0.1, 0.1, 0.7, 0.1, 0.0], [0.0, 0.1, 0.7, 0.15, 0.05]),
        "Assistant": ([0.45, 0.1, 0.35, 0.1, 0.0], [0.05, 0.05, 0.5, 0.1, 0.3]),
    }
    survey = pd.DataFrame(
        {
            f"{name} {side}": draw.choice(np.arange(1, 6), 200, p=chances[k])
            for name, chances in kinds.items()
            for k, side in enumerate(("with", "without"))
        }
    )
    pairs = {name: (f"{name} with", f"{name} without") for name in kinds}
    crm.plots.plot_kano(crm.satisfaction.kano(survey, pairs), ax=ax)


@recipe(
    "plot_service_gaps",
    theme=THEME,
    source="300 simulated people, drawn in place",
    caption="What people expect of each side of the service, and what they get.",
)
def service_gaps(ax):
    draw = np.random.default_rng(4)
    items = {"Clean rooms": 0.2, "Kept promises": -1.2, "Quick help": -0.7, "Kindness": 0.1}
    survey, pairs = pd.DataFrame(index=range(300)), {}
    for k, (name, gap) in enumerate(items.items()):
        expected = np.clip(np.round(draw.normal(5.8, 0.9, 300)), 1, 7)
        survey[f"e{k}"] = expected
        survey[f"p{k}"] = np.clip(expected + np.round(draw.normal(gap, 1.0, 300)), 1, 7)
        pairs[name] = (f"e{k}", f"p{k}")
    crm.plots.plot_service_gaps(crm.satisfaction.servqual(survey, pairs), part="item", ax=ax)


@recipe(
    "plot_delivered_value",
    theme=THEME,
    source="200 simulated people, drawn in place",
    caption="What customers get, in their own money, and what it costs them.",
)
def delivered_value(ax):
    draw = np.random.default_rng(5)
    means = {"product": 60, "service": 25, "image": 10, "price": 50, "time": 12, "effort": 6}
    survey = pd.DataFrame({k: draw.gamma(9, m / 9, 200) for k, m in means.items()})
    found = crm.satisfaction.delivered_value(
        survey, value=["product", "service", "image"], cost=["price", "time", "effort"]
    )
    crm.plots.plot_delivered_value(found, ax=ax)
