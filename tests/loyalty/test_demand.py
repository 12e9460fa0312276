"""Demand over the price: never rising, and the price that brings most."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import DataError, ParameterError
from crmanalytics.loyalty import best_price, demand_curve

NAMES = {"respondent": "who", "price": "price", "would_buy": "buys"}
PRICES = np.array([2.0, 4.0, 6.0, 8.0, 10.0])


def asked(people=400, seed=1):
    """People who buy up to a price of their own, uniform from 0 to 12: the best price is 6."""
    limit = np.random.default_rng(seed).uniform(0, 12, people)
    rows = [(n, p, int(p <= x)) for n, x in enumerate(limit) for p in PRICES]
    return pd.DataFrame(rows, columns=["who", "price", "buys"])


def wide(found, by=()):
    """Return estimates with a column per metric."""
    return found.pivot_table(
        index=[*by, "price"], columns="metric", values="estimate"
    ).reset_index()


def test_demand_is_the_share_where_it_falls_by_itself():
    survey = asked()
    found = demand_curve(survey, **NAMES, bootstraps=100)
    assert (found["low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["high"]).all()
    found = wide(found)
    np.testing.assert_allclose(found["share"], survey.groupby("price")["buys"].mean())
    np.testing.assert_allclose(found["demand"], found["share"])
    np.testing.assert_allclose(found["revenue"], found["price"] * found["demand"])
    assert "profit" not in found.columns


def test_shares_that_rise_by_chance_are_pooled():
    rows = [(n, 1.0, int(n < 4)) for n in range(10)] + [(n, 2.0, int(n < 6)) for n in range(10)]
    found = wide(demand_curve(pd.DataFrame(rows, columns=["who", "price", "buys"]), **NAMES))
    assert found["share"].tolist() == [0.4, 0.6]
    np.testing.assert_allclose(found["demand"], 0.5)


def test_the_best_price_is_found_and_a_cost_raises_it():
    found = best_price(asked(2000), **NAMES, cost=4.0, bootstraps=200).set_index("metric")
    assert found.loc["revenue price", "estimate"] == 6.0
    assert found.loc["profit price", "estimate"] == 8.0
    assert found.loc["revenue", "estimate"] == pytest.approx(3.0, abs=0.15)
    assert (found["n"] == 2000).all()
    assert (found["low"] <= found["estimate"]).all()


@pytest.mark.slow
def test_the_interval_of_demand_covers_the_truth():
    truth = 1 - PRICES / 12
    hits = np.zeros(len(PRICES))
    for seed in range(200):
        found = demand_curve(asked(150, seed), **NAMES, bootstraps=200, seed=seed)
        found = found[found["metric"] == "demand"].reset_index(drop=True)
        hits += (found["low"] <= truth) & (truth <= found["high"])
    assert (hits / 200 > 0.89).all()


def test_a_repeated_person_is_a_weight():
    survey = asked(40).assign(w=lambda d: 1.0 + d["who"] % 3)
    copies = [
        survey[survey["w"] > k].assign(who=lambda d, k=k: d["who"] + 1000 * k) for k in range(3)
    ]
    one = demand_curve(survey, **NAMES, weight="w", bootstraps=10)
    other = demand_curve(pd.concat(copies), **NAMES, bootstraps=10)
    np.testing.assert_allclose(one["estimate"], other["estimate"])


def test_groups_and_other_kinds_of_frames():
    survey = asked(60).assign(shop=lambda d: np.where(d["who"] % 2, "a", "b"))
    found = demand_curve(survey, **NAMES, by="shop", bootstraps=20)
    theirs = demand_curve(pl.from_pandas(survey), **NAMES, by="shop", bootstraps=20)
    assert theirs["shop"].to_list() == found["shop"].tolist() == ["a"] * 15 + ["b"] * 15
    assert theirs["estimate"].to_list() == found["estimate"].tolist()
    alone = demand_curve(survey[survey["shop"] == "b"], **NAMES, bootstraps=20)
    np.testing.assert_allclose(found["estimate"].tail(15), alone["estimate"])
    assert len(best_price(survey, **NAMES, by="shop", bootstraps=20)) == 4


def test_people_without_an_answer_are_counted():
    survey = asked(10).assign(buys=lambda d: d["buys"].astype(float).where(d["who"] > 1))
    found = best_price(survey, **NAMES, bootstraps=20)
    assert found["n"].tolist() == [8, 8]
    assert found["n_missing"].tolist() == [2, 2]


def test_bad_input_is_told():
    survey = asked(5)
    with pytest.raises(DataError, match="above 0"):
        demand_curve(survey.assign(price=0.0), **NAMES)
    with pytest.raises(DataError, match="once per price"):
        demand_curve(pd.concat([survey, survey]), **NAMES)
    with pytest.raises(DataError):
        demand_curve(survey.assign(buys=2), **NAMES)
    with pytest.raises(DataError, match="no complete rows"):
        demand_curve(survey.assign(buys=np.nan), **NAMES)
    with pytest.raises(ParameterError, match="cost"):
        demand_curve(survey, **NAMES, cost=-1.0)
    with pytest.raises(ParameterError, match="bootstraps"):
        demand_curve(survey, **NAMES, bootstraps=1)


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 8), st.sampled_from([1.0, 2.0, 3.0]), st.integers(0, 1)),
        min_size=1,
        max_size=20,
        unique_by=lambda row: row[:2],
    ),
    seed=st.integers(0, 9),
)
def test_demand_never_rises_and_rows_may_come_in_any_order(rows, seed):
    survey = pd.DataFrame(rows, columns=["who", "price", "buys"])
    found = demand_curve(survey, **NAMES, bootstraps=5)
    demand = wide(found)["demand"]
    assert (np.diff(demand) <= 1e-12).all()
    assert demand.between(0, 1).all()
    mixed = demand_curve(survey.sample(frac=1, random_state=seed), **NAMES, bootstraps=5)
    pd.testing.assert_frame_equal(found, mixed)


BOUNDS = ["estimate", "se", "low", "high"]
ASKED = [demand_curve, best_price]


def of_shops(people=100):
    """People asked in shops of 5, those of one shop paying about the same; two regions."""
    draw = np.random.default_rng(5)
    shop = np.arange(people) // 5
    limit = draw.uniform(0, 12, shop.max() + 1)[shop] + draw.uniform(-1, 1, people)
    frame = asked(people).assign(buys=lambda f: (f["price"] <= limit[f["who"]]).astype(int))
    return frame.assign(
        shop=shop[frame["who"]], region=lambda f: f["shop"] % 2, w=1.0 + frame["who"] % 3
    )


def copied(survey):
    """Each person a second time under another number, in the cluster of the first."""
    first = survey.assign(unit=survey["who"])
    return pd.concat([first, first.assign(who=first["who"] + 1000)]).sample(frac=1, random_state=1)


def test_people_of_one_shop_pay_alike_and_so_intervals_are_wider():
    survey = of_shops()
    alone, shops = (
        demand_curve(survey, **NAMES, clusters=x, bootstraps=200) for x in (None, "shop")
    )
    np.testing.assert_array_equal(alone["estimate"], shops["estimate"])
    assert shops["se"].mean() > 1.4 * alone["se"].mean()


@pytest.mark.parametrize("function", ASKED)
def test_people_as_clusters_are_as_good_as_none(function):
    survey, design = of_shops(200), {**NAMES, "bootstraps": 400}
    one = function(survey, **design, clusters="who")
    same = function(survey.assign(all=1), **design, strata="all")
    pd.testing.assert_frame_equal(one, same)
    np.testing.assert_allclose(one["se"], function(survey, **design)["se"], rtol=0.2, atol=0.01)


@pytest.mark.parametrize("function", ASKED)
@pytest.mark.parametrize("design", [{}, {"strata": "region"}, {"weight": "w"}])
def test_copies_of_people_in_the_cluster_of_the_person_add_nothing(function, design):
    survey = of_shops()
    design = {**NAMES, **design, "clusters": "unit", "bootstraps": 60}
    once = function(survey.assign(unit=survey["who"]), **design)
    pd.testing.assert_frame_equal(once[BOUNDS], function(copied(survey), **design)[BOUNDS])


@pytest.mark.parametrize("function", ASKED)
def test_the_order_of_rows_changes_nothing_with_a_design(function):
    survey, design = of_shops(), {**NAMES, "bootstraps": 30, "strata": "region"}
    for clusters in (None, "shop"):
        found = function(survey, **design, clusters=clusters)
        mixed = function(survey.sample(frac=1, random_state=2), **design, clusters=clusters)
        pd.testing.assert_frame_equal(found, mixed)


@pytest.mark.parametrize("function", ASKED)
def test_groups_and_prices_that_few_clusters_hold(function):
    survey = of_shops().assign(group=lambda f: (f["shop"] > 1).astype(int))
    survey = survey[(survey["price"] < 10) | (survey["shop"] == 5)]
    found = function(survey, **NAMES, by="group", clusters="shop", bootstraps=80)
    assert found[BOUNDS].notna().all(axis=None)
    assert (found["low"] <= found["high"]).all()


def test_a_person_in_two_clusters_and_a_lonely_cluster_are_refused():
    survey = of_shops()
    with pytest.raises(DataError, match="one stratum and one cluster"):
        demand_curve(survey.assign(day=np.arange(len(survey)) % 2), **NAMES, strata="day")
    with pytest.raises(DataError, match="one cluster"):
        best_price(survey.assign(all=1), **NAMES, clusters="all")


@pytest.mark.parametrize("function", ASKED)
def test_prices_too_large_to_be_squared(function):
    survey, unit = of_shops(), 2.0**990
    huge = survey.assign(price=survey["price"] * unit)
    found = function(survey, **NAMES, cost=1.0, bootstraps=60)
    other = function(huge, **NAMES, cost=unit, bootstraps=60)
    money = ~found["metric"].isin(["demand", "share"]).to_numpy()[:, None]
    scaled = np.where(money, other[BOUNDS] / unit, other[BOUNDS])
    np.testing.assert_allclose(scaled, found[BOUNDS], rtol=1e-9, atol=1e-11)
