"""Calibration: published values, groups that never part equals, and what chance adds."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.churn import brier, calibration, calibration_error
from crmanalytics.errors import InvalidValuesError, ParameterError

outcomes = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 8)), min_size=1, max_size=30)


def frame_of(rows):
    frame = pd.DataFrame(rows, columns=["churned", "churn_probability"])
    return frame.assign(churn_probability=frame["churn_probability"] / 8)


def test_published_brier_score(scored_221):
    assert brier(scored_221) == pytest.approx(0.14131499743167156, abs=1e-15)


@given(outcomes, st.integers(1, 12), st.sampled_from(["quantile", "width"]))
def test_the_groups_hold_everybody_once(rows, bins, binning):
    frame = frame_of(rows)
    table = calibration(frame, bins=bins, binning=binning)
    assert table["customers"].sum() == len(frame)
    assert table["churned"].sum() == frame["churned"].sum()
    assert (table["lowest"].iloc[1:].to_numpy() > table["highest"].iloc[:-1].to_numpy()).all()
    assert (table["low"] <= table["observed"] + 1e-12).all()
    assert (table["observed"] <= table["high"] + 1e-12).all()
    weight = table["customers"] / len(frame)
    found = calibration_error(frame, bins=bins, binning=binning)
    assert found == pytest.approx((weight * table["gap"].abs()).sum(), abs=1e-12)


@given(outcomes, st.randoms(use_true_random=False))
def test_order_of_rows_plays_no_part(rows, random):
    mixed = list(rows)
    random.shuffle(mixed)
    pd.testing.assert_frame_equal(calibration(frame_of(rows)), calibration(frame_of(mixed)))
    assert brier(frame_of(rows)) == brier(frame_of(mixed))


@given(outcomes, st.data())
def test_a_weight_is_so_many_copies(rows, data):
    times = data.draw(st.lists(st.integers(0, 3), min_size=len(rows), max_size=len(rows)))
    if not sum(times):
        return
    frame = frame_of(rows).assign(people=times)
    copies = frame.loc[np.repeat(frame.index, times)]
    left, right = calibration(frame, weight="people"), calibration(copies)
    pd.testing.assert_frame_equal(left, right)
    assert brier(frame, weight="people") == pytest.approx(brier(copies))


def test_equal_width_is_that_of_the_textbook():
    p = np.linspace(0.05, 0.95, 10)
    table = calibration(
        pd.DataFrame({"churned": [0, 1] * 5, "churn_probability": p}), bins=10, binning="width"
    )
    assert table["bin"].tolist() == list(range(1, 11))
    assert table["predicted"].tolist() == pytest.approx(p.tolist())


def test_chance_alone_gives_an_error_below_the_one_documented():
    draw = np.random.default_rng(5)
    errors = []
    for _ in range(60):
        p = draw.beta(2, 6, 2000)
        churned = (draw.random(2000) < p).astype(int)
        errors.append(calibration_error(pd.DataFrame({"churned": churned, "churn_probability": p})))
    documented = np.sqrt(2 * 10 * 0.25 * 0.75 / (np.pi * 2000))
    assert 0.85 * documented < np.mean(errors) < documented


def test_other_kinds_of_frames():
    found = calibration(pl.DataFrame({"churned": [0, 1], "churn_probability": [0.2, 0.9]}), bins=2)
    assert isinstance(found, pl.DataFrame)
    assert found["observed"].to_list() == [0.0, 1.0]


def test_what_is_refused():
    frame = pd.DataFrame({"churned": [0, 1], "churn_probability": [0.2, 1.9]})
    with pytest.raises(InvalidValuesError, match="must be at most 1"):
        calibration(frame)
    with pytest.raises(ParameterError, match="bins must be"):
        calibration(frame.assign(churn_probability=0.5), bins=0)
    with pytest.raises(ParameterError, match="binning must be"):
        calibration(frame.assign(churn_probability=0.5), binning="equal")
    with pytest.raises(InvalidValuesError, match="no rows"):
        brier(frame.head(0))
