"""The core of a customer base: counts by hand, and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.segments import core_customers


def test_by_hand():
    found = core_customers(pd.DataFrame({"total": [50.0, 30.0, 10.0, 10.0]}), share=(0.5, 0.8, 1.0))
    assert found["customers"].tolist() == [1, 2, 4]
    assert found["value"].tolist() == [50.0, 80.0, 100.0]


def test_losses_do_not_hide_the_core():
    found = core_customers(pd.DataFrame({"total": [100.0, 50.0, -50.0]}), share=(0.9, 1.0))
    assert found["customers"].tolist() == [1, 1]


@given(
    st.lists(st.integers(0, 1000), min_size=1, max_size=50).filter(any),
    st.sampled_from([0.1, 0.5, 0.8, 1.0]),
)
def test_it_takes_no_fewer(values, share):
    frame = pd.DataFrame({"total": np.array(values, dtype=float)})
    found = core_customers(frame, share=[share])
    count = int(found["customers"].iloc[0])
    largest = sorted(values, reverse=True)
    assert sum(largest[:count]) >= share * sum(values) - 1e-6
    assert sum(largest[: count - 1]) < share * sum(values) + 1e-6
    pd.testing.assert_frame_equal(found, core_customers(frame[::-1], share=[share]))


def test_refuses():
    frame = pd.DataFrame({"total": [1.0]})
    with pytest.raises(ParameterError, match="share must be"):
        core_customers(frame, share=[0.0])
    with pytest.raises(ParameterError, match="data frame"):
        core_customers([1.0, 2.0])
    with pytest.raises(InvalidValuesError, match="positive sum"):
        core_customers(frame.assign(total=0.0))
