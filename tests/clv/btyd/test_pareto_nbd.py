"""The Pareto/NBD model against its papers, other implementations and its own definition."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.clv import ParetoNBD, count_cells
from crmanalytics.clv.btyd.pareto_likelihood import ParetoObjective
from crmanalytics.clv.btyd.pareto_outlook import discounted_lifetime, log_count_probability
from crmanalytics.clv.btyd.race import Racer, log_first
from crmanalytics.clv.fitting import numerical_hessian

PAPER = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669, unit="W")
BTYD = ParetoNBD(0.5533971433, 10.5801985434, 0.6060624971, 11.6562236719, unit="W")
CLVTOOLS = ParetoNBD(0.5532700104, 10.5778006853, 0.6060199971, 11.6639145136, unit="W")
WEEKS = 365.25 / 7  # in a year


@pytest.fixture(scope="module")
def customers():
    return crm.summarize(crm.datasets.load_cdnow_sample(), until="1997-09-30", unit="W")


@pytest.fixture(scope="module")
def fit(customers):
    return ParetoNBD.fit(customers)


def history(x, t_x, T):
    return pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [T]}, dtype=float)


def outputs(i):
    model = ParetoNBD(i["r"], i["alpha"], i["s"], i["beta"])
    one = history(i["x"], i["t_x"], i["T"])
    living = discounted_lifetime(
        model.s, np.array([model.beta + i["T"]]), np.inf, float(i["delta"])
    )
    purchases_per_time = (model.r + i["x"]) / (model.alpha + i["T"])
    return {
        "loglik": model.log_likelihood(one)[0],
        "p_alive": model.probability_alive(one)[0],
        "cond_exp": model.expected_purchases(one, i["t"])[0],
        "exp_new": model.expected_purchases_new(i["t"]),
        "dert": float(model._times_alive(*one.to_numpy().T, purchases_per_time * living)[0]),
    }


def test_every_output_agrees_with_high_precision_values(hold_against_truth):
    assert hold_against_truth("pnbd", outputs) == 32 * 5


def test_dert_through_the_public_face_at_a_continuous_rate_per_week(truth):
    case = next(case for case in truth["pnbd"] if case["id"] == "cdnow")
    i = case["inputs"]
    rate = np.expm1(i["delta"] * WEEKS)
    got = PAPER.discounted_expected_purchases(
        history(i["x"], i["t_x"], i["T"]), horizon=None, discount_rate=rate
    )
    assert got[0] == pytest.approx(float(case["outputs"]["dert"]), rel=1e-11)


@pytest.mark.parametrize(
    "parameters",
    [(0.55, 10.6, 0.6, 11.7), (3.0, 0.5, 0.05, 400.0), (0.01, 90.0, 6.0, 30.0), (2.0, 7, 1, 7)],
)
def test_gradient_and_hessian_are_the_derivatives(parameters):
    objective = ParetoObjective(count_cells(crm.datasets.load_cdnow_summary()))
    at, step = np.log(parameters), 1e-5
    _, gradient = objective.value_and_gradient(at)
    for i in range(4):
        shift = np.eye(4)[i] * step
        up, _ = objective.value_and_gradient(at + shift)
        down, _ = objective.value_and_gradient(at - shift)
        assert gradient[i] == pytest.approx((up - down) / (2 * step), rel=1e-6, abs=1e-4)
    numeric = numerical_hessian(objective, at, 1e-5)
    np.testing.assert_allclose(objective.hessian(at), numeric, rtol=1e-6, atol=1e-5)


def test_objective_is_the_sum_of_the_customers_likelihoods():
    customers = crm.datasets.load_cdnow_summary()
    value, _ = ParetoObjective(count_cells(customers)).value_and_gradient(np.log(PAPER._values))
    assert value == pytest.approx(PAPER.log_likelihood(customers).sum(), rel=1e-13)


def test_fit_agrees_with_the_paper():
    model = ParetoNBD.fit(crm.datasets.load_cdnow_summary()).model
    assert [model.r, model.alpha, model.s] == pytest.approx([0.553, 10.578, 0.606], abs=5e-4)
    # the paper's beta, 11.669, is as near as its search went: the standard error is 6.2
    assert model.beta == pytest.approx(11.669, abs=2e-3)


def test_fit_on_exact_dates_agrees_with_clvtools_and_btyd(fit):
    assert fit.log_likelihood == pytest.approx(-9594.976181, abs=2e-5)
    assert fit.log_likelihood >= -9594.976181 - 1e-6  # no lower than either package
    table = fit.parameters
    # both packages stop where the likelihood is flat: a 500th of a standard error away
    for published in (CLVTOOLS, BTYD):
        away = (table["estimate"] - published._values).abs() / table["standard_error"]
        assert away.max() < 5e-3
    assert table["standard_error"].to_list() == pytest.approx(
        [0.0476, 0.8427, 0.1871, 6.2037], 2e-3
    )


def test_predictions_agree_with_clvtools(customers):
    first = history(2, customers["recency"][0], customers["T"][0])
    rate = {"discount_rate": 0.15, "horizon": None}
    # CLVTools counts 52 weeks to a year
    per_year = {"discount_rate": float(np.expm1(np.log(1.15) * WEEKS / 52)), "horizon": None}
    assert CLVTOOLS.probability_alive(first)[0] == pytest.approx(0.8691654902, abs=1e-10)
    assert CLVTOOLS.expected_purchases(first, 39)[0] == pytest.approx(1.4553207784, abs=1e-9)
    dert = CLVTOOLS.discounted_expected_purchases(first, **per_year)[0]
    assert dert == pytest.approx(6.5022284176, abs=1e-8)
    assert CLVTOOLS.discounted_expected_purchases(first, **rate)[0] > dert
    assert CLVTOOLS.probability_alive(customers).sum() == pytest.approx(1051.97096, abs=1e-5)
    assert CLVTOOLS.expected_purchases(customers, 39).sum() == pytest.approx(1665.688027, abs=1e-6)
    worth = CLVTOOLS.discounted_expected_purchases(customers, **per_year)
    assert worth.sum() == pytest.approx(7207.835449, abs=1e-4)


def test_predictions_agree_with_btyd(customers):
    often = history(26, 30.85714, 31)
    assert BTYD.probability_alive(often)[0] == pytest.approx(0.9978733637, abs=1e-9)
    assert BTYD.expected_purchases(often, 52)[0] == pytest.approx(25.45418214, rel=1e-8)
    assert float(BTYD.expected_purchases_new(52)) == pytest.approx(1.47311269, rel=1e-9)
    np.testing.assert_allclose(
        BTYD.purchase_count_probability(range(6), 52),
        [0.5738242747, 0.1605277743, 0.0816894251, 0.05011557572, 0.03363431859, 0.02377072722],
        rtol=1e-9,
    )
    per_year = float(np.expm1(0.0027 * WEEKS))
    worth = BTYD.discounted_expected_purchases(customers, horizon=None, discount_rate=per_year)
    sums = (
        BTYD.probability_alive(customers).sum(),
        BTYD.expected_purchases(customers, 39).sum(),
        worth.sum(),
    )
    assert sums == pytest.approx((1051.677289, 1665.428188, 7186.499228), rel=1e-9)


positive = st.floats(1e-3, 1e3)
races = st.tuples(positive, st.floats(1e-6, 1e6), positive, st.floats(1e-6, 1e6))


@given(race=races, span=st.floats(0, 1e6))
def test_someone_comes_first_or_nobody_comes(race, span):
    s, b, g, a = race
    with np.errstate(all="raise", under="ignore"):
        either = np.exp(log_first(Racer(s, b), Racer(g, a), span))
        or_other = np.exp(log_first(Racer(g, a), Racer(s, b), span))
        nobody = np.exp(-s * np.log1p(span / b) - g * np.log1p(span / a))
    assert float(either + or_other + nobody) == pytest.approx(1, abs=1e-12)


def log_quad(log_f, end, scale):
    """Return log of the integral of exp(log_f(y)) below `end`, near exp(scale), to 25 digits."""
    steps = [end - k / mp.mpf(2) for k in range(200, -1, -1)]
    return float(mp.log(mp.quad(lambda y: mp.exp(log_f(y) - scale), steps)) + scale)


@pytest.mark.parametrize(
    "race", [(0.02, 3e5, 4000.0, 0.1, 900.0), (1e-3, 1e-6, 5.0, 1e5, 1e5), (900.0, 4, 0.3, 4, 1)]
)
def test_races_agree_with_quadrature_at_high_precision(race):
    s, b, g, a, span = race
    got = float(log_first(Racer(s, b), Racer(g, a), span))

    def log_f(y):
        u = mp.exp(y)
        return mp.log(s * u / (b + u)) - s * mp.log1p(u / b) - g * mp.log1p(u / a)

    with mp.workdps(25):
        assert got == pytest.approx(log_quad(log_f, mp.log(span), got), rel=1e-12)


@pytest.mark.parametrize(
    ("n", "t", "shapes"),
    [(0, 52.0, (0.55, 10.6, 0.6, 11.7)), (40, 1.0, (2.0, 9.0, 0.2, 1e-3)), (7, 1e4, (30, 2, 9, 1))],
)
def test_count_probabilities_agree_with_quadrature_at_high_precision(n, t, shapes):
    r, alpha, s, beta = shapes
    counts = log_count_probability(np.array([n]), np.array([t]), Racer(r, alpha), Racer(s, beta))

    def log_bought(u):
        ways = mp.loggamma(r + n) - mp.loggamma(r) - mp.loggamma(n + 1)
        return ways - n * mp.log1p(alpha / u) - r * mp.log1p(u / alpha)

    def log_dies(y):
        u = mp.exp(y)
        return log_bought(u) + mp.log(s * u / beta) - (s + 1) * mp.log1p(u / beta)

    with mp.workdps(25):
        lives = log_bought(mp.mpf(t)) - s * mp.log1p(t / mp.mpf(beta))
        truth = np.logaddexp(log_quad(log_dies, mp.log(t), counts[0]), float(lives))
    assert counts[0] == pytest.approx(truth, rel=1e-12, abs=1e-13)


def test_no_time_no_purchases():
    np.testing.assert_array_equal(PAPER.purchase_count_probability([0, 1, 9], 0.0), [1, 0, 0])
    assert PAPER.probability_active(history(3, 5, 9), 0)[0] == 0


histories = st.tuples(st.integers(0, 2000), st.floats(0, 1), st.floats(1e-3, 1e3)).map(
    lambda v: (v[0], v[1] * v[2] if v[0] else 0.0, v[2])
)


@given(one=histories, horizon=st.floats(1e-3, 1e3))
def test_who_is_not_active_has_the_same_history_at_a_later_time(one, horizon):
    x, t_x, T = one
    now = PAPER.log_likelihood(history(x, t_x, T))[0]
    later = PAPER.log_likelihood(history(x, t_x, T + horizon))[0]
    active = PAPER.probability_active(history(x, t_x, T), horizon)[0]
    assert active == pytest.approx(-np.expm1(later - now), rel=1e-7, abs=1e-11)


@given(s=st.floats(0.01, 50), beta=st.floats(1e-3, 1e5), h=st.floats(0, 1e4), rate=st.floats(0, 2))
def test_a_whole_life_is_the_horizon_and_what_follows(s, beta, h, rate):
    rate = rate if rate > 1e-6 else 0.0
    with np.errstate(all="raise", under="ignore"):
        whole = discounted_lifetime(s, np.array([beta]), np.inf, rate)[0]
        within = discounted_lifetime(s, np.array([beta]), h, rate)[0]
        after = discounted_lifetime(s, np.array([beta + h]), np.inf, rate)[0]
    follows = np.exp(-rate * h - s * np.log1p(h / beta)) * after
    assert whole == pytest.approx(within + follows, rel=1e-10)


def test_undiscounted_lives_may_be_infinite():
    assert discounted_lifetime(1.0, np.array([3.0]), np.inf, 0.0).tolist() == [np.inf]
    assert discounted_lifetime(3.0, np.array([3.0]), np.inf, 0.0).tolist() == [1.5]


def simulate(model, n, seed):
    """Return histories until T = 40 and purchases in the 20 after, by the model's definition."""
    rng = np.random.default_rng(seed)
    rate, death = rng.gamma(model.r, 1 / model.alpha, n), rng.gamma(model.s, 1 / model.beta, n)
    life = rng.exponential(1 / death)
    T = rng.uniform(20, 40, n)
    until = np.minimum(life, T)
    x = rng.poisson(rate * until)
    # the last of x events is where the largest of x uniform numbers falls
    t_x = np.where(x > 0, until * rng.uniform(size=n) ** (1 / np.maximum(x, 1)), 0.0)
    ahead = rng.poisson(rate * np.clip(np.minimum(life, T + 20) - T, 0, None))
    frame = pd.DataFrame({"frequency": x, "recency": t_x, "T": T})
    return frame, life > T, ahead


