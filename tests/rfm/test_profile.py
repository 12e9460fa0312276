"""Profiles beside groupby, shares that sum to one, and what has nothing to divide by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import MissingColumnsError
from crmanalytics.rfm import profile, score, segment

rows = st.tuples(st.sampled_from("ABC"), st.integers(0, 99), st.integers(1, 9), st.integers(1, 500))
people = st.lists(rows, min_size=1, max_size=40).map(
    lambda drawn: pd.DataFrame(drawn, columns=["segment", "days_since_last", "orders", "total"])
)


@given(people)
def test_profiles_are_what_groupby_finds(frame):
    found = profile(frame).set_index("segment")
    groups = frame.groupby("segment")
    for column in ("days_since_last", "orders", "total"):
        np.testing.assert_allclose(found[f"mean_{column}"], groups[column].mean()[found.index])
        np.testing.assert_allclose(found[f"median_{column}"], groups[column].median()[found.index])
    assert found["customers"].to_dict() == groups.size().to_dict()
    assert found["revenue"].to_dict() == groups["total"].sum().to_dict()
    assert found["orders"].to_dict() == groups["orders"].sum().to_dict()


@given(people)
def test_shares_sum_to_one_and_copies_change_nothing_but_counts(frame):
    found = profile(frame)
    assert found["share"].sum() == pytest.approx(1)
    assert found["revenue_share"].sum() == pytest.approx(1)
    doubled = profile(pd.concat([frame, frame]))
    assert doubled["customers"].tolist() == (2 * found["customers"]).tolist()
    pd.testing.assert_series_equal(doubled["average_order_value"], found["average_order_value"])
    pd.testing.assert_frame_equal(profile(frame[::-1]), found)


def test_what_has_nothing_to_divide_by_is_missing():
    frame = pd.DataFrame({"segment": ["A"], "days_since_last": 1, "orders": 0, "total": 0.0})
    found = profile(frame).iloc[0]
    assert np.isnan(found["revenue_share"])
    assert np.isnan(found["average_order_value"])


def test_negative_totals_are_money_too():
    frame = pd.DataFrame(
        {"segment": ["A", "B"], "days_since_last": 1, "orders": 1, "total": [-50.0, 150.0]}
    )
    assert profile(frame).set_index("segment")["revenue_share"].to_dict() == {"A": -0.5, "B": 1.5}


def test_no_customers_no_rows(customers):
    assert len(profile(segment(score(customers)).head(0))) == 0


@pytest.mark.parametrize("kind", ["categorical", "polars", "pyarrow"])
def test_other_kinds_give_the_same(customers, kind):
    named = segment(score(customers)).reset_index(drop=True)
    native = {
        "categorical": named.astype({"segment": "category"}),
        "polars": pl.from_pandas(named),
        "pyarrow": pa.Table.from_pandas(named),
    }[kind]
    found = profile(native)
    assert type(found) is type(native)
    plain = found if kind == "categorical" else found.to_pandas()
    pd.testing.assert_frame_equal(plain, profile(named), check_dtype=False)


def test_segments_must_be_there(customers):
    with pytest.raises(MissingColumnsError, match="'segment'"):
        profile(customers)
