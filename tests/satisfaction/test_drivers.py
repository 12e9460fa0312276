"""What drives satisfaction: published numbers, other ways to the same numbers, and laws."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.errors import (
    ConvergenceError,
    FitError,
    InvalidValuesError,
    MissingColumnsError,
    ParameterError,
)
from crmanalytics.satisfaction.importance import LINEAR, linear_r_squared
from crmanalytics.satisfaction.logit_importance import (
    johnson_logistic,
    pratt_logistic,
    subset_pseudo_r_squared,
)
from crmanalytics.satisfaction.subsets import average_added, sizes_of, subset_r_squared

REFERENCE = Path(__file__).parents[1] / "reference"
SWISS = ["Agriculture", "Examination", "Education", "Catholic", "Infant.Mortality"]

#: relaimpo and others on R's swiss data, Fertility on the five other columns.
PUBLISHED = {
    "lmg": [0.0570912207681, 0.1711730289002, 0.2601346786244, 0.1055701503735, 0.1127659229265],
    "last": [
        0.04286960712549,
        0.00738741851512,
        0.16196269307734,
        0.06237262582742,
        0.0569452587325,
    ],
    "first": [0.124664909906, 0.417164470501, 0.440615646724, 0.215003501619, 0.173518927325],
    "pratt": [-0.110485990962, 0.106427404339, 0.445004567582, 0.161176814997, 0.104612205638],
    "genizi": [0.0484168958119, 0.1547082498062, 0.271964104646, 0.1146800299476, 0.1169657213811],
    "johnson": [0.0484168958119, 0.1547082498062, 0.271964104646, 0.1146800299476, 0.1169657213811],
    "car": [0.000567474185339, 0.151133990848, 0.323268070977, 0.115073184179, 0.116692281404],
}
WEIGHTED = [0.0425042431787, 0.137192666206, 0.2310970378891, 0.117867747994, 0.1360705874785]
MTCARS = {
    "johnson": [0.2284797259282, 0.22214687054, 0.2321744392994, 0.0963886032154],
    "lmg": [0.2470520332352, 0.2434995947956, 0.2109128995443, 0.0777251114079],
}
MOBI = {
    "lmg": [
        0.134762767729,
        0.050853985168,
        0.045326058311,
        0.075339548844,
        0.035288230002,
        0.043936791469,
        0.061241173528,
    ],
    "johnson": [
        0.129505193685,
        0.055247694293,
        0.045586554200,
        0.075746798008,
        0.035169975728,
        0.042755573540,
        0.062736765596,
    ],
}


@pytest.fixture(scope="module")
def swiss():
    return pd.read_csv(REFERENCE / "swiss.csv", index_col=0)


def survey(n=200, seed=0, p=3):
    draw = np.random.default_rng(seed)
    common = draw.normal(size=(n, 1))
    made = pd.DataFrame(common + draw.normal(size=(n, p)), columns=[f"x{j}" for j in range(p)])
    made["y"] = made.to_numpy() @ np.arange(1, p + 1) + draw.normal(size=n) * 3
    return made


@pytest.mark.parametrize("method", PUBLISHED)
def test_published_shares(swiss, method):
    found = crm.satisfaction.drivers(swiss, "Fertility", SWISS, method=method, draws=0)
    np.testing.assert_allclose(found["estimate"], PUBLISHED[method], rtol=0, atol=1.01e-12)
    np.testing.assert_allclose(found["r_squared"], 0.706735001593, rtol=0, atol=1e-12)
    assert found["low"].isna().all()
    assert found["driver"].tolist() == SWISS


def test_published_weighted_shares(swiss):
    given = swiss.assign(w=np.resize([1.0, 2.0], len(swiss)))
    found = crm.satisfaction.drivers(given, "Fertility", SWISS, weight="w", draws=0)
    np.testing.assert_allclose(found["estimate"], WEIGHTED, rtol=0, atol=1e-12)
    np.testing.assert_allclose(found["r_squared"], 0.664732282746, rtol=0, atol=1e-12)
    kish = given["w"].sum() ** 2 / (given["w"] ** 2).sum()
    np.testing.assert_allclose(found["n_effective"], kish)


@pytest.mark.parametrize("method", MTCARS)
def test_published_shares_of_cars(method):
    cars = pd.read_csv(REFERENCE / "mtcars.csv")
    names = ["cyl", "disp", "hp", "gear"]
    found = crm.satisfaction.drivers(cars, "mpg", names, method=method, draws=0)
    np.testing.assert_allclose(found["estimate"], MTCARS[method], rtol=0, atol=1e-12)
    if method == "johnson":
        np.testing.assert_allclose(
            100 * found["share"], [29.3227, 28.51, 29.7969, 12.3704], atol=5e-5
        )


@pytest.mark.parametrize("method", MOBI)
def test_published_shares_of_mobile_phones(shared_data, method):
    mobi = pd.read_csv(shared_data("mobi.csv"))
    names = [f"PERQ{k}" for k in range(1, 8)]
    found = crm.satisfaction.drivers(mobi, "CUSA1", names, method=method, scale=(1, 10), draws=0)
    np.testing.assert_allclose(found["estimate"], MOBI[method], rtol=0, atol=1e-12)


def by_all_orders(correlation):
    """Average what each variable adds over every order, as LMG is defined."""
    p = len(correlation) - 1

    def explained(subset):
        s = list(subset)
        return correlation[s, -1] @ np.linalg.solve(correlation[np.ix_(s, s)], correlation[s, -1])

    total = np.zeros(p)
    orders = list(itertools.permutations(range(p)))
    for order in orders:
        before = 0.0
        for k, j in enumerate(order):
            after = explained(order[: k + 1])
            total[j] += after - before
            before = after
    return total / len(orders)


@given(st.integers(0, 10_000), st.integers(1, 5))
def test_lmg_is_the_average_over_all_orders(seed, p):
    rows = np.random.default_rng(seed).normal(size=(40, p + 1)) @ np.triu(np.ones((p + 1, p + 1)))
    correlation = np.atleast_2d(np.corrcoef(rows.T))
    np.testing.assert_allclose(
        LINEAR["lmg"](correlation), by_all_orders(correlation), rtol=0, atol=1e-12
    )


@given(st.integers(0, 10_000), st.integers(1, 6))
def test_shares_sum_to_r_squared_and_do_not_depend_on_the_order_of_drivers(seed, p):
    draw = np.random.default_rng(seed)
    rows = draw.normal(size=(60, p + 1)) + draw.normal(size=(60, 1))
    correlation = np.corrcoef(rows.T)
    order = np.append(draw.permutation(p), p)
    for name in ("lmg", "johnson", "pratt", "car"):
        made = LINEAR[name](correlation)
        np.testing.assert_allclose(made.sum(), linear_r_squared(correlation), rtol=0, atol=1e-12)
        again = LINEAR[name](correlation[np.ix_(order, order)])
        np.testing.assert_allclose(again, made[order[:-1]], rtol=0, atol=1e-12)
        assert name == "pratt" or (made > -1e-12).all()


def test_subsets_of_many_matrices_are_those_of_each():
    draw = np.random.default_rng(1)
    many = np.stack([np.corrcoef(draw.normal(size=(30, 5)).T) for _ in range(3)])
    found = subset_r_squared(many)
    assert found.shape == (3, 16)
    assert (np.diff(np.sort(found, axis=1)) >= 0).all()
    for k in range(3):
        np.testing.assert_allclose(found[k], subset_r_squared(many[k]), rtol=0, atol=0)
        np.testing.assert_allclose(found[k, 15], linear_r_squared(many[k]), rtol=0, atol=1e-12)
    assert sizes_of(4).tolist() == [s.bit_count() for s in range(16)]
    np.testing.assert_allclose(average_added(found).sum(axis=1), found[:, -1], rtol=0, atol=1e-12)


def test_fifteen_drivers_are_exact():
    draw = np.random.default_rng(2)
    correlation = np.corrcoef((draw.normal(size=(100, 16)) + draw.normal(size=(100, 1))).T)
    shares = LINEAR["lmg"](correlation)
    np.testing.assert_allclose(shares.sum(), linear_r_squared(correlation), atol=1e-11)
    swapped = np.r_[1, 0, 2:16]
    again = LINEAR["lmg"](correlation[np.ix_(swapped, swapped)])
    np.testing.assert_allclose(again[[1, 0]], shares[:2], atol=1e-11)


def test_bootstrap_errors_are_those_of_a_plain_bootstrap():
    given = survey(120, seed=3)
    names = ["x0", "x1", "x2"]
    found = crm.satisfaction.drivers(given, "y", names, draws=2000)
    draw = np.random.default_rng(5)
    values = given.to_numpy()
    plain = [by_all_orders(np.corrcoef(values[draw.integers(0, 120, 120)].T)) for _ in range(600)]
    np.testing.assert_allclose(found["se"], np.std(plain, axis=0), rtol=0.12)
    np.testing.assert_allclose(found["low"], np.quantile(plain, 0.025, axis=0), atol=0.025)
    np.testing.assert_allclose(found["high"], np.quantile(plain, 0.975, axis=0), atol=0.025)


def test_the_order_of_rows_has_no_effect_and_the_seed_has():
    given = survey()
    args = ("y", ["x0", "x1", "x2"])
    first = crm.satisfaction.drivers(given, *args, draws=50)
    shuffled = given.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(first, crm.satisfaction.drivers(shuffled, *args, draws=50))
    other = crm.satisfaction.drivers(given, *args, draws=50, seed=1)
    assert (other["se"] != first["se"]).all()


def test_units_of_measurement_have_no_effect():
    given = survey()
    scaled = given.assign(x0=given["x0"] * 1e6 + 5e7, y=given["y"] * 1e-4 - 3)
    for method in ("lmg", "johnson"):
        first, second = (
            crm.satisfaction.drivers(x, "y", ["x0", "x1", "x2"], method=method, draws=0)
            for x in (given, scaled)
        )
        np.testing.assert_allclose(first["estimate"], second["estimate"], atol=1e-9)


def test_weights_are_repetitions():
    given = survey(50).assign(w=np.resize([1, 2, 3], 50))
    repeated = given.loc[given.index.repeat(given["w"])]
    for family, outcome in (("linear", "y"), ("logistic", "z")):
        both = [x.assign(z=(x["y"] > 0).astype(int)) for x in (given, repeated)]
        weighted = crm.satisfaction.drivers(
            both[0], outcome, ["x0", "x1"], family=family, weight="w", draws=0
        )
        plain = crm.satisfaction.drivers(both[1], outcome, ["x0", "x1"], family=family, draws=0)
        np.testing.assert_allclose(weighted["estimate"], plain["estimate"], atol=1e-9)


def test_groups_are_analysed_by_themselves():
    given = survey(150).assign(unit=np.resize(["b", "a", None], 150))
    found = crm.satisfaction.drivers(given, "y", ["x0", "x1"], by="unit", draws=30)
    assert found["unit"].iloc[:4].tolist() == ["a", "a", "b", "b"]
    alone = crm.satisfaction.drivers(given[given["unit"] == "a"], "y", ["x0", "x1"], draws=30)
    pd.testing.assert_frame_equal(found.iloc[:2].drop(columns="unit"), alone)


def test_groups_that_are_too_small_say_so():
    given = survey(60).assign(unit=["a"] * 57 + ["b"] * 3)
    found = crm.satisfaction.drivers(given, "y", ["x0", "x1"], by="unit", draws=30)
    assert found["estimate"].isna().tolist() == [False, False, True, True]
    assert found["method"].iloc[-1] == "too few answers: 3"
    assert found["rank"].isna().tolist() == [False, False, True, True]


def test_missing_answers_are_left_out_and_counted():
    given = survey(80)
    holes = given.copy()
    holes.loc[holes.index[:5], "x0"] = np.nan
    holes.loc[holes.index[5:9], "x1"] = 99
    found = crm.satisfaction.drivers(holes, "y", ["x0", "x1"], no_answer=[99], draws=0)
    whole = crm.satisfaction.drivers(given.iloc[9:], "y", ["x0", "x1"], draws=0)
    np.testing.assert_allclose(found["estimate"], whole["estimate"], rtol=0, atol=1e-12)
    assert found["n"].tolist() == [71, 71]
    assert found["n_missing"].tolist() == [9, 9]


def test_clusters_widen_intervals():
    draw = np.random.default_rng(4)
    shops = np.repeat(np.arange(30), 20)
    given = survey(600, seed=6).assign(shop=shops)
    given["x0"] += draw.normal(size=30)[shops] * 3
    given["y"] += draw.normal(size=30)[shops] * 6
    plain, clustered = (
        crm.satisfaction.drivers(given, "y", ["x0", "x1"], draws=400, clusters=by)
        for by in (None, "shop")
    )
    np.testing.assert_allclose(plain["estimate"], clustered["estimate"])
    assert clustered["se"].iloc[0] > 1.3 * plain["se"].iloc[0]
    shuffled = given.sample(frac=1, random_state=2)
    again = crm.satisfaction.drivers(shuffled, "y", ["x0", "x1"], draws=400, clusters="shop")
    np.testing.assert_allclose(again["se"], clustered["se"], rtol=1e-9)


def test_frames_of_other_kinds():
    given = survey(60)
    found = crm.satisfaction.drivers(pl.from_pandas(given), "y", ["x0", "x1"], draws=30)
    assert isinstance(found, pl.DataFrame)
    plain = crm.satisfaction.drivers(given, "y", ["x0", "x1"], draws=30)
    np.testing.assert_allclose(found["low"].to_numpy(), plain["low"])


@pytest.mark.parametrize("name", ["mcfadden", "cox_snell", "nagelkerke", "tjur"])
def test_logistic_fits_are_those_of_scikit_learn(name):
    from sklearn.linear_model import LogisticRegression

    given = survey(300, seed=8)
    drivers = given[["x0", "x1", "x2"]].to_numpy()
    outcome = (given["y"] > given["y"].mean()).to_numpy(dtype=float)
    found = subset_pseudo_r_squared(drivers, outcome, np.ones(300), name)
    for subset in (1, 6, 7):
        columns = drivers[:, [j for j in range(3) if subset >> j & 1]]
        fit = LogisticRegression(C=1e12, tol=1e-12, max_iter=10_000).fit(columns, outcome)
        share = fit.predict_proba(columns)[:, 1]
        level = np.where(outcome == 1, np.log(share), np.log1p(-share)).sum()
        mean = outcome.mean()
        null = 300 * (mean * np.log(mean) + (1 - mean) * np.log1p(-mean))
        cox = 1 - np.exp(2 * (null - level) / 300)
        expected = {
            "mcfadden": 1 - level / null,
            "cox_snell": cox,
            "nagelkerke": cox / (1 - np.exp(2 * null / 300)),
            "tjur": share[outcome == 1].mean() - share[outcome == 0].mean(),
        }
        np.testing.assert_allclose(found[subset], expected[name], atol=1e-7)
    assert abs(found[0]) < 1e-12


def test_logistic_shares_sum_to_the_whole():
    given = survey(300, seed=9).assign(z=lambda x: x["y"] > 0)
    found = crm.satisfaction.drivers(
        given,
        "z",
        ["x0", "x1", "x2"],
        family="logistic",
        method=["lmg", "johnson", "pratt"],
        draws=40,
    )
    sums = found.groupby("metric")["estimate"].sum()
    for method, total in sums.items():
        assert total == pytest.approx(found.loc[found["metric"] == method, "r_squared"].iloc[0])
    assert (found["low"] < found["estimate"]).all()
    assert (found["high"] > found["estimate"]).all()
    # the share of the variance of the fitted odds, for a single driver all of it
    one = johnson_logistic(given[["x0"]].to_numpy(), given["z"].to_numpy(dtype=float), np.ones(300))
    assert 0 < one[0] < 1


def test_pratts_logistic_shares_are_those_of_the_weighted_regression():
    from sklearn.linear_model import LogisticRegression

    given = survey(250, seed=10)
    x = given[["x0", "x1", "x2"]].to_numpy()
    y = (given["y"] > 1).to_numpy(dtype=float)
    fit = LogisticRegression(C=1e12, tol=1e-12, max_iter=10_000).fit(x, y)
    share = fit.predict_proba(x)[:, 1]
    told = share * (1 - share)
    working = fit.decision_function(x) + (y - share) / told

    def spread(values):
        return np.sqrt(np.average((values - np.average(values, weights=told)) ** 2, weights=told))

    def together(one, other):
        centred = [v - np.average(v, weights=told) for v in (one, other)]
        return np.average(centred[0] * centred[1], weights=told) / spread(one) / spread(other)

    expected = [
        fit.coef_[0, j] * spread(x[:, j]) / spread(working) * together(x[:, j], working)
        for j in range(3)
    ]
    np.testing.assert_allclose(pratt_logistic(x, y, np.ones(250)), expected, rtol=1e-5)


def test_logistic_regressions_without_finite_coefficients_are_refused():
    given = pd.DataFrame({"x": [1.0, 2, 3, 4, 5, 6], "y": [0, 0, 0, 1, 1, 1]})
    with pytest.raises(ConvergenceError, match="without error"):
        crm.satisfaction.drivers(given, "y", ["x"], family="logistic", draws=0)
    both = pd.concat([given.assign(u=1), given.assign(u=2, y=[0, 1, 0, 1, 0, 1])])
    found = crm.satisfaction.drivers(both, "y", ["x"], family="logistic", by="u", draws=0)
    assert found["estimate"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        ({"drivers": []}, ParameterError, "different columns"),
        ({"drivers": ["x0", "y"]}, ParameterError, "not the outcome"),
        ({"method": "best"}, ParameterError, "method of a linear"),
        ({"method": "car", "family": "logistic"}, ParameterError, "method of a logistic"),
        ({"family": "probit"}, ParameterError, "family"),
        ({"r_squared": "r2"}, ParameterError, "r_squared"),
        ({"draws": 3}, ParameterError, "draws"),
        ({"scale": (0, 1)}, InvalidValuesError, "must lie between 0 and 1"),
        ({"family": "logistic"}, InvalidValuesError, "must lie between 0 and 1"),
        ({"drivers": ["x0", "flat"]}, InvalidValuesError, "constant"),
        ({"drivers": ["x0", "twice"]}, InvalidValuesError, "combination of others"),
        ({"drivers": ["x9"]}, MissingColumnsError, "x9"),
        ({"drivers": ["rare", "x0"]}, FitError, "drawn again gave no"),
    ],
)
def test_what_is_refused(change, error, says):
    given = survey().assign(flat=1.0, twice=lambda x: 2 * x["x0"] + 1)
    given["rare"] = [1.0] + [0.0] * 199
    arguments = {"drivers": ["x0", "x1"], "draws": 50} | change
    with pytest.raises(error, match=says):
        crm.satisfaction.drivers(given, "y", arguments.pop("drivers"), **arguments)


def test_too_many_subsets_are_refused():
    given = survey(60, p=21)
    names = [f"x{j}" for j in range(21)]
    with pytest.raises(ParameterError, match="too many subsets"):
        crm.satisfaction.drivers(given, "y", names)
    assert len(crm.satisfaction.drivers(given, "y", names, method="johnson", draws=0)) == 21


def test_without_rows_there_are_no_groups():
    given = survey().assign(unit="a").iloc[:0]
    assert len(crm.satisfaction.drivers(given, "y", ["x0"], by="unit")) == 0
    with pytest.raises(InvalidValuesError, match="too few answers: 0"):
        crm.satisfaction.drivers(given, "y", ["x0"])


def test_the_frame_is_not_changed():
    given = survey()
    kept = given.copy()
    crm.satisfaction.drivers(given, "y", ["x0"], draws=20)
    pd.testing.assert_frame_equal(given, kept)
