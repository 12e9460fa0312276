"""The link from satisfaction to loyalty: each form against another way to it, and compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from crmanalytics.errors import ConvergenceError, DataError, FitError, ParameterError
from crmanalytics.loyalty import satisfaction_link

FORMS = ["isotonic", "logistic", "segmented", "ordered"]


def drawn(people=3000, seed=1, chance=lambda s: expit(-2.0 + 0.4 * s)):
    random = np.random.default_rng(seed)
    happy = random.integers(1, 11, people).astype(float)
    return pd.DataFrame({"happy": happy, "again": (random.random(people) < chance(happy)) * 1})


@pytest.fixture(scope="module")
def survey():
    return drawn()


@pytest.fixture(scope="module")
def link(survey):
    return satisfaction_link(survey, "happy", "again")


def estimates(link, form):
    return link.estimates[link.estimates["form"] == form].set_index("metric")


def test_the_logistic_link_is_a_logistic_regression(survey, link):
    theirs = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000)
    theirs.fit(survey[["happy"]].to_numpy(), survey["again"])
    found = estimates(link, "logistic")["estimate"]
    assert found["slope"] == pytest.approx(theirs.coef_[0, 0], rel=1e-5)
    assert found["intercept"] == pytest.approx(theirs.intercept_[0], rel=1e-5)


def test_its_standard_errors_are_those_of_the_information(survey, link):
    table = estimates(link, "logistic")
    design = np.column_stack([np.ones(len(survey)), survey["happy"]])
    chance = expit(design @ table["estimate"].to_numpy())
    information = design.T @ (design * (chance * (1 - chance))[:, None])
    np.testing.assert_allclose(table["se"], np.sqrt(np.diag(np.linalg.inv(information))), rtol=1e-8)


def test_the_isotonic_link_is_an_isotonic_regression(survey, link):
    theirs = IsotonicRegression().fit(survey["happy"], survey["again"])
    np.testing.assert_allclose(
        link.curve["isotonic"], theirs.predict(link.curve["satisfaction"]), atol=1e-12
    )


def test_of_two_outcomes_the_ordered_link_is_the_logistic_one(link):
    np.testing.assert_allclose(link.curve["ordered"], link.curve["logistic"], rtol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_proportional_odds_are_recovered(seed):
    random = np.random.default_rng(seed)
    happy = random.integers(1, 8, 20_000).astype(float)
    cuts, slope = np.array([0.5, 2.0, 3.5, 5.0]), 0.7
    felt = slope * happy + random.logistic(size=len(happy))
    survey = pd.DataFrame({"happy": happy, "again": 1 + (felt[:, None] > cuts).sum(axis=1)})
    link = satisfaction_link(survey, "happy", "again", loyal_from=4, forms=["ordered"])
    found = estimates(link, "ordered")["estimate"]
    assert found["slope"] == pytest.approx(slope, abs=0.03)
    assert found["cut"] == pytest.approx(3.5, abs=0.12)
    np.testing.assert_allclose(
        link.curve["ordered"], expit(slope * link.curve["satisfaction"] - 3.5), atol=0.02
    )


def test_a_break_is_found_with_its_interval():
    bent = drawn(20_000, 3, lambda s: expit(-1.5 + 0.05 * s + 1.2 * np.maximum(s - 7, 0)))
    link = satisfaction_link(bent, "happy", "again", forms=["logistic", "segmented"])
    found = estimates(link, "segmented").loc["break"]
    assert found["low"] <= 7.0 <= found["high"]
    assert found["high"] - found["low"] < 1.5
    assert link.comparison["form"].iloc[0] == "segmented"


def test_the_true_form_is_rarely_beaten(link):
    table = link.comparison.set_index("form")
    assert table["log_score"].is_monotonic_decreasing
    assert table.loc["logistic", "log_score"] >= table["log_score"].max() - 2 * table["se"].max()
    np.testing.assert_allclose(
        table["aic"], 2 * table["parameters"] - 2 * table["log_likelihood"], rtol=1e-12
    )
    assert table.loc["isotonic", "log_likelihood"] >= table.loc["logistic", "log_likelihood"]
    assert table.loc["segmented", "log_likelihood"] >= table.loc["logistic", "log_likelihood"]


def test_neither_the_order_of_rows_nor_the_kind_of_frame_matters(survey, link):
    mixed = satisfaction_link(
        pl.from_pandas(survey.sample(frac=1, random_state=2)), "happy", "again"
    )
    pd.testing.assert_frame_equal(mixed.curve, link.curve)
    pd.testing.assert_frame_equal(mixed.comparison, link.comparison)


def test_equal_weights_change_nothing(survey, link):
    weighted = satisfaction_link(survey.assign(w=3.0), "happy", "again", weight="w")
    pd.testing.assert_frame_equal(weighted.curve, link.curve)
    for far in (1e250, 1e-250):
        same = satisfaction_link(survey.assign(w=far), "happy", "again", weight="w")
        pd.testing.assert_frame_equal(same.comparison, link.comparison)
        pd.testing.assert_frame_equal(same.estimates, link.estimates)


def test_chances_of_customers_are_those_of_the_best_form(link):
    customers = pd.DataFrame({"s": [1.0, None, 10.0]}, index=[5, 6, 7])
    best = link.comparison["form"].iloc[0]
    found = link.probability(customers, "s")
    assert found.index.tolist() == [5, 6, 7]
    assert found.iloc[0] == pytest.approx(link.curve[best].iloc[0])
    assert np.isnan(found.iloc[1])
    for form in FORMS:
        given = link.probability(customers, "s", form)
        assert given.dropna().between(0, 1).all()
    with pytest.raises(ParameterError, match="form must be"):
        link.probability(customers, "s", "cubic")


def test_bad_input_is_told(survey):
    with pytest.raises(ParameterError, match="forms"):
        satisfaction_link(survey, "happy", "again", forms=["cubic"])
    with pytest.raises(ParameterError, match="folds"):
        satisfaction_link(survey, "happy", "again", folds=1)
    with pytest.raises(FitError, match="no link"):
        satisfaction_link(survey.assign(again=1), "happy", "again")
    with pytest.raises(DataError):
        satisfaction_link(survey, "happy", "returned")
    few = survey[survey["happy"] <= 3]
    with pytest.raises(FitError, match="4 levels"):
        satisfaction_link(few, "happy", "again", forms=["segmented"])
    parted = survey.assign(again=(survey["happy"] > 5).astype(int))
    with pytest.raises(ConvergenceError, match="perfectly"):
        satisfaction_link(parted, "happy", "again", forms=["logistic"])
    with pytest.raises(ConvergenceError, match="ordered"):
        satisfaction_link(parted, "happy", "again", forms=["ordered"])


def test_a_rare_level_where_nobody_is_loyal_does_not_spoil_the_break():
    happy = np.repeat(np.arange(8), [2, 3, 60, 80, 100, 100, 100, 60])
    loyal = np.concatenate(
        [
            (np.arange(size) < round(share * size)).astype(int)
            for size, share in zip(
                [2, 3, 60, 80, 100, 100, 100, 60],
                [0, 0, 0.2, 0.2, 0.2, 0.4, 0.65, 0.8],
                strict=True,
            )
        ]
    )
    survey = pd.DataFrame({"happy": happy, "loyal": loyal})
    found = satisfaction_link(survey, "happy", "loyal", forms=["segmented"])
    row = found.estimates.set_index("metric").loc["break"]
    assert 3 <= row["estimate"] <= 5
    assert row["low"] <= row["estimate"] <= row["high"]


def test_of_two_outcomes_the_ordered_form_is_the_logistic_one_with_its_errors():
    draw = np.random.default_rng(4)
    happy = draw.integers(1, 6, 500)
    again = (draw.random(500) < expit(happy - 3.0)).astype(int)
    survey = pd.DataFrame({"happy": happy, "again": again})
    found = satisfaction_link(survey, "happy", "again", forms=["ordered", "logistic"])
    rows = found.estimates.set_index(["form", "metric"])
    same = {"slope": ("slope", 1), "cut": ("intercept", -1)}
    for name, (other, sign) in same.items():
        one, two = rows.loc[("ordered", name)], rows.loc[("logistic", other)]
        assert one["estimate"] == pytest.approx(sign * two["estimate"], abs=1e-5)
        assert one["se"] == pytest.approx(two["se"], rel=1e-4)
        assert one["low"] < one["estimate"] < one["high"]


def test_the_slope_of_the_ordered_form_is_as_uncertain_as_a_bootstrap_says():
    draw = np.random.default_rng(5)
    happy = draw.integers(1, 6, 400)
    intent = np.clip(np.round(happy + draw.logistic(0, 1.2, 400)), 1, 5)
    survey = pd.DataFrame({"happy": happy, "intent": intent})
    arguments = {"loyal_from": 4, "forms": ["ordered"], "folds": 2}
    row = satisfaction_link(survey, "happy", "intent", **arguments).estimates.iloc[0]
    drawn = [
        satisfaction_link(
            survey.iloc[draw.integers(0, 400, 400)], "happy", "intent", **arguments
        ).estimates["estimate"][0]
        for _ in range(150)
    ]
    assert row["se"] == pytest.approx(np.std(drawn), rel=0.25)


GROUPS = ["north", "south"]


@pytest.fixture(scope="module")
def regions():
    parts = [
        drawn(800, 4).assign(region="north"),
        drawn(900, 5, lambda s: expit(-4 + 0.6 * s)).assign(region="south"),
        drawn(30, 6).assign(region="west", again=1),
        drawn(40, 7).assign(region=None),
    ]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def by_region(regions):
    return satisfaction_link(regions, "happy", "again", by="region", forms=["isotonic", "logistic"])


def test_each_group_has_a_link_of_its_own(regions, by_region):
    for name in GROUPS:
        alone = satisfaction_link(
            regions[regions["region"] == name], "happy", "again", forms=["isotonic", "logistic"]
        )
        for table in ("curve", "comparison", "estimates"):
            whole = getattr(by_region, table)
            mine = whole[whole["region"] == name].reset_index(drop=True)
            pd.testing.assert_frame_equal(
                mine[getattr(alone, table).columns], getattr(alone, table), check_dtype=False
            )


def test_a_group_without_a_link_says_why_and_stops_nobody(by_region):
    table = by_region.comparison
    west = table[table["region"] == "west"]
    assert west["reason"].str.contains("everybody").all()
    assert west["log_score"].isna().all()
    assert table.loc[table["region"] == "north", "reason"].isna().all()
    assert by_region.groups["west",].best is None
    assert list(by_region.groups) == [("north",), ("south",), ("west",), (None,)]


def test_customers_get_the_chance_of_their_group(by_region):
    customers = pd.DataFrame(
        {"region": ["south", "north", "west", "east", None], "happy": [8.0, 8.0, 8.0, 8.0, 8.0]}
    )
    found = by_region.probability(customers, "happy")
    for k, name in ((0, "south"), (1, "north"), (4, None)):
        one = by_region.groups[name,]
        expected = one.forms[one.best].probability(np.array([8.0]))
        assert found[k] == pytest.approx(float(expected[0]))
    assert found[[2, 3]].isna().all()
    polars = by_region.probability(pl.from_pandas(customers), "happy", "logistic")
    assert polars.drop_nans().drop_nulls().len() == 3


def test_uneven_weights_make_errors_wider():
    survey = drawn(2000, 8)
    weights = np.where(np.arange(len(survey)) % 2, 1.0, 9.0)
    weighted = satisfaction_link(
        survey.assign(w=weights), "happy", "again", weight="w", forms=["logistic"]
    )
    found = estimates(weighted, "logistic")
    effective = weights.sum() ** 2 / (weights**2).sum()
    assert found["n"].tolist() == [2000, 2000]
    assert found["n_effective"].tolist() == pytest.approx([effective] * 2)
    plain = estimates(satisfaction_link(survey, "happy", "again", forms=["logistic"]), "logistic")
    assert found.loc["slope", "se"] == pytest.approx(
        plain.loc["slope", "se"] * np.sqrt(2000 / effective), rel=0.1
    )


def test_groups_of_nobody(survey):
    nobody = survey.assign(region="x").head(0)
    link = satisfaction_link(nobody, "happy", "again", by="region")
    assert link.groups == {}
    assert "region" in link.comparison
    with pytest.raises(FitError, match="folds"):
        satisfaction_link(survey.head(4), "happy", "again")


@pytest.mark.slow
def test_slopes_around_a_break_know_that_it_is_estimated_too():
    """Of 200 samples the interval of 90% misses the change of slope in about 20."""
    truth = {"slope": 0.1, "change of slope": 1.0, "break": 6.0}
    held = dict.fromkeys(truth, 0)
    for seed in range(200):
        bent = drawn(1500, seed, lambda s: expit(-1.5 + 0.1 * s + np.maximum(s - 6, 0)))
        link = satisfaction_link(bent, "happy", "again", forms=["segmented"], folds=2, level=0.9)
        found = estimates(link, "segmented")
        for name, value in truth.items():
            held[name] += found.loc[name, "low"] <= value <= found.loc[name, "high"]
    np.testing.assert_allclose([each / 200 for each in held.values()], 0.9, atol=0.07)
