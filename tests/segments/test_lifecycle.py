"""Life-cycle states: each state by hand, rhythms, P(alive), and laws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.segments import STATES, lifecycle, rhythm

NAN = np.nan


def people(**columns):
    return pd.DataFrame(columns)


def state_of(orders, idle, mean_gap=10.0, **rest):
    """State of one customer in a base that buys every 10 days."""
    how = {k: rest.pop(k) for k in list(rest) if k in ("loyal", "dormant", "lost", "prior")}
    columns = {name: [float(value)] for name, value in rest.items()}
    one = people(orders=[orders], days_since_last=[idle], mean_gap=[mean_gap], **columns)
    return lifecycle(one, usual_gap=10.0, **how)["state"].iloc[0]


@pytest.mark.parametrize(
    ("customer", "state"),
    [
        ({"orders": 0, "idle": NAN, "mean_gap": NAN}, "non-customer"),
        ({"orders": 1, "idle": 20, "mean_gap": NAN}, "first-time"),
        ({"orders": 1, "idle": 21, "mean_gap": NAN}, "dormant"),
        ({"orders": 1, "idle": 41, "mean_gap": NAN}, "lost"),
        ({"orders": 2, "idle": 20}, "repeat"),
        ({"orders": 3, "idle": 5}, "repeat"),
        ({"orders": 4, "idle": 5}, "loyal"),
        ({"orders": 3, "idle": 5, "loyal": 3}, "loyal"),
        ({"orders": 4, "idle": 40}, "dormant"),
        ({"orders": 4, "idle": 41}, "lost"),
        ({"orders": 4, "idle": 41, "lost": 5.0}, "dormant"),
        ({"orders": 4, "idle": 25, "dormant": 3.0}, "loyal"),
        # three gaps of 30 days and one of the base's 10: usual are 25
        ({"orders": 4, "idle": 50, "mean_gap": 30.0}, "loyal"),
        ({"orders": 4, "idle": 51, "mean_gap": 30.0}, "dormant"),
        ({"orders": 4, "idle": 39, "mean_gap": 30.0, "prior": 3.0}, "loyal"),
        ({"orders": 4, "idle": 41, "mean_gap": 30.0, "prior": 3.0}, "dormant"),
        # away for 41 days after a rhythm of 10
        ({"orders": 3, "idle": 5, "mean_gap": 25.5, "last_gap": 41, "gap_before": 10}, "won back"),
        ({"orders": 9, "idle": 5, "mean_gap": 25.5, "last_gap": 40, "gap_before": 10}, "loyal"),
        ({"orders": 3, "idle": 99, "mean_gap": 15, "last_gap": 41, "gap_before": 10}, "lost"),
        ({"orders": 2, "idle": 5, "mean_gap": 41, "last_gap": 41, "gap_before": NAN}, "won back"),
        ({"orders": 5, "idle": 99, "p_alive": 0.9}, "loyal"),
        ({"orders": 5, "idle": 1, "p_alive": 0.49}, "dormant"),
        ({"orders": 5, "idle": 1, "p_alive": 0.09}, "lost"),
        ({"orders": 5, "idle": 99, "p_alive": NAN}, "lost"),
        ({"orders": 0, "idle": NAN, "mean_gap": NAN, "target": True}, "target"),
        ({"orders": 0, "idle": NAN, "mean_gap": NAN, "prospect": True}, "prospect"),
        ({"orders": 0, "idle": NAN, "mean_gap": NAN, "prospect": 1, "target": 1}, "target"),
        ({"orders": 1, "idle": 3, "mean_gap": NAN, "target": True}, "first-time"),
    ],
)
def test_states(customer, state):
    assert state_of(**customer) == state


def test_the_rhythm_of_the_base_is_the_median_of_those_who_came_back():
    found = lifecycle(
        people(orders=[1, 3, 3, 3], days_since_last=[7.0] * 4, mean_gap=[NAN, 2.0, 6.0, 30.0])
    )
    assert found["usual_gap"].tolist() == pytest.approx([6, 10 / 3, 6, 22])
    assert found["lateness"].tolist() == pytest.approx([7 / 6, 2.1, 7 / 6, 7 / 22])
    assert found["state"].tolist() == ["first-time", "dormant", "repeat", "repeat"]
    assert found.attrs["crmanalytics"]["usual_gap"] == 6


def test_where_nobody_came_back_nobody_is_late():
    found = lifecycle(people(orders=[1, 1], days_since_last=[3, 9999], mean_gap=[NAN, NAN]))
    assert found["state"].tolist() == ["first-time", "first-time"]
    assert found["lateness"].isna().all()
    assert found.attrs["crmanalytics"]["usual_gap"] is None


def test_a_summary_and_a_rhythm_say_the_same_but_for_those_won_back():
    log = crm.datasets.load_cdnow_sample()
    customers = crm.summarize(log, until="1998-06-30")
    mine = lifecycle(rhythm(log, until="1998-06-30"))
    rough = lifecycle(customers.assign(orders=customers["frequency"] + 1))
    back = mine["state"] == "won back"
    assert 0 < back.sum() < 200
    assert mine.loc[~back, "state"].tolist() == rough.loc[~back, "state"].tolist()
    assert set(rough.loc[back, "state"]) <= {"repeat", "loyal"}
    assert rough.attrs["crmanalytics"]["until"] == "1998-06-30"


def test_people_who_never_bought_come_from_a_left_join():
    contacts = pd.DataFrame({"customer_id": [1, 2, 3], "target": [True, None, False]})
    log = pd.DataFrame(
        {"customer_id": [1, 1], "date": pd.to_datetime(["2024-01-01", "2024-01-09"])}
    )
    joined = contacts.merge(rhythm(log, until="2024-01-10"), how="left")
    found = lifecycle(joined)
    assert found["state"].tolist() == ["repeat", "non-customer", "non-customer"]
    same = lifecycle(pl.from_pandas(joined))
    assert same["state"].to_list() == found["state"].tolist()


customers = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 90), st.integers(1, 40), st.integers(1, 200)),
    min_size=1,
    max_size=30,
)


@pytest.mark.slow
@given(customers, st.randoms(use_true_random=False))
def test_laws(drawn, random):
    orders, idle, gap, last = (np.array(each, dtype=float) for each in zip(*drawn, strict=True))
    frame = people(
        orders=orders.astype(int),
        days_since_last=np.where(orders > 0, idle, NAN),
        mean_gap=np.where(orders > 1, gap, NAN),
        last_gap=np.where(orders > 1, last, NAN),
        gap_before=np.where(orders > 2, gap, NAN),
    )
    found = lifecycle(frame)
    assert set(found["state"]) <= set(STATES)
    order = list(range(len(frame)))
    random.shuffle(order)
    shuffled = lifecycle(frame.iloc[order])
    assert shuffled["state"].sort_index().tolist() == found["state"].tolist()
    slower = frame.assign(**{name: frame[name] * 2 for name in frame if name != "orders"})
    assert lifecycle(slower)["state"].tolist() == found["state"].tolist()
    assert ((found["state"] == "non-customer") == (frame["orders"] == 0)).all()
    patient = lifecycle(frame, dormant=4.0, lost=8.0)
    late = {"dormant", "lost"}
    assert set(np.flatnonzero(patient["state"].isin(late))) <= set(
        np.flatnonzero(found["state"].isin(late))
    )


@pytest.mark.parametrize(
    "how",
    [
        {"loyal": 1},
        {"loyal": 2.5},
        {"dormant": 0},
        {"dormant": 5.0},
        {"lost_below": 0.6},
        {"dormant_below": 1.1},
        {"usual_gap": 0},
        {"prior": 0},
    ],
)
def test_impossible_definitions(how):
    with pytest.raises(ParameterError, match=next(iter(how))):
        lifecycle(people(orders=[1], days_since_last=[1], mean_gap=[NAN]), **how)


def test_impossible_frames():
    frame = people(orders=[1, 2], days_since_last=[1.0, NAN], mean_gap=[NAN, 3.0])
    with pytest.raises(InvalidValuesError, match="everybody with a purchase: 1 of 2"):
        lifecycle(frame)
    with pytest.raises(MissingColumnsError, match="rhythm"):
        lifecycle(people(orders=[1], days_since_last=[1]))
    with pytest.raises(InvalidValuesError, match="p_alive"):
        lifecycle(people(orders=[1], days_since_last=[1], mean_gap=[1.0], p_alive=[1.5]))
    with pytest.raises(MissingColumnsError, match="orders"):
        lifecycle(people(days_since_last=[1]))
    empty = lifecycle(frame.head(0))
    assert len(empty) == 0
    assert "state" in empty.columns
