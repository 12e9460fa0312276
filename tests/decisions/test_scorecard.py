"""The scorecard: points, weights, ranks, who is core, and how sure that is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.decisions import (
    compare_weights,
    core_probability,
    scorecard,
    size_and_score,
    size_matrix,
    weight_sensitivity,
)
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.weighting import ahp, critic, entropy, equal

CRITERIA = ["margin", "growth", "delay"]
WEIGHTS = {"margin": 0.5, "growth": 0.3, "delay": 0.2}


def customers(n=80, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "total": rng.lognormal(5, 1.5, n).round(2),
            "margin": rng.normal(0.3, 0.1, n).round(2),
            "growth": rng.normal(0, 0.3, n).round(1),
            "delay": rng.integers(0, 60, n),
        }
    )


def test_points_scores_and_ranks_by_hand():
    frame = pd.DataFrame({"a": [1, 2, 2, 5], "b": [4, 4, 4, 4], "cost": [0, 10, 5, 10]})
    found = scorecard(
        frame, ["a", "b", "cost"], weights={"a": 2, "b": 1, "cost": 1}, costs=["cost"]
    )
    assert found["a_points"].tolist() == pytest.approx([0, 0.5, 0.5, 1])
    assert found["b_points"].tolist() == [0.5] * 4
    assert found["cost_points"].tolist() == pytest.approx([1, 1 / 6, 2 / 3, 1 / 6])
    expected = np.array([0, 0.5, 0.5, 1]) / 2 + 0.125 + np.array([1, 1 / 6, 2 / 3, 1 / 6]) / 4
    assert np.allclose(found["score"], expected)
    assert found["score_rank"].tolist() == [4, 3, 2, 1]
    assert found["core"].tolist() == [False, False, False, True]
    wide = scorecard(frame, ["a"], scale="minmax")
    assert wide["a_points"].tolist() == [0, 0.25, 0.25, 1]


@given(
    seed=st.integers(0, 500),
    factor=st.floats(0.01, 100),
    method=st.sampled_from(["equal", "critic"]),
    scale=st.sampled_from(["rank", "minmax"]),
)
def test_neither_order_nor_labels_nor_units_matter(seed, factor, method, scale):
    frame = customers(seed=seed)
    call = {"criteria": CRITERIA, "weights": method, "scale": scale, "costs": ["delay"]}
    found = scorecard(frame, **call)
    assert found["score"].between(0, 1).all()
    shuffled = scorecard(frame.sample(frac=1, random_state=seed), **call).sort_index()
    pd.testing.assert_frame_equal(shuffled, found)
    other = frame.assign(margin=frame["margin"] * factor, customer_id=-frame["customer_id"])
    scaled = scorecard(other, **call)
    assert np.allclose(scaled["score"], found["score"])
    assert scaled["core"].sum() == found["core"].sum() >= 16


def test_every_method_of_weighting_fits():
    frame = customers().assign(growth=lambda f: f["growth"] + 5)
    pairs = pd.DataFrame({"margin": [1, 1 / 2, 1 / 4], "growth": [2, 1, 1 / 2], "delay": [4, 2, 1]})
    tables = {
        "equal": equal(CRITERIA),
        "entropy": entropy(frame, CRITERIA),
        "critic": critic(frame, CRITERIA, costs=["delay"]),
    }
    for name, table in tables.items():
        by_name = scorecard(frame, CRITERIA, weights=name, costs=["delay"])
        by_table = scorecard(frame, CRITERIA, weights=table, costs=["delay"])
        assert by_name["score"].tolist() == by_table["score"].tolist()
        kept = by_name.attrs["crmanalytics"]["weights"]
        assert list(kept.values()) == pytest.approx(table["weight"].tolist())
    judged = scorecard(frame, CRITERIA, weights=ahp(pairs), costs=["delay"])
    weights = judged.attrs["crmanalytics"]["weights"]
    assert list(weights.values()) == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    agreed = compare_weights(judged, {"ahp": ahp(pairs), **tables})
    assert agreed["method"].tolist() == ["ahp", "equal", "entropy", "critic"]
    assert agreed["kept"].iloc[0] == 1
    assert agreed["correlation"].iloc[0] == pytest.approx(1)
    assert np.allclose(agreed.filter(like="_weight").sum(axis=1), 1)


def test_ties_all_alike_and_single_customers():
    alike = pd.DataFrame({"a": [3.0] * 5, "b": [1.0] * 5})
    found = scorecard(alike, ["a", "b"])
    assert found["score"].tolist() == [0.5] * 5
    assert found["core"].all()
    assert scorecard(alike.head(1), ["a"])["core"].tolist() == [True]
    with pytest.raises(InvalidValuesError, match="apart"):
        scorecard(alike, ["a", "b"], weights="critic")
    assert np.isnan(size_and_score(found, size="a")["correlation"][0])


def test_sensitivity_of_no_change_and_of_a_great_one():
    scored = scorecard(customers(), CRITERIA, weights=WEIGHTS, costs=["delay"])
    still = weight_sensitivity(scored, WEIGHTS, shifts=[0.0])
    assert np.allclose(still["correlation"], 1)
    assert still["kept"].eq(1).all()
    assert still["entered"].eq(0).all()
    assert still["weight"].tolist() == pytest.approx(list(WEIGHTS.values()))
    moved = weight_sensitivity(scored, WEIGHTS, shifts=[1e9])
    alone = scorecard(customers(), ["margin"])
    both = (alone["core"] & scored["core"]).sum() / scored["core"].sum()
    assert moved["kept"].iloc[0] == pytest.approx(both)
    assert moved["kept"].max() < 1


def test_core_probability_is_sure_of_the_best_and_moves_with_certainty():
    scored = scorecard(customers(), CRITERIA, weights=WEIGHTS, costs=["delay"])
    loose = core_probability(scored, WEIGHTS, certainty=5, draws=300)
    firm = core_probability(scored, WEIGHTS, certainty=1e7, draws=300)
    assert firm["core_probability"].gt(0.5).equals(scored["core"])
    assert loose["core_probability"].sum() >= 16 - 1e-9
    assert loose["standard_error"].max() <= 0.5 / np.sqrt(300) + 1e-15
    unsure = loose["core_probability"].between(0.05, 0.95).sum()
    assert unsure > firm["core_probability"].between(0.05, 0.95).sum()
    again = core_probability(scored.sample(frac=1, random_state=2), WEIGHTS, certainty=5, draws=300)
    pd.testing.assert_frame_equal(again.sort_index(), loose)


def test_big_is_not_the_same_as_good():
    scored = scorecard(customers(), CRITERIA, weights=WEIGHTS, costs=["delay"])
    row = size_and_score(scored).iloc[0]
    big = scored["total"].nlargest(16).index
    best = scored.index[scored["core"]]
    assert row["both"] == len(big.intersection(best))
    assert row["best_not_big"] == len(best.difference(big))
    assert row["size_of_best"] == pytest.approx(scored["total"][best].sum() / scored["total"].sum())
    assert row["correlation"] == pytest.approx(scored["total"].corr(scored["score"], "spearman"))
    fields = size_matrix(scored)
    small = fields["selection"].eq("small but good")
    assert small.equals(
        (scored["total"] < scored["total"].median()) & (scored["score"] >= scored["score"].median())
    )
    same = size_and_score(scored.assign(total=scored["score"])).iloc[0]
    assert (same["overlap"], same["big_not_best"]) == (1, 0)


def test_other_frames():
    frame = pl.from_pandas(customers())
    scored = scorecard(frame, CRITERIA, weights=WEIGHTS, costs=["delay"])
    plain = scorecard(customers(), CRITERIA, weights=WEIGHTS, costs=["delay"])
    assert isinstance(scored, pl.DataFrame)
    assert scored["score"].to_list() == plain["score"].tolist()
    for found in (
        weight_sensitivity(scored, WEIGHTS),
        core_probability(scored, WEIGHTS, draws=10),
        size_and_score(scored),
        size_matrix(scored),
    ):
        assert isinstance(found, pl.DataFrame)


def test_a_real_shop_has_small_customers_who_are_good(shared_data):
    raw = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    raw = raw[(raw["UnitPrice"] > 0) & (raw["Quantity"] > 0) & raw["CustomerID"].notna()]
    log = raw.assign(amount=raw["Quantity"] * raw["UnitPrice"], date=raw["InvoiceDate"])
    people = crm.summarize(log, customer_id="CustomerID")
    people = people.assign(basket=people["total"] / people["orders"])
    criteria = ["days_since_last", "basket", "T"]
    scored = scorecard(people, criteria, weights="critic", costs=["days_since_last"])
    row = size_and_score(scored).iloc[0]
    assert row["customers"] == 4_338
    assert row["biggest"] == 868
    assert row["size_of_biggest"] == pytest.approx(0.7462, abs=5e-5)
    assert row["best_not_big"] > 0
    assert 0 < row["correlation"] < 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: scorecard(f.head(0), CRITERIA), InvalidValuesError, "nobody"),
        (lambda f: scorecard(f, []), ParameterError, "at least one"),
        (lambda f: scorecard(f, ["margin", "margin"]), ParameterError, "each once"),
        (lambda f: scorecard(f, CRITERIA, costs=["total"]), ParameterError, "total"),
        (lambda f: scorecard(f, CRITERIA, costs="delay"), ParameterError, "costs"),
        (lambda f: scorecard(f, ["height"]), MissingColumnsError, "height"),
        (lambda f: scorecard(f.assign(margin=np.nan), CRITERIA), InvalidValuesError, "missing"),
        (lambda f: scorecard(f, CRITERIA, weights="luck"), ParameterError, "entropy"),
        (lambda f: scorecard(f, CRITERIA, weights={"margin": 1}), ParameterError, "growth"),
        (lambda f: scorecard(f, CRITERIA, scale="log"), ParameterError, "minmax"),
        (lambda f: scorecard(f, CRITERIA, core=0), ParameterError, "core"),
        (lambda f: weight_sensitivity(f, WEIGHTS), MissingColumnsError, "margin_points"),
        (lambda f: size_and_score(f.assign(score=1).head(0)), InvalidValuesError, "no rows"),
    ],
)
def test_says_what_is_wrong(call, error, message):
    with pytest.raises(error, match=message):
        call(customers())


def test_says_what_is_wrong_with_weights():
    scored = scorecard(customers(), CRITERIA)
    with pytest.raises(ParameterError, match="above -1"):
        weight_sensitivity(scored, WEIGHTS, shifts=[-1])
    with pytest.raises(ParameterError, match="above -1"):
        weight_sensitivity(scored, WEIGHTS, shifts=[])
    with pytest.raises(ParameterError, match="all be positive"):
        core_probability(scored, {**WEIGHTS, "delay": 0})
    with pytest.raises(ParameterError, match="draws"):
        core_probability(scored, WEIGHTS, draws=0)
    with pytest.raises(ParameterError, match="at least one set"):
        compare_weights(scored, {})
    with pytest.raises(InvalidValuesError, match="nobody"):
        weight_sensitivity(scored.head(0), WEIGHTS)
