import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

RAW = pd.DataFrame(
    {
        "customer_id": ["ann", "ann", "ann", "bob", "bob", None, "eve", "test", "zoe"],
        "date": pd.to_datetime(
            [
                "2024-01-01",
                "2024-01-02",
                "2024-01-05",
                "2024-01-03",
                "2024-03-01",
                "2024-01-04",
                "2024-01-06",
                "2024-01-07",
                "2024-01-08",
            ]
        ),
        "amount": [30.0, 12.0, -30.0, 12.5, 7.0, 8.0, -5.0, 1.0, np.nan],
        "order_id": ["o1", "o2", "c1", "o3", "o4", "o5", "c2", "o6", "o7"],
        "product_id": ["x", "y", "x", "x", "post", "x", "x", "x", "x"],
    },
    index=list("abcdefghi"),
)


def removed(cleaned, column="rows"):
    return dict(zip(cleaned.log["rule"], cleaned.log[column], strict=True))


def test_the_record_names_every_rule_applied():
    cleaned = crm.clean(
        RAW, exclude_customers=["test"], exclude_products=["post"], until="2024-01-31"
    )
    assert removed(cleaned) == {
        "missing customer_id": 1,
        "missing date": 0,
        "missing amount": 1,
        "missing order_id": 0,
        "excluded customers": 1,
        "excluded products": 1,
        "after until": 0,
        "refunds of customers without purchases": 1,
    }
    assert removed(cleaned, "money")["missing customer_id"] == 8
    assert removed(cleaned, "money")["refunds of customers without purchases"] == -5
    assert removed(cleaned, "customers")["missing amount"] == 1
    assert removed(cleaned, "customers")["missing customer_id"] == 0


def test_rows_kept_keep_their_order_index_and_columns():
    cleaned = crm.clean(RAW.assign(note="n"), exclude_customers=["test"])
    assert cleaned.transactions.index.to_list() == list("abcde")
    assert "note" in cleaned.transactions
    assert cleaned.refunds is None


def test_a_cleaned_log_can_be_summarised():
    for refunds in ("net", "drop", "separate", "match"):
        cleaned = crm.clean(RAW, refunds=refunds)
        assert len(crm.summarize(cleaned.transactions, until="2024-03-01"))


@pytest.mark.parametrize(
    ("refunds", "kept", "rule", "rows"),
    [
        ("net", list("abcdeh"), "refunds of customers without purchases", 1),
        ("drop", list("abdeh"), "refunds", 2),
        ("separate", list("abdeh"), "refunds set apart", 2),
        ("match", list("bdeh"), "purchases undone by refunds", 1),
    ],
)
def test_refunds_are_a_choice(refunds, kept, rule, rows):
    cleaned = crm.clean(RAW, refunds=refunds)
    assert cleaned.transactions.index.to_list() == kept
    assert removed(cleaned)[rule] == rows
    if refunds == "separate":
        assert cleaned.refunds["amount"].to_list() == [-30, -5]
        assert list(cleaned.refunds.columns) == list(cleaned.transactions.columns)


def test_a_refund_matches_the_same_product_and_quantity_only():
    log = RAW.iloc[:3].assign(quantity=[3, 1, -3])
    assert len(crm.clean(log, refunds="match").transactions) == 1
    assert len(crm.clean(log.assign(quantity=[2, 1, -3]), refunds="match").transactions) == 3
    assert len(crm.clean(log.assign(product_id=list("xyz")), refunds="match").transactions) == 3


def test_the_latest_purchase_is_the_one_undone():
    log = pd.DataFrame(
        {
            "customer_id": 1,
            "date": pd.to_datetime(["2024-01-09", "2024-01-01", "2024-01-05", "2024-01-05"]),
            "amount": [4.0, 4.0, 4.0, -4.0],
        }
    )
    assert crm.clean(log, refunds="match").transactions.index.to_list() == [0, 1]


def test_a_refund_after_the_end_undoes_nothing():
    cleaned = crm.clean(RAW, refunds="match", until="2024-01-04")
    assert cleaned.transactions.index.to_list() == ["a", "b", "d"]


