"""Intervals: textbook values, coverage by simulation, and laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.errors import ParameterError
from crmanalytics.inference import (
    check_level,
    delta_standard_errors,
    log_interval,
    normal_interval,
)

levels = st.floats(0.01, 0.999)
estimates = st.floats(1e-3, 1e3)
ratios = st.floats(0, 5)  # of a standard error to its estimate


@pytest.mark.parametrize(
    ("level", "quantile"),
    # two-sided normal quantiles, as printed in any table
    [(0.5, 0.67449), (0.8, 1.28155), (0.9, 1.64485), (0.95, 1.95996), (0.99, 2.57583)],
)
def test_quantiles_of_the_table(level, quantile):
    low, high = normal_interval(10.0, 2.0, level)
    assert (float(low), float(high)) == pytest.approx((10 - 2 * quantile, 10 + 2 * quantile), 2e-6)
    low, high = log_interval(10.0, 2.0, level)
    factor = np.exp(0.2 * quantile)
    assert (float(low), float(high)) == pytest.approx((10 / factor, 10 * factor), 2e-6)


@given(estimates, ratios, levels)
def test_bounds_enclose_the_estimate_and_logarithmic_ones_stay_positive(estimate, ratio, level):
    for interval in (normal_interval, log_interval):
        low, high = interval(estimate, ratio * estimate, level)
        assert low <= estimate <= high
    assert low > 0
    assert low * high == pytest.approx(estimate**2)


@given(estimates, st.floats(1e-3, 5), st.floats(0.01, 0.9), st.floats(0.01, 0.09))
def test_more_confidence_is_a_wider_interval(estimate, ratio, level, more):
    for interval in (normal_interval, log_interval):
        low, high = interval(estimate, ratio * estimate, level)
        lower, higher = interval(estimate, ratio * estimate, level + more)
        assert lower < low < high < higher


@given(estimates, ratios, levels, st.floats(0.1, 10))
def test_another_currency_gives_the_same_interval_in_that_currency(estimate, ratio, level, rate):
    for interval in (normal_interval, log_interval):
        bounds = np.array(interval(estimate, ratio * estimate, level))
        other = np.array(interval(rate * estimate, rate * ratio * estimate, level))
        assert other == pytest.approx(rate * bounds)


def test_a_small_error_makes_both_intervals_the_same():
    plain, logarithmic = normal_interval(3.0, 1e-5), log_interval(3.0, 1e-5)
    assert np.array(logarithmic) == pytest.approx(np.array(plain), rel=1e-9)


def test_arrays_come_back_in_their_shape():
    estimate = np.array([[1.0, 2.0], [3.0, 4.0]])
    low, high = normal_interval(estimate, 0.5)
    assert low.shape == high.shape == (2, 2)
    assert high - low == pytest.approx(np.full((2, 2), 2 * 1.95996 * 0.5), rel=1e-5)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_normal_interval_covers_the_truth_as_often_as_it_says(level):
    draws = np.random.default_rng(7).normal(5.0, 2.0, (20_000, 30))
    mean, error = draws.mean(axis=1), np.full(20_000, 2 / np.sqrt(30))
    low, high = normal_interval(mean, error, level)
    covered = np.mean((low <= 5) & (high >= 5))
    assert covered == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 20_000))


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_log_interval_covers_a_variance_better_than_the_normal_one(level):
    """The large-sample error of a sample variance is its value times the root of 2/(n - 1)."""
    n, truth = 12, 4.0
    draws = np.random.default_rng(11).normal(0, 2, (40_000, n))
    estimate = draws.var(axis=1, ddof=1)
    error = estimate * np.sqrt(2 / (n - 1))

    def covered(interval):
        low, high = interval(estimate, error, level)
        return np.mean((low <= truth) & (high >= truth))

    assert covered(log_interval) == pytest.approx(level, abs=0.03)
    assert abs(covered(log_interval) - level) < abs(covered(normal_interval) - level)


def test_delta_method_of_sums_ratios_and_products():
    covariance = np.array([[0.04, 0.01], [0.01, 0.09]])
    x, y = 2.0, 5.0
    gradient = np.array([[1.0, 1.0], [1.0, -1.0], [y, x], [1 / y, -x / y**2]])
    expected = [
        0.04 + 0.09 + 2 * 0.01,
        0.04 + 0.09 - 2 * 0.01,
        y**2 * 0.04 + x**2 * 0.09 + 2 * x * y * 0.01,
        (x / y) ** 2 * (0.04 / x**2 + 0.09 / y**2 - 2 * 0.01 / (x * y)),
    ]
    assert delta_standard_errors(gradient, covariance) == pytest.approx(np.sqrt(expected))


def test_delta_method_agrees_with_simulation():
    draw = np.random.default_rng(3)
    root = draw.normal(size=(3, 3)) * 0.02
    covariance, middle = root @ root.T, np.array([1.0, 2.0, 3.0])
    values = np.exp(draw.multivariate_normal(middle, covariance, 200_000) @ [0.2, -0.1, 0.3])
    gradient = np.exp(middle @ [0.2, -0.1, 0.3]) * np.array([[0.2, -0.1, 0.3]])
    assert delta_standard_errors(gradient, covariance)[0] == pytest.approx(values.std(), rel=0.01)


def test_rounding_never_makes_a_variance_negative():
    nearly = np.array([[1.0, 1.0], [1.0, 1.0 - 1e-16]])
    assert delta_standard_errors(np.array([[1.0, -1.0]]), nearly)[0] >= 0


@pytest.mark.parametrize("level", [0, 1, -0.1, 95, float("nan")])
def test_a_level_is_a_share(level):
    with pytest.raises(ParameterError, match=r"level must lie between 0 and 1.*0\.95 is usual"):
        check_level(level)
    with pytest.raises(ParameterError, match="level"):
        normal_interval(1.0, 0.1, level)
    with pytest.raises(ParameterError, match="level"):
        log_interval(1.0, 0.1, level)
