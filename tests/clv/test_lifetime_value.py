"""Lifetime value: the pieces multiply, and money and time behave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.clv import BGNBD, GammaGamma, lifetime_value
from crmanalytics.errors import MissingColumnsError, ParameterError


@pytest.fixture(scope="module")
def customers():
    return crm.summarize(crm.datasets.load_cdnow_sample(), until="1997-09-30", unit="W")


PURCHASES = BGNBD(0.243, 4.414, 0.793, 2.426, unit="W")
SPEND = GammaGamma(6.25, 3.74, 15.44)
TERMS = {"horizon": 52, "discount_rate": 0.1, "margin": 0.3}


def test_value_is_purchases_times_spend_times_margin(customers):
    count = PURCHASES.discounted_expected_purchases(customers, horizon=52, discount_rate=0.1)
    want = count * SPEND.expected_spend(customers) * 0.3
    got = lifetime_value(customers, PURCHASES, SPEND, **TERMS)
    np.testing.assert_allclose(got, want, rtol=1e-14)
    assert got.name == "clv"
    assert got.index.equals(customers.index)


def test_weekly_sums_agree_with_a_sum_written_out(customers):
    rate = 1.1 ** (7 / 365.25) - 1
    frame = customers.head(40)
    cumulative = [PURCHASES.expected_purchases(frame, week) for week in range(53)]
    want = sum(
        (cumulative[week] - cumulative[week - 1]) / (1 + rate) ** week for week in range(1, 53)
    )
    got = PURCHASES.discounted_expected_purchases(
        frame, horizon=52, discount_rate=0.1, timing="end"
    )
    np.testing.assert_allclose(got, want, rtol=1e-11)


def test_agrees_with_the_lifetimes_package_on_its_own_terms(customers, lifetimes):
    # that package steps by months of 4.345 weeks, paid at their end, at a monthly rate
    repeat = customers[customers["frequency"] > 0].head(200)
    fitter = lifetimes.BetaGeoFitter()
    fitter.params_ = pd.Series({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426})
    fitter.predict = fitter.conditional_expected_number_of_purchases_up_to_time
    theirs = lifetimes.utils._customer_lifetime_value(
        fitter,
        repeat["frequency"],
        repeat["recency"],
        repeat["T"],
        repeat["monetary_value"],
        time=12,
        discount_rate=0.01,
        freq="W",
    )
    month = 4.345
    cumulative = [PURCHASES.expected_purchases(repeat, month * i) for i in range(13)]
    ours = sum((cumulative[i] - cumulative[i - 1]) / 1.01**i for i in range(1, 13))
    np.testing.assert_allclose(ours * repeat["monetary_value"], theirs, rtol=1e-8)
    yearly = 1.01 ** (365.25 / 7 / month) - 1
    smooth = PURCHASES.discounted_expected_purchases(
        repeat, horizon=12 * month, discount_rate=yearly
    )
    np.testing.assert_allclose(smooth, ours, rtol=0.01)


def test_columns_may_stand_for_spend_and_margin(customers):
    frame = customers.assign(per_order=20.0, share=0.3)
    got = lifetime_value(frame, PURCHASES, "per_order", **TERMS | {"margin": "share"})
    count = PURCHASES.discounted_expected_purchases(frame, horizon=52, discount_rate=0.1)
    np.testing.assert_allclose(got, count * 6.0, rtol=1e-14)
    with pytest.raises(MissingColumnsError, match="'nothing'"):
        lifetime_value(frame, PURCHASES, "nothing", **TERMS)
    with pytest.raises(ParameterError, match="finite"):
        lifetime_value(frame.assign(share=np.nan), PURCHASES, SPEND, **TERMS | {"margin": "share"})


def test_fits_are_taken_wherever_models_are(customers):
    purchases, spend = BGNBD.fit(customers), GammaGamma.fit(customers)
    pd.testing.assert_series_equal(
        lifetime_value(customers, purchases, spend, **TERMS),
        lifetime_value(customers, purchases.model, spend.model, **TERMS),
    )


def test_polars_in_polars_out(customers):
    got = lifetime_value(pl.from_pandas(customers), PURCHASES, SPEND, **TERMS)
    assert isinstance(got, pl.Series)
    assert got.to_list() == lifetime_value(customers, PURCHASES, SPEND, **TERMS).to_list()


def test_value_falls_with_the_rate_and_rises_with_the_horizon(customers):
    def total(**terms):
        return lifetime_value(customers, PURCHASES, SPEND, **TERMS | terms).sum()

    assert total(discount_rate=0.0) > total() > total(discount_rate=0.5) > 0
    assert total(horizon=26) < total() < total(horizon=None)
    assert total(margin=0.6) == pytest.approx(2 * total())


@pytest.mark.parametrize("margin", [float("nan"), float("inf")])
def test_a_margin_must_be_a_number(customers, margin):
    with pytest.raises(ParameterError, match="margin"):
        lifetime_value(customers, PURCHASES, SPEND, **TERMS | {"margin": margin})
