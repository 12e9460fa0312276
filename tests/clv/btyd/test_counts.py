"""The number of purchases to come: a distribution, agreeing with everything else that is known."""

from __future__ import annotations

import inspect

import mpmath as mp
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.clv import BGBB, BGNBD, MBGNBD, ParetoNBD, PurchaseModel, count_cells
from crmanalytics.clv.btyd.hooks import PurchaseFormulas
from crmanalytics.clv.special import log_beta_ratio
from crmanalytics.errors import ParameterError

SHOP = pd.DataFrame(
    {
        "frequency": [0, 0, 1, 2, 7, 30],
        "recency": [0.0, 0.0, 3.0, 30.43, 38.0, 39.0],
        "T": [0.0, 39.0, 39.0, 38.86, 39.0, 39.0],
    },
    index=list("abcdef"),
)
DONORS = pd.DataFrame(
    {"frequency": [0, 2, 4, 6], "recency": [0, 2, 5, 6], "T": [6, 6, 6, 6]}, index=list("abcd")
)
CASES = {
    "BGNBD": (BGNBD(0.243, 4.414, 0.793, 2.426), SHOP, 26.0, 700),
    "MBGNBD": (MBGNBD(0.525, 6.183, 0.891, 1.614), SHOP, 26.0, 700),
    "ParetoNBD": (ParetoNBD(0.553, 10.578, 0.606, 11.669), SHOP, 26.0, 700),
    "BGBB": (BGBB(1.204, 0.750, 0.657, 2.783), DONORS, 10.0, 10),
}


@pytest.fixture(params=CASES, scope="module")
def case(request):
    return CASES[request.param]


@pytest.fixture(scope="module")
def table(case):
    """Return probabilities of shape (counts, customers)."""
    model, frame, horizon, most = case
    counts = np.repeat(np.arange(most + 1), len(frame))
    crossed = pd.concat([frame] * (most + 1))
    found = model.purchase_count_probability_of(crossed, counts, horizon)
    return found.to_numpy().reshape(most + 1, len(frame))


def test_it_is_a_distribution_with_the_expected_mean(case, table):
    model, frame, horizon, most = case
    np.testing.assert_allclose(table.sum(axis=0), 1, atol=1e-10)
    mean = np.arange(most + 1) @ table
    np.testing.assert_allclose(mean, model.expected_purchases(frame, horizon), rtol=1e-9)


def test_no_purchase_is_not_being_active(case, table):
    model, frame, horizon, _ = case
    np.testing.assert_allclose(table[0], 1 - model.probability_active(frame, horizon), rtol=1e-12)


def test_futures_drawn_at_random_agree(case, table):
    model, frame, horizon, _ = case
    draws = 20_000
    futures = model.simulate_future(frame, horizon, draws=draws, seed=5)
    for n in range(5):
        share = (futures == n).mean(axis=1)
        error = np.sqrt(table[n] * (1 - table[n]) / draws)
        assert (np.abs(share - table[n]) < 4.5 * error + 1e-12).all()


def test_a_count_per_row_is_as_one_by_one(case):
    model, frame, horizon, _ = case
    counts = np.arange(len(frame)) % 3
    found = model.purchase_count_probability_of(frame, counts, horizon)
    assert found.index.equals(frame.index)
    one_by_one = [
        model.purchase_count_probability_of(frame.iloc[[i]], n, horizon).iloc[0]
        for i, n in enumerate(counts)
    ]
    np.testing.assert_allclose(found, one_by_one, rtol=1e-13)
    logs = model.purchase_count_log_probability_of(frame, counts, horizon)
    np.testing.assert_allclose(np.exp(logs), found, rtol=1e-13)


def test_without_time_nothing_happens(case):
    model, frame, _, _ = case
    assert (model.purchase_count_probability_of(frame, 0, 0.0) == 1).all()
    assert (model.purchase_count_probability_of(frame, 1, 0.0) == 0).all()


@pytest.mark.parametrize("name", ["BGNBD", "ParetoNBD", "BGBB"])
def test_new_customers_are_those_without_a_history(name):
    model, _, horizon, _ = CASES[name]
    new = pd.DataFrame({"frequency": [0] * 9, "recency": [0.0] * 9, "T": [0.0] * 9})
    counts = np.arange(9)
    np.testing.assert_allclose(
        model.purchase_count_probability_of(new, counts, horizon),
        model.purchase_count_probability(counts, horizon),
        rtol=1e-12,
    )


def test_kinds_of_frames_and_cells():
    model, frame, horizon, _ = CASES["BGNBD"]
    plain = model.purchase_count_probability_of(frame, 1, horizon)
    assert plain.name == "probability"
    polars = model.purchase_count_probability_of(pl.from_pandas(frame), 1, horizon)
    assert isinstance(polars, pl.Series)
    assert polars.to_list() == plain.to_list()
    cells = model.purchase_count_probability_of(count_cells(frame), 1, horizon)
    pd.testing.assert_series_equal(cells, plain)


