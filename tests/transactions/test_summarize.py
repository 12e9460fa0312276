import importlib
import logging
import math

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.transactions import expressions, packed
from crmanalytics.transactions.counting import opened

summarizing = importlib.import_module("crmanalytics.transactions.summarize")
BTYD = ["frequency", "recency", "T"]
NAMES = {name: name for name in ("customer_id", "date", "amount", "quantity", "order_id")}


def frame(*rows, columns=("customer_id", "date", "amount")):
    made = pd.DataFrame(rows, columns=list(columns))
    return made.assign(date=pd.to_datetime(made["date"], format="ISO8601"))


VISITS = frame(
    (1, "2015-02-01"),
    (1, "2015-02-06"),
    (2, "2015-01-01"),
    (3, "2015-01-01"),
    (3, "2015-01-02"),
    (3, "2015-01-05"),
    columns=("customer_id", "date"),
)
SALES = frame(
    (1, "2015-01-01", 1),
    (1, "2015-02-06", 2),
    (2, "2015-01-01", 2),
    (3, "2015-01-01", 3),
    (3, "2015-01-02", 1),
    (3, "2015-01-05", 5),
    (4, "2015-01-16", 6),
    (4, "2015-02-02", 3),
    (4, "2015-02-05", 3),
    (5, "2015-01-16", 3),
    (5, "2015-01-17", 1),
    (5, "2015-01-18", 8),
    (6, "2015-02-02", 5),
)


def test_published_statistics_of_visits():
    found = crm.summarize(VISITS, until="2015-02-07")
    assert found[BTYD].to_numpy().tolist() == [[1, 5, 6], [0, 0, 37], [2, 4, 37]]
    assert "total" not in found
    assert "refunds" not in found


def test_published_statistics_with_money():
    found = crm.summarize(SALES, until="2015-02-07")
    assert found[[*BTYD, "monetary_value"]].to_numpy().tolist() == [
        [1, 36, 37, 2],
        [0, 0, 37, 0],
        [2, 4, 37, 3],
        [2, 20, 22, 3],
        [2, 2, 22, 4.5],
        [0, 0, 5, 0],
    ]
    assert found["orders"].to_list() == [2, 1, 3, 3, 3, 1]
    assert found["total"].to_list() == [3, 2, 9, 12, 12, 5]
    assert found["days_since_last"].to_list() == [1, 37, 33, 2, 20, 5]


@pytest.mark.parametrize(("unit", "days"), [("W", 7), ("M", 365.25 / 12), ("Y", 365.25)])
def test_partial_units_are_not_cut(unit, days):
    by_day = crm.summarize(SALES, until="2015-02-07")
    found = crm.summarize(SALES, until="2015-02-07", unit=unit)
    for name in ("recency", "T"):
        np.testing.assert_allclose(found[name], by_day[name] / days, rtol=1e-15)
    assert found["frequency"].to_list() == by_day["frequency"].to_list()
    assert found["days_since_last"].to_list() == by_day["days_since_last"].to_list()


def test_cdnow_sample():
    found = crm.summarize(crm.datasets.load_cdnow_sample(), until="1997-09-30", unit="W")
    repeating = found[found["frequency"] > 0]
    assert len(found) == 2_357
    assert len(repeating) == 946
    assert found["frequency"].sum() == 2_457
    assert repeating["monetary_value"].mean() == pytest.approx(35.0778, abs=5e-5)
    first, second = found[["frequency", "recency", "T", "monetary_value"]].iloc[[0, 2]].to_numpy()
    np.testing.assert_allclose(first, [2, 30.4286, 38.8571, 22.345], atol=5e-5)
    np.testing.assert_allclose(second, [1, 1.7143, 38.8571, 11.77], atol=5e-5)


def test_cdnow_summary_as_published():
    log = crm.datasets.load_cdnow_sample()
    found = crm.summarize(log, until="1997-09-30", unit="W")
    # the published table numbers the customers of the sample as the log brings them
    found = found.set_index("customer_id").loc[log["customer_id"].unique()]
    published = crm.datasets.load_cdnow_summary()
    for name in [*BTYD, "monetary_value"]:
        np.testing.assert_allclose(found[name], published[name], atol=0.0051, rtol=0)


def test_frame_says_its_unit_and_end():
    found = crm.summarize(SALES, until="2015-02-07", unit="W")
    assert found.attrs["crmanalytics"] == {"unit": "W", "until": "2015-02-07"}
    assert found.index.equals(pd.RangeIndex(6))


def test_end_is_logged_when_not_given(caplog):
    with caplog.at_level(logging.INFO, logger="crmanalytics"):
        found = crm.summarize(SALES)
    assert found.attrs["crmanalytics"]["until"] == "2015-02-06"
    assert "2015-02-06" in caplog.text
    caplog.clear()
    with caplog.at_level(logging.INFO, logger="crmanalytics"):
        crm.summarize(SALES, until="2015-02-07")
    assert not caplog.text


