"""The mobile-phone survey of the European index, as the sums that a structural model needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmanalytics.satisfaction import Moments

#: Sums of the answers of 250 respondents, and of their products with one another: exact, as all
#: answers are whole numbers.
SUMS = Path(__file__).parents[2] / "reference" / "mobi_sums.csv"
N = 250


@pytest.fixture(scope="session")
def mobi():
    table = pd.read_csv(SUMS, index_col="item")
    sums = table["sum"].to_numpy(dtype=float)
    products = table[table.index].to_numpy(dtype=float)
    covariance = (products - np.outer(sums, sums) / N) / (N - 1)
    return Moments.of(list(table.index), covariance, n=N, mean=sums / N)


@pytest.fixture(scope="session")
def survey():
    """Return answers from 1 to 10 of 400 respondents: quality drives value, both satisfaction."""
    rng = np.random.default_rng(20260401)
    n = 400
    quality = rng.normal(size=n)
    value = 0.6 * quality + 0.8 * rng.normal(size=n)
    joy = 0.5 * quality + 0.3 * value + 0.6 * rng.normal(size=n)
    true = {"q": (quality, 3), "v": (value, 2), "s": (joy, 3)}
    answers = {
        f"{stem}{k}": np.clip(np.round(7 + 1.6 * x + rng.normal(size=n)), 1, 10)
        for stem, (x, count) in true.items()
        for k in range(1, count + 1)
    }
    return pd.DataFrame({**answers, "w": rng.uniform(0.5, 2, n), "shop": rng.integers(0, 40, n)})
