"""Expectation and perception: disconfirmation, service quality, delivered value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import binomtest, ttest_rel

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, ParameterError

DIMENSIONS = {"tangibles": ["1", "2"], "empathy": ["3", "4", "5"]}
ITEMS = {str(k): (f"e{k}", f"p{k}") for k in range(1, 6)}


def survey(n=60, seed=0):
    draw = np.random.default_rng(seed)
    columns = [f"{side}{k}" for side in "ep" for k in range(1, 6)]
    made = pd.DataFrame(draw.integers(1, 8, (n, 10)).astype(float), columns=columns)
    made["points_t"] = draw.integers(0, 101, n)
    made["points_e"] = 100 - made["points_t"]
    made["customer_id"] = np.arange(n) + 1000
    return made


def rows(found, **where):
    for column, value in where.items():
        found = found[found[column] == value]
    return found.iloc[0]


def test_disconfirmation_is_a_paired_comparison():
    given = survey()
    found = crm.satisfaction.disconfirmation(given, {"speed": ("e1", "p1")}, scale=(1, 7))
    row = rows(found, metric="disconfirmation")
    gap = given["p1"] - given["e1"]
    interval = ttest_rel(given["p1"], given["e1"]).confidence_interval(0.95)
    np.testing.assert_allclose(row["estimate"], gap.mean())
    np.testing.assert_allclose([row["low"], row["high"]], [interval.low, interval.high])
    better = binomtest(int((gap > 0).sum()), len(gap)).proportion_ci(method="wilson")
    row = rows(found, metric="exceeded")
    np.testing.assert_allclose([row["low"], row["high"]], [better.low, better.high])
    shares = found.set_index("metric")["estimate"]
    assert shares[["exceeded", "met", "missed"]].sum() == pytest.approx(1)
    assert shares["perception"] - shares["expectation"] == pytest.approx(shares["disconfirmation"])


def test_a_margin_counts_as_met():
    given = pd.DataFrame({"e": [3.0, 3, 3, 3], "p": [2.0, 4, 5, np.nan]})
    found = crm.satisfaction.disconfirmation(given, {"x": ("e", "p")}, within=1)
    shares = found.set_index("metric")
    assert shares.loc[["exceeded", "met", "missed"], "estimate"].tolist() == pytest.approx(
        [1 / 3, 2 / 3, 0]
    )
    # means are of those who gave both answers, so that they fit together
    assert shares["n"].unique().tolist() == [3]
    assert shares["n_missing"].unique().tolist() == [1]


def test_service_quality_by_hand():
    given = survey()
    importance = {"tangibles": "points_t", "empathy": "points_e"}
    found = crm.satisfaction.servqual(
        given, ITEMS, dimensions=DIMENSIONS, importance=importance, scale=(1, 7)
    )
    gaps = pd.DataFrame({k: given[p] - given[e] for k, (e, p) in ITEMS.items()})
    parts = pd.DataFrame({k: gaps[v].mean(axis=1) for k, v in DIMENSIONS.items()})
    for item in ITEMS:
        assert rows(found, item=item, metric="gap")["estimate"] == pytest.approx(gaps[item].mean())
    for name in DIMENSIONS:
        row = rows(found, item=name, metric="gap")
        assert row["estimate"] == pytest.approx(parts[name].mean())
        assert row["se"] == pytest.approx(parts[name].std() / np.sqrt(60))
    overall = rows(found, part="overall", item="mean", metric="gap")
    assert overall["estimate"] == pytest.approx(parts.mean(axis=1).mean())
    weighted = (parts["tangibles"] * given["points_t"] + parts["empathy"] * given["points_e"]) / 100
    row = rows(found, item="weighted", metric="gap")
    assert row["estimate"] == pytest.approx(weighted.mean())
    assert row["se"] == pytest.approx(weighted.std() / np.sqrt(60))
    performance = crm.satisfaction.servperf(
        given, {k: p for k, (_, p) in ITEMS.items()}, dimensions=DIMENSIONS, importance=importance
    )
    row = rows(performance, item="empathy")
    assert row["estimate"] == pytest.approx(given[["p3", "p4", "p5"]].to_numpy().mean())


def test_scores_of_respondents_are_what_the_means_are_of():
    given = survey()
    importance = {"tangibles": 30, "empathy": 70}
    scores = crm.satisfaction.servqual_scores(
        given, ITEMS, dimensions=DIMENSIONS, importance=importance
    )
    found = crm.satisfaction.servqual(given, ITEMS, dimensions=DIMENSIONS, importance=importance)
    for name, item in (
        ("gap_empathy", "empathy"),
        ("gap_mean", "mean"),
        ("gap_weighted", "weighted"),
    ):
        assert scores[name].mean() == pytest.approx(
            rows(found, item=item, metric="gap")["estimate"]
        )
    customers = pd.DataFrame({"customer_id": [1005, 1001], "total": [5.0, 9.0]})
    merged = customers.merge(scores, on="customer_id")
    assert merged["gap_mean"].tolist() == scores["gap_mean"].iloc[[5, 1]].tolist()


def test_unanswered_items_are_left_out_only_where_allowed():
    given = survey(3)
    given.loc[0, "p3"] = np.nan
    strict = crm.satisfaction.servqual_scores(given, ITEMS, dimensions=DIMENSIONS)
    lenient = crm.satisfaction.servqual_scores(given, ITEMS, dimensions=DIMENSIONS, answered=0.6)
    assert np.isnan(strict.loc[0, "gap_empathy"])
    expected = (given["p4"] - given["e4"] + given["p5"] - given["e5"]).iloc[0] / 2
    assert lenient.loc[0, "gap_empathy"] == expected
    # expectation and perception of a dimension are then means of the same items
    found = crm.satisfaction.servqual(given, ITEMS, dimensions=DIMENSIONS, answered=0.6)
    parts = found[found["item"] == "empathy"].set_index("metric")["estimate"]
    assert parts["perception"] - parts["expectation"] == pytest.approx(parts["gap"])


def test_the_published_items_are_22():
    numbers = sorted(k for group in crm.satisfaction.SERVQUAL_DIMENSIONS.values() for k in group)
    assert numbers == list(range(1, 23))


def test_groups_of_other_frames():
    given = survey().assign(unit=np.resize(["x", "y"], 60))
    found = crm.satisfaction.servqual(pl.from_pandas(given), ITEMS, by="unit")
    assert isinstance(found, pl.DataFrame)
    plain = crm.satisfaction.servqual(given[given["unit"] == "y"], ITEMS)
    second = found.filter(pl.col("unit") == "y")
    np.testing.assert_allclose(second["low"].to_numpy(), plain["low"])


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"dimensions": {"a": ["1"]}}, ParameterError, "each item once"),
        ({"dimensions": {"a": ["1", "2", "3"], "b": ["3", "4", "5"]}}, ParameterError, "'3'"),
        ({"dimensions": DIMENSIONS, "importance": {"a": 1}}, ParameterError, "each dimension"),
        ({"importance": {"a": 1}}, ParameterError, "each dimension"),
        (
            {"dimensions": DIMENSIONS, "importance": {"tangibles": -1, "empathy": 2}},
            ParameterError,
            "not be negative",
        ),
        ({"answered": 0}, ParameterError, "answered"),
        ({"scale": (1, 5)}, InvalidValuesError, "must lie between 1 and 5"),
    ],
)
def test_what_is_refused(arguments, error, says):
    with pytest.raises(error, match=says):
        crm.satisfaction.servqual(survey(), ITEMS, **arguments)
    with pytest.raises(ParameterError, match="two columns"):
        crm.satisfaction.disconfirmation(survey(), {"a": ("e1",)})
    with pytest.raises(ParameterError, match="within"):
        crm.satisfaction.disconfirmation(survey(), ITEMS, within=-1)


def offers():
    draw = np.random.default_rng(1)
    made = pd.DataFrame(
        draw.uniform(10, 50, (40, 4)), columns=["product", "people", "price", "hours"]
    )
    made["offer"] = np.resize(["ours", "theirs"], 40)
    return made


def test_delivered_value_is_what_its_parts_say():
    given = offers()
    cost = {"price": 1.0, "hours": 2.0}
    found = crm.satisfaction.delivered_value(given, value=["product", "people"], cost=cost)
    values = found.set_index("metric")["estimate"]
    assert values["hours"] == pytest.approx(2 * given["hours"].mean())
    assert values["total_value"] == pytest.approx(values["product"] + values["people"])
    assert values["total_cost"] == pytest.approx(values["price"] + values["hours"])
    assert values["delivered_value"] == pytest.approx(values["total_value"] - values["total_cost"])
    assert values["value_to_cost"] == pytest.approx(values["total_value"] / values["total_cost"])
    scores = crm.satisfaction.delivered_value_scores(given, value=["product", "people"], cost=cost)
    row = rows(found, metric="delivered_value")
    assert row["se"] == pytest.approx(scores["delivered_value"].std() / np.sqrt(40))


def test_two_offers_side_by_side_and_missing_parts():
    given = offers()
    given.loc[0, "price"] = np.nan
    found = crm.satisfaction.delivered_value(given, value=["product"], cost=["price"], by="offer")
    assert found["offer"].unique().tolist() == ["ours", "theirs"]
    assert found.groupby("offer")["n"].unique().map(list).tolist() == [[19], [20]]
    assert rows(found, metric="product", offer="ours")["n_missing"] == 1
    free = crm.satisfaction.delivered_value_scores(
        given.assign(price=0.0), value=["product"], cost=["price"]
    )
    assert free["value_to_cost"].isna().all()
    assert free["delivered_value"].tolist() == given["product"].tolist()


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"value": ["product"], "cost": ["product"]}, ParameterError, "no column be both"),
        ({"value": "product", "cost": ["price"]}, ParameterError, "name columns"),
        ({"value": {"product": 0}, "cost": ["price"]}, ParameterError, "must be positive"),
        ({"value": ["people"], "cost": ["bad"]}, InvalidValuesError, "must lie between 0"),
    ],
)
def test_values_that_are_refused(arguments, error, says):
    with pytest.raises(error, match=says):
        crm.satisfaction.delivered_value(offers().assign(bad=-1.0), **arguments)
