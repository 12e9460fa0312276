"""Elasticities against finite differences and published ones; the table of retention lifts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.discounting import elasticities, retention_lift_table, retention_value
from crmanalytics.errors import ParameterError

H = 1e-6


@given(
    m=st.floats(1, 1000),
    r=st.floats(0.05, 0.95),
    d=st.floats(0.03, 0.5),
    g=st.floats(-0.1, 0.01),
    n=st.sampled_from([None, 1, 2, 10, 50]),
    timing=st.sampled_from(["start", "middle", "end"]),
    first=st.sampled_from(["certain", "at_risk"]),
    per_year=st.sampled_from([1, 4]),
)
def test_derivatives_are_finite_differences(m, r, d, g, n, timing, first, per_year):
    terms = {"timing": timing, "first": first, "periods_per_year": per_year, "horizon": n}
    drivers = {"retention": r, "margin": m, "growth": g, "discount_rate": d}
    table = elasticities(m, r, d, growth=g, **terms).set_index("driver")

    def value(**changes):
        return float(retention_value(**(drivers | changes), **terms))

    now = value()
    for name, level in drivers.items():
        step = H * max(abs(level), 1e-2)
        slope = (value(**{name: level + step}) - value(**{name: level - step})) / (2 * step)
        row = table.loc[name]
        assert row["derivative"] == pytest.approx(slope, rel=2e-5, abs=2e-5 * now)
        assert row["elasticity"] == pytest.approx(row["derivative"] * level / now)
        after = value(
            **{
                name: level * 1.01
                if name == "margin"
                else min(level + 0.01, 1.0)
                if name == "retention"
                else level + 0.01
            }
        )
        assert row["value_after"] == pytest.approx(after)
        assert row["change"] == pytest.approx(after / now - 1)


@pytest.mark.parametrize(("r", "d", "retention", "discount"), [(0.8, 0.12, 3.5, -0.375)])
def test_textbook_elasticities(r, d, retention, discount):
    # For m r / (1 + d - r): (1 + d) / (1 + d - r) and -d / (1 + d - r).
    table = elasticities(100.0, r, d, timing="end", first="at_risk", periods_per_year=1)
    found = table.set_index("driver")["elasticity"]
    assert found["retention"] == pytest.approx(retention)
    assert found["margin"] == pytest.approx(1.0)
    assert found["discount_rate"] == pytest.approx(discount)


@given(seed=st.integers(0, 1000), n=st.sampled_from([None, 12]))
def test_a_base_answers_as_the_sum_of_its_customers(seed, n):
    rng = np.random.default_rng(seed)
    margin, stay = rng.uniform(1, 100, 6), rng.uniform(0.1, 0.9, 6)
    terms = {"timing": "middle", "first": "at_risk", "periods_per_year": 4, "horizon": n}
    whole = elasticities(margin, stay, 0.1, growth=0.01, **terms)
    single = [
        elasticities(m, r, 0.1, growth=0.01, **terms) for m, r in zip(margin, stay, strict=True)
    ]
    for column in ("value", "value_after", "derivative"):
        assert whole[column].to_numpy() == pytest.approx(sum(t[column] for t in single).to_numpy())
    weighted = sum(t["elasticity"] * t["value"] for t in single) / whole["value"]
    assert whole["elasticity"].to_numpy() == pytest.approx(weighted.to_numpy())


def test_no_retention_and_full_retention_have_slopes_too():
    none = elasticities(100.0, 0.0, 0.1, timing="start", first="certain", periods_per_year=1)
    slopes = none.set_index("driver")["derivative"]
    assert slopes["retention"] == pytest.approx(100 / 1.1)
    full = elasticities(
        100.0, 1.0, 0.0, timing="start", first="certain", periods_per_year=1, horizon=4
    ).set_index("driver")
    assert full.loc["retention", "derivative"] == pytest.approx(100 * (1 + 2 + 3))
    assert full.loc["retention", "value_after"] == pytest.approx(400)
    assert full.loc["discount_rate", "derivative"] == pytest.approx(-600)


@pytest.mark.parametrize(
    ("margin", "stay", "options", "message"),
    [
        (0.0, 0.5, {}, "other than 0"),
        (1.0, 1.0, {}, "finite value"),
        (1.0, 1.0, {"horizon": 10**6}, "horizon"),
    ],
)
def test_says_what_is_wrong(margin, stay, options, message):
    with pytest.raises(ParameterError, match=message):
        elasticities(
            margin, stay, 0.0, timing="start", first="certain", periods_per_year=1, **options
        )


def lifts(**changes):
    arguments = {
        "retention": [0.6, 0.7, 0.8, 0.85, 0.9],
        "discount_rate": [0.05, 0.1, 0.15],
        "growth": [0.0, 0.03],
        "acquisition_cost": [0.0, 0.5, 1.0, 2.0],
        "timing": "start",
        "first": "certain",
    } | changes
    return retention_lift_table(**arguments)


def test_five_points_of_retention_can_lift_profit_by_25_to_95_percent():
    table = lifts()
    assert len(table) == 5 * 3 * 2 * 4
    inside = table[table["classical"]]
    # The saying holds for many, not for all: it needs good retention already.
    assert 0.3 < len(inside) / len(table) < 0.9
    assert inside["lift"].min() < 0.30
    assert inside["lift"].max() > 0.85
    low = table[table["retention"] == 0.6]
    high = table[table["retention"] == 0.9]
    assert not low.loc[low["acquisition_cost"] == 0, "classical"].any()
    assert (high["lift"] > 0.25).all()


@given(r=st.floats(0.1, 0.9), d=st.floats(0.01, 0.5))
def test_the_lift_has_a_closed_form(r, d):
    # V = m (1 + d) / (1 + d - r), so that the lift is 0.05 / (1 + d - r - 0.05).
    table = lifts(retention=[r], discount_rate=[d], growth=[0.0], acquisition_cost=[0.0])
    assert table["lift"].iloc[0] == pytest.approx(0.05 / (0.95 + d - r), rel=1e-9)


def test_the_lift_rises_with_retention_growth_and_acquisition_cost():
    keys = ["retention", "discount_rate", "growth", "acquisition_cost"]
    table = lifts().set_index(keys)["lift"]
    # Close to break-even a small profit doubles easily: retention and growth order the lifts
    # only where no acquisition cost has to be earned back.
    free = table[table.index.get_level_values("acquisition_cost") == 0]
    for axis, part in (("retention", free), ("growth", free), ("acquisition_cost", table)):
        others = [n for n in keys if n != axis]
        for _, row in part.groupby(level=others):
            assert row.droplevel(others).sort_index().is_monotonic_increasing
    falling = table.xs(0.0, level="growth").xs(0.0, level="acquisition_cost")
    for _, part in falling.groupby(level="retention"):
        assert part.droplevel("retention").sort_index().is_monotonic_decreasing


def test_impossible_combinations_are_left_out_and_losses_have_no_lift():
    table = lifts(retention=[0.97, 0.5], acquisition_cost=[0.0, 50.0], growth=[0.0])
    assert set(table["retention"]) == {0.5}
    assert table.loc[table["acquisition_cost"] == 50, "lift"].isna().all()
    assert not table.loc[table["acquisition_cost"] == 50, "classical"].any()
    endless = lifts(retention=[0.95], discount_rate=[0.0], growth=[0.0])
    assert endless.empty
