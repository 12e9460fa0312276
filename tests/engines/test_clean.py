"""Cleaning gives the same rows, record and refunds on every engine."""

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

CHOICES = {
    "net": {},
    "drop": {"refunds": "drop"},
    "separate": {"refunds": "separate"},
    "match": {"refunds": "match"},
    "until": {"until": "1997-09-30", "refunds": "match"},
    "exclusions": {
        "exclude_customers": [4, 18, 21],
        "exclude_products": ["p0", "p3"],
        "refunds": "separate",
        "until": "1997-12-31",
    },
    "everything": {
        "refunds": "match",
        "exclude_customers": [4],
        "exclude_products": ["p1"],
        "until": "1998-01-31",
    },
}


@pytest.fixture(scope="module")
def raw():
    """A log with holes in it, with refunds that undo purchases and refunds that undo none."""
    log = crm.datasets.load_cdnow_sample().drop(columns="quantity", errors="ignore")
    some = np.random.default_rng(3)
    log = log.assign(product_id="p" + pd.Series(some.integers(0, 5, len(log))).astype(str))
    whole = log.sample(300, random_state=1)
    undone = whole.assign(amount=-whole["amount"], date=whole["date"] + pd.Timedelta(days=2))
    again = undone.head(60).assign(date=undone["date"] + pd.Timedelta(days=9))
    nobody = log.head(40).assign(customer_id=range(10**6, 10**6 + 40), amount=-3.25)
    log = pd.concat([log, undone, again, nobody], ignore_index=True)
    order = "o" + (log.index // 2).astype(str)
    log = log.assign(order_id=order, row=np.arange(len(log)))
    log.loc[[5, 50, 7000], "amount"] = np.nan
    log.loc[[9, 90], "order_id"] = None
    log.loc[[11, 4000], "date"] = pd.NaT
    return log.astype({"date": "M8[us]"})


def by_row(frame):
    return frame.sort_values("row", ignore_index=True)


def compared(engine, found, expected, same):
    ours, theirs = engine.get(found.transactions, "row"), by_row(expected.transactions)
    if "channel" in theirs:  # whose missing values each frame spells in its own way
        assert list(ours.pop("channel").fillna("")) == list(theirs.pop("channel").fillna(""))
    same(ours, theirs)
    same(pd.DataFrame(pandas_table(found.log)), expected.log, 1e-12)
    if expected.refunds is None:
        assert found.refunds is None
    else:
        same(engine.get(found.refunds, "row"), by_row(expected.refunds))


def pandas_table(table):
    return table if isinstance(table, pd.DataFrame) else table.to_pandas()


@pytest.mark.parametrize("choice", CHOICES)
def test_the_same_rows_stay_on_every_engine(lazy, raw, same, choice):
    given_frame = lazy.put(raw)
    found = crm.clean(given_frame, **CHOICES[choice])
    assert lazy.has_kind_of(found.transactions, given_frame)
    compared(lazy, found, crm.clean(raw, **CHOICES[choice]), same)


def test_names_quantities_and_missing_columns(lazy, raw, same):
    mine = raw.rename(columns={"customer_id": "who", "amount": "units", "date": "when"})
    mine = mine.drop(columns=["order_id", "product_id"])
    mine = mine.drop_duplicates(["who", "units", "when"])  # of equals, engines may choose any
    names = {"customer_id": "who", "date": "when", "quantity": "units"}
    for refunds in ("net", "drop", "separate", "match"):
        expected = crm.clean(mine, refunds=refunds, **names)
        found = crm.clean(lazy.put(mine), refunds=refunds, **names)
        assert "money" not in expected.log
        compared(lazy, found, expected, same)


def test_extracts_that_overlap(lazy, raw, same):
    raw = raw.drop_duplicates(["customer_id", "amount", "date"])
    one, two = raw[:5000], raw[4200:].drop(columns="product_id").assign(channel="web")
    three = raw[6000:6500].drop(columns="product_id").assign(channel="shop")
    for refunds in ("net", "match"):
        expected = crm.clean([one.drop(columns="product_id"), two, three], refunds=refunds)
        extracts = [one.drop(columns="product_id"), two, three]
        if lazy.name == "duckdb":
            lazy.put(one)
            extracts = [lazy.session.from_df(frame) for frame in extracts]
        else:
            extracts = [lazy.put(frame) for frame in extracts]
        found = crm.clean(extracts, refunds=refunds)
        assert list(found.log["rows"]) == list(expected.log["rows"])
        compared(lazy, found, expected, same)


def test_polars_keeps_the_order_of_rows(raw):
    shuffled = raw.sample(frac=1, random_state=2)
    for refunds in ("net", "match"):
        found = crm.clean(pl.from_pandas(shuffled).lazy(), refunds=refunds).transactions
        expected = crm.clean(shuffled, refunds=refunds).transactions
        assert found.collect()["row"].to_list() == expected["row"].tolist()


def test_what_was_cleaned_can_be_summarised(lazy, raw, same):
    options = {"until": "1998-06-30", "unit": "W"}
    expected = crm.summarize(crm.clean(raw).transactions, **options)
    found = crm.summarize(crm.clean(lazy.put(raw)).transactions, **options)
    same(lazy.get(found), expected)


def test_nothing_wrong_leaves_nothing_to_do(lazy, same):
    log = pd.DataFrame({"customer_id": [1, 2], "date": pd.to_datetime(["2024-01-01"] * 2)})
    log = log.assign(amount=[3.0, 4.0]).astype({"date": "M8[us]"})
    found = crm.clean(lazy.put(log), refunds="match")
    same(lazy.get(found.transactions), log)
    assert not any(found.log["rows"])
    assert "transactions" in repr(found)


def test_stamps_with_a_zone(raw, same):
    zoned = raw.assign(date=raw["date"].dt.tz_localize("UTC"))
    options = {"until": "1997-09-30", "time_zone": "Pacific/Auckland"}
    found = crm.clean(pl.from_pandas(zoned).lazy(), **options)
    expected = crm.clean(zoned, **options)
    assert list(found.log["rows"]) == list(expected.log["rows"])


def test_duckdb_says_which_zones_are_beyond_it(raw):
    import duckdb

    zoned = raw.assign(date=raw["date"].dt.tz_localize("UTC"))
    with duckdb.connect() as connection:
        log = connection.from_df(zoned)
        with pytest.raises(ParameterError, match="Convert the stamps first"):
            crm.clean(log, until="1997-09-30", time_zone="Pacific/Auckland")


def test_what_is_refused_is_refused_everywhere(lazy, raw):
    log = lazy.put(raw.head(20))
    with pytest.raises(MissingColumnsError, match="no column 'spend'"):
        crm.clean(log, amount="spend")
    with pytest.raises(ParameterError, match="must be of the column's dtype"):
        crm.clean(log, exclude_customers=["4"])
    with pytest.raises(ParameterError, match="pass product_id"):
        crm.clean(lazy.put(raw.head(20).drop(columns="product_id")), exclude_products=["p1"])
    with pytest.raises(InvalidValuesError, match="finite"):
        crm.clean(lazy.put(raw.head(20).assign(amount=np.inf)))


@st.composite
def brackets(draw):
    size = draw(st.integers(1, 25))

    def column(values):
        return draw(st.lists(values, min_size=size, max_size=size))

    days = pd.to_datetime(column(st.integers(0, 6)), unit="D", origin="2024-01-01")
    amounts = column(st.sampled_from([5.0, -5.0, 7.0, -7.0]))
    frame = pd.DataFrame({"customer_id": column(st.integers(1, 3)), "amount": amounts})
    return frame.assign(date=pd.Series(days).astype("M8[us]"))


@given(brackets())
def test_refunds_undo_the_same_money_in_polars_as_in_pandas(log):
    expected = crm.clean(log, refunds="match")
    found = crm.clean(pl.from_pandas(log).lazy(), refunds="match")
    assert found.log.to_dicts() == expected.log.to_dict("records")
    columns = ["customer_id", "date", "amount"]
    ours = found.transactions.collect().select(columns).to_pandas().sort_values(columns)
    theirs = expected.transactions[columns].sort_values(columns)
    assert ours.to_numpy().tolist() == theirs.to_numpy().tolist()
