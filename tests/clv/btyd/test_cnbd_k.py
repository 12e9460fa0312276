"""Regular timing: random timing is a special case, and regular customers are recognised."""

from __future__ import annotations

import mpmath
import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.clv import BGNBD, MBGNBD, BGCNBDk, MBGCNBDk, count_cells, regularity
from crmanalytics.clv.btyd.regular_objective import RegularObjective
from crmanalytics.clv.btyd.regular_outlook import expected_regular_purchases
from crmanalytics.clv.btyd.survival_sums import expected_surviving_purchases
from crmanalytics.errors import FitError, ParameterError

PAIRS = [(BGCNBDk, BGNBD), (MBGCNBDk, MBGNBD)]


@pytest.fixture(scope="module")
def customers():
    return crm.summarize(crm.datasets.load_cdnow_sample(), until="1997-09-30", unit="W")


@pytest.mark.parametrize(("regular", "random"), PAIRS)
def test_with_k_of_one_timing_is_random(regular, random, customers):
    values = (0.3, 5.0, 0.8, 2.2)
    one, plain = regular(*values, k=1), random(*values)
    for question in ("log_likelihood", "probability_alive"):
        np.testing.assert_allclose(
            getattr(one, question)(customers), getattr(plain, question)(customers), rtol=1e-12
        )
    for question in ("probability_active", "expected_purchases"):
        np.testing.assert_allclose(
            getattr(one, question)(customers, 39),
            getattr(plain, question)(customers, 39),
            rtol=1e-11,
        )
    counts = np.arange(6)
    np.testing.assert_allclose(
        one.purchase_count_probability(counts, 39),
        plain.purchase_count_probability(counts, 39),
        rtol=1e-11,
    )
    np.testing.assert_allclose(
        one.purchase_count_probability_of(customers.head(50), 2, 39),
        plain.purchase_count_probability_of(customers.head(50), 2, 39),
        rtol=1e-10,
    )


@pytest.mark.parametrize(("regular", "random"), PAIRS)
def test_on_cdnow_k_of_one_gives_the_same_fit(regular, random, customers):
    one, plain = regular.fit(customers, k=1), random.fit(customers)
    assert one.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-7)
    assert one.model.r == pytest.approx(plain.model.r, rel=1e-5)
    np.testing.assert_allclose(one.covariance, plain.covariance, rtol=1e-4)


@pytest.mark.parametrize("cls", [BGCNBDk, MBGCNBDk])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_gradient_is_the_derivative(cls, k, customers):
    objective = RegularObjective(count_cells(customers), k, cls.EXTRA)
    at, step = np.log([0.4, 6.0, 0.7, 2.0]), 1e-6
    value, gradient = objective.value_and_gradient(at)
    assert value == pytest.approx(cls(*np.exp(at), k=k).log_likelihood(customers).sum(), rel=1e-12)
    for i in range(4):
        shift = np.eye(4)[i] * step
        up, down = (objective.value_and_gradient(at + s * shift)[0] for s in (1, -1))
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-5, abs=1e-3)


@pytest.mark.parametrize("phase", [0, 2])
@pytest.mark.parametrize(
    ("shape", "odds", "a", "b"), [(0.3, 2.0, 0.8, 2.4), (40.0, 5.0, 0.05, 3.0)]
)
def test_expected_purchases_are_the_sum_that_they_stand_for(shape, odds, a, b, phase):
    k, share = 3, mpmath.mpf(odds) / (1 + odds)
    # P(N >= n) for whole n, by taking off one probability after the other
    tails, left, pmf = [], mpmath.mpf(1), (1 - share) ** shape
    for n in range(700):
        tails.append(left)
        left -= pmf
        pmf *= (shape + n) / mpmath.mpf(n + 1) * share
    want, survived = mpmath.mpf(0), mpmath.mpf(1)
    for i in range(1, 230):
        want += tails[i * k - phase] * survived
        survived *= mpmath.mpf(b + i - 1) / (a + b + i - 1)
    got = expected_regular_purchases(
        np.array([shape]), np.array([odds]), phase, k, (a, np.array([b]))
    )
    assert got[0] == pytest.approx(float(want), rel=1e-11)