def test_predictions_agree_with_simulated_customers():
    frame, alive, ahead = simulate(PAPER, 200_000, seed=11)
    p, expected = PAPER.probability_alive(frame), PAPER.expected_purchases(frame, 20)
    active = PAPER.probability_active(frame, 20)
    groups = np.minimum(frame["frequency"], 5) * 2 + (frame["recency"] > frame["T"] / 2)
    for rows in frame.groupby(groups).groups.values():
        error = 4 / np.sqrt(len(rows))
        assert abs(alive[rows].mean() - p[rows].mean()) < error * 0.5
        assert abs((ahead[rows] > 0).mean() - active[rows].mean()) < error * 0.5
        assert abs(ahead[rows].mean() - expected[rows].mean()) < error * ahead[rows].std()


def test_fit_recovers_the_parameters_of_simulated_customers():
    frame, _, _ = simulate(PAPER, 30_000, seed=5)
    table = ParetoNBD.fit(frame).parameters
    assert ((table["estimate"] - PAPER._values).abs() < 3 * table["standard_error"]).all()


def test_many_cells_end_at_the_same_maximum_as_few(customers):
    class Patient(ParetoNBD):
        COARSE_CELLS = 100

    assert Patient.fit(customers).log_likelihood == pytest.approx(
        ParetoNBD.fit(customers).log_likelihood, abs=1e-6
    )
