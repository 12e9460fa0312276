"""Concentration: published shares, ties, and how sure they are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.segments import concentration, lorenz

money = st.lists(st.integers(0, 30), min_size=1, max_size=40).filter(any)


def test_uci_shares(uci_spend):
    found = concentration(uci_spend, top=(0.01, 0.05, 0.2, 0.5, 1))
    assert len(uci_spend) == 4338
    assert found["customers"].tolist() == [44, 217, 868, 2169, 4338]
    assert (100 * found["value_share"]).round(2).tolist() == [32.00, 50.38, 74.62, 92.17, 100]
    bands = (100 * found["value_share"].iloc[[0, 1, 2, 4]]).diff().round(1).tolist()[1:]
    assert bands == [18.4, 24.2, 25.4]


@given(money, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_currency_play_no_part(values, random):
    frame = pd.DataFrame({"total": values})
    order = list(range(len(values)))
    random.shuffle(order)
    found = concentration(frame)
    pd.testing.assert_frame_equal(concentration(frame.iloc[order]), found)
    same = ["top", "customers", "value_share", "standard_error", "tied"]
    pd.testing.assert_frame_equal(concentration(frame * 4)[same], found[same])


@given(money, st.lists(st.floats(0.01, 1), min_size=1, max_size=5))
def test_shares_are_those_of_the_largest(values, top):
    found = concentration(pd.DataFrame({"total": values}), top=top)
    ordered = sorted(values, reverse=True)
    for row in found.itertuples():
        assert row.customers >= row.top * len(values) - 1e-6
        assert row.customers < row.top * len(values) + 1
        assert row.value == sum(ordered[: row.customers])
        assert row.value_share == pytest.approx(row.value / sum(values))
        assert row.smallest == ordered[row.customers - 1]
        assert row.tied == values.count(row.smallest)


def test_whole_customers_are_not_rounded_up_by_floating_point():
    frame = pd.DataFrame({"total": np.ones(100)})
    assert concentration(frame, top=(0.07, 0.29, 0.57))["customers"].tolist() == [7, 29, 57]


def test_it_lies_on_the_lorenz_curve():
    frame = pd.DataFrame({"total": np.random.default_rng(1).lognormal(size=50)})
    found = concentration(frame, top=(0.1, 0.2, 0.5))
    curve = lorenz(frame, descending=True)
    read = np.interp(found["top"], curve["customer_share"], curve["value_share"])
    np.testing.assert_allclose(found["value_share"], read)


def test_losses_lift_the_top_above_all():
    frame = pd.DataFrame({"total": [100.0, 20.0, -20.0]})
    assert concentration(frame, top=(0.5,))["value_share"].tolist() == pytest.approx([1.2])


def test_everybody_has_everything_for_certain():
    found = concentration(pd.DataFrame({"total": [1.0, 2.0, 9.0]}), top=(1,)).iloc[0]
    assert found["low"] == found["high"] == found["value_share"] == 1


def test_a_single_customer_has_no_interval():
    found = concentration(pd.DataFrame({"total": [5.0]}), top=(0.2,)).iloc[0]
    assert found["value_share"] == 1
    assert np.isnan(found["low"])


def test_the_interval_covers_as_often_as_it_says():
    """Of exponential money, the top fifth has (1 + ln 5) / 5."""
    draw, truth, inside = np.random.default_rng(3), (1 + np.log(5)) / 5, 0
    for _ in range(250):
        frame = pd.DataFrame({"total": draw.exponential(size=300)})
        found = concentration(frame, top=(0.2,)).iloc[0]
        inside += found["low"] < truth < found["high"]
    assert 0.92 <= inside / 250 <= 0.98


def test_polars_gives_polars():
    found = concentration(pl.DataFrame({"spend": [3.0, 1.0]}), "spend", top=(0.5,))
    assert isinstance(found, pl.DataFrame)
    assert found["value_share"].to_list() == [0.75]


def test_impossible_input():
    frame = pd.DataFrame({"total": [1.0, 2.0]})
    for top in ((), (0,), (1.2,), (-0.1,)):
        with pytest.raises(ParameterError, match="above 0 and up to 1"):
            concentration(frame, top=top)
    with pytest.raises(ParameterError, match="level"):
        concentration(frame, level=95)
    with pytest.raises(ParameterError, match="data frame"):
        concentration([1, 2])
    with pytest.raises(MissingColumnsError, match="spend"):
        concentration(frame, "spend")
    with pytest.raises(InvalidValuesError, match="positive sum"):
        concentration(frame * 0)
