"""Shared by all tests: the hypothesis profile and the folder of large real data sets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "crmanalytics",
    deadline=None,
    derandomize=True,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("crmanalytics")

DATA = Path(os.environ.get("CRMANALYTICS_TEST_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.fixture(scope="session")
def shared_data():
    """Return a function that finds a large data set, or skips the test where it is not kept."""

    def find(name: str) -> Path:
        path = DATA / name
        if not path.exists():
            pytest.skip(f"{name} is not on this machine (set CRMANALYTICS_TEST_DATA)")
        return path

    return find


@pytest.fixture(scope="session")
def lifetimes():
    """Return the lifetimes package; importing it warns and changes a pandas option."""
    import importlib
    import warnings

    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        option = pd.get_option("mode.chained_assignment")
        package = importlib.import_module("lifetimes")
        importlib.import_module("lifetimes.utils")
        pd.set_option("mode.chained_assignment", option)
    return package
