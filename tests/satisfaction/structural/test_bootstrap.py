"""Resamples: right in law, the same for the same seed, failures counted, signs aligned."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest

from crmanalytics.errors import FitError, ParameterError
from crmanalytics.satisfaction import (
    bootstrap_structural,
    fit_structural,
    importance_performance,
    importance_performance_bootstrap,
    index_bootstrap,
    priority_matrix,
    satisfaction_index,
    structural_model,
)
from crmanalytics.satisfaction.structural.answers import Reading, read_answers
from crmanalytics.satisfaction.structural.resampling import (
    left_out_moments,
    resampled_moments,
)

BLOCKS = {"Quality": ["q1", "q2", "q3"], "Value": ["v1", "v2"], "Joy": ["s1", "s2", "s3"]}
MODEL = structural_model(BLOCKS, ["Quality -> Value", "Quality -> Joy", "Value -> Joy"])
PAIR = structural_model({"Q": ["q1"], "S": ["s1"]}, ["Q -> S"])
TIDY = ["metric", "estimate", "se", "low", "high", "n", "n_effective", "n_missing", "method"]


@pytest.fixture(scope="module")
def fit(survey):
    return fit_structural(survey, MODEL)


@pytest.fixture(scope="module")
def resampled(fit, survey):
    return bootstrap_structural(fit, survey, draws=400, seed=1)


def test_resampled_sums_are_those_of_rows_drawn(survey):
    """Weights of 1 row each make a draw a known multiset: its moments are those of its rows."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.integers(1, 11, (5, 2)), columns=["a", "b"])
    answers = read_answers(frame, ["a", "b"], Reading())
    mean, covariance = resampled_moments(answers, draws=300, seed=4)
    values = frame.to_numpy(dtype=float)
    possible = {}
    for index in np.ndindex(*(5,) * 5):
        rows = values[list(index)]
        key = tuple(np.round(rows.mean(axis=0), 9))
        possible.setdefault(key, []).append(np.cov(rows.T))
    for m, found in zip(mean, covariance, strict=True):
        among = possible[tuple(np.round(m, 9))]
        assert min(np.abs(found - each).max() for each in among) < 1e-9


def test_many_rows_in_parts_have_the_law_of_the_whole():
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"a": rng.exponential(size=9000), "b": rng.normal(size=9000)})
    answers = read_answers(frame, ["a", "b"], Reading())
    mean, _ = resampled_moments(answers, draws=3000, seed=5)
    spread = frame.std().to_numpy() / np.sqrt(len(frame))
    assert np.allclose(mean.mean(axis=0), frame.mean(), atol=4 * spread / np.sqrt(3000))
    assert np.allclose(mean.std(axis=0), spread, rtol=0.05)
    assert np.corrcoef(mean.T)[0, 1] == pytest.approx(frame.corr().iloc[0, 1], abs=0.06)


def test_refits_are_fits_to_resamples(fit, survey, resampled):
    """A refit from its moments is the fit that those moments give."""
    from crmanalytics.satisfaction import Moments, fit_structural_moments

    used = resampled.used
    for draw in (0, 17):
        scale = used.deviation[draw]
        covariance = used.correlations[draw] * np.outer(scale, scale)
        moments = Moments.of(MODEL.items, covariance, n=400, mean=used.mean[draw])
        alone = fit_structural_moments(moments, MODEL)
        assert np.allclose(alone.item_weights, used.weights[draw], atol=1e-8)
        assert np.allclose(alone.solution.paths, used.paths[draw], atol=1e-8)


def test_refits_of_items_as_they_vary(survey):
    uneven = survey.assign(q1=3 * survey["q1"])
    fit = fit_structural(uneven, MODEL, standardise=False)
    resampled = bootstrap_structural(fit, uneven, draws=300, seed=1)
    middle = resampled.used.weights.mean(axis=0)
    spread = resampled.used.weights.std(axis=0)
    assert (np.abs(middle - fit.item_weights) < 0.5 * spread).all()
    # the item of thrice the spread has the weight
    assert fit.item_weights[0] > 1.5 * fit.item_weights[1]


def test_same_seed_same_answer_in_any_order_of_rows(fit, survey, resampled):
    again = bootstrap_structural(fit, survey.sample(frac=1, random_state=2), draws=400, seed=1)
    assert np.allclose(again.used.weights, resampled.used.weights, atol=1e-9)
    other = bootstrap_structural(fit, survey, draws=400, seed=2)
    assert not np.allclose(other.used.weights, resampled.used.weights, atol=1e-3)


