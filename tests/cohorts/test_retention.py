"""Retention: the triangle of real data, small logs by hand, and laws."""

from __future__ import annotations

import logging

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.cohorts import retention, triangle
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

NAMES = {"customer_id": "CustomerID", "date": "InvoiceDate", "amount": "spend"}


@pytest.fixture(scope="module")
def uci(shared_data):
    log = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    log = log[log["CustomerID"].notna()]
    return log.assign(spend=log["Quantity"] * log["UnitPrice"])


@pytest.fixture(scope="module")
def uci_clean(uci):
    kept = ~uci["InvoiceNo"].str.startswith("C") & (uci["Quantity"] > 0) & (uci["UnitPrice"] > 0)
    return uci[kept]


def log_of(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


LOG = log_of(
    (1, "2024-01-05", 10.0),
    (1, "2024-01-05", 5.0),
    (1, "2024-02-10", 30.0),
    (2, "2024-01-31", 20.0),
    (2, "2024-03-01", -20.0),
    (3, "2024-04-15", 7.0),
    (4, "2024-02-02", -1.0),
)


def row(found, name):
    return [int(x) for x in triangle(found, "active").loc[name].dropna()]


def test_uci_triangle(uci_clean):
    found = retention(uci_clean, **NAMES)
    assert len(uci_clean) == 397_884
    assert row(found, "2010-12-01") == [
        885, 324, 286, 340, 321, 352, 321, 309, 313, 350, 331, 445, 235,
    ]  # fmt: skip
    assert row(found, "2011-01-01") == [417, 92, 111, 96, 134, 120, 103, 101, 125, 136, 152, 49]
    assert row(found, "2011-02-01") == [380, 71, 71, 108, 103, 94, 96, 106, 94, 116, 26]
    assert row(found, "2011-11-01") == [323, 36]
    assert row(found, "2011-12-01") == [41]
    assert found.query("period == 0")["customers"].sum() == 4338


def test_uci_the_last_diagonal_is_a_partial_month(uci_clean):
    found = retention(uci_clean, **NAMES)
    partial = found[~found["complete"]]
    last = pd.to_datetime(partial["cohort"]).dt.to_period("M") + partial["period"].to_numpy()
    assert set(last.astype(str)) == {"2011-12"}
    assert len(partial) == 13
    whole = retention(uci_clean, until="2011-12-31", **NAMES)
    assert whole["complete"].all()
    assert whole["active"].tolist() == found["active"].tolist()


def test_uci_refunds_are_no_activity_where_there_is_money(uci):
    netted = retention(uci[uci["UnitPrice"] > 0], **NAMES)
    assert row(netted, "2010-12-01")[0] == 885
    every = retention(uci.drop(columns="spend"), customer_id="CustomerID", date="InvoiceDate")
    assert row(every, "2010-12-01") == [
        948, 362, 317, 367, 341, 376, 360, 336, 336, 374, 354, 474, 260,
    ]  # fmt: skip


def test_uci_orders_and_revenue_add_up(uci_clean):
    orders = retention(uci_clean, value="orders", order_id="InvoiceNo", **NAMES)
    assert orders["orders"].sum() == 18_532
    revenue = retention(uci_clean, value="revenue", **NAMES)
    assert revenue["revenue"].sum() == pytest.approx(8_911_407.904)


def test_by_hand_customers():
    found = retention(LOG, until="2024-04-30")
    assert found[["period", "customers", "active"]].to_numpy().tolist() == [
        [0, 2, 2], [1, 2, 1], [2, 2, 0], [3, 2, 0],
        [0, 0, 0], [1, 0, 0], [2, 0, 0],
        [0, 0, 0], [1, 0, 0],
        [0, 1, 1],
    ]  # fmt: skip
    assert found["cohort"].astype(str).unique().tolist() == [
        "2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01",
    ]  # fmt: skip
    assert found["rate"].isna().tolist() == [False] * 4 + [True] * 5 + [False]
    assert found.loc[1, ["low", "high"]].tolist() == pytest.approx([0.0945312, 0.9054688])
    assert found.loc[0, ["low", "high"]].tolist() == [1, 1]
    assert found["complete"].all()


def test_by_hand_orders():
    found = retention(LOG, until="2024-04-30", value="orders")
    assert found["orders"].head(4).tolist() == [2, 1, 0, 0]
    numbered = LOG.assign(order_id=["a", "b", "c", "d", "e", "f", "g"])
    found = retention(numbered, until="2024-04-30", value="orders")
    assert found["orders"].head(4).tolist() == [3, 1, 0, 0]
    assert found["rate"].head(4).tolist() == pytest.approx([1, 1 / 3, 0, 0])


def test_by_hand_revenue_is_net_of_refunds():
    found = retention(LOG, until="2024-04-30", value="revenue")
    assert found["revenue"].head(4).tolist() == [35, 30, -20, 0]
    assert found["active"].head(4).tolist() == [2, 1, 0, 0]
    assert found["rate"].head(4).tolist() == pytest.approx([1, 30 / 35, -20 / 35, 0])
    # residuals of the ratio: 30 - 15 R and -20 R for R = 6/7, over 35
    residuals = np.array([30 - 15 * 6 / 7, -20 * 6 / 7])
    half = 1.959964 * np.sqrt(2 * np.sum(residuals**2)) / 35
    assert found.loc[1, "high"] - found.loc[1, "rate"] == pytest.approx(half, rel=1e-6)
    assert found.loc[0, ["low", "high"]].tolist() == [1, 1]


def test_later_rows_are_left_out():
    found = retention(LOG, until="2024-02-15")
    assert found["active"].tolist() == [2, 1, 0]
    assert found["complete"].tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("period", "starts", "last"),
    [
        ("W", "2024-01-01", 17),
        ("M", "2024-01-01", 3),
        ("Q", "2024-01-01", 1),
        ("Y", "2024-01-01", 0),
    ],
)
def test_periods(period, starts, last):
    found = retention(LOG, until="2024-04-30", period=period)
    assert str(found["cohort"].min().date()) == starts
    assert found["period"].max() == last
    assert found.query("period == 0")["customers"].sum() == 3


