"""Leaks are found where they were planted, and nowhere else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.churn import features, leakage_report, panel
from crmanalytics.errors import DataError, ParameterError

ROWS = 400


@pytest.fixture
def clean():
    random = np.random.default_rng(3)
    churned = random.integers(0, 2, ROWS)
    return pd.DataFrame(
        {
            "customer_id": np.arange(ROWS),
            "churned": churned,
            "spend": random.gamma(2, 10, ROWS) - 3 * churned,
            "region": random.choice(["north", "south"], ROWS),
        }
    )


def leaks(report):
    found = report[report["verdict"] == "leak?"]
    return set(zip(found["check"], found["column"].fillna(""), strict=True))


def test_a_clean_table_has_none(clean):
    report = leakage_report(clean)
    assert leaks(report) == set()
    assert report["mend"].isna().all()


@pytest.mark.parametrize("sign", [1, -1])
def test_a_column_that_tells_it_in_either_direction(clean, sign):
    report = leakage_report(clean.assign(balance=sign * clean["churned"] * 5.0))
    assert leaks(report) == {("one column tells it", "balance")}


def test_a_category_that_tells_it(clean):
    status = np.where(clean["churned"] == 1, "closed", "open")
    assert leaks(leakage_report(clean.assign(status=status))) == {("one column tells it", "status")}


def test_what_is_missing_may_tell_it(clean):
    why = clean["spend"].where(clean["churned"] == 1)
    assert leaks(leakage_report(clean.assign(last_call=why))) == {("missing tells it", "last_call")}


def test_identifiers_are_told(clean):
    named = clean.assign(card=[f"card {n}" for n in range(ROWS)])
    assert leaks(leakage_report(named)) == {("nearly all values differ", "card")}


def test_dates_after_the_snapshot_are_told(clean):
    dated = clean.assign(
        snapshot=pd.Timestamp("2024-01-01"),
        outcome_end=pd.Timestamp("2024-02-01"),
        signed=pd.Timestamp("2023-05-05"),
        updated=pd.Timestamp("2024-01-01"),
    )
    assert leaks(leakage_report(dated)) == {("dated after the snapshot", "updated")}


def test_windows_that_overlap_and_customers_with_several_rows_are_told():
    log = crm.datasets.load_cdnow_sample()
    rows = panel(log, snapshots=["1997-08-01", "1997-10-01"], horizon=90)
    assert leaks(leakage_report(rows)) == {
        ("outcome windows overlap the next snapshot", ""),
        ("customers have several rows", ""),
    }
    apart = panel(log, snapshots=["1997-08-01", "1997-10-30"], horizon=90)
    assert ("outcome windows overlap the next snapshot", "") not in leaks(leakage_report(apart))


def test_columns_that_later_data_change_are_told():
    log = crm.datasets.load_cdnow_sample()
    before = panel(log[log["date"] < "1998-01-01"], snapshots=["1997-10-01"], horizon=90)
    again = panel(log, snapshots=["1997-10-01"], horizon=90)
    assert not [c for c, _ in leaks(leakage_report(again, rebuilt=before)) if "later" in c]
    total = log.groupby("customer_id")["amount"].sum()
    then = log[log["date"] < "1998-01-01"].groupby("customer_id")["amount"].sum()
    report = leakage_report(
        again.assign(total=again["customer_id"].map(total)),
        rebuilt=before.assign(total=before["customer_id"].map(then)),
    )
    assert ("changed by later data", "total") in leaks(report)
    with pytest.raises(ParameterError, match="same rows"):
        leakage_report(again, rebuilt=before.head(5))


def test_a_model_that_is_better_in_cross_validation_than_later(clean):
    report = leakage_report(clean, cross_validated=0.85, out_of_time=0.80)
    assert ("better in cross-validation than later", "") in leaks(report)
    assert not leaks(leakage_report(clean, cross_validated=0.81, out_of_time=0.80))
    with pytest.raises(ParameterError, match="go together"):
        leakage_report(clean, cross_validated=0.8)


def test_our_own_features_tell_no_more_than_they_should():
    log = crm.datasets.load_cdnow_sample()
    rows = panel(log, snapshots=["1997-10-01"], horizon=90)
    assert not leaks(leakage_report(rows))
    assert len(features(log, at="1997-10-01")) == len(rows)


def test_bad_input_is_told(clean):
    with pytest.raises(ParameterError, match="auc_limit"):
        leakage_report(clean, auc_limit=0.4)
    with pytest.raises(DataError):
        leakage_report(clean.assign(churned=2))
