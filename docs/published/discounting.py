"""Discounting, migration and residual lifetimes: numbers of the papers' cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmanalytics import clv
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

DWYER = (0.3, 0.2, 0.15, 0.05)
COUNTS = ("300", "230", "195", "139.7", "95.67")
#: Years after 7 of the High End cohort: percentages that stayed
STAYED = {8: "46.8", 9: "44.5", 10: "42.7", 11: "40.9", 12: "39.4"}
STOPPED = {4: ("53.1494", "6.6207", "2.6437"), 3: ("51.5745", "4.5957")}


def published() -> Iterator[Number]:
    """Give the numbers."""
    berger = clv.discounting.cyclic_value(125.0, 25.0, 0.8, 0.2, cycles=8, cycles_per_year=2)
    yield from numbers("Retention model", "the sums of the paper", {"case 2a": ("354.688", berger)})
    found = clv.discounting.migration_counts(list(DWYER), periods=5, initial=1000.0)
    counts = {
        f"customers of 1000 who buy in period {k}": (text, found[k])
        for k, text in enumerate(COUNTS, start=1)
    }
    yield from numbers("Migration model", "Dwyer (1989), in Berger & Nasr (1998)", counts)
    for last, texts in STOPPED.items():
        chain = clv.markov.mailing_chain(list(DWYER[: last - 1]), margin=40.0, mailing_cost=4.0)
        values = chain.value(0.2, periods_per_year=1)
        stop = {
            f"value at recency {k + 1}, no mail from recency {last}": (text, values.iloc[k])
            for k, text in enumerate(texts)
        }
        yield from numbers("Markov chain", "Pfeifer & Carraway (2000), the definition", stop)
    model = clv.ShiftedBetaGeometric(0.668, 3.806)
    residual = model.discounted_residual_lifetime(7, discount_rate=0.1, moment="before_renewal")
    yield from numbers(
        "Shifted beta-geometric",
        "Fader & Hardie (2010), Marketing Science 29(1)",
        {"discounted residual lifetime, High End": ("7.530", residual)},
    )
