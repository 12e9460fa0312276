"""Counting and scoring customers: CDNOW, the orders of the R package rfm, and German credit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import crmanalytics as crm
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

#: Customers with 1, 2, 3 ... orders
ORDERS = (42, 83, 143, 187, 176, 150, 94, 51, 38, 20, 3, 5, 2, 1)
F_CUTS, F_COUNTS = ("4", "5", "6", "8"), ("268", "187", "176", "244", "120")
#: Status of the checking account: good, bad, weight of evidence, its part of the information
ACCOUNTS = {
    "below 0": (139, 135, "0.818099", "0.205693"),
    "0 to 200": (164, 105, "0.401392", "0.046447"),
    "200 and more": (49, 14, "-0.405465", "0.009461"),
    "none": (348, 46, "-1.176263", "0.404410"),
}


def published() -> Iterator[Number]:
    """Give the numbers."""
    log = crm.datasets.load_cdnow_sample()
    until = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    first, bought = until.iloc[0], until[until["frequency"] > 0]
    yield from numbers(
        "Counting customers (CDNOW)",
        "Fader & Hardie's summary of the sample, lifetimes",
        {
            "customers": ("2357", len(until)),
            "customers who came back": ("946", len(bought)),
            "repeat purchases": ("2457", until["frequency"].sum()),
            "purchases in the 39 weeks after": ("1882", until["frequency_holdout"].sum()),
            "mean spend of a repeat purchase": ("35.0778", bought["monetary_value"].mean()),
            "recency of customer 1, weeks": ("30.4286", first["recency"]),
            "T of customer 1, weeks": ("38.8571", first["T"]),
            "mean spend of customer 1": ("22.345", first["monetary_value"]),
        },
    )
    yield from _frequency_scores()
    yield from _evidence()


def _frequency_scores() -> Iterator[Number]:
    orders = np.repeat(np.arange(1, len(ORDERS) + 1), ORDERS)
    ids = np.arange(len(orders))
    frame = pd.DataFrame(
        {"customer_id": ids, "days_since_last": ids, "orders": orders, "total": ids + 1.0}
    )
    cuts = crm.rfm.breaks(frame, ties="rfm-r").f[0]
    counts = np.bincount(crm.rfm.score(frame, ties="rfm-r")["f_score"], minlength=6)[1:]
    found = {f"cut {k} of orders": (t, cuts[k - 1]) for k, t in enumerate(F_CUTS, start=1)}
    found |= {
        f"customers of frequency score {k}": (t, counts[k - 1])
        for k, t in enumerate(F_COUNTS, start=1)
    }
    yield from numbers("Frequency scores", "rfm (R), its 995 customers by orders", found)


def _evidence() -> Iterator[Number]:
    rows = [
        (name, churned)
        for name, (good, bad, *_) in ACCOUNTS.items()
        for churned in [0] * good + [1] * bad
    ]
    frame = pd.DataFrame(rows, columns=["account", "churned"])
    table = crm.churn.weight_of_evidence(frame, "account")
    table = table.set_index(table["bin"].astype(str))
    found = {}
    for name, (_, _, weight, part) in ACCOUNTS.items():
        found[f"weight of evidence, {name}"] = (weight, table.loc[name, "weight_of_evidence"])
        found[f"information, {name}"] = (part, table.loc[name, "information_value"])
    value = crm.churn.information_value(frame, ["account"])["information_value"].iloc[0]
    found["information value"] = ("0.6660115033513", value)
    yield from numbers("Evidence (German credit, checking account)", "scorecardpy, toad", found)