def test_standard_error_of_a_correlation():
    rng = np.random.default_rng(3)
    n, rho = 2000, 0.6
    q = rng.normal(size=n)
    survey = pd.DataFrame({"q1": q, "s1": rho * q + np.sqrt(1 - rho**2) * rng.normal(size=n)})
    fit = fit_structural(survey, PAIR)
    resampled = bootstrap_structural(fit, survey, draws=2000, seed=1)
    row = resampled.table("paths").query("metric == 'path'").iloc[0]
    expected = (1 - row["estimate"] ** 2) / np.sqrt(n)
    assert row["se"] == pytest.approx(expected, rel=0.08)
    assert row["low"] == pytest.approx(row["estimate"] - 1.96 * expected, abs=0.2 * expected)
    assert row["high"] == pytest.approx(row["estimate"] + 1.96 * expected, abs=0.2 * expected)


@pytest.mark.parametrize(
    "name", ["paths", "effects", "measurement", "r2", "reliability", "htmt", "overall"]
)
def test_every_table_has_intervals(fit, resampled, name):
    found = resampled.table(name)
    labels = [each for each in found.columns if each not in TIDY]
    assert list(found.columns) == labels + TIDY
    plain = fit.table(name)
    wide = found[found["metric"] == plain.columns[len(labels)]]
    assert np.allclose(wide["estimate"], plain.iloc[:, len(labels)])
    sure = found.dropna(subset=["low"])
    assert (sure["low"] <= sure["high"]).all()
    assert found["method"].unique().tolist() == ["bootstrap percentile, 400 of 400 draws"]


def test_kinds_of_intervals(resampled):
    tables = {k: resampled.table("r2", interval=k) for k in ("percentile", "basic", "normal")}
    estimate = tables["basic"]["estimate"]
    mirrored = 2 * estimate - tables["percentile"]["high"]
    assert np.allclose(tables["basic"]["low"], mirrored)
    middle = (tables["normal"]["low"] + tables["normal"]["high"]) / 2
    assert np.allclose(middle, estimate)
    narrow = resampled.table("r2", level=0.5)
    wide = tables["percentile"]
    assert (narrow["high"] - narrow["low"] < wide["high"] - wide["low"]).all()


def test_composites_that_come_out_upside_down_are_turned(survey):
    """Half of the items speak against the construct: its sign is a matter of luck."""
    turned = survey.assign(q1=11 - survey["q1"], q4=11 - survey["q2"])
    blocks = {"Quality": ["q1", "q2", "q3", "q4"], "Joy": ["s1", "s2"]}
    model = structural_model(blocks, ["Quality -> Joy"])
    fit = fit_structural(turned, model)
    resampled = bootstrap_structural(fit, turned, draws=300, seed=1)
    signs = np.sign(resampled.used.weights[:, :4])
    assert (signs == np.sign(fit.item_weights[:4])).all()
    assert (np.sign(resampled.used.paths[:, 0, 1]) == np.sign(fit.paths["path"].iloc[0])).all()


def test_failures_are_counted():
    rng = np.random.default_rng(4)
    rare = np.zeros(40)
    rare[:2] = 1
    survey = pd.DataFrame({"q1": rare, "s1": rng.normal(size=40) + rare})
    fit = fit_structural(survey, PAIR)
    resampled = bootstrap_structural(fit, survey, draws=500, seed=1)
    failures = resampled.failures.set_index("reason")["draws"]
    # neither of two rows of forty is drawn in (38/40)^40 = 12.9% of resamples
    assert failures["an item did not vary"] == pytest.approx(500 * 0.95**40, abs=30)
    assert resampled.size + failures.sum() == 500
    assert f"{resampled.size} of 500" in resampled.table("paths")["method"].iloc[0]


