"""The average curve: weights, partial periods, bounds that hold."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.cohorts import average_retention, retention
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.inference import wilson_interval


@pytest.fixture(scope="module")
def log():
    rng = np.random.default_rng(7)
    start = rng.integers(0, 150, 300)
    rows = [(k, day + rng.exponential(40, rng.poisson(3)).cumsum()) for k, day in enumerate(start)]
    frame = pd.DataFrame(
        [(k, d) for k, (who, days) in enumerate(rows) for d in (start[k], *days) if d < 300],
        columns=["customer_id", "day"],
    )
    day = frame.pop("day").to_numpy().astype(int).astype("m8[D]")
    money = rng.gamma(2, 10, len(frame))
    return frame.assign(date=np.datetime64("2024-01-01") + day, amount=money)


def test_uci_average(shared_data):
    raw = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    kept = raw["CustomerID"].notna() & ~raw["InvoiceNo"].str.startswith("C")
    raw = raw[kept & (raw["Quantity"] > 0) & (raw["UnitPrice"] > 0)]
    followed = retention(
        raw.drop(columns=["Quantity"]), customer_id="CustomerID", date="InvoiceDate"
    )
    found = average_retention(followed)
    assert found["period"].tolist() == list(range(12))
    # the first cohort, of 885, is the only one seen for eleven whole months: 445 of them
    assert found[["cohorts", "customers", "rate"]].iloc[-1].tolist() == [1, 885, 445 / 885]
    # two cohorts after ten months: 331 of 885 and 152 of 417
    assert found["rate"].iloc[-2] == pytest.approx((331 + 152) / (885 + 417))
    every = average_retention(followed, complete=False)
    assert every["rate"].iloc[-2] == pytest.approx((445 + 49) / (885 + 417))
    assert len(every) == 13


def test_customers_count_alike(log):
    followed = retention(log, until="2024-10-31")
    found = average_retention(followed)
    whole = followed.groupby("period")[["active", "customers"]].sum()
    np.testing.assert_allclose(found["rate"], whole["active"] / whole["customers"])
    low, high = wilson_interval(whole["active"], whole["customers"])
    np.testing.assert_allclose(found["low"][1:], low[1:])
    np.testing.assert_allclose(found["high"][1:], high[1:])
    assert found.loc[0, ["rate", "low", "high"]].tolist() == [1, 1, 1]
    by = followed.groupby("period")["rate"]
    np.testing.assert_allclose(found["simple_mean"], by.mean())
    np.testing.assert_allclose(found["lowest"], by.min())
    np.testing.assert_allclose(found["highest"], by.max())
    assert found["cohorts"].tolist() == by.count().tolist()


@pytest.mark.parametrize("value", ["orders", "revenue"])
def test_money_counts_by_the_first_period(log, value):
    followed = retention(log, until="2024-10-31", value=value)
    found = average_retention(followed)
    first = followed[followed["period"] == 0].set_index("cohort")[value]
    weight = followed["cohort"].map(first)
    for period, rows in followed.assign(weight=weight).groupby("period"):
        row = found.loc[period]
        assert row["rate"] == pytest.approx(rows[value].sum() / rows["weight"].sum())
        half = np.sqrt(((rows["weight"] * (rows["high"] - rows["rate"])) ** 2).sum())
        assert row["high"] - row["rate"] == pytest.approx(half / rows["weight"].sum(), abs=1e-9)
    # as if all had come in one period, up to how far cohorts differ
    assert found.loc[1, "low"] < found.loc[1, "rate"] < found.loc[1, "high"]


def test_zero_cohorts_and_order_of_rows():
    days = pd.to_datetime(["2024-01-05", "2024-03-02", "2024-03-09"])
    log = pd.DataFrame({"customer_id": [1, 2, 1], "date": days})
    followed = retention(log, until="2024-03-31")
    found = average_retention(followed)
    assert found["cohorts"].tolist() == [2, 1, 1]
    assert found["rate"].tolist() == [1, 0, 1]
    pd.testing.assert_frame_equal(average_retention(followed[::-1]), found)
    same = average_retention(retention(pl.from_pandas(log), until="2024-03-31"))
    assert same["rate"].to_list() == [1, 0, 1]


rows = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 300)), min_size=1, max_size=50)


@given(rows, st.sampled_from("MQ"))
def test_laws(drawn, period):
    frame = pd.DataFrame(drawn, columns=["customer_id", "day"])
    frame["date"] = np.datetime64("2024-01-01") + frame.pop("day").to_numpy().astype("m8[D]")
    found = average_retention(retention(frame, period=period, until="2024-12-31"))
    assert (found["lowest"] <= found["rate"] + 1e-12).all()
    assert (found["rate"] <= found["highest"] + 1e-12).all()
    assert (found["customers"].diff().dropna() <= 0).all()
    assert found["customers"].iloc[0] == frame["customer_id"].nunique()


def test_impossible_input(log):
    followed = retention(log, until="2024-10-31")
    with pytest.raises(MissingColumnsError, match="cohort"):
        average_retention(log)
    with pytest.raises(ParameterError, match="level"):
        average_retention(followed, level=0)
    with pytest.raises(InvalidValuesError, match="active"):
        average_retention(followed.assign(active=-1))
    assert len(average_retention(followed.head(0))) == 0
