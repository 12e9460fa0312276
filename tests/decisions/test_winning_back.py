"""Win-back: second lifetime value, who is worth it, in which order, and whom to let go."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression, LogisticRegression

from crmanalytics.decisions import (
    APPROACHES,
    learn_regain,
    second_lifetime_value,
    win_back,
)
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

COSTS = {"regain_cost": 30.0, "contact_cost": 2.0}


def base(rows=60, seed=1):
    draw = np.random.default_rng(seed)
    reasons = np.array([*APPROACHES, None], dtype=object)
    return pd.DataFrame(
        {
            "customer_id": draw.permutation(rows),
            "second_lifetime_value": draw.gamma(1.2, 200, rows).round(0),
            "regain_probability": draw.beta(2, 10, rows).round(2),
            "reason": reasons[draw.integers(0, len(reasons), rows)],
        }
    )


def test_the_second_life_is_worth_the_sum_of_its_margins():
    lapsed = pd.DataFrame({"customer_id": [1, 2], "margin": [100.0, 40.0], "stay": [0.5, 0.9]})
    found = second_lifetime_value(
        lapsed,
        margin="margin",
        retention="stay",
        discount_rate=0.1,
        timing="end",
        periods_per_year=1,
        horizon=4,
        recovery=0.8,
    )
    t = np.arange(4)
    expected = [(0.8 * m * r**t / 1.1 ** (t + 1)).sum() for m, r in ((100.0, 0.5), (40.0, 0.9))]
    np.testing.assert_allclose(found, expected)
    assert found.name == "second_lifetime_value"


def test_profit_is_chance_times_net_value_less_the_attempt():
    found = win_back(base(), **COSTS)
    p, value = found["regain_probability"], found["second_lifetime_value"]
    np.testing.assert_allclose(found["expected_profit"], p * (value - 30) - 2)
    assert (found["contact"] == (found["expected_profit"] > 0)).all()
    assert set(found["verdict"]) == {"win back", "let go: costs too much"}
    assert "approach" not in found


def test_reasons_decide_on_the_approach_and_on_letting_go():
    found = win_back(base(), reason="reason", **COSTS)
    gone = found["reason"].isin(["moved away", "sent away"])
    assert (found.loc[gone, "verdict"] == "let go: for this reason").all()
    assert (found.loc[gone, "approach"] == "let go").all()
    assert (found.loc[found["reason"].isna(), "approach"] == "ask why they left").all()
    kept = found[found["verdict"] == "win back"].sort_values("priority")
    assert kept["tier"].is_monotonic_increasing
    places = {name: k for k, name in enumerate(APPROACHES)}
    for _, tier in kept.groupby("tier"):
        order = tier["reason"].map(lambda each: places.get(each, 9))
        assert order.is_monotonic_increasing
    assert found.loc[~(found["verdict"] == "win back"), "priority"].unique().size == 1


def test_tiers_are_shares_by_net_value_and_equals_stay_together():
    lapsed = base(10).assign(second_lifetime_value=[9.0] * 3 + [5.0] * 7)
    assert win_back(lapsed, **COSTS)["tier"].tolist() == [1] * 3 + [2] * 7
    assert win_back(base(100), tiers=(0.1,), **COSTS)["tier"].value_counts()[1] == 10


def test_limits_are_used_up_tier_by_tier():
    found = win_back(base(200), budget=60.0, capacity=30, **COSTS)
    assert 0 < found["contact"].sum() <= 30
    assert found.loc[found["contact"], "spend"].sum() <= 60
    assert (found["verdict"] == "beyond the limits").any()
    assert found.loc[found["contact"], "tier"].max() <= found.loc[
        found["verdict"] == "beyond the limits", "tier"
    ].max()  # fmt: skip


@given(st.randoms(use_true_random=False), st.integers(0, 20))
def test_order_of_rows_plays_no_part(random, capacity):
    lapsed = base(30).assign(second_lifetime_value=lambda f: f["second_lifetime_value"].round(-2))
    at = list(range(30))
    random.shuffle(at)
    first = win_back(lapsed, reason="reason", capacity=capacity, **COSTS)
    second = win_back(lapsed.iloc[at], reason="reason", capacity=capacity, **COSTS)
    pd.testing.assert_frame_equal(first, second.loc[first.index])


def test_other_frames_and_reasons_of_ones_own():
    lapsed = pl.from_pandas(base().assign(reason="too dear"))
    ways = {"too dear": "offer a smaller plan"}
    found = win_back(lapsed, reason="reason", approaches=ways, **COSTS)
    assert isinstance(found, pl.DataFrame)
    assert found["approach"].unique().to_list() == ["offer a smaller plan"]


def test_the_chance_of_coming_back_is_learnt_from_earlier_attempts():
    draw = np.random.default_rng(2)
    past = pd.DataFrame({"months": draw.integers(1, 24, 4000), "customer_id": np.arange(4000)})
    true = 1 / (1 + np.exp(-1 + 0.2 * past["months"]))
    past["regained"] = draw.random(4000) < true
    model = learn_regain(past, LogisticRegression(), features=["months"])
    assert (model.attempts, model.regained) == (4000, past["regained"].sum())
    found = model.probability(past)
    assert found.name == "regain_probability"
    np.testing.assert_allclose(found, true, atol=0.06)
    scored = past.assign(regain_probability=model.probability, second_lifetime_value=300.0)
    plan = win_back(scored, regain_cost=30, contact_cost=40)
    assert plan.loc[plan["contact"], "months"].max() < plan.loc[~plan["contact"], "months"].min()


@pytest.mark.parametrize(
    ("change", "arguments", "error", "match"),
    [
        (lambda f: f.assign(reason="bored"), {"reason": "reason"}, InvalidValuesError, "bored"),
        (lambda f: f, {"tiers": (0.5, 0.2)}, ParameterError, "tiers must be rising"),
        (lambda f: f, {"regain_cost": -1}, ParameterError, "regain_cost"),
        (lambda f: f.drop(columns="regain_probability"), {}, MissingColumnsError, "regain_prob"),
        (lambda f: pd.concat([f, f]), {}, InvalidValuesError, "must not repeat"),
    ],
)
def test_what_is_refused(change, arguments, error, match):
    with pytest.raises(error, match=match):
        win_back(change(base()), **{**COSTS, **arguments})


def test_models_of_coming_back_refuse_what_teaches_nothing():
    past = pd.DataFrame({"regained": [1, 1], "months": [1, 2]})
    with pytest.raises(InvalidValuesError, match="came back and others"):
        learn_regain(past, LogisticRegression(), features=["months"])
    with pytest.raises(ParameterError, match="gives probabilities"):
        learn_regain(past, LinearRegression(), features=["months"])
    with pytest.raises(ParameterError, match="at least one column"):
        learn_regain(past, LogisticRegression(), features="months")
