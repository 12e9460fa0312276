"""Retention of margin: the money that the rows earned, losses included."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.cohorts import retention, triangle
from crmanalytics.errors import InvalidValuesError, MissingColumnsError

LOG = pd.DataFrame(
    {
        "customer_id": [1, 1, 2, 2, 3],
        "date": pd.to_datetime(
            ["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-25", "2024-03-02"]
        ),
        "amount": [100.0, 50.0, 60.0, -60.0, 10.0],
        "profit": [30.0, -5.0, 20.0, -20.0, 4.0],
    }
)


def test_by_hand():
    found = retention(LOG, value="margin", until="2024-03-31")
    assert found["margin"].tolist() == [50, -25, 0, 0, 0, 4]
    assert found["active"].tolist() == [2, 1, 0, 0, 0, 1]
    assert found["rate"].tolist()[:3] == [1, -0.5, 0]
    assert triangle(found, "margin").iloc[0].tolist() == [50, -25, 0]
    assert found.attrs["crmanalytics"]["value"] == "margin"


def test_a_share_of_revenue_is_retained_as_revenue_is():
    rng = np.random.default_rng(0)
    log = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 40, 300),
            "date": np.datetime64("2024-01-01") + rng.integers(0, 300, 300).astype("m8[D]"),
            "amount": rng.gamma(2, 20, 300),
        }
    )
    log = log.assign(gain=log["amount"] / 4)
    revenue = retention(log, value="revenue", until="2024-12-31")
    margin = retention(log, value="margin", profit="gain", until="2024-12-31")
    np.testing.assert_allclose(margin["margin"], revenue["revenue"] / 4)
    for name in ("rate", "low", "high"):
        np.testing.assert_allclose(margin[name], revenue[name])
    kept = retention(pl.from_pandas(log), value="margin", profit="gain", until="2024-12-31")
    np.testing.assert_allclose(kept["margin"], margin["margin"])


def test_impossible_input():
    with pytest.raises(MissingColumnsError, match="profit"):
        retention(LOG.drop(columns="profit"), value="margin")
    with pytest.raises(InvalidValuesError, match=r"profit.*missing"):
        retention(LOG.assign(profit=np.nan), value="margin")
    # where profits are not asked for, they may be missing
    assert len(retention(LOG.assign(profit=np.nan), until="2024-03-31")) == 6


@pytest.mark.parametrize("value", ["orders", "revenue"])
def test_sparse_and_dense_identifiers_count_alike(value):
    rng = np.random.default_rng(1)
    n = 400
    log = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 50, n),
            "date": np.datetime64("2024-01-01") + rng.integers(0, 300, n).astype("m8[D]"),
            "amount": rng.integers(1, 9, n).astype(float),
            "order_id": rng.integers(0, 150, n),
        }
    )
    found = retention(log, value=value, until="2024-12-31")
    apart = log.assign(customer_id=log["customer_id"] * 10**9, order_id=log["order_id"] * 10**10)
    pd.testing.assert_frame_equal(retention(apart, value=value, until="2024-12-31"), found)
    # an order of several customers or days counts once for each customer, on its first day
    if value == "orders":
        first = log.groupby(["customer_id", "order_id"])["date"].min()
        assert found["orders"].sum() == len(first)
        start = log.groupby("customer_id")["date"].min().dt.to_period("M")
        month = first.dt.to_period("M").reset_index()
        since = (
            month["date"].astype("int64") - month["customer_id"].map(start).astype("int64")
        ).value_counts()
        assert found.groupby("period")["orders"].sum().to_dict() == {
            k: int(since.get(k, 0)) for k in range(12)
        }