def test_inadmissible_refits_are_left_out_or_kept_as_asked():
    """Two items that hardly agree: corrections for attenuation ask for the impossible."""
    rng = np.random.default_rng(6)
    n = 200
    q = rng.normal(size=n)
    survey = pd.DataFrame({f"q{k}": q + rng.normal(size=n) for k in (1, 2)})
    survey = survey.assign(s1=q + 0.6 * rng.normal(size=n), s2=q + 0.6 * rng.normal(size=n))
    model = structural_model({"Q": ["q1", "q2"], "S": ["s1", "s2"]}, ["Q -> S"])
    fit = fit_structural(survey, model, consistent=True)
    dropped = bootstrap_structural(fit, survey, draws=300, seed=1)
    kept = bootstrap_structural(fit, survey, draws=300, seed=1, inadmissible="keep")
    many = dropped.failed["inadmissible (left out)"]
    assert 0 < many < 300
    assert kept.failed["inadmissible (kept)"] == many
    assert kept.size == dropped.size + many
    assert (np.abs(dropped.used.among) <= 1 + 1e-9).all()


def test_weights_are_carried_along(survey):
    fit = fit_structural(survey, MODEL, weight="w")
    resampled = bootstrap_structural(fit, survey, draws=400, seed=1)
    table = resampled.table("paths").query("metric == 'path'")
    assert (np.abs(resampled.used.paths.mean(axis=0)[0, 1] - table["estimate"].iloc[0])) < 0.02
    effective = survey["w"].sum() ** 2 / (survey["w"] ** 2).sum()
    assert table["n_effective"].iloc[0] == pytest.approx(effective)
    same = bootstrap_structural(
        fit_structural(survey.assign(w=survey["w"] * 7), MODEL, weight="w"),
        survey.assign(w=survey["w"] * 7),
        draws=400,
        seed=1,
    )
    assert np.allclose(same.used.weights, resampled.used.weights, atol=1e-9)


def test_clusters_are_drawn_whole(survey):
    """Ten copies of each respondent in a cluster of their own tell no more than one copy."""
    copies = pd.concat([survey.head(100)] * 10).reset_index(names="who")
    plain = fit_structural(copies, MODEL)
    nested = fit_structural(copies, MODEL, clusters="who")
    few = fit_structural(survey.head(100), MODEL)
    se = {
        name: bootstrap_structural(fit, frame, draws=600, seed=1).table("r2")["se"].iloc[0]
        for name, fit, frame in [
            ("plain", plain, copies),
            ("nested", nested, copies),
            ("few", few, survey.head(100)),
        ]
    }
    assert se["nested"] == pytest.approx(se["few"], rel=0.15)
    assert se["plain"] == pytest.approx(se["few"] / np.sqrt(10), rel=0.15)


def test_strata_keep_their_sizes(survey):
    """The mean of what defines the strata does not vary from draw to draw."""
    half = survey.assign(
        stratum=np.where(survey["q1"] > 7, "high", "low"), q1=np.where(survey["q1"] > 7, 9, 4)
    )
    fit = fit_structural(half, MODEL, strata="stratum")
    resampled = bootstrap_structural(fit, half, draws=50, seed=1)
    assert resampled.used.mean[:, 0].std() < 1e-12
    assert resampled.used.mean[:, 1].std() > 0.01


def test_index_knows_that_weights_are_estimates(survey, fit, resampled):
    how = {"scale": (1, 10), "weights": "unstandardised"}
    found = index_bootstrap(resampled, **how).set_index("construct")
    plain = satisfaction_index(fit, survey, construct="Joy", **how).iloc[0]
    assert found.loc["Joy", "estimate"] == pytest.approx(plain["estimate"])
    assert found.loc["Joy", "se"] == pytest.approx(plain["se"], rel=0.15)
    equal = index_bootstrap(resampled, scale=(1, 10), weights="equal").set_index("construct")
    mean = survey[["s1", "s2", "s3"]].to_numpy().mean()
    assert equal.loc["Joy", "estimate"] == pytest.approx((mean - 1) / 0.09)


def of_metric(found, metric):
    return found[found["metric"] == metric].set_index("attribute").sort_index()


