"""The link in samples with strata, clusters and raked weights: errors that know of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.special import expit

from crmanalytics.errors import DataError, FitError
from crmanalytics.loyalty import satisfaction_link
from crmanalytics.surveys import rake

TABLES = ("curve", "comparison", "estimates")


def of_shops(shops=40, people=12, seed=0, mood=1.0, bend=0.0):
    """Customers of shops that differ in how loyal theirs are."""
    draw = np.random.default_rng(seed)
    shop = np.repeat(np.arange(shops), people)
    happy = draw.integers(1, 8, len(shop)).astype(float)
    felt = (
        0.6 * happy - 3.0 + bend * np.maximum(happy - 5, 0) + mood * draw.normal(size=shops)[shop]
    )
    intent = 1 + ((felt + draw.logistic(size=len(shop)))[:, None] > [-1, 0, 1]).sum(axis=1)
    return pd.DataFrame(
        {
            "happy": happy,
            "intent": intent,
            "again": (intent >= 3).astype(int),
            "shop": shop,
            "region": shop % 2,
            "w": draw.choice([1.0, 2.0], len(shop)),
        }
    )


def named(link, form):
    table = link.estimates
    return table[table["form"] == form].set_index("metric")


@pytest.mark.parametrize("form", ["logistic", "ordered"])
def test_errors_of_clusters_are_those_of_a_jackknife_that_leaves_them_out(form):
    frame = of_shops()
    asked = {"loyal_from": 3, "forms": [form], "weight": "w"}
    found = named(satisfaction_link(frame, "happy", "intent", clusters="shop", **asked), form)
    left = np.array(
        [
            satisfaction_link(frame[frame["shop"] != k], "happy", "intent", **asked)
            .estimates["estimate"]
            .to_numpy()
            for k in range(40)
        ]
    )
    jackknife = np.sqrt(39 / 40 * ((left - left.mean(axis=0)) ** 2).sum(axis=0))
    np.testing.assert_allclose(found["se"], jackknife, rtol=0.06)
    assert found["method"].eq("student, linearised").all()


def test_of_two_outcomes_the_ordered_form_errs_as_the_logistic_one():
    link = satisfaction_link(
        of_shops(), "happy", "again", clusters="shop", forms=["ordered", "logistic"]
    )
    one, two = named(link, "ordered"), named(link, "logistic")
    assert one.loc["slope", "se"] == pytest.approx(two.loc["slope", "se"], rel=1e-4)
    assert one.loc["cut", "se"] == pytest.approx(two.loc["intercept", "se"], rel=1e-4)


def test_rows_as_clusters_err_nearly_as_rows():
    frame = of_shops(300, mood=0.0).assign(row=range(3600))
    plain = satisfaction_link(frame, "happy", "again")
    design = satisfaction_link(frame, "happy", "again", clusters="row")
    np.testing.assert_allclose(design.estimates["se"], plain.estimates["se"], rtol=0.05)
    np.testing.assert_allclose(
        design.estimates[["low", "high"]], plain.estimates[["low", "high"]], atol=0.03
    )
    pd.testing.assert_frame_equal(
        design.comparison.drop(columns=["aic", "se"]), plain.comparison.drop(columns=["aic", "se"])
    )
    assert design.comparison["aic"].isna().all()


def test_copies_of_customers_within_their_cluster_tell_nothing_new():
    frame = of_shops(120, 8, mood=0.0, bend=1.0).assign(row=range(960))
    copies = pd.concat([frame] * 4, ignore_index=True)
    once = satisfaction_link(frame, "happy", "again", clusters="row", forms=["segmented"])
    often = satisfaction_link(copies, "happy", "again", clusters="row", forms=["segmented"])
    columns = ["estimate", "se", "low", "high", "n_effective"]
    pd.testing.assert_frame_equal(often.estimates[columns], once.estimates[columns], rtol=1e-4)
    columns = ["share", "low", "high", "n_effective"]
    pd.testing.assert_frame_equal(often.curve[columns], once.curve[columns], rtol=1e-2)
    wide, narrow = once.estimates.iloc[3], satisfaction_link(copies, "happy", "again").estimates
    narrow = narrow[narrow["metric"] == "break"].iloc[0]
    assert wide["high"] - wide["low"] > narrow["high"] - narrow["low"]


def test_shares_are_those_of_a_score_by_level():
    from crmanalytics.satisfaction import csat

    frame = of_shops()
    design = {"strata": "region", "clusters": "shop", "weight": "w"}
    link = satisfaction_link(frame, "happy", "again", forms=["isotonic"], **design)
    score = csat(frame, "again", scale=(0, 1), top=1, by="happy", **design)
    wanted = score[score["metric"] == "csat"].reset_index(drop=True)
    np.testing.assert_allclose(link.curve["share"], wanted["estimate"])
    np.testing.assert_allclose(link.curve[["low", "high"]], wanted[["low", "high"]])


def test_strata_and_the_whole_population():
    frame = of_shops()
    design = {"strata": "region", "clusters": "shop", "forms": ["logistic"]}
    drawn = named(satisfaction_link(frame, "happy", "again", **design), "logistic")
    half = named(
        satisfaction_link(frame.assign(all=40), "happy", "again", population="all", **design),
        "logistic",
    )
    np.testing.assert_allclose(half["se"], drawn["se"] * np.sqrt(0.5), rtol=1e-9)
    by_region = satisfaction_link(frame, "happy", "again", by="region", **design)
    alone = satisfaction_link(
        frame[frame["region"] == 1], "happy", "again", clusters="shop", forms=["logistic"]
    )
    for table in TABLES:
        pd.testing.assert_frame_equal(
            getattr(by_region.groups[1,], table).drop(columns="reason", errors="ignore"),
            getattr(alone, table),
            check_dtype=False,
        )


def test_neither_the_order_of_rows_nor_the_kind_of_frame_matters():
    frame = of_shops()
    design = {"strata": "region", "clusters": "shop", "weight": "w"}
    link = satisfaction_link(frame, "happy", "again", **design)
    mixed = pl.from_pandas(frame.sample(frac=1, random_state=3))
    other = satisfaction_link(mixed, "happy", "again", **design)
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(link, table), getattr(other, table))


def test_folds_are_of_whole_clusters():
    """A cluster of copies is never both seen and judged: its own answers do not help it."""
    draw = np.random.default_rng(4)
    frame = pd.DataFrame(
        {"happy": np.arange(60.0), "again": draw.integers(0, 2, 60), "who": range(60)}
    )
    copies = pd.concat([frame] * 10, ignore_index=True)
    forms = ["isotonic"]
    known = satisfaction_link(copies, "happy", "again", forms=forms).comparison["log_score"][0]
    honest = satisfaction_link(copies, "happy", "again", clusters="who", forms=forms)
    assert honest.comparison["log_score"][0] < known
    assert honest.comparison["se"][0] > 0


def test_raked_weights_are_surer():
    draw = np.random.default_rng(2)
    sex = draw.choice(["f", "m"], 900)
    happy = draw.integers(-2, 3, 900).astype(float)
    again = (draw.random(900) < expit(happy + np.where(sex == "f", 2.0, -2.0))).astype(int)
    survey = pd.DataFrame({"sex": sex, "happy": happy, "again": again})
    survey = rake(survey, {"sex": {"f": 0.6, "m": 0.4}})
    plain = satisfaction_link(survey, "happy", "again", weight="weight", forms=["logistic"])
    raked = satisfaction_link(
        survey, "happy", "again", weight="weight", raked="sex", forms=["logistic"]
    )
    one, two = named(plain, "logistic"), named(raked, "logistic")
    pd.testing.assert_series_equal(one["estimate"], two["estimate"])
    assert two.loc["intercept", "se"] < 0.95 * one.loc["intercept", "se"]


def test_too_few_clusters_are_told():
    frame = of_shops(4)
    with pytest.raises(FitError, match="4 clusters with complete rows are fewer than the 5 folds"):
        satisfaction_link(frame, "happy", "again", clusters="shop")
    with pytest.raises(DataError, match="but one cluster"):
        satisfaction_link(frame, "happy", "again", strata="shop", clusters="shop")
    empty = frame.assign(happy=frame["happy"].where(frame["region"] == 0))
    link = satisfaction_link(empty, "happy", "again", by="region", clusters="shop", folds=2)
    assert link.groups[1,].best is None
    assert link.groups[0,].best is not None


@pytest.mark.slow
@pytest.mark.parametrize("mood", [0.0, 1.0])
def test_intervals_hold_their_level(mood):
    """Of 300 samples of 40 shops the interval of 90% misses the slope of all shops in about 30."""
    many = of_shops(20_000, 12, seed=9, mood=mood)
    asked = {"forms": ["logistic"], "folds": 2, "level": 0.9}
    truth = named(satisfaction_link(many, "happy", "again", **asked), "logistic")["estimate"]
    held = {"design": np.zeros(2), "plain": np.zeros(2)}
    for seed in range(300):
        frame = of_shops(40, 40, seed=seed, mood=mood)
        for name, design in (("design", {"clusters": "shop"}), ("plain", {})):
            found = named(satisfaction_link(frame, "happy", "again", **design, **asked), "logistic")
            held[name] += (found["low"] <= truth) & (truth <= found["high"])
    np.testing.assert_allclose(held["design"] / 300, 0.9, atol=0.05)
    if mood:
        assert held["plain"].iloc[0] / 300 < 0.8
