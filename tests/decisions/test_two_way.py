"""The engine of matrices: rules, fields, profiles that add up, and whom to see to first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.decisions import (
    Axis,
    growth_portfolio,
    learn_axis,
    priority_list,
    two_way,
    two_way_profile,
)
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

UP = Axis("total", (10.0, 100.0), ("small", "medium", "large"))
ACROSS = Axis("visits", (3.0,), ("few", "many"), missing="unknown")
RULES = {
    ("large", "few"): "call",
    ("*", "unknown"): "ask",
    ("large", "many"): "thank",
    ("*", "*"): "mail",
}


def customers(n=120, seed=0):
    rng = np.random.default_rng(seed)
    visits = rng.integers(0, 7, n).astype(float)
    visits[rng.random(n) < 0.2] = np.nan
    return pd.DataFrame(
        {
            "customer_id": rng.permutation(n),
            "total": rng.lognormal(3, 1.5, n).round(),
            "visits": visits,
        }
    )


def test_the_first_rule_that_fits_gives_the_field():
    frame = pd.DataFrame({"total": [100, 500, 99, 5, 200], "visits": [2, 3, 9, np.nan, np.nan]})
    found = two_way(frame, UP, ACROSS, RULES)
    assert found["field"].tolist() == ["call", "thank", "mail", "ask", "ask"]
    assert found["field_priority"].tolist() == [1, 3, 4, 2, 2]
    assert found["total_level"].tolist() == ["large", "large", "medium", "small", "large"]
    assert found["visits_level"].tolist() == ["few", "many", "many", "unknown", "unknown"]
    kept = found.attrs["crmanalytics"]
    assert kept["up"]["cuts"] == (10.0, 100.0)
    assert kept["rules"]["large / few"] == "call"
    assert "field" not in frame


def test_rules_as_a_table_with_priorities_of_their_own():
    table = pd.DataFrame(
        [("large", "*", "care", 1), ("*", "*", "wait", 7), ("small", "few", "never", 9)],
        columns=["up", "across", "field", "priority"],
    )
    with pytest.raises(ParameterError, match="'never' never applies"):
        two_way(customers(), UP, ACROSS, table)
    found = two_way(customers(), UP, ACROSS, table.head(2), name="plan")
    assert set(found["plan_priority"]) == {1, 7}
    assert (found["plan"] == "care").equals(found["total"] >= 100)
    polars = two_way(pl.from_pandas(customers()), UP, ACROSS, pl.from_pandas(table.head(2)))
    assert isinstance(polars, pl.DataFrame)
    assert polars["field"].to_list() == found["plan"].tolist()


@given(seed=st.integers(0, 500), factor=st.floats(0.1, 50))
def test_neither_order_nor_currency_matters(seed, factor):
    frame = customers(seed=seed)
    growth = frame.assign(growth=frame["total"].rank() % 7 - 3)
    found = growth_portfolio(growth)
    shuffled = growth_portfolio(growth.sample(frac=1, random_state=seed))
    pd.testing.assert_frame_equal(shuffled.sort_index(), found)
    dear = growth_portfolio(growth.assign(total=growth["total"] * factor))
    assert dear["portfolio"].tolist() == found["portfolio"].tolist()
    args = {"up": "total", "across": "growth", "name": "portfolio"}
    profile = two_way_profile(found, **args)
    pd.testing.assert_frame_equal(two_way_profile(shuffled, **args), profile, check_exact=True)


def test_the_profile_adds_up():
    frame = customers()
    found = two_way(frame, UP, ACROSS, RULES)
    profile = two_way_profile(found, "total", "visits", values=["total", "visits"])
    assert profile["priority"].is_monotonic_increasing
    assert profile["customers"].sum() == len(frame)
    assert profile["total"].sum() == pytest.approx(frame["total"].sum())
    assert profile["visits"].sum() == frame["visits"].sum()
    for share in ("customer_share", "total_share", "visits_share"):
        assert profile[share].sum() == pytest.approx(1)
    one = profile[(profile["total_level"] == "large") & (profile["visits_level"] == "few")].iloc[0]
    inside = frame[(frame["total"] >= 100) & (frame["visits"] < 3)]
    assert one["customers"] == len(inside)
    assert one["total_mean"] == pytest.approx(inside["total"].mean())
    unknown = profile[profile["visits_level"] == "unknown"]
    assert unknown["visits_mean"].isna().all()
    assert isinstance(two_way_profile(pl.from_pandas(found), "total", "visits"), pl.DataFrame)


def test_shares_of_a_negative_total_are_missing():
    frame = pd.DataFrame({"total": [-5.0, 1.0], "visits": [1.0, 5.0]})
    found = two_way(frame, UP, ACROSS, RULES)
    assert two_way_profile(found, "total", "visits")["total_share"].isna().all()
    assert priority_list(found, "total")["cumulated_share"].isna().all()


def test_the_urgent_come_first_and_then_the_valuable():
    frame = customers()
    found = two_way(frame, UP, ACROSS, RULES)
    listed = priority_list(found, "total")
    assert listed["field_priority"].is_monotonic_increasing
    for _, part in listed.groupby("field"):
        assert part["total"].is_monotonic_decreasing
    keys = listed[["field_priority", "total"]]
    assert listed.groupby(["field_priority", "total"])["rank"].nunique().eq(1).all()
    assert (
        listed.loc[~keys.duplicated(), "rank"].tolist()
        == (keys.drop_duplicates().index + 1).tolist()
    )
    assert listed["cumulated_share"].iloc[-1] == pytest.approx(1)
    shuffled = priority_list(found.sample(frac=1, random_state=1), "total")
    pd.testing.assert_frame_equal(shuffled, listed)
    polars = priority_list(pl.from_pandas(found), "total")
    assert polars["customer_id"].to_list() == listed["customer_id"].tolist()


def test_all_equal_and_single_customers_are_high():
    frame = pd.DataFrame({"total": [5.0] * 3, "growth": [0.0] * 3})
    assert growth_portfolio(frame)["portfolio"].tolist() == ["star"] * 3
    assert growth_portfolio(frame.head(1))["portfolio"].tolist() == ["star"]
    axis = learn_axis(frame, "total", at="median")
    assert growth_portfolio(frame.head(0), value_from=axis).empty


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ({("large", "few"): "call"}, "no rule fits"),
        ({**RULES, ("huge", "few"): "x"}, "'x' never applies"),
        ({"large": "call"}, "pairs"),
        (
            pd.DataFrame(
                {
                    "up": ["small", "*"],
                    "across": ["*", "*"],
                    "field": ["a", "a"],
                    "priority": [1, 2],
                }
            ),
            "one priority each",
        ),
    ],
)
def test_rules_that_make_no_sense(rules, message):
    with pytest.raises(ParameterError, match=message):
        two_way(customers(), UP, ACROSS, rules)


def test_frames_that_make_no_sense():
    with pytest.raises(InvalidValuesError, match="must not be missing"):
        two_way(customers(), UP, Axis("visits", (3.0,)), {("*", "*"): "all"})
    with pytest.raises(MissingColumnsError, match="total_level"):
        two_way_profile(customers(), "total", "visits")
    found = two_way(customers(), UP, ACROSS, RULES)
    with pytest.raises(InvalidValuesError, match="no rows"):
        two_way_profile(found.head(0), "total", "visits")
    with pytest.raises(MissingColumnsError, match="plan_priority"):
        priority_list(found, "total", name="plan")
