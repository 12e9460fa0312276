"""Weights of criteria, from judgements and from data."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import pandas as pd

from crmanalytics import weighting
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

HOUSE = """1 5 3 7 6 6 1/3 1/4
1/5 1 1/3 5 3 3 1/5 1/7
1/3 3 1 6 3 4 6 1/5
1/7 1/5 1/6 1 1/3 1/4 1/7 1/8
1/6 1/3 1/3 3 1 1/2 1/5 1/6
1/6 1/3 1/4 4 2 1 1/5 1/6
3 5 1/6 7 5 5 1 1/2
4 7 5 8 6 6 2 1"""
CITY = """1 1/5 3 1/2 5
5 1 7 1 7
1/3 1/7 1 1/4 3
2 1 4 1 7
1/5 1/7 1/3 1/7 1"""
PHONES = [[250, 16, 12, 5], [200, 16, 8, 3], [300, 32, 16, 4], [275, 32, 8, 4], [225, 16, 16, 2]]
NAMES = ["price", "memory", "camera", "looks"]


def _judged(text: str) -> pd.DataFrame:
    rows = [[float(Fraction(cell)) for cell in line.split()] for line in text.splitlines()]
    names = [f"criterion {k + 1}" for k in range(len(rows))]
    return pd.DataFrame(rows, columns=names, index=names)


def published() -> Iterator[Number]:
    """Give the numbers."""
    for title, text, source, printed in (
        (
            "house",
            HOUSE,
            "Saaty (1980), The Analytic Hierarchy Process",
            ("9.66888731712", "0.169086860904", "0.17301748", "0.05397572", "0.18811030"),
        ),
        (
            "city",
            CITY,
            "ahpsurvey (R)",
            ("5.22523522093", "0.050275718958", "0.15216708", "0.43345437", "0.07155648"),
        ),
    ):  # fmt: skip
        found = weighting.ahp(_judged(text))
        kept = found.attrs["crmanalytics"]
        ours = [kept["largest_eigenvalue"], kept["consistency_ratio"], *found["weight"][:3]]
        labels = ["largest eigenvalue", "consistency ratio"]
        labels += [f"weight {k + 1}" for k in range(3)]
        named = {f"{x}, {title}": pair for x, *pair in zip(labels, printed, ours, strict=True)}
        yield from numbers("Hierarchies of judgements (AHP)", source, named)
    phones = pd.DataFrame(PHONES, columns=NAMES)
    for what, found, source, printed in (
        (
            "entropy",
            weighting.entropy(phones),
            "the definition, by hand",
            ("0.06391538", "0.37883128", "0.28792061", "0.26933272"),
        ),
        (
            "CRITIC",
            weighting.critic(phones, costs=["price"]),
            "pyDecision",
            ("0.27156959", "0.28167162", "0.25638459", "0.19037420"),
        ),
    ):
        pairs = zip(NAMES, printed, found["weight"], strict=True)
        named = {f"{what}, {name}": (text, weight) for name, text, weight in pairs}
        yield from numbers("Weights from data", source, named)
