"""The European index of mobile-phone users, as several independent programs agree on it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmanalytics.satisfaction import (
    bootstrap_structural,
    ecsi,
    fit_structural,
    fit_structural_moments,
    importance_performance,
    index_bootstrap,
    refitted_effect_sizes,
    satisfaction_index,
    structural_model,
)
from crmanalytics.satisfaction.structural.scores import index_weights

#: Path coefficients by scheme, and of consistent PLS: seminr, cSEM, semPLS and plspm.
PATHS = pd.DataFrame(
    [
        ["Image", "Expectation", 0.5049139336, 0.5049431219, 0.5047056651, 0.8632932243],
        ["Image", "Satisfaction", 0.1787395001, 0.1785927020, 0.1788334166, 0.1499129290],
        ["Image", "Loyalty", 0.1957553331, 0.1958196098, 0.1953597712, -0.0909719788],
        ["Expectation", "Quality", 0.5567489624, 0.5567590955, 0.5572478394, 0.8710156623],
        ["Expectation", "Value", 0.0499883925, 0.0501782100, 0.0507875221, -0.0542254590],
        ["Expectation", "Satisfaction", 0.0625228695, 0.0649436502, 0.0644253421, 0.0267459799],
        ["Quality", "Value", 0.5583043795, 0.5577623657, 0.5572168779, 0.7213386810],
        ["Quality", "Satisfaction", 0.5120239400, 0.5129746820, 0.5125452918, 0.6693203538],
        ["Value", "Satisfaction", 0.1947651042, 0.1914452384, 0.1918156665, 0.1782657589],
        ["Satisfaction", "Complaints", 0.5280662463, 0.5258565167, 0.5260973122, 0.5944590636],
        ["Satisfaction", "Loyalty", 0.4854776236, 0.4830591539, 0.4834745779, 0.9615201304],
        ["Complaints", "Loyalty", 0.0669260690, 0.0703106219, 0.0712324234, -0.0392251230],
    ],
    columns=["source", "target", "path", "factorial", "centroid", "consistent"],
)
#: Item: weight, loading.
MEASUREMENT = {
    "IMAG1": (0.301312155028411, 0.745208072912949),
    "IMAG2": (0.259691153052593, 0.599200382471534),
    "IMAG3": (0.217923053132011, 0.576358953065159),
    "IMAG4": (0.328503566516196, 0.768761659165522),
    "IMAG5": (0.324681406422246, 0.744452429374381),
    "CUEX1": (0.521180678858357, 0.77076716903232),
    "CUEX2": (0.473679656202755, 0.691245474013755),
    "CUEX3": (0.445634241589667, 0.607812640593405),
    "PERQ1": (0.213175042168097, 0.803178125267657),
    "PERQ2": (0.144721694382767, 0.638146439777289),
    "PERQ3": (0.200017711320445, 0.783746918348658),
    "PERQ4": (0.17939946745695, 0.769479738789214),
    "PERQ5": (0.17863569156493, 0.754721358853526),
    "PERQ6": (0.179120737056174, 0.774643309682286),
    "PERQ7": (0.21548152497645, 0.779864828705122),
    "PERV1": (0.479282452283567, 0.902211201206698),
    "PERV2": (0.604056019821714, 0.939624777144796),
    "CUSA1": (0.364864858320206, 0.792412434110372),
    "CUSA2": (0.383156041120829, 0.847021459835082),
    "CUSA3": (0.450961200721566, 0.856692681286538),
    "CUSCO": (1.0, 1.0),
    "CUSL1": (0.460664728419478, 0.820413196007857),
    "CUSL2": (0.114269525625844, 0.202021709399003),
    "CUSL3": (0.654310585650236, 0.915436286843638),
}
#: Construct: alpha, alpha of the answers as given, rho_A, rho_C, AVE.
RELIABILITY = {
    "Image": (0.722834595427, 0.714446802043, 0.740328516389, 0.818878673073, 0.478353944254),
    "Expectation": (0.451902555978, 0.432596843807, 0.462054887723, 0.733235558500, 0.480446180089),
    "Quality": (0.877010245240, 0.872406371430, 0.884246470669, 0.904692421911, 0.576650002533),
    "Value": (0.823631979353, 0.816694539035, 0.854996336791, 0.917975411373, 0.848439886704),
    "Satisfaction": (
        0.779195021919,
        0.770113108282,
        0.789101576197,
        0.871253232708,
        0.693095056441,
    ),
    "Complaints": (1.0, 1.0, 1.0, 1.0, 1.0),
    "Loyalty": (0.472398962898, 0.441717198383, 0.745733723580, 0.721705555704, 0.517304726174),
}
R2 = {
    "Expectation": 0.254938080373,
    "Quality": 0.309969407083,
    "Value": 0.345278941898,
    "Satisfaction": 0.681078291389,
    "Complaints": 0.278853960436,
    "Loyalty": 0.456944454679,
}
HTMT = {
    ("Image", "Expectation"): 0.88803042750925,
    ("Image", "Quality"): 0.928706389461735,
    ("Expectation", "Quality"): 0.878336874197207,
    ("Image", "Value"): 0.651659392487802,
    ("Quality", "Value"): 0.673251989368683,
    ("Image", "Satisfaction"): 0.910100923782741,
    ("Quality", "Satisfaction"): 0.95363601193348,
    ("Value", "Satisfaction"): 0.740808927759395,
    ("Image", "Complaints"): 0.544731346013021,
    ("Satisfaction", "Complaints"): 0.58817323350608,
    ("Quality", "Loyalty"): 0.759320187689022,
    ("Value", "Loyalty"): 0.797316589256071,
    ("Satisfaction", "Loyalty"): 0.956645674591453,
    ("Complaints", "Loyalty"): 0.561258539823948,
}
TOTAL = {
    ("Image", "Quality"): 0.281110308626275,
    ("Image", "Satisfaction"): 0.389726647151981,
    ("Image", "Loyalty"): 0.398732384192997,
    ("Expectation", "Satisfaction"): 0.417867547279263,
    ("Expectation", "Loyalty"): 0.217633367152777,
    ("Quality", "Satisfaction"): 0.620762150679341,
    ("Quality", "Complaints"): 0.327803538727725,
    ("Value", "Loyalty"): 0.101437371015667,
    ("Satisfaction", "Loyalty"): 0.520819021648818,
}
#: f2 where the model is estimated again without the path.
F2 = [
    0.342170326595843, 0.0425212854465763, 0.0307542365838185, 0.449211107832199,
    0.00253021290060115, 0.0080976133492807, 0.328670595251121, 0.285027940994531,
    0.0760990757597139, 0.386681677687206, 0.206247012930259, 0.00701415147972588,
]  # fmt: skip
MEANS = [
    7.61751836248, 7.52264357943, 7.74789102105, 6.61120815340, 7.52087061376, 7.068, 7.38224682085,
]  # fmt: skip


@pytest.fixture(scope="module")
def fit(mobi):
    return fit_structural_moments(mobi, ecsi())


def by(frame, *keys):
    return frame.set_index(list(keys))


@pytest.mark.parametrize(
    ("scheme", "tolerance", "within"),
    [
        ("path", 1e-10, 1e-9),
        # published from iterations that stopped early: as here, where they stop as early ...
        ("centroid", 1e-4, 1e-9),
        # ... and close to the limit, where they do not
        ("centroid", 1e-10, 1.5e-7),
        ("factorial", 1e-10, 1.5e-7),
    ],
)
def test_path_coefficients(mobi, scheme, tolerance, within):
    found = fit_structural_moments(mobi, ecsi(), scheme=scheme, tolerance=tolerance).paths
    assert found[["source", "target"]].equals(PATHS[["source", "target"]])
    assert np.allclose(found["path"], PATHS[scheme], rtol=0, atol=within)


def test_consistent_path_coefficients_are_reported_as_impossible(mobi):
    found = fit_structural_moments(mobi, ecsi(), consistent=True)
    assert np.allclose(found.paths["path"], PATHS["consistent"], rtol=0, atol=1e-8)
    assert by(found.r2, "construct").loc["Satisfaction", "r2"] == pytest.approx(
        0.927318830912, abs=1e-9
    )
    broken = found.admissibility.query("~holds")["check"].tolist()
    assert broken == ["correlations of constructs have no negative eigenvalue"]
    assert not found.admissible


def test_weights_and_loadings(fit):
    found = by(fit.measurement, "item")
    for item, (weight, loading) in MEASUREMENT.items():
        assert found.loc[item, "weight"] == pytest.approx(weight, abs=1e-9)
        assert found.loc[item, "loading"] == pytest.approx(loading, abs=1e-9)


def test_own_loadings_are_among_the_crossloadings(fit):
    own = fit.measurement.set_index("item")["loading"]
    for _, row in fit.crossloadings.iterrows():
        assert row[row["construct"]] == pytest.approx(own[row["item"]], abs=1e-12)
        assert abs(row[list(ecsi().constructs)].astype(float)).max() <= 1 + 1e-12


def test_reliability(fit):
    found = by(fit.reliability, "construct")[["alpha", "alpha_raw", "rho_a", "rho_c", "ave"]]
    for name, values in RELIABILITY.items():
        assert found.loc[name].tolist() == pytest.approx(values, abs=1e-9)


def test_explained_variance_and_fit(fit):
    found = by(fit.r2, "construct")
    for name, value in R2.items():
        assert found.loc[name, "r2"] == pytest.approx(value, abs=1e-9)
    assert found.loc["Satisfaction", "r2_adjusted"] == pytest.approx(
        1 - (1 - R2["Satisfaction"]) * 249 / 245
    )
    overall = fit.overall.iloc[0]
    assert overall["srmr"] == pytest.approx(0.132786443292, abs=1e-9)
    assert overall["gof"] == pytest.approx(0.471752577172, abs=1e-9)
    assert overall["srmr_saturated"] < overall["srmr"]


def test_heterotrait_monotrait(fit):
    found = by(fit.htmt, "first", "second")
    for pair, value in HTMT.items():
        assert found.loc[pair, "htmt"] == pytest.approx(value, abs=1e-12)
    assert found.loc[("Quality", "Loyalty"), "htmt_signed"] == pytest.approx(0.723468137163)
    assert found.loc[("Image", "Satisfaction"), "htmt2"] == pytest.approx(0.911620822278)
    assert np.isnan(found.loc[("Quality", "Loyalty"), "htmt2"])


def test_effects(fit):
    found = by(fit.effects, "source", "target")
    for pair, value in TOTAL.items():
        assert found.loc[pair, "total"] == pytest.approx(value, abs=1e-9)
    assert np.allclose(found["direct"] + found["indirect"], found["total"])
    on_answers = found["total_answers"]
    assert on_answers[("Quality", "Satisfaction")] == pytest.approx(0.639795282736, abs=1e-9)
    assert on_answers[("Image", "Loyalty")] == pytest.approx(0.643221415747, abs=1e-9)


def test_effect_sizes(fit):
    refitted = refitted_effect_sizes(fit)
    assert refitted["f2_refitted"].tolist() == pytest.approx(F2, abs=1e-8)
    # scores that are held fixed lose nearly as much
    assert np.allclose(fit.paths["f2"], refitted["f2_refitted"], atol=0.005)


@pytest.mark.parametrize(
    ("rule", "index"),
    [("unstandardised", 72.454117931), ("standardised", 71.782433731), ("equal", 71.970370)],
)
def test_three_indices_of_one_survey(fit, shared_data, rule, index):
    survey = pd.read_csv(shared_data("mobi.csv"))
    found = satisfaction_index(fit, survey, scale=(1, 10), weights=rule)
    assert found["estimate"].tolist() == pytest.approx([index], abs=1e-6)
    assert found["low"].iloc[0] < index < found["high"].iloc[0]
    groups = survey.assign(unit=np.where(np.arange(250) < 100, "a", "b"))
    apart = satisfaction_index(fit, groups, scale=(1, 10), weights=rule, by="unit")
    assert np.average(apart["estimate"], weights=apart["n"]) == pytest.approx(index, abs=1e-6)


def test_means_and_weights_of_answers(fit, mobi):
    weights = index_weights(fit, "unstandardised")
    assert weights[17:20].tolist() == pytest.approx(
        [0.383633977321, 0.281550101070, 0.334815921609], abs=1e-9
    )
    found = importance_performance(fit, scale=(1, 10)).set_index("construct")
    means = dict(zip(ecsi().constructs, MEANS, strict=True))
    for name in found.index:
        assert found.loc[name, "performance"] == pytest.approx((means[name] - 1) / 0.09, abs=1e-7)
    assert found.index[0] == "Quality"
    by_item = importance_performance(fit, scale=(1, 10), items=True)
    sums = by_item.groupby("construct")["importance"].sum()
    assert np.allclose(sums[found.index], found["importance"])


def test_the_survey_itself_gives_what_its_sums_give(fit, shared_data):
    survey = pd.read_csv(shared_data("mobi.csv"))
    found = fit_structural(survey, ecsi(), scale=(1, 10))
    assert np.allclose(found.item_weights, fit.item_weights, rtol=0, atol=1e-12)
    # cutting the rows up differently sums them in another order
    mixed = fit_structural(survey.sample(frac=1, random_state=1), ecsi())
    assert np.allclose(mixed.item_weights, fit.item_weights, rtol=0, atol=1e-12)


def test_bootstrap_is_like_the_published_one(shared_data):
    survey = pd.read_csv(shared_data("mobi.csv"))
    fit = fit_structural(survey, ecsi())
    resampled = bootstrap_structural(fit, survey, draws=2000, seed=123)
    assert resampled.failures["draws"].sum() == 0
    found = resampled.table("paths").query("metric == 'path'").set_index(["source", "target"])
    published = {  # seminr, 500 draws: standard deviation, 2.5% and 97.5%
        ("Image", "Expectation"): (0.055, 0.407, 0.618),
        ("Quality", "Satisfaction"): (0.066, 0.377, 0.635),
        ("Satisfaction", "Loyalty"): (0.083, 0.319, 0.637),
        ("Complaints", "Loyalty"): (0.061, -0.043, 0.201),
    }
    for pair, (se, low, high) in published.items():
        assert found.loc[pair, "se"] == pytest.approx(se, rel=0.1)
        assert found.loc[pair, "low"] == pytest.approx(low, abs=0.3 * se)
        assert found.loc[pair, "high"] == pytest.approx(high, abs=0.4 * se)
    index = index_bootstrap(resampled, scale=(1, 10), weights="unstandardised")
    row = index.set_index("construct").loc["Satisfaction"]
    assert row["estimate"] == pytest.approx(72.454117931, abs=1e-6)
    plain = satisfaction_index(fit, survey, scale=(1, 10), weights="unstandardised").iloc[0]
    # that the weights are estimates adds little to how far the mean answers may be off
    assert row["se"] == pytest.approx(plain["se"], rel=0.15)


SMALL = {
    "Image": [f"IMAG{k}" for k in range(1, 6)],
    "Expectation": [f"CUEX{k}" for k in range(1, 4)],
    "Value": ["PERV1", "PERV2"],
    "Satisfaction": [f"CUSA{k}" for k in range(1, 4)],
}
TO_SATISFACTION = [(name, "Satisfaction") for name in ("Image", "Expectation", "Value")]


def test_smaller_model(mobi):
    found = fit_structural_moments(mobi, structural_model(SMALL, TO_SATISFACTION))
    assert found.r2.iloc[0, 1:].tolist() == pytest.approx(
        [0.590603320426892, 0.585610677993074], abs=1e-7
    )
    assert found.paths["f2"].iloc[0] == pytest.approx(0.303554364141901, abs=2e-3)
    image = found.reliability.set_index("construct").loc["Image"]
    assert image[["alpha", "rho_c", "ave", "rho_a"]].tolist() == pytest.approx(
        [0.722834595427083, 0.818325774056256, 0.477979834838268, 0.745291554480322], abs=1e-7
    )


def test_smaller_consistent_model(mobi):
    model = structural_model(SMALL, TO_SATISFACTION)
    found = fit_structural_moments(mobi, model, scheme="factorial", consistent=True)
    assert found.reliability["rho_a"].tolist() == pytest.approx(
        [0.745259028158099, 0.461548791591939, 0.857578544960532, 0.782558691647281], abs=1e-7
    )
    assert found.r2["r2"].iloc[0] == pytest.approx(0.885707115746682, abs=1e-3)


#: plspm 0.5.7, iterated until nothing moves: path coefficients in the order of the paths.
LIMITS = {
    ("centroid", True, "A"): [
        0.504705638606, 0.178833482336, 0.195359702199, 0.557247856077, 0.05078755156,
        0.064425339221, 0.557216857956, 0.512545241596, 0.191815664363, 0.526097307138,
        0.483474722835, 0.07123241243,
    ],
    ("path", True, "B"): [
        0.504270232689, 0.161038478767, 0.195956782547, 0.556732672169, 0.039408917796,
        0.052377246349, 0.579171087083, 0.562006474136, 0.169714045878, 0.52812486971,
        0.485273996367, 0.066907134871,
    ],
    ("centroid", False, "A"): [
        0.493052154824, 0.152689112466, 0.212258513856, 0.545107750516, 0.065901114845,
        0.037086229002, 0.540291209968, 0.544404314475, 0.199708449549, 0.540028342829,
        0.465496478196, 0.049996046259,
    ],
    ("path", False, "A"): [
        0.493647731089, 0.152873197983, 0.213980251939, 0.544884289501, 0.06528364211,
        0.035420388185, 0.541411444395, 0.542935957654, 0.202176792116, 0.54122181011,
        0.466006921784, 0.045422167782,
    ],
    ("factorial", False, "A"): [
        0.493639637876, 0.15266452096, 0.21289488773, 0.544879699279, 0.065417495813,
        0.03761095778, 0.540832193937, 0.544349752123, 0.199612198635, 0.539916610555,
        0.465086988359, 0.048731555267,
    ],
    ("centroid", False, "B"): [
        0.491284730888, 0.134744076652, 0.212366918564, 0.559015517464, 0.044882547382,
        0.020374285256, 0.56517316996, 0.585540080889, 0.182892495813, 0.539949372171,
        0.465280951155, 0.050095393069,
    ],
}  # fmt: skip


@pytest.mark.parametrize(("scheme", "standardise", "mode"), LIMITS)
def test_limits_of_the_iterations(mobi, scheme, standardise, mode):
    """Quality by either mode, items as they vary or made alike."""
    found = fit_structural_moments(
        mobi,
        ecsi(modes={"Quality": mode}),
        scheme=scheme,
        standardise=standardise,
        tolerance=1e-13,
    )
    expected = LIMITS[scheme, standardise, mode]
    assert found.paths["path"].tolist() == pytest.approx(expected, abs=1e-10)


def test_items_as_they_vary(mobi):
    found = fit_structural_moments(mobi, ecsi(), scheme="centroid", standardise=False)
    table = found.measurement.set_index("item")
    loadings = {
        "IMAG1": 0.716751246157,
        "CUSA1": 0.710656680878,
        "CUSA3": 0.884708466601,
        "CUSL2": 0.273436692077,
    }
    for item, loading in loadings.items():
        assert table.loc[item, "loading"] == pytest.approx(loading, abs=1e-9)
    # the weights of answers are in proportion to those published
    published = np.array([0.175859213224, 0.256827110872, 0.292848252181])
    assert table.loc[["CUSA1", "CUSA2", "CUSA3"], "answer_weight"].tolist() == pytest.approx(
        (published / published.sum()).tolist(), abs=1e-9
    )
    assert found.overall["gof"].iloc[0] == pytest.approx(0.46453447753188, abs=1e-9)
