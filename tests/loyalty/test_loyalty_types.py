"""Types of loyalty: who is what, and shares that add to one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.loyalty import (
    APOSTLE_TYPES,
    apostle_shares,
    apostle_types,
    dick_basu_shares,
    dick_basu_types,
)

SURVEY = pd.DataFrame(
    {"happy": [5, 5, 2, 1, 4, None, 9], "again": [5, 1, 4, 1, 3, 2, 5]}, index=list("abcdefg")
)
CUTS = {"satisfied_from": 4, "loyal_from": 3}


def test_each_customer_has_the_type_of_both_answers():
    found = apostle_types(SURVEY, "happy", "again", **CUTS, no_answer=[9])
    expected = ["apostle", "mercenary", "hostage", "defector", "apostle"]
    assert found["apostle_type"].iloc[:5].tolist() == expected
    assert found["apostle_type"].iloc[5:].isna().all()
    assert found.index.tolist() == list("abcdefg")
    assert "apostle_type" not in SURVEY


def test_the_worst_defectors_are_told_apart():
    found = apostle_types(SURVEY, "happy", "again", **CUTS, no_answer=[9], terrorist_to=1)
    assert found.loc["d", "apostle_type"] == "terrorist"
    with pytest.raises(ParameterError, match="terrorist_to"):
        apostle_types(SURVEY, "happy", "again", **CUTS, no_answer=[9], terrorist_to=4)


def test_shares_count_those_who_answered():
    found = apostle_shares(SURVEY, "happy", "again", **CUTS, no_answer=[9]).set_index("metric")
    assert found["estimate"].to_dict() == {
        "apostle": 0.4,
        "mercenary": 0.2,
        "hostage": 0.2,
        "defector": 0.2,
    }
    assert (found["n"] == 5).all()
    assert (found["n_missing"] == 2).all()
    assert ((found["low"] < found["estimate"]) & (found["estimate"] < found["high"])).all()


def test_attitude_and_behaviour():
    customers = pd.DataFrame({"like": [5, 5, 2, 1], "orders": [9, 1, 9, 1]})
    cuts = {"favourable_from": 4, "repeat_from": 3}
    found = dick_basu_types(customers, "like", "orders", **cuts)
    expected = ["loyalty", "latent loyalty", "spurious loyalty", "no loyalty"]
    assert found["loyalty_type"].tolist() == expected
    shares = dick_basu_shares(customers, "like", "orders", **cuts)
    assert shares["metric"].tolist() == expected
    assert shares["estimate"].tolist() == [0.25] * 4


def test_groups_and_other_kinds_of_frames():
    frame = SURVEY.assign(shop=list("xyxyxyx"))
    ours = apostle_shares(frame, "happy", "again", **CUTS, no_answer=[9], by="shop")
    theirs = apostle_shares(
        pl.from_pandas(frame), "happy", "again", **CUTS, no_answer=[9], by="shop"
    )
    assert isinstance(theirs, pl.DataFrame)
    assert theirs["estimate"].to_list() == ours["estimate"].tolist()
    assert ours["shop"].tolist() == ["x"] * 4 + ["y"] * 4
    typed = apostle_types(pl.from_pandas(frame), "happy", "again", **CUTS, no_answer=[9])
    assert typed["apostle_type"].to_list()[:2] == ["apostle", "mercenary"]


def test_a_missing_column_is_told():
    with pytest.raises(DataError, match="likely"):
        apostle_shares(SURVEY, "likely", "again", **CUTS)


@given(
    rows=st.lists(
        st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(1, 3)), min_size=1, max_size=30
    )
)
def test_shares_add_to_one_and_a_weight_is_repeated_rows(rows):
    frame = pd.DataFrame(rows, columns=["happy", "again", "w"])
    found = apostle_shares(frame, "happy", "again", **CUTS, weight="w")
    assert found["estimate"].sum() == pytest.approx(1)
    assert found["metric"].tolist() == list(APOSTLE_TYPES.values())
    repeated = frame.loc[frame.index.repeat(frame["w"])]
    same = apostle_shares(repeated, "happy", "again", **CUTS)
    np.testing.assert_allclose(found["estimate"], same["estimate"])
