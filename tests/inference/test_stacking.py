"""Tidy results under each other, groups together."""

from __future__ import annotations

import pandas as pd
import polars as pl

from crmanalytics.inference.stacking import stacked


def test_groups_stay_together_in_the_order_of_their_appearance():
    first = pd.DataFrame({"unit": ["a", None], "metric": "one", "estimate": [1.0, 2.0]})
    second = pd.DataFrame({"unit": ["a", "b", None], "metric": "two", "estimate": [3.0, 4, 5]})
    found = stacked([first, second], ["unit"])
    assert found["estimate"].tolist() == [1, 3, 2, 5, 4]
    assert found["metric"].tolist() == ["one", "two", "one", "two", "two"]


def test_without_groups_rows_follow_each_other():
    tables = [pl.DataFrame({"metric": [name], "estimate": [0.5]}) for name in ("one", "two")]
    found = stacked(tables, [])
    assert isinstance(found, pl.DataFrame)
    assert found["metric"].to_list() == ["one", "two"]
