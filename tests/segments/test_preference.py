"""Preference structure: the three patterns, on fine and on coarse scales."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.segments import gap_statistic, preference_structure

COLUMNS = ["sweet", "creamy"]


def answers(kind, *, whole=False, seed=5):
    rng = np.random.default_rng(seed)
    if kind == "diffused":
        found = rng.uniform(1, 7, (240, 2))
    elif kind == "homogeneous":
        found = rng.normal(4, 0.5, (240, 2))
    else:
        found = np.repeat([(2, 2), (4, 6), (6, 3)], 80, axis=0) + rng.normal(0, 0.5, (240, 2))
    found = np.clip(found.round() if whole else found, 1, 7)
    return pd.DataFrame(found, columns=COLUMNS)


@pytest.mark.parametrize("kind", ["homogeneous", "diffused", "clustered"])
@pytest.mark.parametrize("whole", [False, True])
def test_patterns(kind, whole):
    frame = answers(kind, whole=whole)
    found = preference_structure(frame, COLUMNS, scale=(1, 7), most=4, references=10).iloc[0]
    assert found["structure"] == kind
    assert found["clusters"] == (3 if kind == "clustered" else 1)
    assert found["customers"] == 240
    spread = np.sqrt(frame.var(ddof=0).mean() * 12) / 6
    assert found["spread"] == pytest.approx(spread)


def test_narrow_decides_between_homogeneous_and_diffused():
    frame = answers("homogeneous")
    how = {"scale": (1, 7), "most": 3, "references": 5}
    assert preference_structure(frame, COLUMNS, narrow=0.1, **how)["structure"][0] == "diffused"


def test_all_alike_and_few_kinds_of_answers():
    alike = pd.DataFrame({"a": [4.0] * 9})
    found = preference_structure(alike, ["a"], scale=(1, 7)).iloc[0]
    assert found[["structure", "clusters", "spread"]].tolist() == ["homogeneous", 1, 0]
    yes_no = pd.DataFrame({"a": [1, 2] * 20})
    assert preference_structure(yes_no, ["a"], scale=(1, 2))["structure"][0] == "diffused"


def test_the_gap_as_defined():
    frame = answers("clustered")
    found = gap_statistic(frame, COLUMNS, most=4, references=10)
    np.testing.assert_allclose(found["gap"], found["expected"] - found["log_within"])
    one = ((frame - frame.mean()) ** 2).to_numpy().sum()
    assert found["log_within"][0] == pytest.approx(np.log(one))
    assert found["by_gap"].sum() == found["by_bic"].sum() == 1
    enough = found["gap"].to_numpy()[:-1] >= (found["gap"] - found["standard_error"]).to_numpy()[1:]
    assert found["by_gap"].argmax() == enough.argmax()
    assert found["by_bic"].argmax() == found["bic"].argmin()
    assert found.attrs["crmanalytics"]["references"] == 10


def test_order_of_rows_and_kind_of_frame_play_no_part():
    frame = answers("clustered")
    found = gap_statistic(frame, COLUMNS, most=3, references=4)
    mixed = pl.from_pandas(frame.sample(frac=1, random_state=2))
    again = gap_statistic(mixed, COLUMNS, most=3, references=4)
    pd.testing.assert_frame_equal(again.to_pandas(), found, check_dtype=False)
    sampled = gap_statistic(frame, COLUMNS, most=3, references=4, sample=100)
    assert sampled["by_gap"].tolist() == found["by_gap"].tolist()


def test_impossible_input():
    frame = answers("diffused")
    with pytest.raises(InvalidValuesError, match=r"rows outside of the scale 1 to 5"):
        preference_structure(frame, COLUMNS, scale=(1, 5))
    with pytest.raises(InvalidValuesError, match="no rows"):
        preference_structure(frame.head(0), COLUMNS, scale=(1, 7))
    with pytest.raises(ParameterError, match="ascend"):
        preference_structure(frame, COLUMNS, scale=(7, 1))
    with pytest.raises(InvalidValuesError, match="too few to tell 6"):
        gap_statistic(frame.head(5), COLUMNS)
    for how in ({"most": 1}, {"references": 1}, {"sample": 2}):
        with pytest.raises(ParameterError, match=next(iter(how))):
            gap_statistic(frame, COLUMNS, **how)