def test_until_is_a_day_of_the_time_zone():
    stamps = pd.to_datetime(["2024-01-31 22:30", "2024-01-31 23:30"]).tz_localize("UTC")
    log = pd.DataFrame({"customer_id": [1, 2], "date": stamps, "amount": 1.0})
    kept = crm.clean(log, until="2024-01-31", time_zone="Europe/Vienna").transactions
    assert kept["customer_id"].to_list() == [1]
    assert kept["date"].dtype == log["date"].dtype
    assert len(crm.clean(log, until="2024-01-31").transactions) == 2


def test_genuine_repeats_within_an_extract_stay():
    twice = pd.concat([RAW[:1], RAW[:1]])
    assert len(crm.clean(twice).transactions) == 2
    cleaned = crm.clean([twice, twice.iloc[:1], RAW[1:2]])
    assert cleaned.transactions["order_id"].to_list() == ["o1", "o1", "o2"]
    assert removed(cleaned)["in an earlier extract"] == 1
    assert cleaned.transactions.index.to_list() == [0, 1, 3]


def test_without_money():
    cleaned = crm.clean(crm.datasets.load_example_transactions())
    assert list(cleaned.log.columns) == ["rule", "rows", "customers"]
    assert cleaned.log["rows"].sum() == 0


def test_quantity_tells_refunds_without_an_amount():
    log = RAW[:3].drop(columns="amount").assign(units=[1, 1, -1])
    cleaned = crm.clean(log, quantity="units", refunds="drop")
    assert removed(cleaned) == {
        "missing customer_id": 0,
        "missing date": 0,
        "missing order_id": 0,
        "missing quantity": 0,
        "refunds": 1,
    }


def test_nothing_left_is_no_error():
    cleaned = crm.clean(RAW, exclude_customers=["ann", "bob", "eve", "test"])
    assert len(cleaned.transactions) == 0
    assert removed(cleaned)["excluded customers"] == 7


def test_the_callers_frame_is_left_alone():
    before = RAW.copy(deep=True)
    crm.clean(RAW, refunds="match", exclude_customers=["bob"], until="2024-01-05")
    pd.testing.assert_frame_equal(RAW, before)


@pytest.mark.parametrize("refunds", ["net", "drop", "separate", "match"])
@pytest.mark.parametrize(
    ("make", "back"),
    [
        (pl.from_pandas, lambda x: x.to_pandas()),
        (lambda x: pa.Table.from_pandas(x, preserve_index=False), lambda x: x.to_pandas()),
    ],
    ids=["polars", "pyarrow"],
)
def test_other_frames(make, back, refunds):
    arguments = {
        "refunds": refunds,
        "exclude_customers": ["test"],
        "exclude_products": ["post"],
        "until": "2024-01-31",
    }
    ours = crm.clean(RAW.reset_index(drop=True), **arguments)
    native = make(RAW.reset_index(drop=True))
    found = crm.clean(native, **arguments)
    assert type(found.transactions) is type(native)
    pd.testing.assert_frame_equal(back(found.log), ours.log)
    expected = ours.transactions.reset_index(drop=True)
    pd.testing.assert_frame_equal(back(found.transactions), expected, check_dtype=False)
    both = crm.clean([native[:4], native[2:]], **arguments)
    assert len(both.transactions) == len(ours.transactions)


@pytest.mark.parametrize(
    ("change", "arguments", "error", "words"),
    [
        ({}, {"refunds": "ignore"}, ParameterError, "refunds must be one of"),
        ({}, {"exclude_customers": "ann"}, ParameterError, "must be a sequence"),
        ({}, {"exclude_customers": [1]}, ParameterError, "must be of the column's dtype"),
        ({}, {"amount": "spend"}, MissingColumnsError, "no column 'spend'"),
        ({}, {"order_id": "invoice"}, MissingColumnsError, "no column 'invoice'"),
        ({"date": "2024-01-01"}, {}, InvalidValuesError, "pandas.to_datetime"),
        ({"amount": "12"}, {}, InvalidValuesError, "must hold numbers"),
        ({"amount": np.inf}, {}, InvalidValuesError, "must be finite"),
        ({}, {"until": "31/01/2024"}, ParameterError, "until must be a date"),
    ],
)
def test_what_is_refused(change, arguments, error, words):
    with pytest.raises(error, match=words):
        crm.clean(RAW.assign(**change), **arguments)


