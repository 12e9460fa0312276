"""The pyramid: published bands, ties, frozen thresholds and laws."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.segments import TIERS, pyramid, tier_profile, tier_thresholds

HALVES = {"upper": 0.5, "lower": 0.5}


def tiers_of(values, **how):
    return pyramid(pd.DataFrame({"total": values}), **how)["tier"].tolist()


def test_uci_bands(uci_spend):
    profile = tier_profile(pyramid(uci_spend), order=list(TIERS))
    assert profile["customers"].tolist() == [44, 173, 651, 3470]
    bands = (100 * profile["value_share"]).round(1).tolist()
    assert bands == [32.0, 18.4, 24.2, 25.4]
    assert profile["cumulated_value"].tolist()[:3] == pytest.approx(
        [0.3200, 0.5038, 0.7462], abs=5e-5
    )
    assert profile["customers"].sum() == 4_338


@pytest.mark.parametrize(
    ("values", "ties", "expected"),
    [
        ([4.0, 3.0, 2.0, 1.0], "middle", "uull"),
        ([4.0, 3.0, 3.0, 1.0], "middle", "uuul"),
        ([4.0, 3.0, 3.0, 1.0], "up", "uuul"),
        ([4.0, 3.0, 3.0, 1.0], "down", "ulll"),
        ([3.0, 3.0, 3.0, 1.0], "middle", "uuul"),
        ([4.0, 3.0, 3.0, 3.0], "middle", "ulll"),
        ([4.0, 3.0, 3.0, 3.0], "up", "uuuu"),
        ([1.0, 1.0, 1.0, 1.0], "middle", "uuuu"),
        ([1.0, 1.0, 1.0, 1.0], "down", "llll"),
        ([5.0], "middle", "u"),
    ],
)
def test_ties_stay_together(values, ties, expected):
    assert [each[0] for each in tiers_of(values, tiers=HALVES, ties=ties)] == list(expected)


def test_a_tier_that_ties_leave_empty():
    tiers = {"a": 0.1, "b": 0.3, "c": 0.6}
    cuts = tier_thresholds([7.0] * 9 + [1.0], tiers)
    assert cuts == {"a": math.inf, "b": math.inf, "c": -math.inf}
    assert tiers_of([7.0] * 9 + [1.0], tiers=tiers) == ["c"] * 10


def test_shares_that_floating_point_cannot_say():
    values = np.arange(100.0)
    found = tiers_of(values, tiers={"top": 0.07, "rest": 0.93})
    assert found.count("top") == 7


def test_frozen_thresholds_give_the_same_tiers_and_judge_new_customers():
    customers = pd.DataFrame({"total": np.arange(1.0, 201.0)})
    first = pyramid(customers)
    cuts = first.attrs["crmanalytics"]["thresholds"]
    again = pyramid(customers, thresholds=cuts)
    assert again["tier"].tolist() == first["tier"].tolist()
    assert again.attrs["crmanalytics"]["tiers"] is None
    assert pyramid(customers * 10, thresholds=cuts)["tier"].tolist().count("Top") == 181
    assert tiers_of([-3.0], thresholds={"a": 10.0, "b": 0.0}) == ["b"]


def test_inactive_customers_stand_outside():
    found = tiers_of([0.0, -5.0, 9.0, 1.0], tiers=HALVES, inactive=0.0)
    assert found == ["Inactive", "Inactive", "upper", "lower"]
    named = tiers_of([0.0, 9.0], tiers=HALVES, inactive=0.0, inactive_name="asleep")
    assert named == ["asleep", "upper"]


def test_index_and_columns_are_kept_and_the_input_is_not_changed():
    customers = pd.DataFrame({"total": [1.0, 2.0], "x": ["p", "q"]}, index=[7, 7])
    customers.attrs["crmanalytics"] = {"unit": "W"}
    before = customers.copy()
    found = pyramid(customers, tiers=HALVES, ties="up")
    pd.testing.assert_frame_equal(customers, before)
    assert customers.attrs == {"crmanalytics": {"unit": "W"}}
    assert found.index.tolist() == [7, 7]
    assert found.columns.tolist() == ["total", "x", "tier"]
    assert found.attrs["crmanalytics"] == {
        "unit": "W", "value": "total", "tiers": HALVES, "ties": "up", "inactive": None,
        "thresholds": {"upper": 2.0, "lower": -math.inf},
    }  # fmt: skip


@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas])
def test_other_kinds_give_their_own_kind(convert):
    frame = pd.DataFrame({"total": [5.0, 1.0, 3.0]})
    found = pyramid(convert(frame), tiers=HALVES)
    assert type(found) is type(convert(frame))
    assert found["tier"].to_pylist() if isinstance(found, pa.Table) else True
    assert list(pl.DataFrame(found)["tier"]) == pyramid(frame, tiers=HALVES)["tier"].tolist()
    table = tier_profile(found)
    assert type(table) is type(found)


values = st.lists(st.integers(-50, 200), min_size=1, max_size=60)


@given(values, st.sampled_from(["middle", "up", "down"]), st.randoms(use_true_random=False))
def test_laws(drawn, ties, random):
    numbers = np.array(drawn, dtype=float)
    customers = pd.DataFrame({"customer_id": range(len(numbers)), "total": numbers})
    found = pyramid(customers, ties=ties)
    order = list(range(len(numbers)))
    random.shuffle(order)
    shuffled = pyramid(customers.iloc[order].assign(customer_id=0), ties=ties)
    assert shuffled["tier"].sort_index().tolist() == found["tier"].tolist()
    scaled = pyramid(customers.assign(total=numbers * 4), ties=ties)
    assert scaled["tier"].tolist() == found["tier"].tolist()
    # nobody of a lower tier has more, and equals are together
    rank = found["tier"].map({name: k for k, name in enumerate(TIERS)}).to_numpy()
    by_value = np.argsort(-numbers, kind="stable")
    assert (np.diff(rank[by_value]) >= 0).all()
    assert found.groupby("total")["tier"].nunique().max() == 1
    profile = tier_profile(found, order=list(TIERS))
    assert profile["customer_share"].sum() == pytest.approx(1)
    if numbers.sum() > 0:
        assert profile["value_share"].sum() == pytest.approx(1)
    else:
        assert profile["value_share"].isna().all()


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=300, unique=True))
def test_without_ties_the_shares_are_kept(drawn):
    counts = pyramid(pd.DataFrame({"total": drawn}))["tier"].value_counts()
    n, ends = len(drawn), np.cumsum(list(TIERS.values()))
    whole = [math.ceil(round(n * end, 9)) for end in ends]
    assert [counts.get(name, 0) for name in TIERS] == np.diff([0, *whole]).tolist()


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"tiers": {"a": 0.5}}, ParameterError, "sum to 1"),
        ({"tiers": {}}, ParameterError, "sum to 1"),
        ({"tiers": {"a": 1.5, "b": -0.5}}, ParameterError, "sum to 1"),
        ({"ties": "first"}, ParameterError, "ties must be one of"),
        ({"tiers": HALVES, "thresholds": {"a": 1}}, ParameterError, "give one"),
        ({"thresholds": {"a": 1, "b": 2}}, ParameterError, "descend"),
        ({"thresholds": {"a": math.nan}}, ParameterError, "descend"),
        ({"inactive": 99.0}, InvalidValuesError, "no rows that are in"),
        ({"inactive": 0.0, "inactive_name": "Top"}, ParameterError, "name of a tier"),
        ({"value": "spend"}, MissingColumnsError, "'spend'"),
    ],
)
def test_impossible_arguments(how, error, words):
    with pytest.raises(error, match=words):
        pyramid(pd.DataFrame({"total": [1.0, 2.0]}), **how)


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([1.0, np.nan], "must not be missing"), ([1.0, np.inf], "finite"), (["a"], "numbers")],
)
def test_impossible_values(numbers, words):
    with pytest.raises(InvalidValuesError, match=words):
        pyramid(pd.DataFrame({"total": numbers}))


def test_nobody():
    with pytest.raises(InvalidValuesError, match="no rows"):
        pyramid(pd.DataFrame({"total": np.array([], dtype=float)}))
