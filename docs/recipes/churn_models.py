"""Why a customer leaves, and when: contracts made in place with a seed."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

import crmanalytics as crm
from recipes import recipe

THEME = "Churn"
CONTRACTS = "1,200 simulated contracts, drawn in place"


@cache
def _contracts():
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "complaints": draw.poisson(0.8, 1200),
            "monthly_fee": draw.uniform(10, 60, 1200).round(),
            "autopay": draw.choice(["yes", "no"], 1200),
        }
    )
    odds = frame["complaints"] + 0.04 * frame["monthly_fee"] - 1.2 * (frame["autopay"] == "yes")
    life = draw.geometric(1 / (1 + np.exp(4.2 - 0.8 * odds)))
    return frame.assign(duration=np.minimum(life, 24), churned=(life <= 24).astype(int))


@recipe(
    "plot_reasons",
    theme=THEME,
    source=CONTRACTS,
    caption="Why the model holds this customer to be at risk, in the customer's own figures.",
)
def reasons(ax):
    features = _contracts()[["complaints", "monthly_fee", "autopay"]]
    gone = (_contracts()["churned"] == 1) & (_contracts()["duration"] <= 12)
    model = crm.churn.ChurnClassifier().fit(features, gone.astype(int))
    first = features.sort_values(["complaints", "monthly_fee"]).tail(1)
    crm.plots.plot_reasons(model.reasons(first), ax=ax)


@recipe(
    "plot_time_to_churn",
    theme=THEME,
    source=CONTRACTS,
    caption="How long customers stay, by how they pay; bands are intervals of 95%.",
)
def time_to_churn(ax):
    curve = crm.churn.kaplan_meier(_contracts(), by="autopay")
    crm.plots.plot_time_to_churn(curve, by="autopay", ax=ax)
