"""Alpha and omega: published values, intervals that hold, the one-factor model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.surveys import fit_one_factor, item_statistics, reliability
from crmanalytics.surveys.reliability_design import alpha_influence, omega_influence

# of the European satisfaction index for mobile phones: alpha raw and standardised
MOBI = {
    "IMAG": (5, 0.714446802043, 0.722834595427),
    "CUEX": (3, 0.432596843807, 0.451902555978),
    "PERQ": (7, 0.872406371430, 0.877010245240),
    "PERV": (2, 0.816694539035, 0.823631979353),
    "CUSA": (3, 0.770113108282, 0.779195021919),
    "CUSL": (3, 0.441717198383, 0.472398962898),
}


def simulated(loadings, n, seed=1):
    rng = np.random.default_rng(seed)
    loadings = np.asarray(loadings)
    noise = rng.normal(size=(n, len(loadings))) * np.sqrt(1 - loadings**2)
    return pd.DataFrame(rng.normal(size=(n, 1)) * loadings + noise).rename(
        columns=lambda k: f"q{k}"
    )


@pytest.fixture
def mobi(shared_data):
    return pd.read_csv(shared_data("mobi.csv"))


@pytest.mark.parametrize("block", MOBI)
def test_alpha_of_real_scales(mobi, block):
    size, raw, standardised = MOBI[block]
    items = [f"{block}{k + 1}" for k in range(size)]
    found = reliability(mobi, items, scale=(1, 10)).set_index("metric")
    assert found.loc["alpha", "estimate"] == pytest.approx(raw, abs=1e-11)
    assert found.loc["alpha_standardised", "estimate"] == pytest.approx(standardised, abs=1e-11)
    assert ("omega" in found.index) == (size > 2)


def test_a_scale_with_an_item_that_has_nothing_of_its_own_says_so(mobi):
    found = reliability(mobi, ["CUSL1", "CUSL2", "CUSL3"])
    assert found.attrs["crmanalytics"]["omega"] == {"proper": False}
    omega = found.set_index("metric").loc["omega"]
    assert 0 < omega["estimate"] < 1
    assert np.isnan([omega["se"], omega["low"], omega["high"]]).all()


@pytest.mark.slow
def test_feldts_interval_holds_its_level():
    """Of 200 samples of 30 people the interval of 90% misses the truth in about 20."""
    truth = 0.8  # six items with equal loadings: 6 r / (1 + 5 r), with r = 0.4
    held = {"alpha": 0, "omega": 0}
    for seed in range(200):
        found = reliability(
            simulated([np.sqrt(0.4)] * 6, 30, seed), [f"q{k}" for k in range(6)], level=0.9
        ).set_index("metric")
        for name in held:
            held[name] += found.loc[name, "low"] <= truth <= found.loc[name, "high"]
    assert held["alpha"] / 200 == pytest.approx(0.9, abs=0.06)
    assert held["omega"] / 200 == pytest.approx(0.9, abs=0.07)


def test_omega_is_alpha_where_items_are_alike_and_more_where_not():
    alike = reliability(simulated([0.7] * 5, 100_000), [f"q{k}" for k in range(5)])
    alike = alike.set_index("metric")["estimate"]
    assert alike["omega"] == pytest.approx(alike["alpha"], abs=1e-3)
    unlike = reliability(simulated([0.9, 0.8, 0.3, 0.2], 100_000), [f"q{k}" for k in range(4)])
    unlike = unlike.set_index("metric")["estimate"]
    assert unlike["omega"] > unlike["alpha"] + 0.02
    assert unlike["omega"] == pytest.approx(2.2**2 / (2.2**2 + 4 - 1.58), abs=5e-3)


def test_the_one_factor_model_finds_what_made_the_covariances():
    loadings, uniques = np.array([2.0, 1.0, 0.5, -0.3]), np.array([1.0, 0.2, 0.6, 0.9])
    fit = fit_one_factor(np.outer(loadings, loadings) + np.diag(uniques))
    np.testing.assert_allclose(fit.loadings, loadings, atol=1e-6)
    np.testing.assert_allclose(fit.uniques, uniques, atol=1e-6)
    assert fit.discrepancy == pytest.approx(0, abs=1e-10)
    assert fit.proper


def test_the_one_factor_model_is_that_of_scikit_learn():
    from sklearn.decomposition import FactorAnalysis

    frame = simulated([0.8, 0.7, 0.6, 0.5, 0.4], 300)
    peer = FactorAnalysis(1, tol=1e-12, max_iter=50_000, svd_method="lapack").fit(frame)
    fit = fit_one_factor(np.cov(frame.T, ddof=0))
    np.testing.assert_allclose(np.abs(peer.components_[0]), fit.loadings, atol=1e-5)
    np.testing.assert_allclose(peer.noise_variance_, fit.uniques, atol=1e-5)


def test_answers_that_are_missing_are_counted():
    frame = simulated([0.7] * 3, 50).assign(q1=lambda f: f["q1"].where(f.index > 4))
    found = reliability(frame, ["q0", "q1", "q2"])
    assert found["n"].tolist() == [45] * 3
    assert found["n_missing"].tolist() == [5] * 3
    pd.testing.assert_frame_equal(
        found.drop(columns="n_missing"),
        reliability(frame.iloc[5:], ["q0", "q1", "q2"]).drop(columns="n_missing"),
    )


def test_items_are_described():
    frame = pd.DataFrame(
        {"a": [1, 5, 5, 3, 2, np.nan], "b": [2, 4, 5, 3, 1, 3], "c": [5, 4, 3, 3, 5, 1]}
    )
    found = item_statistics(frame, ["a", "b", "c"], scale=(1, 5)).set_index("item")
    assert found.loc["a", ["n", "n_missing"]].tolist() == [5, 1]
    assert found.loc["a", ["floor", "ceiling"]].tolist() == pytest.approx([0.2, 0.4])
    assert found.loc["a", "sd"] == pytest.approx(frame["a"].std())
    whole = frame.dropna()
    assert found.loc["a", "rest"] == pytest.approx(whole["a"].corr(whole["b"] + whole["c"]))
    others = np.column_stack([np.ones(5), whole["b"], whole["c"]])
    fitted = others @ np.linalg.lstsq(others, whole["a"], rcond=None)[0]
    assert found.loc["a", "r_squared"] == pytest.approx(fitted.var() / whole["a"].var(ddof=0))
    alpha = reliability(whole, ["b", "c"])["estimate"].iloc[0]
    assert found.loc["a", "alpha_without"] == pytest.approx(alpha)
    assert np.isnan(item_statistics(whole, ["a", "b"])["alpha_without"]).all()


@pytest.mark.slow
@given(st.lists(st.integers(1, 3), min_size=12, max_size=12))
def test_whole_weights_repeat_rows_for_the_standardised_estimate(weights):
    frame = simulated([0.7, 0.6, 0.5], 12).assign(w=np.array(weights, dtype=float))
    items = ["q0", "q1", "q2"]
    weighted = reliability(frame, items, weight="w").set_index("metric")
    repeated = reliability(frame.loc[frame.index.repeat(weights)], items).set_index("metric")
    for name in ("alpha", "alpha_standardised"):
        assert weighted.loc[name, "estimate"] == pytest.approx(repeated.loc[name, "estimate"])
    assert weighted["n_effective"].iloc[0] <= 12 + 1e-9


def test_frames_of_other_kinds():
    found = reliability(pl.from_pandas(simulated([0.7] * 3, 40)), ["q0", "q1", "q2"])
    assert isinstance(found, pl.DataFrame)
    assert found["metric"].to_list() == ["alpha", "alpha_standardised", "omega"]


@pytest.mark.parametrize(
    ("change", "items", "error", "text"),
    [
        ({}, ["q0"], ParameterError, "two columns or more"),
        ({}, "q0", ParameterError, "two columns or more"),
        ({}, ["q0", "q0"], ParameterError, "each once"),
        ({}, ["q0", "q9"], DataError, "no column 'q9'"),
        ({"q1": 3.0}, ["q0", "q1"], DataError, r"survey\['q1'\] does not vary"),
        ({"q1": np.nan}, ["q0", "q1"], DataError, "0 rows with answers to all of the 2 items"),
    ],
)
def test_scales_that_cannot_be(change, items, error, text):
    with pytest.raises(error, match=text):
        reliability(simulated([0.7] * 3, 20).assign(**change), items)


@pytest.mark.parametrize(
    ("alpha", "people", "items", "low", "high"),
    [
        (0.5917188486, 15, 10, 0.195, 0.840),
        (0.7326608352, 12, 11, 0.435, 0.909),
        (0.8016949153, 12, 11, 0.581, 0.933),
    ],
)
def test_feldts_bounds_are_those_of_pingouin(alpha, people, items, low, high):
    """Answers made to have just this alpha: all correlations equal."""
    r = alpha / (items - (items - 1) * alpha)
    draws = np.random.default_rng(1).normal(size=(people, items))
    draws -= draws.mean(axis=0)
    white = draws @ np.linalg.inv(np.linalg.cholesky(np.cov(draws.T))).T
    wanted = np.linalg.cholesky(np.full((items, items), r) + (1 - r) * np.eye(items))
    frame = pd.DataFrame(white @ wanted.T).rename(columns=lambda k: f"q{k}")
    found = reliability(frame, [f"q{k}" for k in range(items)]).iloc[0]
    assert found["estimate"] == pytest.approx(alpha)
    assert (found["low"], found["high"]) == pytest.approx((low, high), abs=5e-4)


def test_reliability_by_group_and_a_group_that_has_none():
    draw = np.random.default_rng(4)
    level = draw.normal(size=90)
    frame = pd.DataFrame({k: level + draw.normal(size=90) for k in "abc"})
    frame["shop"] = np.repeat(["x", "y", "z"], [40, 47, 3])
    found = reliability(frame, list("abc"), by="shop")
    assert list(found.columns[:3]) == ["shop", "metric", "estimate"]
    alone = reliability(frame[frame["shop"] == "y"], list("abc"))
    mine = found[found["shop"] == "y"].drop(columns="shop").reset_index(drop=True)
    pd.testing.assert_frame_equal(mine, alone)
    lost = found[found["shop"] == "z"]
    assert lost["estimate"].isna().all()
    assert lost["n"].tolist() == [3, 3, 3]
    assert lost["method"].str.contains("more rows than items").all()


def test_items_that_undo_each_other_have_no_alpha():
    frame = pd.DataFrame({"a": [1.0, 2, 3, 4, 5], "b": [5.0, 4, 3, 2, 1]})
    found = reliability(frame, ["a", "b"])
    assert found["estimate"].isna().all()
    assert found["method"].str.contains("does not vary").all()


def test_copies_of_an_item_leave_alpha_and_say_why_there_is_no_omega():
    draw = np.random.default_rng(1)
    frame = pd.DataFrame(draw.normal(size=(60, 1)) + draw.normal(size=(60, 2)), columns=["a", "b"])
    found = reliability(frame.assign(copy=frame["a"]), ["a", "copy", "b"]).set_index("metric")
    assert found.loc["alpha", "estimate"] > 0.7
    assert np.isnan(found.loc["omega", "estimate"])
    assert "copies" in found.loc["omega", "method"]


ITEMS = ["q0", "q1", "q2", "q3"]


def of_shops(shops=40, people=8, seed=0, share=0.5, loadings=(0.8, 0.7, 0.6, 0.5)):
    """Answers whose common factor is in part that of the shop."""
    rng = np.random.default_rng(seed)
    shop = np.repeat(np.arange(shops), people)
    common = np.sqrt(share) * rng.normal(size=shops)[shop]
    common += np.sqrt(1 - share) * rng.normal(size=len(shop))
    noise = rng.normal(size=(len(shop), len(loadings))) * np.sqrt(1 - np.square(loadings))
    answers = common[:, None] * np.array(loadings) + noise
    frame = pd.DataFrame(answers, columns=ITEMS[: len(loadings)])
    return frame.assign(shop=shop, region=shop % 2, w=rng.choice([1.0, 2.0, 3.0], len(shop)))


def test_errors_of_clusters_are_those_of_a_jackknife_that_leaves_them_out():
    frame = of_shops()
    found = reliability(frame, ITEMS, weight="w", clusters="shop").set_index("metric")
    plain = reliability(frame, ITEMS, weight="w").set_index("metric")
    np.testing.assert_allclose(found["estimate"], plain["estimate"], rtol=1e-12)
    left = np.array(
        [
            reliability(frame[frame["shop"] != k], ITEMS, weight="w")["estimate"].to_numpy()
            for k in range(40)
        ]
    )
    jackknife = np.sqrt(39 / 40 * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    np.testing.assert_allclose(found["se"], jackknife, rtol=0.12)
    assert (found["se"] > plain["se"]).all()
    assert ((found["low"] < found["estimate"]) & (found["estimate"] < found["high"])).all()


@pytest.mark.parametrize("standardised", [False, True])
def test_the_influence_of_a_row_is_what_its_weight_changes(standardised):
    frame = of_shops(5)
    values, weight = frame[ITEMS].to_numpy(), frame["w"].to_numpy()

    def alpha(weights):
        found = reliability(frame.assign(w=weights), ITEMS, weight="w")
        return found["estimate"][int(standardised)]

    influence = alpha_influence(values, weight, standardised=standardised)
    for row in (0, 7, 31):
        step = 1e-4 * weight[row] * (np.arange(len(weight)) == row)
        change = (alpha(weight + step) - alpha(weight - step)) / 2e-4
        assert influence[row] == pytest.approx(change, rel=1e-3, abs=1e-8)


def test_the_influence_on_omega_is_what_weights_change_where_the_model_is_right():
    """Covariances that follow the model just so; a row's weight then moves omega as foretold."""
    frame = of_shops(200, 10)
    values = frame[ITEMS].to_numpy()
    loadings = np.array([0.8, 0.7, 0.6, 0.5])
    implied = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    centred = values - values.mean(axis=0)
    white = np.linalg.inv(np.linalg.cholesky(centred.T @ centred / len(values)))
    exact = centred @ white.T @ np.linalg.cholesky(implied).T
    frame[ITEMS] = exact
    weight = np.ones(len(exact))
    fit = fit_one_factor(np.cov(exact.T))
    influence = omega_influence(exact, weight, fit)
    for row in (0, 777):
        step = 0.05 * (np.arange(len(weight)) == row)
        ends = [
            reliability(frame.assign(w=weight + sign * step), ITEMS, weight="w")["estimate"][2]
            for sign in (1, -1)
        ]
        assert influence[row] == pytest.approx((ends[0] - ends[1]) / 0.1, rel=2e-2, abs=1e-8)


