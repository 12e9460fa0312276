"""Analytical CRM over DataFrames.

A purchase log goes in; what each customer is worth, whether they are leaving, and what to do about
it, comes out. Rooms load on first use, so that importing the package costs next to nothing.

>>> import crmanalytics as crm
>>> transactions = crm.datasets.load_cdnow_sample()
>>> customers = crm.summarize(transactions, until="1997-09-30", unit="W")
>>> fit = crm.clv.BGNBD.fit(customers)
>>> print(f"{fit.model.r:.3f} {fit.log_likelihood:.1f}")
0.243 -9582.4
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmanalytics import (
        churn,
        clv,
        cohorts,
        columns,
        datasets,
        decisions,
        errors,
        loyalty,
        plots,
        profitability,
        report,
        rfm,
        satisfaction,
        segments,
        surveys,
        weighting,
    )
    from crmanalytics.persistence import load
    from crmanalytics.transactions.clean import clean
    from crmanalytics.transactions.split import split
    from crmanalytics.transactions.summarize import summarize
    from crmanalytics.versions import show_versions

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "churn",
    "clean",
    "clv",
    "cohorts",
    "columns",
    "datasets",
    "decisions",
    "errors",
    "load",
    "loyalty",
    "plots",
    "profitability",
    "report",
    "rfm",
    "satisfaction",
    "segments",
    "show_versions",
    "split",
    "summarize",
    "surveys",
    "weighting",
]

_VERBS = {
    "clean": "crmanalytics.transactions",
    "load": "crmanalytics.persistence",
    "show_versions": "crmanalytics.versions",
    "split": "crmanalytics.transactions",
    "summarize": "crmanalytics.transactions",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - rooms and functions alike
    if name in _VERBS:
        return getattr(importlib.import_module(_VERBS[name]), name)
    if name in __all__:
        return importlib.import_module(f"crmanalytics.{name}")
    raise AttributeError(f"module 'crmanalytics' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
