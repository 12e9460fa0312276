"""A small log of sales with all that a cube can be asked for."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest


def sales(rows=300, seed=0):
    rng = np.random.default_rng(seed)
    amount = rng.integers(-2_000, 10_000, rows) / 100
    return pd.DataFrame(
        {
            "customer_id": rng.integers(0, 40, rows),
            "order_id": rng.integers(0, 150, rows),
            "date": pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 365, rows), "D"),
            "region": rng.choice(["north", "south", "west"], rows),
            "year": rng.integers(2021, 2024, rows),
            "channel": rng.choice(["web", "shop"], rows),
            "amount": amount,
            "goods": np.round(np.abs(amount) * rng.uniform(0.3, 1.2, rows), 2),
            "service": rng.integers(0, 500, rows) / 100,
            "hours": rng.integers(0, 4, rows) / 4,
        }
    )


@pytest.fixture
def log():
    return sales()


@pytest.fixture(scope="session")
def make_log():
    return sales
