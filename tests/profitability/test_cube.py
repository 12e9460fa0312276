"""Cubes: every figure beside plain pandas, and the laws that cubes obey."""

from __future__ import annotations

import itertools

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.profitability import cube

BY = ["region", "year", "channel"]
ALL = {
    "costs": ["goods", "service"],
    "efforts": "hours",
    "customer_id": "customer_id",
    "order_id": "order_id",
    "risk": "M",
}
SUMS = ["rows", "revenue", "goods", "service", "cost", "profit", "hours"]


def by_hand(log, chosen):
    """Return every measure of every group, one at a time, as its definition says."""
    found = {}
    months = pd.period_range(log["date"].min(), log["date"].max(), freq="M")
    total = log["amount"].sum() - log["goods"].sum() - log["service"].sum()
    groups = log.groupby(list(chosen), observed=True) if chosen else [((), log)]
    for key, part in groups:
        revenue, cost = part["amount"].sum(), part["goods"].sum() + part["service"].sum()
        each = part["amount"] - part["goods"] - part["service"]
        monthly = each.groupby(part["date"].dt.to_period("M")).sum().reindex(months, fill_value=0)
        found[key] = {
            "rows": len(part),
            "customers": part["customer_id"].nunique(),
            "orders": part["order_id"].nunique(),
            "revenue": revenue,
            "goods": part["goods"].sum(),
            "cost": cost,
            "profit": revenue - cost,
            "margin": (revenue - cost) / revenue if revenue > 0 else np.nan,
            "productivity": (revenue - cost) / cost if cost > 0 else np.nan,
            "profit_per_customer": (revenue - cost) / part["customer_id"].nunique(),
            "profit_per_hours": (revenue - cost) / part["hours"].sum(),
            "profit_share": (revenue - cost) / total if total > 0 else np.nan,
            "profit_sd": monthly.std(),
            "risk": monthly.std() / monthly.mean() if monthly.mean() > 0 else np.nan,
            "downside_share": (monthly < 0).mean(),
        }
    return found


def frames(log):
    yield log
    yield pl.from_pandas(log)
    yield pa.Table.from_pandas(log, preserve_index=False)
    yield pl.from_pandas(log).lazy()
    yield duckdb.from_df(log)


def as_pandas(frame):
    if isinstance(frame, pd.DataFrame):
        return frame
    return frame.to_pandas()


@pytest.mark.parametrize("kind", range(5))
def test_every_measure_is_what_its_definition_says(log, kind):
    found = as_pandas(cube(list(frames(log))[kind], BY, **ALL))
    rows = 0
    for size in range(4):
        for chosen in itertools.combinations(BY, size):
            for key, measures in by_hand(log, chosen).items():
                each = found[found["grouping"] == (" x ".join(chosen) or "total")]
                for name, label in zip(chosen, key, strict=True):
                    each = each[each[name] == label]
                rows += 1
                assert len(each) == 1
                for name, value in measures.items():
                    assert each[name].iloc[0] == pytest.approx(value, nan_ok=True), (chosen, name)
    assert len(found) == rows


def test_all_engines_agree_to_the_last_digit(log):
    first, *others = (as_pandas(cube(each, BY, **ALL)) for each in list(frames(log))[:3])
    for other in others:
        pd.testing.assert_frame_equal(
            other.drop(columns=BY), first.drop(columns=BY), check_exact=True, check_dtype=False
        )
        for name in ("region", "channel"):
            theirs = [x if isinstance(x, str) else None for x in other[name]]
            assert theirs == [x if isinstance(x, str) else None for x in first[name]]


def test_keeps_the_kind_of_frame(log):
    kinds = [type(cube(each, BY, costs="goods")) for each in frames(log)]
    assert kinds == [pd.DataFrame, pl.DataFrame, pa.Table, pl.DataFrame, pd.DataFrame]


@given(seed=st.integers(0, 10_000), rows=st.integers(1, 60))
def test_totals_equal_the_sum_of_their_parts_at_every_level(make_log, seed, rows):
    log = make_log(rows, seed)
    found = cube(log, BY, **ALL)
    total = found[found["grouping"] == "total"].iloc[0]
    for grouping, part in found.groupby("grouping"):
        for name in SUMS:
            assert part[name].sum() == pytest.approx(total[name]), grouping
        for name in ("revenue_share", "cost_share", "profit_share"):
            if part[name].notna().all():
                assert part[name].sum() == pytest.approx(1)
        names = [] if grouping == "total" else grouping.split(" x ")
        for coarser in itertools.combinations(names, max(0, len(names) - 1)):
            above = found[found["grouping"] == (" x ".join(coarser) or "total")]
            if coarser:
                sums = part.groupby(list(coarser))[SUMS].sum()
                assert np.allclose(sums, above.set_index(list(coarser))[SUMS])


