"""Features: what they are, and that nothing from the snapshot on has any effect on them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.churn import feature_words, features
from crmanalytics.errors import DataError, ParameterError

AT = "2024-04-01"
DAY = np.datetime64("2024-01-01")


def dated(rows, columns):
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(date=pd.to_datetime(frame["date"]).astype("datetime64[us]"))


LOG = dated(
    [
        ("a", "2024-01-01", 10.0, "x"),
        ("a", "2024-03-10", 20.0, "x"),
        ("a", "2024-03-10", 5.0, "y"),
        ("a", "2024-03-20", 30.0, "x"),
        ("a", "2024-03-25", -6.0, "x"),
        ("a", "2024-04-01", 99.0, "z"),
        ("b", "2024-02-20", 40.0, "y"),
        ("c", "2024-04-02", 50.0, "y"),
    ],
    ["customer_id", "date", "amount", "product_id"],
)
CONTACTS = dated(
    [("a", "2024-03-30"), ("a", "2024-02-01"), ("a", "2024-04-01"), ("z", "2024-03-01")],
    ["customer_id", "date"],
)
COMPLAINTS = dated(
    [("a", "2024-03-30"), ("a", "2024-03-01"), ("b", "2024-03-01")], ["customer_id", "date"]
).assign(resolved=pd.to_datetime(["2024-04-05", "2024-03-31", None]))
ANSWERS = dated(
    [
        ("a", "2024-01-01", 9.0),
        ("a", "2024-03-31", 4.0),
        ("a", "2024-03-31", 6.0),
        ("a", "2024-04-01", 1.0),
        ("b", "2024-03-01", 7.0),
    ],
    ["customer_id", "date", "satisfaction"],
)
STATIC = pd.DataFrame(
    {
        "customer_id": ["a", "a", "a", "b"],
        "valid_from": pd.to_datetime(["2023-01-01", "2024-02-01", "2024-04-01", "2024-06-01"]),
        "region": ["north", "south", "east", "west"],
    }
)
EXTRA = {
    "contacts": CONTACTS,
    "complaints": COMPLAINTS,
    "satisfaction": ANSWERS,
    "static": STATIC,
}


def found(log=LOG, **arguments):
    table = features(log, **{"at": AT, "windows": [30]} | arguments)
    return table.set_index("customer_id")


def test_history_and_rhythm():
    table = found()
    assert list(table.index) == ["a", "b"]
    a = table.loc["a"]
    assert (a["days_since_last"], a["tenure"], a["purchases"]) == (12, 91, 3)
    assert a["gap_mean"] == pytest.approx((69 + 10) / 2)
    assert a["gap_sd"] == pytest.approx(np.std([69, 10], ddof=1))
    assert a["gap_longest"] == 69
    assert a["silence_in_gaps"] == pytest.approx(12 / 39.5)
    assert a["silence_over_longest"] == 12 - 69
    b = table.loc["b", ["gap_mean", "gap_sd", "gap_longest", "silence_in_gaps"]]
    assert b.isna().all()


def test_money_refunds_products_and_windows():
    a = found().loc["a"]
    assert a["spend"] == 59.0
    assert a["spend_per_purchase"] == pytest.approx(59 / 3)
    assert a["refunds"] == 1
    assert a["refund_share"] == pytest.approx(6 / 65)
    assert (a["products"], a["products_30d"]) == (2, 2)
    assert (a["purchases_30d"], a["spend_30d"]) == (2, 49.0)
    assert a["purchase_trend_30d"] == 1.0
    b = found().loc["b"]
    assert b["purchase_trend_30d"] == -1.0
    assert b["refund_share"] == 0


def test_events_before_the_snapshot_count():
    table = found(contacts=CONTACTS, complaints=COMPLAINTS)
    assert table.loc["a", "contacts_30d"] == 1
    assert table.loc["a", "days_since_contacts"] == 2
    assert np.isnan(table.loc["b", "days_since_contacts"])
    assert table["complaints_open"].to_dict() == {"a": 1, "b": 1}


def test_the_latest_answer_counts_and_those_of_one_day_are_averaged():
    table = found(satisfaction=ANSWERS)
    assert table.loc["a", ["satisfaction", "satisfaction_age", "satisfaction_change"]].tolist() == [
        5.0,
        1.0,
        -4.0,
    ]
    assert np.isnan(table.loc["b", "satisfaction_change"])


def test_static_columns_hold_from_their_date_on():
    table = found(static=STATIC)
    assert table.loc["a", "region"] == "south"
    assert pd.isna(table.loc["b", "region"])


def test_static_columns_without_a_date_need_a_promise():
    plain = pd.DataFrame({"customer_id": ["a", "b"], "region": ["north", "west"]})
    with pytest.raises(ParameterError, match="promise"):
        found(static=plain)
    with pytest.raises(ParameterError, match="must not be True"):
        found(static=STATIC, static_known_from_start=True)
    assert found(static=plain, static_known_from_start=True)["region"].tolist() == ["north", "west"]
    twice = pd.concat([plain, plain.head(1)])
    with pytest.raises(DataError, match="there twice"):
        found(static=twice, static_known_from_start=True)
    with pytest.raises(ParameterError, match="named as features"):
        found(static=plain.rename(columns={"region": "spend"}), static_known_from_start=True)


class Unready:
    """A model in weeks that says what it was asked."""

    unit = "W"

    def probability_alive(self, customers):
        return customers["T"]

    def expected_purchases(self, customers, horizon):
        return customers["frequency"] * horizon


def test_a_model_is_asked_in_its_own_unit():
    table = found(purchases=Unready(), horizon=70)
    assert table.loc["a", "p_alive"] == pytest.approx(90 / 7)
    assert table.loc["a", "expected_purchases"] == pytest.approx(2 * 10)


def test_a_function_fits_a_model_to_what_is_known():
    log = crm.datasets.load_cdnow_sample()
    table = features(log, at="1997-10-01", purchases=crm.clv.MBGNBD.fit, horizon=273)
    customers = crm.summarize(log, until="1997-09-30", unit="D")
    model = crm.clv.MBGNBD.fit(customers).model
    np.testing.assert_allclose(table["p_alive"], model.probability_alive(customers), rtol=1e-9)
    np.testing.assert_allclose(
        table["expected_purchases"], model.expected_purchases(customers, 273), rtol=1e-9
    )
    for wrong in (5, lambda customers: 5):
        with pytest.raises(ParameterError, match="purchases must"):
            features(log, at="1997-10-01", purchases=wrong)


def test_windows_that_reach_beyond_the_data_are_refused():
    with pytest.raises(ParameterError, match="at most 45 days"):
        found(windows=[46])
    found(windows=[46], since="2023-01-01")
    for wrong in ([], [0], [30, 30], [1.5]):
        with pytest.raises(ParameterError, match="windows"):
            found(windows=wrong)
    with pytest.raises(ParameterError, match="horizon"):
        found(horizon=0)


def test_nobody_is_told():
    with pytest.raises(DataError, match="nobody"):
        features(LOG, at="2024-01-01", windows=[1], since="2023-01-01")


def test_every_feature_has_words():
    table = features(LOG, at=AT, windows=[30], purchases=Unready(), **EXTRA)
    words = feature_words(table).set_index("column")["meaning"]
    assert words.drop("region").notna().all()
    assert pd.isna(words["region"])


def test_frames_of_other_kinds_give_the_same():
    other = {name: pl.from_pandas(frame) for name, frame in EXTRA.items()}
    theirs = features(pl.from_pandas(LOG), at=AT, windows=[30], **other)
    assert isinstance(theirs, pl.DataFrame)
    ours = features(LOG, at=AT, windows=[30], **EXTRA)
    assert theirs.columns == list(ours.columns)
    for name in ours.columns.drop(["customer_id", "region"]):
        np.testing.assert_array_equal(theirs[name].to_numpy(), ours[name].to_numpy())


def test_without_money_there_is_no_column_of_money():
    table = found(LOG[["customer_id", "date"]])
    assert not [name for name in table.columns if "spend" in name or "refund" in name]
    assert table.loc["a", "purchases"] == 4


rows = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 89),
        st.sampled_from([-3.0, 0.1, 0.2, 7.0]),
        st.sampled_from(["x", "y"]),
    ),
    min_size=1,
    max_size=30,
)


def drawn(rows):
    frame = pd.DataFrame(rows, columns=["customer_id", "date", "amount", "product_id"])
    return frame.assign(date=(DAY + frame["date"].to_numpy().astype("m8[D]")).astype("M8[us]"))


@given(rows=rows, later=rows, seed=st.integers(0, 99))
def test_what_comes_later_and_the_order_of_rows_change_nothing(rows, later, seed):
    log, more = drawn(rows), drawn(later)
    at = "2024-03-31"
    more = more.assign(date=more["date"] + np.timedelta64(90, "D"))

    def events(frame):
        return frame[["customer_id", "date"]].assign(satisfaction=frame["amount"])

    def static(frame):
        unique = frame.drop_duplicates(["customer_id", "date"])
        return unique.rename(columns={"date": "valid_from", "product_id": "kind"})[
            ["customer_id", "valid_from", "kind"]
        ]

    def extra(frame):
        return {
            "contacts": events(frame),
            "complaints": events(frame),
            "satisfaction": events(frame),
            "static": static(frame),
        }

    arguments = {"at": at, "windows": [7, 30], "since": "2023-01-01"}
    try:
        before = features(log, **arguments, **extra(log))
    except DataError:
        return
    longer = pd.concat([log, more])
    after = features(
        longer.sample(frac=1, random_state=seed),
        **arguments,
        **{
            name: frame.sample(frac=1, random_state=seed)
            for name, frame in extra(longer).items()
            if name != "static"
        },
        static=pd.concat([static(log), static(more)]),
    )
    pd.testing.assert_frame_equal(before, after)


@given(rows=rows, factor=st.sampled_from([2.0, 100.0]))
def test_money_scales_and_leaves_shares_as_they_are(rows, factor):
    log = drawn(rows)
    arguments = {"at": "2024-03-31", "windows": [30], "since": "2023-01-01"}
    try:
        once = features(log, **arguments)
    except DataError:
        return
    scaled = features(log.assign(amount=log["amount"] * factor), **arguments)
    money = ["spend", "spend_per_purchase", "spend_30d"]
    pd.testing.assert_frame_equal(once[money] * factor, scaled[money])
    pd.testing.assert_frame_equal(once.drop(columns=money), scaled.drop(columns=money))
