"""What is installed is said, and what is not is said to be missing."""

from __future__ import annotations

import importlib.metadata

import pandas as pd

import crmanalytics as crm
from crmanalytics import versions


def test_what_is_needed_always_is_there():
    shown = crm.show_versions()
    assert list(shown.columns) == ["package", "version", "needed"]
    assert shown.loc[shown["needed"] == "always", "version"].notna().all()
    named = shown.set_index("package")["version"]
    assert named["pandas"] == pd.__version__


def test_what_is_not_installed_is_missing(monkeypatch):
    def nowhere(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(versions.metadata, "version", nowhere)
    shown = crm.show_versions().set_index("package")["version"]
    assert shown["polars"] is None or pd.isna(shown["polars"])
    assert shown["crmanalytics"] == crm.__version__
