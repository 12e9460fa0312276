"""The BG/BB model against its paper, other implementations and its own definition."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import betaln

from crmanalytics.clv import BGBB, count_cells
from crmanalytics.clv.btyd.bg_bb_likelihood import BetaBernoulliObjective
from crmanalytics.clv.btyd.bg_bb_outlook import survived_opportunities
from crmanalytics.datasets import load_donations
from crmanalytics.errors import InvalidValuesError, ParameterError

PAPER = BGBB(alpha=1.204, beta=0.750, gamma=0.657, delta=2.783, unit="Y")


@pytest.fixture(scope="module")
def donations():
    return load_donations()


@pytest.fixture(scope="module")
def fit(donations):
    return BGBB.fit(donations, weight="weight", unit="Y")


def history(x, t_x, n):
    return pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [n]})


def outputs(i):
    model = BGBB(i["alpha"], i["beta"], i["gamma"], i["delta"])
    one = history(i["x"], i["t_x"], i["n"])
    lives = survived_opportunities(
        model.gamma, np.array([model.delta + i["n"]]), np.inf, np.log1p(i["d"])
    )
    share = (model.alpha + i["x"]) / (model.alpha + model.beta + i["n"])
    return {
        "loglik": model.log_likelihood(one)[0],
        "p_alive": model.probability_alive(one)[0],
        "p_alive_next": model.probability_alive_next(one)[0],
        "cond_exp": model.expected_purchases(one, i["n_star"])[0],
        "dert": float(model._times_alive(*one.to_numpy(float).T, share * lives)[0]),
    }


def test_every_output_agrees_with_high_precision_values(hold_against_truth):
    assert hold_against_truth("bgbb", outputs) == 22 * 5


def test_dert_through_the_public_face(truth):
    case = truth["bgbb"][0]
    i = case["inputs"]
    got = PAPER.discounted_expected_purchases(
        history(i["x"], i["t_x"], i["n"]), horizon=None, discount_rate=i["d"]
    )
    assert got[0] == pytest.approx(float(case["outputs"]["dert"]), rel=1e-11)


@pytest.mark.parametrize(
    "parameters", [(1.2, 0.75, 0.66, 2.8), (0.05, 3.0, 20.0, 0.4), (40.0, 9.0, 0.01, 60.0)]
)
def test_gradient_and_hessian_are_the_derivatives(parameters, donations):
    mixed = donations.assign(T=donations["T"] + np.arange(len(donations)) % 4)
    objective = BetaBernoulliObjective(count_cells(mixed, "weight"))
    at, step = np.log(parameters), 1e-5
    _, gradient = objective.value_and_gradient(at)
    hessian = objective.hessian(at)
    for i, j in product(range(4), range(4)):
        one, two = np.eye(4)[i] * step, np.eye(4)[j] * step
        if i == j:
            up, _ = objective.value_and_gradient(at + one)
            down, _ = objective.value_and_gradient(at - one)
            assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-3)
        corners = [
            objective.value_and_gradient(at + 100 * (a * one + b * two))[0] * a * b
            for a, b in product((1, -1), (1, -1))
        ]
        second = sum(corners) / (4 * (100 * step) ** 2)
        assert hessian[i, j] == pytest.approx(second, rel=1e-3, abs=1e-4 * np.abs(hessian).max())


def test_objective_is_the_sum_of_the_customers_likelihoods(donations):
    value, _ = BetaBernoulliObjective(count_cells(donations, "weight")).value_and_gradient(
        np.log(PAPER._values)
    )
    assert value == pytest.approx(PAPER.log_likelihood(donations) @ donations["weight"], rel=1e-13)


def test_fit_agrees_with_the_paper(fit):
    assert fit.parameters["estimate"].to_list() == pytest.approx(
        [1.204, 0.750, 0.657, 2.783], abs=6e-4
    )
    assert fit.log_likelihood == pytest.approx(-33225.6, abs=0.05)
    assert fit.n == 11_104


def test_predictions_agree_with_the_paper():
    assert PAPER.probability_alive_next(history(4, 5, 6))[0] == pytest.approx(0.697, abs=5e-4)


# BTYD prints its predictions, not the estimates behind them: these four numbers are the ones from
# which all twelve predictions below follow to their last digit, and lie at BTYD's log-likelihood
BTYD = BGBB(1.20350708, 0.74976668, 0.65675682, 2.78388733, unit="Y")


def test_fit_is_higher_than_btyds_and_next_to_it(fit, donations):
    reached = BTYD.log_likelihood(donations) @ donations["weight"]
    assert 0 < fit.log_likelihood - reached < 2e-5
    away = np.abs(fit.model._values - BTYD._values) / fit.parameters["standard_error"]
    assert away.max() < 2e-3


def test_predictions_agree_with_btyd(donations):
    kinds = pd.DataFrame({"frequency": [0, 2, 4, 6], "recency": [0, 4, 5, 6], "T": [6, 6, 6, 6]})
    near = {"rel": 2e-8}  # the estimates have nine digits
    alive = BTYD.probability_alive_next(kinds)
    assert alive[[0, 1, 3]].to_list() == pytest.approx(
        [0.1081491688, 0.5896615775, 0.9304330502], **near
    )
    assert float(BTYD.expected_purchases_new(10)) == pytest.approx(3.179828104, **near)
    ten = BTYD.expected_purchases(kinds, 10)
    assert ten[[0, 2]].to_list() == pytest.approx([0.1302344202, 3.627943145], **near)
    assert BTYD.expected_purchases(kinds, 5)[3] == pytest.approx(3.752510734, **near)
    worth = {"horizon": None, "discount_rate": 0.1}
    dert = BTYD.discounted_expected_purchases(kinds, **worth)
    assert dert[[0, 3]].to_list() == pytest.approx([0.1147666991, 5.909805274], **near)
    each = donations["weight"]
    totals = (
        BTYD.probability_alive_next(donations) @ each,
        BTYD.expected_purchases(donations, 5) @ each,
        BTYD.discounted_expected_purchases(donations, **worth) @ each,
    )
    assert totals == pytest.approx((4728.683331, 12884.13837, 20291.14753), **near)


shapes = st.tuples(*[st.floats(1e-3, 1e3)] * 4)


@given(shape=shapes, n=st.integers(1, 12))
def test_all_histories_together_are_certain(shape, n):
    kinds = [(0, 0, 1)] + [
        (x, last, comb(last - 1, x - 1)) for last in range(1, n + 1) for x in range(1, last + 1)
    ]
    frame = pd.DataFrame(kinds, columns=["frequency", "recency", "ways"]).assign(T=n)
    likelihood = np.exp(BGBB(*shape).log_likelihood(frame))
    assert likelihood @ frame["ways"] == pytest.approx(1, abs=1e-11)


@given(shape=shapes, n=st.integers(0, 700))
def test_counts_of_a_new_customer_are_a_distribution_with_the_expected_mean(shape, n):
    model, counts = BGBB(*shape), np.arange(n + 3)
    with np.errstate(all="raise", under="ignore"):
        probabilities = model.purchase_count_probability(counts, n)
        expected = float(model.expected_purchases_new(n))
    assert (probabilities[n + 1 :] == 0).all()
    assert probabilities.sum() == pytest.approx(1, abs=1e-10)
    assert probabilities @ counts == pytest.approx(expected, rel=1e-9)


def test_count_probabilities_follow_the_papers_equation():
    n = 10
    a, b, g, d = PAPER._values
    for k in range(n + 1):
        alive = comb(n, k) * np.exp(betaln(a + k, b + n - k) + betaln(g, d + n))
        dead = sum(
            comb(i, k) * np.exp(betaln(a + k, b + i - k) + betaln(g + 1, d + i))
            for i in range(k, n)
        )
        truth = (alive + dead) / np.exp(betaln(a, b) + betaln(g, d))
        assert float(PAPER.purchase_count_probability(k, n)) == pytest.approx(truth, rel=1e-12)


counted = st.tuples(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400)).map(
    lambda v: (v[0], v[0] + (v[1] if v[0] else 0), v[0] + v[1] + v[2])
)


@given(shape=shapes, one=counted, horizon=st.integers(0, 600))
def test_who_is_not_active_has_the_same_history_later(shape, one, horizon):
    model, (x, t_x, n) = BGBB(*shape), one
    with np.errstate(all="raise", under="ignore"):
        now = model.log_likelihood(history(x, t_x, n))[0]
        later = model.log_likelihood(history(x, t_x, n + horizon))[0]
        active = model.probability_active(history(x, t_x, n), horizon)[0]
        alive = model.probability_alive(history(x, t_x, n))[0]
        expected = model.expected_purchases(history(x, t_x, n), horizon)[0]
    assert active == pytest.approx(-np.expm1(later - now), rel=1e-6, abs=1e-9)
    assert 0 <= active <= alive * (1 + 1e-12) <= 1 + 1e-12
    assert active * (1 - 1e-12) <= expected <= horizon * alive * (1 + 1e-12)


@pytest.mark.parametrize("rate", [0.0, 0.07])
@pytest.mark.parametrize("shape", [(1.0, 5.0), (0.2, 0.3), (30.0, 2.0), (0.657, 8.783)])
def test_survived_opportunities_are_the_sum_over_them(shape, rate):
    gamma, delta = shape
    j = np.arange(1, 401)
    survives = np.cumprod((delta + j - 1) / (gamma + delta + j - 1)) * np.exp(-rate * j)
    for horizon in (0, 1, 2, 17, 400):
        got = survived_opportunities(gamma, np.array([delta]), horizon, rate)[0]
        assert got == pytest.approx(survives[:horizon].sum(), rel=1e-12)


def test_undiscounted_lives_may_be_infinite():
    assert survived_opportunities(1.0, np.array([2.0]), np.inf).tolist() == [np.inf]
    # E[(1 - theta) / theta] under Beta(3, 2)
    assert survived_opportunities(3.0, np.array([2.0]), np.inf)[0] == pytest.approx(1.0)


def test_paying_sooner_is_worth_one_period_of_discount(donations):
    def worth(timing):
        return PAPER.discounted_expected_purchases(
            donations, horizon=7, discount_rate=0.1, timing=timing
        )

    np.testing.assert_allclose(worth("start"), worth("end") * 1.1, rtol=1e-13)
    np.testing.assert_allclose(worth("middle"), worth("end") * 1.1**0.5, rtol=1e-13)
    np.testing.assert_array_equal(worth("continuous"), worth("end"))
    by_hand = sum(
        (PAPER.expected_purchases(donations, j) - PAPER.expected_purchases(donations, j - 1))
        / 1.1**j
        for j in range(1, 8)
    )
    np.testing.assert_allclose(worth("end"), by_hand, rtol=1e-11)


def test_a_model_fitted_to_many_lengths_of_history_recovers_the_truth():
    frame, _, _ = simulate(PAPER, 60_000, seed=3)
    table = BGBB.fit(frame).parameters
    assert ((table["estimate"] - PAPER._values).abs() < 3 * table["standard_error"]).all()


def simulate(model, customers, seed):
    """Return histories of 4 to 12 opportunities, and purchases at the 5 after, by definition."""
    rng = np.random.default_rng(seed)
    p = rng.beta(model.alpha, model.beta, customers)[:, None]
    theta = rng.beta(model.gamma, model.delta, customers)[:, None]
    n = rng.integers(4, 13, customers)
    at = np.arange(1, 18)
    alive = np.cumprod(rng.uniform(size=(customers, 17)) > theta, axis=1).astype(bool)
    bought = alive & (rng.uniform(size=(customers, 17)) < p)
    before = bought & (at <= n[:, None])
    frame = pd.DataFrame(
        {"frequency": before.sum(axis=1), "recency": (before * at).max(axis=1), "T": n}
    )
    ahead = (bought & (at > n[:, None]) & (at <= n[:, None] + 5)).sum(axis=1)
    return frame, alive[np.arange(customers), n - 1], ahead


def test_predictions_agree_with_simulated_customers():
    frame, alive, ahead = simulate(PAPER, 100_000, seed=7)
    p, expected = PAPER.probability_alive(frame), PAPER.expected_purchases(frame, 5)
    active = PAPER.probability_active(frame, 5)
    silent = frame["T"] - frame["recency"]
    groups = np.minimum(frame["frequency"], 4) * 4 + np.minimum(silent, 3)
    for rows in frame.groupby(groups).groups.values():
        error = 4 / np.sqrt(len(rows))
        assert abs(alive[rows].mean() - p[rows].mean()) < error * 0.5
        assert abs((ahead[rows] > 0).mean() - active[rows].mean()) < error * 0.5
        assert abs(ahead[rows].mean() - expected[rows].mean()) < error * max(ahead[rows].std(), 0.1)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"recency": 2.5},
            r"customers\['recency'\] must hold whole numbers of opportunities: 1 of",
        ),
        ({"T": 6.5}, r"customers\['T'\] must hold whole numbers"),
        ({"frequency": 4, "recency": 3}, "must not exceed customers.'recency'."),
        ({"frequency": 4, "recency": 3.5, "T": 7.5}, "'recency'.*'T'.*must not exceed"),
    ],
)
def test_histories_that_cannot_be_counted_are_refused(change, words):
    frame = history(2, 4, 6).assign(**change)
    with pytest.raises(InvalidValuesError, match=words):
        PAPER.probability_alive(frame)
    with pytest.raises(InvalidValuesError, match=words):
        BGBB.fit(frame)


def test_a_horizon_between_opportunities_is_refused(donations):
    calls = (
        lambda: PAPER.expected_purchases(donations, 2.5),
        lambda: PAPER.probability_active(donations, 2.5),
        lambda: PAPER.expected_purchases_new([1, 2.5]),
        lambda: PAPER.purchase_count_probability(1, 2.5),
        lambda: PAPER.discounted_expected_purchases(donations, horizon=2.5, discount_rate=0.1),
    )
    for call in calls:
        with pytest.raises(ParameterError, match="whole number of opportunities"):
            call()


def test_a_penalty_pulls_all_four_shapes_towards_one(donations):
    strong = BGBB.fit(donations, weight="weight", penalty=1e7).model
    assert strong._values == pytest.approx(np.ones(4), abs=0.02)
