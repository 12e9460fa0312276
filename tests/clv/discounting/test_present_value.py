"""Present values of payments, with rates that differ by customer and over time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.discounting import discount_factors, period_rate, present_value
from crmanalytics.clv.discounting.present_value import geometric_sum
from crmanalytics.errors import ParameterError

payments = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@given(cash=payments, d=st.floats(-0.5, 3), per_year=st.sampled_from([1, 2, 12]))
def test_is_the_sum_of_discounted_payments(cash, d, per_year):
    found = present_value(cash, d, timing="middle", periods_per_year=per_year)
    expected = sum(x / (1 + d) ** ((t + 0.5) / per_year) for t, x in enumerate(cash))
    size = sum(abs(x) / (1 + d) ** ((t + 0.5) / per_year) for t, x in enumerate(cash))
    assert float(found) == pytest.approx(expected, rel=1e-12, abs=1e-12 * size)


@given(cash=payments)
def test_a_rate_of_zero_is_the_plain_sum(cash):
    for timing in ("start", "middle", "end"):
        found = present_value(cash, 0.0, timing=timing, periods_per_year=4)
        assert float(found) == pytest.approx(float(np.sum(cash)), rel=1e-12, abs=1e-6)


def test_twelve_months_make_a_year():
    assert float(np.log1p(period_rate(0.1, 12)) * 12) == pytest.approx(np.log1p(0.1), rel=1e-15)
    monthly = present_value([0.0] * 12 + [110.0], 0.1, timing="start", periods_per_year=12)
    assert float(monthly) == pytest.approx(100.0, rel=1e-14)


def test_rates_over_time_compound():
    factors = discount_factors(3, [0.1, 0.2, 0.5], timing="end", periods_per_year=1)
    assert factors == pytest.approx([1 / 1.1, 1 / 1.32, 1 / 1.98])
    start = discount_factors(3, [0.1, 0.2, 0.5], timing="start", periods_per_year=1)
    assert start == pytest.approx([1, 1 / 1.1, 1 / 1.32])
    middle = discount_factors(2, [0.21, 0.44], timing="middle", periods_per_year=1)
    assert middle == pytest.approx([1 / 1.1, 1 / 1.21 / 1.2])


def test_constant_rates_in_every_shape_agree():
    cash = np.arange(12.0).reshape(3, 4)
    plain = present_value(cash, 0.07, timing="middle", periods_per_year=2)
    for rates in (np.full(4, 0.07), np.full((3, 1), 0.07), np.full((3, 4), 0.07)):
        assert present_value(cash, rates, timing="middle", periods_per_year=2) == pytest.approx(
            plain
        )


def test_customers_may_be_permuted():
    rng = np.random.default_rng(3)
    cash, rates = rng.normal(size=(6, 5)), rng.uniform(0, 0.3, (6, 1))
    order = rng.permutation(6)
    whole = present_value(cash, rates, timing="end", periods_per_year=1)
    shuffled = present_value(cash[order], rates[order], timing="end", periods_per_year=1)
    assert np.array_equal(whole[order], shuffled)


@pytest.mark.parametrize("gap", [0.0, 1e-300, 1e-17, 1e-9, 0.3, -1e-9, -0.2])
@pytest.mark.parametrize("terms", [0, 1, 2, 30])
def test_geometric_sum_close_to_one(gap, terms):
    found = float(geometric_sum(gap, np.log1p(-gap), terms))
    assert found == pytest.approx(sum((1 - gap) ** t for t in range(terms)), rel=1e-13)


@pytest.mark.parametrize(
    ("cash", "rates", "message"),
    [
        ([1.0, 2.0], [0.1, 0.1, 0.1], "3 values in its last dimension, for 2 periods"),
        ([[1.0, 2.0]] * 3, [[0.1], [0.1]], r"shape \(customers, 1\)"),
        ([1.0, np.inf], 0.1, "cash must be finite"),
    ],
)
def test_says_what_is_wrong(cash, rates, message):
    with pytest.raises(ParameterError, match=message):
        present_value(cash, rates, timing="end", periods_per_year=1)


def test_needs_whole_periods():
    with pytest.raises(ParameterError, match="n_periods"):
        discount_factors(-1, 0.1, timing="end", periods_per_year=1)
