"""The whole path on real purchases: from a log to profits, current value, equity and strategy."""

from __future__ import annotations

import numpy as np
import pytest

import crmanalytics as crm
from crmanalytics.clv import discounting

TERMS = {"discount_rate": 0.15, "timing": "end", "periods_per_year": 12}


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


@pytest.fixture(scope="module")
def profits(log):
    return discounting.profits_from_transactions(
        log,
        period="M",
        until="1998-06-30",
        margin=0.3,
        cost_to_serve=1.5,
        cost_to_keep=0.1,
        acquisition_cost=4.0,
    )


def test_profits_reconcile_with_the_log(log, profits):
    customers, orders = log["customer_id"].nunique(), log.drop_duplicates(["customer_id", "date"])
    assert profits["revenue"].sum() == pytest.approx(log["amount"].sum())
    assert profits["orders"].sum() == len(orders)
    months = log.groupby("customer_id")["date"].min().dt.month  # all began in early 1997
    rows = (18 - months + 1).sum()
    assert len(profits) == rows
    expected = 0.3 * log["amount"].sum() - 1.5 * len(orders) - 0.1 * rows - 4.0 * customers
    assert profits["profit"].sum() == pytest.approx(expected)


def test_current_value_and_equity(profits):
    value = discounting.current_value(profits, **TERMS)
    equity = crm.clv.customer_equity(value, value="current")
    factor = 1.15 ** (-(profits["period"] + 1) / 12)
    assert equity["equity"].iloc[0] == pytest.approx((profits["profit"] * factor).sum())
    plain = discounting.current_value(profits, **(TERMS | {"discount_rate": 0.0}))
    assert plain["current"].sum() == pytest.approx(profits["profit"].sum())


def test_strategies_for_every_customer(log):
    spend = log.groupby("customer_id")["amount"].sum().div(18).rename("spend").reset_index()
    wallets = discounting.wallet_size(spend, quantile=0.8)
    plan = discounting.planned_profits(
        spend.assign(margin=spend["spend"] * 0.3),
        margin="margin",
        retention=0.95,
        periods=24,
        first="at_risk",
    )
    growth = discounting.growth_profits(
        wallets, achievable_share=0.6, margin=0.3, speed=0.1, periods=24, retention=0.95
    )
    value = discounting.current_and_potential_value(plan, **TERMS, growth=growth)
    assert len(value) == log["customer_id"].nunique()
    assert np.isfinite(value.iloc[:, 1:].to_numpy()).all()
    cuts = crm.decisions.value_cuts(value, method="median")
    matrix = crm.decisions.value_matrix(value, cuts=cuts)
    # Who spends much already has the smaller gap to the peers' wallet.
    profile = crm.decisions.value_matrix_profile(matrix).set_index("strategy")["customers"]
    assert profile["defend"] + profile["develop"] > profile["invest"] + profile.get("economise", 0)