def test_until_is_the_last_day_of_the_log_and_is_logged(caplog):
    with caplog.at_level(logging.INFO, logger="crmanalytics"):
        found = retention(LOG)
    assert "2024-04-15" in caplog.text
    pd.testing.assert_frame_equal(found, retention(LOG, until="2024-04-15"))


rows = st.tuples(st.integers(0, 6), st.integers(0, 400), st.integers(-5, 50))
logs = st.lists(rows, min_size=1, max_size=60).filter(lambda r: any(x[2] >= 0 for x in r))


@given(
    logs,
    st.sampled_from("WMQY"),
    st.sampled_from(["customers", "orders", "revenue"]),
    st.randoms(use_true_random=False),
)
def test_laws(drawn, period, value, random):
    frame = pd.DataFrame(drawn, columns=["customer_id", "day", "amount"])
    frame["date"] = np.datetime64("2023-02-20") + frame.pop("day").to_numpy().astype("m8[D]")
    how = {"period": period, "value": value, "until": "2024-04-01"}
    found = retention(frame, **how)
    order = list(range(len(frame)))
    random.shuffle(order)
    named = frame.assign(customer_id="c" + (9 - frame["customer_id"]).astype(str))
    pd.testing.assert_frame_equal(retention(named.iloc[order], **how), found)
    assert (found["active"] <= found["customers"]).all()
    first = found.query("period == 0")
    assert (first["active"] == first["customers"]).all()
    bought = frame[frame["amount"] >= 0]
    assert first["customers"].sum() == bought["customer_id"].nunique()
    label = bought["date"].dt.to_period({"W": "W-SUN"}.get(period, period))
    assert found["active"].sum() == len(set(zip(bought["customer_id"], label, strict=True)))
    if value == "orders":
        assert found["orders"].sum() == len(bought.drop_duplicates(["customer_id", "date"]))
    known = found.dropna(subset=["low"])
    assert (known["low"] <= known["rate"]).all()
    assert (known["rate"] <= known["high"]).all()


@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas])
def test_other_kinds_give_their_own_kind(convert):
    native = convert(LOG.astype({"customer_id": str}))
    for value in ("customers", "orders", "revenue"):
        found = retention(native, until="2024-04-30", value=value)
        assert type(found) is type(native)
        expected = retention(LOG, until="2024-04-30", value=value)
        plain = found.to_pandas().drop(columns="cohort")
        pd.testing.assert_frame_equal(plain, expected.drop(columns="cohort"), check_dtype=False)


def test_days_are_those_of_the_clock_of_the_stamps():
    stamps = pd.to_datetime(["2024-01-31 23:30", "2024-02-01 00:30"]).tz_localize("Europe/Vienna")
    frame = pd.DataFrame({"customer_id": [1, 1], "date": stamps})
    assert retention(frame, until="2024-02-29")["active"].tolist() == [1, 1, 0]


def test_the_log_is_not_changed():
    before = LOG.copy()
    retention(LOG, value="revenue", until="2024-04-30")
    pd.testing.assert_frame_equal(LOG, before)


@pytest.mark.parametrize(
    ("frame", "how", "error", "words"),
    [
        (LOG, {"period": "D"}, ParameterError, "period must be one of"),
        (LOG, {"value": "profit"}, ParameterError, "value must be one of"),
        (LOG, {"level": 95}, ParameterError, "level"),
        (LOG, {"until": "soon"}, ParameterError, "until must be a date"),
        (LOG, {"until": "2023-12-31"}, InvalidValuesError, "no purchase up to 2023-12-31"),
        (LOG.head(0), {}, InvalidValuesError, "no rows"),
        (LOG.assign(amount=-1.0), {}, InvalidValuesError, "no purchase"),
        (LOG.drop(columns="amount"), {"value": "revenue"}, MissingColumnsError, "'amount'"),
        (LOG, {"amount": "spend"}, MissingColumnsError, "'spend'"),
        (LOG, {"order_id": "invoice", "value": "orders"}, MissingColumnsError, "'invoice'"),
        (LOG.assign(customer_id=None), {}, InvalidValuesError, "must not be missing"),
        (LOG.assign(amount=np.nan), {}, InvalidValuesError, "must not be missing"),
    ],
)
def test_impossible_input(frame, how, error, words):
    with pytest.raises(error, match=words):
        retention(frame, **how)