@pytest.mark.parametrize(
    ("shape", "odds", "a", "b"),
    [(0.01, 1e6, 0.5, 2.0), (9.0, 4e3, 1.3, 60.0), (5e3, 1.0, 0.8, 5e3)],
)
def test_long_sums_agree_with_quadrature(shape, odds, a, b):
    got = expected_regular_purchases(np.array([shape]), np.array([odds]), 0, 1, (a, np.array([b])))
    want = expected_surviving_purchases(shape, odds, a, b)
    np.testing.assert_allclose(got, want, rtol=1e-10)


def test_silence_of_a_regular_customer_says_more():
    quiet = pd.DataFrame({"frequency": [10], "recency": [30.0], "T": [40.0]})
    chances = [BGCNBDk(1.0, 2.0 / k, 0.8, 2.4, k=k).probability_alive(quiet)[0] for k in (1, 2, 4)]
    assert chances[0] > chances[1] > chances[2]


@pytest.mark.parametrize("cls", [BGCNBDk, MBGCNBDk])
def test_parameters_are_recovered_from_regular_customers(cls):
    truth = cls(1.2, 2.0, 0.6, 3.0, k=3)
    fit = cls.fit(truth.simulate(30_000, 40.0, seed=5), k=3)
    table = fit.parameters
    values = np.array([getattr(truth, name) for name in truth.parameter_names()])
    assert (np.abs(table["estimate"] - values) < 4 * table["standard_error"]).all()


def test_k_must_be_a_whole_number(customers):
    for k in (0, -1, 1.5, True, "2"):
        with pytest.raises(ParameterError, match="k must be a whole number"):
            BGCNBDk(1.0, 1.0, 1.0, 1.0, k=k)
    with pytest.raises(ParameterError, match="k must be a whole number"):
        BGCNBDk.fit(customers, k=0)


@pytest.mark.parametrize("k", [1, 3])
def test_regularity_is_recovered(k):
    log = BGCNBDk(2.0, 1.0, 0.2, 4.0, k=k).simulate_purchases(8000, 60.0, seed=k)
    dated = pd.DataFrame(
        {
            "customer_id": log["customer_id"],
            "date": pd.Timestamp("1990-01-01") + pd.to_timedelta(np.ceil(log["time"] * 500), "D"),
        }
    )
    found = regularity(dated).loc[0]
    assert abs(found["k"] - k) < 4 * found["standard_error"]
    assert found["standard_error"] < 0.2


def test_cdnow_is_bought_at_random():
    found = regularity(crm.datasets.load_cdnow_sample()).loc[0]
    assert found["k"] == pytest.approx(1, abs=0.15)


def test_regularity_needs_three_purchases():
    log = pd.DataFrame(
        {"customer_id": [1, 1], "date": pd.to_datetime(["2024-01-01", "2024-02-01"])}
    )
    with pytest.raises(FitError, match="three days"):
        regularity(log)


@pytest.mark.slow
@pytest.mark.parametrize("cls", [BGCNBDk, MBGCNBDk])
@pytest.mark.parametrize("k", [1, 3])
def test_the_likelihood_finds_how_regular_customers_are(cls, k):
    customers = cls(1.2, 2.0, 0.6, 3.0, k=k).simulate(12_000, T=40, seed=1)
    fits = {one: cls.fit(customers, k=one) for one in range(1, 6)}
    best = cls.fit(customers, k=None)
    assert best.model.k == k
    assert best.log_likelihood == max(fit.log_likelihood for fit in fits.values())


@pytest.mark.slow
def test_the_search_for_k_passes_on_why_no_k_fits():
    silent = pd.DataFrame({"frequency": [0, 0], "recency": [0.0, 0.0], "T": [10.0, 20.0]})
    with pytest.raises(FitError):
        BGCNBDk.fit(silent, k=None)


def test_fit_takes_no_other_settings(customers):
    with pytest.raises(ParameterError, match="takes no phase"):
        BGCNBDk.fit(customers, phase=1)


@pytest.mark.parametrize("k", [1, 2, 4])
def test_the_likelihood_of_one_purchase_is_a_density(k):
    """Over all times of the one purchase it integrates to P(one purchase)."""
    model, horizon = MBGCNBDk(1.3, 4.0, 0.7, 2.5, k=k), 10.0
    nodes, weights = np.polynomial.legendre.leggauss(120)
    times = horizon * (nodes + 1) / 2
    one = pd.DataFrame({"frequency": 1, "recency": times, "T": horizon})
    total = np.exp(model.log_likelihood(one).to_numpy()) @ weights * horizon / 2
    assert total == pytest.approx(model.purchase_count_probability([1], horizon)[0], rel=1e-9)
