import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.frames import (
    CUSTOMERS,
    SURVEY,
    TRANSACTIONS,
    admit,
    as_float,
    as_numpy,
    column_like,
    column_names,
    is_pandas,
)

MAKERS = {
    "pandas": lambda x: x,
    "polars": pl.from_pandas,
    "pyarrow": lambda x: pa.Table.from_pandas(x, preserve_index=False),
    "duckdb": duckdb.from_df,
}
GOOD = pd.DataFrame(
    {
        "customer_id": [1, 2, 3],
        "frequency": [2, 0, 1],
        "recency": [4.0, 0.0, 3.0],
        "T": [9.0, 9.0, 5.0],
    }
)


@pytest.fixture(params=list(MAKERS))
def make(request):
    return MAKERS[request.param]


def refusal(make, change, contract=CUSTOMERS, error=InvalidValuesError, **arguments):
    with pytest.raises(error) as caught:
        admit(make(GOOD.assign(**change)), contract, **arguments)
    return str(caught.value)


def test_a_good_frame_comes_in_as_it_is(make):
    native = make(GOOD)
    own = admit(native, CUSTOMERS)
    assert type(own.to_native()) is type(native)
    assert own.collect_schema().names() == list(GOOD.columns)
    assert is_pandas(own) is isinstance(native, pd.DataFrame)


def test_names_are_translated_and_others_kept(make):
    theirs = GOOD.rename(columns={"frequency": "n", "T": "age"}).assign(extra="x")
    own = admit(make(theirs), CUSTOMERS, names={"frequency": "n", "T": "age", "recency": "recency"})
    assert sorted(own.collect_schema().names()) == sorted([*GOOD.columns, "extra"])


def test_names_may_trade_places(make):
    swapped = GOOD.rename(columns={"recency": "T", "T": "recency"})
    own = admit(make(swapped), CUSTOMERS, names={"recency": "T", "T": "recency"})
    found = own.collect() if isinstance(own, nw.LazyFrame) else own
    assert found["recency"].to_list() == [4, 0, 3]


def test_a_named_column_takes_the_place_of_its_namesake(make):
    own = admit(make(GOOD.assign(n=[5, 0, 6])), CUSTOMERS, names={"frequency": "n"})
    found = own.collect() if isinstance(own, nw.LazyFrame) else own
    assert found["frequency"].to_list() == [5, 0, 6]
    assert "n" not in found.columns


def test_one_column_cannot_be_two(make):
    with pytest.raises(ParameterError, match="'x' cannot be recency and T at once"):
        admit(make(GOOD.assign(x=1.0)), CUSTOMERS, names={"recency": "x", "T": "x"})


def test_missing_columns_are_all_named_at_once(make):
    with pytest.raises(MissingColumnsError) as caught:
        admit(make(GOOD[["customer_id", "frequency"]].assign(Recency=1.0)), CUSTOMERS)
    text = str(caught.value)
    assert "no column 'recency'; did you mean 'Recency'? Rename it to 'recency'." in text
    assert "no column 'T'" in text


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ({"recency": "recency"}, "did you mean 'Recency'? Pass recency='Recency'."),
        ({"recency": "recensy"}, "no column 'recensy'; did you mean 'Recency'?"),
        ({"recency": "gap"}, "no column 'gap'; it has 'frequency', 'Recency', 'T'."),
    ],
)
def test_the_mend_is_one_that_the_call_can_take(make, names, message):
    frame = make(GOOD[["frequency", "T"]].assign(Recency=1.0)[["frequency", "Recency", "T"]])
    with pytest.raises(MissingColumnsError) as caught:
        admit(frame, CUSTOMERS, names=names)
    assert str(caught.value).endswith(message)


def test_what_the_call_needs_is_required(make):
    text = refusal(make, {}, error=MissingColumnsError, need=["monetary_value"])
    assert "no column 'monetary_value'" in text


