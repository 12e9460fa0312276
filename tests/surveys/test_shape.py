"""One row per person, one row per answer, and back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import DataError, InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.surveys import per_customer, to_long, to_wide

KINDS = {"pandas": lambda x: x, "polars": pl.from_pandas, "pyarrow": pa.Table.from_pandas}
SURVEY = pd.DataFrame(
    {
        "respondent_id": ["a", "b", "c"],
        "weight": [1.0, 2.0, 3.0],
        "q2": [4.0, np.nan, 2.0],
        "q1": [5.0, 3.0, 1.0],
    }
)


def plain(frame):
    return frame if isinstance(frame, pd.DataFrame) else frame.to_pandas()


@pytest.mark.parametrize("kind", KINDS)
def test_there_and_back(kind):
    native = KINDS[kind](SURVEY)
    long = to_long(native, ["q2", "q1"], keep="weight")
    assert type(long) is type(native)
    table = plain(long)
    assert table["respondent_id"].tolist() == list("aabbcc")
    assert table["item"].tolist() == ["q2", "q1"] * 3
    assert list(table.columns) == ["respondent_id", "weight", "item", "answer"]
    wide = to_wide(long, keep="weight", items=["q2", "q1"])
    assert type(wide) is type(native)
    pd.testing.assert_frame_equal(plain(wide), SURVEY, check_dtype=False)


def test_rows_without_an_answer_may_be_left_out():
    long = to_long(SURVEY, ["q1", "q2"], drop_missing=True)
    assert len(long) == 5
    assert to_wide(long)["q2"].isna().tolist() == [False, True, False]


def test_other_names_and_items_that_nobody_was_asked():
    answers = pd.DataFrame({"who": [2, 1], "asked": ["q1", "q1"], "said": [4, 5]})
    found = to_wide(answers, respondent_id="who", item="asked", answer="said", items=["q1", "q2"])
    assert found["respondent_id"].tolist() == [1, 2]
    assert found["q1"].tolist() == [5.0, 4.0]
    assert found["q2"].isna().all()
    long = to_long(SURVEY.rename(columns={"respondent_id": "who"}), ["q1"], respondent_id="who")
    assert list(long.columns) == ["respondent_id", "item", "answer"]


def test_tables_that_cannot_be():
    with pytest.raises(InvalidValuesError, match="must not repeat"):
        to_long(SURVEY.assign(respondent_id="a"), ["q1"])
    with pytest.raises(MissingColumnsError, match="no column 'q9'"):
        to_long(SURVEY, ["q9"])
    with pytest.raises(ParameterError, match="items must name each column once"):
        to_long(SURVEY, ["q1", "q1"])
    long = to_long(SURVEY, ["q1", "q2"], keep="weight")
    with pytest.raises(InvalidValuesError, match="one per person and item: 6 rows"):
        to_wide(pd.concat([long, long]))
    with pytest.raises(InvalidValuesError, match="the same in all rows of a respondent"):
        to_wide(long.assign(weight=range(6)), keep="weight")
    with pytest.raises(InvalidValuesError, match="items that are not asked for"):
        to_wide(long, items=["q1"])


@given(
    st.lists(st.lists(st.integers(1, 5), min_size=3, max_size=3), min_size=1, max_size=8),
    st.randoms(use_true_random=False),
)
def test_the_order_of_answers_is_nothing(rows, random):
    frame = (
        pd.DataFrame(rows, columns=["q1", "q2", "q3"]).rename_axis("respondent_id").reset_index()
    )
    long = to_long(frame, ["q1", "q2", "q3"])
    order = list(range(len(long)))
    random.shuffle(order)
    pd.testing.assert_frame_equal(to_wide(long.iloc[order]), frame, check_dtype=False)


ANSWERS = pd.DataFrame(
    {
        "client": [7, 7, 8, 7, 9],
        "when": pd.to_datetime([f"2024-{month:02}-01" for month in (1, 3, 1, 3, 2)]),
        "happy": [2.0, 4.0, 5.0, 3.0, np.nan],
    }
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("keep", "wanted"), [("mean", 3.0), ("lowest", 2.0), ("highest", 4.0), ("last", 3.5)]
)
def test_one_row_per_customer(kind, keep, wanted):
    native = KINDS[kind](ANSWERS)
    found = per_customer(native, "happy", keep=keep, customer_id="client", date="when")
    assert type(found) is type(native)
    table = plain(found)
    assert table["customer_id"].tolist() == [7, 8, 9]
    assert table["answers"].tolist() == [3, 1, 1]
    np.testing.assert_allclose(table["happy"].to_numpy(float), [wanted, 5.0, np.nan])


def test_dissatisfied_and_valuable_is_one_merge_away():
    found = per_customer(ANSWERS, "happy", keep="lowest", customer_id="client")
    customers = pd.DataFrame({"customer_id": [9, 8, 7], "clv": [1.0, 50.0, 900.0]})
    both = customers.merge(found, on="customer_id", how="left")
    assert both.query("happy <= 2 and clv > 100")["customer_id"].tolist() == [7]


def test_customers_that_cannot_be_kept():
    with pytest.raises(ParameterError, match="keep must be one of"):
        per_customer(ANSWERS, "happy", keep="first", customer_id="client")
    with pytest.raises(ParameterError, match="name the column of dates"):
        per_customer(ANSWERS, "happy", keep="last", customer_id="client")
    with pytest.raises(DataError, match="no column 'customer_id'"):
        per_customer(ANSWERS, "happy", keep="mean")
    with pytest.raises(DataError, match="between 1 and 4"):
        per_customer(ANSWERS, "happy", keep="mean", customer_id="client", scale=(1, 4))
