"""Axes: cuts that are learned, given or refused, and where values lie on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.decisions import Axis, learn_axis
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError


def frame(values):
    return pd.DataFrame({"total": values})


def test_cuts_are_learned_from_those_who_have_a_value():
    values = [1.0, np.nan, 3.0, 8.0]
    assert learn_axis(frame(values), "total", at="median", missing="none").cuts == (3.0,)
    assert learn_axis(frame(values), "total", at="mean", missing="none").cuts == (4.0,)
    assert learn_axis(frame(values), "total", at=7, missing="none").cuts == (7.0,)
    three = learn_axis(frame(range(101)), "total", at=[0.2, 0.8], levels=["small", "mid", "big"])
    assert three.cuts == (20.0, 80.0)
    assert three.place(np.array([19.9, 20, 79, 80])).tolist() == [0, 1, 1, 2]


@given(st.lists(st.integers(-50, 50), min_size=1, max_size=30), st.sampled_from(["median", "mean"]))
def test_equal_values_share_a_level_and_larger_ones_are_never_lower(values, at):
    axis = learn_axis(frame(values), "total", at=at)
    assert learn_axis(frame(values[::-1]), "total", at=at) == axis
    places = axis.place(np.sort(np.array(values, dtype=float)))
    assert (np.diff(places) >= 0).all()
    assert places[-1] == 1


def test_an_axis_is_kept_for_the_next_time(tmp_path):
    axis = learn_axis(frame(range(101)), "total", at=[0.2, 0.8], levels=["small", "mid", "big"])
    assert crm.load(axis.save(tmp_path / "axis.json")) == axis


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: learn_axis(frame([]), "total", at="mean"), InvalidValuesError, "no rows"),
        (lambda: learn_axis(frame([np.nan]), "total", at=1.0), InvalidValuesError, "missing"),
        (lambda: learn_axis(frame([1.0]), "amount", at=1.0), MissingColumnsError, "'amount'"),
        (lambda: learn_axis(frame([1.0]), "total", at="mode"), ParameterError, "'median'"),
        (lambda: learn_axis(frame([1.0]), "total", at=[1.5]), ParameterError, "between 0 and 1"),
        (
            lambda: learn_axis(frame([1.0, 1.0]), "total", at=[0.2, 0.8], levels="abc"),
            InvalidValuesError,
            "same value at several",
        ),
        (lambda: Axis("total", ()), ParameterError, "ascend"),
        (lambda: Axis("total", (2.0, 1.0), ("a", "b", "c")), ParameterError, "ascend"),
        (lambda: Axis("total", (np.nan,)), ParameterError, "finite"),
        (lambda: Axis("total", (1.0,), ("a",)), ParameterError, "2 different names"),
        (lambda: Axis("total", (1.0,), missing="low"), ParameterError, "different names"),
    ],
)
def test_says_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call()