@pytest.mark.parametrize("count", [-1, 0.5, [1, 2], float("nan")])
def test_counts_that_are_none_are_refused(count):
    model, frame, horizon, _ = CASES["BGNBD"]
    with pytest.raises(ParameterError, match="count must"):
        model.purchase_count_probability_of(frame, count, horizon)


def test_more_donations_than_appeals_are_impossible():
    model, frame, _, _ = CASES["BGBB"]
    assert (model.purchase_count_probability_of(frame, 3, 2) == 0).all()


def test_a_model_without_a_formula_says_what_to_do_instead(monkeypatch):
    model, frame, horizon, _ = CASES["BGNBD"]
    monkeypatch.setattr(
        type(model), "_log_count_if_alive", PurchaseFormulas._log_count_if_alive, raising=False
    )
    with pytest.raises(ParameterError, match="simulate_future"):
        model.purchase_count_probability_of(frame, 1, horizon)


def test_odds_of_having_left_follow_from_p_alive():
    model = CASES["MBGNBD"][0]
    x, t_x, T = SHOP.to_numpy().T
    default = PurchaseFormulas._log_odds_dead(model, x, t_x, T)
    np.testing.assert_allclose(default, model._log_odds_dead(x, t_x, T), rtol=1e-12)


# ---- to many digits, by definition --------------------------------------------------------------

HOSTILE = [
    # r, alpha, a or s, b or beta, x, t_x, T, n, horizon
    (0.243, 4.414, 0.793, 2.426, 2, 30.43, 38.86, 3, 39.0),
    (1e-3, 0.01, 1.0, 1e-3, 1, 1.0, 1000.0, 1, 1e4),
    (0.5, 10.0, 1.0, 1.0, 0, 0.0, 50.0, 0, 1e-6),
    (5.0, 0.5, 0.05, 20.0, 400, 99.0, 100.0, 250, 60.0),
    (0.2, 300.0, 30.0, 0.01, 3, 10.0, 11.0, 40, 500.0),
    (20.0, 20.0, 0.9999999, 5.0, 12, 1.0, 900.0, 0, 900.0),
    (0.8, 8.0, 800.0, 900.0, 6, 30.0, 31.0, 2, 30.0),
]


def exact_beta_geometric(extra, r, alpha, a, b, x, t_x, T, n, horizon):
    r, alpha, a, b, t_x, T, horizon = map(mp.mpf, (r, alpha, a, b, t_x, T, horizon))
    odds = mp.mpf(0)
    if x + extra > 0:
        odds = a / (b + x + extra - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x)
    shape, rate, stay = r + x, alpha + T, b + x + extra
    share = horizon / (rate + horizon)

    def pmf(k):
        return mp.rf(shape, k) / mp.factorial(k) * share**k * (1 - share) ** shape

    alive = mp.beta(a, stay + n) / mp.beta(a, stay) * pmf(n)
    if n > 0:
        tail = 1 - mp.fsum(pmf(k) for k in range(n))
        alive += mp.beta(a + 1, stay + n - 1) / mp.beta(a, stay) * tail
    return (alive + (odds if n == 0 else 0)) / (1 + odds)


def exact_pareto(r, alpha, s, beta, x, t_x, T, n, horizon):
    r, alpha, s, beta, t_x, T, horizon = map(mp.mpf, (r, alpha, s, beta, t_x, T, horizon))

    def silence(u):
        return (
            s / (beta + u) * ((beta + T) / (beta + u)) ** s * ((alpha + T) / (alpha + u)) ** (r + x)
        )

    odds = mp.quad(silence, mp.linspace(t_x, T, 12))
    shape, rate, lives = r + x, alpha + T, beta + T
    ways = mp.rf(shape, n) / mp.factorial(n)

    def bought(u):
        return ways * (u / (rate + u)) ** n * (rate / (rate + u)) ** shape

    def dies(u):
        return bought(u) * s / (lives + u) * (lives / (lives + u)) ** s

    cuts = [horizon * mp.mpf(2) ** -k for k in range(24, -1, -1)]
    alive = mp.quad(dies, [0, *cuts]) + bought(horizon) * (lives / (lives + horizon)) ** s
    return (alive + (odds if n == 0 else 0)) / (1 + odds)


