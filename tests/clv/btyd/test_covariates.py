"""Models with covariates: they find back what they were drawn from, and are the plain ones at 0."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics import clv
from crmanalytics.clv import BGNBD, BGNBDCovariates, ParetoNBD, ParetoNBDCovariates
from crmanalytics.clv.btyd.beta_geometric_slopes import beta_geometric_slopes
from crmanalytics.clv.btyd.covariate_objective import CovariateObjective
from crmanalytics.clv.btyd.kinds import count_kinds
from crmanalytics.clv.btyd.pareto_likelihood import pareto_slopes
from crmanalytics.clv.fitting import numerical_hessian
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

TRUTH = {
    "BG": BGNBDCovariates(
        *(0.9, 6.0, 0.8, 3.5),
        purchase={"online": 0.5, "age": -0.2},
        dropout_a={"online": 0.6},
        dropout_b={"online": -0.3},
        unit="W",
    ),
    "Pareto": ParetoNBDCovariates(
        *(0.9, 6.0, 0.8, 9.0),
        purchase={"online": 0.5, "age": -0.2},
        dropout={"online": 0.6},
        unit="W",
    ),
}
CHOSEN = {"purchase_covariates": ["online", "age"], "dropout_covariates": ["online"]}
KINDS = [{"online": o, "age": a} for o in (0, 1) for a in (-1.0, 0.0, 2.5)]


def drawn_from(model, n, T=40.0):
    """Return histories of as many customers of each kind."""
    frames = [
        model.at(kind).simulate(n, T, seed=seed).assign(**kind) for seed, kind in enumerate(KINDS)
    ]
    frame = pd.concat(frames, ignore_index=True)
    frame.attrs["crmanalytics"] = {"unit": "W"}
    return frame


@pytest.fixture(scope="module", params=TRUTH)
def truth(request):
    return TRUTH[request.param]


@pytest.fixture(scope="module")
def customers(truth):
    # times on a grid, so that there are cells of more than one customer
    drawn = drawn_from(truth, 2500)
    return drawn.assign(recency=lambda f: np.minimum(np.ceil(f["recency"] * 2) / 2, f["T"]))


@pytest.fixture(scope="module")
def fit(truth, customers):
    return type(truth).fit(customers, **CHOSEN)


@pytest.fixture(scope="module")
def few(customers):
    return customers.groupby(["online", "age"]).head(12)


def test_coefficients_are_found_back(truth, fit):
    table = fit.parameters
    assert list(table.index) == list(truth.estimates())
    off = (table["estimate"] - pd.Series(truth.estimates())) / table["standard_error"]
    assert (off.abs() < 4).all()
    assert abs(fit.model.purchase["online"] - 0.5) < 0.1
    assert fit.convergence.shortfall < 1e-6
    assert fit.model.unit == "W"


def test_coefficients_have_normal_intervals_and_parameters_positive_ones(fit):
    table = fit.parameter_table(level=0.95)
    row = table.loc["purchase[age]"]
    assert row["high"] < 0
    assert row["high"] - row["estimate"] == pytest.approx(row["estimate"] - row["low"])
    assert row["high"] - row["estimate"] == pytest.approx(1.959964 * row["standard_error"])
    assert (table.loc[["r", "alpha"], "low"] > 0).all()
    assert list(fit.covariance.columns) == list(table.index)


def test_standard_errors_are_those_of_refits(truth):
    # the spread over fresh samples, at a tenth of the size to be quick
    cls, estimates, errors = type(truth), [], []
    for seed in range(12):
        frames = [
            truth.at(kind).simulate(400, 40.0, seed=100 * seed + i).assign(**kind)
            for i, kind in enumerate(KINDS)
        ]
        found = cls.fit(pd.concat(frames), purchase_covariates=["online", "age"]).parameters
        estimates.append(found["estimate"][["purchase[online]", "purchase[age]"]])
        errors.append(found["standard_error"][["purchase[online]", "purchase[age]"]])
    ratio = pd.DataFrame(estimates).std() / pd.DataFrame(errors).mean()
    assert ((ratio > 0.5) & (ratio < 1.7)).all()  # of 12 refits: chi-square bounds


QUESTIONS = {
    "log_likelihood": lambda m, f: m.log_likelihood(f),
    "alive": lambda m, f: m.probability_alive(f),
    "active": lambda m, f: m.probability_active(f, 10),
    "purchases": lambda m, f: m.expected_purchases(f, 39),
    "long": lambda m, f: m.expected_purchases(f, 1e5),
    "for ever": lambda m, f: m.discounted_expected_purchases(f, horizon=None, discount_rate=0.1),
    "in parts": lambda m, f: m.discounted_expected_purchases(
        f, horizon=10, discount_rate=0.1, timing="end"
    ),
    "undiscounted": lambda m, f: m.discounted_expected_purchases(
        f, horizon=None, discount_rate=0.0
    ),
    "two": lambda m, f: m.purchase_count_probability_of(f, 2, 10),
    "counts": lambda m, f: m.purchase_count_log_probability_of(f, f["frequency"] % 5, 10),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_kind_is_answered_by_its_own_model(truth, few, question):
    ask = QUESTIONS[question]
    together = ask(truth, few)
    assert together.index.equals(few.index)
    for kind in KINDS:
        own = few[(few["online"] == kind["online"]) & (few["age"] == kind["age"])]
        alone = ask(truth.at(kind), own)
        np.testing.assert_allclose(together[own.index], alone, rtol=1e-11)


def test_futures_of_every_kind_agree_with_expectation(truth, few):
    futures = truth.simulate_future(few, 26, draws=4000, seed=3)
    error = futures.std(axis=1) / np.sqrt(4000)
    expected = truth.expected_purchases(few, 26)
    assert (np.abs(futures.mean(axis=1) - expected) < 4.5 * error + 2e-3).all()


def test_without_covariates_it_is_the_plain_model(truth, customers):
    plain = (BGNBD if isinstance(truth, BGNBD) else ParetoNBD).fit(customers)
    bare = type(truth).fit(customers)
    assert bare.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    np.testing.assert_allclose(bare.parameters, plain.parameters, rtol=1e-3)
    assert bare.model.expected_purchases_new(52) == pytest.approx(
        float(plain.model.expected_purchases_new(52)), rel=1e-4
    )
    assert len(bare.model.simulate(5, 3.0, seed=1)) == 5
    counts = bare.model.purchase_count_probability([0, 1], 52)
    np.testing.assert_allclose(
        counts, plain.model.purchase_count_probability([0, 1], 52), rtol=1e-4
    )


def test_where_all_covariates_are_zero_it_is_the_plain_model(truth, few):
    zero = few.assign(online=0, age=0)
    plain = truth.at({"online": 0, "age": 0})
    assert type(plain) in (BGNBD, ParetoNBD)
    np.testing.assert_allclose(
        truth.expected_purchases(zero, 39), plain.expected_purchases(zero, 39), rtol=1e-13
    )
    assert {name: getattr(plain, name) for name in plain.parameter_names()} == pytest.approx(
        {name: getattr(truth, name) for name in truth.parameter_names()}
    )


def test_covariates_may_be_measured_in_anything(fit, customers):
    # a million times the unit and another zero: coefficients follow, predictions stay
    other = customers.assign(age=customers["age"] * 1e6 + 3e6, online=1 - customers["online"])
    again = type(fit.model).fit(other, **CHOSEN)
    assert again.log_likelihood == pytest.approx(fit.log_likelihood, abs=1e-5)
    assert again.model.purchase["age"] * 1e6 == pytest.approx(fit.model.purchase["age"], rel=1e-4)
    assert again.model.purchase["online"] == pytest.approx(-fit.model.purchase["online"], rel=1e-4)
    error, first = again.parameters["standard_error"], fit.parameters["standard_error"]
    assert error["purchase[age]"] * 1e6 == pytest.approx(first["purchase[age]"], rel=1e-3)
    np.testing.assert_allclose(
        again.model.expected_purchases(other, 39),
        fit.model.expected_purchases(customers, 39),
        rtol=1e-4,
    )


def test_units_of_time_scale_out(fit, customers):
    days = customers.assign(recency=customers["recency"] * 7, T=customers["T"] * 7)
    again = type(fit.model).fit(days, **CHOSEN, unit="D")
    assert again.model.purchase == pytest.approx(fit.model.purchase, rel=1e-3, abs=1e-5)
    assert again.model.alpha == pytest.approx(7 * fit.model.alpha, rel=1e-4)


def test_neither_order_nor_weights_nor_names_matter(fit, customers):
    cls = type(fit.model)
    shuffled = customers.sample(frac=1, random_state=1)
    assert cls.fit(shuffled, **CHOSEN) == fit
    columns = ["frequency", "recency", "T", "online", "age"]
    counted = customers.groupby(columns).size().rename("many").reset_index()
    weighted = cls.fit(counted, **CHOSEN, weight="many")
    assert weighted.n == fit.n == len(customers)
    assert weighted.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-12)
    renamed = cls.fit(
        customers.rename(columns={"age": "zeal"}),
        purchase_covariates=["zeal", "online"],
        dropout_covariates=["online"],
    )
    assert renamed.log_likelihood == pytest.approx(fit.log_likelihood, rel=1e-9)
    assert renamed.model.purchase["zeal"] == pytest.approx(fit.model.purchase["age"], rel=1e-5)


def test_true_and_false_are_numbers_and_frames_of_any_kind_will_do(truth, few):
    answers = truth.expected_purchases(few, 39).to_list()
    told = few.assign(online=few["online"] == 1)
    assert truth.expected_purchases(told, 39).to_list() == answers
    polars = truth.expected_purchases(pl.from_pandas(told), 39)
    assert isinstance(polars, pl.Series)
    assert polars.to_list() == answers
    assert truth.expected_purchases(clv.count_cells(few), 39).to_list() == answers


@pytest.mark.parametrize("name", ["online", "age", "purchase", "both"])
def test_gradient_and_hessian_are_the_derivatives(truth, customers, name):
    cls = type(truth)
    groups = {link: ["online"] for link in cls.LINKS}
    groups |= {cls.LINKS[0]: ["age", "online"]} if name != "online" else {}
    groups |= {cls.LINKS[1]: []} if name == "purchase" else {}
    cells = count_kinds(customers.head(4000), ["age", "online"])
    slopes = {"BG": lambda u, *h: beta_geometric_slopes(u, h, 0), "Pareto": pareto_slopes}
    objective = CovariateObjective(
        cells, slopes["BG" if cls is BGNBDCovariates else "Pareto"], cls.parameter_names(), groups
    )
    width = 4 + sum(len(names) for names in groups.values())
    at = np.concatenate([np.log([0.7, 5.0, 0.6, 4.0]), np.linspace(-0.3, 0.4, width - 4)])
    _, gradient = objective.value_and_gradient(at)
    for i, step in enumerate(np.eye(width) * 1e-5):
        up, _ = objective.value_and_gradient(at + step)
        down, _ = objective.value_and_gradient(at - step)
        assert gradient[i] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-4)
    numeric = numerical_hessian(objective, at, 1e-5)
    np.testing.assert_allclose(objective.hessian(at), numeric, rtol=1e-4, atol=1e-2)


def test_the_gradient_vanishes_at_the_fit(fit, customers):
    model = fit.model
    cells = count_kinds(customers, ["age", "online"])
    objective = model._objective(cells, model.settings())
    estimates = model.estimates()
    at = [v if "[" in k else np.log(v) for k, v in estimates.items()]
    value, gradient = objective.value_and_gradient(np.array(at))
    assert value == pytest.approx(fit.log_likelihood)
    assert value == pytest.approx(model.log_likelihood(customers).sum())
    assert np.abs(gradient).max() < 1e-2


def test_fits_survive_a_file(fit, tmp_path):
    assert crm.load(fit.save(tmp_path / "fit.json")) == fit
    assert crm.load(fit.model.save(tmp_path / "model.json")) == fit.model


def test_bootstrap_and_intervals_know_coefficients(fit, customers):
    draws = clv.bootstrap(fit, customers, draws=12, seed=1)
    assert list(draws.parameters) == list(fit.parameters.index)
    ratio = draws.parameters.std() / fit.parameters["standard_error"]
    assert ((ratio > 0.4) & (ratio < 1.9)).all()
    one = customers.head(1)
    for evidence in (fit, draws):
        table = clv.interval(lambda model: model.expected_purchases(one, 39), evidence)
        assert (table["low"] < table["high"]).all()
    table = clv.interval(lambda model: model.purchase["age"], fit, scale="identity")
    error = fit.parameters.loc["purchase[age]", "standard_error"]
    assert table["standard_error"].iloc[0] == pytest.approx(error, rel=1e-6)


def test_a_penalty_pulls_coefficients_to_zero(fit, customers):
    strong = type(fit.model).fit(customers, **CHOSEN, penalty=1e5)
    assert abs(strong.model.purchase["online"]) < abs(fit.model.purchase["online"]) / 2
    assert strong.log_likelihood < fit.log_likelihood
    again = clv.bootstrap(strong, customers, draws=2, seed=1)
    assert (
        again.parameters["purchase[online]"] - strong.model.purchase["online"]
    ).abs().max() < 0.1


def test_lifetime_value_takes_such_a_fit(fit, few):
    value = clv.lifetime_value(
        few.assign(spend=10.0), fit, "spend", horizon=52, discount_rate=0.1, margin=0.3
    )
    assert (value > 0).all()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"age": None}, MissingColumnsError, "no column 'age'"),
        ({"age": np.nan}, InvalidValuesError, "missing"),
        ({"age": np.inf}, InvalidValuesError, "finite"),
        ({"age": "old"}, InvalidValuesError, "must hold numbers"),
        ({"age": 7.0}, InvalidValuesError, "same for all customers"),
        ({"age": lambda f: 2 - 3 * f["online"]}, InvalidValuesError, "follow from each other"),
        ({"T": -1.0}, InvalidValuesError, "must not"),
    ],
)
def test_bad_covariates_end_in_one_clear_error(truth, customers, change, error, words):
    frame = customers.head(9000)
    for column, value in change.items():
        frame = frame.drop(columns=column) if value is None else frame.assign(**{column: value})
    with pytest.raises(error, match=words):
        type(truth).fit(frame, **CHOSEN)


def test_bad_arguments_end_in_one_clear_error(truth, customers):
    cls = type(truth)
    with pytest.raises(ParameterError, match="list of different columns"):
        cls.fit(customers, purchase_covariates="online")
    with pytest.raises(ParameterError, match="list of different columns"):
        cls.fit(customers, dropout_covariates=["age", "age"])
    with pytest.raises(ParameterError, match="takes no covariates"):
        cls.fit(customers, covariates=["age"])
    with pytest.raises(ParameterError, match="not to cells"):
        cls.fit(clv.count_cells(customers), **CHOSEN)
    with pytest.raises(InvalidValuesError, match="no rows"):
        cls.fit(customers.head(0), **CHOSEN)
    with pytest.raises(ParameterError, match="covariates must be"):
        truth.at({"online": 1})
    with pytest.raises(ParameterError, match="finite numbers"):
        truth.at({"online": 1, "age": np.nan})
    with pytest.raises(ParameterError, match=r"model\.at"):
        truth.expected_purchases_new(52)
    with pytest.raises(ParameterError, match=r"model\.at"):
        truth.simulate(3, 5.0, seed=1)
    with pytest.raises(InvalidValuesError, match="far from"):
        truth.probability_alive(customers.assign(age=1e9))
    with pytest.raises(ParameterError, match="finite numbers"):
        cls(1.0, 1.0, 1.0, 1.0, purchase={"age": "x"})
    with pytest.raises(ParameterError, match="numbers by column name"):
        cls(1.0, 1.0, 1.0, 1.0, purchase=["age"])


def test_models_are_values(truth):
    given = {"online": 0.5}
    model = type(truth)(1.0, 1.0, 1.0, 1.0, purchase=given)
    given["online"] = 9.0
    assert model.purchase == {"online": 0.5}
    assert model == type(truth)(1.0, 1.0, 1.0, 1.0, purchase={"online": 0.5})
    changed = model.replaced({"purchase[online]": 0.7, "r": 2.0})
    assert (changed.purchase["online"], changed.r, model.r) == (0.7, 2.0, 1.0)
