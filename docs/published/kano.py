"""Kano's model and how far intervals of the net promoter score hold: counts and enumerations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

import crmanalytics as crm
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

PAIRS = {"M": (2, 5), "O": (1, 5), "A": (1, 3), "I": (3, 3), "R": (5, 1), "Q": (1, 1)}
METRICS = ("better", "worse", "total_strength", "category_strength")
CARS = {  # counts of M, O, A, I, R, Q, and the four metrics as they were printed
    "Sicherheit": ((18, 5, 1, 1, 1, 1), ("0.24", "-0.92", "0.888889", "0.481481")),
    "Beschleunigung": ((3, 11, 6, 6, 1, 0), ("0.653846", "-0.538462", "0.740741", "0.185185")),
    "Verbrauch": ((8, 11, 4, 4, 0, 0), ("0.555556", "-0.703704", "0.851852", "0.111111")),
    "Lebensdauer": ((8, 15, 1, 2, 0, 0), ("0.615385", "-0.884615", "0.923077", "0.269231")),
    "Schiebedach": ((4, 3, 2, 18, 0, 0), ("0.185185", "-0.259259", "0.333333", "0.518519")),
    "Rostschutz": ((12, 3, 3, 4, 4, 0), ("0.272727", "-0.681818", "0.692308", "0.307692")),
    "Design": ((2, 1, 15, 3, 6, 0), ("0.761905", "-0.142857", "0.666667", "0.333333")),
}
COVERAGE = {  # true shares of promoters and detractors, answers: Wald, adjusted Wald, MOVER
    (0.60, 0.15, 20): ("0.912", "0.956", "0.943"),
    (0.60, 0.15, 100): ("0.944", "0.949", "0.949"),
    (0.85, 0.05, 20): ("0.864", "0.963", "0.960"),
    (0.95, 0.02, 10): ("0.400", "0.941", "0.941"),
    (0.95, 0.02, 100): ("0.900", "0.969", "0.938"),
}
METHODS = ("wald", "adjusted-wald", "mover")


def published() -> Iterator[Number]:
    """Give the numbers."""
    for feature, (counts, printed) in CARS.items():
        rows = [pair for pair, n in zip(PAIRS.values(), counts, strict=True) for pair in [pair] * n]
        survey = pd.DataFrame(rows, columns=["with", "without"])
        found = crm.satisfaction.kano(survey, {feature: ("with", "without")})
        ours = found.set_index("metric")["estimate"]
        shown = {
            f"{name.replace('_', ' ')}, {feature}": (text, ours[name])
            for name, text in zip(METRICS, printed, strict=True)
        }
        yield from numbers("Kano", "stp25 (R), counts of its example", shown)
    for (promoters, detractors, n), texts in COVERAGE.items():
        held = crm.satisfaction.nps_coverage(promoters, detractors, n, method=METHODS)
        shares = held.set_index("method")["coverage"]
        shown = {
            f"{method}, {promoters:.0%} and {detractors:.0%}, n = {n}": (text, shares[method])
            for method, text in zip(METHODS, texts, strict=True)
        }
        yield from numbers("Coverage of NPS intervals (95%)", "a full enumeration, apart", shown)