@given(seed=st.integers(0, 10_000), factor=st.floats(0.01, 1000))
def test_neither_order_nor_labels_nor_currency_matter(make_log, seed, factor):
    log = make_log(80, seed)
    found = cube(log, BY, **ALL)
    shuffled = log.sample(frac=1, random_state=seed).set_axis(range(80, 160))
    pd.testing.assert_frame_equal(cube(shuffled, BY, **ALL), found, check_exact=True)
    people = log.assign(customer_id="customer " + (999 - log["customer_id"]).astype(str))
    pd.testing.assert_frame_equal(cube(people, BY, **ALL), found, check_exact=True)
    money = ["amount", "goods", "service"]
    dear = cube(log.assign(**{name: log[name] * factor for name in money}), BY, **ALL)
    for name in ("revenue", "profit", "profit_sd", "profit_per_order"):
        assert np.allclose(dear[name], found[name] * factor, equal_nan=True)
    for name in ("margin", "profit_share", "productivity_index", "risk", "downside_share"):
        assert np.allclose(dear[name], found[name], equal_nan=True, rtol=1e-6, atol=1e-9)


def test_rollups_by_time_and_lists_of_sets(log):
    found = cube(log, ["date", "region"], costs="goods", sets="rollup", period="Q")
    quarters = found[found["grouping"] == "date"]
    assert quarters["date"].dt.month.tolist() == [1, 4, 7, 10]
    expected = log.groupby(log["date"].dt.quarter)["amount"].sum()
    assert np.allclose(quarters["revenue"], expected)
    assert found["grouping"].unique().tolist() == ["total", "date", "date x region"]
    listed = cube(log, ["region", "channel"], costs="goods", sets=[("channel",)])
    assert listed["grouping"].tolist() == ["channel"] * 2
    assert listed["region"].isna().all()
    assert listed["revenue_share"].sum() == pytest.approx(1)
    assert cube(log, "region", costs="goods", sets="finest")["region"].is_monotonic_increasing


@pytest.mark.parametrize("period", ["D", "W", "M", "Q", "Y"])
def test_engines_cut_dates_alike(log, period):
    call = {"costs": "goods", "period": period, "risk": "M"}
    first = cube(log, "date", **call)
    other = cube(pl.from_pandas(log), "date", **call).to_pandas()
    assert first["date"].tolist() == other["date"].tolist()
    if period != "W":
        lazy = cube(duckdb.from_df(log), "date", **call)
        assert first["date"].tolist() == pd.to_datetime(lazy["date"]).tolist()
    assert np.array_equal(first["profit"], other["profit"])
    expected = first["date"].dropna().dt.to_period("M" if period == "M" else period)
    assert expected.is_unique


def test_missing_labels_are_refused_or_a_group_of_their_own(log):
    holes = log.assign(
        region=log["region"].where(log["region"] != "west"),
        year=log["year"].astype("Int64").mask(log["year"] == 2021),
    )
    with pytest.raises(InvalidValuesError, match=r"region.*\n?.*keep_missing=True"):
        cube(holes, BY, costs="goods")
    found = cube(holes, BY[:2], costs="goods", keep_missing=True)
    region = found[found["grouping"] == "region"]
    assert region["region"].isna().tolist() == [True, False, False]
    west = log.loc[log["region"] == "west", "amount"].sum()
    assert region["revenue"].iloc[0] == pytest.approx(west)
    other = cube(pl.from_pandas(holes), BY[:2], costs="goods", keep_missing=True)
    assert np.array_equal(other["revenue"].to_numpy(), found["revenue"])


def test_those_without_a_name_cannot_be_counted(log):
    holes = log.assign(customer_id=log["customer_id"].astype("Int64").mask(log.index < 3))
    call = {"by": "customer_id", "costs": "goods", "keep_missing": True}
    assert cube(holes, **call)["customer_id"].isna().sum() == 2
    with pytest.raises(InvalidValuesError, match=r"customer_id.*missing"):
        cube(holes, customer_id="customer_id", **call)


def test_categories_without_rows_make_no_groups(log):
    kinds = pd.CategoricalDtype(["web", "fax", "shop"])
    found = cube(log.assign(channel=log["channel"].astype(kinds)), "channel", costs="goods")
    assert found["channel"].tolist()[1:] == ["web", "shop"]
    assert found["channel"].dtype == kinds


def test_one_row_all_equal_and_negative_totals(log):
    one = cube(log.head(1), BY, **ALL)
    assert len(one) == 8
    assert one["profit_sd"].isna().all()
    loss = cube(log.assign(amount=-1.0), BY, costs="goods")
    assert loss[["revenue_share", "profit_share", "margin", "margin_index"]].isna().all().all()
    assert loss["productivity"].notna().all()
    alike = log.assign(amount=5.0, goods=2.0)
    assert np.allclose(cube(alike, BY, costs="goods")["margin_index"], 100)


def test_the_frame_given_is_left_alone_and_arguments_are_kept(log):
    before = log.copy()
    doubled = log.set_axis([0] * len(log))
    found = cube(doubled, "region", costs="goods", risk="Q")
    pd.testing.assert_frame_equal(log, before)
    kept = found.attrs["crmanalytics"]
    assert (kept["by"], kept["costs"], kept["risk"]) == (("region",), ("goods",), "Q")
    assert kept["sets"] == ["total", "region"]


