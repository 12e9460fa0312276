"""Counting in DuckDB: in shares of the customers where memory is short, and in few passes."""

import re

import duckdb
import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.transactions import in_duckdb

REQUESTS = {
    "whole": {"until": "2021-12-31"},
    "cut": {"until": "2021-06-30", "unit": "W"},
    "open": {},
}


def log_of(text: bool, refunds: bool) -> pd.DataFrame:
    random = np.random.default_rng(5)
    who = np.concatenate([np.arange(400), random.integers(0, 400, 4000)])
    amount = random.integers(100, 9000, len(who)) / 100
    amount[400:] *= np.where(random.random(4000) < (0.05 if refunds else 0), -1, 1)
    days = random.integers(0, 365, len(who)) * (np.arange(len(who)) >= 400)
    names = np.array([f"C{n}" for n in who]) if text else who
    date = np.datetime64("2021-01-01", "us") + days.astype("m8[D]")
    return pd.DataFrame({"customer_id": names, "date": date, "amount": amount})


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("refunds", [False, True])
@pytest.mark.parametrize("request_", REQUESTS)
def test_shares_of_the_customers_add_up(monkeypatch, text, refunds, request_):
    log = log_of(text, refunds)
    expected = crm.summarize(log, **REQUESTS[request_])
    monkeypatch.setattr(in_duckdb, "_GROUP", 10_000_000)
    monkeypatch.setattr(in_duckdb, "_GROUP_OF_TEXT", 10_000_000)
    with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
        relation = connection.from_df(log)
        found = crm.summarize(relation, **REQUESTS[request_])
        assert found.sql_query().lower().count("union") >= 4
        found = found.order("customer_id").df()
    for name in expected.columns:
        assert found[name].tolist() == expected[name].tolist(), name


@pytest.mark.parametrize(("limit", "shares"), [("1GB", 1), ("40MB", 9), ("30MB", 12)])
def test_there_are_as_many_shares_as_the_limit_asks_for(limit, shares):
    with duckdb.connect(config={"memory_limit": limit}) as connection:
        log = connection.sql(
            "select i % 1000 as customer_id, date '2021-01-01' as date, 1.0 as amount "
            "from range(4_200_000) t(i)"
        )
        plan = crm.summarize(log, until="2021-12-31").sql_query().lower()
        assert len(set(re.findall(r"% \d+\)? = \(?(\d+)", plan))) == (shares if shares > 1 else 0)


def test_the_log_is_passed_over_once_before_it_is_counted():
    passes = []

    def seen(customer: int) -> int:
        passes.append(customer)
        return customer

    with duckdb.connect(config={"threads": 1}) as connection:
        connection.create_function("seen", seen, ["BIGINT"], "BIGINT", side_effects=True)
        log = connection.sql(
            "select seen(i) as customer_id, date '2021-01-01' as date, 1.25 as amount "
            "from range(10) t(i)"
        )
        crm.summarize(log, until="2021-12-31")
        assert len(passes) == 10
