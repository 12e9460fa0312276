"""Discounting a stream by weights on its cumulative expectation."""

from __future__ import annotations

import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.btyd.discount_plan import DiscountPlan, discount_per_unit
from crmanalytics.errors import ParameterError


@pytest.mark.parametrize("horizon", [1.0, 39.0, 5000.0, None])
@pytest.mark.parametrize("delta", [1e-4, 0.0027, 0.5])
@pytest.mark.parametrize("scale", [0.05, 4.414, 300.0])
@pytest.mark.parametrize("known", [False, True])
def test_continuous_discounting_of_a_bending_curve(horizon, delta, scale, known):
    # E(t) = 1 - (1 + t / scale)^-s, which bends as the models' expectations do
    plan = DiscountPlan.of(horizon, delta, "continuous", scale=known * scale)
    got = plan.weights @ (1 - (1 + plan.times / scale) ** -0.6)
    end = mpmath.inf if horizon is None else horizon
    marks = [m for m in (0, scale, 30 * scale, 1e3 * scale, 1e5 * scale) if m < end]
    want = mpmath.quad(
        lambda t: mpmath.exp(-delta * t) * 0.6 / scale * (1 + t / scale) ** -1.6, [*marks, end]
    )
    assert got == pytest.approx(float(want), rel=1e-11)


@given(rate=st.floats(0, 2), horizon=st.integers(1, 200))
def test_steady_purchases_are_an_annuity(rate, horizon):
    delta = discount_per_unit(rate, "M")
    end = DiscountPlan.of(horizon, delta, "end")
    factor = math.exp(-delta)
    want = sum(factor**k for k in range(1, horizon + 1))
    assert end.weights @ end.times == pytest.approx(want, rel=1e-10)
    start = DiscountPlan.of(horizon, delta, "start")
    assert start.weights @ start.times == pytest.approx(want / factor, rel=1e-10)
    middle = DiscountPlan.of(horizon, delta, "middle")
    assert middle.weights @ middle.times == pytest.approx(want / math.sqrt(factor), rel=1e-10)


@pytest.mark.parametrize(
    ("unit", "per_year"), [("D", 365.25), ("W", 365.25 / 7), ("M", 12), ("Y", 1)]
)
def test_a_yearly_rate_compounds_over_a_year_of_units(unit, per_year):
    assert math.exp(discount_per_unit(0.15, unit) * per_year) == pytest.approx(1.15)


def test_no_time_no_value():
    plan = DiscountPlan.of(0, 0.1, "continuous")
    assert plan.times.tolist() == [0.0]
    assert plan.weights.tolist() == [1.0]
    assert len(DiscountPlan.of(0, 0.1, "end").times) == 0


def test_what_makes_no_sense_is_refused():
    for arguments in [(-1, 0.1, "end"), (float("nan"), 0.1, "end")]:
        with pytest.raises(ParameterError):
            DiscountPlan.of(*arguments)
    with pytest.raises(ParameterError, match="timing must be one of"):
        DiscountPlan.of(1, 0.1, "sometimes")
    with pytest.raises(ParameterError, match="unit"):
        discount_per_unit(0.1, None)
    assert np.isinf(DiscountPlan.of(None, 0.1, "end").horizon)
