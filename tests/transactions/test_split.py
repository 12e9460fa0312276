import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import crmanalytics as crm
from crmanalytics.errors import ParameterError

LOG = pd.DataFrame(
    {
        "customer_id": ["a", "a", "a", "a", "b", "b", "c"],
        "date": pd.to_datetime(
            [
                "2024-01-01",
                "2024-01-31",
                "2024-02-01",
                "2024-02-10",
                "2024-01-05",
                "2024-02-03",
                "2024-02-02",
            ]
        ),
        "amount": [10.0, 20.0, 6.0, 4.0, 8.0, -3.0, 50.0],
    }
)


def test_calibration_is_the_summary_of_that_day():
    found = crm.split(LOG, at="2024-01-31", until="2024-02-28", unit="W")
    summary = crm.summarize(LOG, until="2024-01-31", unit="W")
    pd.testing.assert_frame_equal(found[summary.columns], summary)
    assert found.attrs == summary.attrs


def test_holdout_counts_what_came_after():
    found = crm.split(LOG, at="2024-01-31", until="2024-02-28", unit="W").set_index("customer_id")
    assert found.index.to_list() == ["a", "b"]
    assert found["frequency_holdout"].to_list() == [2, 0]
    assert found["monetary_value_holdout"].to_list() == [5, 0]
    assert found["total_holdout"].to_list() == [10, -3]
    assert found["duration_holdout"].to_list() == [4, 4]


def test_end_of_the_log_is_the_end_of_the_holdout(caplog):
    with caplog.at_level("INFO", logger="crmanalytics"):
        found = crm.split(LOG, at="2024-01-31")
    assert found["duration_holdout"].iloc[0] == 10
    assert "2024-02-10" in caplog.text


def test_rows_after_the_holdout_do_not_count():
    found = crm.split(LOG, at="2024-01-31", until="2024-02-01")
    assert found["frequency_holdout"].to_list() == [1, 0]


def test_a_holdout_in_which_nobody_buys():
    found = crm.split(LOG[:2], at="2024-01-31", until="2024-02-28")
    assert found[["frequency_holdout", "total_holdout"]].to_numpy().tolist() == [[0, 0]]


def test_published_split_of_cdnow():
    found = crm.split(
        crm.datasets.load_cdnow_sample(), at="1997-09-30", until="1998-06-30", unit="W"
    )
    assert len(found) == 2_357
    assert found["frequency_holdout"].sum() == 1_882
    assert (found["duration_holdout"] == 39).all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"at": "2023-01-01"}, "at must not be before the first row"),
        ({"at": "2024-02-10"}, "must be after at"),
        ({"at": "2024-02-01", "until": "2024-01-31"}, "must be after at"),
        ({"at": "soon"}, "at must be a date"),
    ],
)
def test_what_is_refused(arguments, words):
    with pytest.raises(ParameterError, match=words):
        crm.split(LOG, **arguments)


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 40), st.integers(0, 900)), min_size=1),
    st.integers(0, 39),
)
def test_calibration_and_holdout_make_up_the_whole(rows, at):
    who, day, cents = np.array(rows).T
    start = np.datetime64("2024-01-01")
    log = pd.DataFrame({"customer_id": who, "amount": cents / 100})
    log["date"] = (start + day).astype("M8[us]")
    if day.min() > at:
        return
    end = start + 40
    found = crm.split(log, at=start + at, until=end)
    whole = crm.summarize(log, until=end).set_index("customer_id").loc[found["customer_id"]]
    assert (found["orders"] + found["frequency_holdout"]).to_list() == whole["orders"].to_list()
    both = found["total"] + found["total_holdout"]
    np.testing.assert_allclose(both, whole["total"], rtol=1e-12)
    spent = found["monetary_value_holdout"] * found["frequency_holdout"]
    np.testing.assert_allclose(spent, found["total_holdout"], rtol=1e-12)
