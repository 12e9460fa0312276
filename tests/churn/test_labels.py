"""Labels: half-open windows, who is judged, what leaving is, and windows that are not covered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.churn import label
from crmanalytics.churn.windows import moved, windows_at
from crmanalytics.errors import DataError, ParameterError


@pytest.fixture(scope="module")
def log():
    return crm.datasets.load_cdnow_sample()


def made(*rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


SMALL = made(
    ("a", "2024-01-05", 10.0),
    ("a", "2024-02-01", 10.0),
    ("b", "2024-01-31", 20.0),
    ("b", "2024-03-01", 20.0),
    ("c", "2024-02-01", 30.0),
    ("d", "2024-01-10", 40.0),
    ("d", "2024-02-15", -40.0),
)


def flags(found):
    return dict(zip(found["customer_id"], found["churned"], strict=True))


def test_windows_hold_their_first_day_and_not_their_last():
    # 29 days from 1 February end before 1 March; c was not known on 1 February
    found = label(SMALL, at="2024-02-01", horizon=29, until="2024-03-31")
    assert flags(found) == {"a": 0, "b": 1, "d": 1}
    found = label(SMALL, at="2024-02-01", horizon=30, until="2024-03-31")
    assert flags(found) == {"a": 0, "b": 0, "d": 1}


def test_what_happens_within_the_gap_is_not_judged():
    found = label(SMALL, at="2024-02-01", horizon=30, gap=1, until="2024-03-31")
    assert flags(found) == {"a": 1, "b": 0, "d": 1}


def test_the_observation_window_says_who_is_judged():
    found = label(SMALL, at="2024-02-01", horizon=29, observation=22, until="2024-03-31")
    assert flags(found) == {"b": 1, "d": 1}
    found = label(SMALL, at="2024-02-02", horizon=29, active=2, until="2024-03-31")
    assert flags(found) == {"a": 1}


def test_a_refund_is_no_sign_of_life():
    assert flags(label(SMALL, at="2024-02-10", horizon=30, until="2024-03-31"))["d"] == 1


def test_a_list_of_active_customers_is_judged_whole():
    listed = label(SMALL, at="2024-02-01", horizon=30, active=["b", "z"], until="2024-03-31")
    assert flags(listed) == {"b": 0, "z": 1}
    frame = pd.DataFrame({"customer_id": ["z", "b"]})
    framed = label(SMALL, at="2024-02-01", horizon=30, active=frame, until="2024-03-31")
    pd.testing.assert_frame_equal(listed, framed)


def test_windows_that_the_data_do_not_cover_are_refused():
    with pytest.raises(ParameterError, match=r"not covered: the data end with 2024-03-01"):
        label(SMALL, at="2024-02-01", horizon=31)
    with pytest.raises(ParameterError, match=r"begins on .*since"):
        label(SMALL, at="2024-02-01", horizon=10, observation=60)
    found = label(SMALL, at="2024-02-01", horizon=10, observation=60, since="2023-01-01")
    assert len(found) == 3


def test_until_is_logged_where_it_is_taken_from_the_log(caplog):
    with caplog.at_level("INFO", logger="crmanalytics.churn"):
        label(SMALL, at="2024-02-01", horizon=10)
    assert "2024-03-01" in caplog.text


@pytest.mark.parametrize(("drop", "expected"), [(0.5, 1), (0.7, 0)])
def test_a_drop_in_spending_per_day_is_leaving(drop, expected):
    # 100 in 10 days before, 120 in 30 days after: 40% of it are left
    spent = made(("a", "2024-01-05", 100.0), ("a", "2024-01-20", 120.0))
    found = label(
        spent,
        at="2024-01-11",
        horizon=30,
        observation=10,
        rule="spending drop",
        drop=drop,
        since="2024-01-01",
        until="2024-02-09",
    )
    assert flags(found) == {"a": expected}


def test_who_had_nothing_to_drop_from_is_left_out_and_counted():
    found = label(
        SMALL,
        at="2024-02-16",
        horizon=10,
        observation=46,
        rule="spending drop",
        drop=0.5,
        since="2024-01-01",
        until="2024-03-01",
    )
    assert "d" not in flags(found)
    assert found.attrs["crmanalytics"]["without_spend"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"horizon": 0},
        {"horizon": "3Q"},
        {"horizon": 1.5},
        {"gap": -1},
        {"observation": 0},
        {"active": 0},
        {"active": True},
        {"active": "a"},
        {"active": [None]},
        {"rule": "silence"},
        {"rule": "spending drop"},
        {"rule": "spending drop", "drop": 0.5},
        {"drop": 0.5},
        {"color": "red"},
    ],
)
def test_wrong_arguments_are_told(wrong):
    arguments = {"at": "2024-02-01", "horizon": 10, "until": "2024-03-31"} | wrong
    with pytest.raises(ParameterError):
        label(SMALL, **arguments)


def test_nobody_active_is_told():
    with pytest.raises(DataError, match="no customer"):
        label(SMALL, at="2023-12-01", horizon=10)


def test_ids_of_another_type_are_told():
    with pytest.raises(DataError, match="Convert one of them"):
        label(SMALL, at="2024-02-01", horizon=10, active=[1, 2])


def test_months_are_those_of_the_calendar():
    assert windows_at("2024-01-31", horizon="1M").described()["outcome"][1] == "2024-02-29"
    assert moved(0, "1Y", "horizon", back=True) == -365


def test_it_agrees_with_a_plain_formulation(log):
    found = label(log, at="1997-10-01", horizon="6M", gap=14, observation="4M")
    bought = log[log["amount"] >= 0]
    before = bought[(bought["date"] >= "1997-06-01") & (bought["date"] < "1997-10-01")]
    after = bought[(bought["date"] >= "1997-10-15") & (bought["date"] < "1998-04-15")]
    expected = pd.Series(sorted(before["customer_id"].unique()))
    assert found["customer_id"].tolist() == expected.tolist()
    assert found["churned"].tolist() == (~expected.isin(after["customer_id"])).astype(int).tolist()


def test_frames_of_other_kinds_give_the_same(log):
    ours = label(log, at="1997-10-01", horizon=90)
    theirs = label(pl.from_pandas(log), at="1997-10-01", horizon=90)
    assert isinstance(theirs, pl.DataFrame)
    assert theirs["churned"].to_list() == ours["churned"].tolist()
    assert theirs["customer_id"].to_list() == ours["customer_id"].tolist()


def test_columns_may_have_the_names_of_the_caller(log):
    named = log.rename(columns={"customer_id": "who", "date": "when", "amount": "money"})
    found = label(
        named, at="1997-10-01", horizon=90, customer_id="who", date="when", amount="money"
    )
    pd.testing.assert_frame_equal(found, label(log, at="1997-10-01", horizon=90))


logs = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 60), st.sampled_from([-1.0, 1.0, 2.0])),
    min_size=1,
    max_size=25,
)


@given(rows=logs, seed=st.integers(0, 99), later=st.integers(40, 60))
def test_the_order_of_rows_and_what_comes_after_the_windows_are_of_no_consequence(
    rows, seed, later
):
    day = np.datetime64("2024-01-01")
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    frame = frame.assign(date=(day + frame["date"].to_numpy().astype("m8[D]")).astype("M8[s]"))
    arguments = {"at": "2024-01-21", "horizon": 20, "since": "2024-01-01", "until": "2024-03-31"}
    try:
        found = label(frame, **arguments)
    except DataError:
        return
    more = frame.iloc[[0]].assign(date=(day + np.timedelta64(later, "D")).astype("M8[s]"))
    shuffled = pd.concat([frame, more]).sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(found, label(shuffled, **arguments))


@given(rows=logs)
def test_a_longer_outcome_window_never_makes_a_churner(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount"])
    day = np.datetime64("2024-01-01")
    frame = frame.assign(date=(day + frame["date"].to_numpy().astype("m8[D]")).astype("M8[s]"))
    try:
        short, longer = (
            label(frame, at="2024-01-21", horizon=h, until="2024-03-31") for h in (10, 40)
        )
    except DataError:
        return
    assert (longer["churned"] <= short["churned"]).all()
