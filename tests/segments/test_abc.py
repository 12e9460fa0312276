"""ABC classes: where they end, ties, values without worth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.segments import abc, tier_profile


def classes(values, **how):
    return "".join(abc(pd.DataFrame({"total": np.array(values, dtype=float)}), **how)["abc"])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([80, 15, 5], "ABC"),
        ([70, 10, 8, 7, 5], "AABBC"),
        ([50, 50], "AA"),
        ([100], "A"),
        ([5, 15, 80], "CBA"),
        ([1] * 10, "A" * 10),
        ([90, 0, -50], "ACC"),
        ([40, 30, 20, 10, 0], "AAABC"),
    ],
)
def test_by_hand(values, expected):
    assert classes(values) == expected


def test_other_classes_and_what_is_kept():
    frame = pd.DataFrame({"total": [6.0, 3.0, 1.0]}, index=[3, 1, 3])
    found = abc(frame, classes={"gold": 0.5, "rest": 1.0})
    assert found["abc"].tolist() == ["gold", "rest", "rest"]
    assert found["cumulated_value"].tolist() == pytest.approx([0.6, 0.9, 1.0])
    assert found.index.tolist() == [3, 1, 3]
    assert found.attrs["crmanalytics"] == {
        "value": "total", "classes": {"gold": 0.5, "rest": 1.0},
    }  # fmt: skip
    assert abc(pl.from_pandas(frame))["abc"].to_list() == ["A", "A", "B"]


@given(st.lists(st.integers(0, 99), min_size=1, max_size=60).filter(any))
def test_laws(drawn):
    frame = pd.DataFrame({"total": np.array(drawn, dtype=float)})
    found = abc(frame)
    profile = tier_profile(found, tier="abc", order=["A", "B", "C"])
    assert profile["value_share"].sum() == pytest.approx(1)
    assert profile["cumulated_value"].iloc[0] > 0.8 - 1e-9
    assert found.groupby("total")["abc"].nunique().max() == 1
    # A without its smallest value would fall short
    top = found[found["abc"] == "A"]
    fewer = top.loc[top["total"] > top["total"].min(), "total"].sum()
    assert fewer < 0.8 * sum(drawn) + 1e-9
    assert classes(np.array(drawn) * 16) == "".join(found["abc"])
    assert classes(drawn[::-1]) == "".join(found["abc"][::-1])


def test_impossible_input():
    with pytest.raises(InvalidValuesError, match="no positive"):
        classes([0, -1])
    with pytest.raises(InvalidValuesError, match="no positive"):
        classes([])
    with pytest.raises(InvalidValuesError, match="missing"):
        classes([1, np.nan])
    for wrong in ({"A": 0.5}, {"A": 0.9, "B": 0.2, "C": 1.0}, {"A": 0.0, "B": 1.0}):
        with pytest.raises(ParameterError, match="ascend to 1"):
            classes([1], classes=wrong)
