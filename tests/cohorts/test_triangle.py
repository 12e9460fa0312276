"""Triangles: the long form laid out, holes where the future is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.cohorts import retention, triangle
from crmanalytics.errors import MissingColumnsError, ParameterError

LOG = pd.DataFrame(
    {
        "customer_id": [1, 1, 2, 3, 2],
        "date": pd.to_datetime(
            ["2024-01-05", "2024-02-10", "2024-01-20", "2024-02-01", "2024-03-03"]
        ),
        "amount": [10.0, 20.0, 30.0, 40.0, 50.0],
    }
)


def test_each_row_of_the_long_form_has_its_cell():
    long = retention(LOG, until="2024-03-05")
    wide = triangle(long, "active")
    assert wide.to_numpy()[0].tolist() == [2, 1, 1]
    assert wide.columns.tolist() == [0, 1, 2]
    assert wide.index.name == "cohort"
    assert wide.notna().sum().sum() == len(long)
    for row in long.itertuples():
        assert wide.loc[row.cohort, row.period] == row.active


def test_partial_periods_can_be_left_out():
    wide = triangle(retention(LOG, until="2024-03-05"), complete=True)
    assert np.isnan(wide.to_numpy()).tolist() == [
        [False, False, True], [False, True, True], [True, True, True],
    ]  # fmt: skip


def test_any_order_of_rows_will_do():
    long = retention(LOG, until="2024-03-31", value="revenue")
    pd.testing.assert_frame_equal(triangle(long[::-1], "revenue"), triangle(long, "revenue"))


def test_polars_gives_polars():
    wide = triangle(retention(pl.from_pandas(LOG), until="2024-03-31"))
    assert wide.columns == ["cohort", "0", "1", "2"]
    assert wide["1"].to_list()[0] == 0.5


def test_impossible_input():
    long = retention(LOG, until="2024-03-31")
    with pytest.raises(MissingColumnsError, match="'revenue'"):
        triangle(long, "revenue")
    with pytest.raises(ParameterError, match="value must be one of"):
        triangle(long, "share")
    with pytest.raises(MissingColumnsError, match="cohort"):
        triangle(LOG)
