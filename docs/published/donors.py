"""Donors and mailings: BG/BB beyond its estimates, and Markov chains beyond their values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

import crmanalytics as crm
from crmanalytics import clv
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

BTYD = "BTYD (R), donations"
PFEIFER = [
    [0.3, 0.7, 0, 0, 0],
    [0.2, 0, 0.8, 0, 0],
    [0.15, 0, 0, 0.85, 0],
    [0.05, 0, 0, 0, 0.95],
    [0, 0, 0, 0, 1],
]


def published() -> Iterator[Number]:
    """Give the numbers."""
    yield from _donors()
    chain = clv.markov.MarkovChain(PFEIFER, [36, -4, -4, -4, 0])
    four = chain.value(0.2, periods_per_year=1, horizon=4)
    later = chain.forecast([1, 0, 0, 0, 0], 4).loc[4]
    printed = ("50.1150", "4.2199", "0.5921", "-1.9801")
    found = {f"four years from recency {k + 1}": (x, four.iloc[k]) for k, x in enumerate(printed)}
    shares = ("0.1397", "0.1365", "0.1288", "0.1428", "0.4522")
    found |= {f"share in state {k + 1} after 4": (x, later.iloc[k]) for k, x in enumerate(shares)}
    source = "Pfeifer & Carraway (2000), J. Interactive Marketing 14(2)"
    yield from numbers("Markov chain", source, found)


def _donors() -> Iterator[Number]:
    donors = crm.datasets.load_donations()
    fit = clv.BGBB.fit(donors, weight="weight")
    model, weight = fit.model, donors["weight"]
    some = pd.DataFrame({"frequency": [0, 2, 4, 6], "recency": [0, 4, 5, 6], "T": 6})
    alive = model.probability_alive_next(some)
    ahead = model.expected_purchases(some, 10)
    found = {
        "gifts of a new donor in 10 years": ("3.1798", model.expected_purchases_new(10)),
        "P(alive), never gave": ("0.1081", alive.iloc[0]),
        "P(alive), 2 gifts, the last in year 4": ("0.5897", alive.iloc[1]),
        "P(alive), 6 gifts": ("0.9304", alive.iloc[3]),
        "gifts in 10 years, never gave": ("0.1302", ahead.iloc[0]),
        "gifts in 10 years, 4 gifts, the last in year 5": ("3.6279", ahead.iloc[2]),
        "gifts in 5 years, 6 gifts": ("3.7525", model.expected_purchases(some, 5).iloc[3]),
        "sum of P(alive)": ("4728.7", (model.probability_alive_next(donors) * weight).sum()),
        "sum of gifts in 5 years": (
            "12884.1",
            (model.expected_purchases(donors, 5) * weight).sum(),
        ),
    }  # fmt: skip
    yield from numbers("BG/BB", BTYD, found, {"sum of P(alive)": 0, "sum of gifts in 5 years": 0})
