"""Profiles of tiers: sums, shares, orders of labels."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.segments import tier_profile

FRAME = pd.DataFrame({"tier": ["b", "a", "b", "c"], "total": [10.0, 70.0, 30.0, -10.0]})


def test_by_hand():
    found = tier_profile(FRAME)
    assert found["tier"].tolist() == ["a", "b", "c"]
    assert found["customers"].tolist() == [1, 2, 1]
    assert found["value"].tolist() == [70, 40, -10]
    assert found["value_share"].tolist() == pytest.approx([0.7, 0.4, -0.1])
    assert found["cumulated_value"].tolist() == pytest.approx([0.7, 1.1, 1.0])
    assert found["mean"].tolist() == [70, 20, -10]
    assert found[["smallest", "largest"]].to_numpy().tolist() == [[70, 70], [10, 30], [-10, -10]]


def test_the_order_given_shows_empty_tiers():
    found = tier_profile(FRAME, order=["c", "z", "a", "b"])
    assert found["tier"].tolist() == ["c", "z", "a", "b"]
    assert found["customers"].tolist() == [1, 0, 1, 2]
    empty = found.iloc[1]
    assert np.isnan([empty["mean"], empty["smallest"], empty["largest"]]).all()
    assert empty["customer_share"] == empty["value_share"] == 0


def test_categories_say_their_order():
    kinds = pd.Categorical(FRAME["tier"], categories=["c", "b", "a", "unused"])
    found = tier_profile(FRAME.assign(tier=kinds))
    assert found["tier"].tolist() == ["c", "b", "a", "unused"]
    assert found["customers"].tolist() == [1, 2, 1, 0]


def test_a_total_of_nothing_has_no_shares():
    found = tier_profile(FRAME.assign(total=[-1.0, 0.0, 0.0, 0.0]))
    assert found["value_share"].isna().all()
    assert found["customer_share"].sum() == 1


def test_nobody_is_an_empty_table_and_all_equal_is_one_row():
    assert len(tier_profile(FRAME.head(0))) == 0
    assert tier_profile(FRAME.assign(tier="x", total=0.0))["customers"].tolist() == [4]


def test_impossible_orders():
    with pytest.raises(InvalidValuesError, match=r"2 labels .*'b', 'c'"):
        tier_profile(FRAME, order=["a"])
    with pytest.raises(ParameterError, match="once"):
        tier_profile(FRAME, order=["a", "a"])
    with pytest.raises(InvalidValuesError, match="must not be missing"):
        tier_profile(FRAME.assign(tier=["a", None, "b", "c"]))