def test_whole_last_day_counts_and_later_rows_do_not():
    log = frame((1, "2024-01-01", 1.0), (1, "2024-01-31 23:59:59", 2.0), (2, "2024-02-01", 4.0))
    found = crm.summarize(log, until="2024-01-31")
    assert found["customer_id"].to_list() == [1]
    assert found["orders"].to_list() == [2]


def test_refunds_are_no_occasions():
    log = frame((1, "2024-01-01", 10.0), (1, "2024-01-05", -4.0), (1, "2024-01-03", 0.0))
    found = crm.summarize(log, until="2024-01-10").iloc[0]
    assert (found["frequency"], found["recency"], found["monetary_value"]) == (1, 2, 0)
    assert (found["total"], found["refunds"]) == (6, 4)


def test_refund_before_the_first_purchase_moves_nothing_but_the_total():
    log = frame((1, "2024-01-05", 10.0), (1, "2024-01-01", -3.0))
    found = crm.summarize(log, until="2024-01-10").iloc[0]
    assert found["T"] == 5
    assert found["total"] == 7


def test_customers_who_only_buy_later_are_left_out():
    log = frame((1, "2024-01-01", 10.0), (2, "2024-01-02", -3.0), (2, "2024-02-01", 5.0))
    found = crm.summarize(log, until="2024-01-10")
    assert found["customer_id"].to_list() == [1]


def test_quantity_tells_refunds_where_there_is_no_money():
    log = frame((1, "2024-01-01", 2), (1, "2024-01-05", -1), (1, "2024-01-08", 1))
    log = log.rename(columns={"amount": "quantity"})
    found = crm.summarize(log, until="2024-01-10").iloc[0]
    assert (found["frequency"], found["recency"]) == (1, 7)


OCCASIONS = frame(
    (1, "2024-01-01 09:00", 10.0, "a"),
    (1, "2024-01-01 17:00", 20.0, "b"),
    (1, "2024-01-03 10:00", 6.0, "c"),
    (1, "2024-01-03 10:00", 8.0, "c"),
    columns=("customer_id", "date", "amount", "order_id"),
)


@pytest.mark.parametrize(
    ("occasion", "frequency", "monetary_value"),
    [("day", 1, 14.0), ("order", 2, 17.0), ("row", 3, 34 / 3)],
)
def test_occasion_is_a_choice(occasion, frequency, monetary_value):
    found = crm.summarize(OCCASIONS, until="2024-01-10", occasion=occasion).iloc[0]
    assert found["frequency"] == frequency
    assert found["monetary_value"] == pytest.approx(monetary_value, rel=1e-15)
    assert found["recency"] == 2


def test_order_over_two_days_is_one_occasion_of_its_first_day():
    log = OCCASIONS.assign(order_id="a")
    found = crm.summarize(log, until="2024-01-10", occasion="order").iloc[0]
    assert (found["frequency"], found["recency"], found["T"]) == (0, 0, 9)


@pytest.mark.parametrize("occasion", ["order", "row"])
def test_orders_of_the_same_moment_share_the_first_place(occasion):
    log = OCCASIONS.assign(date=OCCASIONS["date"].dt.normalize(), order_id=list("abcd"))
    found = crm.summarize(log, until="2024-01-10", occasion=occasion).iloc[0]
    # 44 in all, of which the first occasion is worth (10 + 20) / 2
    assert found["monetary_value"] == pytest.approx((44 - 15) / 3, rel=1e-15)


def test_same_order_number_of_two_customers_is_two_orders():
    log = OCCASIONS.assign(customer_id=[1, 2, 1, 2], order_id="a")
    assert crm.summarize(log, occasion="order", until="2024-01-10")["orders"].to_list() == [1, 1]


def test_days_are_those_of_the_time_zone():
    utc = pd.to_datetime(["2024-01-01 23:30", "2024-01-02 00:30"]).tz_localize("UTC")
    log = pd.DataFrame({"customer_id": 1, "date": utc, "amount": [1.0, 2.0]})
    by_zone = {
        zone: int(crm.summarize(log, until="2024-01-05", time_zone=zone)["frequency"].iloc[0])
        for zone in (None, "UTC", "Europe/Vienna", "America/New_York")
    }
    assert by_zone == {None: 1, "UTC": 1, "Europe/Vienna": 0, "America/New_York": 0}
    vienna = log.assign(date=log["date"].dt.tz_convert("Europe/Vienna"))
    found = crm.summarize(vienna, until="2024-01-05")
    assert found["first_date"].iloc[0] == pd.Timestamp("2024-01-02")


