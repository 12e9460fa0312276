"""Profit measures: published values, the definition by brute force, and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.churn import emp_credit, empc, expected_cost, mpc, profit_curve
from crmanalytics.churn.envelope import Envelope, upper_hull
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

MONEY = {"clv": 200, "offer_cost": 10, "contact_cost": 1}
TOY = pd.DataFrame({"churned": [0, 1] * 10, "churn_probability": [0.0, 1.0] * 10})


@pytest.mark.parametrize(
    ("changed", "profit", "rate"),
    [
        ({}, 14.9946647690104, 0.5807038600143406),
        ({"acceptance": (2, 14)}, 5.04518077557418, 0.3984799748965801),
        ({"acceptance": (6, 5)}, 30.2276738879406, 0.6595939761685953),
        ({"clv": 50}, 1.62729137977619, 0.3397172176773871),
        ({"offer_cost": 100}, 1.95497116583216, 0.11706222855204537),
        ({"contact_cost": 15}, 8.47435415117762, 0.40263339050268493),
    ],
)
def test_published_expected_maximum_profit(scored_221, changed, profit, rate):
    found = empc(scored_221, **{**MONEY, **changed})
    assert found.profit == pytest.approx(profit, abs=1e-11)
    assert found.target_rate == pytest.approx(rate, abs=1e-12)


@pytest.mark.parametrize(
    ("changed", "profit", "rate"),
    [
        ({"acceptance": 0.3}, 14.814479638009047, 0.665158371040724),
        ({"acceptance": 0.2}, 9.02262443438914, 0.4434389140271493),
        ({"acceptance": 0.3, "clv": 50}, 1.493212669683258, None),
        ({"acceptance": 0.3, "offer_cost": 100}, 1.9095022624434383, 0.12669683257918551),
        ({"acceptance": 0.3, "contact_cost": 15}, 8.316742081447961, None),
        (
            {"acceptance": 0.9, "clv": 300, "offer_cost": 50, "contact_cost": 25},
            46.380090497737555,
            None,
        ),
    ],
)
def test_published_maximum_profit(scored_221, changed, profit, rate):
    given_ = {**MONEY, **changed}
    found = mpc(scored_221, **given_)
    assert found.profit == pytest.approx(profit, abs=1e-12)
    assert rate is None or found.target_rate == pytest.approx(rate, abs=1e-14)
    best = profit_curve(scored_221, **given_).query("best").iloc[0]
    assert best["profit_per_customer"] == pytest.approx(profit, abs=1e-12)
    assert best["target_rate"] == pytest.approx(found.target_rate, abs=1e-14)


def test_a_score_that_knows_and_one_that_says_nothing():
    perfect = empc(TOY, **MONEY)
    assert perfect.profit == pytest.approx(28.0000000000391, abs=1e-12)
    assert perfect.target_rate == pytest.approx(0.499999999728095, abs=1e-14)
    assert perfect.contact_all == pytest.approx(22.5)
    assert mpc(TOY, acceptance=0.3, **MONEY).profit == pytest.approx(28.0)
    for useless in (1 - TOY["churn_probability"], 0.5):
        found = empc(TOY.assign(churn_probability=useless), **MONEY)
        assert found.profit == pytest.approx(22.5007912244511, abs=1e-12)
        assert found.target_rate == pytest.approx(0.9991601018889205, abs=1e-14)
        assert found.over_no_model == pytest.approx(0.0, abs=1e-12)
        assert found.over_all == pytest.approx(found.profit - 22.5)
        best = mpc(TOY.assign(churn_probability=useless), acceptance=0.3, **MONEY)
        assert (best.profit, best.target_rate, best.over_no_model) == pytest.approx((22.5, 1, 0))


@pytest.mark.parametrize(
    ("roi", "no_loss", "total_loss", "profit"),
    [
        (0.2644, 0.55, 0.1, 0.06275887634143887),
        (0.2644, 0.7, 0.1, 0.04653003664242532),
        (0.2644, 0.55, 0.01, 0.05009375482148049),
        (0.1, 0.55, 0.1, 0.07738088359641128),
        (0.7, 0.01, 0.7, 0.14636925360203037),
    ],
)
def test_published_profit_of_credit_scores(scored_221, roi, no_loss, total_loss, profit):
    found = emp_credit(scored_221, roi=roi, no_loss=no_loss, total_loss=total_loss)
    assert found.profit == pytest.approx(profit, abs=1e-13)
    assert 0 < found.target_rate < 1


def test_credit_scores_that_know_and_bad_probabilities():
    found = emp_credit(TOY, roi=0.2644, no_loss=0.55, total_loss=0.1)
    assert found.profit == pytest.approx(0.1375, abs=1e-12)
    with pytest.raises(ParameterError, match="add up to 1"):
        emp_credit(TOY, roi=0.2, no_loss=0.6, total_loss=0.6)


@pytest.mark.parametrize(
    ("acceptance", "expected"), [(0.3, -10.080448865102996), (0.2, -6.089389456506361)]
)
def test_published_expected_cost(scored_221, acceptance, expected):
    assert expected_cost(scored_221, acceptance=acceptance, **MONEY) == pytest.approx(expected)


def test_published_expected_cost_where_each_customer_has_a_value(scored_221):
    own = scored_221.assign(value=np.arange(221.0), offer=0.05 * np.arange(221))
    found = expected_cost(own, clv="value", offer_cost="offer", contact_cost=1, acceptance=0.3)
    assert found == pytest.approx(-6.02363958556662)


outcomes = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 6), st.integers(0, 400)), min_size=2, max_size=30
).filter(lambda rows: 0 < sum(row[0] for row in rows) < len(rows))
money = st.fixed_dictionaries(
    {"offer_cost": st.integers(0, 120), "contact_cost": st.integers(0, 20)}
)


def frame_of(rows):
    return pd.DataFrame(rows, columns=["churned", "churn_probability", "clv"]).astype(float)


def by_definition(frame, rate, offer_cost, contact_cost):
    """Profits of contacting all who have a score from some threshold on, one by one."""
    found = [0.0]
    for cut in frame["churn_probability"].unique():
        chosen = frame[frame["churn_probability"] >= cut]
        saved = chosen["churned"] * rate * (chosen["clv"] - offer_cost)
        found.append((saved - (1 - chosen["churned"]) * offer_cost - contact_cost).sum())
    return np.array(found) / len(frame)


@given(outcomes, money, st.floats(0, 1))
def test_the_best_cut_is_the_best_of_all(rows, costs, rate):
    frame = frame_of(rows)
    found = mpc(frame, clv="clv", acceptance=rate, **costs)
    every = by_definition(frame, rate, **costs)
    assert found.profit == pytest.approx(every.max(), abs=1e-9)
    assert found.contact_all == pytest.approx(every[-1] if len(every) == 2 else by_definition(
        frame.assign(churn_probability=0.0), rate, **costs)[-1], abs=1e-9)  # fmt: skip


@given(outcomes, money)
def test_the_integral_is_that_of_the_best_cuts(rows, costs):
    from scipy.stats import beta

    frame = frame_of(rows)
    rates = beta.ppf((np.arange(400) + 0.5) / 400, 6, 14)
    lines = np.array([by_definition(frame, rate, **costs) for rate in (0.0, 1.0)])
    slopes = lines[1] - lines[0]
    sampled = np.mean([np.max(lines[0] + rate * slopes) for rate in rates])
    found = empc(frame, clv="clv", **costs)
    assert found.profit == pytest.approx(sampled, abs=0.02 * (1 + np.abs(slopes).max()) / 10)
    # knowing the rate before choosing is worth something (Jensen)
    known = mpc(frame, clv="clv", acceptance=0.3, **costs)
    assert found.profit >= known.profit - 1e-9
    assert found.over_no_model >= -1e-9
    assert known.over_no_model >= -1e-9


@given(outcomes, money, st.randoms(use_true_random=False))
def test_rows_and_scales_of_scores_play_no_part(rows, costs, random):
    mixed = list(rows)
    random.shuffle(mixed)
    first = empc(frame_of(rows), clv="clv", **costs)
    assert empc(frame_of(mixed), clv="clv", **costs) == first
    squared = frame_of(rows).assign(churn_probability=lambda f: f["churn_probability"] ** 2)
    assert empc(squared, clv="clv", **costs) == first


@given(outcomes, st.data())
def test_a_weight_is_so_many_copies(rows, data):
    times = data.draw(st.lists(st.integers(1, 3), min_size=len(rows), max_size=len(rows)))
    frame = frame_of(rows).assign(people=times)
    copies = frame.loc[np.repeat(frame.index, times)]
    costs = {"clv": "clv", "offer_cost": 5, "contact_cost": 1}
    weighted, repeated = empc(frame, weight="people", **costs), empc(copies, **costs)
    assert weighted.profit == pytest.approx(repeated.profit, abs=1e-9)
    assert weighted.target_rate == pytest.approx(repeated.target_rate, abs=1e-9)


@given(st.lists(st.integers(-5, 5), min_size=2, max_size=60))
def test_the_hull_is_that_of_walking_along(steps):
    up = np.cumsum([0.0, *steps])
    across = np.arange(len(up), dtype=float)
    corners = upper_hull(across, up)
    on_hull = np.interp(across, across[corners], up[corners])
    assert (on_hull >= up - 1e-12).all()
    slopes = np.diff(up[corners]) / np.diff(across[corners])
    assert (np.diff(slopes) < 0).all()


def test_a_hull_that_comes_apart_point_by_point_is_walked():
    across = np.arange(4001.0)
    arc = np.sqrt(4000.0**2 - (across - 4000.0) ** 2)
    up = np.where(across == 4000, 9000.0, arc)
    corners = upper_hull(across, up)
    slopes = np.diff(up[corners]) / np.diff(across[corners])
    assert (np.diff(slopes) < 0).all()
    assert corners[-1] == 4000
    assert len(corners) < 4000


def test_customers_worth_less_than_the_offer_do_not_break_the_envelope():
    found = Envelope.of(
        np.array([0.0, 5.0, 3.0, 5.0]), np.array([0.0, 1.0, 1.0, 1.0]), np.linspace(0, 1, 4)
    )
    assert found.benefit.tolist() == [0.0, 5.0]
    assert found.reached.tolist() == [0.0, pytest.approx(1 / 3)]
    poor = TOY.assign(clv=5.0)
    assert empc(poor, clv="clv", offer_cost=10, contact_cost=0).profit == 0.0


def test_frames_of_other_kinds():
    found = profit_curve(pl.from_pandas(TOY), acceptance=0.3, **MONEY)
    assert isinstance(found, pl.DataFrame)
    assert found["profit"].max() == pytest.approx(560.0)
    assert empc(pl.from_pandas(TOY), **MONEY) == empc(TOY, **MONEY)


def test_what_is_refused():
    with pytest.raises(MissingColumnsError, match="churn_probability"):
        empc(TOY[["churned"]], **MONEY)
    with pytest.raises(InvalidValuesError, match="nobody churned"):
        empc(TOY.assign(churned=0), **MONEY)
    with pytest.raises(InvalidValuesError, match="must be 0 or 1"):
        empc(TOY.assign(churned=2), **MONEY)
    with pytest.raises(ParameterError, match="not negative"):
        empc(TOY, **{**MONEY, "offer_cost": -1})
    with pytest.raises(ParameterError, match="two shapes"):
        empc(TOY, acceptance=0.3, **MONEY)
    with pytest.raises(ParameterError, match="two positive"):
        empc(TOY, acceptance=(0, 1), **MONEY)
    with pytest.raises(ParameterError, match="between 0 and 1"):
        mpc(TOY, acceptance=(6, 14), **MONEY)
