"""The six indicators of satisfaction, beside plain pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.stats import binomtest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

WINDOW = {"start": "1997-04-01", "end": "1997-07-01"}


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


def survey(n=40, seed=0):
    draw = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "praised": draw.integers(0, 2, n).astype(bool),
            "rating": draw.integers(1, 11, n),
            "first_named": draw.choice(["us", "US", "them"], n),
            "w": draw.uniform(0.5, 2, n),
            "date": pd.date_range("1997-04-01", periods=n, freq="5D"),
        }
    )


def values(found, column="estimate"):
    return found.set_index("metric")[column]


def test_what_customers_do_is_what_pandas_counts(log):
    found = crm.satisfaction.satisfaction_indicators(transactions=log, **WINDOW)
    start, end = map(pd.Timestamp, WINDOW.values())
    bought = log[log["amount"] > 0]
    inside = bought[(bought["date"] >= start) & (bought["date"] < end)]
    days = inside.groupby("customer_id")["date"].nunique()
    spend = inside.groupby("customer_id")["amount"].sum()
    earlier = bought.loc[bought["date"] < start, "customer_id"].unique()
    made = values(found)
    assert made["repurchase"] == pytest.approx((days > 1).mean())
    assert made["returned"] == pytest.approx(np.isin(earlier, days.index).mean())
    assert made["purchase_amount"] == pytest.approx(spend.mean())
    assert made["amount_per_purchase"] == pytest.approx(spend.sum() / days.sum())
    wilson = binomtest(int((days > 1).sum()), len(days)).proportion_ci(method="wilson")
    assert values(found, "low")["repurchase"] == pytest.approx(wilson.low)
    assert values(found, "high")["repurchase"] == pytest.approx(wilson.high)
    assert values(found, "se")["purchase_amount"] == pytest.approx(spend.sem())
    assert values(found, "n")["returned"] == len(earlier)
    assert (found["n_missing"] == 0).all()


def test_the_window_is_half_open():
    log = pd.DataFrame(
        {
            "customer_id": [1, 1, 2, 2, 3],
            "date": pd.to_datetime(
                ["2024-01-01", "2024-01-31 23:59", "2024-02-01", "2023-12-31", "2024-01-05"],
                format="ISO8601",
            ),
            "amount": [5.0, 7.0, 9.0, 4.0, -3.0],
        }
    )
    found = crm.satisfaction.satisfaction_indicators(
        transactions=log, start="2024-01-01", end="2024-02-01"
    )
    assert values(found)["repurchase"] == 1
    assert values(found)["returned"] == 0
    assert values(found)["purchase_amount"] == 12
    # customer 3 gave something back and bought nothing: no customer of this window
    assert values(found, "n").tolist() == [1, 1, 1, 1]


def test_customers_who_did_not_buy_count_where_they_are_named(log):
    customers = pd.DataFrame({"customer_id": log["customer_id"].unique()})
    customers["region"] = np.where(customers["customer_id"] % 2, "odd", "even")
    found = crm.satisfaction.satisfaction_indicators(
        transactions=log, customers=customers, by="region", **WINDOW
    )
    assert found["region"].tolist() == ["even"] * 4 + ["odd"] * 4
    inside = log[(log["date"] >= "1997-04-01") & (log["date"] < "1997-07-01")]
    odd = inside[inside["customer_id"] % 2 == 1]["amount"].sum()
    size = (customers["region"] == "odd").sum()
    assert values(found[found["region"] == "odd"])["purchase_amount"] == pytest.approx(odd / size)


def test_complaints_of_customers_and_of_others(log):
    start, end = map(pd.Timestamp, WINDOW.values())
    inside = log[(log["date"] >= start) & (log["date"] < end) & (log["amount"] > 0)]
    buyers = inside["customer_id"].unique()
    complaints = pd.DataFrame(
        {
            "customer_id": [*buyers[:10], buyers[0], buyers[11], -5],
            "date": pd.to_datetime(["1997-05-01"] * 11 + ["1997-07-01", "1997-05-01"]),
        }
    )
    found = crm.satisfaction.satisfaction_indicators(
        transactions=log, complaints=complaints, **WINDOW
    )
    purchases = inside.groupby("customer_id")["date"].nunique().sum()
    assert values(found)["complaint_rate"] == pytest.approx(10 / len(buyers))
    assert values(found)["complaints_per_purchase"] == pytest.approx(11 / purchases)
    assert found.attrs["crmanalytics"]["complaints_of_others"] == 1
    strangers = complaints.assign(customer_id="x")
    with pytest.raises(InvalidValuesError, match="same identifiers"):
        crm.satisfaction.satisfaction_indicators(transactions=log, complaints=strangers, **WINDOW)


def test_what_customers_say_within_the_window():
    given = survey()
    found = crm.satisfaction.satisfaction_indicators(
        survey=given,
        praise="praised",
        naming="first_named",
        brand=["us", "US"],
        price_sensitivity=("rating", 8),
        **WINDOW,
    )
    inside = given[(given["date"] < "1997-07-01")]
    made = values(found)
    assert made["praise"] == pytest.approx(inside["praised"].mean())
    assert made["naming"] == pytest.approx(inside["first_named"].isin(["us", "US"]).mean())
    assert made["price_sensitivity"] == pytest.approx((inside["rating"] >= 8).mean())
    assert (found["n"] == len(inside)).all()


def test_weights_means_and_codes():
    given = survey().drop(columns="date")
    given.loc[0, "rating"] = 99
    found = crm.satisfaction.satisfaction_indicators(
        survey=given, price_sensitivity=("rating", "mean"), weight="w", no_answer=[99], **WINDOW
    )
    kept = given.iloc[1:]
    expected = np.average(kept["rating"], weights=kept["w"])
    assert values(found)["price_sensitivity"] == pytest.approx(expected)
    assert found["n_missing"].tolist() == [1]


def test_groups_of_customers_reach_the_survey(log):
    given = survey()
    given["customer_id"] = log["customer_id"].unique()[:40]
    customers = pd.DataFrame({"customer_id": log["customer_id"].unique()})
    customers["tier"] = np.resize(["low", "high", "low"], len(customers))
    found = crm.satisfaction.satisfaction_indicators(
        survey=given, transactions=log, customers=customers, praise="praised", by="tier", **WINDOW
    )
    assert found["tier"].tolist() == ["high"] * 5 + ["low"] * 5
    both = given.merge(customers, on="customer_id")
    both = both[(both["date"] < "1997-07-01") & (both["tier"] == "low")]
    low = found[found["tier"] == "low"]
    assert values(low)["praise"] == pytest.approx(both["praised"].mean())
    again = crm.satisfaction.satisfaction_indicators(
        survey=pl.from_pandas(given),
        transactions=pl.from_pandas(log),
        customers=pl.from_pandas(customers),
        praise="praised",
        by="tier",
        **WINDOW,
    )
    assert isinstance(again, pl.DataFrame)
    np.testing.assert_allclose(again["estimate"].to_numpy(), found["estimate"])


def test_the_order_of_rows_has_no_effect(log):
    first = crm.satisfaction.satisfaction_indicators(transactions=log, **WINDOW)
    shuffled = log.sample(frac=1, random_state=1)
    again = crm.satisfaction.satisfaction_indicators(transactions=shuffled, **WINDOW)
    pd.testing.assert_frame_equal(first, again)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({}, ParameterError, "nothing to measure"),
        ({"praise": "praised"}, ParameterError, "no survey"),
        ({"survey": survey()}, ParameterError, "no question"),
        ({"complaints": survey()}, ParameterError, "nothing to measure"),
        ({"survey": survey(), "praise": ("rating",)}, ParameterError, "ask for a column"),
        ({"survey": survey(), "praise": ("rating", "max")}, ParameterError, "ask for a column"),
        ({"survey": survey(), "praise": "rating"}, InvalidValuesError, "between 0 and 1"),
        ({"survey": survey(), "praise": "gone"}, MissingColumnsError, "gone"),
        (
            {"survey": survey(), "naming": "gone", "brand": "us"},
            MissingColumnsError,
            "gone",
        ),
        ({"survey": survey(), "praise": "praised", "brand": "us"}, ParameterError, "naming"),
        ({"survey": survey(), "praise": "praised", "end": "1997-04-01"}, ParameterError, "after"),
    ],
)
def test_what_is_refused(arguments, error, says):
    with pytest.raises(error, match=says):
        crm.satisfaction.satisfaction_indicators(**(WINDOW | arguments))


def test_groups_need_customers(log):
    with pytest.raises(ParameterError, match="needs customers"):
        crm.satisfaction.satisfaction_indicators(transactions=log, by="region", **WINDOW)
    twice = pd.DataFrame({"customer_id": [1, 1], "region": ["a", "b"]})
    with pytest.raises(InvalidValuesError, match="must not repeat"):
        crm.satisfaction.satisfaction_indicators(
            transactions=log, customers=twice, by="region", **WINDOW
        )


def test_brands_may_be_codes():
    frame = pd.DataFrame({"first": [3, 1, 3, 2]})
    for brand in (3, [3], [3.0]):
        found = crm.satisfaction.satisfaction_indicators(
            **WINDOW, survey=frame, naming="first", brand=brand
        )
        assert found["estimate"].tolist() == [0.5]
