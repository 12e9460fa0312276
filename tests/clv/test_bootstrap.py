"""The bootstrap on cells: reproducible, as wide as it should be, honest about failures."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics import clv
from crmanalytics.clv import BGBB, BGNBD, MBGNBD, GammaGamma, ParetoNBD, bootstrap, count_cells
from crmanalytics.errors import ConvergenceError, FitError, ParameterError


@pytest.fixture(scope="module")
def customers():
    return crm.datasets.load_cdnow_summary()


def frame_of(cls, customers):
    return crm.datasets.load_donations() if cls is BGBB else customers


@pytest.mark.parametrize("cls", [BGNBD, MBGNBD, ParetoNBD, BGBB, GammaGamma])
def test_spread_is_that_of_the_information_matrix(cls, customers):
    frame = frame_of(cls, customers)
    weight = "weight" if "weight" in frame else None
    fit = cls.fit(frame, weight=weight)
    draws = bootstrap(fit, frame, draws=120, seed=5, weight=weight)
    assert len(draws) == 120 - draws.failures
    assert draws.method == "bootstrap"
    assert list(draws.parameters) == list(cls.parameter_names())
    spread = np.log(draws.parameters).std()
    told = fit.parameters["standard_error"] / fit.parameters["estimate"]
    # donors are not quite as the model says, which the bootstrap notices and the information not
    assert ((spread / told).between(0.6, 1.7)).all()
    assert isinstance(next(iter(draws)), cls)


def test_the_same_seed_gives_the_same_draws(customers):
    fit = BGNBD.fit(customers)
    one, same, other = (bootstrap(fit, customers, draws=4, seed=s) for s in (1, 1, 2))
    pd.testing.assert_frame_equal(one.parameters, same.parameters)
    assert (one.parameters != other.parameters).all().all()


def test_each_draw_is_the_fit_of_its_own_customers(customers):
    fit = BGNBD.fit(customers)
    cells = count_cells(customers)
    counts = np.random.default_rng(9).poisson(cells.weight)
    again = pd.DataFrame(
        {"frequency": cells.frequency, "recency": cells.recency, "T": cells.T, "w": counts}
    )
    by_hand = BGNBD.fit(again[again["w"] > 0], weight="w").model
    drawn = next(iter(bootstrap(fit, customers, draws=1, seed=9)))
    for name in BGNBD.parameter_names():
        assert getattr(drawn, name) == pytest.approx(getattr(by_hand, name), rel=1e-4)


def test_rows_in_any_order_cells_and_weights(customers):
    few = customers.head(600)
    fit = BGNBD.fit(few)
    plain = bootstrap(fit, few, draws=3, seed=2).parameters
    shuffled = bootstrap(fit, few.sample(frac=1, random_state=1), draws=3, seed=2).parameters
    pd.testing.assert_frame_equal(plain, shuffled)
    pd.testing.assert_frame_equal(
        plain, bootstrap(fit, count_cells(few), draws=3, seed=2).parameters
    )
    counted = few.groupby(["frequency", "recency", "T"]).size().rename("w").reset_index()
    weighted = bootstrap(fit, counted, draws=3, seed=2, weight="w").parameters
    pd.testing.assert_frame_equal(plain, weighted)


def test_the_penalty_is_kept(customers):
    strong = BGNBD.fit(customers, penalty=1e5)
    draws = bootstrap(strong, customers, draws=5, seed=1)
    assert (np.log(draws.parameters[["r", "a", "b"]]).abs() < 0.1).all().all()


def test_draws_keep_unit_and_settings(customers):
    fit = BGNBD.fit(customers, unit="W")
    assert {model.unit for model in bootstrap(fit, customers, draws=3, seed=1)} == {"W"}


def failing(monkeypatch, share):
    """Let every refit of a given rank fail."""
    module = importlib.import_module("crmanalytics.clv.bootstrap")  # not the function of its name
    real, calls = module.maximise, []

    def sometimes(*arguments, **keywords):
        calls.append(1)
        if len(calls) % share == 0:
            raise ConvergenceError("no inner maximum")
        return real(*arguments, **keywords)

    monkeypatch.setattr(module, "maximise", sometimes)


def test_few_failures_are_counted(customers, monkeypatch):
    fit = BGNBD.fit(customers)
    failing(monkeypatch, 10)
    draws = bootstrap(fit, customers, draws=20, seed=1)
    assert draws.failures == 2
    assert len(draws) == 18


def test_many_failures_are_an_error(customers, monkeypatch):
    fit = BGNBD.fit(customers)
    failing(monkeypatch, 4)
    with pytest.raises(FitError, match=r"5 of 20 refits .* penalty=1"):
        bootstrap(fit, customers, draws=20, seed=1)


def test_too_few_draws_are_refused(customers):
    with pytest.raises(ParameterError, match="draws"):
        bootstrap(BGNBD.fit(customers), customers, draws=0, seed=1)


def test_percentile_intervals_cover_the_truth():
    truth = GammaGamma(p=4.0, q=4.0, v=20.0)
    rng = np.random.default_rng(4)
    covered = []
    for seed in range(30):
        x = rng.integers(1, 6, 1500)
        rates = rng.gamma(truth.q, 1 / truth.v, 1500)
        spend = rng.gamma(truth.p * x, 1 / (rates * x))
        frame = pd.DataFrame({"frequency": x, "recency": 1.0, "T": 2.0, "monetary_value": spend})
        fit = GammaGamma.fit(frame)
        draws = bootstrap(fit, frame, draws=60, seed=seed)
        found = clv.interval(lambda m: m.mean_spend, draws, level=0.9).iloc[0]
        covered.append(found["low"] < truth.mean_spend < found["high"])
    assert 0.75 <= np.mean(covered) <= 1
