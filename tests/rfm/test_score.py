"""Scores: laws that hold for any customers, and frames of every kind."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.rfm import breaks, score

SCORES = ["r_score", "f_score", "m_score", "rfm_score"]

people = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 9), st.integers(-50, 200)), min_size=1, max_size=50
).map(lambda rows: pd.DataFrame(rows, columns=["days_since_last", "orders", "total"]))
ways = st.fixed_dictionaries(
    {
        "method": st.sampled_from(["quantile", "nested"]),
        "ties": st.sampled_from(["cut", "low", "average", "high", "rfm-r"]),
        "n": st.integers(1, 6),
    }
)


@given(people, ways, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_customers_play_no_part(frame, how, random):
    order = list(range(len(frame)))
    random.shuffle(order)
    scored = score(frame, **how)
    named = frame.assign(customer_id=[f"c{x}" for x in order])
    again = score(named.iloc[order], **how)
    assert again.sort_index()[SCORES].equals(scored[SCORES])


@given(people, ways)
def test_breaks_found_on_a_frame_score_it_as_score_does(frame, how):
    assert score(frame, breaks(frame, **how)).equals(score(frame, **how))


@given(people, ways, st.sampled_from([0.25, 2.0, 64.0]))
def test_the_currency_plays_no_part(frame, how, rate):
    if how["ties"] == "rfm-r":
        return  # quantile plus one is not free of the unit
    scaled = frame.assign(total=frame["total"] * rate)
    assert score(scaled, **how)[SCORES].equals(score(frame, **how)[SCORES])


@given(people, ways)
def test_scores_ascend_with_what_they_score(frame, how):
    scored = score(frame, **how)
    assert (scored.sort_values("days_since_last")["r_score"].diff().dropna() <= 0).all()
    whole = how["method"] == "quantile"
    within_f = [] if whole else ["r_score"]
    within_m = [] if whole else ["r_score", "f_score"]
    _ascends(scored, "orders", "f_score", within_f)
    _ascends(scored, "total", "m_score", within_m)


def _ascends(scored, by, name, within):
    parts = [part for _, part in scored.groupby(within)] if within else [scored]
    for part in parts:
        assert (part.sort_values(by)[name].diff().dropna() >= 0).all()


def test_the_frame_is_kept_and_not_changed(customers):
    customers.attrs["crmanalytics"] = {"unit": "W"}
    before = customers.copy()
    scored = score(customers)
    pd.testing.assert_frame_equal(customers, before)
    pd.testing.assert_frame_equal(scored[list(customers)], before)
    assert scored.attrs == before.attrs
    assert scored.columns.tolist() == [*before, *SCORES]
    assert (
        scored["rfm_score"] == scored["r_score"] * 100 + scored["f_score"] * 10 + scored["m_score"]
    ).all()


def test_scoring_again_replaces_the_scores(customers):
    twice = score(score(customers, n=3))
    assert twice.equals(score(customers))


@pytest.mark.parametrize(
    "convert", [pl.from_pandas, lambda f: pa.Table.from_pandas(f, preserve_index=False)]
)
def test_other_kinds_of_frames_give_their_own_kind(customers, convert):
    native = convert(customers.reset_index(drop=True))
    scored = score(native)
    assert type(scored) is type(native)
    back = scored.to_pandas()
    assert back[SCORES].to_numpy().tolist() == score(customers)[SCORES].to_numpy().tolist()
    assert back["country"].tolist() == customers["country"].tolist()


def test_nullable_and_small_dtypes(customers):
    small = customers.astype({"days_since_last": "int16", "orders": "Int32", "total": "Float64"})
    assert (score(small)[SCORES] == score(customers)[SCORES]).all(axis=None)


def test_an_empty_frame_can_be_scored_by_breaks_only(customers):
    scored = score(customers.head(0), breaks(customers))
    assert len(scored) == 0
    assert set(SCORES) <= set(scored)
    with pytest.raises(InvalidValuesError, match="no rows"):
        score(customers.head(0))


def test_new_customers_beyond_the_range_get_the_outer_scores(customers):
    kept = breaks(customers)
    outside = pd.DataFrame({"days_since_last": [0, 9999], "orders": [999, 0], "total": [1e9, -1e9]})
    assert score(outside, kept)["rfm_score"].tolist() == [555, 111]


def test_all_problems_are_told_at_once(customers):
    wrong = customers.assign(
        days_since_last=-1, orders=1.5, total=np.where(customers["orders"] > 2, np.inf, 1.0)
    )
    with pytest.raises(InvalidValuesError) as caught:
        score(wrong)
    text = str(caught.value)
    assert "days_since_last" in text
    assert "whole number" in text
    assert "finite" in text
    with pytest.raises(MissingColumnsError) as caught:
        score(customers[["total"]])
    assert "days_since_last" in str(caught.value)
    assert "orders" in str(caught.value)


def test_arguments_that_contradict(customers):
    kept = breaks(customers)
    with pytest.raises(ParameterError, match="either breaks"):
        score(customers, kept, n=3)
    with pytest.raises(ParameterError, match=r"crm\.rfm\.breaks"):
        score(customers, 5)
    with pytest.raises(ParameterError, match="must be a data frame"):
        score([1, 2, 3])
