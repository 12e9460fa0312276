"""Value from margin and retention: the closed forms, hostile inputs, and laws."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.discounting import (
    gupta_lehmann,
    margin_multiple,
    retention_value,
    varying_retention_value,
)
from crmanalytics.errors import ParameterError

TRUTH = json.loads((Path(__file__).parents[2] / "reference" / "truth.json").read_text())["npv"]
TIMINGS = ("start", "middle", "end")
FIRSTS = ("certain", "at_risk")

probability = st.floats(0, 1)
rate = st.floats(0, 2)
money = st.floats(-1e6, 1e6)


def brute(margin, retention, rate, timing, first, horizon, growth=0.0):
    shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[timing]
    return math.fsum(
        margin
        * (1 + growth) ** t
        * retention ** (t + (first == "at_risk"))
        / (1 + rate) ** (t + shift)
        for t in range(horizon)
    )


@pytest.mark.parametrize("case", TRUTH, ids=lambda case: case["id"])
def test_twenty_digits(case):
    given_ = case["inputs"]
    for name, text in case["outputs"].items():
        timing, first = name.split("_", 1)
        found = float(
            retention_value(
                given_["m"],
                given_["r"],
                given_["d"],
                timing=timing,
                first=first,
                periods_per_year=1,
                horizon=given_["N"],
            )
        )
        truth = float(text)
        if math.isinf(truth) or truth == 0:
            assert found == truth
        else:
            tolerance = max(1e-11, 50 * 2.2e-16 * case["cond"][name])
            assert found == pytest.approx(truth, rel=tolerance)


@pytest.mark.parametrize("timing", TIMINGS)
@pytest.mark.parametrize("first", FIRSTS)
@pytest.mark.parametrize("horizon", [0, 1, 2, 7, 40])
@pytest.mark.parametrize(("retention", "growth"), [(0.0, 0.0), (0.6, 0.03), (1.0, 0.1), (1.0, 0.0)])
def test_is_the_sum_it_says(timing, first, horizon, retention, growth):
    found = retention_value(
        80.0,
        retention,
        0.1,
        timing=timing,
        first=first,
        periods_per_year=1,
        horizon=horizon,
        growth=growth,
    )
    assert float(found) == pytest.approx(
        brute(80.0, retention, 0.1, timing, first, horizon, growth), rel=1e-12, abs=1e-12
    )


@given(margin=money, stay=probability, d=rate, factor=st.floats(-100, 100))
def test_scales_with_money(margin, stay, d, factor):
    def value(m):
        return retention_value(
            m, stay, d, timing="end", first="certain", periods_per_year=1, horizon=12
        )

    assert float(value(margin * factor)) == pytest.approx(float(value(margin)) * factor, rel=1e-9)


@given(stay=st.floats(0, 0.99), d=st.floats(0.01, 2))
def test_a_long_horizon_comes_to_the_endless_value(stay, d):
    def value(n):
        return float(
            margin_multiple(stay, d, timing="start", first="certain", periods_per_year=1, horizon=n)
        )

    assert value(10_000) == pytest.approx(value(None), rel=1e-12)
    assert value(50) <= value(60) <= value(None) * (1 + 1e-12)


@given(low=probability, high=probability, d=rate, n=st.integers(1, 50))
def test_more_retention_is_never_worth_less(low, high, d, n):
    low, high = sorted((low, high))
    multiples = margin_multiple(
        [low, high], d, timing="middle", first="at_risk", periods_per_year=1, horizon=n
    )
    assert multiples[0] <= multiples[1] * (1 + 1e-12)


@given(stay=probability, d=rate, n=st.integers(0, 60), per_year=st.sampled_from([1, 4, 12, 52]))
def test_start_middle_and_end_differ_by_half_a_period_each(stay, d, n, per_year):
    start, middle, end = (
        float(
            margin_multiple(
                stay, d, timing=t, first="certain", periods_per_year=per_year, horizon=n
            )
        )
        for t in TIMINGS
    )
    period = (1 + d) ** (1 / per_year)
    assert start == pytest.approx(end * period, rel=1e-12)
    assert middle**2 == pytest.approx(start * end, rel=1e-12)


def test_without_retention_risk_and_discounting_it_is_the_plain_sum():
    value = retention_value(
        7.0, 1.0, 0.0, timing="end", first="at_risk", periods_per_year=12, horizon=1_000_000
    )
    assert float(value) == 7_000_000


def test_customers_come_as_arrays_and_horizons_may_differ():
    found = retention_value(
        [10.0, 10.0, 0.0],
        [0.5, 1.0, 1.0],
        [0.0, 0.0, 0.0],
        timing="start",
        first="certain",
        periods_per_year=1,
        horizon=[3, 4, np.inf],
    )
    assert found.tolist() == [17.5, 40.0, 0.0]


def test_losses_without_end_are_minus_infinity():
    value = retention_value(-1.0, 1.0, 0.0, timing="end", first="certain", periods_per_year=1)
    assert value == -np.inf


@pytest.mark.parametrize(
    ("stay", "multiples"),
    # Gupta and Lehmann (2003), table of margin multiples at discount rates of 10, 12, 14, 16 %.
    [
        (0.6, [1.20, 1.15, 1.11, 1.07]),
        (0.7, [1.75, 1.67, 1.59, 1.52]),
        (0.8, [2.67, 2.50, 2.35, 2.22]),
        (0.9, [4.50, 4.09, 3.75, 3.46]),
    ],
)
def test_gupta_lehmann_multiples(stay, multiples):
    found = gupta_lehmann(1.0, stay, [0.10, 0.12, 0.14, 0.16])
    assert found == pytest.approx(multiples, abs=0.005)


@given(stay=st.floats(0.01, 0.95), d=st.floats(0.01, 1), g=st.floats(-0.5, 0.02))
def test_gupta_lehmann_formula(stay, d, g):
    ratio = stay * (1 + g) / (1 + d)
    assert ratio < 1
    expected = 50 * stay / (1 + d - stay * (1 + g))
    assert float(gupta_lehmann(50.0, stay, d, growth=g)) == pytest.approx(expected, rel=1e-12)


def test_constant_paths_agree_with_the_closed_form():
    closed = retention_value(
        30.0, 0.8, 0.15, timing="middle", first="at_risk", periods_per_year=4, horizon=9
    )
    open_ = varying_retention_value(
        np.full(9, 30.0), 0.8, 0.15, timing="middle", first="at_risk", periods_per_year=4
    )
    assert float(open_) == pytest.approx(float(closed), rel=1e-13)
    endless = varying_retention_value(
        np.full((2, 3), 30.0),
        0.8,
        0.15,
        timing="middle",
        first="at_risk",
        periods_per_year=4,
        afterwards="steady",
    )
    expected = retention_value(
        30.0, 0.8, 0.15, timing="middle", first="at_risk", periods_per_year=4
    )
    assert endless == pytest.approx(np.full(2, float(expected)), rel=1e-13)


def test_everything_may_vary_by_customer_and_period():
    margin = np.array([[10.0, 20.0, 30.0], [5.0, 5.0, 5.0]])
    stay = np.array([[0.9, 0.5, 0.8], [0.7, 1.0, 0.0]])
    d = np.array([[0.1, 0.2, 0.0], [0.05, 0.05, 0.3]])
    found = varying_retention_value(
        margin, stay, d, timing="end", first="at_risk", periods_per_year=1
    )
    first = 10 * 0.9 / 1.1 + 20 * 0.45 / 1.32 + 30 * 0.36 / 1.32
    second = 5 * 0.7 / 1.05 + 5 * 0.7 / 1.05**2
    assert found == pytest.approx([first, second])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"retention": 1.2}, r"retention must .*at most 1"),
        ({"retention": [0.5, -0.1]}, r"1 of 2 do not \(first: \[-0.1\]\)"),
        ({"discount_rate": -1.0}, r"discount_rate must .*above -1.*0.1 is ten percent"),
        ({"margin": math.nan}, "margin must be finite"),
        ({"margin": "much"}, "margin must be a number"),
        ({"horizon": 2.5}, "whole, non-negative number of periods"),
        ({"horizon": "long"}, "whole number of periods"),
        ({"periods_per_year": 0}, r"periods_per_year must .*above 0"),
        ({"timing": "late"}, "timing must be one of 'start', 'middle', 'end'"),
        ({"first": "maybe"}, "first must be one of 'certain', 'at_risk'"),
        ({"growth": -1.5}, "growth must .*at least -1"),
    ],
)
def test_says_what_is_wrong(changes, message):
    arguments = {
        "margin": 1.0,
        "retention": 0.5,
        "discount_rate": 0.1,
        "timing": "end",
        "first": "certain",
        "periods_per_year": 1,
    } | changes
    with pytest.raises(ParameterError, match=message):
        retention_value(**arguments)


@pytest.mark.parametrize(
    ("margin", "stay", "options"),
    [
        (np.ones((2, 3)), np.full((3, 3), 0.5), {}),
        (np.ones(3), 0.5, {"afterwards": "party"}),
    ],
)
def test_varying_value_says_what_is_wrong(margin, stay, options):
    with pytest.raises(ParameterError, match=r"go together|afterwards"):
        varying_retention_value(
            margin, stay, 0.1, timing="end", first="certain", periods_per_year=1, **options
        )
