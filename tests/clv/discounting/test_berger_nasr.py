"""Cases 1 to 4: the printed number, brute force, quadrature and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from crmanalytics.clv.discounting import (
    cyclic_value,
    growing_value,
    s_shaped_profit,
    s_shaped_value,
)
from crmanalytics.errors import ParameterError


def test_case_1_is_the_papers_number():
    value = cyclic_value(260.0, 50.0, 0.75, 0.2, cycles=10, cycles_per_year=1)
    assert float(value) == pytest.approx(568.78, abs=0.005)
    assert float(value) == pytest.approx(568.7830674335969, rel=1e-13)


def test_case_2a():
    value = cyclic_value(125.0, 25.0, 0.8, 0.2, cycles=8, cycles_per_year=2)
    assert float(value) == pytest.approx(354.6883568699034, rel=1e-13)


@given(
    r=st.floats(0, 1),
    d=st.floats(0, 1),
    n=st.integers(0, 20),
    per_year=st.sampled_from([0.25, 1 / 3, 1, 2, 12]),
)
def test_cases_1_and_2_are_the_sums_of_the_paper(r, d, n, per_year):
    found = cyclic_value(100.0, 7.0, r, d, cycles=n, cycles_per_year=per_year)
    sales = sum(100 * r**i / (1 + d) ** (i / per_year) for i in range(n + 1))
    costs = sum(7 * r ** (i - 1) / (1 + d) ** ((i - 0.5) / per_year) for i in range(1, n + 1))
    assert float(found) == pytest.approx(sales - costs, rel=1e-10)


def test_case_2b_by_simulation():
    rng = np.random.default_rng(11)
    size, r, d, years = 200_000, 0.7, 0.12, 3
    bought = rng.geometric(1 - r, size)  # purchases until the first refusal, today's included
    value = np.zeros(size)
    for i in range(5):
        value += 900 * (bought > i) * (1 + d) ** (-i * years)
        if i:
            value -= 60 * (bought > i - 1) * (1 + d) ** (-(i - 0.5) * years)
    expected = cyclic_value(900.0, 60.0, r, d, cycles=4, cycles_per_year=1 / years)
    assert float(expected) == pytest.approx(value.mean(), abs=4 * value.std() / size**0.5)


def test_cases_without_an_end():
    endless = cyclic_value(260.0, 50.0, 0.75, 0.2, cycles=None, cycles_per_year=1)
    long = cyclic_value(260.0, 50.0, 0.75, 0.2, cycles=1000, cycles_per_year=1)
    assert float(endless) == pytest.approx(float(long), rel=1e-13)
    with pytest.raises(ParameterError, match="retention must be below"):
        cyclic_value(260.0, 50.0, 1.0, 0.0, cycles=None, cycles_per_year=1)


def test_case_3_with_an_s_shaped_profit_is_the_sum():
    course = {"start": 110.0, "curvature": 40.0, "inflection": 2.0, "ceiling": 100.0}
    value = growing_value(lambda t: s_shaped_profit(t, **course), 0.9, 0.2, years=8)
    by_hand = 0.0
    for t in range(9):
        profit = 110 + 40 * t**2 if t <= 2 else 110 + 40 * 4 + 100 * (1 - np.exp(2 - t))
        by_hand += profit * (0.9 / 1.2) ** t
    assert value == pytest.approx(by_hand, rel=1e-13)


@given(
    r=st.floats(0.01, 1),
    d=st.floats(-0.2, 2),
    g=st.floats(0, 6),
    more=st.floats(0, 30),
    v=st.floats(0, 100),
    h=st.floats(0, 50),
    n=st.floats(0, 100),
)
def test_case_4_is_the_integral(r, d, g, more, v, h, n):
    def flow(t):
        profit = s_shaped_profit(t, start=v, curvature=h, inflection=g, ceiling=n)
        return float(profit) * (r / (1 + d)) ** t

    expected = quad(flow, 0, g, epsabs=0, epsrel=1e-10)[0] if g and (v or h) else 0.0
    if more and (v or h * g or n):
        expected += quad(flow, g, g + more, epsabs=1e-12, epsrel=1e-10, limit=200)[0]
    found = s_shaped_value(r, d, years=g + more, start=v, curvature=h, inflection=g, ceiling=n)
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize(
    "call",
    [
        lambda: growing_value(lambda t: t, 0.5, 0.1, years=None),
        lambda: s_shaped_value(0.5, 0.1, years=1, start=1, curvature=1, inflection=2, ceiling=1),
    ],
)
def test_says_what_is_wrong(call):
    with pytest.raises(ParameterError, match=r"finite|inflection"):
        call()
