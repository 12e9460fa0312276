"""Drift: published indices, what chance explains, bins for what is missing or unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.churn import calibration_by, drift, drift_table, stability_index
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError


@pytest.mark.parametrize(
    ("expected", "actual", "index"),
    [
        ([1 / 3] * 3, [1 / 6, 1 / 3, 1 / 2], 0.1831020481113516),
        ([0.1] * 10, [0.08, 0.09, *[0.1] * 6, 0.11, 0.12], 0.0101160091167848),
    ],
)
def test_published_indices(expected, actual, index):
    assert stability_index(expected, actual) == pytest.approx(index, abs=1e-15)


counts = st.lists(st.integers(0, 20), min_size=2, max_size=8)


@given(counts, st.data())
def test_the_index_is_symmetric_positive_and_blind_to_order(then, data):
    now = data.draw(st.lists(st.integers(0, 20), min_size=len(then), max_size=len(then)))
    if not sum(then) or not sum(now):
        return
    found = stability_index(then, now)
    assert found == pytest.approx(stability_index(now, then))
    assert found == pytest.approx(stability_index(then[::-1], now[::-1]))
    assert found >= -1e-12 or 0 in then or 0 in now
    assert stability_index(then, then) == 0


def test_the_rule_for_empty_bins_is_an_argument():
    assert stability_index([5, 5, 0], [5, 5, 0]) == 0
    assert stability_index([10, 0], [5, 5], zero=0) == np.inf
    half, one = (stability_index([10, 0], [5, 5], zero=z) for z in (0.5, 1))
    assert half == pytest.approx(-0.5 * np.log(0.5) + 0.45 * np.log(0.5 / 0.05))
    assert one < half


def both(rows=4000, seed=1):
    draw = np.random.default_rng(seed)
    frames = []
    for shift in (0.0, 0.5):
        frame = pd.DataFrame(
            {
                "customer_id": np.arange(rows),
                "churn_probability": draw.beta(2, 6, rows),
                "tenure": draw.normal(shift, 1, rows),
                "plan": draw.choice(["a", "b", "c"], rows, p=[0.5, 0.3, 0.2]),
                "since": pd.Timestamp("2024-01-01")
                + pd.to_timedelta(draw.integers(0, 90, rows), "D"),
                "active": draw.random(rows) < 0.5,
            }
        )
        frames.append(frame)
    return frames


def test_the_report_finds_what_has_changed_and_nothing_else():
    then, now = both()
    now.loc[:399, "plan"] = "new"
    now.loc[:799, "tenure"] = np.nan
    report = drift(then, now).set_index("column")
    assert report.index[0] == "tenure"
    assert report.loc["tenure", "verdict"] == "changed"
    assert report.loc["tenure", ["missing_then", "missing_now"]].tolist() == [0, 0.2]
    assert report.loc["plan", "unknown"] == pytest.approx(0.1)
    assert report.loc["plan", "verdict"] == "changed"
    rest = report.drop(["tenure", "plan"])
    assert set(rest.index) == {"churn_probability", "since", "active"}
    assert (rest["verdict"] == "stable").all()
    assert (rest["p_value"] > 0.001).all()
    assert report["kind"].to_dict()["active"] == "categories"
    parts = drift_table(then, now, "tenure")
    assert parts["psi"].sum() == pytest.approx(report.loc["tenure", "psi"])
    assert parts["bin"].iloc[-1] == "missing"


def test_without_change_the_index_is_what_chance_makes_it():
    indices, p_values = [], []
    for seed in range(120):
        draw = np.random.default_rng(seed)
        then, now = (pd.DataFrame({"x": draw.normal(size=n)}) for n in (900, 600))
        row = drift(then, now).iloc[0]
        indices.append(row["psi"] / row["by_chance"])
        p_values.append(row["p_value"])
        assert row["verdict"] == "stable"
    # bins are cut at quantiles of one sample, which halves the chance on that side at most
    assert np.mean(indices) == pytest.approx(1, abs=0.15)
    assert 0.005 < np.mean(np.array(p_values) < 0.05) < 0.12


@given(st.randoms(use_true_random=False))
def test_order_of_rows_plays_no_part(random):
    then, now = both(60)
    at = list(range(60))
    random.shuffle(at)
    pd.testing.assert_frame_equal(drift(then, now), drift(then.iloc[at], now.iloc[at]))


def test_few_distinct_numbers_have_a_bin_each_and_edges_may_be_given():
    then = pd.DataFrame({"x": [1, 1, 2, 5]})
    found = drift_table(then, then, "x")
    assert found["bin"].tolist() == ["up to 1", "1 to 2", "above 2"]
    assert found["then"].tolist() == [2, 1, 1]
    cut = drift_table(then, then, "x", edges=[1.5, 9])
    assert cut["bin"].tolist() == ["up to 1.5", "1.5 to 9"]
    days = pd.DataFrame({"x": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-02-01", None])})
    found = drift_table(days, days, "x")
    assert found["bin"].tolist() == ["up to 2024-01-01", "above 2024-01-01", "missing"]
    assert drift(days, days)["kind"].tolist() == ["dates"]
    with pytest.raises(ParameterError, match="dates cannot be cut"):
        drift_table(days, days, "x", edges=[1])
    empty = pd.DataFrame({"x": [np.nan, np.nan]})
    assert drift_table(empty, then, "x")["bin"].tolist() == ["any number", "missing"]


def test_other_kinds_of_frames():
    then, now = (pl.from_pandas(x) for x in both(200))
    assert isinstance(drift(then, now), pl.DataFrame)
    report = drift(then, now)
    alike = drift(*both(200))
    assert report["psi"].to_list() == pytest.approx(alike["psi"].tolist())


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda a, b: drift(a, b, ["height"]), MissingColumnsError, "height"),
        (lambda a, b: drift(a, b.head(0)), InvalidValuesError, "current has no rows"),
        (lambda a, b: drift(a, b, "tenure"), ParameterError, "list of columns"),
        (lambda a, b: drift(a, b, []), ParameterError, "no column to compare"),
        (lambda a, b: drift(a, b, zero=-1), ParameterError, "zero must"),
        (lambda a, b: drift(a, b, bins=0), ParameterError, "bins must"),
        (lambda a, b: drift(a, b, changed=(0.3, 0.1)), ParameterError, "changed must"),
        (lambda a, b: drift_table(a, b, "plan", edges=[1]), ParameterError, "no numbers"),
        (lambda a, b: drift_table(a, b, "tenure", edges=[2, 1]), ParameterError, "rise"),
        (lambda a, b: stability_index([1, 2], [1]), ParameterError, "same bins"),
    ],
)
def test_what_is_refused(call, error, match):
    with pytest.raises(error, match=match):
        call(*both(20))


def test_calibration_by_snapshot_shows_when_it_was_lost():
    draw = np.random.default_rng(4)
    p = draw.beta(2, 6, 6000)
    month = np.repeat(pd.to_datetime(["2024-01-31", "2024-02-29", "2024-03-31"]), 2000)
    true = np.where(month == pd.Timestamp("2024-03-31"), p * 1.6, p).clip(0, 1)
    scored = pd.DataFrame(
        {"snapshot": month, "churn_probability": p, "churned": draw.random(6000) < true}
    )
    table = calibration_by(scored, "snapshot")
    assert table["snapshot"].tolist() == list(pd.unique(month))
    assert table["off"].tolist() == [False, False, True]
    assert table["customers"].tolist() == [2000] * 3
    assert table["gap"].iloc[2] == pytest.approx(0.15, abs=0.03)
    mixed = calibration_by(scored.sample(frac=1, random_state=1), "snapshot")
    pd.testing.assert_frame_equal(table, mixed)
    assert isinstance(calibration_by(pl.from_pandas(scored), "snapshot"), pl.DataFrame)
    with pytest.raises(MissingColumnsError, match="month"):
        calibration_by(scored, "month")
