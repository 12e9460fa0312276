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
#: Each path by the weighting schemes path, factorial and centroid, and with consistent PLS.
PATHS = {
    ("Image", "Expectation"): ("0.5049139336", "0.5049431", "0.5047057", "0.86329"),
    ("Image", "Satisfaction"): ("0.1787395001", "0.1785927", "0.1788334", "0.14991"),
    ("Image", "Loyalty"): ("0.1957553331", "0.1958196", "0.1953598", "-0.09097"),
    ("Expectation", "Quality"): ("0.5567489624", "0.5567591", "0.5572478", "0.87102"),
    ("Expectation", "Value"): ("0.0499883925", "0.0501782", "0.0507875", "-0.05423"),
    ("Expectation", "Satisfaction"): ("0.0625228695", "0.0649437", "0.0644254", "0.02675"),
    ("Quality", "Value"): ("0.5583043795", "0.5577624", "0.5572169", "0.72134"),
    ("Quality", "Satisfaction"): ("0.5120239400", "0.5129747", "0.5125453", "0.66932"),
    ("Value", "Satisfaction"): ("0.1947651042", "0.1914452", "0.1918157", "0.17827"),
    ("Satisfaction", "Complaints"): ("0.5280662463", "0.5258565", "0.5260973", "0.59446"),
    ("Satisfaction", "Loyalty"): ("0.4854776236", "0.4830592", "0.483475", "0.96152"),
    ("Complaints", "Loyalty"): ("0.0669260690", "0.0703106", "0.0712324", "-0.03923"),
}
R2 = {
    "Expectation": "0.2549380804",
    "Quality": "0.3099694071",
    "Value": "0.3452789419",
    "Satisfaction": "0.6810782914",
    "Complaints": "0.2788539604",
    "Loyalty": "0.4569444547",
}
#: Alpha standardised and of the raw answers, rho_C, AVE, rho_A.
RELIABILITY = {
    "Image": ("0.7228345954", "0.7144468020", "0.8188786731", "0.4783539443", "0.7403285"),
    "Expectation": ("0.4519025560", "0.4325968438", "0.7332355585", "0.4804461801", "0.4620549"),
    "Quality": ("0.8770102452", "0.8724063714", "0.9046924219", "0.5766500025", "0.8842465"),
    "Value": ("0.8236319794", "0.8166945390", "0.9179754114", "0.8484398867", "0.8549963"),
    "Satisfaction": ("0.7791950219", "0.7701131083", "0.8712532327", "0.6930950564", "0.7891016"),
    "Loyalty": ("0.4723989629", "0.4417171984", "0.7217055557", "0.5173047262", "0.7457337"),
}  # fmt: skip
MEASURES = ("alpha", "alpha_raw", "rho_c", "ave", "rho_a")
HTMT = {
    ("Image", "Expectation"): "0.8880304275",
    ("Image", "Quality"): "0.9287063895",
    ("Image", "Satisfaction"): "0.9101009238",
    ("Quality", "Satisfaction"): "0.9536360119",
    ("Satisfaction", "Loyalty"): "0.9566456746",
    ("Value", "Loyalty"): "0.7973165893",
    ("Quality", "Loyalty"): "0.7593201877",
}
LOADINGS = {
    "CUSA1": "0.7924124",
    "CUSA2": "0.8470215",
    "CUSA3": "0.8566927",
    "CUSL2": "0.2020217",
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
    fits = {
        scheme: s.fit_structural_moments(mobi(), s.ecsi(), scheme=scheme)
        for scheme in ("path", "factorial", "centroid")
    }
    consistent = s.fit_structural_moments(mobi(), s.ecsi(), consistent=True)
    for column, (title, found, source) in enumerate(
        (
            ("", fits["path"], "cSEM, seminr (R)"),
            (", factorial", fits["factorial"], "seminr (R)"),
            (", centroid", fits["centroid"], "seminr (R)"),
            (", PLSc", consistent, "cSEM (R), which finds it inadmissible, as we do"),
        )
    ):
        paths = found.paths.set_index(["source", "target"])["path"]
        values = {
            f"path {a} to {b}{title}": (printed[column], paths[a, b])
            for (a, b), printed in PATHS.items()
        }
        yield from numbers(THEME, source, values)
    yield from _measures(fits["path"])


def _measures(fit: s.StructuralFit) -> Iterator[Number]:
    measured = fit.reliability.set_index("construct")
    values = {
        f"{name} of {construct}": (text, measured.loc[construct, name])
        for construct, printed in RELIABILITY.items()
        for name, text in zip(MEASURES, printed, strict=True)
    }
    explained = fit.r2.set_index("construct")["r2"]
    values |= {f"R2 of {construct}": (text, explained[construct]) for construct, text in R2.items()}
    htmt = fit.htmt.set_index(["first", "second"])
    values |= {
        f"HTMT {a} and {b}": (text, htmt.loc[(a, b), "htmt"]) for (a, b), text in HTMT.items()
    }
    loadings = fit.measurement.set_index("item")["loading"]
    values |= {f"loading of {item}": (text, loadings[item]) for item, text in LOADINGS.items()}
    overall = fit.overall.iloc[0]
    performance = s.importance_performance(fit, scale=(1, 10), target="Loyalty")
    index = performance.set_index("construct").loc["Satisfaction", "performance"]
    values |= {
        "SRMR": ("0.1327864433", overall["srmr"]),
        "GoF": ("0.4717525772", overall["gof"]),
        "HTMT Quality and Loyalty, signed": (
            "0.7234681372",
            htmt.loc[("Quality", "Loyalty"), "htmt_signed"],
        ),
        "index of Satisfaction, 0 to 100": ("72.454117931", index),
    }
    yield from numbers(THEME, "cSEM, seminr, plspm (R)", values)
