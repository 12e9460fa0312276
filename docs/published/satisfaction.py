"""Scores, drivers, weights and rating scales: values of papers, and of packages of R."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

import crmanalytics as crm
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

REFERENCE = Path(__file__).parents[2] / "tests" / "reference"
SWISS = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]
SHARES = {  # of the variance of Fertility
    "lmg": (
        "0.057091220768", "0.171173028900", "0.260134678624",
        "0.105570150374", "0.112765922927",
    ),
    "pratt": (
        "-0.110485990962", "0.106427404339", "0.445004567582",
        "0.161176814997", "0.104612205638",
    ),
    "genizi": (
        "0.048416895812", "0.154708249806", "0.271964104646",
        "0.114680029948", "0.116965721381",
    ),
}  # fmt: skip
CARS = {
    "johnson": ("0.228479725928", "0.222146870540", "0.232174439299", "0.096388603215"),
    "lmg": ("0.247052033235", "0.243499594796", "0.210912899544", "0.077725111408"),
}
SEED = ((8, 4, 6, 7), (3, 6, 5, 2), (9, 11, 3, 1))
FITTED = (
    ("5.57936139", "2.16246694", "3.89187372", "8.36629795"),
    ("3.43319968", "5.32260256", "5.32182753", "3.92237024"),
    ("8.98743893", "8.51493050", "2.78629875", "1.71133181"),
)
WILSON = {(81, 263): ("0.255289", "0.366210"), (15, 148): ("0.062386", "0.160487"),
          (0, 20): ("0.000000", "0.161125"), (1, 29): ("0.006113", "0.171755")}  # fmt: skip


def published() -> Iterator[Number]:
    """Give the numbers."""
    yield from _promoters()
    for (hits, n), printed in WILSON.items():
        frame = pd.DataFrame({"happy": [5] * hits + [1] * (n - hits)})
        row = crm.satisfaction.csat(frame, "happy", scale=(1, 5)).iloc[0]
        found = {
            f"{side} of {hits} in {n}": (text, row[side])
            for side, text in zip(("low", "high"), printed, strict=True)
        }
        yield from numbers("Shares (CSAT)", "Newcombe (1998), Statistics in Medicine 17", found)
    swiss = pd.read_csv(REFERENCE / "swiss.csv", index_col=0)
    yield from _shares("swiss, Fertility", swiss, "Fertility", SWISS, SHARES)
    cars = pd.read_csv(REFERENCE / "mtcars.csv")
    yield from _shares("mtcars, mpg", cars, "mpg", ["cyl", "disp", "hp", "gear"], CARS)
    yield from _raking()


def _promoters() -> Iterator[Number]:
    frame = pd.DataFrame({"likely": [3] * 15 + [8] * 25 + [10] * 60})

    def interval(method: str) -> pd.Series[float]:
        return crm.satisfaction.nps(frame, "likely", method=method).iloc[0]

    wald, adjusted, mover = map(interval, ("wald", "adjusted-wald", "mover"))
    found = {
        "score of 15, 25 and 60": ("0.45", wald["estimate"]),
        "standard error": ("0.0739932429347", wald["se"]),
        "Wald, low": ("0.304975908749", wald["low"]),
        "Wald, high": ("0.595024091251", wald["high"]),
        "adjusted Wald, low": ("0.293431112017", adjusted["low"]),
        "adjusted Wald, high": ("0.580355295750", adjusted["high"]),
    }
    yield from numbers("Net promoter score", "NPS (R)", found)
    found = {"MOVER, low": ("0.29246192", mover["low"]), "high": ("0.5794549", mover["high"])}
    yield from numbers("Net promoter score", "Wilson's intervals, combined by hand", found)


def _shares(
    title: str,
    frame: pd.DataFrame,
    outcome: str,
    names: list[str],
    printed: dict[str, tuple[str, ...]],
) -> Iterator[Number]:
    sources = {"lmg": "relaimpo (R), pingouin", "pratt": "relaimpo (R)", "genizi": "relaimpo (R)"}
    for method, texts in printed.items():
        shares = crm.satisfaction.drivers(frame, outcome, names, method=method, draws=0)
        found = {
            f"{method} of {name} ({title})": (text, share)
            for name, text, share in zip(names, texts, shares["estimate"], strict=True)
        }
        yield from numbers("Drivers", sources.get(method, "rwa (R)"), found)


def _raking() -> Iterator[Number]:
    rows, columns = dict(enumerate((20, 18, 22))), dict(enumerate((18, 16, 12, 14)))
    cells = pd.DataFrame(
        [(i, j, float(SEED[i][j])) for i in range(3) for j in range(4)],
        columns=["row", "column", "seed"],
    )
    raked = crm.surveys.rake(cells, {"row": rows, "column": columns}, weight="seed")
    weights = np.asarray(raked["weight"]).reshape(3, 4)
    found = {
        f"row {i + 1}, column {j + 1}": (FITTED[i][j], weights[i, j]) for i, j in np.ndindex(3, 4)
    }
    yield from numbers("Raking", "loglin (R), ipfn", found)
