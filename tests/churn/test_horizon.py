"""Which silence means churn: quantiles with intervals, returns, and each customer's own limit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.churn import churn_horizon, silence_limits
from crmanalytics.errors import FitError, ParameterError


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


def test_it_agrees_with_a_plain_formulation(log):
    found = churn_horizon(log, within=60, quantiles=[0.5, 0.9], until="1998-06-30")
    plain = log[log["amount"] >= 0].drop_duplicates(["customer_id", "date"])
    plain = plain.sort_values(["customer_id", "date"])
    following = plain.groupby("customer_id")["date"].shift(-1)
    gaps = (following - plain["date"]).dt.days
    for row in found.itertuples():
        days = np.quantile(gaps.dropna(), row.quantile, method="inverted_cdf")
        assert row.days == days
        followed = plain["date"] + pd.Timedelta(days=days + 60) <= pd.Timestamp("1998-06-30")
        grown = followed & ~(gaps <= days)
        assert row.silences == grown.sum()
        assert row.returned == pytest.approx((gaps[grown] <= days + 60).mean())


def test_longer_silences_are_rarer_and_fewer_come_back(log):
    found = churn_horizon(log, within=90, until="1998-06-30")
    assert found["days"].is_monotonic_increasing
    assert found["silences"].is_monotonic_decreasing
    assert found["returned"].is_monotonic_decreasing
    assert (found["days_low"] <= found["days"]).all()
    assert (found["days"] <= found["days_high"]).all()
    assert ((found["low"] <= found["returned"]) & (found["returned"] <= found["high"])).all()


@pytest.mark.slow
def test_the_interval_covers_the_quantile_although_gaps_come_in_bundles():
    """Customers have rates of their own; naive intervals, of independent gaps, would be short."""
    random = np.random.default_rng(5)
    origin = np.datetime64("2024-01-01")

    def gaps_of(customers):
        mean = random.gamma(2.0, 10.0, customers)
        return np.ceil(random.exponential(mean[:, None], (customers, 20))).astype(int)

    truth = np.quantile(gaps_of(200_000), 0.8)
    hits = 0
    for _ in range(200):
        gaps = gaps_of(60)
        days = np.concatenate([np.zeros((60, 1), dtype=int), gaps.cumsum(axis=1)], axis=1)
        whose = np.repeat(np.arange(60), 21)
        dates = (origin + days.ravel().astype("m8[D]")).astype("M8[us]")
        log = pd.DataFrame({"customer_id": whose, "date": dates})
        found = churn_horizon(log, within=30, quantiles=[0.8], until="2200-01-01").iloc[0]
        hits += found["days_low"] <= truth <= found["days_high"]
    assert 0.90 <= hits / 200 <= 0.99


def test_other_kinds_of_frames(log):
    theirs = churn_horizon(pl.from_pandas(log), within=60, until="1998-06-30")
    ours = churn_horizon(log, within=60, until="1998-06-30")
    assert theirs["days"].to_list() == ours["days"].tolist()


def test_wrong_arguments_are_told(log):
    with pytest.raises(ParameterError, match="quantiles"):
        churn_horizon(log, within=60, quantiles=[1.0])
    with pytest.raises(ParameterError, match="within"):
        churn_horizon(log, within="3M")
    with pytest.raises(FitError, match="two days"):
        churn_horizon(log.drop_duplicates("customer_id"), within=60)


@pytest.mark.parametrize(
    "model",
    [
        crm.clv.MBGNBD(0.525, 6.183, 0.891, 1.614),
        crm.clv.BGNBD(0.243, 4.414, 0.793, 2.426),
        crm.clv.ParetoNBD(0.553, 10.578, 0.606, 11.669),
    ],
)
@pytest.mark.parametrize("threshold", [0.2, 0.5])
def test_at_its_limit_a_silence_leaves_just_the_threshold(model, threshold):
    customers = crm.datasets.load_cdnow_summary()
    limits = np.asarray(silence_limits(customers, model, threshold=threshold))
    ends = np.isfinite(limits) & (limits > 0)
    assert ends.any()
    there = customers[ends].assign(T=customers["recency"][ends] + limits[ends])
    np.testing.assert_allclose(model.probability_alive(there), threshold, rtol=1e-6)


def test_single_purchases_are_never_given_up_by_the_bg_nbd():
    model = crm.clv.BGNBD(0.243, 4.414, 0.793, 2.426)
    one = pd.DataFrame({"frequency": [0], "recency": [0.0], "T": [10.0]})
    assert np.isinf(silence_limits(one, model)).all()


def test_frequent_customers_are_given_up_sooner_and_a_fit_will_do():
    fit = crm.clv.MBGNBD.fit(crm.datasets.load_cdnow_summary())
    customers = pd.DataFrame({"frequency": [1, 5, 25], "recency": 30.0, "T": 39.0}, index=[7, 8, 9])
    limits = silence_limits(customers, fit)
    assert limits.index.tolist() == [7, 8, 9]
    assert limits.is_monotonic_decreasing
    with pytest.raises(ParameterError, match="threshold"):
        silence_limits(customers, fit, threshold=1.0)
