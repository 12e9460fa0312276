"""The distribution of answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.satisfaction import answer_shares, csat
from crmanalytics.surveys import rake

SURVEY = pd.DataFrame(
    {
        "g": list("aaabbb"),
        "w": [1.0, 1, 2, 1, 1, 3],
        "x": [1, 2, 2, 3, np.nan, 9],
        "y": [3, 3, 3, 1, 1, 2],
    }
)


def test_shares_of_each_item_sum_to_one():
    found = answer_shares(SURVEY, ["x", "y"], scale=(1, 3), by="g", weight="w", no_answer=[9])
    assert list(found.columns[:4]) == ["g", "item", "answer", "metric"]
    assert len(found) == 2 * 2 * 3
    np.testing.assert_allclose(found.groupby(["g", "item"])["estimate"].sum(), 1)
    first = found[(found["g"] == "a") & (found["item"] == "x")]
    assert first["estimate"].tolist() == pytest.approx([0.25, 0.75, 0])
    assert found[(found["g"] == "b") & (found["item"] == "x")]["n_missing"].tolist() == [2, 2, 2]


def test_no_answer_may_be_an_answer_too():
    found = answer_shares(SURVEY, "x", scale=(1, 3), no_answer=[9], missing=True)
    assert found["estimate"].tolist() == pytest.approx([1 / 6, 2 / 6, 1 / 6, 2 / 6])
    assert np.isnan(found["answer"].iloc[-1])
    assert found["n"].tolist() == [6] * 4


def test_other_kinds_and_what_cannot_be():
    found = answer_shares(pl.from_pandas(SURVEY[["y"]]), "y", scale=(1, 3))
    assert found["answer"].to_list() == [1.0, 2.0, 3.0]
    with pytest.raises(DataError, match="between 1 and 3"):
        answer_shares(SURVEY, "x", scale=(1, 3))
    with pytest.raises(ParameterError, match="scale must have"):
        answer_shares(SURVEY, "x", scale=(3, 3))


def test_what_margins_explain_is_certain():
    """Satisfaction that is wholly a matter of the group has no error once groups are raked."""
    frame = pd.DataFrame({"g": [0] * 30 + [1] * 70, "happy": [1] * 30 + [5] * 70})
    raked = rake(frame, {"g": {0: 50, 1: 50}})
    taken = csat(raked, "happy", scale=(1, 5), weight="weight").iloc[0]
    known = csat(raked, "happy", scale=(1, 5), weight="weight", raked=["g"]).iloc[0]
    assert taken["estimate"] == known["estimate"] == pytest.approx(0.5)
    assert taken["se"] > 0.04
    assert known["se"] == pytest.approx(0, abs=1e-12)
