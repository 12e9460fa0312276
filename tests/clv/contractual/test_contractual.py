"""Fitting contractual models: published results, laws, censoring, bad input, files."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.clv import (
    BetaDiscreteWeibull,
    ShiftedBetaGeometric,
    interval,
    retention_check,
    retention_curves,
)
from crmanalytics.clv.contractual.histories import from_cohorts
from crmanalytics.clv.contractual.likelihood import ContractualObjective
from crmanalytics.clv.fitting import numerical_hessian
from crmanalytics.errors import (
    ConvergenceError,
    FitError,
    InvalidValuesError,
    MissingColumnsError,
    ParameterError,
)

# Fader & Hardie (2007): percentages still customers after 0 to 12 years
REGULAR = [100, 63.1, 46.8, 38.2, 32.6, 28.9, 26.2, 24.1, 22.3, 20.7, 19.4, 18.3, 17.3]
HIGH_END = [100, 86.9, 74.3, 65.3, 59.3, 55.1, 51.7, 49.1, 46.8, 44.5, 42.7, 40.9, 39.4]
MODELS = [ShiftedBetaGeometric, BetaDiscreteWeibull]


def cohort(percentages, last=7):
    survivors = np.round(np.array(percentages[: last + 1]) * 10)
    return pd.DataFrame({"period": range(last + 1), "survivors": survivors})


def rows_of(table):
    """Return one row per customer of a single cohort."""
    alive = table["survivors"].to_numpy().astype(int)
    left = np.repeat(np.arange(len(alive) - 1), -np.diff(alive))
    stayed = np.full(alive[-1], len(alive) - 1)
    return pd.DataFrame(
        {
            "renewals": np.concatenate([left, stayed]),
            "churned": np.arange(alive[0]) < len(left),
        }
    )


@pytest.mark.parametrize(
    ("data", "alpha", "beta", "log_likelihood"),
    [(REGULAR, 0.70408, 1.18204, -1680.26519), (HIGH_END, 0.66809, 3.80609, -1611.15815)],
)
def test_published_estimates(data, alpha, beta, log_likelihood):
    fit = ShiftedBetaGeometric.fit_cohorts(cohort(data))
    assert fit.model.alpha == pytest.approx(alpha, abs=6e-6)
    assert fit.model.beta == pytest.approx(beta, abs=6e-6)
    assert fit.log_likelihood == pytest.approx(log_likelihood, abs=6e-6)
    assert fit.n == 1000
    assert fit.aic == pytest.approx(4 - 2 * log_likelihood, abs=2e-5)


@pytest.mark.parametrize(("data", "worst"), [(REGULAR, 0.7), (HIGH_END, 1.8)])
def test_seven_years_project_the_next_five(data, worst):
    projected = 100 * ShiftedBetaGeometric.fit_cohorts(cohort(data)).model.survival(range(13))
    assert np.abs(projected - data)[8:].max() < worst


def test_weibull_improves_the_fit_of_the_high_end_cohort_as_published():
    narrow = ShiftedBetaGeometric.fit_cohorts(cohort(HIGH_END))
    wide = BetaDiscreteWeibull.fit_cohorts(cohort(HIGH_END))
    assert wide.log_likelihood - narrow.log_likelihood > 5
    assert wide.parameters.loc["c", "low"] > 1
    residuals = [retention_check(cohort(HIGH_END), fit)["residual"] for fit in (narrow, wide)]
    assert residuals[0].abs().max() > 2 > 1 > residuals[1].abs().max()


def test_published_residual_lifetime():
    model = ShiftedBetaGeometric(0.668, 3.806)
    eighth = model.discounted_residual_lifetime(7, discount_rate=0.1, moment="before_renewal")
    assert eighth == pytest.approx(7.530, abs=5e-4)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("data", [REGULAR, HIGH_END])
def test_cohort_table_customer_rows_and_weighted_rows_fit_alike(model, data):
    table = cohort(data)
    rows = rows_of(table)
    counted = rows.groupby(["renewals", "churned"]).size().reset_index(name="times")
    shuffled = rows.sample(frac=1, random_state=3)
    one = model.fit_cohorts(table)
    others = [model.fit(rows), model.fit(shuffled), model.fit(counted, weight="times")]
    assert all(other == one for other in others)


def test_several_cohorts_are_the_same_as_their_customers():
    first, second = cohort(REGULAR, 7), cohort(HIGH_END, 4)
    newest = pd.DataFrame({"period": [0], "survivors": [500.0]})
    table = pd.concat({"a": first, "b": second, "c": newest}, names=["cohort"]).reset_index(0)
    rows = pd.concat([rows_of(first), rows_of(second)])
    fit = ShiftedBetaGeometric.fit_cohorts(table.sample(frac=1, random_state=1))
    assert fit == ShiftedBetaGeometric.fit(rows)
    assert fit.n == 2000  # the newest cohort has yet to face a renewal


@pytest.mark.parametrize("free", [2, 3])
@given(log_parameters=st.lists(st.floats(-2, 2), min_size=3, max_size=3))
def test_gradient_and_hessian_are_those_of_the_value(free, log_parameters):
    objective = ContractualObjective(from_cohorts(cohort(HIGH_END)), free)
    point = np.array(log_parameters[:free])
    _, gradient = objective.value_and_gradient(point)
    step = 1e-5
    for i in range(free):
        shift = np.zeros(free)
        shift[i] = step
        up, down = (objective.value_and_gradient(point + s)[0] for s in (shift, -shift))
        assert (up - down) / (2 * step) == pytest.approx(gradient[i], rel=1e-5, abs=1e-2)
    hessian = objective.hessian(point)
    close = 1e-5 * np.abs(hessian).max()
    assert hessian == pytest.approx(numerical_hessian(objective, point), rel=1e-4, abs=close)


def test_gradient_holds_where_the_power_of_time_is_huge():
    objective = ContractualObjective(from_cohorts(cohort(HIGH_END, 12)), 3)
    for point in (np.array([-2.0, -1.0, 2.7]), np.array([-2.0, 1.0, 5.0])):
        _, gradient = objective.value_and_gradient(point)
        step = np.array([0.0, 0.0, 1e-6])
        up, down = (objective.value_and_gradient(point + s)[0] for s in (step, -step))
        assert gradient[2] == pytest.approx((up - down) / 2e-6, rel=1e-6)
        assert np.isfinite(objective.hessian(point)).all()


positive = st.floats(-3, 3).map(lambda e: float(10**e))


@given(alpha=positive, beta=positive, c=st.floats(0.05, 6))
def test_laws_of_the_curves(alpha, beta, c):
    with np.errstate(all="raise", under="ignore"):
        model = BetaDiscreteWeibull(alpha, beta, c)
        survival, churn = model.log_survival(range(40)), model.churn_probability(range(1, 40))
        assert survival[0] == 0
        assert (np.diff(survival) < 0).all()
        assert churn.sum() + np.exp(survival[-1]) == pytest.approx(1, rel=1e-12)
        rate = model.retention_rate(range(1, 40))
        assert rate == pytest.approx(np.exp(np.diff(survival)), rel=1e-10)
        geometric = ShiftedBetaGeometric(alpha, beta)
        assert (np.diff(geometric.retention_rate(range(1, 40))) > 0).all()
        same = BetaDiscreteWeibull(alpha, beta, 1.0)
        assert same.survival(range(40)) == pytest.approx(geometric.survival(range(40)), rel=1e-13)


@given(alpha=positive, beta=positive, c=st.floats(0.1, 4), rate=st.floats(1e-3, 2))
def test_laws_of_the_lifetimes(alpha, beta, c, rate):
    model = BetaDiscreteWeibull(alpha, beta, c)
    ahead = model.discounted_residual_lifetime
    m = np.arange(4)
    after = ahead(m, discount_rate=rate, moment="after_renewal")
    before = ahead(m, discount_rate=rate, moment="before_renewal")
    assert after[0] == pytest.approx(model.discounted_lifetime(discount_rate=rate), rel=1e-12)
    assert after == pytest.approx(1 + before / (1 + rate), rel=1e-11)
    assert before[:-1] == pytest.approx(model.renewal_probability(m[:-1]) * after[1:], rel=1e-11)
    short = model.expected_renewals(m, horizon=2)
    two = sum(model.renewal_probability(m, periods=k) for k in (1, 2))
    assert short == pytest.approx(two, rel=1e-11)
    monthly = model.discounted_lifetime(discount_rate=(1 + rate) ** 12 - 1, periods_per_year=12)
    assert monthly == pytest.approx(after[0], rel=1e-9)


@pytest.mark.parametrize(
    "model", [ShiftedBetaGeometric(0.8, 2.5), BetaDiscreteWeibull(0.8, 2.5, 1.5)]
)
def test_censored_customers_give_back_the_parameters(model):
    drawn = model.simulate(60_000, periods=12, seed=11)
    seen = np.random.default_rng(5).integers(1, 13, len(drawn))  # joined at different times
    renewals = np.minimum(drawn["renewals"], seen)
    customers = pd.DataFrame(
        {"renewals": renewals, "churned": drawn["churned"] & (drawn["renewals"] < seen)}
    )
    fit = type(model).fit(customers)
    table = fit.parameters
    truth = np.array([getattr(model, name) for name in table.index])
    assert (np.abs(table["estimate"] - truth) < 3.5 * table["standard_error"]).all()
    ignored = customers.assign(churned=True)  # as if everybody had left when last seen
    blind = type(model).fit(ignored, penalty=1.0)
    assert blind.model.survival(12) < 0.6 * fit.model.survival(12)


def test_standard_errors_are_those_of_repeated_samples():
    model = ShiftedBetaGeometric(0.9, 3.0)
    fits = [
        ShiftedBetaGeometric.fit(model.simulate(3000, periods=8, seed=seed)) for seed in range(60)
    ]
    spread = np.std([np.log(fit.model.beta) for fit in fits], ddof=1)
    told = np.mean([fit.parameters.loc["beta", "standard_error"] / fit.model.beta for fit in fits])
    assert 0.7 < told / spread < 1.4
    inside = [interval(lambda m: m.survival(12), fit, scale="logit", level=0.9) for fit in fits]
    truth = model.survival(12)
    covered = np.mean([float(i["low"][0]) < truth < float(i["high"][0]) for i in inside])
    assert covered > 0.78


def test_simulated_survival_is_that_of_the_model():
    model = BetaDiscreteWeibull(0.5, 1.4, 1.7)
    drawn = model.simulate(200_000, periods=6, seed=4)
    shares = [(drawn["renewals"] >= t).mean() for t in range(7)]
    assert shares == pytest.approx(model.survival(range(7)), abs=0.005)
    assert (drawn["churned"] == (drawn["renewals"] < 6)).all()
    pd.testing.assert_frame_equal(drawn, model.simulate(200_000, periods=6, seed=4))
    loyal = ShiftedBetaGeometric(1e-8, 1.0).simulate(100, periods=3, seed=1)
    assert (loyal["renewals"] == 3).all()


def test_predictions_follow_the_frame():
    model = ShiftedBetaGeometric(0.668, 3.806)
    customers = pd.DataFrame({"renewals": [4, 0, 4]}, index=["x", "y", "z"])
    told = model.renewal_probability(customers)
    assert told.index.tolist() == ["x", "y", "z"]
    assert told["x"] == told["z"] > told["y"]
    polars = pytest.importorskip("polars")
    frame = polars.from_pandas(customers)
    assert model.expected_renewals(frame, horizon=3).to_list() == pytest.approx(
        model.expected_renewals(customers, horizon=3).to_list()
    )
    wide = customers.assign(left=model.renewal_probability)
    assert wide["left"].tolist() == told.tolist()


def test_retention_curves_hold_the_estimates_between_their_bounds():
    fit = BetaDiscreteWeibull.fit_cohorts(cohort(HIGH_END))
    curves = retention_curves(fit, range(1, 30), level=0.9)
    for name in ("survival", "retention_rate"):
        low, high = curves[f"{name}_low"], curves[f"{name}_high"]
        assert ((low > 0) & (low < curves[name]) & (curves[name] < high) & (high < 1)).all()
    narrow = retention_curves(fit, range(1, 30), level=0.5)
    assert (narrow["survival_low"] > curves["survival_low"]).all()


def test_intervals_at_the_edges():
    fit = ShiftedBetaGeometric.fit_cohorts(cohort(REGULAR))
    start = interval(lambda m: m.survival(0), fit, scale="logit")
    assert start.iloc[0].tolist() == [1.0, 0.0, 1.0, 1.0]
    endless = interval(lambda m: m.expected_lifetime(), fit)
    assert endless.iloc[0].tolist() == [np.inf, np.inf, 0.0, np.inf]
    few = pd.DataFrame({"renewals": [1, 2]}, index=["x", "y"])
    told = interval(lambda m: m.expected_renewals(few, horizon=5), fit)
    assert told.index.tolist() == ["x", "y"]
    with pytest.raises(ParameterError, match="scale"):
        interval(lambda m: m.survival(1), fit, scale="linear")


def test_diagnostics_count_every_renewal():
    table = cohort(REGULAR)
    fit = ShiftedBetaGeometric.fit_cohorts(table)
    check = retention_check(table, fit)
    assert check.index.tolist() == list(range(1, 8))
    assert check["facing"].tolist() == table["survivors"].tolist()[:-1]
    assert check["churned"].sum() == 1000 - 241
    pd.testing.assert_frame_equal(check, retention_check(rows_of(table), fit.model))


def test_penalty_makes_a_small_sample_estimable():
    alike = pd.DataFrame({"period": [0, 1, 2, 3], "survivors": [20, 12, 6, 2]})
    with pytest.raises(ConvergenceError):
        ShiftedBetaGeometric.fit_cohorts(alike)
    fit = ShiftedBetaGeometric.fit_cohorts(alike, penalty=1.0)
    assert 0 < fit.model.alpha < 10
    once = pd.DataFrame({"renewals": [0, 1, 1], "churned": [True, False, False]})
    assert ShiftedBetaGeometric.fit(once, penalty=1.0).penalty == 1.0


@pytest.mark.parametrize("model", MODELS)
def test_files(model, tmp_path):
    fit = model.fit_cohorts(cohort(HIGH_END))
    assert crm.load(fit.save(tmp_path / "fit.json")) == fit
    assert crm.load(fit.model.save(tmp_path / "model.json")) == fit.model


@pytest.mark.parametrize(
    ("period", "survivors", "told"),
    [
        ([0, 1, 2], [10, 5, 6], "must not grow"),
        ([1, 2, 3], [10, 5, 4], "must start at period 0"),
        ([0, 1, 3], [10, 5, 4], "must not skip"),
        ([0, 1, 1], [10, 5, 4], "must not repeat"),
        ([0, 1, 2], [10, 5, -1], "must not be negative"),
        ([0, 1, 2], [10, np.nan, 1], "must not be missing"),
        ([0, 1, 1.5], [10, 5, 4], "must be a whole number"),
    ],
)
def test_bad_cohorts_are_refused(period, survivors, told):
    with pytest.raises(InvalidValuesError, match=told):
        ShiftedBetaGeometric.fit_cohorts(pd.DataFrame({"period": period, "survivors": survivors}))


def test_all_problems_of_cohorts_are_told_at_once():
    table = pd.DataFrame(
        {"cohort": list("aabb"), "period": [0, 1, 1, 3], "survivors": [5, 6, 4, 2]}
    )
    with pytest.raises(InvalidValuesError) as caught:
        ShiftedBetaGeometric.fit_cohorts(table)
    text = str(caught.value)
    assert all(word in text for word in ("grow", "start at period 0", "skip", "period 1 of 'a'"))


@pytest.mark.parametrize(
    ("frame", "error", "told"),
    [
        ({"renewals": [1, -2], "churned": [True, False]}, InvalidValuesError, "negative"),
        ({"renewals": [1.5, 2], "churned": [True, False]}, InvalidValuesError, "whole"),
        ({"renewals": [1, 2], "churned": ["yes", "no"]}, InvalidValuesError, "true or false"),
        ({"renewals": [1, 2], "churned": [True, None]}, InvalidValuesError, "missing"),
        ({"renewals": [1, 2]}, MissingColumnsError, "churned"),
        ({"renewals": [1, 2], "churned": [False, False]}, FitError, "nobody left"),
        ({"renewals": [0, 1], "churned": [True, False]}, FitError, "cannot tell 2 parameters"),
        ({"renewals": [], "churned": []}, FitError, "nobody left"),
    ],
)
def test_bad_customers_are_refused(frame, error, told):
    with pytest.raises(error, match=told):
        ShiftedBetaGeometric.fit(pd.DataFrame(frame))


def test_one_period_and_no_churn_are_told_apart():
    for periods, survivors, told in (
        ([0], [10], "nobody left"),
        ([0, 1, 2], [10, 10, 10], "nobody left"),
        ([0, 1], [10, 5], "cannot tell"),
    ):
        with pytest.raises(FitError, match=told):
            ShiftedBetaGeometric.fit_cohorts(
                pd.DataFrame({"period": periods, "survivors": survivors})
            )
    with pytest.raises(FitError, match="3 parameters"):
        BetaDiscreteWeibull.fit_cohorts(cohort(REGULAR, 2))


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda m: m.survival(-1), "at least 0"),
        (lambda m: m.survival(1.5), "whole"),
        (lambda m: m.retention_rate(0), "at least 1"),
        (lambda m: m.discounted_lifetime(discount_rate=-0.1), "discount_rate"),
        (lambda m: m.discounted_lifetime(discount_rate=0.1, periods_per_year=0), "per_year"),
        (lambda m: m.expected_lifetime(horizon=1.5), "horizon"),
        (
            lambda m: m.discounted_residual_lifetime([1], discount_rate=0.1, moment="now"),
            "moment must be one of",
        ),
        (lambda m: m.simulate(-1, periods=3, seed=0), "n must"),
    ],
)
def test_bad_arguments_are_refused(call, told):
    with pytest.raises(ParameterError, match=told):
        call(ShiftedBetaGeometric(1.0, 2.0))


def test_parameters_must_be_positive():
    with pytest.raises(ParameterError, match="c = 0"):
        BetaDiscreteWeibull(1.0, 1.0, 0.0)
