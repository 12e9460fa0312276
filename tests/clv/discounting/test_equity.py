"""Customer equity: sums with their errors, the split, and the best spending on acquisition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.discounting import customer_equity, equity_components, optimal_acquisition
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

SEGMENT = {
    "prospects": 1000.0,
    "acquisition_rate": 0.1,
    "acquisition_cost": 5.0,
    "first_margin": 40.0,
    "retention": 0.8,
    "margin": 30.0,
    "retention_cost": 5.0,
    "add_on_margin": 10.0,
    "add_on_cost": 2.0,
}
PARTS = ["acquisition", "retention_equity", "add_on"]


def values(n=200, seed=0):
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "clv": rng.normal(100, 50, n),
            "se": rng.uniform(1, 20, n),
            "segment": rng.choice(["a", "b", "c"], n),
        }
    )


def test_equity_is_the_sum_and_groups_add_up():
    frame = values()
    whole = customer_equity(frame)
    assert whole["equity"].iloc[0] == pytest.approx(frame["clv"].sum(), rel=1e-13)
    groups = customer_equity(frame, by="segment", standard_error="se")
    assert groups["segment"].tolist() == ["a", "b", "c"]
    assert groups["equity"].sum() == pytest.approx(frame["clv"].sum(), rel=1e-13)
    assert groups["customers"].sum() == 200
    spread = customer_equity(frame, standard_error="se")["standard_error"].iloc[0]
    assert (groups["standard_error"] ** 2).sum() == pytest.approx(spread**2)


def test_errors_between_independent_and_alike():
    frame = values()
    apart, half, alike = (
        customer_equity(frame, standard_error="se", correlation=rho)["standard_error"].iloc[0]
        for rho in (0.0, 0.5, 1.0)
    )
    assert apart == pytest.approx(np.sqrt((frame["se"] ** 2).sum()))
    assert alike == pytest.approx(frame["se"].sum())
    assert half == pytest.approx(np.sqrt((apart**2 + alike**2) / 2))


def test_independent_errors_by_simulation():
    frame = values(50)
    rng = np.random.default_rng(1)
    sums = rng.normal(frame["clv"], frame["se"], (20_000, 50)).sum(axis=1)
    found = customer_equity(frame, standard_error="se").iloc[0]
    assert found["standard_error"] == pytest.approx(sums.std(), rel=0.03)
    inside = (sums >= found["low"]) & (sums <= found["high"])
    assert inside.mean() == pytest.approx(0.95, abs=0.01)


def test_a_weight_stands_for_that_many_customers():
    frame = values(20).assign(weight=3)
    thrice = pd.concat([values(20)] * 3)
    found, expected = (
        customer_equity(f, standard_error="se", by="segment", correlation=0.3)
        for f in (frame, thrice)
    )
    for column in ("customers", "equity", "mean"):
        assert found[column].to_numpy() == pytest.approx(expected[column].to_numpy())


def test_order_and_engine_do_not_matter():
    frame = values()
    found = customer_equity(frame, by="segment", standard_error="se")
    again = customer_equity(frame.sample(frac=1, random_state=1), by="segment", standard_error="se")
    pd.testing.assert_frame_equal(found, again, check_exact=True)
    polars = customer_equity(pl.from_pandas(frame), by="segment", value="clv")
    assert polars["equity"].to_list() == found["equity"].tolist()


def test_says_what_is_wrong_with_values():
    with pytest.raises(MissingColumnsError, match="branch"):
        customer_equity(values(), by="branch")
    with pytest.raises(ParameterError, match="correlation"):
        customer_equity(values(), correlation=1.5)
    with pytest.raises(InvalidValuesError, match="must not be negative"):
        customer_equity(values().assign(se=-1.0), standard_error="se")


@given(
    stay=st.floats(0, 0.95),
    d=st.floats(0.01, 0.5),
    n=st.integers(0, 40),
    rate=st.floats(0, 1),
    add_on=st.floats(0, 100),
)
def test_the_split_is_the_sum_of_its_periods(stay, d, n, rate, add_on):
    given_ = SEGMENT | {"retention": stay, "acquisition_rate": rate, "add_on_margin": add_on}
    found = equity_components(
        pd.DataFrame({"segment": ["a"]}), **given_, discount_rate=d, periods_per_year=2, horizon=n
    ).iloc[0]
    factor = stay / (1 + d) ** 0.5
    weights = sum(factor**k for k in range(1, n + 1))
    won = 1000 * rate
    assert found["acquisition"] == pytest.approx(won * 40 - 5000)
    assert found["retention_equity"] == pytest.approx(won * 25 * weights, rel=1e-9, abs=1e-9)
    assert found["add_on"] == pytest.approx(won * (add_on - 2) * weights, rel=1e-9, abs=1e-9)
    assert found["equity"] == found[PARTS].sum()


def test_segments_keep_their_rows_and_columns():
    frame = pd.DataFrame({"segment": ["x", "y"], "r": [0.5, 0.9]}, index=[7, 3])
    found = equity_components(
        frame, **(SEGMENT | {"retention": "r"}), discount_rate=0.1, periods_per_year=1
    )
    assert found.index.tolist() == [7, 3]
    assert found.columns.tolist() == ["segment", "r", *PARTS, "equity"]
    assert found["retention_equity"].tolist() == pytest.approx(
        [100 * 25 * r / (1.1 - r) for r in (0.5, 0.9)]
    )


@given(
    spent=st.floats(0.5, 50),
    rate=st.floats(0.01, 0.3),
    room=st.floats(0.01, 0.5),
    value=st.floats(1, 2000),
)
def test_no_other_spending_is_better(spent, rate, room, value):
    best = float(
        optimal_acquisition(spending=spent, acquisition_rate=rate, ceiling=rate + room, value=value)
    )
    k = -np.log1p(-rate / (rate + room)) / spent

    def profit(a):
        return (rate + room) * -np.expm1(-k * a) * value - a

    around = np.concatenate([[0.0, spent], best * np.linspace(0.5, 1.5, 51)])
    assert profit(best) >= profit(around).max() - 1e-9 * max(1.0, abs(profit(best)))


def test_the_ceiling_is_above_what_is_won_today():
    with pytest.raises(ParameterError, match="below ceiling"):
        optimal_acquisition(spending=1.0, acquisition_rate=0.3, ceiling=0.3, value=1.0)