def test_copies_of_clusters_members_tell_nothing_new():
    frame = of_shops()
    once = reliability(frame, ITEMS, clusters="shop")
    twice = reliability(pd.concat([frame, frame]), ITEMS, clusters="shop")
    np.testing.assert_allclose(once["se"], twice["se"], rtol=5e-3)
    alone = reliability(frame, ITEMS)
    assert (reliability(pd.concat([frame, frame]), ITEMS)["se"] < 0.75 * alone["se"]).all()


def test_rows_as_clusters_err_as_rows_do():
    frame = of_shops(500, 4, share=0).assign(row=np.arange(2000))
    plain = reliability(frame, ITEMS)
    design = reliability(frame, ITEMS, clusters="row")
    np.testing.assert_allclose(design["se"], plain["se"], rtol=0.06)
    np.testing.assert_allclose(design[["low", "high"]], plain[["low", "high"]], atol=4e-3)


def test_strata_groups_and_clusters_of_the_whole_population():
    frame = of_shops()
    strata = reliability(frame, ITEMS, strata="region", clusters="shop")
    assert strata["method"].str.contains("linearised").all()
    half = reliability(
        frame.assign(shops=40), ITEMS, strata="region", clusters="shop", population="shops"
    )
    np.testing.assert_allclose(half["se"], strata["se"] * np.sqrt(0.5), rtol=1e-9)
    grouped = reliability(frame, ITEMS, strata="region", clusters="shop", by="region")
    first = reliability(frame[frame["region"] == 0], ITEMS, clusters="shop")
    np.testing.assert_allclose(
        grouped[grouped["region"] == 0][["estimate", "se", "low", "high"]],
        first[["estimate", "se", "low", "high"]],
        rtol=1e-9,
    )
    with pytest.raises(DataError, match="but one cluster"):
        reliability(frame.assign(region=frame["shop"]), ITEMS, strata="region", clusters="shop")


