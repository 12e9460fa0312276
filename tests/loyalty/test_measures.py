"""The six measures of loyalty, beside plain pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, ParameterError

WINDOW = {"start": "1997-04-01", "end": "1997-07-01"}


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


def survey(ids=range(20), seed=0):
    draw = np.random.default_rng(seed)
    n = len(ids)
    made = pd.DataFrame({"customer_id": list(ids), "minutes": draw.lognormal(2, 1, n)})
    made["here"] = draw.uniform(0, 50, n)
    made["anywhere"] = made["here"] + draw.uniform(1, 80, n)
    made["rivals"] = draw.integers(1, 6, n)
    made["forgives"] = draw.integers(0, 2, n)
    return made


def values(found, column="estimate"):
    return found.set_index("metric")[column]


def test_what_is_asked():
    given = survey()
    found = crm.loyalty.loyalty_measures(
        survey=given,
        decision_time="minutes",
        competitors=("rivals", "mean"),
        defects="forgives",
        wallet="anywhere",
        spend="here",
        **WINDOW,
    )
    made = values(found)
    assert made["decision_time"] == pytest.approx(given["minutes"].mean())
    assert made["decision_time_geometric"] == pytest.approx(np.exp(np.log(given["minutes"]).mean()))
    assert made["competitors"] == pytest.approx(given["rivals"].mean())
    assert made["defects"] == pytest.approx(given["forgives"].mean())
    share = given["here"] / given["anywhere"]
    assert made["share_of_wallet"] == pytest.approx(given["here"].sum() / given["anywhere"].sum())
    assert made["share_of_wallet_mean"] == pytest.approx(share.mean())
    assert values(found, "se")["share_of_wallet_mean"] == pytest.approx(share.sem())
    assert (found["low"] < found["estimate"]).all()
    assert (found["high"] > found["estimate"]).all()


def test_repeat_purchases_are_those_after_the_first(log):
    found = crm.loyalty.loyalty_measures(transactions=log, **WINDOW)
    bought = log[(log["date"] >= "1997-04-01") & (log["date"] < "1997-07-01") & (log["amount"] > 0)]
    days = bought.groupby("customer_id")["date"].nunique()
    assert values(found)["repeat_purchases"] == pytest.approx((days - 1).mean())
    assert values(found, "se")["repeat_purchases"] == pytest.approx(days.sem())
    assert values(found)["repeat_rate"] == pytest.approx((days > 1).mean())


def test_money_spent_here_is_found_in_the_log(log):
    inside = log[(log["date"] >= "1997-04-01") & (log["date"] < "1997-07-01")]
    spend = inside.groupby("customer_id")["amount"].sum()
    ids = [*spend.index[:10], 999_999]
    given = survey(ids).assign(anywhere=[*(spend.iloc[:10] * 2), 50.0])
    found = crm.loyalty.loyalty_measures(
        survey=given, transactions=log, wallet="anywhere", **WINDOW
    )
    total = spend.iloc[:10].sum()
    assert values(found)["share_of_wallet"] == pytest.approx(total / (2 * total + 50))
    assert values(found)["share_of_wallet_mean"] == pytest.approx(5 / 11)


def test_more_spent_here_than_anywhere_is_an_error_or_all():
    given = survey()
    given.loc[3, "anywhere"] = given.loc[3, "here"] / 2
    arguments = {"survey": given, "wallet": "anywhere", "spend": "here"} | WINDOW
    with pytest.raises(InvalidValuesError, match="1 of 20 rows") as caught:
        crm.loyalty.loyalty_measures(**arguments)
    assert "over='cap'" in str(caught.value)
    found = crm.loyalty.loyalty_measures(**arguments, over="cap")
    share = (given["here"] / given["anywhere"]).clip(upper=1)
    assert values(found)["share_of_wallet_mean"] == pytest.approx(share.mean())


def test_groups_missing_answers_and_frames_of_other_kinds(log):
    ids = log["customer_id"].unique()
    customers = pd.DataFrame({"customer_id": ids, "tier": np.resize(["b", "a"], len(ids))})
    given = survey(ids[:20])
    given.loc[0, "minutes"] = np.nan
    arguments = {"decision_time": "minutes", "by": "tier"} | WINDOW
    found = crm.loyalty.loyalty_measures(
        survey=given, transactions=log, customers=customers, **arguments
    )
    assert found["tier"].tolist() == ["a"] * 4 + ["b"] * 4
    assert found[found["metric"] == "decision_time"]["n_missing"].tolist() == [0, 1]
    again = crm.loyalty.loyalty_measures(
        survey=pl.from_pandas(given),
        transactions=pl.from_pandas(log),
        customers=pl.from_pandas(customers),
        **arguments,
    )
    np.testing.assert_allclose(again["high"].to_numpy(), found["high"])


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({}, ParameterError, "nothing to measure"),
        ({"decision_time": "minutes"}, ParameterError, "no survey"),
        ({"survey": survey()}, ParameterError, "no question"),
        ({"survey": survey(), "wallet": "anywhere"}, ParameterError, "money spent here"),
        (
            {"survey": survey(), "decision_time": "minutes", "spend": "here"},
            ParameterError,
            "wallet",
        ),
        (
            {"survey": survey().assign(minutes=-1.0), "decision_time": "minutes"},
            InvalidValuesError,
            "between 0",
        ),
        (
            {"survey": survey(), "wallet": "anywhere", "spend": "here", "over": "drop"},
            ParameterError,
            "over",
        ),
    ],
)
def test_what_is_refused(arguments, error, says):
    with pytest.raises(error, match=says):
        crm.loyalty.loyalty_measures(**(WINDOW | arguments))


def test_a_log_without_money_says_nothing_of_wallets(log):
    plain = log.drop(columns="amount")
    given = survey(log["customer_id"].unique()[:20])
    with pytest.raises(ParameterError, match="no amounts"):
        crm.loyalty.loyalty_measures(survey=given, transactions=plain, wallet="anywhere", **WINDOW)
    found = crm.loyalty.loyalty_measures(transactions=plain, **WINDOW)
    assert len(found) == 2
