"""Diagnostics: published figures of the CDNOW sample, counts by hand, and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.clv.diagnostics import (
    calibration_holdout,
    frequency_histogram,
    holdout_by_frequency,
    repeat_purchases_over_time,
    value_by_decile,
)
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

AT, UNTIL = "1997-09-30", "1998-06-30"
# Fader, Hardie & Lee (2005), table 2, to the digits of a fit run again
MODEL = crm.clv.BGNBD(r=0.2425945415, alpha=4.4136018839, a=0.7929199149, b=2.4258880631, unit="W")


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


@pytest.fixture(scope="module")
def customers(log):
    return crm.split(log, at=AT, until=UNTIL, unit="W")


@pytest.fixture(scope="module")
def weeks(log):
    return repeat_purchases_over_time(MODEL, log, at=AT, until=UNTIL)


def test_histogram_of_the_sample(customers):
    found = frequency_histogram(MODEL, customers)
    # counts published with the data; expectations of figure 1 rise from the model's probabilities
    assert found["actual"].tolist() == [1411, 439, 214, 100, 62, 38, 29, 64]
    assert found["expected"].sum() == pytest.approx(2357)
    assert found["expected"].iloc[0] == pytest.approx(1411, rel=0.005)
    by_hand = sum(MODEL.purchase_count_probability(2, T) for T in customers["T"])
    assert found["expected"].iloc[2] == pytest.approx(float(by_hand), rel=1e-12)
    assert found["or_more"].tolist() == [False] * 7 + [True]


def test_histogram_takes_weights():
    donors = crm.datasets.load_donations()
    repeated = donors.loc[donors.index.repeat(donors["weight"])]
    model = crm.clv.BGNBD(r=1.0, alpha=2.0, a=0.5, b=2.0)
    weighted = frequency_histogram(model, donors, weight="weight", most=3)
    pd.testing.assert_frame_equal(weighted, frequency_histogram(model, repeated, most=3))


def test_tracking_has_the_published_accuracy(weeks):
    """The paper: close in the calibration period, under by some 4% after 78 weeks."""
    assert len(weeks) == 78
    assert weeks["complete"].all()
    assert str(weeks["end"].iloc[38].date()) == AT
    assert weeks["holdout"].sum() == 39
    assert weeks["actual_cumulative"].iloc[[38, 77]].tolist() == [2457, 2457 + 1882]
    off = weeks["expected_cumulative"] / weeks["actual_cumulative"] - 1
    assert abs(off.iloc[38]) < 0.02
    assert off.iloc[77] == pytest.approx(-0.04, abs=0.005)


def test_tracking_expects_what_each_customer_expects(log, customers, weeks):
    """Added up customer by customer, the slow way."""
    each = MODEL.expected_purchases_new(customers["T"].to_numpy()).sum()
    assert weeks["expected_cumulative"].iloc[38] == pytest.approx(each, rel=1e-12)
    later = MODEL.expected_purchases_new(customers["T"].to_numpy() + 39).sum()
    assert weeks["expected_cumulative"].iloc[77] == pytest.approx(later, rel=1e-12)
    assert weeks["expected"].sum() == pytest.approx(later, rel=1e-12)


@pytest.mark.parametrize("occasion", ["day", "order", "row"])
def test_tracking_counts_occasions_as_the_summary_does(log, occasion):
    some = log.assign(order_id=np.arange(len(log)) // 3)
    at_end = crm.split(some, at=AT, until=UNTIL, unit="W", occasion=occasion)
    found = repeat_purchases_over_time(MODEL, some, at=AT, until=AT, occasion=occasion)
    assert found["actual"].sum() == at_end["frequency"].sum()
    assert not found["holdout"].any()


def test_tracking_by_hand():
    log = pd.DataFrame(
        {
            "customer_id": ["a", "a", "a", "b", "b", "new", "a"],
            "date": np.datetime64("2024-01-01") + np.array([0, 0, 4, 2, 15, 11, 14]),
            "amount": [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, -1.0],
        }
    )
    found = repeat_purchases_over_time(MODEL, log, at="2024-01-10")
    assert found["end"].dt.day.tolist() == [7, 14, 16]
    assert found["actual"].tolist() == [1, 0, 1]
    assert found["complete"].tolist() == [True, True, False]
    assert found["holdout"].tolist() == [False, True, True]
    expected = MODEL.expected_purchases_new(np.array([6, 4]) / 7).sum()
    assert found["expected"].iloc[0] == pytest.approx(expected)
    shuffled = repeat_purchases_over_time(
        MODEL, log.sample(frac=1, random_state=1), at="2024-01-10"
    )
    pd.testing.assert_frame_equal(found, shuffled)


def test_tracking_refuses(log):
    with pytest.raises(ParameterError, match="time unit"):
        repeat_purchases_over_time(crm.clv.BGNBD(1, 1, 1, 1), log, at=AT)
    refunds = log.head(3).assign(amount=-1.0)
    with pytest.raises(InvalidValuesError, match="no purchase"):
        repeat_purchases_over_time(MODEL, refunds, at=AT)
    import polars as pl

    lazy = pl.from_pandas(log).lazy()
    with pytest.raises(ParameterError, match="lazy"):
        repeat_purchases_over_time(MODEL, lazy, at=AT)


def test_months_and_other_kinds_of_frames(log):
    import polars as pl

    ours = repeat_purchases_over_time(MODEL, log, at=AT, every="M")
    theirs = repeat_purchases_over_time(MODEL, pl.from_pandas(log), at=AT, every="M")
    assert isinstance(theirs, pl.DataFrame)
    assert theirs["actual"].to_list() == ours["actual"].tolist()
    assert theirs["expected"].to_list() == pytest.approx(ours["expected"].tolist())
    assert len(ours) == 18


def test_holdout_by_frequency(customers):
    found = holdout_by_frequency(MODEL, customers)
    assert found["customers"].sum() == 2357
    assert (found["actual"] * found["customers"]).sum() == pytest.approx(1882)
    # the sum of conditional expectations that two other programs give for this fit
    assert (found["expected"] * found["customers"]).sum() == pytest.approx(1653.407839, rel=1e-7)
    assert found["actual"].is_monotonic_increasing
    none = holdout_by_frequency(MODEL, customers[customers["frequency"] != 1], most=3)
    assert none["frequency"].tolist() == [0, 2, 3]


def test_calibration_holdout(customers):
    found = calibration_holdout(MODEL, customers).set_index("period")
    assert found.loc["calibration", "actual"] == 2457
    assert found.loc["holdout", "expected"] == pytest.approx(1653.407839, rel=1e-7)
    forecast = MODEL.expected_purchases(customers, 39)
    off = forecast - customers["frequency_holdout"]
    assert found.loc["holdout", "mean_absolute_error"] == pytest.approx(off.abs().mean())
    assert found.loc["holdout", "root_mean_squared_error"] == pytest.approx((off**2).mean() ** 0.5)
    correlation = forecast.corr(customers["frequency_holdout"])
    assert found.loc["holdout", "correlation"] == pytest.approx(correlation)
    alike = calibration_holdout(MODEL, customers[customers["frequency_holdout"] == 0])
    assert alike["difference"].isna().tolist() == [False, True]
    assert alike["correlation"].isna().all()


@pytest.mark.parametrize("function", [calibration_holdout, holdout_by_frequency])
def test_what_is_no_split_is_refused(customers, function):
    with pytest.raises(MissingColumnsError, match="frequency_holdout"):
        function(MODEL, customers.drop(columns="frequency_holdout"))
    with pytest.raises(InvalidValuesError, match="one length"):
        function(MODEL, customers.assign(duration_holdout=range(1, 2358)))
    with pytest.raises(InvalidValuesError, match="no rows"):
        function(MODEL, customers.head(0))


@pytest.mark.parametrize("most", [0, 1.5, "7"])
def test_most_is_a_whole_number(customers, most):
    for function in (frequency_histogram, holdout_by_frequency):
        with pytest.raises(ParameterError, match="most must be"):
            function(MODEL, customers, most=most)


def test_deciles_add_up_and_descend():
    values = np.random.default_rng(3).exponential(5, 1234)
    found = value_by_decile(pd.DataFrame({"clv": values}))
    assert found["customers"].sum() == 1234
    assert set(found["customers"]) == {123, 124}
    assert found["sum"].sum() == pytest.approx(values.sum())
    assert found["mean"].is_monotonic_decreasing
    assert found["cumulative_share"].iloc[-1] == pytest.approx(1.0)
    assert found["smallest"].iloc[-1] == values.min()
    again = value_by_decile(pd.DataFrame({"clv": values[::-1]}))
    pd.testing.assert_frame_equal(found, again)


def test_deciles_refuse():
    few = pd.DataFrame({"clv": [1.0, 2.0]})
    with pytest.raises(InvalidValuesError, match="fewer than the 10"):
        value_by_decile(few)
    with pytest.raises(ParameterError, match="n must be"):
        value_by_decile(few, n=0)
    with pytest.raises(MissingColumnsError, match="worth"):
        value_by_decile(few, "worth", n=1)
    assert value_by_decile(few.assign(clv=0.0), n=2)["share"].isna().all()
