"""The posterior sample: right where it is known, reproducible, and honest about short chains."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics import clv
from crmanalytics.clv import BGNBD, GammaGamma, count_cells, posterior
from crmanalytics.errors import ConvergenceError, MissingExtraError, ParameterError


@pytest.fixture(scope="module")
def customers():
    return crm.datasets.load_cdnow_summary()


@pytest.fixture(scope="module")
def fit(customers):
    return BGNBD.fit(customers, unit="W")


@pytest.fixture(scope="module")
def sample(customers, fit):
    return posterior(fit, customers, draws=1000, seed=1, penalty=0.01)


def test_with_much_data_it_is_the_likelihood_that_speaks(fit, sample):
    told = fit.parameters
    logs = np.log(sample.parameters)
    spread = told["standard_error"] / told["estimate"]
    assert (((logs.mean() - np.log(told["estimate"])) / spread).abs() < 0.35).all()
    assert ((logs.std() / spread).between(0.85, 1.25)).all()
    assert len(sample) == 1000
    assert sample.method == "posterior"
    assert {model.unit for model in sample} == {"W"}


def test_diagnostics_of_the_chains(sample):
    table = sample.diagnostics
    assert table.index.tolist() == ["r", "alpha", "a", "b"]
    assert (table["autocorrelation_time"] > 1).all()
    assert (table["effective_draws"] >= 1000).all()
    assert table["acceptance"].between(0.15, 0.6).all()


def test_intervals_agree_with_the_delta_method(customers, fit, sample):
    few = count_cells(customers.head(40))  # counted once for all draws

    def prediction(model):
        return model.expected_purchases(few, 39)

    delta, drawn = clv.interval(prediction, fit), clv.interval(prediction, sample)
    ratio = drawn["standard_error"] / delta["standard_error"]
    assert 0.85 < ratio.median() < 1.2


def test_moments_known_by_quadrature():
    """Two customers and a strong prior: the posterior mean by brute force over a grid."""
    few = pd.DataFrame(
        {"frequency": [3, 1], "recency": 1.0, "T": 2.0, "monetary_value": [20.0, 30.0]}
    )
    start = GammaGamma.fit(few, penalty=4.0)
    drawn = np.log(posterior(start, few, draws=3000, seed=2).parameters)
    centre = start.model.refitting(few).centre
    axes = [np.linspace(middle - 2.2, middle + 2.2, 41) for middle in centre]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    p, q, v = np.exp(points).T[:, :, None]
    from scipy.special import gammaln

    x, mean = few["frequency"].to_numpy(), few["monetary_value"].to_numpy()
    logs = (
        gammaln(p * x + q)
        - gammaln(p * x)
        - gammaln(q)
        + q * np.log(v)
        + ((p * x) * np.log(x * mean) - (p * x + q) * np.log(v + x * mean) - np.log(mean))
    )
    density = logs.sum(axis=1) - 2.0 * ((points - centre) ** 2).sum(axis=1)
    share = np.exp(density - density.max())
    exact = share @ points / share.sum()
    spread = np.sqrt(share @ (points - exact) ** 2 / share.sum())
    np.testing.assert_allclose(drawn.mean(), exact, atol=0.04)
    np.testing.assert_allclose(drawn.std(), spread, rtol=0.08)


def test_seeds(customers):
    fit = GammaGamma.fit(customers)
    one, same, other = (
        posterior(fit, customers, draws=50, seed=s, penalty=0.1).parameters for s in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(one, same)
    assert (one != other).all().all()


def test_the_prior_of_a_penalised_fit_is_its_own(customers):
    strong = GammaGamma.fit(customers, penalty=1e6)
    drawn = posterior(strong, customers, draws=50, seed=1)
    assert (np.log(drawn.parameters[["p", "q"]]).abs() < 0.05).all().all()


def test_weights_are_repeated_rows(customers):
    counted = customers.groupby(["frequency", "recency", "T"]).size().rename("w").reset_index()
    fit = BGNBD.fit(counted, weight="w")
    weighted = posterior(fit, counted, draws=20, seed=1, penalty=0.1, weight="w").parameters
    plain = posterior(fit, customers, draws=20, seed=1, penalty=0.1).parameters
    pd.testing.assert_frame_equal(weighted, plain)


def test_a_flat_prior_is_refused(customers, fit):
    for penalty in (None, 0.0, -1.0, float("nan")):
        with pytest.raises(ParameterError, match="proper prior"):
            posterior(fit, customers, draws=10, seed=1, penalty=penalty)
    with pytest.raises(ParameterError, match="draws"):
        posterior(fit, customers, draws=0, seed=1, penalty=0.1)


def test_short_chains_are_an_error(customers, fit):
    with pytest.raises(ConvergenceError, match="too short for 10 draws"):
        posterior(fit, customers, draws=10, seed=1, penalty=0.1, longest=100)


def test_the_extra_is_named_where_it_is_missing(customers, fit, monkeypatch):
    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(MissingExtraError, match=r"crmanalytics\[posterior\]"):
        posterior(fit, customers, draws=10, seed=1, penalty=0.1)
