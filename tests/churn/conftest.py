"""What the tests of churn measures share: 221 published labels and scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def scored_221():
    """Labels and scores by which published profit measures were computed (empulse, MIT)."""
    path = Path(__file__).parent / "scored_221.csv"
    churned, score = np.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    return pd.DataFrame({"churned": churned.astype(int), "churn_probability": score})