def test_time_zones_show_their_own_days(log):
    zoned = log.assign(date=(log["date"] + pd.Timedelta("23h")).dt.tz_localize("Europe/Vienna"))
    plain = cube(log, "date", costs="goods", period="M")
    for frame in (zoned, pl.from_pandas(zoned)):
        found = cube(frame, "date", costs="goods", period="M")
        assert found["date"].to_list()[1:] == plain["date"].tolist()[1:]
        assert np.array_equal(found["revenue"], plain["revenue"])


def test_many_dimensions_of_many_labels():
    rng = np.random.default_rng(0)
    log = pd.DataFrame(rng.integers(0, 10**9, (500, 6)), columns=list("abcdef"))
    log = log.assign(amount=1.0, goods=0.5)
    found = cube(log, list("abcdef"), costs="goods", sets="rollup")
    assert found.groupby("grouping")["revenue"].sum().eq(500).all()
    assert len(found) == 1 + 6 * 500


@pytest.mark.parametrize(
    ("change", "arguments", "error", "message"),
    [
        (lambda f: f.head(0), {}, InvalidValuesError, "no rows"),
        (lambda f: f.drop(columns="region"), {}, MissingColumnsError, "'region'"),
        (lambda f: f.assign(goods=np.nan), {}, InvalidValuesError, "must not be missing"),
        (lambda f: f.assign(amount=np.inf), {}, InvalidValuesError, "finite"),
        (lambda f: f, {"by": []}, ParameterError, "at least one dimension"),
        (lambda f: f, {"by": ["region", "region"]}, ParameterError, "each once"),
        (lambda f: f, {"by": ["region", "goods"]}, ParameterError, "one role each"),
        (lambda f: f.assign(profit=1), {"by": ["profit"]}, ParameterError, "Rename"),
        (lambda f: f, {"costs": []}, ParameterError, "revenue less costs"),
        (lambda f: f, {"sets": "sphere"}, ParameterError, "'cube', 'rollup'"),
        (lambda f: f, {"sets": ["region"]}, ParameterError, "list of tuples"),
        (lambda f: f, {"sets": [("city",)]}, ParameterError, "list of tuples"),
        (lambda f: f, {"sets": []}, ParameterError, "at least one combination"),
        (lambda f: f, {"period": "M"}, ParameterError, "no dates"),
        (lambda f: f, {"risk": "H"}, ParameterError, "risk must be one of"),
        (lambda f: f, {"by": list("abcdefghijk")}, ParameterError, "2,048 combinations"),
        (lambda f: f, {"efforts": "amount"}, ParameterError, "one role each"),
    ],
)
def test_says_what_is_wrong(log, change, arguments, error, message):
    call = {"by": "region", "costs": "goods", **arguments}
    with pytest.raises(error, match=message):
        cube(change(log), **call)


def test_an_empty_lazy_frame(log):
    with pytest.raises(InvalidValuesError, match="no rows"):
        cube(pl.from_pandas(log.head(0)).lazy(), "region", costs="goods")


def test_a_year_of_a_real_shop(shared_data):
    raw = pd.read_parquet(shared_data("uci_online_retail.parquet"))
    raw = raw[(raw["UnitPrice"] > 0) & (raw["Quantity"] > 0) & raw["CustomerID"].notna()]
    log = raw.assign(amount=raw["Quantity"] * raw["UnitPrice"], date=raw["InvoiceDate"])
    log = log.assign(cost=0.6 * log["amount"])
    found = cube(
        log,
        ["Country", "date"],
        costs="cost",
        period="M",
        risk="M",
        customer_id="CustomerID",
        order_id="InvoiceNo",
    )
    total = found.iloc[0]
    assert total["rows"] == 397_884
    assert total["revenue"] == pytest.approx(8_911_407.904, abs=1e-5)
    assert (total["customers"], total["orders"]) == (4_338, 18_532)
    countries = found[found["grouping"] == "Country"].set_index("Country")
    assert countries["profit_share"].sum() == pytest.approx(1)
    assert countries["profit_share"].idxmax() == "United Kingdom"
    expected = log.groupby("Country")["CustomerID"].nunique()
    assert countries["customers"].eq(expected).all()
    months = found[found["grouping"] == "date"]
    assert len(months) == 13
    monthly = months["profit"].to_numpy()
    assert total["risk"] == pytest.approx(monthly.std(ddof=1) / monthly.mean())
    assert countries["risk"].drop("United Kingdom").min() > total["risk"]


def test_cdnow_by_month():
    log = crm.datasets.load_cdnow_sample()
    found = cube(log.assign(cost=0.7 * log["amount"]), "date", costs="cost", period="M")
    assert found["profit"].iloc[0] == pytest.approx(0.3 * log["amount"].sum())
    assert len(found) == 19
    assert found["date"].iloc[1] == pd.Timestamp("1997-01-01")
