"""Drawing from the models agrees with what the models say."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics import clv
from crmanalytics.clv import PurchaseModel
from crmanalytics.clv.btyd.draws import geometric, lifetimes, poisson_times
from crmanalytics.errors import ParameterError

MODELS = [
    cls
    for _, cls in inspect.getmembers(clv, inspect.isclass)
    if issubclass(cls, PurchaseModel)
    and not inspect.isabstract(cls)
    and "Covariates" not in cls.__name__
]
T = 24.0
N = 40_000


def example(cls):
    return cls(**dict(zip(cls.parameter_names(), [0.9, 6.0, 0.8, 3.5], strict=True)))


@pytest.fixture(scope="module", params=MODELS, ids=lambda cls: cls.__name__)
def model(request):
    return example(request.param)


@pytest.fixture(scope="module")
def drawn(model):
    return model.simulate(N, T, seed=7)


def test_purchases_are_as_many_as_expected(model, drawn):
    counts = drawn["frequency"]
    error = counts.std() / np.sqrt(N)
    assert counts.mean() == pytest.approx(float(model.expected_purchases_new(T)), abs=4.5 * error)


def test_counts_follow_the_distribution(model, drawn):
    for n in range(4):
        probability = float(model.purchase_count_probability(n, T))
        error = np.sqrt(probability * (1 - probability) / N)
        assert (drawn["frequency"] == n).mean() == pytest.approx(probability, abs=4.5 * error)


def test_drawn_customers_keep_the_contract_and_give_the_model_back(model, drawn):
    fit = type(model).fit(drawn.head(20_000))
    assert fit.log_likelihood >= model.log_likelihood(drawn.head(20_000)).sum()
    table = fit.parameters
    truth = np.array([getattr(model, name) for name in model.parameter_names()])
    assert (np.abs(np.log(table["estimate"] / truth)) < 5 * table["standard_error"] / truth).all()


def test_second_half_follows_from_the_first(model):
    log = model.simulate_purchases(N, T, seed=3)
    early = log[log["time"] <= T / 2]
    customers = pd.DataFrame(
        {
            "frequency": early.groupby("customer_id").size() - 1,
            "recency": early.groupby("customer_id")["time"].max(),
            "T": T / 2,
        }
    )
    later = len(log) - len(early)
    expected = model.expected_purchases(customers, T / 2)
    assert later == pytest.approx(expected.sum(), rel=0.04)
    back = log.loc[log["time"] > T / 2, "customer_id"].nunique()
    assert back == pytest.approx(model.probability_active(customers, T / 2).sum(), rel=0.04)


def test_futures_agree_with_expectations(model):
    past = pd.DataFrame(
        {"frequency": [0, 1, 5], "recency": [0.0, 10.0, 20.0], "T": [12.0, 24.0, 24.0]}
    )
    futures = model.simulate_future(past, 10, draws=30_000, seed=5)
    assert futures.shape == (3, 30_000)
    error = futures.std(axis=1) / np.sqrt(30_000)
    expected = model.expected_purchases(past, 10)
    assert (np.abs(futures.mean(axis=1) - expected) < 4.5 * error).all()
    active = model.probability_active(past, 10)
    assert (np.abs((futures > 0).mean(axis=1) - active) < 4.5 * 0.5 / np.sqrt(30_000)).all()


def test_a_seed_gives_the_same_customers_and_another_gives_others(model):
    first, again, other = (model.simulate(200, T, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(other)


def test_simulated_purchases_are_summarised_as_they_are(model):
    log = model.simulate_purchases(300, T, seed=11)
    dated = pd.DataFrame(
        {
            "customer_id": log["customer_id"],
            # a day per purchase would merge those of one day, so let time run in years
            "date": pd.Timestamp("2000-01-01") + pd.to_timedelta(np.ceil(log["time"] * 400), "D"),
        }
    )
    summary = crm.summarize(dated, until=pd.Timestamp("2000-01-01") + pd.Timedelta(days=9600))
    drawn = model.simulate(300, T, seed=11)
    assert (summary["frequency"] == drawn["frequency"]).mean() > 0.9
    np.testing.assert_allclose(summary["recency"], drawn["recency"] * 400, atol=1)


def test_broken_opportunities_are_refused():
    with pytest.raises(ParameterError, match="whole number of opportunities"):
        clv.BGBB(1.2, 0.75, 0.66, 2.8).simulate(10, 2.5, seed=1)


def test_draws_at_the_edges():
    random = np.random.default_rng(1)
    assert geometric(random, np.array([0.0, 1.0])).tolist() == [np.inf, 1.0]
    assert lifetimes(random, np.array([0.0])).tolist() == [np.inf]
    who, time, rank = poisson_times(random, np.array([0.0, 50.0]), np.array([3.0, 2.0]))
    assert set(who) == {1}
    assert (np.diff(time) > 0).all()
    assert rank.tolist() == list(range(len(rank)))
