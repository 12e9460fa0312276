"""Time to churn: published figures of the Telco base, and agreement of the methods."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.churn import DiscreteHazard, kaplan_meier, logrank, remaining_life
from crmanalytics.errors import ConvergenceError, InvalidValuesError, ParameterError

ALL = {1: 0.945961, 6: 0.884826, 12: 0.843200, 24: 0.788736, 36: 0.748545, 48: 0.708840}
ALL |= {60: 0.664404, 72: 0.592790}
CONTRACTS = {
    "Month-to-month": {12: 0.7031, 24: 0.5859},
    "One year": {12: 0.9908, 24: 0.9783},
    "Two year": {12: 1.0, 24: 1.0},
}
LOGIT = {
    "intercept": -5.646763,
    "log_time": -0.396548,
    "monthly": 2.513529,
    "fiber": 0.450622,
    "senior": -0.007486,
}


@pytest.fixture(scope="module")
def telco(shared_data):
    data = pd.read_csv(shared_data("telco_ibm.csv"))
    return pd.DataFrame(
        {
            "duration": data["tenure"],
            "churned": (data["Churn"] == "Yes").astype(int),
            "contract": data["Contract"],
            "monthly": (data["Contract"] == "Month-to-month").astype(int),
            "fiber": (data["InternetService"] == "Fiber optic").astype(int),
            "senior": data["SeniorCitizen"],
        }
    )


def test_telco_survival(telco):
    curve = kaplan_meier(telco).set_index("time")
    for time, wanted in ALL.items():
        assert curve.loc[time, "survival"] == pytest.approx(wanted, abs=5e-7)
    assert (curve["low"] <= curve["survival"]).all()
    assert (curve["survival"] <= curve["high"]).all()


def test_telco_survival_by_contract(telco):
    curve = kaplan_meier(telco, by="contract").set_index(["contract", "time"])["survival"]
    for contract, wanted in CONTRACTS.items():
        for time, share in wanted.items():
            assert curve[contract, time] == pytest.approx(share, abs=5e-5)
    monthly = curve["Month-to-month"]
    assert monthly.index[monthly <= 0.5][0] == 35


@pytest.mark.slow
def test_saturated_hazard_is_kaplan_meier(telco):
    model = DiscreteHazard.fit(telco, baseline="saturated")
    assert model.person_periods == 227_990
    found = model.retention_curve(telco.head(1), horizon=72)
    wanted = kaplan_meier(telco)
    for name in ("survival", "standard_error", "low", "high"):
        np.testing.assert_allclose(found[name], wanted[name], rtol=1e-7, atol=1e-12)


def test_telco_logit(telco):
    model = DiscreteHazard.fit(telco, ["monthly", "fiber", "senior"])
    found = model.coefficients["estimate"]
    for term, wanted in LOGIT.items():
        assert found[term] == pytest.approx(wanted, abs=2e-6)


def test_life_is_the_sum_of_survival(telco):
    model = DiscreteHazard.fit(telco, ["monthly"])
    two = telco.head(2)
    curve = model.retention_curve(two, horizon=24, after=6)
    life = model.expected_remaining_life(two, horizon=24, after=6)
    wanted = curve.groupby("row")["survival"].sum()
    np.testing.assert_allclose(life["expected"], wanted)
    assert (life["low"] < life["expected"]).all()


@pytest.mark.slow
def test_life_from_the_curve(telco):
    saturated = DiscreteHazard.fit(telco, baseline="saturated")
    # whole periods count at their end in the one, and up to the moment of leaving in the other
    ends = saturated.expected_remaining_life(telco.head(1), horizon=24, after=12)
    area = remaining_life(telco, horizon=24, after=12)
    curve = saturated.retention_curve(telco.head(1), horizon=24, after=12)["survival"]
    assert area["expected"][0] == pytest.approx(ends["expected"][0] + 1 - curve.iloc[-1])


def test_errors_of_the_hazard_agree_with_the_spread_of_samples():
    draw = np.random.default_rng(3)

    def sample():
        x = draw.integers(0, 2, 800)
        left = draw.geometric(1 / (1 + np.exp(2.5 - 0.8 * x)))
        lasted = np.minimum(left, 10)
        return pd.DataFrame({"duration": lasted, "churned": left <= 10, "x": x})

    fits = [DiscreteHazard.fit(sample(), ["x"]).coefficients for _ in range(60)]
    spread = np.std([fit["estimate"] for fit in fits], axis=0, ddof=1)
    told = np.mean([fit["standard_error"] for fit in fits], axis=0)
    np.testing.assert_allclose(told, spread, rtol=0.35)


def test_logrank_of_two_groups_by_hand():
    frame = pd.DataFrame({"duration": [1, 2, 3, 4], "churned": 1, "plan": ["a", "b", "a", "b"]})
    # expected of a: 2/4 + 1/3 + 1/2; variance: 1/4 + 2/9 + 1/4
    excess, variance = 2 - (1 / 2 + 1 / 3 + 1 / 2), 1 / 4 + 2 / 9 + 1 / 4
    found = logrank(frame, "plan")
    assert found["statistic"][0] == pytest.approx(excess**2 / variance)
    same = logrank(frame.sample(frac=1, random_state=0), "plan")
    pd.testing.assert_frame_equal(found, same)


def test_groups_stand_in_their_own_order_and_those_of_nobody_are_left_out():
    frame = pd.DataFrame(
        {"duration": [3, 1, 2, 4, 0, 0], "churned": 1, "age": [10, 2, 2, 10, 3, 3]}
    )
    assert remaining_life(frame, horizon=2, by="age")["age"].tolist() == [2, 10]
    assert kaplan_meier(frame, by="age")["age"].tolist() == [2, 2, 10, 10]
    sizes = pd.Categorical(["s", "m", "m", "s", "l", "l"], categories=["s", "m", "l"])
    named = kaplan_meier(frame.assign(age=sizes), by="age")
    assert named["age"].tolist() == ["s", "s", "m", "m"]
    same = kaplan_meier(pl.from_pandas(frame), by="age")
    assert same["age"].to_list() == [2, 2, 10, 10]


@pytest.mark.parametrize("name", ["time", "events", "survival"])
def test_groups_cannot_be_called_as_a_column_of_the_result(name):
    frame = pd.DataFrame({"duration": [1, 2], "churned": 1, name: ["a", "b"]})
    with pytest.raises(ParameterError, match=f"called '{name}': the result has one of that name"):
        kaplan_meier(frame, by=name)
    assert logrank(frame, name)["degrees_of_freedom"].tolist() == [1]
    with pytest.raises(ParameterError, match="called 'expected'"):
        remaining_life(frame.assign(expected="a"), horizon=1, by="expected")


def test_what_cannot_be_answered_is_refused():
    frame = pd.DataFrame({"duration": [1, 2, 3], "churned": [1, 1, 0], "x": [0.0, 0.0, 1.0]})
    with pytest.raises(ParameterError, match="two groups"):
        logrank(frame.assign(plan="a"), "plan")
    with pytest.raises(InvalidValuesError, match="was there for 9"):
        remaining_life(frame, horizon=9)
    with pytest.raises(ConvergenceError, match="does not determine"):
        DiscreteHazard.fit(frame, ["x"])
    with pytest.raises(InvalidValuesError, match="whole periods"):
        DiscreteHazard.fit(frame.assign(duration=1.5))
    saturated = DiscreteHazard.fit(frame, baseline="saturated")
    with pytest.raises(ParameterError, match="beyond period 3"):
        saturated.retention_curve(frame, horizon=4)
