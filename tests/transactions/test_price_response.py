"""How customers answer to prices: an elasticity that was put in, and what pandas counts."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.errors import DataError, ParameterError

WINDOW = {"start": "2024-01-01", "end": "2024-07-01"}
START = pd.Timestamp("2024-01-01")


def sales(elasticity=-1.5, products=40, weeks=26, seed=1):
    """Units of each product and week, with promotions, seasons and unlike products."""
    draw = np.random.default_rng(seed)
    usual = draw.uniform(2, 50, products)
    level = draw.normal(4, 1, products)[:, None] + draw.normal(0, 0.4, weeks)
    cut = np.where(draw.random((products, weeks)) < 0.25, draw.uniform(0.6, 0.9), 1.0)
    price = usual[:, None] * cut
    units = np.exp(level + elasticity * np.log(cut) + draw.normal(0, 0.3, (products, weeks)))
    product, week = np.indices((products, weeks)).reshape(2, -1)
    units = np.maximum(np.round(units.ravel()), 1)
    return pd.DataFrame(
        {
            "customer_id": draw.integers(0, 60, product.size),
            "date": START + pd.to_timedelta(7 * week + draw.integers(0, 7, product.size), "D"),
            "product_id": product,
            "quantity": units,
            "amount": units * price.ravel(),
        }
    )


def response(log, **options):
    found = crm.satisfaction.satisfaction_indicators(**WINDOW, transactions=log, **options)
    return found.set_index("metric")


def test_the_elasticity_that_was_put_in_comes_out():
    log = sales()
    row = response(log, price_days=7).loc["price_elasticity"]
    assert row["low"] < -1.5 < row["high"]
    assert row["high"] - row["low"] < 0.6
    assert row["n"] == 40 * 26
    assert row["n_missing"] == 0


def test_it_is_the_regression_on_products_and_periods():
    log = sales(products=8, weeks=6)
    week = (log["date"] - START).dt.days // 7
    cells = log.assign(week=week).groupby(["product_id", "week"], as_index=False)
    cells = cells[["quantity", "amount"]].sum()
    price = np.log(cells["amount"] / cells["quantity"]).to_numpy()
    kinds = pd.get_dummies(cells[["product_id", "week"]].astype("str")).to_numpy(float)
    design = np.column_stack([price, kinds])
    inverse = np.linalg.pinv(design.T @ design)
    sold = np.log(cells["quantity"].to_numpy())
    solved = inverse @ design.T @ sold
    left = sold - design @ solved
    residual = price - kinds @ np.linalg.pinv(kinds) @ price
    moved = []
    for k in cells.groupby("product_id").indices.values():
        rest = np.setdiff1d(np.arange(len(sold)), k)
        # the slope without the product, effects of periods kept
        slope = (
            residual[rest] @ (left[rest] + residual[rest] * solved[0]) / (residual[rest] ** 2).sum()
        )
        moved.append(slope - solved[0])
    row = response(log, price_days=7).loc["price_elasticity"]
    assert row["estimate"] == pytest.approx(solved[0], rel=1e-8)
    varied = int(row["n_effective"])
    error = np.sqrt((np.square(moved)).sum() * (varied - 1) / varied)
    assert row["se"] == pytest.approx(error, rel=1e-6)


def test_discounts_are_what_pandas_counts():
    log = sales(seed=2)
    price = log["amount"] / log["quantity"]
    usual = price.groupby(log["product_id"]).transform("median")
    cheap = price <= usual * 0.95 * (1 + 1e-9)
    row = response(log, discount=0.05).loc["bought_at_discount"]
    assert row["estimate"] == pytest.approx(cheap.mean())
    assert 0 < row["se"] < 0.1
    assert row["n"] == log["customer_id"].nunique()


def test_groups_order_and_kinds_of_frames():
    log = sales(seed=3)
    customers = pd.DataFrame({"customer_id": np.arange(60), "region": np.arange(60) % 2})
    options = {**WINDOW, "customers": customers, "by": "region", "discount": 0.1, "price_days": 7}
    found = crm.loyalty.loyalty_measures(transactions=log, **options)
    assert list(found["metric"][:4]) == [
        "repeat_purchases", "repeat_rate", "bought_at_discount", "price_elasticity",
    ]  # fmt: skip
    half = crm.loyalty.loyalty_measures(
        transactions=log,
        **{**options, "customers": customers[customers["region"] == 1], "by": None},
    )
    np.testing.assert_allclose(
        found.loc[found["region"] == 1, "estimate"], half["estimate"], rtol=1e-12
    )
    mixed = crm.loyalty.loyalty_measures(
        transactions=pl.from_pandas(log.sample(frac=1, random_state=1)),
        **{**options, "customers": pl.from_pandas(customers)},
    )
    np.testing.assert_array_equal(mixed["estimate"].to_numpy(), found["estimate"])
    np.testing.assert_array_equal(mixed["se"].to_numpy(), found["se"])


def test_prices_that_never_vary_have_no_elasticity():
    log = sales(products=3, weeks=4).assign(amount=lambda x: 2.0 * x["quantity"])
    row = response(log, price_days=7, discount=0.05)
    assert row.loc["price_elasticity", ["estimate", "se", "low", "high"]].isna().all()
    assert row.loc["bought_at_discount", "estimate"] == 0


def test_what_is_wrong_is_told():
    log = sales(products=3, weeks=4)
    with pytest.raises(ParameterError, match="discount must lie"):
        response(log, discount=5)
    with pytest.raises(ParameterError, match="price_days"):
        response(log, price_days=0)
    with pytest.raises(DataError, match="product_id"):
        response(log.drop(columns="product_id"), discount=0.1)
    found = response(log.assign(quantity=-1.0), discount=0.1, price_days=7)
    assert found.loc[["bought_at_discount", "price_elasticity"], "estimate"].isna().all()
    survey = pd.DataFrame({"praised": [1, 0]})
    with pytest.raises(ParameterError, match="about transactions"):
        crm.satisfaction.satisfaction_indicators(
            **WINDOW, survey=survey, praise="praised", discount=0.1
        )