def test_a_broken_rule_says_which_how_many_and_what_to_do(make):
    text = refusal(make, {"recency": [9.5, 0.0, 5.5]})
    assert "customers['recency'] must not exceed customers['T']: 2 of 3 rows do not" in text
    assert "(first: [1, 3])" in text
    assert text.endswith("Was 'until' before the last transaction?")


def test_the_callers_own_name_is_used_in_messages(make):
    frame = make(GOOD.rename(columns={"T": "age"}).assign(age=[-1.0, 9.0, 9.0]))
    with pytest.raises(InvalidValuesError, match=r"customers\['age'\] must not be negative: 1 of"):
        admit(frame, CUSTOMERS, names={"T": "age"})


def test_all_problems_are_listed(make):
    text = refusal(make, {"frequency": [2.5, 0, -1], "recency": [4.0, np.nan, 3.0]})
    assert "customers['frequency'] must not be negative" in text
    assert "customers['frequency'] must be a whole number" in text
    assert "customers['recency'] must not be missing" in text


def test_wrong_dtypes_are_refused_not_converted(make):
    text = refusal(make, {"recency": "4.0"})
    assert "customers['recency'] must hold numbers, not String" in text


def test_dates_as_text_get_the_remedy(make):
    log = make(pd.DataFrame({"customer_id": [1], "date": ["2024-01-01"]}))
    with pytest.raises(InvalidValuesError, match=r"must hold dates, not String\. Convert it first"):
        admit(log, TRANSACTIONS)


def test_keys_must_not_repeat(make):
    survey = make(pd.DataFrame({"respondent_id": [1, 2, 2, 3, 3]}))
    with pytest.raises(InvalidValuesError, match=r"must not repeat: 2 values do \(first: \[2, 3\]"):
        admit(survey, SURVEY)


def test_rows_without_a_name_are_shown_by_their_index():
    log = pd.DataFrame(
        {"customer_id": [1, None], "date": pd.Timestamp("2024-01-01")}, index=["a", "b"]
    )
    with pytest.raises(InvalidValuesError, match=r"1 of 2 rows does not hold to it \(first: \[b\]"):
        admit(log, TRANSACTIONS)


@pytest.mark.parametrize("frame", [[1, 2], "log.csv", None, {"a": [1]}, np.zeros((2, 2))], ids=str)
def test_what_is_no_frame(frame):
    with pytest.raises(ParameterError, match="customers must be a data frame"):
        admit(frame, CUSTOMERS)


def test_columns_of_one_name_are_refused():
    twice = pd.concat([GOOD, GOOD[["T"]]], axis=1)
    with pytest.raises(InvalidValuesError, match="columns of the same name: T"):
        admit(twice, CUSTOMERS)
    assert column_names(twice) == []
    assert column_names(GOOD) == list(GOOD.columns)


def test_the_callers_frame_is_left_alone():
    frame = GOOD.rename(columns={"T": "age"})
    before = frame.copy(deep=True)
    admit(frame, CUSTOMERS, names={"T": "age"})
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("name", ["pandas", "polars", "pyarrow"])
def test_values_go_out_as_arrays_and_come_back_as_columns(name):
    own = admit(MAKERS[name](GOOD), CUSTOMERS)
    assert as_float(own, "frequency").dtype == np.float64
    assert as_numpy(own, "frequency").tolist() == [2, 0, 1]
    column = column_like(own, "p_alive", np.array([0.1, 0.2, 0.3]))
    assert nw.from_native(column, series_only=True).to_list() == [0.1, 0.2, 0.3]


def test_pandas_columns_are_on_the_frames_index():
    frame = GOOD.set_axis(["x", "y", "z"])
    column = column_like(admit(frame, CUSTOMERS), "p_alive", np.zeros(3))
    assert column.index.equals(frame.index)
    assert column.name == "p_alive"


def test_nullable_numbers_become_floats():
    frame = GOOD.astype({"frequency": "Int64", "recency": "Float64"})
    own = admit(frame, CUSTOMERS)
    assert as_float(own, "recency").tolist() == [4, 0, 3]