def test_a_day_of_23_hours_is_a_day():
    stamps = pd.to_datetime(["2024-03-30 12:00", "2024-03-31 12:00", "2024-10-27 12:00"])
    log = pd.DataFrame({"customer_id": 1, "date": stamps.tz_localize("Europe/Vienna")})
    found = crm.summarize(log, until="2024-10-28", time_zone="Europe/Vienna").iloc[0]
    assert (found["recency"], found["T"], found["days_since_last"]) == (211, 212, 1)


@pytest.mark.parametrize(
    ("ids", "dtype"),
    [
        ([3, 1, 2], "int64"),
        ([3, 1, 2], "uint8"),
        ([3, -1, 2], "int32"),
        ([2**62, -(2**62), 0], "int64"),
        ([3, 1, 2], "Int64"),
        ([3.5, 1.0, 2.0], "float64"),
        (["c", "a", "b"], "str"),
        (["c", "a", "b"], "string"),
        (["c", "a", "b"], "category"),
        (["c", "a", "b"], "string[pyarrow]"),
        ([3, 1, 2], "int64[pyarrow]"),
    ],
)
def test_identifiers_keep_their_dtype(ids, dtype):
    log = SALES.iloc[:3].assign(customer_id=pd.Series(ids).astype(dtype))
    found = crm.summarize(log, until="2015-02-07")
    assert found["customer_id"].dtype == log["customer_id"].dtype
    assert found["customer_id"].to_list() == sorted(ids)


@pytest.mark.parametrize("dtype", ["datetime64[s]", "datetime64[ns]", "timestamp[us][pyarrow]"])
def test_dates_of_any_resolution(dtype):
    found = crm.summarize(SALES.assign(date=SALES["date"].astype(dtype)), until="2015-02-07")
    pd.testing.assert_frame_equal(
        found, crm.summarize(SALES, until="2015-02-07"), check_dtype=False
    )


def test_the_callers_names_and_frame_are_left_alone():
    log = SALES.rename(columns={"customer_id": "who", "date": "when", "amount": "spend"})
    before = log.copy(deep=True)
    found = crm.summarize(log, until="2015-02-07", customer_id="who", date="when", amount="spend")
    pd.testing.assert_frame_equal(found, crm.summarize(SALES, until="2015-02-07"))
    pd.testing.assert_frame_equal(log, before)


def test_missing_values_elsewhere_do_not_matter():
    log = SALES.assign(order_id=None, product_id=None, quantity=math.nan)
    pd.testing.assert_frame_equal(
        crm.summarize(log, until="2015-02-07"), crm.summarize(SALES, until="2015-02-07")
    )


@pytest.mark.parametrize(
    ("change", "arguments", "error", "words"),
    [
        ({}, {"unit": "Q"}, ParameterError, "unit must be one of 'D', 'W', 'M', 'Y', not 'Q'"),
        ({}, {"occasion": "visit"}, ParameterError, "occasion must be one of"),
        ({}, {"until": "2014-12-31"}, ParameterError, "until must not be before the first row"),
        ({}, {"until": "yesterday"}, ParameterError, "until must be a date such as"),
        ({}, {"time_zone": "Mars/Olympus"}, ParameterError, "time_zone must be a name such as"),
        ({}, {"occasion": "order"}, MissingColumnsError, "no column 'order_id'"),
        ({}, {"amount": "spend"}, MissingColumnsError, "no column 'spend'"),
        ({"customer_id": [None] + [1] * 12}, {}, InvalidValuesError, "1 of 13 rows does not"),
        ({"amount": [math.nan] * 13}, {}, InvalidValuesError, "clean"),
        ({"amount": "12"}, {}, InvalidValuesError, "must hold numbers"),
        ({"date": "2015-01-01"}, {}, InvalidValuesError, "pandas.to_datetime"),
        ({"date": 20150101}, {}, InvalidValuesError, "must hold dates"),
        ({"amount": -1.0}, {}, InvalidValuesError, r"6 have refunds alone .first: .1, 2, 3"),
    ],
)
def test_what_is_refused(change, arguments, error, words):
    with pytest.raises(error, match=words):
        crm.summarize(SALES.assign(**change), **arguments)


def test_what_is_no_log():
    with pytest.raises(InvalidValuesError, match="transactions has no rows"):
        crm.summarize(SALES.iloc[:0])
    with pytest.raises(ParameterError, match="must be a data frame"):
        crm.summarize([1, 2])


CENTS = st.integers(-5_000, 20_000).map(lambda cents: cents / 100)
AMOUNTS = st.one_of(CENTS, st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6))


