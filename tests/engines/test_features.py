"""Features at a snapshot are the same on every engine, and stay there."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, ParameterError

AT = "1997-10-01"


@pytest.fixture(scope="module")
def purchases(log):
    some = np.random.default_rng(8)
    frame = log.assign(product_id="p" + pd.Series(some.integers(0, 9, len(log))).astype(str))
    return frame.drop(columns=["order_id", "profit"])


@pytest.fixture(scope="module")
def around(purchases):
    """Contacts, complaints, answers and static columns, before and after the snapshot."""
    some = np.random.default_rng(9)
    ids = np.append(purchases["customer_id"].unique()[:800], [10**7])  # one is no customer
    start = np.datetime64("1997-06-01", "us")

    def events(rows):
        days = some.integers(0, 200, rows).astype("m8[D]")
        return pd.DataFrame({"customer_id": some.choice(ids, rows), "date": start + days})

    complaints = events(400)
    closed = complaints["date"] + pd.to_timedelta(some.integers(0, 60, 400), unit="D")
    complaints["resolved"] = closed.astype("M8[us]").where(some.random(400) > 0.3)
    answers = events(900).assign(satisfaction=some.integers(1, 11, 900))
    static = events(600).drop_duplicates().rename(columns={"date": "valid_from"})
    static = static.assign(city=some.choice(["Graz", "Linz"], len(static)))
    return {
        "contacts": events(700),
        "complaints": complaints,
        "satisfaction": answers,
        "static": static,
    }


class Many:
    """Several frames of one engine, and for DuckDB of one connection."""

    def __init__(self, engine):
        self.engine = engine

    def put(self, frames):
        if self.engine.name != "duckdb":
            return [self.engine.put(frame) for frame in frames]
        self.engine.put(frames[0])
        return [self.engine.session.from_df(frame) for frame in frames]


def alike(found, expected):
    assert list(found.columns) == list(expected.columns)
    for name in expected.columns:
        ours, theirs = found[name], expected[name]
        if pd.api.types.is_numeric_dtype(theirs):
            assert pd.api.types.is_integer_dtype(ours) == pd.api.types.is_integer_dtype(theirs)
            np.testing.assert_allclose(
                ours.to_numpy(float), theirs.to_numpy(float), rtol=1e-12, atol=1e-12, err_msg=name
            )
        else:
            assert ours.fillna("").tolist() == theirs.fillna("").tolist(), name


def test_the_log_alone(lazy, purchases):
    given = lazy.put(purchases)
    found = crm.churn.features(given, at=AT, windows=[30, 120])
    assert lazy.has_kind_of(found, given)
    alike(lazy.get(found), crm.churn.features(purchases, at=AT, windows=[30, 120]))


def test_logs_without_products_refunds_or_money(lazy, purchases):
    for frame in (
        purchases.drop(columns=["product_id"]),
        purchases[purchases["amount"] >= 0].drop(columns="quantity"),
        purchases.drop(columns=["amount", "quantity"]),
    ):
        found = crm.churn.features(lazy.put(frame), at=AT)
        alike(lazy.get(found), crm.churn.features(frame, at=AT))


def test_all_that_is_known_of_customers(lazy, purchases, around):
    log, *frames = Many(lazy).put([purchases, *around.values()])
    model = crm.clv.BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426, unit="W")
    found = crm.churn.features(
        log, at=AT, purchases=model, **dict(zip(around, frames, strict=True))
    )
    expected = crm.churn.features(purchases, at=AT, purchases=model, **around)
    assert {"complaints_open", "satisfaction_change", "p_alive", "city"} <= set(expected)
    alike(lazy.get(found), expected)


def test_other_frames_may_be_in_memory(lazy, purchases, around):
    static = around["static"].drop_duplicates("customer_id").drop(columns="valid_from")
    options = {"contacts": around["contacts"], "static": static, "static_known_from_start": True}
    found = crm.churn.features(lazy.put(purchases), at=AT, **options)
    alike(lazy.get(found), crm.churn.features(purchases, at=AT, **options))


def test_a_model_is_fitted_to_what_was_known(lazy, purchases):
    fit = crm.clv.MBGNBD.fit
    found = crm.churn.features(lazy.put(purchases), at=AT, purchases=fit, horizon=30)
    expected = crm.churn.features(purchases, at=AT, purchases=fit, horizon=30)
    ours = lazy.get(found)
    for name in ("p_alive", "expected_purchases"):
        np.testing.assert_allclose(ours[name], expected[name], rtol=1e-9)


def test_later_rows_change_nothing(lazy, purchases):
    later = purchases[purchases["date"] < AT]
    both = [lazy.get(crm.churn.features(lazy.put(x), at=AT)) for x in (purchases, later)]
    alike(*both)


def test_what_is_refused(lazy, purchases, around):
    log = lazy.put(purchases)
    with pytest.raises(ParameterError, match="take shorter windows"):
        crm.churn.features(log, at=AT, windows=[300])
    with pytest.raises(InvalidValuesError, match="nobody in transactions had bought"):
        crm.churn.features(log, at="1996-10-01", windows=[1], since="1990-01-01")
    with pytest.raises(ParameterError, match="static_known_from_start must not be True"):
        crm.churn.features(log, at=AT, static=around["static"], static_known_from_start=True)
    twice = around["static"].assign(valid_from=pd.Timestamp("1997-07-01"))
    with pytest.raises(InvalidValuesError, match="Keep one of each"):
        crm.churn.features(log, at=AT, static=twice)
    words = around["contacts"].assign(customer_id=around["contacts"]["customer_id"].astype(str))
    with pytest.raises(InvalidValuesError, match="no customer would be found"):
        crm.churn.features(log, at=AT, contacts=words)
    named = around["static"].rename(columns={"city": "spend"})
    with pytest.raises(ParameterError, match="named as features"):
        crm.churn.features(log, at=AT, static=named)


def test_polars_comes_back_in_order(purchases):
    found = crm.churn.features(pl.from_pandas(purchases).lazy(), at=AT).collect()
    assert found["customer_id"].is_sorted()
