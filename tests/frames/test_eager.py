"""Frames in memory: lazy ones are refused, new columns keep what was there."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmanalytics.errors import ParameterError
from crmanalytics.frames import RFM_INPUT, admit_eager, column_names, frame_like, with_new

FRAME = pd.DataFrame({"days_since_last": [1, 2], "orders": [1, 1], "total": [1.0, 2.0]})
KINDS = [lambda f: f, pl.from_pandas, lambda f: pa.Table.from_pandas(f, preserve_index=False)]


@pytest.mark.parametrize("kind", KINDS)
def test_new_columns_have_their_names_and_replace_old_ones(kind):
    native = kind(FRAME)
    own = admit_eager(native, RFM_INPUT)
    found = with_new(own, {"orders": np.array([7, 8]), "extra": np.array([0.5, 1.5])})
    assert type(found) is type(native)
    back = nw.from_native(found, eager_only=True)
    assert back.columns == ["days_since_last", "orders", "total", "extra"]
    assert back["orders"].to_list() == [7, 8]
    assert back["extra"].to_list() == [0.5, 1.5]
    assert nw.from_native(native, eager_only=True)["orders"].to_list() == [1, 1]


def test_the_index_and_the_attributes_of_pandas_are_kept():
    frame = FRAME.set_axis(["b", "a"])
    frame.attrs["unit"] = "W"
    found = with_new(admit_eager(frame, RFM_INPUT), {"extra": np.array([1, 2])})
    assert found.index.tolist() == ["b", "a"]
    assert found.loc["a", "extra"] == 2
    assert found.attrs == {"unit": "W"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_frame_is_of_the_same_kind(kind):
    native = kind(FRAME)
    found = frame_like(admit_eager(native, RFM_INPUT), {"a": np.array([1]), "b": ["x"]})
    assert type(found) is type(native)
    assert nw.from_native(found, eager_only=True).rows() == [(1, "x")]


def test_lazy_frames_are_refused_with_the_mend():
    with pytest.raises(ParameterError, match=r"customers is a lazy frame .*collect it first"):
        admit_eager(pl.from_pandas(FRAME).lazy(), RFM_INPUT)


def test_column_names_of_anything():
    assert column_names(pl.from_pandas(FRAME).lazy()) == list(FRAME)
    assert column_names([1, 2]) == []
