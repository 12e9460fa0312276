"""Costs and profits: the engine lays and adds up, the groups come to the driver."""

import numpy as np
import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, ParameterError
from crmanalytics.profitability import CostPool, allocate, cube, drill_down

POOLS = [
    CostPool("delivery", 900.0, basis="each", driver="order_id", where={"channel": "web"}),
    CostPool("invoices", 80.0, basis="each", driver="order_id"),
    CostPool("support", 250.0, basis="amount", driver="hours"),
    CostPool("desk", 50.0, basis="amount", driver="hours", where={"channel": "shop", "floor": 2}),
    CostPool("rent", 100.0, basis="row", where={"region": "north"}),
    CostPool("office", 100.0, basis="row"),
]


@pytest.fixture(scope="module")
def sales():
    rng = np.random.default_rng(3)
    rows = 400
    days = pd.to_timedelta(rng.integers(0, 400, rows), "D")
    return pd.DataFrame(
        {
            "row": np.arange(rows),
            "customer_id": rng.integers(0, 40, rows),
            "order_id": rng.integers(0, 150, rows),
            "date": pd.Timestamp("2022-12-28 09:30") + days,
            "region": rng.choice(["north", "south", "west"], rows),
            "channel": rng.choice(["web", "shop"], rows),
            "floor": rng.integers(1, 4, rows),
            "amount": rng.integers(-2_000, 10_000, rows) / 100,
            "goods": rng.integers(0, 5_000, rows) / 100,
            "hours": rng.integers(0, 4, rows) / 4,
        }
    )


def table(native):
    return native if isinstance(native, pd.DataFrame) else native.to_pandas()


def test_allocation(engine, sales, same):
    native = engine.put(sales)
    found = allocate(native, POOLS)
    assert engine.has_kind_of(found, native)
    same(engine.get(found, "row"), allocate(sales, POOLS))


def test_rows_of_polars_keep_their_order(sales):
    pl = pytest.importorskip("polars")
    shuffled = sales.sample(frac=1, random_state=1)
    found = allocate(pl.from_pandas(shuffled).lazy(), POOLS).collect()
    assert found["row"].to_list() == shuffled["row"].tolist()


BAD = {
    "no rows": lambda sales: sales.head(0),
    "no bearer": lambda sales: sales.assign(channel="web"),
    "no effort": lambda sales: sales.assign(hours=0.0),
}


@pytest.mark.parametrize("kind", BAD)
def test_an_allocation_that_cannot_be(lazy, sales, kind):
    spoilt = BAD[kind](sales)
    with pytest.raises(InvalidValuesError) as expected:
        allocate(spoilt, POOLS)
    with pytest.raises(InvalidValuesError) as found:
        allocate(lazy.put(spoilt), POOLS)
    assert str(found.value) == str(expected.value)


@pytest.mark.parametrize("period", ["D", "W", "M", "Q", "Y"])
def test_a_cube_by_date(lazy, sales, same, period):
    settings = {"costs": "goods", "period": period, "sets": "rollup", "customer_id": "customer_id"}
    found = table(cube(lazy.put(sales), ["channel", "date"], **settings))
    expected = cube(sales, ["channel", "date"], **settings)
    numbers = [name for name in expected if name not in ("channel", "date")]
    same(found[numbers], expected[numbers])
    dates = pd.to_datetime(found["date"]).to_numpy("M8[s]")
    np.testing.assert_array_equal(dates, expected["date"].to_numpy("M8[s]"))


@pytest.mark.parametrize("risk", ["W", "M"])
def test_risk_and_efforts(lazy, sales, same, risk):
    settings = {"costs": "goods", "risk": risk, "efforts": "hours", "order_id": "order_id"}
    found = table(cube(lazy.put(sales), ["channel", "region"], **settings))
    expected = cube(sales, ["channel", "region"], **settings)
    numbers = [name for name in expected if name not in ("channel", "region")]
    same(found[numbers], expected[numbers])


def test_drilling_into_a_cube(lazy, sales, same):
    whole, into = ["channel", "region"], {"within": {"channel": "web"}}
    found = drill_down(cube(lazy.put(sales), whole, costs="goods"), "region", **into)
    same(table(found), drill_down(cube(sales, whole, costs="goods"), "region", **into))


def test_a_cube_that_was_sent_away_is_to_be_collected(lazy, sales):
    whole = cube(sales, "channel", costs="goods").fillna({"channel": "all"})
    with pytest.raises(ParameterError, match=r"found is a lazy frame .* collect it first"):
        crm.profitability.drill_down(lazy.put(whole), "channel")
