"""Current profitability: LTV_i = sum_t RB_it / (1 + r)^t."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.discounting import (
    current_value,
    planned_profits,
    present_value,
    retention_value,
)
from crmanalytics.errors import InvalidValuesError, ParameterError

TERMS = {"discount_rate": 0.1, "timing": "end", "periods_per_year": 1}


def random_profits(seed, customers=7):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 9, customers)
    return pd.DataFrame(
        {
            "customer_id": np.repeat(np.arange(customers), lengths),
            "period": np.concatenate([np.arange(n) for n in lengths]),
            "profit": rng.normal(50, 40, lengths.sum()),
        }
    )


@given(seed=st.integers(0, 1000), timing=st.sampled_from(["start", "middle", "end"]))
def test_each_customer_is_his_present_value(seed, timing):
    frame = random_profits(seed)
    found = current_value(frame, discount_rate=0.2, timing=timing, periods_per_year=4)
    for who, part in frame.groupby("customer_id"):
        expected = present_value(part["profit"].to_numpy(), 0.2, timing=timing, periods_per_year=4)
        row = found.loc[found["customer_id"] == who].iloc[0]
        assert row["current"] == pytest.approx(float(expected), rel=1e-12, abs=1e-9)
        assert row["periods"] == len(part)


@given(seed=st.integers(0, 1000), factor=st.floats(-50, 50))
def test_scales_with_money_and_ignores_the_rows_order(seed, factor):
    frame = random_profits(seed)
    value = current_value(frame, **TERMS)
    shuffled = current_value(frame.sample(frac=1, random_state=seed), **TERMS)
    pd.testing.assert_frame_equal(value, shuffled, check_exact=True)
    scaled = current_value(frame.assign(profit=frame["profit"] * factor), **TERMS)
    assert scaled["current"].to_numpy() == pytest.approx(value["current"].to_numpy() * factor)


def test_zero_discount_is_the_sum():
    found = current_value(random_profits(1), **(TERMS | {"discount_rate": 0.0}))
    assert found["current"].to_numpy() == pytest.approx(found["profit"].to_numpy(), rel=1e-15)


def test_a_plan_has_the_closed_forms_value():
    customers = pd.DataFrame({"customer_id": [1, 2], "m": [10.0, 40.0], "r": [0.9, 0.6]})
    plan = planned_profits(
        customers, margin="m", retention="r", periods=24, first="certain", growth=0.01
    )
    found = current_value(plan, discount_rate=0.1, timing="middle", periods_per_year=12)
    closed = retention_value(
        customers["m"],
        customers["r"],
        0.1,
        timing="middle",
        first="certain",
        periods_per_year=12,
        horizon=24,
        growth=0.01,
    )
    assert found["current"].to_numpy() == pytest.approx(closed, rel=1e-12)


def test_rates_over_time_and_by_customer():
    frame = pd.DataFrame(
        {
            "customer_id": [1, 1, 2, 2],
            "period": [0, 1, 0, 1],
            "profit": [110.0, 132.0, 120.0, 180.0],
            "rate": [0.1, 0.2, 0.2, 0.5],
        }
    )
    own = current_value(frame, discount_rate="rate", timing="end", periods_per_year=1)
    assert own["current"].to_numpy() == pytest.approx([200, 200])
    same = current_value(frame, discount_rate=[0.1, 0.2], timing="end", periods_per_year=1)
    assert same["current"].to_numpy() == pytest.approx([200, 120 / 1.1 + 180 / 1.32])
    constant = current_value(
        frame.assign(rate=0.1),
        discount_rate="rate",
        **{k: TERMS[k] for k in ("timing", "periods_per_year")},
    )
    assert constant["current"].to_numpy() == pytest.approx(
        current_value(frame, **TERMS)["current"].to_numpy()
    )


def test_length_cuts_each_relationship():
    frame = random_profits(4).assign(T=2)
    cut = current_value(frame, length="T", **TERMS)
    expected = current_value(frame[frame["period"] < 2], **TERMS)
    pd.testing.assert_frame_equal(cut, expected)
    assert current_value(frame, length=0, **TERMS)["current"].tolist() == [0.0] * 7


def test_the_past_is_compounded():
    frame = pd.DataFrame({"customer_id": [1] * 3, "period": [0, 1, 2], "profit": [100.0] * 3})
    now = current_value(frame, discount_rate=0.1, timing="start", periods_per_year=1, valued_at=2)
    assert now["current"].iloc[0] == pytest.approx(121 + 110 + 100)
    rates = current_value(
        frame, discount_rate=[0.1, 0.2, 0.3], timing="start", periods_per_year=1, valued_at=2
    )
    assert rates["current"].iloc[0] == pytest.approx(132 + 120 + 100)


def test_polars_in_polars_out():
    frame = random_profits(2)
    found = current_value(pl.from_pandas(frame), **TERMS)
    assert isinstance(found, pl.DataFrame)
    assert found["current"].to_list() == current_value(frame, **TERMS)["current"].tolist()


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({}, {"discount_rate": [0.1]}, ParameterError, r"one number per period 0\.\.1"),
        ({"period": [0, 2], "rate": 0.1}, {"discount_rate": "rate"}, InvalidValuesError, "gap"),
        ({"rate": 0.1}, {"discount_rate": "rate", "valued_at": 1}, InvalidValuesError, "valued_at"),
        ({}, {"discount_rate": "rate"}, ParameterError, "names no column"),
        ({}, {"valued_at": -1}, ParameterError, "valued_at"),
        ({"profit": [1.0, np.nan]}, {}, InvalidValuesError, "must not be missing"),
        ({"period": [0, -1]}, {}, InvalidValuesError, "must not be negative"),
        ({"customer_id": [dt.date(2024, 1, 1), 1]}, {}, InvalidValuesError, "several kinds"),
    ],
)
def test_says_what_is_wrong(change, options, error, message):
    frame = pd.DataFrame({"customer_id": [1, 1], "period": [0, 1], "profit": [1.0, 2.0]} | change)
    with pytest.raises(error, match=message):
        current_value(frame, **(TERMS | options))