@pytest.mark.parametrize("values", HOSTILE)
@pytest.mark.parametrize("cls", [BGNBD, MBGNBD, ParetoNBD])
def test_hostile_inputs_keep_their_digits(cls, values):
    *parameters, x, t_x, T, n, horizon = values
    one = pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [T]})
    with mp.workdps(60):
        if cls is ParetoNBD:
            truth = exact_pareto(*values)
        else:
            truth = exact_beta_geometric(int(cls is MBGNBD), *values)
        log_truth = float(mp.log(truth))
    with np.errstate(all="raise", under="ignore"):
        model = cls(*parameters)
        found = model.purchase_count_log_probability_of(one, n, horizon)[0]
    assert found == pytest.approx(log_truth, rel=1e-12, abs=3e-12)


@pytest.mark.parametrize(
    ("a", "b", "x"), [(1e-3, 1e5, 3), (900.0, 1e-3, 299), (2.0, 3.0, 301), (1e3, 1e3, 5000)]
)
def test_ratios_of_beta_functions_for_many_customers(a, b, x):
    with mp.workdps(50):
        a_, b_ = mp.mpf(a), mp.mpf(b)
        truth = float(mp.log(mp.beta(a_, b_ + x) / mp.beta(a_, b_)))
    got = log_beta_ratio(a, np.array([b, 1.0]), np.array([x, 0.0]))
    assert got[0] == pytest.approx(truth, rel=1e-12)
    assert got[1] == 0


def test_the_log_score_of_the_sample_ranks_the_true_model_first():
    truth = CASES["MBGNBD"][0]
    past = truth.simulate(3000, T=39.0, seed=3)
    later = truth.simulate_future(past, 26.0, draws=1, seed=4)[:, 0]
    own = truth.purchase_count_log_probability_of(past, later, 26.0).mean()
    other = CASES["BGNBD"][0].purchase_count_log_probability_of(past, later, 26.0).mean()
    assert own > other
    assert crm.clv.MBGNBD.fit(past).model.purchase_count_log_probability_of(
        past, later, 26.0
    ).mean() == pytest.approx(own, abs=0.01)


MODELS = [
    cls
    for _, cls in inspect.getmembers(crm.clv, inspect.isclass)
    if issubclass(cls, PurchaseModel) and not inspect.isabstract(cls)
]


@pytest.mark.parametrize("cls", [cls for cls in MODELS if "Covariates" not in cls.__name__])
def test_every_model_knows_the_distribution(cls):
    frame, horizon, most = (DONORS, 10.0, 10) if cls is BGBB else (SHOP, 13.0, 300)
    model = cls(**dict(zip(cls.parameter_names(), [0.6, 8.0, 0.8, 2.5], strict=True)))
    counts = np.arange(most + 1)
    crossed = frame.loc[frame.index.repeat(most + 1)]
    found = model.purchase_count_probability_of(crossed, np.tile(counts, len(frame)), horizon)
    table = found.to_numpy().reshape(len(frame), most + 1)
    np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-9)
    np.testing.assert_allclose(table @ counts, model.expected_purchases(frame, horizon), rtol=1e-7)
    active = model.probability_active(frame, horizon)
    np.testing.assert_allclose(table[:, 0], 1 - active, rtol=1e-9)


histories = st.tuples(st.integers(0, 5000), st.floats(0, 1), st.floats(1e-6, 1e4)).map(
    lambda v: (v[0], v[1] * v[2] if v[0] else 0.0, v[2])
)
shapes = st.tuples(*[st.floats(1e-3, 1e3)] * 4)


@pytest.mark.parametrize("cls", [BGNBD, MBGNBD, ParetoNBD])
@given(history=histories, shape=shapes, n=st.integers(0, 3000), horizon=st.floats(0, 1e4))
@example(history=(0, 0.0, 1.0), shape=(1.0,) * 4, n=0, horizon=1e-308)
@example(history=(3, 0.5, 1.0), shape=(1e3,) * 4, n=2, horizon=5e-324)
@settings(max_examples=60)
def test_any_count_of_any_customer_has_a_probability(cls, history, shape, n, horizon):
    one = pd.DataFrame([history], columns=["frequency", "recency", "T"])
    with np.errstate(all="raise", under="ignore"):
        value = cls(*shape).purchase_count_log_probability_of(one, n, horizon)[0]
    assert value <= 1e-10
    assert horizon == 0 or np.isfinite(value)


@given(
    n=st.integers(0, 400),
    share=st.floats(0, 1),
    taken=st.floats(0, 1),
    shape=shapes,
    horizon=st.integers(0, 500),
    count=st.integers(0, 500),
)
def test_any_count_of_any_donor_has_a_probability(n, share, taken, shape, horizon, count):
    t_x = int(n * share)
    x = min(t_x, max(int(t_x * taken), int(t_x > 0)))
    one = pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [n]})
    with np.errstate(all="raise", under="ignore"):
        value = BGBB(*shape).purchase_count_log_probability_of(one, count, horizon)[0]
    assert value <= 1e-10
    assert np.isfinite(value) == (count <= horizon)
