"""The value matrix: fields, cuts, and a profile that adds up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.decisions import (
    STRATEGIES,
    ValueCuts,
    value_cuts,
    value_matrix,
    value_matrix_profile,
)
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError


def values(n=100, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "current": rng.normal(100, 60, n).round(),
            "potential": rng.exponential(40, n).round(),
        }
    )


def test_the_four_fields():
    frame = pd.DataFrame(
        {"current": [9, 9, 1, 1, 5], "potential": [9, 1, 9, 1, 5]}, index=list("abcde")
    )
    found = value_matrix(frame, cuts=(5, 5))
    assert found["strategy"].tolist() == ["invest", "defend", "develop", "economise", "invest"]
    assert found["current_level"].tolist() == ["high", "high", "low", "low", "high"]
    assert found["potential_level"].tolist() == ["high", "low", "high", "low", "high"]
    assert found.index.tolist() == list("abcde")
    assert "strategy" not in frame


@given(seed=st.integers(0, 1000), method=st.sampled_from(["median", "mean"]))
def test_ties_share_a_field_and_order_does_not_matter(seed, method):
    frame = values(seed=seed)
    cuts = value_cuts(frame, method=method)
    assert cuts == value_cuts(frame.sample(frac=1, random_state=seed), method=method)
    found = value_matrix(frame, cuts=cuts)
    for name in ("current", "potential"):
        pairs = found[[name, f"{name}_level"]].drop_duplicates()
        assert pairs[name].is_unique
    shuffled = value_matrix(frame.sample(frac=1, random_state=seed), cuts=cuts)
    pd.testing.assert_frame_equal(shuffled.sort_index(), found)


@given(seed=st.integers(0, 1000), factor=st.floats(0.01, 100))
def test_the_currency_does_not_matter(seed, factor):
    frame = values(seed=seed)
    scaled = frame.assign(current=frame["current"] * factor, potential=frame["potential"] * factor)
    first = value_matrix(frame, cuts=value_cuts(frame, method="median"))
    second = value_matrix(scaled, cuts=value_cuts(scaled, method="median"))
    assert first["strategy"].tolist() == second["strategy"].tolist()


def test_the_profile_adds_up():
    frame = values()
    profile = value_matrix_profile(value_matrix(frame, cuts=value_cuts(frame, method="mean")))
    assert profile["strategy"].tolist() == list(STRATEGIES.values())
    assert profile["customers"].sum() == len(frame)
    assert profile["current"].sum() == pytest.approx(frame["current"].sum())
    assert profile["potential"].sum() == pytest.approx(frame["potential"].sum())
    for share in ("customer_share", "current_share", "potential_share"):
        assert profile[share].sum() == pytest.approx(1)


def test_shares_of_nothing_are_missing():
    frame = pd.DataFrame({"current": [-5.0, -9.0], "potential": [0.0, 0.0]})
    profile = value_matrix_profile(value_matrix(frame, cuts=(0, 1)))
    assert profile[["current_share", "potential_share"]].isna().all().all()


def test_names_columns_and_engines_of_ones_own():
    frame = pl.from_pandas(values()).rename({"current": "ltv", "potential": "prp"})
    names = {key: name.upper() for key, name in STRATEGIES.items()}
    found = value_matrix(frame, cuts=(100, 30), current="ltv", potential="prp", strategies=names)
    assert isinstance(found, pl.DataFrame)
    expected = value_matrix(values(), cuts=ValueCuts(100, 30))["strategy"].str.upper()
    assert found["strategy"].to_list() == expected.tolist()
    assert isinstance(value_matrix_profile(found), pl.DataFrame)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: value_matrix(f, cuts=5), ParameterError, "two finite numbers"),
        (lambda f: value_matrix(f, cuts=(1, np.nan)), ParameterError, "two finite numbers"),
        (
            lambda f: value_matrix(f, cuts=(1, 2), strategies={}),
            ParameterError,
            "a name of its own",
        ),
        (
            lambda f: value_matrix(f.drop(columns="current"), cuts=(1, 2)),
            MissingColumnsError,
            "'current'",
        ),
        (
            lambda f: value_matrix(f.assign(current=np.inf), cuts=(1, 2)),
            InvalidValuesError,
            "finite",
        ),
        (lambda f: value_cuts(f, method="luck"), ParameterError, "'median', 'mean'"),
        (lambda f: value_cuts(f.head(0), method="mean"), InvalidValuesError, "no rows"),
        (value_matrix_profile, MissingColumnsError, "strategy"),
    ],
)
def test_says_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call(values())
