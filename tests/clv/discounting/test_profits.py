"""Profits by customer and period: from tables long and wide, from plans, from a purchase log."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.discounting import (
    planned_profits,
    profits_from_periods,
    profits_from_transactions,
)
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

COSTS = {"cost_to_serve": 2.0, "cost_to_keep": 1.0, "acquisition_cost": 10.0}


def log(**more):
    return pd.DataFrame(
        {
            "customer_id": ["b", "a", "a", "a", "b"],
            "date": pd.to_datetime(
                ["2024-02-10", "2024-01-05", "2024-01-05", "2024-03-02", "2024-04-01"]
            ),
            "amount": [80.0, 60.0, 40.0, 50.0, -20.0],
            **more,
        }
    )


def profits(frame=None, **changes):
    arguments = {"period": "M", "until": "2024-04-30", "margin": 0.5} | COSTS | changes
    return profits_from_transactions(log() if frame is None else frame, **arguments)


def test_wide_and_long_are_the_same():
    wide = pd.DataFrame(
        {"who": ["b", "a", "c"], "q1": [1.0, np.nan, 5.0], "q2": [2.0, 3.0, np.nan]}
    )
    from_wide = profits_from_periods(wide, layout="wide", customer_id="who")
    assert from_wide.to_numpy().tolist() == [
        ["a", 1, 3.0],
        ["b", 0, 1.0],
        ["b", 1, 2.0],
        ["c", 0, 5.0],
    ]
    long = from_wide.rename(columns={"profit": "money"}).sample(frac=1, random_state=2)
    again = profits_from_periods(long, layout="long", profit="money")
    pd.testing.assert_frame_equal(again, from_wide)


@pytest.mark.parametrize("engine", [pl.from_pandas, pa.Table.from_pandas])
def test_other_engines_get_their_own_kind_back(engine):
    wide = pd.DataFrame({"customer_id": [2, 1], "y1": [1.0, 2.0], "y2": [3.0, 4.0]})
    found = profits_from_periods(engine(wide), layout="wide", periods=["y1", "y2"])
    assert type(found) is type(engine(wide))
    assert found.to_pandas()["profit"].tolist() == [2.0, 4.0, 1.0, 3.0]
    from_log = profits(engine(log()))
    assert type(from_log) is type(engine(wide))
    assert from_log.to_pandas()["profit"].tolist() == profits()["profit"].tolist()


@pytest.mark.parametrize(
    ("columns", "options", "error", "message"),
    [
        ({"y1": [1.0], "y2": [None], "y3": [2.0]}, {}, InvalidValuesError, "between two others"),
        ({"y1": ["a"]}, {}, InvalidValuesError, "must hold numbers"),
        ({}, {}, MissingColumnsError, "no period columns"),
        ({"y1": [1.0]}, {"periods": ["y1", "y9"]}, MissingColumnsError, "y9"),
        ({"y1": [1.0]}, {"layout": "square"}, ParameterError, "'wide', 'long'"),
        ({"y1": [np.inf]}, {}, ParameterError, "finite"),
    ],
)
def test_says_what_is_wrong_with_a_wide_table(columns, options, error, message):
    frame = pd.DataFrame({"customer_id": [1], **columns})
    frame = frame.astype({"y2": float}) if "y2" in frame else frame
    with pytest.raises(error, match=message):
        profits_from_periods(frame, **({"layout": "wide"} | options))


def test_a_long_table_may_not_repeat_a_period():
    frame = pd.DataFrame({"customer_id": [7, 7], "period": [1, 1], "profit": [1.0, 2.0]})
    with pytest.raises(InvalidValuesError, match=r"1 rows repeat \(first: \[7\]\)"):
        profits_from_periods(frame, layout="long")


def test_log_by_hand():
    found = profits()
    assert found["customer_id"].tolist() == ["a"] * 4 + ["b"] * 3
    assert found["period"].tolist() == [0, 1, 2, 3, 0, 1, 2]
    assert found["revenue"].tolist() == [100, 0, 50, 0, 80, 0, -20]
    assert found["orders"].tolist() == [1, 0, 1, 0, 1, 0, 0]
    # A month costs 1, an order 2, a new customer 10; half of the revenue is left.
    assert found["profit"].tolist() == [37, -1, 22, -1, 27, -1, -11]
    assert found["acquisition_cost"].tolist() == [10, 0, 0, 0, 10, 0, 0]


def test_the_calendar_may_count_instead():
    assert profits(count_from="calendar")["period"].tolist() == [0, 1, 2, 3, 1, 2, 3]


def test_orders_by_name_and_margin_by_row():
    frame = log(order=[1, 2, 3, 4, 5], left=[0.5, 1.0, 0.0, 0.1, 0.5])
    found = profits(frame, order_id="order", margin="left", until="2024-03-31")
    assert found["orders"].tolist() == [2, 0, 1, 1, 0]
    assert found["profit"].tolist() == [60 - 4 - 11, -1, 5 - 2 - 1, 40 - 2 - 11, -1]


@pytest.mark.parametrize(
    ("period", "expected"),
    [("Q", [0, 1, 0, 1]), ("Y", [0, 0]), ("W", list(range(18)) + list(range(13)))],
)
def test_period_lengths(period, expected):
    assert profits(period=period)["period"].tolist() == expected


def test_weeks_begin_on_monday():
    days = pd.to_datetime(["2024-01-07", "2024-01-08"])  # Sunday, Monday
    frame = pd.DataFrame({"customer_id": [1, 1], "date": days, "amount": [1.0, 1.0]})
    assert profits(frame, period="W", until="2024-01-14")["revenue"].tolist() == [1, 1]


@given(seed=st.integers(0, 10_000))
def test_totals_reconcile_and_the_order_of_rows_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    n = 60
    frame = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 8, n),
            "date": pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 400, n), "D"),
            "amount": rng.uniform(-10, 100, n).round(2),
        }
    )
    found = profits(frame, until="2024-02-28")
    again = profits(frame.sample(frac=1, random_state=seed), until="2024-02-28")
    pd.testing.assert_frame_equal(found, again, check_exact=True)
    assert found["revenue"].sum() == pytest.approx(frame["amount"].sum())
    costs = found[["cost_to_serve", "cost_to_keep", "acquisition_cost"]].to_numpy().sum()
    assert found["profit"].sum() == pytest.approx(0.5 * frame["amount"].sum() - costs)
    assert found["acquisition_cost"].sum() == 10 * frame["customer_id"].nunique()


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"until": "soon"}, ParameterError, "until must be a date"),
        ({"until": None}, ParameterError, "until must be a date"),
        ({"until": "2020-01-01"}, InvalidValuesError, "no row up to"),
        ({"period": "D"}, ParameterError, "period must be"),
        ({"margin": "left"}, ParameterError, "names no column"),
        ({"margin": [0.1] * 5}, ParameterError, "not an array"),
        ({"cost_to_serve": -1.0}, ParameterError, "cost_to_serve"),
        ({"count_from": "birth"}, ParameterError, "count_from"),
    ],
)
def test_says_what_is_wrong_with_a_log(changes, error, message):
    with pytest.raises(error, match=message):
        profits(**changes)


def test_inputs_are_not_changed():
    frame = log()
    before = frame.copy(deep=True)
    profits(frame)
    pd.testing.assert_frame_equal(frame, before)


def test_plans():
    customers = pd.DataFrame(
        {"customer_id": [2, 1], "m": [10.0, 20.0], "r": [0.5, 1.0], "T": [1, 3]}
    )
    plan = planned_profits(
        customers, margin="m", retention="r", periods=3, first="at_risk", growth=0.1, length="T"
    )
    assert plan["customer_id"].tolist() == [1, 1, 1, 2]
    assert plan["profit"].tolist() == pytest.approx([20, 22, 24.2, 5])
    with pytest.raises(ParameterError, match="periods must be a whole number of at least 1"):
        planned_profits(customers, margin="m", retention="r", periods=0, first="certain")
    with pytest.raises(InvalidValuesError, match="must hold numbers"):
        planned_profits(
            customers.assign(r="high"), margin="m", retention="r", periods=1, first="certain"
        )


def test_customers_of_several_kinds_cannot_be_sorted():
    frame = pd.DataFrame({"customer_id": ["a", 1]})
    with pytest.raises(InvalidValuesError, match="several kinds"):
        planned_profits(frame, margin=1.0, retention=0.5, periods=2, first="certain")
