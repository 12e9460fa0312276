"""One table of all measures: it agrees with each of them, and its intervals cover."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.churn import auc, brier, calibration_error, empc, evaluate, lift, mpc
from crmanalytics.errors import MissingColumnsError, ParameterError

MONEY = {"clv": 200, "offer_cost": 10, "contact_cost": 1}


def drawn(rows, seed, customers=None):
    random = np.random.default_rng(seed)
    p = random.beta(2, 4, rows).round(2)
    churned = (random.random(rows) < p).astype(int)
    frame = pd.DataFrame({"churned": churned, "churn_probability": p})
    return frame if customers is None else frame.assign(customer_id=np.arange(rows) % customers)


def test_the_table_agrees_with_each_measure(scored_221):
    table = evaluate(scored_221, shares=(0.1, 0.05), draws=20, **MONEY).set_index("metric")
    assert not table.index.has_duplicates
    found = table["estimate"]
    profit = empc(scored_221, **MONEY)
    expected = {
        "churn_rate": 74 / 221,
        "auc": auc(scored_221),
        "brier": brier(scored_221),
        "lift_10%": lift(scored_221, share=0.1),
        "lift_5%": lift(scored_221, share=0.05),
        "calibration_error": calibration_error(scored_221),
        "empc": profit.profit,
        "empc_target_rate": profit.target_rate,
        "empc_over_all": profit.over_all,
        "empc_over_none": profit.over_none,
        "empc_over_no_model": profit.over_no_model,
        "mpc": mpc(scored_221, acceptance=0.3, **MONEY).profit,
    }
    assert found[list(expected)].to_dict() == pytest.approx(expected)
    assert table.loc["auc", "method"] == "bootstrap of 221 customers, 20 draws"
    assert table.loc["empc_over_all", "method"].endswith("20 draws, reflected")
    assert (table["low"] < table["high"]).all()
    assert (table["standard_error"] > 0).all()


def test_rows_may_come_in_any_order_and_samples_are_repeatable():
    frame = drawn(300, 1, customers=100).assign(value=lambda f: f["customer_id"] % 7)
    given = {"clv": "value", "offer_cost": 1.0, "contact_cost": 0.1, "draws": 10}
    first = evaluate(frame, **given)
    again = evaluate(frame.sample(frac=1, random_state=3), **given)
    pd.testing.assert_frame_equal(first, again)
    assert not evaluate(frame, seed=1, **given)["low"].equals(first["low"])


def test_snapshots_of_a_customer_are_drawn_together():
    once = drawn(400, 2)
    many = pd.concat([once.assign(customer_id=np.arange(400))] * 5)
    apart = evaluate(many.drop(columns="customer_id"), draws=100).set_index("metric")
    together = evaluate(many, draws=100).set_index("metric")
    alone = evaluate(once, draws=100).set_index("metric")
    assert together.loc["auc", "method"].startswith("bootstrap of 400 customers")
    ratio = together["standard_error"] / apart["standard_error"]
    assert ratio["auc"] == pytest.approx(np.sqrt(5), rel=0.35)
    assert together.loc["auc", "standard_error"] == pytest.approx(
        alone.loc["auc", "standard_error"], rel=0.35
    )


@pytest.mark.slow
def test_the_intervals_cover_as_often_as_they_say():
    truth = evaluate(drawn(400_000, 99), draws=0, **MONEY).set_index("metric")["estimate"]
    covered = pd.Series(0.0, index=truth.index)
    for seed in range(200):
        table = evaluate(drawn(500, seed), draws=200, seed=seed, **MONEY).set_index("metric")
        covered += (table["low"] <= truth) & (truth <= table["high"])
    share = covered / 200
    assert share.drop("calibration_error").between(0.85, 0.99).all(), share
    assert share["calibration_error"] < 0.8, "the docstring may promise more"


def test_without_samples_there_is_no_interval():
    table = evaluate(pl.from_pandas(drawn(50, 4)), draws=0)
    assert isinstance(table, pl.DataFrame)
    assert np.isnan(table["low"].to_numpy()).all()
    assert table["method"].unique().to_list() == ["no interval"]


def test_samples_without_a_churner_are_left_out():
    frame = pd.DataFrame({"churned": [1, 0, 0, 0], "churn_probability": [0.9, 0.4, 0.3, 0.2]})
    table = evaluate(frame, draws=40)
    assert table["low"].notna().all()


def test_what_is_refused():
    frame = drawn(50, 4)
    with pytest.raises(ParameterError, match="together, or none"):
        evaluate(frame, clv=100)
    with pytest.raises(ParameterError, match="draws must be"):
        evaluate(frame, draws=1)
    with pytest.raises(ParameterError, match="level"):
        evaluate(frame, level=95)
    with pytest.raises(MissingColumnsError, match="buyer"):
        evaluate(frame, customer_id="buyer")
