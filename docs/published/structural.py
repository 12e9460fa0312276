"""The European satisfaction index of mobile-phone users: values on which other packages agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from crmanalytics import satisfaction as s
from published import numbers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from published import Number

#: Sums of the answers of 250 respondents, and of their products: all that the model needs of them.
SUMS = Path(__file__).parents[2] / "tests" / "reference" / "mobi_sums.csv"
N = 250
THEME = "Structural satisfaction index (ECSI, mobile phones)"
PATHS = {
    ("Image", "Expectation"): ("0.5049139336", "0.86329"),
    ("Image", "Satisfaction"): ("0.1787395001", "0.14991"),
    ("Expectation", "Quality"): ("0.5567489624", "0.87102"),
    ("Quality", "Satisfaction"): ("0.5120239400", "0.66932"),
    ("Value", "Satisfaction"): ("0.1947651042", "0.17827"),
    ("Satisfaction", "Complaints"): ("0.5280662463", "0.59446"),
    ("Satisfaction", "Loyalty"): ("0.4854776236", "0.96152"),
}
RELIABILITY = {
    "alpha": "0.779195021919",
    "alpha_raw": "0.770113108282",
    "rho_a": "0.7891016",
    "rho_c": "0.871253232708",
    "ave": "0.693095056441",
}


def mobi() -> s.Moments:
    """Return the survey's moments."""
    table = pd.read_csv(SUMS, index_col="item")
    sums = table["sum"].to_numpy(dtype=float)
    products = table[table.index].to_numpy(dtype=float)
    covariance = (products - np.outer(sums, sums) / N) / (N - 1)
    return s.Moments.of(list(table.index), covariance, n=N, mean=sums / N)


def published() -> Iterator[Number]:
    """Give the numbers."""
    fit = s.fit_structural_moments(mobi(), s.ecsi())
    consistent = s.fit_structural_moments(mobi(), s.ecsi(), consistent=True)
    for title, found, column, source in (
        ("", fit, 0, "cSEM, seminr (R)"),
        (", PLSc", consistent, 1, "cSEM (R), which finds it inadmissible, as we do"),
    ):
        paths = found.paths.set_index(["source", "target"])["path"]
        values = {
            f"path {a} to {b}{title}": (printed[column], paths[a, b])
            for (a, b), printed in PATHS.items()
        }
        yield from numbers(THEME, source, values)
    yield from _measures(fit)


def _measures(fit: s.StructuralFit) -> Iterator[Number]:
    measured = fit.reliability.set_index("construct").loc["Satisfaction"]
    values = {f"{k} of satisfaction": (text, measured[k]) for k, text in RELIABILITY.items()}
    overall = fit.overall.iloc[0]
    htmt = fit.htmt.set_index(["first", "second"]).loc["Quality", "Loyalty"]
    performance = s.importance_performance(fit, scale=(1, 10), target="Loyalty")
    index = performance.set_index("construct").loc["Satisfaction", "performance"]
    yield from numbers(
        THEME,
        "cSEM, seminr, plspm (R)",
        {
            **values,
            "R2 of satisfaction": ("0.681078291389", fit.r2["r2"].iloc[3]),
            "SRMR": ("0.132786443292", overall["srmr"]),
            "GoF": ("0.471752577172", overall["gof"]),
            "HTMT quality and loyalty": ("0.759320187689", htmt["htmt"]),
            "... signed": ("0.723468137163", htmt["htmt_signed"]),
            "index of satisfaction, 0 to 100": ("72.454117931", index),
        },
    )
