"""From labels to numbers, and items turned around."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import DataError, InvalidValuesError, ParameterError
from crmanalytics.surveys import encode, reverse

KINDS = {"pandas": lambda x: x, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}
WORDS = ["disagree", "neither", "agree"]
SURVEY = pd.DataFrame(
    {
        "respondent_id": [1, 2, 3, 4],
        "praise": ["agree", "disagree", "no idea", None],
        "trust": ["neither", "n/a", "agree", "agree"],
    }
)


@pytest.mark.parametrize("kind", KINDS)
def test_words_become_numbers_and_the_rest_says_why(kind):
    native = KINDS[kind](SURVEY)
    found = encode(
        native, ["praise", "trust"], WORDS, do_not_know=["no idea"], missing=["n/a"], states=True
    )
    assert type(found) is type(native)
    plain = found if kind == "pandas" else found.to_pandas()
    np.testing.assert_array_equal(plain["praise"].to_numpy(float), [3, 1, np.nan, np.nan])
    np.testing.assert_array_equal(plain["trust"].to_numpy(float), [2, np.nan, 3, 3])
    assert plain["praise_state"].tolist() == ["answered", "answered", "do not know", "missing"]
    assert plain["trust_state"].tolist() == ["answered", "missing", "answered", "answered"]
    assert plain["respondent_id"].tolist() == [1, 2, 3, 4]


def test_words_may_have_any_numbers():
    found = encode(SURVEY, "trust", {"neither": 0, "agree": 2.5}, missing=["n/a"])
    np.testing.assert_array_equal(found["trust"], [0, np.nan, 2.5, 2.5])


def test_numbers_may_be_labels_so_that_others_are_refused():
    frame = pd.DataFrame({"q": [1, 10, 99, 7]})
    found = encode(frame, "q", range(1, 11), do_not_know=[99])
    np.testing.assert_array_equal(found["q"], [1, 10, np.nan, 7])
    with pytest.raises(InvalidValuesError, match=r"holds 1 values that are no labels"):
        encode(frame, "q", range(1, 11))


def test_categories_and_frames_without_answers():
    frame = SURVEY.assign(trust=pd.Categorical(SURVEY["trust"]))
    assert encode(frame, "trust", WORDS, missing=["n/a"])["trust"].sum() == 8
    empty = encode(SURVEY.assign(praise=None), "praise", WORDS, states=True)
    assert empty["praise"].isna().all()
    assert (empty["praise_state"] == "missing").all()


def test_all_items_with_strange_values_are_told_at_once():
    with pytest.raises(InvalidValuesError, match="'no idea'") as caught:
        encode(SURVEY, ["praise", "trust"], WORDS)
    assert "survey['trust']" in str(caught.value)
    assert "Name them in labels, do_not_know or missing" in str(caught.value)


def test_a_label_means_one_thing():
    with pytest.raises(ParameterError, match="'agree' has two meanings"):
        encode(SURVEY, "trust", WORDS, missing=["agree"])
    with pytest.raises(ParameterError, match="at least one label"):
        encode(SURVEY, "trust", [])
    with pytest.raises(DataError, match="no column 'trsut'"):
        encode(SURVEY, "trsut", WORDS)


def test_what_came_in_is_not_changed():
    before = SURVEY.copy()
    encode(SURVEY, "praise", WORDS, do_not_know=["no idea"])
    pd.testing.assert_frame_equal(SURVEY, before)


def test_items_that_were_asked_the_other_way():
    frame = pd.DataFrame({"a": [1, 5, 9], "b": [2.0, np.nan, 4.0], "c": [1, 1, 1]})
    found = reverse(frame, ["a", "b"], (1, 5), no_answer=[9])
    np.testing.assert_array_equal(found["a"], [5, 1, np.nan])
    np.testing.assert_array_equal(found["b"], [4, np.nan, 2])
    assert found["c"].tolist() == [1, 1, 1]
    with pytest.raises(DataError, match="must lie between 1 and 5"):
        reverse(frame, "a", (1, 5))
    with pytest.raises(ParameterError, match="scale must be"):
        reverse(frame, "c", (5, 1))


@given(st.lists(st.integers(1, 7), min_size=1, max_size=20))
def test_turning_around_twice_changes_nothing(answers):
    frame = pd.DataFrame({"q": answers})
    assert reverse(reverse(frame, "q", (1, 7)), "q", (1, 7))["q"].tolist() == answers
