"""Potential profits: each source by hand, none counted twice, and all adding up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.discounting import (
    attribute_referrals,
    cross_selling_profits,
    current_and_potential_value,
    current_value,
    growth_profits,
    planned_profits,
    present_value,
    referral_profits,
    referral_rates,
    wallet_size,
)
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

TERMS = {"discount_rate": 0.1, "timing": "end", "periods_per_year": 4}
PRODUCTS = pd.DataFrame(
    {"product_id": ["card", "loan"], "revenue": [10.0, 100.0], "margin": [0.4, 0.25]}
)


def base(customers=5, periods=6):
    frame = pd.DataFrame({"customer_id": np.arange(customers), "m": np.arange(customers) * 10.0})
    return planned_profits(frame, margin="m", retention=0.9, periods=periods, first="certain")


def sources(seed, customers=5, periods=6):
    rng = np.random.default_rng(seed)
    ids = np.arange(customers)
    chances = pd.DataFrame(
        {
            "customer_id": np.repeat(ids, 2),
            "product_id": ["card", "loan"] * customers,
            "probability": rng.random(2 * customers),
            "standard_error": rng.random(2 * customers) / 10,
        }
    )
    wallets = pd.DataFrame(
        {
            "customer_id": ids,
            "spend": rng.random(customers) * 50,
            "wallet": rng.random(customers) * 200,
            "standard_error": rng.random(customers) * 5,
        }
    )
    rates = pd.DataFrame({"customer_id": ids, "rate": rng.random(customers)})
    return {
        "cross_selling": cross_selling_profits(
            chances, PRODUCTS, periods=periods, within=4, retention=0.9
        ),
        "growth": growth_profits(
            wallets, achievable_share=0.8, margin=0.3, speed=0.4, periods=periods, retention=0.9
        ),
        "referrals": referral_profits(
            rates, value_of_referred=30.0, incremental=0.5, periods=periods, retention=0.9
        ),
    }


# --- cross-selling -----------------------------------------------------------------------------


def test_adoption_is_complete_within_its_time():
    chances = pd.DataFrame(
        {
            "customer_id": [1, 1, 2],
            "product_id": ["card", "loan", "loan"],
            "probability": [0.3, 0.6, 1.0],
        }
    )
    found = cross_selling_profits(chances, PRODUCTS, periods=4, within=4, retention=1.0)
    last = found[found["period"] == 3]
    assert last["revenue"].tolist() == pytest.approx([0.3 * 10 + 0.6 * 100, 100])
    assert last["profit"].tolist() == pytest.approx([0.3 * 4 + 0.6 * 25, 25])
    one = found[(found["customer_id"] == 1)]["revenue"].to_numpy()
    assert one == pytest.approx(
        [10 * (1 - 0.7 ** (t / 4)) + 100 * (1 - 0.4 ** (t / 4)) for t in (1, 2, 3, 4)]
    )


def test_cross_selling_by_simulation():
    rng = np.random.default_rng(8)
    size, a, stay = 200_000, 0.4, 0.9
    hazard = 1 - (1 - a) ** (1 / 3)
    adopted, here, profit = np.zeros(size, bool), np.ones(size, bool), np.zeros((5, size))
    for t in range(5):
        adopted |= rng.random(size) < hazard
        profit[t] = 25.0 * (adopted & here)
        here &= rng.random(size) < stay
    chances = pd.DataFrame({"customer_id": [1], "product_id": ["loan"], "probability": [a]})
    found = cross_selling_profits(chances, PRODUCTS, periods=5, within=3, retention=stay)
    error = profit.std(axis=1) / size**0.5
    assert (np.abs(found["profit"].to_numpy() - profit.mean(axis=1)) <= 4 * error).all()


def test_cross_selling_errors_are_the_change_they_stand_for():
    frame = pd.DataFrame(
        {"customer_id": [1], "product_id": ["loan"], "probability": [0.4], "standard_error": [1e-6]}
    )
    here = cross_selling_profits(frame, PRODUCTS, periods=5, within=2.5, retention=0.8)
    there = cross_selling_profits(
        frame.assign(probability=0.4 + 1e-6), PRODUCTS, periods=5, within=2.5, retention=0.8
    )
    assert here["standard_error"].to_numpy() == pytest.approx(
        (there["profit"] - here["profit"]).to_numpy(), rel=1e-4
    )


def test_retention_may_be_a_column():
    frame = pd.DataFrame(
        {"customer_id": [1, 2], "product_id": "loan", "probability": 0.5, "stay": [1.0, 0.0]}
    )
    found = cross_selling_profits(frame, PRODUCTS, periods=2, within=1, retention="stay")
    assert found["revenue"].tolist() == pytest.approx([50, 75, 50, 0])


@given(seed=st.integers(0, 1000))
def test_cross_selling_ignores_the_rows_order(seed):
    rng = np.random.default_rng(seed)
    names = [f"p{i}" for i in range(7)]
    prices = pd.DataFrame({"product_id": names, "revenue": rng.random(7), "margin": rng.random(7)})
    chances = pd.DataFrame(
        {
            "customer_id": np.repeat([1, 2, 3], 7),
            "product_id": names * 3,
            "probability": rng.random(21),
        }
    )
    whole, shuffled = (
        cross_selling_profits(f, prices, periods=3, within=2, retention=0.9)
        for f in (chances, chances.sample(frac=1, random_state=seed))
    )
    pd.testing.assert_frame_equal(whole, shuffled, check_exact=True)


def test_a_product_counts_once():
    frame = pd.DataFrame({"customer_id": [1, 1], "product_id": "loan", "probability": 0.5})
    with pytest.raises(InvalidValuesError, match="1 rows repeat"):
        cross_selling_profits(frame, PRODUCTS, periods=2, within=1, retention=1.0)


def test_every_product_needs_a_price():
    frame = pd.DataFrame({"customer_id": [1], "product_id": ["boat"], "probability": [0.5]})
    with pytest.raises(InvalidValuesError, match=r"no row for 1 products .*boat"):
        cross_selling_profits(frame, PRODUCTS, periods=2, within=1, retention=1.0)


# --- share of wallet ---------------------------------------------------------------------------


def test_growth_by_hand():
    wallets = pd.DataFrame({"customer_id": [2, 1], "spend": [90.0, 10.0], "wallet": [100.0, 100.0]})
    found = growth_profits(
        wallets, achievable_share=0.6, margin=0.5, speed=0.5, periods=3, retention=0.8
    )
    assert found["revenue"].tolist() == pytest.approx([25, 37.5 * 0.8, 43.75 * 0.64, 0, 0, 0])
    assert found["profit"].tolist() == pytest.approx((found["revenue"] / 2).tolist())


def test_growth_never_wins_more_than_the_achievable_share():
    wallets = pd.DataFrame({"customer_id": [1], "spend": [10.0], "wallet": [100.0]})
    for speed in (0.0, 0.3, 1.0):
        found = growth_profits(
            wallets, achievable_share=0.7, margin=1.0, speed=speed, periods=60, retention=1.0
        )
        assert found["revenue"].is_monotonic_increasing
        assert found["revenue"].max() <= 60 * (1 + 1e-12)


def test_wallet_is_that_of_peers_or_the_own_spend():
    rng = np.random.default_rng(4)
    customers = pd.DataFrame(
        {
            "customer_id": range(4000),
            "spend": rng.exponential(100, 4000),
            "branch": ["x", "y"] * 2000,
        }
    )
    customers.loc[customers["branch"] == "y", "spend"] *= 3
    found = wallet_size(customers, quantile=0.8, segment="branch")
    assert (found["wallet"] >= found["spend"]).all()
    for branch, scale in (("x", 100), ("y", 300)):
        inside = (customers["branch"] == branch).to_numpy() & (found["standard_error"] > 0)
        peers, error = found[inside].iloc[0][["wallet", "standard_error"]]
        assert peers == pytest.approx(scale * np.log(5), abs=4 * error)
        assert found[inside]["wallet"].to_numpy() == pytest.approx(np.full(inside.sum(), peers))


def test_wallet_errors_are_those_of_repeated_samples():
    rng = np.random.default_rng(9)
    wallets, errors = [], []
    for _ in range(200):
        frame = pd.DataFrame({"customer_id": range(61), "spend": rng.lognormal(3, 1, 61)})
        row = wallet_size(frame, quantile=0.8).sort_values("spend").iloc[0]
        wallets.append(row["wallet"])
        errors.append(row["standard_error"])
    assert np.mean(errors) == pytest.approx(np.std(wallets), rel=0.2)


def test_wallet_needs_its_columns():
    frame = pd.DataFrame({"customer_id": [1], "spend": [1.0]})
    with pytest.raises(MissingColumnsError, match="branch"):
        wallet_size(frame, quantile=0.8, segment="branch")
    with pytest.raises(ParameterError, match="quantile"):
        wallet_size(frame, quantile=80)
    assert wallet_size(frame, quantile=0.8)["wallet"].tolist() == [1.0]


# --- referrals ---------------------------------------------------------------------------------


def test_referral_rates_find_the_true_ones_better_than_the_raw_counts():
    rng = np.random.default_rng(1)
    truth = rng.gamma(0.8, 0.2, 3000)
    watched = rng.integers(1, 20, 3000)
    counts = rng.poisson(truth * watched)
    frame = pd.DataFrame({"customer_id": range(3000), "referred": counts, "periods": watched})
    found = referral_rates(frame)
    raw = ((counts / watched - truth) ** 2).mean()
    assert ((found["rate"] - truth) ** 2).mean() < 0.5 * raw
    z = (found["rate"] - truth) / found["standard_error"]
    assert (z**2).mean() == pytest.approx(1, abs=0.15)


def test_referral_rates_without_differences_are_the_mean():
    frame = pd.DataFrame({"customer_id": range(4), "referred": [1, 1, 1, 1], "periods": [5.0] * 4})
    found = referral_rates(frame)
    assert found["rate"].tolist() == pytest.approx([0.2] * 4)
    assert found["standard_error"].tolist() == pytest.approx([0.1] * 4)
    none = referral_rates(frame.assign(referred=0))
    assert none["rate"].tolist() == [0.0] * 4


def test_referral_profits_by_hand():
    rates = pd.DataFrame(
        {"customer_id": [1, 2], "rate": [0.5, 0.0], "standard_error": [0.1, 0.0], "v": [80.0, 10.0]}
    )
    found = referral_profits(
        rates, value_of_referred="v", incremental=0.25, periods=2, retention=0.5
    )
    assert found["profit"].tolist() == [10.0, 5.0, 0.0, 0.0]
    assert found["referred"].tolist() == [0.125, 0.0625, 0.0, 0.0]
    assert found["standard_error"].tolist() == pytest.approx([2.0, 1.0, 0.0, 0.0])


@given(seed=st.integers(0, 500), share=st.floats(0, 1))
def test_attribution_keeps_the_total(seed, share):
    rng = np.random.default_rng(seed)
    n = 30
    values = pd.DataFrame({"customer_id": np.arange(n), "clv": rng.normal(100, 80, n)})
    brought = rng.choice(np.arange(1, n), 12, replace=False)
    links = pd.DataFrame(
        {"customer_id": brought, "referrer_id": [int(rng.integers(0, b)) for b in brought]}
    )
    found = attribute_referrals(values, links, share=share)
    assert found["clv"].sum() == pytest.approx(values["clv"].sum(), abs=1e-8)
    assert found["given"].sum() == pytest.approx(found["received"].sum(), abs=1e-8)
    again = attribute_referrals(
        values.sample(frac=1, random_state=seed),
        links.sample(frac=1, random_state=seed),
        share=share,
    )
    pd.testing.assert_frame_equal(found, again, check_exact=True)


def test_attribution_counts_chains_once():
    values = pd.DataFrame({"customer_id": ["a", "b", "c"], "clv": [0.0, 0.0, 100.0]})
    links = pd.DataFrame({"customer_id": ["b", "c"], "referrer_id": ["a", "b"]})
    assert attribute_referrals(values, links, share=0.5)["clv"].tolist() == [0.0, 50.0, 50.0]


@pytest.mark.parametrize(
    ("brought", "by", "message"),
    [
        (["b"], ["z"], "not in values"),
        (["a"], ["a"], "refer themselves"),
        (["b", "b"], ["a", "a"], "repeat"),
    ],
)
def test_attribution_says_what_is_wrong(brought, by, message):
    values = pd.DataFrame({"customer_id": ["a", "b"], "clv": [1.0, 2.0]})
    links = pd.DataFrame({"customer_id": brought, "referrer_id": by})
    with pytest.raises(InvalidValuesError, match=message):
        attribute_referrals(values, links, share=0.5)


# --- current and potential ---------------------------------------------------------------------


@given(seed=st.integers(0, 1000), shared=st.booleans())
def test_the_columns_add_up_exactly(seed, shared):
    found = current_and_potential_value(base(), **TERMS, **sources(seed), shared_wallet=shared)
    parts = found["cross_selling"] + found["growth"] + found["referrals"]
    assert (found["potential"] == parts).all()
    assert (found["clv"] == found["current"] + found["potential"]).all()
    current = current_value(base(), **TERMS)["current"]
    assert found["current"].to_numpy() == pytest.approx(current.to_numpy(), rel=1e-14)


@given(seed=st.integers(0, 1000))
def test_the_gap_in_the_wallet_is_filled_once(seed):
    given_ = sources(seed)
    found = current_and_potential_value(base(), **TERMS, **given_)
    apart = current_and_potential_value(base(), **TERMS, **given_, shared_wallet=False)
    assert (found["growth"] <= apart["growth"] + 1e-12).all()
    # In money of each period: cross-selling and growth together are the larger of the two.
    cross, growth = (given_[k]["revenue"].to_numpy() for k in ("cross_selling", "growth"))
    counted = np.where(growth > 0, np.maximum(growth - cross, 0), 0) * 0.3
    expected = present_value(counted.reshape(5, 6), 0.1, timing="end", periods_per_year=4)
    assert found["growth"].to_numpy() == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert (found["cross_selling"] == apart["cross_selling"]).all()


def test_each_source_is_optional_and_its_own():
    given_ = sources(1)
    whole = current_and_potential_value(base(), **TERMS, **given_, shared_wallet=False)
    for name, frame in given_.items():
        only = current_and_potential_value(base(), **TERMS, **{name: frame})
        assert (only[name] == whole[name]).all()
        assert (only["potential"] == whole[name]).all()
    none = current_and_potential_value(base(), **TERMS)
    assert (none["potential"] == 0).all()
    assert (none["standard_error"] == 0).all()


def test_errors_add_within_a_source_and_in_squares_between_them():
    given_ = sources(2)
    only = [
        current_and_potential_value(base(), **TERMS, **{k: v})["standard_error"].to_numpy()
        for k, v in given_.items()
    ]
    whole = current_and_potential_value(base(), **TERMS, **given_, shared_wallet=False)
    assert whole["standard_error"].to_numpy() == pytest.approx(
        np.sqrt(np.sum(np.square(only), axis=0))
    )
    one = given_["growth"]
    grid = one["standard_error"].to_numpy().reshape(5, 6)
    assert only[1] == pytest.approx(present_value(grid, 0.1, timing="end", periods_per_year=4))


def test_scales_with_money_and_ignores_order_and_engine():
    given_ = sources(3)
    found = current_and_potential_value(base(), **TERMS, **given_)
    shuffled = current_and_potential_value(
        base().sample(frac=1, random_state=1),
        **TERMS,
        **{k: v.sample(frac=1, random_state=2) for k, v in given_.items()},
    )
    pd.testing.assert_frame_equal(found, shuffled, check_exact=True)
    polars = current_and_potential_value(
        pl.from_pandas(base()), **TERMS, **{k: pl.from_pandas(v) for k, v in given_.items()}
    )
    assert polars["clv"].to_list() == found["clv"].tolist()
    money = ["profit", "revenue", "standard_error"]
    scaled = {k: v.assign(**{m: v[m] * 7 for m in money if m in v}) for k, v in given_.items()}
    seven = current_and_potential_value(
        base().assign(profit=base()["profit"] * 7), **TERMS, **scaled
    )
    assert seven.iloc[:, 1:].to_numpy() == pytest.approx(found.iloc[:, 1:].to_numpy() * 7)


def test_potential_without_a_relationship_is_refused():
    given_ = sources(1, customers=6)
    with pytest.raises(InvalidValuesError, match=r"growth has 6 rows .*first: 5 in period 0"):
        current_and_potential_value(base(), **TERMS, growth=given_["growth"])
    longer = sources(1, periods=7)["referrals"]
    with pytest.raises(InvalidValuesError, match=r"referrals has 5 rows"):
        current_and_potential_value(base(), **TERMS, referrals=longer)


def test_a_shared_wallet_needs_revenues():
    given_ = sources(1)
    bare = given_["cross_selling"].drop(columns="revenue")
    with pytest.raises(MissingColumnsError, match="cross_selling has no column 'revenue'"):
        current_and_potential_value(base(), **TERMS, cross_selling=bare, growth=given_["growth"])
    found = current_and_potential_value(
        base(), **TERMS, cross_selling=bare, growth=given_["growth"], shared_wallet=False
    )
    assert len(found) == 5
