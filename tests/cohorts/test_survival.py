"""Survival until the first lapse: beside a plain count, and unbiased where the truth is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.cohorts import survival
from crmanalytics.errors import InvalidValuesError, ParameterError


def log_of(visits):
    """Visits as pairs of customer and month of 2024, from 0."""
    frame = pd.DataFrame(visits, columns=["customer_id", "month"])
    months = np.datetime64("2024-01", "M") + frame.pop("month").to_numpy().astype("m8[M]")
    return frame.assign(date=months.astype("M8[D]") + np.timedelta64(9, "D"))


def plain(visits, whole, lapse):
    """Times and whether customers lapsed, month by month."""
    found = []
    for who in sorted({who for who, _ in visits}):
        seen = {month for each, month in visits if each == who}
        first = min(seen)
        time, gone = 0, False
        for start in range(first + 1, whole - lapse + 1):
            time = start - first
            if not seen & set(range(start, start + lapse)):
                gone = True
                break
        found.append((time, gone))
    return found


def test_by_hand():
    log = log_of([(1, 0), (1, 1), (2, 0), (3, 1), (3, 3)])
    found = survival(log, lapse=2, until="2024-05-31")
    assert found["at_risk"].tolist() == [3, 3, 2]
    assert found["lapsed"].tolist() == [0, 1, 1]
    assert found["survival"].tolist() == pytest.approx([1, 2 / 3, 1 / 3])
    # Greenwood: 1/(3 x 2) + 1/(2 x 1)
    assert found["standard_error"][2] == pytest.approx(np.sqrt(1 / 6 + 1 / 2) / 3)
    depth = np.log(3)
    ends = np.exp(-depth * np.exp(np.array([1, -1]) * 1.959964 * np.sqrt(2 / 3) / depth))
    assert found.loc[2, ["low", "high"]].tolist() == pytest.approx(ends.tolist(), rel=1e-6)
    assert found.loc[0, ["low", "high", "standard_error"]].tolist() == [1, 1, 0]
    assert found.attrs["crmanalytics"]["lapse"] == 2


def test_a_partial_period_says_nothing():
    log = log_of([(1, 0), (1, 1), (2, 0), (3, 1), (3, 3)])
    whole = survival(log, lapse=2, until="2024-05-31")
    pd.testing.assert_frame_equal(survival(log, lapse=2, until="2024-06-29"), whole)
    assert len(survival(log, lapse=2, until="2024-06-30")) == 4
    with pytest.raises(InvalidValuesError, match="no period"):
        survival(log, until="2024-01-15")


visits = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 11)), min_size=1, max_size=40)


@given(visits, st.integers(1, 4), st.randoms(use_true_random=False))
def test_laws(drawn, lapse, random):
    log = log_of(drawn)
    found = survival(log, lapse=lapse, until="2024-12-31")
    expected = plain(drawn, 12, lapse)
    times = np.array([time for time, _ in expected])
    for row in found.itertuples():
        assert row.at_risk == (times >= row.period).sum()
        assert row.lapsed == sum(gone and time == row.period for time, gone in expected)
    assert len(found) == times.max() + 1
    assert (found["survival"].diff().dropna() <= 0).all()
    assert found["survival"].between(0, 1).all()
    assert (found["low"] <= found["survival"]).all()
    assert (found["survival"] <= found["high"]).all()
    order = list(range(len(log)))
    random.shuffle(order)
    named = log.assign(customer_id="c" + (9 - log["customer_id"]).astype(str)).iloc[order]
    pd.testing.assert_frame_equal(survival(named, lapse=lapse, until="2024-12-31"), found)


def test_young_cohorts_do_not_bend_the_curve():
    rng = np.random.default_rng(11)
    cohort = rng.integers(0, 24, 20_000)
    alive = rng.geometric(0.2, 20_000)  # buys every month until gone for good
    long = [(k, m) for k, (c, a) in enumerate(zip(cohort, alive, strict=True))
            for m in range(c, min(c + a, 24))]  # fmt: skip
    found = survival(log_of(long), lapse=1, until="2025-12-31")
    truth = 0.8 ** found["period"].to_numpy()
    inside = (found["low"] <= truth) & (truth <= found["high"])
    assert inside.mean() > 0.8
    np.testing.assert_allclose(found["survival"][:12], truth[:12], atol=0.02)


def test_kinds_of_frames_and_refunds():
    log = log_of([(1, 0), (1, 1), (2, 0)]).assign(amount=[5.0, -5.0, 5.0])
    found = survival(log, lapse=1, until="2024-03-31")
    assert found["lapsed"].tolist() == [0, 2]
    same = survival(pl.from_pandas(log), lapse=1, until="2024-03-31")
    assert isinstance(same, pl.DataFrame)
    assert same["survival"].to_list() == found["survival"].tolist() == [1, 0]
    assert found["low"].tolist()[1] == found["high"].tolist()[1] == 0


def test_real_customers_lapse_most_after_the_first_purchase():
    found = survival(crm.datasets.load_cdnow_sample(), until="1998-06-30")
    assert found["lapsed"].idxmax() == 1
    assert found["at_risk"].iloc[0] == 2_357


@pytest.mark.parametrize("lapse", [0, 1.5, True])
def test_impossible_lapses(lapse):
    with pytest.raises(ParameterError, match="lapse"):
        survival(log_of([(1, 0)]), lapse=lapse)
