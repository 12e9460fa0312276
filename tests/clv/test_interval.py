"""Intervals of predictions: they cover, agree with each other, and stay where they must."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics import clv
from crmanalytics.clv import (
    BGNBD,
    Draws,
    Fit,
    GammaGamma,
    ParetoNBD,
    bootstrap,
    count_cells,
    interval,
)
from crmanalytics.clv.fitting import Convergence
from crmanalytics.errors import ParameterError
from crmanalytics.inference import normal_interval

HORIZON = 39


@pytest.fixture(scope="module")
def customers():
    return crm.datasets.load_cdnow_summary()


@pytest.fixture(scope="module")
def fit(customers):
    return BGNBD.fit(customers, unit="W")


@pytest.fixture(scope="module")
def spend(customers):
    return GammaGamma.fit(customers)


def certain(model, variances, n=1000.0):
    """Return a fit with a chosen covariance matrix."""
    rows = tuple(tuple(row) for row in np.diag(variances).tolist())
    return Fit(model, -1.0, rows, n, Convergence(1, 0.0, 0.0))


def test_a_parameter_has_the_interval_of_its_own_table(fit):
    names = list(fit.model.parameter_names())
    table = interval(lambda m: pd.Series([getattr(m, n) for n in names], index=names), fit)
    np.testing.assert_allclose(table, fit.parameters, rtol=1e-6)
    assert table.index.tolist() == names


def test_a_function_by_hand():
    model = GammaGamma(p=2.0, q=3.0, v=10.0)
    fit = certain(model, [0.04, 0.09, 4.0])
    found = interval(lambda m: m.mean_spend, fit).iloc[0]  # p v / (q - 1)
    by_hand = math.sqrt(0.04 * 5.0**2 + 0.09 * 5.0**2 + 4.0 * 1.0**2)
    assert found["estimate"] == 10.0
    assert found["standard_error"] == pytest.approx(by_hand, rel=1e-6)
    half = 1.959963984540054 * by_hand / 10
    assert found["low"] == pytest.approx(10 * math.exp(-half), rel=1e-6)
    assert found["high"] == pytest.approx(10 * math.exp(half), rel=1e-6)
    plain = interval(lambda m: m.mean_spend, fit, scale="identity", level=0.5).iloc[0]
    expected = normal_interval(10.0, by_hand, 0.5)
    assert (plain["low"], plain["high"]) == pytest.approx(expected, rel=1e-6)


def test_delta_method_and_bootstrap_agree_on_cdnow(customers, fit):
    few = count_cells(customers.head(60))

    def prediction(model):
        return model.expected_purchases(few, HORIZON)

    delta = interval(prediction, fit)
    draws = bootstrap(fit, customers, draws=200, seed=11)
    resampled = interval(prediction, draws)
    pd.testing.assert_series_equal(delta["estimate"], resampled["estimate"])
    ratio = resampled["standard_error"] / delta["standard_error"]
    assert 0.8 < ratio.median() < 1.25
    width = (delta["high"] - delta["low"]).to_numpy()
    assert (np.abs(resampled["low"] - delta["low"]) < 0.35 * width).all()
    assert (np.abs(resampled["high"] - delta["high"]) < 0.35 * width).all()


def test_intervals_cover_the_truth():
    truth = BGNBD(r=0.8, alpha=6.0, a=0.9, b=2.5)
    someone = pd.DataFrame({"frequency": [3, 0], "recency": [30.0, 0.0], "T": [40.0, 40.0]})
    right = truth.expected_purchases(someone, 26.0).to_numpy()
    right_alive = truth.probability_alive(someone).to_numpy()[0]
    someone = count_cells(someone)
    covered = []
    for seed in range(60):
        fit = BGNBD.fit(truth.simulate(800, T=40.0, seed=seed))
        table = interval(lambda m: m.expected_purchases(someone, 26.0), fit, level=0.9)
        alive = interval(lambda m: m.probability_alive(someone), fit, scale="logit", level=0.9)
        inside = (table["low"] < right) & (right < table["high"])
        covered.append([*inside, alive["low"].iloc[0] < right_alive < alive["high"].iloc[0]])
    assert (np.abs(np.mean(covered, axis=0) - 0.9) < 0.12).all()


def test_two_fits_in_one_prediction(customers, fit, spend):
    def value(purchases, money):
        return clv.lifetime_value(
            customers, purchases, money, horizon=52, discount_rate=0.1, margin=0.3
        )

    each = interval(value, fit, spend)
    assert each.index.equals(customers.index)
    assert ((each["low"] < each["estimate"]) & (each["estimate"] < each["high"])).all()
    total = interval(lambda *models: value(*models).sum(), fit, spend).iloc[0]
    assert total["estimate"] == pytest.approx(each["estimate"].sum())
    # customers share the parameters: their errors neither cancel nor add up in full
    assert total["standard_error"] < each["standard_error"].sum()
    assert total["standard_error"] > np.sqrt((each["standard_error"] ** 2).sum())
    alone = [
        interval(lambda m: value(m, spend.model).sum(), fit).iloc[0]["standard_error"],
        interval(lambda m: value(fit.model, m).sum(), spend).iloc[0]["standard_error"],
    ]
    assert total["standard_error"] == pytest.approx(math.hypot(*alone), rel=1e-6)


def test_two_sets_of_draws_in_one_prediction(customers, fit, spend):
    def total(purchases, money):
        return clv.lifetime_value(
            customers, purchases, money, horizon=52, discount_rate=0.1, margin=0.3
        ).sum()

    draws = [bootstrap(each, customers, draws=n, seed=3) for each, n in ((fit, 40), (spend, 45))]
    found, delta = interval(total, *draws).iloc[0], interval(total, fit, spend).iloc[0]
    assert found["estimate"] == delta["estimate"]
    assert 0.7 < found["standard_error"] / delta["standard_error"] < 1.4


def test_probabilities_stay_probabilities():
    someone = pd.DataFrame(
        {"frequency": [0, 1, 40, 40], "recency": [0.0, 1.0, 1.0, 39.0], "T": [39.0] * 4}
    )
    vague = certain(BGNBD(0.243, 4.414, 0.793, 2.426), [0.05, 20.0, 0.6, 6.0])
    table = interval(lambda m: m.probability_alive(someone), vague, scale="logit", level=0.999)
    assert ((table["low"] >= 0) & (table["high"] <= 1)).all()
    assert (table["low"] <= table["estimate"]).all()
    assert (table["estimate"] <= table["high"]).all()
    assert table.iloc[0].tolist() == [1.0, 0.0, 1.0, 1.0]  # alive for certain in this model
    assert table["high"].iloc[2] < 1


def test_infinite_expectations_have_infinite_errors():
    fit = certain(GammaGamma(p=6.0, q=1.0, v=15.0), [0.1, 0.01, 1.0])
    found = interval(lambda m: m.mean_spend, fit).iloc[0]
    assert found.tolist() == [np.inf, np.inf, 0.0, np.inf]
    names = ["p", "q", "v"]
    table = pd.DataFrame([[6.0, 0.9, 15.0], [6.0, 2.0, 15.0], [6.0, 3.0, 15.0]], columns=names)
    drawn = interval(lambda m: m.mean_spend, Draws(fit.model, table, "bootstrap")).iloc[0]
    assert drawn["low"] == 45.0
    assert drawn["high"] == drawn["standard_error"] == np.inf


def test_one_number_an_array_and_a_series(fit):
    assert len(interval(lambda m: m.expected_purchases_new(52), fit)) == 1
    assert interval(lambda m: m.expected_purchases_new([1, 2, 3]), fit).index.tolist() == [0, 1, 2]
    odd = pd.DataFrame({"frequency": [1], "recency": [2.0], "T": [3.0]}, index=["x"])
    assert interval(lambda m: m.probability_alive(odd), fit, scale="logit").index.tolist() == ["x"]


def test_contractual_and_pareto_models_too(customers):
    pareto = ParetoNBD.fit(customers)
    table = interval(lambda m: m.expected_purchases_new(52), pareto)
    assert table["low"].iloc[0] < table["estimate"].iloc[0] < table["high"].iloc[0]
    cohort = pd.DataFrame({"period": range(5), "survivors": [1000, 869, 743, 653, 593]})
    regular = clv.ShiftedBetaGeometric.fit_cohorts(cohort)
    survival = interval(lambda m: m.survival([1, 4]), regular, scale="logit")
    assert survival["estimate"].between(survival["low"], survival["high"]).all()


def test_what_is_refused(customers, fit):
    def alive(model):
        return model.probability_alive(customers)

    draws = bootstrap(fit, customers, draws=2, seed=1)
    for evidence, keywords, words in (
        ((), {}, "needs the Fit or Draws"),
        ((fit,), {"scale": "linear"}, "scale must be one of"),
        ((fit,), {"level": 95}, "level"),
    ):
        with pytest.raises(ParameterError, match=words):
            interval(alive, *evidence, **keywords)
    with pytest.raises(ParameterError, match="not both"):
        interval(lambda a, b: alive(a), fit, draws)
    with pytest.raises(ParameterError, match="scale='identity'"):
        interval(lambda m: -m.expected_purchases(customers, 5), fit)
    with pytest.raises(ParameterError, match="between 0 and 1"):
        interval(lambda m: 5 * m.expected_purchases_new(52), fit, scale="logit")
    with pytest.raises(ParameterError, match="at least 2 draws"):
        interval(alive, bootstrap(fit, customers, draws=1, seed=1))
