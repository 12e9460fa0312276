"""The contract of a survey: one row per respondent, whatever else was asked."""

from __future__ import annotations

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, MissingColumnsError
from crmanalytics.frames import SURVEY, admit

MAKERS = {
    "pandas": lambda x: x,
    "polars": pl.from_pandas,
    "pyarrow": lambda x: pa.Table.from_pandas(x, preserve_index=False),
    "duckdb": duckdb.from_df,
}
ANSWERS = pd.DataFrame(
    {
        "respondent_id": ["a", "b", "c", "d"],
        "customer_id": [11, 12, 12, 14],  # two people of one customer may answer
        "date": pd.to_datetime(["2024-05-01", "2024-05-01", "2024-05-02", "2024-05-03"]),
        "weight": [1.0, 0.5, 0.0, 2.5],
        "satisfaction": [7, None, 10, 1],
    }
)


@pytest.fixture(params=MAKERS)
def make(request):
    return MAKERS[request.param]


def refusal(make, error=InvalidValuesError, **change):
    with pytest.raises(error) as caught:
        admit(make(ANSWERS.assign(**change)), SURVEY)
    return str(caught.value)


def test_a_good_survey_comes_in_with_all_its_answers(make):
    native = make(ANSWERS)
    own = admit(native, SURVEY)
    assert type(own.to_native()) is type(native)
    assert own.collect_schema().names() == list(ANSWERS.columns)


def test_only_the_respondent_is_required(make):
    assert admit(make(ANSWERS[["respondent_id"]]), SURVEY).collect_schema().names() == [
        "respondent_id"
    ]
    with pytest.raises(MissingColumnsError, match="survey has no column 'respondent_id'"):
        admit(make(ANSWERS.drop(columns="respondent_id")), SURVEY)


def test_a_respondent_answers_once(make):
    text = refusal(make, respondent_id=["a", "b", "b", "b"])
    assert "survey['respondent_id'] must not repeat: 1 values do (first: [b])" in text
    assert text.endswith("Keep one row of each.")


def test_a_customer_may_answer_more_than_once(make):
    admit(make(ANSWERS.assign(customer_id=12)), SURVEY)


def test_weights_are_not_negative_and_not_missing(make):
    text = refusal(make, weight=[1.0, -0.5, None, 2.5])
    assert "survey['weight'] must not be negative: 1 of 4 rows does" in text
    assert "survey['weight'] must not be missing: 1 of 4 rows does" in text
    assert "(first: [b])" in text  # named by its respondent
    assert "(first: [c])" in text


@pytest.mark.parametrize("weight", [float("inf"), float("-inf")])
def test_weights_are_finite(make, weight):
    assert "must be finite" in refusal(make, weight=[1.0, weight, 1.0, 1.0])


def test_weights_are_numbers_and_dates_are_dates(make):
    text = refusal(make, weight="1.0", date="2024-05-01")
    assert "survey['weight'] must hold numbers, not String" in text
    assert "survey['date'] must hold dates, not String. Convert it first" in text


def test_nobody_is_no_respondent(make):
    text = refusal(make, respondent_id=["a", None, "c", None])
    assert "survey['respondent_id'] must not be missing: 2 of 4 rows do" in text


@pytest.mark.parametrize("column", ["customer_id", "date"])
def test_what_was_named_must_be_there_in_every_row(make, column):
    values = ANSWERS[column].astype(object).where(ANSWERS.index > 0)
    change = {column: values.astype("Int64") if column == "customer_id" else pd.to_datetime(values)}
    assert f"survey['{column}'] must not be missing: 1 of 4 rows" in refusal(make, **change)


def test_own_names_are_used_in_messages(make):
    theirs = ANSWERS.rename(columns={"respondent_id": "Panelist", "weight": "w"})
    names = {c.RESPONDENT_ID: "Panelist", c.WEIGHT: "w"}
    assert "respondent_id" in admit(make(theirs), SURVEY, names=names).collect_schema().names()
    with pytest.raises(InvalidValuesError, match=r"survey\['Panelist'\] must not repeat"):
        admit(make(theirs.assign(Panelist="a")), SURVEY, names=names)


def test_the_words_of_the_contract_are_in_the_vocabulary():
    assert {column.name for column in SURVEY.columns} <= set(c.DESCRIPTIONS)
    assert {column.name for column in SURVEY.columns if column.required} == set(SURVEY.unique)