@st.composite
def logs(draw, amounts=AMOUNTS):
    size = draw(st.integers(1, 25))

    def column(values):
        return draw(st.lists(values, min_size=size, max_size=size))

    minutes = np.array(column(st.integers(0, 8 * 1440)))
    log = pd.DataFrame(
        {
            "customer_id": column(st.integers(-2, 3)),
            "date": np.datetime64("2024-02-25", "us") + minutes.astype("m8[m]"),
            "amount": column(amounts),
            "order_id": column(st.sampled_from("abcd")),
        }
    )
    sold = log[log["amount"] >= 0]["customer_id"]
    log = log[log["customer_id"].isin(sold)].reset_index(drop=True)
    return log if len(log) else pd.DataFrame([[1, log_start(), 1.0, "a"]], columns=log.columns)


def log_start():
    return pd.Timestamp("2024-02-25").as_unit("us")


OCCASION = st.sampled_from(["day", "order", "row"])
END = "2024-03-05"


@given(logs(), OCCASION)
def test_both_ways_of_counting_agree(log, occasion):
    own = opened(log, occasion, NAMES)
    counting = summarizing.counting_of(own, until=END, occasion=occasion, time_zone=None)
    left = summarizing.customers_of(own, counting, "W", packed.aggregate)
    right = summarizing.customers_of(own, counting, "W", expressions.aggregate)
    exact = ["customer_id", "frequency", "first_date", "last_date", "days_since_last", "orders"]
    pd.testing.assert_frame_equal(left[exact], right[exact])
    scale = float(log["amount"].abs().sum())
    for name in ("recency", "T", "monetary_value", "total", "refunds"):
        np.testing.assert_allclose(left[name], right[name], rtol=1e-12, atol=1e-13 * scale)


@given(logs(), OCCASION, st.randoms(use_true_random=False))
def test_order_of_rows_is_of_no_consequence(log, occasion, random):
    shuffled = log.iloc[random.sample(range(len(log)), len(log))]
    pd.testing.assert_frame_equal(
        crm.summarize(log, until=END, occasion=occasion),
        crm.summarize(shuffled, until=END, occasion=occasion),
        check_exact=True,
    )


@given(logs(), OCCASION)
def test_money_scales(log, occasion):
    found = crm.summarize(log, until=END, occasion=occasion)
    doubled = crm.summarize(log.assign(amount=log["amount"] * 2), until=END, occasion=occasion)
    for name in ("total", "refunds", "monetary_value"):
        np.testing.assert_allclose(doubled[name], found[name] * 2, rtol=1e-12, atol=1e-8)
    assert doubled["frequency"].to_list() == found["frequency"].to_list()


@given(logs(), OCCASION)
def test_names_of_customers_are_of_no_consequence(log, occasion):
    renamed = log.assign(customer_id="c" + (log["customer_id"] + 5).astype(str))
    found = crm.summarize(log, until=END, occasion=occasion)
    again = crm.summarize(renamed, until=END, occasion=occasion)
    others = found.columns.drop("customer_id")
    pd.testing.assert_frame_equal(found[others], again[others], check_exact=True)


@given(logs(CENTS))
def test_a_row_in_two_halves_is_the_same_purchase(log):
    cents = (log["amount"] * 100).round().astype("int64")
    halves = [log.assign(amount=(cents // 2) / 100), log.assign(amount=(cents - cents // 2) / 100)]
    # half of minus one cent is nothing, which would be a purchase
    whole = log[cents >= 0]
    split = pd.concat(half[cents >= 0] for half in halves)
    if len(whole):
        pd.testing.assert_frame_equal(
            crm.summarize(whole, until=END), crm.summarize(split, until=END), check_exact=True
        )


@given(logs(), st.sampled_from(["Asia/Kathmandu", "America/New_York", "Pacific/Kiritimati"]))
def test_a_zone_is_the_clock_on_its_walls(log, zone):
    aware = log.assign(date=log["date"].dt.tz_localize("UTC"))
    walls = log.assign(date=aware["date"].dt.tz_convert(zone).dt.tz_localize(None))
    pd.testing.assert_frame_equal(
        crm.summarize(aware, until="2024-03-08", time_zone=zone),
        crm.summarize(walls, until="2024-03-08"),
    )


@given(logs(), OCCASION)
def test_a_summary_holds_to_the_contract_of_customers(log, occasion):
    found = crm.summarize(log, until=END, occasion=occasion)
    assert (found["recency"] <= found["T"]).all()
    assert (found["recency"][found["frequency"] == 0] == 0).all()
    assert (found["monetary_value"] >= 0).all()
    assert (found["orders"] == found["frequency"] + 1).all()
    net = log.groupby("customer_id")["amount"].sum()
    np.testing.assert_allclose(found["total"], net, rtol=1e-9, atol=1e-6)
