"""Adoption probabilities: three methods, their errors and their calibration."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import expit

from crmanalytics.clv.discounting import adoption_calibration, adoption_probabilities
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

METHODS = ("rate", "profile", "logistic")


def bank(seed=0, customers=4_000):
    """Return who owns what now and later, and the true probability to adopt the loan."""
    rng = np.random.default_rng(seed)
    card = rng.random(customers) < 0.5
    fund = rng.random(customers) < expit(-1.5 + 1.5 * card)
    chance = expit(-2 + 1.0 * card + 1.0 * fund)
    had = rng.random(customers) < 0.2
    gets = rng.random(customers) < chance
    ids = np.arange(customers)
    now = pd.DataFrame({"customer_id": ids, "card": card, "fund": fund, "loan": had}).astype(int)
    return now, now.assign(loan=(had | gets).astype(int)), chance


@pytest.mark.parametrize("method", METHODS)
def test_learns_who_adopts(method):
    now, later, chance = bank()
    found = adoption_probabilities(now, later=later, method=method)
    loans = found[found["product_id"] == "loan"]
    off = loans["probability"].to_numpy() - chance[loans["customer_id"]]
    if method == "rate":
        assert set(loans["probability"]) == {loans["probability"].iloc[0]}
        assert abs(off.mean()) < 0.02
    else:
        assert (np.abs(off) < 4.5 * loans["standard_error"] + 1e-3).all()
        assert np.abs(off).max() < 0.12


@pytest.mark.parametrize("method", METHODS)
def test_standard_errors_are_those_of_repeated_samples(method):
    estimates, errors = [], []
    for seed in range(30):
        now, later, _ = bank(seed, customers=600)
        found = adoption_probabilities(now, later=later, method=method)
        pick = now[(now["card"] == 1) & (now["fund"] == 1) & (later["loan"] == 0)]
        row = found[
            (found["customer_id"] == pick["customer_id"].iloc[0]) & (found["product_id"] == "loan")
        ].iloc[0]
        estimates.append(row["probability"])
        errors.append(row["standard_error"])
    assert np.mean(errors) == pytest.approx(np.std(estimates), rel=0.4)


@pytest.mark.parametrize("method", METHODS)
def test_only_products_not_owned_and_every_one_of_them(method):
    now, later, _ = bank(customers=300)
    found = adoption_probabilities(now, method=method)
    missing = 3 * 300 - now[["card", "fund", "loan"]].to_numpy().sum()
    assert len(found) == missing
    pairs = zip(found["customer_id"], found["product_id"], strict=True)
    assert all(now.loc[who, product] == 0 for who, product in pairs)
    assert found["probability"].between(0, 1, inclusive="neither").all()
    after = adoption_probabilities(now, later=later, method=method)
    assert not (
        after["customer_id"].isin(later.index[later["loan"] == 1]) & (after["product_id"] == "loan")
    ).any()


@pytest.mark.parametrize("method", METHODS)
def test_rows_may_come_in_any_order_and_from_polars(method):
    now, later, _ = bank(customers=200)
    whole = adoption_probabilities(now, later=later, method=method)
    shuffled = adoption_probabilities(
        now.sample(frac=1, random_state=1),
        later=later.sample(frac=1, random_state=2),
        method=method,
    )
    pd.testing.assert_frame_equal(whole, shuffled)
    polars = adoption_probabilities(pl.from_pandas(now), later=pl.from_pandas(later), method=method)
    assert isinstance(polars, pl.DataFrame)
    assert polars["probability"].to_list() == whole["probability"].tolist()


def test_a_strong_prior_makes_a_profile_the_rate():
    now, _, _ = bank(customers=500)
    rate = adoption_probabilities(now, method="rate")
    strong = adoption_probabilities(now, method="profile", prior_strength=1e9)
    assert strong["probability"].to_numpy() == pytest.approx(
        rate["probability"].to_numpy(), abs=1e-5
    )
    weak = adoption_probabilities(now, method="profile", prior_strength=1e-9)
    row = weak[weak["product_id"] == "fund"].iloc[0]
    alike = now[
        (now["card"] == now.loc[row["customer_id"], "card"])
        & (now["loan"] == now.loc[row["customer_id"], "loan"])
    ]
    assert row["probability"] == pytest.approx(alike["fund"].mean(), abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_products_that_all_or_none_own_have_a_probability(method):
    frame = pd.DataFrame({"customer_id": range(10), "none": 0, "all": 1, "some": [0, 1] * 5})
    found = adoption_probabilities(frame, method=method)
    assert set(found["product_id"]) == {"none", "some"}
    assert found["probability"].between(0, 1, inclusive="neither").all()
    single = adoption_probabilities(frame, method=method, products=["some"])
    assert single["probability"].to_numpy() == pytest.approx(np.full(5, 5.5 / 11))


@pytest.mark.parametrize("method", ["profile", "logistic"])
def test_is_calibrated_on_customers_left_out(method):
    now, later, _ = bank()
    table = adoption_calibration(now, later=later, method=method, products=["loan", "card", "fund"])
    loans = table[table["product_id"] == "loan"]
    assert loans["customers"].sum() == (now["loan"] == 0).sum()
    assert len(loans) >= 3
    off = (loans["observed"] - loans["predicted"]).abs()
    assert (off <= 4 * loans["standard_error"]).all()
    assert loans["predicted"].is_monotonic_increasing


def test_calibration_shows_what_is_wrong_with_a_noise_fit():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(0, 2, (120, 9)), columns=[f"p{i}" for i in range(9)])
    frame.insert(0, "customer_id", range(120))
    loose = adoption_calibration(frame, method="profile", prior_strength=1e-3)
    tight = adoption_calibration(frame, method="profile", prior_strength=1e3)

    def gap(table):
        return ((table["observed"] - table["predicted"]).abs() * table["customers"]).sum()

    assert gap(loose) > 2 * gap(tight)


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({"card": [0, 2]}, {}, InvalidValuesError, r"\['card'\] must hold only 0 and 1"),
        ({"card": ["y", "n"]}, {}, InvalidValuesError, "must hold 0 and 1"),
        ({}, {"products": ["boat"]}, MissingColumnsError, "boat"),
        ({"customer_id": [1, 1]}, {}, InvalidValuesError, "must not repeat"),
        ({}, {"method": "magic"}, ParameterError, "one of 'rate', 'profile', 'logistic'"),
        ({}, {"prior_strength": 0.0}, ParameterError, "prior_strength"),
        (
            {},
            {"later": pd.DataFrame({"customer_id": [1], "card": [1]})},
            InvalidValuesError,
            "same",
        ),
    ],
)
def test_says_what_is_wrong(change, options, error, message):
    frame = pd.DataFrame({"customer_id": [1, 2], "card": [0, 1]} | change)
    with pytest.raises(error, match=message):
        adoption_probabilities(frame, **({"method": "rate"} | options))


def test_calibration_needs_enough_customers():
    frame = pd.DataFrame({"customer_id": [1, 2], "card": [0, 1]})
    with pytest.raises(ParameterError, match="folds must lie"):
        adoption_calibration(frame, method="rate", folds=5)


def test_logistic_is_the_regression_on_every_customer():
    from sklearn.linear_model import LogisticRegression

    now, later, _ = bank(customers=800)
    found = adoption_probabilities(now, later=later, method="logistic", prior_strength=2.0)
    loans = found[found["product_id"] == "loan"]
    asked = now["loan"] == 0
    features = now[["card", "fund"]].to_numpy()
    direct = LogisticRegression(C=0.5, tol=1e-10, max_iter=1000)
    direct.fit(features[asked], later.loc[asked, "loan"])
    expected = direct.predict_proba(features[loans["customer_id"]])[:, 1]
    assert loans["probability"].to_numpy() == pytest.approx(expected, rel=1e-5)