def test_extracts_that_do_not_go_together_are_refused():
    with pytest.raises(ParameterError, match="at least one"):
        crm.clean([])
    with pytest.raises(MissingColumnsError, match=r"transactions\[1\] has no column 'order_id'"):
        crm.clean([RAW, RAW.drop(columns="order_id")])
    with pytest.raises(InvalidValuesError, match="'order_id' must be of one dtype"):
        crm.clean([RAW, RAW.assign(order_id=range(9))])
    with pytest.raises(InvalidValuesError, match="'product_id' must be in all extracts or in none"):
        crm.clean([RAW, RAW.drop(columns="product_id")])
    with pytest.raises(ParameterError, match="one kind"):
        crm.clean([RAW, pl.from_pandas(RAW)])


def test_exclusions_need_their_column_and_dtype():
    with pytest.raises(ParameterError, match="pass product_id"):
        crm.clean(RAW.drop(columns="product_id"), exclude_products=["post"])
    with pytest.raises(ParameterError, match="or it would match nothing"):
        crm.clean(RAW.assign(customer_id=1), exclude_customers=["1"])


@st.composite
def raw_logs(draw):
    size = draw(st.integers(1, 30))

    def column(values):
        return draw(st.lists(values, min_size=size, max_size=size))

    cents = column(st.one_of(st.none(), st.integers(-3, 3)))
    days = np.array(column(st.integers(0, 20)))
    dates = pd.Series(np.datetime64("2024-01-01", "us") + days.astype("m8[D]"))
    return pd.DataFrame(
        {
            "customer_id": pd.array(column(st.one_of(st.none(), st.integers(0, 3))), "Int64"),
            "date": dates.where(pd.Series(column(st.integers(0, 9))) > 0),
            "amount": [np.nan if x is None else x / 100 for x in cents],
            "product_id": column(st.sampled_from("xy")),
        }
    )


@given(raw_logs(), st.sampled_from(["net", "drop", "separate", "match"]))
def test_the_record_accounts_for_every_row_and_cent(log, refunds):
    cleaned = crm.clean(log, refunds=refunds, exclude_customers=[3], until="2024-01-15")
    kept = cleaned.transactions
    assert len(kept) + cleaned.log["rows"].sum() == len(log)
    money = kept["amount"].sum() + cleaned.log["money"].sum()
    assert money == pytest.approx(log["amount"].sum(), abs=1e-9)
    assert not kept[["customer_id", "date", "amount"]].isna().any(axis=None)
    if len(kept):
        crm.summarize(kept, until="2024-01-20")


@given(raw_logs(), st.sampled_from(["net", "match"]), st.randoms(use_true_random=False))
def test_order_of_rows_is_of_no_consequence(log, refunds, random):
    shuffled = log.iloc[random.sample(range(len(log)), len(log))]
    one, other = (crm.clean(x, refunds=refunds) for x in (log, shuffled))
    pd.testing.assert_frame_equal(one.log, other.log)
    order = ["customer_id", "date", "amount", "product_id"]
    pd.testing.assert_frame_equal(
        one.transactions.sort_values(order, ignore_index=True),
        other.transactions.sort_values(order, ignore_index=True),
    )


@given(raw_logs(), st.sampled_from(["net", "drop", "match"]))
def test_cleaning_twice_removes_nothing_more(log, refunds):
    once = crm.clean(log, refunds=refunds)
    again = crm.clean(once.transactions, refunds=refunds)
    assert again.log["rows"].sum() == 0
    pd.testing.assert_frame_equal(again.transactions, once.transactions)
