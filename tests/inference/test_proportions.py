"""Wilson's interval: published values and edges."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import ParameterError
from crmanalytics.inference import wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "expected"),
    [
        # Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (81, 263, (0.2553, 0.3662)),
        (15, 148, (0.0624, 0.1605)),
        (0, 20, (0.0, 0.1611)),
        (1, 29, (0.0061, 0.1718)),
    ],
)
def test_published_intervals(successes, trials, expected):
    low, high = wilson_interval(successes, trials)
    assert (float(low), float(high)) == pytest.approx(expected, abs=5.1e-5)


@given(st.integers(1, 10**6), st.floats(0, 1), st.floats(0.5, 0.999))
def test_the_interval_holds_the_share_and_stays_within_bounds(trials, part, level):
    successes = round(part * trials)
    low, high = wilson_interval(successes, trials, level)
    assert 0 <= low <= successes / trials <= high <= 1
    other = wilson_interval(trials - successes, trials, level)
    assert other == (pytest.approx(1 - high, abs=1e-12), pytest.approx(1 - low, abs=1e-12))


def test_no_trials_no_interval():
    low, high = wilson_interval([0, 3], [0, 3])
    assert np.isnan([low[0], high[0]]).all()
    assert high[1] == 1


def test_the_level_must_be_one():
    with pytest.raises(ParameterError, match="level"):
        wilson_interval(1, 2, 95)
