"""Every engine counts alike, and hands back its own kind of frame."""

import datetime as dt

import duckdb
import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.transactions.expressions import day_number

ENGINES = {
    "polars": (pl.from_pandas, lambda frame: frame.to_pandas(), pl.DataFrame),
    "polars lazy": (
        lambda log: pl.from_pandas(log).lazy(),
        lambda frame: frame.collect().to_pandas(),
        pl.LazyFrame,
    ),
    "pyarrow": (
        lambda log: pa.Table.from_pandas(log, preserve_index=False),
        lambda frame: frame.to_pandas(),
        pa.Table,
    ),
    "duckdb": (
        duckdb.from_df,
        lambda frame: frame.order("customer_id").df(),  # rows of a relation have no order
        duckdb.DuckDBPyRelation,
    ),
}
EXACT = ["customer_id", "frequency", "first_date", "last_date", "days_since_last", "orders"]


@pytest.fixture(params=list(ENGINES))
def engine(request):
    return ENGINES[request.param]


@pytest.fixture(scope="module")
def log():
    log = crm.datasets.load_cdnow_sample()
    random = np.random.default_rng(5)
    minutes = random.integers(0, 1440, len(log)).astype("m8[m]")
    back = log.sample(200, random_state=1)
    back = back.assign(amount=-back["amount"] / 2, date=back["date"] + pd.Timedelta(days=3))
    log = log.assign(date=log["date"] + minutes)
    return pd.concat([log, back], ignore_index=True).assign(
        order_id=lambda x: "o" + (x.index // 2).astype(str)
    )


def assert_alike(native, pandas):
    pd.testing.assert_frame_equal(
        native[[x for x in EXACT if x in native]],
        pandas[[x for x in EXACT if x in pandas]],
        check_dtype=False,
    )
    for name in pandas.columns.difference(EXACT):
        np.testing.assert_allclose(native[name], pandas[name], rtol=1e-12, atol=1e-12)
    assert list(native.columns) == list(pandas.columns)


@pytest.mark.parametrize("occasion", ["day", "order", "row"])
def test_summarize(engine, log, occasion):
    to_native, to_pandas, kind = engine
    found = crm.summarize(to_native(log), until="1997-09-30", unit="W", occasion=occasion)
    assert isinstance(found, kind)
    expected = crm.summarize(log, until="1997-09-30", unit="W", occasion=occasion)
    assert_alike(to_pandas(found), expected)


@pytest.mark.parametrize("has_money", [True, False])
def test_split(engine, log, has_money):
    to_native, to_pandas, kind = engine
    if not has_money:
        log = log[log["amount"] >= 0].drop(columns=["amount", "quantity"])
    found = crm.split(to_native(log), at="1997-09-30", until="1998-06-30", unit="W")
    assert isinstance(found, kind)
    assert_alike(to_pandas(found), crm.split(log, at="1997-09-30", until="1998-06-30", unit="W"))


def test_refunds_alone_are_refused(engine, log):
    alone = log.assign(amount=log["amount"].where(log["customer_id"] != 4, -1.0))
    with pytest.raises(InvalidValuesError, match=r"1 has refunds alone \(first: \[4\]\)"):
        crm.summarize(engine[0](alone))


def test_no_rows_are_refused(engine, log):
    with pytest.raises(InvalidValuesError, match="transactions has no rows"):
        crm.summarize(engine[0](log[log["customer_id"] < 0]))


def test_amounts_that_are_no_decimals(engine, log):
    rates = log.assign(amount=log["amount"] / 7)
    found = engine[1](crm.summarize(engine[0](rates), until="1997-09-30"))
    assert_alike(found, crm.summarize(rates, until="1997-09-30"))


@pytest.mark.parametrize("make", [pl.from_pandas, lambda x: pl.from_pandas(x).lazy()])
def test_time_zones(make, log):
    log = log.assign(date=log["date"].dt.tz_localize("UTC"))
    arguments = {"until": "1997-09-30", "time_zone": "America/New_York"}
    found = crm.summarize(make(log), **arguments)
    found = found.collect() if isinstance(found, pl.LazyFrame) else found
    assert_alike(found.to_pandas(), crm.summarize(log, **arguments))


def test_a_zone_that_the_engine_cannot_reckon_with(log):
    stamps = log.assign(date=log["date"].dt.tz_localize("UTC"))
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    native = connection.from_arrow(pa.Table.from_pandas(stamps, preserve_index=False))
    with pytest.raises(ParameterError, match="Set the zone of the connection"):
        crm.summarize(native, until="1997-09-30", time_zone="America/New_York")
    found = crm.summarize(native, until="1997-09-30", time_zone="UTC").order("customer_id").df()
    assert_alike(found, crm.summarize(stamps, until="1997-09-30", time_zone="UTC"))


def test_dates_without_time(log):
    days = pl.from_pandas(log).with_columns(pl.col("date").dt.date())
    found = crm.summarize(days, until="1997-09-30")
    assert found.schema["first_date"] == pl.Date
    assert_alike(
        found.to_pandas(), crm.summarize(log, until="1997-09-30").astype({"first_date": "M8[ms]"})
    )


def test_day_number_is_the_calendars():
    days = [dt.date(1970, 1, 1) + dt.timedelta(days=n) for n in range(-800, 60000, 13)]
    frame = nw.from_native(pl.DataFrame({"date": days}))
    found = frame.select(day_number(nw.col("date")).alias("n"))["n"].to_list()
    assert found == list(range(-800, 60000, 13))


def test_a_table_above_the_size_that_windows_break_at():
    random = np.random.default_rng(3)
    rows = 300_000
    big = pd.DataFrame(
        {
            "customer_id": random.integers(0, 60_000, rows),
            "date": np.datetime64("2024-01-01", "us")
            + random.integers(0, 99, rows).astype("m8[D]"),
            "amount": random.integers(1, 9_999, rows) / 100,
        }
    )
    expected = crm.summarize(big, until="2024-04-10")
    for name in ("pyarrow", "polars", "duckdb"):
        to_native, to_pandas, _ = ENGINES[name]
        assert_alike(to_pandas(crm.summarize(to_native(big), until="2024-04-10")), expected)
