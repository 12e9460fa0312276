"""The retention plan: whom to contact, within limits, fairly, and dissatisfied giants first."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.churn import profit_curve
from crmanalytics.decisions import break_even_probability, retention_plan, retention_summary
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

COSTS = {"offer_cost": 10.0, "contact_cost": 1.0, "acceptance": 0.3}


def base(rows=200, seed=1):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": draw.permutation(rows),
            "clv": draw.gamma(1.5, 150, rows).round(0),
            "churn_probability": draw.beta(1, 4, rows).round(2),
            "satisfaction": draw.integers(1, 11, rows).astype(float),
            "uplift": draw.normal(0.05, 0.1, rows).clip(-0.5, 0.5).round(2),
        }
    )


def test_who_pays_is_above_the_break_even_probability():
    plan = retention_plan(base(), **COSTS)
    assert (plan["contact"] == (plan["expected_profit"] > 0)).all()
    above = plan["churn_probability"] > plan["break_even"]
    assert (plan["contact"] == above).all()
    expected = break_even_probability(clv=plan["clv"], **COSTS)
    np.testing.assert_array_equal(plan["break_even"], expected)


def test_the_expected_profit_is_what_a_campaign_earns_on_average():
    customers = base(1)
    plan = retention_plan(
        customers.assign(churn_probability=0.4, clv=200.0), **{**COSTS, "acceptance": 0.3}
    )
    draw = np.random.default_rng(6)
    leave = draw.random(200_000) < 0.4
    accept = draw.random(200_000) < 0.3
    earned = np.where(leave, np.where(accept, 190.0, 0.0), -10.0) - 1.0
    assert plan["expected_profit"].iloc[0] == pytest.approx(earned.mean(), abs=1.0)
    assert plan["saved"].iloc[0] == pytest.approx(0.12)
    # and what the profit curve says after the event, if the share that left is the probability
    after = pd.DataFrame({"churned": [1] * 4 + [0] * 6, "churn_probability": 0.4})
    curve = profit_curve(after, clv=200.0, **COSTS)
    found = curve["profit_per_customer"].iloc[-1]
    assert plan["expected_profit"].iloc[0] == pytest.approx(found)


@pytest.mark.parametrize(
    ("limits", "spend"),
    [
        ({"capacity": 15}, None),
        ({"budget": 200.0}, 200.0),
        ({"budget": 150.0, "capacity": 14}, 150.0),
        ({"budget": 200.0, "budget_covers": "everyone"}, 200.0),
    ],
)
def test_the_limits_hold_and_the_plan_is_nearly_the_best(limits, spend):
    plan = retention_plan(base(), **COSTS, **limits)
    within = {k: v for k, v in limits.items() if k != "budget_covers"}
    summary = retention_summary(plan, **within).set_index("contacted")
    row = summary.loc["plan"]
    assert row["customers"] == plan["contact"].sum() > 0
    assert row["customers"] <= limits.get("capacity", np.inf)
    assert spend is None or row["spend"] <= spend
    assert 0.9 < row["share_of_best"] <= 1 + 1e-12
    assert summary.loc["without limits", "expected_profit"] > row["expected_profit"]
    assert (summary.loc["nobody", ["customers", "expected_profit"]] == 0).all()
    chosen = plan[plan["contact"]]
    assert (plan.loc[~plan["contact"] & (plan["expected_profit"] > 0), "verdict"]
            == "beyond the limits").all()  # fmt: skip
    if "capacity" in limits and spend is None:
        assert row["share_of_best"] == pytest.approx(1)
        assert sorted(chosen["rank"]) == list(range(1, 16))


def test_sleeping_dogs_are_left_alone():
    plan = retention_plan(base(), uplift="uplift", **COSTS)
    asleep = plan["uplift"] < 0
    assert asleep.any()
    assert (plan.loc[asleep, "verdict"] == "better left alone").all()
    np.testing.assert_array_equal(plan["saved"], plan["uplift"])
    assert "break_even" not in plan


def test_a_plan_by_uplift_earns_more_than_one_by_churn_where_offers_wake_customers():
    from sklearn.linear_model import LogisticRegression

    from crmanalytics.churn import uplift

    def world(rows, seed):
        draw = np.random.default_rng(seed)
        frame = pd.DataFrame({"customer_id": np.arange(rows), "clv": 300.0})
        frame["calls"], frame["asleep"] = draw.normal(size=rows), draw.integers(0, 2, rows)
        leave = 1 / (1 + np.exp(0.5 - frame["calls"]))
        # the offer keeps a third of those who are awake, and reminds the others of leaving
        kept = np.where(frame["asleep"] == 1, -0.15 * (1 - leave), leave / 3)
        frame["treated"] = draw.integers(0, 2, rows)
        frame["stayed"] = draw.random(rows) < 1 - leave + kept * frame["treated"]
        return frame.assign(churn_probability=leave, truth=kept)

    learner = uplift.TLearner(LogisticRegression())
    past, now = world(20_000, 1), world(2000, 2)
    model = learner.fit(past, outcome="stayed", features=["calls", "asleep"])
    scored = now.assign(uplift=model.uplift)
    given_ = {**COSTS, "capacity": 500}
    earned = []
    for column in ("uplift", None):
        who = retention_plan(scored, uplift=column, **given_)["contact"]
        cost = 1 + 10 * (1 - now["churn_probability"] * 0.7)
        earned.append((now["truth"] * 300 - cost)[who].sum())
    assert earned[0] > 1.5 * earned[1]
    assert earned[0] > 0


def test_dissatisfied_customers_of_high_value_come_first():
    given_ = {"capacity": 25, **COSTS}
    plain = retention_plan(base(), **given_)
    plan = retention_plan(base(), dissatisfied_below=5, high_value=0.25, **given_)
    first = plan["first"] & (plan["expected_profit"] > 0)
    assert 0 < first.sum() < 25
    assert plan.loc[first, "contact"].all()
    assert sorted(plan.loc[first, "rank"]) == list(range(1, first.sum() + 1))
    assert plan["contact"].sum() == plain["contact"].sum() == 25
    assert (plan.loc[plan["first"], "satisfaction"] < 5).all()
    assert plan.loc[plan["first"], "clv"].min() >= plan["clv"].quantile(0.7)
    lost = plain.loc[plain["contact"], "expected_profit"].sum()
    assert plan.loc[plan["contact"], "expected_profit"].sum() <= lost
    unknown = base().assign(satisfaction=np.nan)
    assert not retention_plan(unknown, dissatisfied_below=5, **given_)["first"].any()


@given(st.randoms(use_true_random=False), st.integers(0, 30), st.integers(0, 300))
def test_order_of_rows_plays_no_part(random, capacity, budget):
    customers = base(40, 2).assign(clv=lambda f: f["clv"].round(-2))
    at = list(range(40))
    random.shuffle(at)
    limits = {"capacity": capacity, "budget": budget, "dissatisfied_below": 4}
    first = retention_plan(customers, **COSTS, **limits)
    second = retention_plan(customers.iloc[at], **COSTS, **limits)
    pd.testing.assert_frame_equal(first, second.loc[first.index])


def test_equal_customers_share_a_rank_and_draw_lots():
    same = pd.DataFrame({"customer_id": range(10), "clv": 500.0, "churn_probability": 0.5})
    plan = retention_plan(same, capacity=4, **COSTS)
    assert (plan["rank"] == 1).all()
    assert plan["contact"].sum() == 4
    np.testing.assert_allclose(plan["chance"], 0.4)
    other = retention_plan(same, capacity=4, seed=5, **COSTS)
    assert not other["contact"].equals(plan["contact"])


def test_costs_may_be_columns_and_frames_of_other_kinds():
    customers = base(30).assign(gift=5.0, odds=0.4)
    plan = retention_plan(
        pl.from_pandas(customers), offer_cost="gift", contact_cost=1, acceptance="odds"
    )
    assert isinstance(plan, pl.DataFrame)
    alike = retention_plan(customers, offer_cost=5, contact_cost=1, acceptance=0.4)
    assert plan["expected_profit"].to_list() == alike["expected_profit"].to_list()
    assert isinstance(retention_summary(plan), pl.DataFrame)


@pytest.mark.parametrize(
    ("change", "arguments", "error", "match"),
    [
        (lambda f: f.drop(columns="clv"), {}, MissingColumnsError, "clv"),
        (lambda f: pd.concat([f, f]), {}, InvalidValuesError, "must not repeat"),
        (lambda f: f.assign(churn_probability=2.0), {}, InvalidValuesError, "at most 1"),
        (lambda f: f.head(0), {}, InvalidValuesError, "no rows"),
        (lambda f: f, {"budget": -5}, ParameterError, "budget"),
        (lambda f: f, {"acceptance": 1.5}, ParameterError, "acceptance"),
        (lambda f: f, {"budget_covers": "all"}, ParameterError, "budget_covers"),
        (lambda f: f, {"high_value": 0}, ParameterError, "share above 0"),
        (lambda f: f, {"dissatisfied_below": np.nan}, ParameterError, "dissatisfied_below"),
        (
            lambda f: f.drop(columns="satisfaction"),
            {"dissatisfied_below": 5},
            MissingColumnsError,
            "satisfaction",
        ),
    ],
)
def test_what_is_refused(change, arguments, error, match):
    with pytest.raises(error, match=match):
        retention_plan(change(base(20)), **{**COSTS, **arguments})
