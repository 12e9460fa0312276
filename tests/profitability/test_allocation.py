"""Allocation: every pool is laid on rows in full, by its rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.profitability import CostPool, allocate, cube

POOLS = [
    CostPool("delivery", 900.0, basis="each", driver="order_id", where={"channel": "web"}),
    CostPool("support", 250.0, basis="amount", driver="hours"),
    CostPool("rent", 100.0, basis="row", where={"region": "north"}),
]


@given(st.integers(0, 1000))
def test_pools_are_laid_on_rows_in_full_whatever_their_order(seed):
    rng = np.random.default_rng(seed)
    log = pd.DataFrame(
        {
            "order_id": rng.integers(0, 20, 60),
            "channel": np.r_[["web"], rng.choice(["web", "shop"], 59)],
            "region": np.r_[["north"], rng.choice(["north", "south"], 59)],
            "hours": np.r_[1.0, rng.integers(0, 5, 59)],
        },
        index=rng.permutation(60),
    )
    found = allocate(log, POOLS)
    assert found.index.equals(log.index)
    for pool in POOLS:
        assert found[pool.name].sum() == pytest.approx(pool.amount)
        assert (found[pool.name] >= 0).all()
    assert np.allclose(found["allocated_cost"], found[["delivery", "support", "rent"]].sum(axis=1))
    assert found.loc[found["channel"] == "shop", "delivery"].eq(0).all()
    per_order = found[found["channel"] == "web"].groupby("order_id")["delivery"].sum()
    assert np.allclose(per_order, 900 / len(per_order))
    shuffled = allocate(log.sample(frac=1, random_state=seed), POOLS)
    pd.testing.assert_frame_equal(shuffled.loc[log.index], found, check_exact=True)


def test_shared_costs_turn_a_profit_into_a_loss(log):
    charged = allocate(log, POOLS)
    before = cube(log, "channel", costs="goods")
    after = cube(charged, "channel", costs=["goods", "allocated_cost"])
    assert before["profit"].iloc[0] - after["profit"].iloc[0] == pytest.approx(1250)
    web = charged.loc[charged["channel"] == "web", "allocated_cost"].sum()
    assert before["profit"].iloc[2] - after["profit"].iloc[2] == pytest.approx(web)


def test_other_frames(log):
    found = allocate(pl.from_pandas(log), POOLS)
    assert isinstance(found, pl.DataFrame)
    assert np.array_equal(found["delivery"], allocate(log, POOLS)["delivery"])


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: allocate(f, []), ParameterError, "one or more"),
        (lambda f: allocate(f, [POOLS[0]] * 2), ParameterError, "delivery"),
        (lambda f: allocate(f.head(0), POOLS), InvalidValuesError, "no rows"),
        (lambda f: allocate(f.assign(hours=0.0), POOLS), InvalidValuesError, "'support'"),
        (lambda f: allocate(f.assign(hours=-1.0), POOLS), InvalidValuesError, "negative"),
        (lambda f: allocate(f.assign(hours=np.nan), POOLS), InvalidValuesError, "Fill them with 0"),
        (lambda f: allocate(f.assign(channel="shop"), POOLS), InvalidValuesError, "'delivery'"),
        (lambda f: CostPool("a", 1.0, basis="guess"), ParameterError, "basis"),
        (lambda f: CostPool("a", 1.0, basis="each"), ParameterError, "need a driver"),
        (lambda f: CostPool("a", np.nan, basis="row"), ParameterError, "finite"),
    ],
)
def test_says_what_is_wrong(log, call, error, message):
    with pytest.raises(error, match=message):
        call(log)