@pytest.mark.parametrize("items", [False, True])
def test_importance_and_performance_have_the_intervals_of_what_they_are(fit, resampled, items):
    how = {"scale": (1, 10), "target": "Joy", "items": items}
    plain = importance_performance(fit, **how).set_index("item" if items else "construct")
    found = importance_performance_bootstrap(resampled, **how)
    for metric in ("importance", "performance"):
        mine = of_metric(found, metric)
        np.testing.assert_allclose(mine["estimate"], plain[metric][mine.index], rtol=1e-12)
        assert (mine["se"] > 0).all()
        assert ((mine["low"] < mine["estimate"]) & (mine["estimate"] < mine["high"])).all()
    chances = found[found["metric"].str.startswith("p_")].groupby("attribute")["estimate"].sum()
    np.testing.assert_allclose(chances, 1.0)
    if items:
        return
    effects = resampled.table("effects").query("metric == 'total_answers' and target == 'Joy'")
    columns = ["estimate", "se", "low", "high"]
    mine = of_metric(found, "importance")
    np.testing.assert_allclose(mine[columns], effects.set_index("source").loc[mine.index, columns])
    index = index_bootstrap(resampled, scale=(1, 10), weights="unstandardised")
    mine = of_metric(found, "performance")
    np.testing.assert_allclose(mine[columns], index.set_index("construct").loc[mine.index, columns])


def test_a_quadrant_is_as_sure_as_the_refits_agree(fit, resampled):
    found = importance_performance_bootstrap(resampled, scale=(1, 10), target="Joy")
    matrix = priority_matrix(found)
    assert matrix["importance"].is_monotonic_decreasing
    drawn = resampled.table("effects").query("metric == 'total_answers' and target == 'Joy'")
    assert set(matrix["attribute"]) == set(drawn["source"]) == {"Quality", "Value"}
    # Quality drives Joy twice as much as Value in every refit: which side of the line is sure
    sides = matrix.set_index("attribute")
    important = sides["p_concentrate_here"] + sides["p_keep_up_the_good_work"]
    assert important["Quality"] > 0.95
    assert important["Value"] < 0.05
    fixed = importance_performance_bootstrap(
        resampled, scale=(1, 10), target="Joy", cut=(0.0, 100.0)
    )
    assert of_metric(fixed, "p_concentrate_here")["estimate"].tolist() == [1.0, 1.0]
    assert fixed["importance_cut"].eq(0).all()
    one = importance_performance_bootstrap(resampled, scale=(1, 10), target="Value")
    assert one["attribute"].unique().tolist() == ["Quality"]
    with pytest.raises(ParameterError, match="nothing drives 'Quality'"):
        importance_performance_bootstrap(resampled, scale=(1, 10), target="Quality")
    with pytest.raises(ParameterError, match="cut must be"):
        importance_performance_bootstrap(resampled, scale=(1, 10), target="Joy", cut="middle")


def test_few_respondents_draw_no_warning():
    """In some resamples a composite goes with nothing: a counted failure."""
    survey = pd.DataFrame(
        {"q": [3, 5, 8, 9, 6, 4, 7], "v": [5, 5, 6, 9, 4, 6, 7], "s": [4, 5, 7, 9, 7, 5, 6]}
    )
    model = structural_model({"Q": ["q"], "V": ["v"], "S": ["s"]}, ["Q -> S", "V -> S"])
    fit = fit_structural(survey, model)
    resampled = bootstrap_structural(fit, survey, draws=400, seed=1)
    assert 0 < resampled.failed["did not settle"] < 100
    assert resampled.size + sum(resampled.failed.values()) == 400


def test_says_what_is_wrong(fit, survey, resampled):
    with pytest.raises(ParameterError, match="draws must be 2"):
        bootstrap_structural(fit, survey, draws=1, seed=1)
    with pytest.raises(ParameterError, match="interval must be"):
        resampled.table("paths", interval="studentised")
    with pytest.raises(ParameterError, match="bca=True"):
        resampled.table("paths", interval="bca")
    with pytest.raises(ParameterError, match="level"):
        resampled.table("paths", level=1.5)
    still = pd.DataFrame({"q1": [0.0] * 30 + [1.0], "s1": np.arange(31.0)})
    alone = fit_structural(still, PAIR)
    with pytest.raises(FitError, match=r"of 2 refits \d can be used"):
        bootstrap_structural(alone, still, draws=2, seed=3)


def _pair(n=60, seed=4):
    rng = np.random.default_rng(seed)
    q = rng.exponential(size=n)
    return pd.DataFrame({"q1": q, "s1": q + rng.exponential(size=n)})


