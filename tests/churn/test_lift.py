"""Lift, gain and discrimination: published values, ties, and laws."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.churn import (
    auc,
    average_precision,
    cumulative_gain,
    gini,
    lift,
    lift_table,
    top_decile_lift,
)
from crmanalytics.errors import ParameterError

outcomes = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 4)), min_size=2, max_size=25
).filter(lambda rows: 0 < sum(row[0] for row in rows) < len(rows))


def frame_of(rows):
    return pd.DataFrame(rows, columns=["churned", "churn_probability"])


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.1, 2.714987714987715), (0.2, 2.307739557739558), (0.5, 1.764742014742015), (1, 1.0)],
)
def test_published_lifts(scored_221, share, expected):
    assert lift(scored_221, share=share) == pytest.approx(expected, abs=1e-12)


def test_the_top_decile_by_either_convention(scored_221):
    assert top_decile_lift(scored_221) == pytest.approx(2.714987714987715)
    assert top_decile_lift(scored_221, rounding="floor") == pytest.approx(2.714987714987715)
    assert top_decile_lift(scored_221, rounding="ceil") == pytest.approx(2.726792, abs=5e-7)


def test_published_deciles(scored_221):
    table = lift_table(scored_221)
    expected = [
        2.726792, 1.764742, 1.628993, 1.628993, 0.950246, 0.678747, 0.407248, 0, 0.135749, 0,
    ]  # fmt: skip
    np.testing.assert_allclose(table["lift"], expected, atol=5e-7)
    assert table["customers"].tolist() == [23.0] + [22.0] * 9
    assert table["churned"].iloc[0] == 21
    assert table["gain"].iloc[-1] == 1
    assert table["cumulative_lift"].iloc[-1] == pytest.approx(1)
    assert (table["low"] <= table["churn_rate"]).all()


def test_published_discrimination(scored_221):
    assert auc(scored_221) == pytest.approx(0.8652325795182938, abs=1e-14)
    assert gini(scored_221) == pytest.approx(0.7304651590365876, abs=1e-14)
    assert average_precision(scored_221) == pytest.approx(0.7327674542899212, abs=1e-14)


def test_a_score_that_is_the_same_for_all_says_nothing_in_any_order():
    for churned in ([1] * 10 + [0] * 90, [0] * 90 + [1] * 10):
        same = pd.DataFrame({"churned": churned, "churn_probability": 0.1})
        assert top_decile_lift(same) == pytest.approx(1.0)
        assert auc(same) == 0.5
        assert average_precision(same) == pytest.approx(0.1)
        np.testing.assert_allclose(lift_table(same)["lift"], 1.0)


@given(st.lists(st.integers(0, 1), min_size=3, max_size=6), st.integers(1, 5))
def test_ties_count_with_the_mean_over_all_orders(flags, count):
    churned = np.array(flags)
    if not 0 < churned.sum() < len(churned) or count > len(churned):
        return
    frame = pd.DataFrame({"churned": churned, "churn_probability": 0.5})
    drawn = [np.mean(order[:count]) for order in itertools.permutations(flags)]
    found = lift(frame, share=count / len(churned))
    assert found == pytest.approx(np.mean(drawn) / churned.mean())


@given(outcomes, st.randoms(use_true_random=False), st.floats(0.05, 1))
def test_order_of_rows_plays_no_part(rows, random, share):
    mixed = list(rows)
    random.shuffle(mixed)
    first, second = frame_of(rows), frame_of(mixed)
    assert lift(first, share=share) == lift(second, share=share)
    assert auc(first) == auc(second)
    pd.testing.assert_frame_equal(cumulative_gain(first), cumulative_gain(second))
    pd.testing.assert_frame_equal(lift_table(first, groups=2), lift_table(second, groups=2))


@given(outcomes)
def test_the_definition_by_pairs_and_by_scikit_learn(rows):
    from sklearn.metrics import average_precision_score, roc_auc_score

    frame = frame_of(rows)
    y, s = frame["churned"], frame["churn_probability"]
    assert auc(frame) == pytest.approx(roc_auc_score(y, s))
    assert average_precision(frame) == pytest.approx(average_precision_score(y, s))


@given(outcomes, st.data())
def test_a_weight_is_so_many_copies(rows, data):
    times = data.draw(st.lists(st.integers(1, 4), min_size=len(rows), max_size=len(rows)))
    frame = frame_of(rows).assign(people=times)
    copies = frame.loc[np.repeat(frame.index, times)]
    for measure in (auc, average_precision, top_decile_lift):
        assert measure(frame, weight="people") == pytest.approx(measure(copies))
    pd.testing.assert_frame_equal(
        cumulative_gain(frame, weight="people"), cumulative_gain(copies), check_index_type=False
    )


@given(outcomes)
def test_the_gain_rises_to_one_below_the_perfect_curve(rows):
    curve = cumulative_gain(frame_of(rows))
    assert (curve["gain"].diff().dropna() >= 0).all()
    assert (curve["gain"] <= curve["perfect"] + 1e-12).all()
    assert curve[["customer_share", "gain", "perfect"]].iloc[-1].tolist() == pytest.approx([1] * 3)
    rate = np.mean([row[0] for row in rows])
    heights = (curve["gain"] + curve["gain"].shift()) / 2
    under = (heights * curve["customer_share"].diff()).sum()
    assert (under - 0.5) * 2 / (1 - rate) == pytest.approx(gini(frame_of(rows)), abs=1e-12)


def test_a_curve_read_off_at_steps_and_other_kinds_of_frames(scored_221):
    steps = cumulative_gain(scored_221, points=11)
    assert steps["customer_share"].tolist() == pytest.approx(np.linspace(0, 1, 11))
    exact = lift(scored_221, share=0.1, rounding="exact")
    assert steps["lift"].iloc[1] == pytest.approx(exact)
    found = lift_table(pl.from_pandas(scored_221), groups=4)
    assert isinstance(found, pl.DataFrame)
    assert steps.attrs["crmanalytics"] == {"points": 11, "weight": None}


def test_flags_may_be_booleans(scored_221):
    flags = scored_221.assign(churned=scored_221["churned"] == 1)
    assert auc(flags) == auc(scored_221)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda f: lift(f, share=0), "share must be"),
        (lambda f: lift(f, share=0.1, rounding="up"), "rounding must be"),
        (lambda f: cumulative_gain(f, points=1), "points must be"),
        (lambda f: lift_table(f, groups=1), "groups must be"),
        (lambda f: lift_table(f, groups=500), "cannot be cut"),
    ],
)
def test_what_is_refused(scored_221, call, match):
    with pytest.raises(ParameterError, match=match):
        call(scored_221)