def test_two_items_and_items_without_omega_in_a_design(mobi):
    frame = of_shops()
    found = reliability(frame, ["q0", "q1"], clusters="shop")
    assert found["metric"].tolist() == ["alpha", "alpha_standardised"]
    undone = reliability(frame.assign(q1=-frame["q0"]), ["q0", "q1"], clusters="shop")
    assert undone["estimate"].isna().all()
    heywood = reliability(
        mobi.assign(shop=np.arange(len(mobi)) % 25), ["CUSL1", "CUSL2", "CUSL3"], clusters="shop"
    ).set_index("metric")
    assert 0 < heywood.loc["omega", "estimate"] < 1
    assert np.isnan(heywood.loc["omega", "se"])
    copies = reliability(frame.assign(q1=frame["q0"]), ["q0", "q1", "q2"], clusters="shop")
    assert "copies" in copies["method"].iloc[2]


@pytest.mark.slow
def test_intervals_of_clusters_hold_their_level():
    """Of 300 surveys of 40 shops the interval of 90% misses the truth in about 30."""
    loadings = np.array([0.8, 0.7, 0.6, 0.5])
    implied = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    alpha = 4 / 3 * (1 - 4 / implied.sum())
    omega = loadings.sum() ** 2 / implied.sum()
    truth = {"alpha": alpha, "alpha_standardised": alpha, "omega": omega}
    held, plain = dict.fromkeys(truth, 0), dict.fromkeys(truth, 0)
    for seed in range(300):
        frame = of_shops(seed=seed, share=0.8)
        for count, design in ((held, {"clusters": "shop"}), (plain, {})):
            found = reliability(frame, ITEMS, level=0.9, **design).set_index("metric")
            for name, value in truth.items():
                count[name] += found.loc[name, "low"] <= value <= found.loc[name, "high"]
    for name in truth:
        assert held[name] / 300 == pytest.approx(0.9, abs=0.05)
        assert plain[name] < held[name]