def test_corrected_intervals_are_those_of_another_implementation():
    from scipy.stats import bootstrap

    survey = _pair()
    fit = fit_structural(survey, PAIR)
    resampled = bootstrap_structural(fit, survey, draws=6000, seed=2, bca=True)
    row = resampled.table("paths", interval="bca").iloc[0]
    # older releases of scipy call it otherwise
    known = inspect.signature(bootstrap).parameters
    seed = {"rng" if "rng" in known else "random_state": np.random.default_rng(1)}
    theirs = bootstrap(
        (survey["q1"], survey["s1"]),
        lambda x, y: np.corrcoef(x, y)[0, 1],
        paired=True,
        vectorized=False,
        n_resamples=6000,
        method="BCa",
        **seed,
    ).confidence_interval
    plain = resampled.table("paths").iloc[0]
    assert abs(plain["low"] - row["low"]) > 3 * abs(row["low"] - theirs.low)
    assert row["low"] == pytest.approx(theirs.low, abs=0.02)
    assert row["high"] == pytest.approx(theirs.high, abs=0.01)
    assert row["method"] == "bootstrap bca, 6000 of 6000 draws"


@pytest.mark.parametrize("weight", [None, "w"])
def test_moments_without_each_respondent(weight):
    survey = _pair(12).assign(w=np.arange(12) % 3 + 1.0)
    answers = read_answers(survey, ["q1", "s1"], Reading(weight=weight))
    mean, covariance, parts = left_out_moments(answers, seed=3)
    weights = survey["w"].to_numpy() if weight else np.ones(12)
    expected = []
    for k in range(12):
        kept = np.arange(12) != k
        values = survey[["q1", "s1"]].to_numpy()[kept]
        centre = np.average(values, axis=0, weights=weights[kept])
        cov = np.cov(values.T, aweights=weights[kept], ddof=0) * 12 / 11
        expected.append([*centre, *cov.ravel()])
    found = np.column_stack([mean, covariance.reshape(12, -1)])
    np.testing.assert_allclose(np.sort(found, axis=0), np.sort(expected, axis=0))
    assert parts.size.tolist() == [12] * 12


def test_moments_without_each_cluster_of_a_stratum():
    survey = _pair(12).assign(h=np.repeat(["a", "b"], 6), shop=np.arange(12) // 2)
    answers = read_answers(survey, ["q1", "s1"], Reading(strata="h", clusters="shop"))
    mean, _, parts = left_out_moments(answers, seed=3)
    assert parts.stratum.tolist() == [0, 0, 0, 1, 1, 1]
    totals = survey.groupby(["h", "shop"])["q1"].sum()
    expected = []
    for stratum, other in (("a", "b"), ("b", "a")):
        mine = totals[stratum]
        expected += [((mine.sum() - x) * 3 / 2 + totals[other].sum()) / 12 for x in mine]
    np.testing.assert_allclose(np.sort(mean[:, 0]), np.sort(expected))


def test_corrected_intervals_of_every_table(survey, fit):
    resampled = bootstrap_structural(fit, survey, draws=400, seed=1, bca=True)
    shuffled = survey.sample(frac=1, random_state=5)
    again = bootstrap_structural(fit, shuffled, draws=400, seed=1, bca=True)
    for name in ("paths", "effects", "measurement", "r2", "reliability", "htmt", "overall"):
        found = resampled.table(name, interval="bca")
        sure = found.dropna(subset=["low"])
        assert (sure["low"] <= sure["high"]).all()
        pd.testing.assert_frame_equal(found, again.table(name, interval="bca"))
    index = index_bootstrap(resampled, scale=(1, 10), weights="equal", interval="bca")
    near = index_bootstrap(resampled, scale=(1, 10), weights="equal")
    assert np.allclose(index["low"], near["low"], atol=0.5 * near["se"].max())


def test_parts_stand_for_single_respondents_where_there_are_many(monkeypatch):
    survey = _pair(900, 7)
    fit = fit_structural(survey, PAIR)
    every = bootstrap_structural(fit, survey, draws=3000, seed=1, bca=True)
    monkeypatch.setattr("crmanalytics.satisfaction.structural.resampling._PARTS", 300)
    parts = bootstrap_structural(fit, survey, draws=3000, seed=1, bca=True)
    assert len(every.parts.size) == 900
    assert len(parts.parts.size) == 300
    both = [x.table("paths", interval="bca").iloc[0] for x in (every, parts)]
    assert both[0]["low"] == pytest.approx(both[1]["low"], abs=0.2 * both[0]["se"])
