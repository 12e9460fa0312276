"""The ready-made matrices: fields, who comes first, and the real shop and CDNOW through them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.decisions import (
    Axis,
    churn_risk_matrix,
    customer_growth,
    growth_portfolio,
    priority_list,
    satisfaction_matrix,
    share_of_wallet,
    two_way_profile,
    wallet_matrix,
)
from crmanalytics.errors import InvalidValuesError, ParameterError

CORNERS = pd.DataFrame(
    {
        "total": [9.0, 9.0, 1.0, 1.0],
        "growth": [1.0, -1.0, 1.0, -1.0],
        "churn_risk": [0.9, 0.1, 0.9, 0.1],
        "satisfaction": [2, 9, 2, 9],
        "wallet": [90.0, 90.0, 10.0, 10.0],
        "spend": [80.0, 9.0, 8.0, 1.0],
    }
)


def test_the_four_corners_of_each():
    growth = growth_portfolio(CORNERS, value_from=5.0)
    assert growth["portfolio"].tolist() == ["star", "cash cow", "question mark", "dog"]
    churn = churn_risk_matrix(CORNERS, value_from=5.0)
    assert churn["retention"].tolist() == ["save", "keep", "let go", "maintain"]
    assert churn["value_at_risk"].tolist() == pytest.approx([8.1, 0.9, 0.9, 0.1])
    assert churn.attrs["crmanalytics"]["name"] == "retention"
    care = satisfaction_matrix(CORNERS, value_from=5.0, satisfied_from=7)
    assert care["care"].tolist() == ["rescue", "cherish", "mend", "develop"]
    assert care["care_priority"].tolist() == [1, 3, 4, 5]
    wallet = wallet_matrix(share_of_wallet(CORNERS))
    assert wallet["wallet_field"].tolist() == ["guard", "win", "serve", "leave"]
    assert wallet["open_wallet"].tolist() == [10.0, 81.0, 2.0, 9.0]


def test_dissatisfied_customers_of_high_value_come_first():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(
        {"customer_id": range(300), "total": rng.lognormal(4, 1, 300), "satisfaction": np.nan}
    )
    asked = rng.random(300) < 0.5
    frame.loc[asked, "satisfaction"] = rng.integers(0, 11, asked.sum())
    listed = priority_list(satisfaction_matrix(frame, satisfied_from=7), "total", name="care")
    rescued = listed["care"].eq("rescue")
    high = listed["total"] >= frame["total"].median()
    assert rescued.equals(high & (listed["satisfaction"] < 7))
    assert rescued.iloc[: rescued.sum()].all()
    following = listed["care"].iloc[rescued.sum()]
    assert following == "ask first"


def test_axes_of_ones_own_and_fields_of_ones_own():
    sure = Axis("satisfaction", (7.0,))
    care = satisfaction_matrix(CORNERS, value_from=5.0, satisfied_from=sure)
    assert care["care_priority"].tolist() == [1, 2, 3, 4]
    rules = {("high", "high"): "A", ("*", "*"): "B"}
    assert growth_portfolio(CORNERS, rules=rules)["portfolio"].tolist() == ["A", "B", "B", "B"]
    full = Axis("share_of_wallet", (0.5,))
    assert wallet_matrix(share_of_wallet(CORNERS), share_from=full)["wallet_field"][0] == "guard"
    empty = share_of_wallet(CORNERS.assign(wallet=0.0, spend=0.0))
    assert wallet_matrix(empty)["wallet_field"].tolist() == ["leave"] * 4


def test_says_what_is_wrong():
    with pytest.raises(InvalidValuesError, match="at most 1"):
        churn_risk_matrix(CORNERS.assign(churn_risk=2.0))
    with pytest.raises(InvalidValuesError, match="must not exceed"):
        share_of_wallet(CORNERS.assign(spend=91.0))
    with pytest.raises(InvalidValuesError, match="missing"):
        growth_portfolio(CORNERS.assign(total=np.nan))
    log = crm.datasets.load_cdnow_sample()
    with pytest.raises(ParameterError, match="must be after"):
        customer_growth(log, at="1997-12-31", until="1997-12-31")
    with pytest.raises(InvalidValuesError, match="no rows after 2018-12-30"):
        customer_growth(log, at="2020-01-01", until="2021-01-02")


def test_growth_of_new_lost_and_faithful_customers():
    log = pd.DataFrame(
        {
            "customer_id": ["lost", "new", "same", "same", "old", "back", "back"],
            "date": pd.to_datetime(
                [f"2024-01-{day:02}" for day in (5, 12, 10, 20)]
                + [f"20{day}" for day in ("23-12-01", "24-01-05", "24-01-15")]
            ),
            "amount": [10.0, 5.0, 7.0, 7.0, 9.0, 10.0, -10.0],
        },
        index=[0] * 7,
    )
    for frame in (log, pl.from_pandas(log)):
        found = customer_growth(frame, at="2024-01-10", until="2024-01-20")
        assert list(found["customer_id"]) == ["back", "lost", "new", "same"]
        assert list(found["growth"]) == [-2.0, -2.0, 2.0, 0.0]
        assert list(found["total"]) == [0.0, 10.0, 5.0, 14.0]


@given(seed=st.integers(0, 100), factor=st.floats(0.1, 10))
def test_growth_is_bounded_whatever_the_currency(seed, factor):
    rng = np.random.default_rng(seed)
    log = pd.DataFrame(
        {
            "customer_id": rng.integers(0, 9, 50),
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 20, 50), "D"),
            "amount": rng.integers(-500, 1000, 50) / 100,
        }
    )
    call = {"at": "2024-01-10", "until": "2024-01-20"}
    found = customer_growth(log, **call)
    assert found["growth"].between(-2, 2).all()
    pd.testing.assert_frame_equal(
        customer_growth(log.sample(frac=1, random_state=seed), **call), found, check_exact=True
    )
    dear = customer_growth(log.assign(amount=log["amount"] * factor), **call)
    both = found[["before", "after"]].abs().sum(axis=1) > 1e-9
    assert np.allclose(dear.loc[both, "growth"], found.loc[both, "growth"])


def test_cdnow_from_log_to_portfolio():
    log = crm.datasets.load_cdnow_sample()
    grown = customer_growth(log, at="1997-12-31", until="1998-06-30")
    window = log[(log["date"] > "1997-07-03") & (log["date"] <= "1998-06-30")]
    assert grown["total"].sum() == pytest.approx(window["amount"].sum())
    profile = two_way_profile(growth_portfolio(grown), "total", "growth", name="portfolio")
    assert profile["customers"].sum() == window["customer_id"].nunique()
    assert profile["total_share"].sum() == pytest.approx(1)


def test_a_real_shop_by_churn_risk(shared_data):
    raw = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    raw = raw[(raw["UnitPrice"] > 0) & (raw["Quantity"] > 0) & raw["CustomerID"].notna()]
    log = raw.assign(amount=raw["Quantity"] * raw["UnitPrice"], date=raw["InvoiceDate"])
    customers = crm.summarize(log, unit="W", customer_id="CustomerID")
    fit = crm.clv.BGNBD.fit(customers)
    scored = customers.assign(churn_risk=1 - fit.model.probability_alive(customers))
    found = churn_risk_matrix(scored)
    profile = two_way_profile(
        found, "total", "churn_risk", name="retention", values=["total", "value_at_risk"]
    )
    assert profile["customers"].sum() == 4_338
    assert profile["total"].sum() == pytest.approx(8_911_407.904)
    assert profile["retention"].iloc[0] == "save"
