"""Weights of one's own, and the check that weights are those of the criteria."""

from __future__ import annotations

import pandas as pd
import pytest

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.weighting import weight_table, weights_for


def test_weights_follow_the_criteria():
    table = weight_table({"a": 2, "b": 6})
    assert table["weight"].tolist() == [0.25, 0.75]
    assert weights_for(["b", "a"], table).tolist() == [0.75, 0.25]
    assert weights_for(["b", "a"], table.assign(weight=[5, 5])).tolist() == [0.5, 0.5]


@pytest.mark.parametrize("weights", [{}, {"a": 0}, {"a": -1, "b": 3}, {"a": float("nan")}])
def test_weights_that_are_none(weights):
    with pytest.raises(ParameterError, match="must not be negative"):
        weight_table(weights)


def test_weights_of_others():
    with pytest.raises(ParameterError, match=r"without a weight \['b'\], not a criterion \['c'\]"):
        weights_for(["a", "b"], {"a": 1, "c": 1})
    with pytest.raises(InvalidValuesError, match="must not repeat"):
        weights_for(["a"], pd.DataFrame({"criterion": ["a", "a"], "weight": [1, 1]}))
    with pytest.raises(ParameterError, match="all be zero"):
        weights_for(["a"], pd.DataFrame({"criterion": ["a"], "weight": [0.0]}))
