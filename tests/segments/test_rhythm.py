"""Rhythms: beside a plain loop over customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.segments import rhythm


def log_of(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "day", "amount"])
    day = frame.pop("day").to_numpy().astype("m8[D]")
    return frame.assign(date=np.datetime64("2024-01-01") + day)


LOG = log_of([(2, 0, 5.0), (1, 3, 1.0), (1, 3, 2.0), (1, 13, 1.0), (1, 63, 1.0), (2, 9, -5.0)])


def test_by_hand():
    found = rhythm(LOG, until="2024-03-31")
    assert found["customer_id"].tolist() == [1, 2]
    assert found["orders"].tolist() == [3, 1]
    assert found["days_since_last"].tolist() == [27, 90]
    assert found.loc[0, ["mean_gap", "last_gap", "gap_before"]].tolist() == [30, 50, 10]
    assert found.loc[1, ["mean_gap", "last_gap", "gap_before"]].isna().all()
    assert found.attrs["crmanalytics"] == {"until": "2024-03-31"}


def test_it_agrees_with_the_summary_of_the_log():
    log = crm.datasets.load_cdnow_sample()
    customers = crm.summarize(log, until="1998-06-30")
    found = rhythm(log, until="1998-06-30")
    assert found["customer_id"].tolist() == customers["customer_id"].tolist()
    assert found["orders"].tolist() == (customers["frequency"] + 1).tolist()
    assert found["days_since_last"].tolist() == customers["days_since_last"].tolist()
    several = customers["frequency"].to_numpy() > 0
    gap = (customers["recency"] / customers["frequency"])[several]
    np.testing.assert_allclose(found["mean_gap"][several], gap)


rows = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 60), st.integers(-1, 3)), min_size=1, max_size=50
)


@given(rows, st.integers(0, 80), st.randoms(use_true_random=False))
def test_laws(drawn, day, random):
    log = log_of(drawn)
    until = np.datetime64("2024-01-01") + np.timedelta64(day, "D")
    bought = log[(log["amount"] >= 0) & (log["date"] <= until)]
    if bought.empty:
        with pytest.raises(InvalidValuesError, match="no purchase"):
            rhythm(log, until=until)
        return
    found = rhythm(log, until=until)
    order = list(range(len(log)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(rhythm(log.iloc[order], until=until), found)
    for row in found.itertuples():
        days = np.unique(bought.loc[bought["customer_id"] == row.customer_id, "date"])
        gaps = np.diff(days) / np.timedelta64(1, "D")
        assert row.orders == len(days)
        assert row.days_since_last == (until - days[-1]) / np.timedelta64(1, "D")
        expected = [
            gaps.mean() if len(gaps) else np.nan,
            gaps[-1] if len(gaps) else np.nan,
            gaps[:-1].mean() if len(gaps) > 1 else np.nan,
        ]
        np.testing.assert_allclose([row.mean_gap, row.last_gap, row.gap_before], expected)
    assert len(found) == bought["customer_id"].nunique()


@pytest.mark.parametrize("convert", [pl.from_pandas, pa.Table.from_pandas])
def test_other_kinds_and_texts(convert):
    named = LOG.assign(customer_id="c" + LOG["customer_id"].astype(str))
    found = rhythm(convert(named), until="2024-03-31")
    assert type(found) is type(convert(named))
    plain = found.to_pandas()
    assert plain["customer_id"].tolist() == ["c1", "c2"]
    assert plain["orders"].tolist() == [3, 1]


def test_names_and_a_log_without_money():
    other = LOG.rename(columns={"customer_id": "who", "date": "when"}).drop(columns="amount")
    found = rhythm(other, until="2024-03-31", customer_id="who", date="when")
    assert found["orders"].tolist() == [3, 2]


@pytest.mark.parametrize(
    ("log", "until", "error", "words"),
    [
        (LOG, "2023-12-31", InvalidValuesError, "no purchase up to 2023-12-31"),
        (LOG.head(0), "2024-12-31", InvalidValuesError, "no purchase"),
        (LOG, "someday", ParameterError, "until must be a date"),
        (LOG.drop(columns="date"), "2024-12-31", MissingColumnsError, "date"),
        (LOG.assign(amount=np.nan), "2024-12-31", InvalidValuesError, "missing"),
    ],
)
def test_impossible_input(log, until, error, words):
    with pytest.raises(error, match=words):
        rhythm(log, until=until)
