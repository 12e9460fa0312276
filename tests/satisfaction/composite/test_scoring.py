"""What must hold of every composite index: directions, weights, means, gaps, messages."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics import weighting
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.satisfaction import composite_index, composite_plan, composite_weights
from crmanalytics.satisfaction.composite.aggregating import power_mean
from crmanalytics.satisfaction.composite.scoring import rank_best_first

SHOPS = pd.DataFrame(
    {
        "praise": [9.0, 7.0, 4.0, 6.0, 8.0],
        "wait": [12.0, 3.0, 8.0, 5.0, 9.0],
        "choice": [40.0, 25.0, 90.0, 60.0, 55.0],
        "price": [3.0, 2.0, 2.5, 4.0, 3.5],
    },
    index=list("abcde"),
)
GROUPS = {"Service": ["praise", "wait"], "Goods": ["choice", "price"]}
COSTS = ["wait", "price"]


def scores(plan, frame=SHOPS):
    return composite_index(frame, plan)["index"]


def test_by_hand():
    found = composite_index(SHOPS, composite_plan(GROUPS, costs=COSTS))
    praise, wait = (SHOPS["praise"] - 4) / 5, (12 - SHOPS["wait"]) / 9
    choice, price = (SHOPS["choice"] - 25) / 65, (4 - SHOPS["price"]) / 2
    assert np.allclose(found["Service"], 50 * (praise + wait))
    assert np.allclose(found["Goods"], 50 * (choice + price))
    assert np.allclose(found["index"], (found["Service"] + found["Goods"]) / 2)
    assert found["index_rank"].tolist() == found["index"].rank(ascending=False).tolist()
    assert found.index.tolist() == list("abcde")
    assert found.attrs["crmanalytics"]["plan"]["costs"] == ["price", "wait"]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("rank", [100, 50, 0, 25, 75]),
        ("distance", [100, 700 / 9, 400 / 9, 600 / 9, 800 / 9]),
        ("above_below", [100, 50, 0, 50, 50]),
        # the quantiles of the five are 4.2, 5.8, 7.4, 8.2 and 8.9 or so
        ("categories", [100, 40, 0, 40, 60]),
    ],
)
def test_other_scales(method, expected):
    found = scores(composite_plan(["praise"], normalise=method))
    assert found.tolist() == pytest.approx(expected)


def test_standard_deviations():
    found = scores(composite_plan(["praise"], normalise="zscore"))
    assert found.mean() == pytest.approx(0, abs=1e-12)
    assert found.std() == pytest.approx(1)
    assert np.allclose(
        scores(composite_plan(["praise"], costs=["praise"], normalise="zscore")), -found
    )


@pytest.mark.parametrize("method", ["minmax", "zscore", "rank", "distance"])
def test_less_of_a_cost_is_better(method):
    plan = composite_plan(["wait"], costs=["wait"], normalise=method)
    assert scores(plan).idxmax() == "b"
    assert scores(plan).idxmin() == "a"


def test_goalposts_make_waves_comparable():
    posts = {"praise": (0, 10), "wait": (30, 0)}
    plan = composite_plan(["praise", "wait"], costs=["wait"], goalposts=posts)
    first = scores(plan)
    assert first["a"] == pytest.approx(100 * (0.9 + 0.6) / 2)
    # other rows do not move a score, and what lies beyond the posts counts as the post
    assert scores(plan, SHOPS.head(3))["a"] == pytest.approx(first["a"])
    slow = SHOPS.assign(wait=[99, 3, 8, 5, 9])
    assert scores(plan, slow)["a"] == pytest.approx(45)


def test_weights_of_groups_and_indicators():
    weights = {"Service": 3, "Goods": 1, "praise": 1, "wait": 4}
    found = composite_index(SHOPS, composite_plan(GROUPS, costs=COSTS, weights=weights))
    plain = composite_index(SHOPS, composite_plan(GROUPS, costs=COSTS))
    assert np.allclose(found["index"], 0.75 * found["Service"] + 0.25 * found["Goods"])
    assert np.allclose(found["Goods"], plain["Goods"])
    table = composite_weights(SHOPS, composite_plan(GROUPS, costs=COSTS, weights=weights))
    assert table.set_index("name")["weight_in_index"]["wait"] == pytest.approx(0.75 * 0.8)


@pytest.mark.parametrize("method", ["entropy", "critic", "pca"])
def test_weights_from_the_data_are_those_of_weighting(method):
    plan = composite_plan(list(SHOPS), costs=COSTS, weights=method)
    scaled = (SHOPS - SHOPS.min()) / (SHOPS.max() - SHOPS.min())
    scaled = scaled.assign(wait=1 - scaled["wait"], price=1 - scaled["price"])
    expected = getattr(weighting, method)(scaled)["weight"]
    table = composite_weights(SHOPS, plan)
    assert np.allclose(table["weight"], expected)
    assert np.allclose(scores(plan), 100 * scaled.to_numpy() @ expected)


def test_weights_from_judgements():
    pairs = pd.DataFrame({"praise": [1, 1 / 3], "wait": [3, 1]})
    plan = composite_plan(["praise", "wait"], costs=["wait"], weights=weighting.ahp(pairs))
    assert plan.weights == pytest.approx({"praise": 0.75, "wait": 0.25})


values = st.lists(st.floats(0.1, 100), min_size=2, max_size=5)


@given(values, st.floats(-5, 5), st.floats(0.1, 5))
def test_the_lower_the_power_the_less_is_made_up_for(row, power, step):
    weights = np.full(len(row), 1 / len(row))
    low, high = (power_mean(np.array([row]), weights, p)[0] for p in (power, power + step))
    assert low <= high * (1 + 1e-9)
    assert min(row) * (1 - 1e-9) <= low
    assert high <= max(row) * (1 + 1e-9)


@pytest.mark.parametrize("power", [-800.0, -1e-9, 1e-13, 1e-5, 700.0])
def test_extreme_powers(power):
    found = power_mean(np.array([[1e-3, 1.0, 1e5]]), np.full(3, 1 / 3), power)[0]
    limit = {-800.0: 1e-3, 700.0: 1e5}.get(power, np.exp(np.log(100) / 3))
    assert found == pytest.approx(limit, rel=2e-3)


@given(values, st.sampled_from([1.0, 0.0, -1.0, 0.5]))
def test_powers_near_one_another_are_near(row, power):
    weights = np.full(len(row), 1 / len(row))
    near = power_mean(np.array([row]), weights, power + 1e-7)[0]
    assert near == pytest.approx(power_mean(np.array([row]), weights, power)[0], rel=1e-5)


@pytest.mark.parametrize("method", ["minmax", "zscore", "rank"])
@pytest.mark.parametrize("weights", ["equal", "critic", "pca"])
def test_neither_order_nor_unit_matters(method, weights):
    plan = composite_plan(GROUPS, costs=COSTS, normalise=method, weights=weights)
    found = scores(plan)
    mixed = scores(plan, SHOPS.sample(frac=1, random_state=1))
    assert np.allclose(mixed[found.index], found, atol=1e-10)
    cents = scores(plan, SHOPS.assign(price=SHOPS["price"] * 100 + 3))
    assert np.allclose(cents, found, atol=1e-9)


def gaps():
    return SHOPS.assign(praise=[9, np.nan, 4, 6, 8], choice=[np.nan, np.nan, 90, 60, 55])


def test_missing_values_need_a_word():
    with pytest.raises(
        InvalidValuesError, match=r"2 of 5 rows \(by indicator: {'praise': 1, 'choice': 2}"
    ):
        scores(composite_plan(GROUPS, costs=COSTS), gaps())
    listwise = scores(composite_plan(GROUPS, costs=COSTS, missing="listwise"), gaps())
    assert listwise.isna().tolist() == [True, True, False, False, False]
    alone = scores(composite_plan(GROUPS, costs=COSTS), SHOPS.tail(3))
    assert np.allclose(listwise.dropna(), alone)
    for method in ("mean", "median"):
        plan = composite_plan(GROUPS, costs=COSTS, missing=method)
        filled = gaps().fillna(getattr(gaps(), method)())
        assert np.allclose(scores(plan, gaps()), scores(plan, filled))


def test_available_parts_stand_for_the_group():
    plan = composite_plan(GROUPS, costs=COSTS, missing="available")
    found = composite_index(gaps(), plan)
    # of the goods of the first two only the price is known
    assert np.allclose(found["Goods"].iloc[:2], 100 * (4 - SHOPS["price"].iloc[:2]) / 2)
    strict = composite_index(
        gaps(), composite_plan(GROUPS, costs=COSTS, missing="available", coverage=0.6)
    )
    assert strict["Goods"].isna().tolist() == [True, True, False, False, False]
    assert strict["index_rank"].isna().tolist() == [True, True, False, False, False]


def test_equal_scores_share_a_rank():
    found = rank_best_first(np.array([[3.0, 1.0, 3.0, np.nan], [0.1 + 0.2, 0.3, 0.2, 5.0]]))
    assert found[0].tolist()[:3] == [1, 3, 1]
    assert np.isnan(found[0, 3])
    assert found[1].tolist() == [2, 2, 4, 1]


def test_other_frames():
    plan = composite_plan(GROUPS, costs=COSTS)
    found = composite_index(pl.from_pandas(SHOPS), plan)
    assert isinstance(found, pl.DataFrame)
    assert np.allclose(found["index"].to_numpy(), scores(plan))


def test_saved_and_loaded(tmp_path):
    plan = composite_plan(
        GROUPS,
        costs=COSTS,
        bounds=(1, 100),
        goalposts={"praise": (0, 10)},
        weights={"Service": 2, "Goods": 1},
        aggregate="geometric",
        missing="available",
    )
    again = crm.load(plan.save(tmp_path / "plan.json"))
    assert again == plan
    assert scores(again).equals(scores(plan))


@pytest.mark.parametrize(
    ("structure", "how", "says"),
    [
        ({"a": ["x"], "b": ["x"]}, {}, r"\['x'\] appear more than once"),
        ({"a": ["x", "a"]}, {}, r"\['a'\] appear more than once"),
        ({"a": []}, {}, "'a' has no parts"),
        ({"a": "x"}, {}, r"list of indicators: \['x'\]"),
        (["x", "y"], {"costs": ["z"]}, r"costs \['z'\] are not among"),
        (["x", "y"], {"costs": "x"}, r"costs must be a list"),
        (["x", "y"], {"weights": {"x": 1}}, r"weights for \['x'\], not for all of \['x', 'y'\]"),
        (["x", "y"], {"weights": {"x": 1, "y": -1}}, r"\['y'\] are negative"),
        (["x", "y"], {"weights": {"x": 0, "y": 0}}, "all 0"),
        (["x", "y"], {"weights": {"x": 1, "y": 1, "z": 1}}, r"\['z'\] are of nothing"),
        (["x", "y"], {"weights": "best"}, "not 'best'"),
        (["x", "y"], {"normalise": "log"}, "not 'log'"),
        (["x", "y"], {"aggregate": "median"}, "or a power"),
        (["x", "y"], {"bounds": (5, 5)}, "do not ascend"),
        (["x", "y"], {"goalposts": {"x": (5, 1)}}, "worst to best"),
        (["x"], {"goalposts": {"x": (1, 5)}, "costs": ["x"]}, "worst to best"),
        (["x"], {"goalposts": {"x": (1, 5)}, "normalise": "rank"}, "need 'minmax'"),
        (["x"], {"coverage": 0}, "coverage 0"),
        (["x"], {"missing": "zero"}, "not 'zero'"),
    ],
)
def test_says_what_cannot_be(structure, how, says):
    with pytest.raises(ParameterError, match=says):
        composite_plan(structure, **how)


@pytest.mark.parametrize(
    ("frame", "how", "says"),
    [
        (SHOPS, {"aggregate": "geometric"}, r"bounds that start above 0"),
        (SHOPS.assign(praise=5), {}, r"alike in \['praise'\]"),
        (SHOPS.assign(praise=5), {"normalise": "zscore"}, r"alike in \['praise'\]"),
        (SHOPS.assign(praise=0), {"normalise": "distance"}, r"\['praise'\] must be positive"),
        (SHOPS.assign(praise=-1), {"normalise": "above_below"}, r"\['praise'\] it is not"),
        (SHOPS.assign(praise=np.nan), {"missing": "available"}, "no values at all"),
        (SHOPS.head(1), {}, "1 rows"),
        (gaps().head(3), {"missing": "listwise"}, "fewer than two rows"),
        (SHOPS, {"weights": "entropy", "normalise": "zscore"}, "not negative"),
    ],
)
def test_says_what_the_data_cannot_do(frame, how, says):
    with pytest.raises(InvalidValuesError, match=says):
        composite_index(frame, composite_plan(GROUPS, costs=COSTS, **how))


def test_says_what_is_missing_or_in_the_way():
    plan = composite_plan(GROUPS, costs=COSTS)
    with pytest.raises(MissingColumnsError, match="price"):
        composite_index(SHOPS.drop(columns="price"), plan)
    with pytest.raises(ParameterError, match="rename"):
        composite_index(SHOPS.assign(index=1), plan)
