"""The whale curve: peaks, losses, ties and its relation to the Lorenz curve."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.segments import lorenz, whale_curve, whale_summary


def frame(values):
    return pd.DataFrame({"profit": np.array(values, dtype=float)})


def test_the_peak_is_what_the_profitable_earn():
    found = whale_curve(frame([50, -30, 20, 0, 60]))
    assert found["value"].tolist() == [0, 60, 110, 130, 130, 100]
    assert found["value_share"].tolist() == pytest.approx([0, 0.6, 1.1, 1.3, 1.3, 1.0])
    assert found["peak_share"].max() == 1
    assert found.attrs["crmanalytics"] == {"value": "profit", "points": None}


@pytest.mark.parametrize(
    ("values", "last", "shares", "peaks"),
    [
        ([-1, -2], -3, True, True),
        ([5, -9], -4, True, False),
        ([4, -4], 0, True, False),
        ([0, 0], 0, True, True),
        ([7], 7, False, False),
    ],
)
def test_totals_that_are_no_profit(values, last, shares, peaks):
    found = whale_curve(frame(values))
    assert found["value"].iloc[-1] == last
    assert found["value_share"].isna().all() == shares
    assert found["peak_share"].isna().all() == peaks


def test_points_lie_on_the_curve():
    found = whale_curve(frame([8, 4, -4]), points=4)
    assert found["value"].tolist() == [0, 8, 12, 8]
    half = whale_curve(frame([8, 8, -4, -4]), points=3)
    assert half["customers"].tolist() == [0, 2, 4]


def test_summary():
    found = whale_summary(frame([50, -30, 20, 0, 60]))
    assert found["customers"].tolist() == [3, 1, 1]
    assert found["value"].tolist() == [130, 0, -30]
    assert found["of_total"].tolist() == pytest.approx([1.3, 0, -0.3])
    assert found["of_peak"].tolist() == pytest.approx([1, 0, -30 / 130])
    lost = whale_summary(frame([-5.0]))
    assert lost["of_total"].isna().all()
    assert lost["customers"].tolist() == [0, 0, 1]


money = st.lists(st.integers(-100, 300), min_size=1, max_size=50)


@given(money, st.randoms(use_true_random=False))
def test_laws(drawn, random):
    found = whale_curve(frame(drawn))
    mixed = list(drawn)
    random.shuffle(mixed)
    pd.testing.assert_frame_equal(whale_curve(frame(mixed)), found)
    scaled = whale_curve(frame(drawn) * 8)
    assert scaled["value"].tolist() == (8 * found["value"]).tolist()
    np.testing.assert_array_equal(scaled["value_share"], found["value_share"])
    steps = np.diff(found["value"]) / np.diff(found["customers"])
    assert (np.diff(steps) < 0).all()
    summary = whale_summary(frame(drawn))
    assert summary["customers"].sum() == len(drawn)
    assert summary["value"].iloc[0] == found["value"].max()
    if sum(drawn) > 0:
        curve = lorenz(frame(drawn), "profit", descending=True)
        np.testing.assert_allclose(found["value_share"], curve["value_share"], atol=1e-12)


def test_polars_gives_polars():
    found = whale_curve(pl.from_pandas(frame([3, 1])))
    assert isinstance(found, pl.DataFrame)
    assert found["value"].to_list() == [0, 3, 4]


@pytest.mark.parametrize(
    ("given_frame", "how", "error", "words"),
    [
        (frame([]), {}, InvalidValuesError, "no rows"),
        (frame([np.nan]), {}, InvalidValuesError, "missing"),
        (frame([1]), {"value": "gain"}, MissingColumnsError, "gain"),
        (frame([1]), {"points": 1}, ParameterError, "points"),
    ],
)
def test_impossible_input(given_frame, how, error, words):
    with pytest.raises(error, match=words):
        whale_curve(given_frame, **how)
