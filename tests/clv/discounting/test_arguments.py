"""What arguments may be, and what a user reads where they are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.discounting.arguments import (
    check_timing,
    numbers,
    period_rate,
    whole_periods,
)
from crmanalytics.errors import ParameterError


@pytest.mark.parametrize(("timing", "offset"), [("start", 0.0), ("middle", 0.5), ("end", 1.0)])
def test_timings(timing, offset):
    assert check_timing(timing) == offset


@given(d=st.floats(-0.9, 10), k=st.sampled_from([1, 4, 12, 52, 365.25]))
def test_period_rates_compound_to_the_yearly_rate(d, k):
    assert np.log1p(float(period_rate(d, k))) * k == pytest.approx(np.log1p(d), rel=1e-12)


@given(d=st.floats(-0.9, 1e6))
def test_one_period_per_year_leaves_the_rate_untouched(d):
    assert float(period_rate(d, 1)) == d


def test_rates_and_periods_may_be_arrays():
    found = period_rate([0.1, 0.21], [1, 2])
    assert found == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize(
    ("values", "bounds", "message"),
    [
        ([1.0, np.nan, np.inf], {}, r"must be finite: 2 of 3 do not \(first: \[nan, inf\]\)"),
        (-1.0, {"low": 0}, "must be finite and be at least 0, not -1"),
        (0.0, {"above": 0}, "must be finite and be above 0, not 0"),
        (
            2.0,
            {"high": 1, "remedy": "Divide by 100"},
            r"must be finite and be at most 1, not 2\. Divide by 100\.$",
        ),
        (["a"], {}, "must be a number or an array of numbers"),
        ([[1.0], [1.0, 2.0]], {}, "must be a number or an array of numbers"),
    ],
)
def test_numbers_out_of_bounds_are_named(values, bounds, message):
    with pytest.raises(ParameterError, match="^money " + message):
        numbers("money", values, **bounds)


def test_only_the_first_three_are_shown():
    with pytest.raises(ParameterError, match=r"5 of 5 do not \(first: \[-1, -2, -3\]\)"):
        numbers("money", [-1, -2, -3, -4, -5], low=0)


@pytest.mark.parametrize(
    ("horizon", "expected"), [(None, np.inf), (0, 0), (12, 12), (np.inf, np.inf), (7.0, 7)]
)
def test_horizons(horizon, expected):
    assert float(whole_periods("horizon", horizon)) == expected


@pytest.mark.parametrize("horizon", [-1, 0.5, np.nan, -np.inf, "ten", [3, 2.5]])
def test_no_horizons(horizon):
    with pytest.raises(ParameterError, match=r"horizon must be a whole"):
        whole_periods("horizon", horizon)
