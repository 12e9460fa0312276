"""Special functions against arbitrary precision."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from crmanalytics.clv.special import (
    log1pexp,
    log_beta_ratio,
    log_negative_binomial_tail,
    log_poch,
)

mpmath.mp.dps = 40


@pytest.mark.parametrize("z", [1e-12, 1e-3, 0.243, 1.0, 11.9, 12.0, 1e3, 1e9])
@pytest.mark.parametrize("n", [0.0, 1e-9, 0.5, 1.0, 37.0, 5000.0, 1e8])
def test_log_poch(z, n):
    want = mpmath.loggamma(mpmath.mpf(z) + mpmath.mpf(n)) - mpmath.loggamma(mpmath.mpf(z))
    assert float(log_poch(z, n)) == pytest.approx(float(want), rel=2e-14, abs=1e-15)


@pytest.mark.parametrize("a", [1e-9, 0.793, 1e4])
@pytest.mark.parametrize("b", [1e-9, 2.426, 1e4])
@pytest.mark.parametrize("x", [0, 1, 26, 3000, 3001, 10**6])
def test_log_beta_ratio(a, b, x):
    def log_beta(p, q):
        return mpmath.loggamma(p) + mpmath.loggamma(q) - mpmath.loggamma(p + q)

    a_, b_ = mpmath.mpf(a), mpmath.mpf(b)
    want = log_beta(a_, b_ + x) - log_beta(a_, b_)
    assert float(log_beta_ratio(a, b, [x])[0]) == pytest.approx(float(want), rel=1e-12, abs=1e-15)


def test_log_beta_ratio_of_nothing():
    assert log_beta_ratio(1.0, 1.0, []).shape == (0,)


@pytest.mark.parametrize("r", [1e-3, 0.243, 50.0])
@pytest.mark.parametrize("odds", [1e-8, 0.5, 8.8, 1e6])
@pytest.mark.parametrize("n", [0, 1, 5, 200, 4000])
def test_log_negative_binomial_tail(r, odds, n):
    with mpmath.workdps(60):
        share = mpmath.mpf(odds) / (1 + mpmath.mpf(odds))
        tail = mpmath.betainc(n, mpmath.mpf(r), 0, share, regularized=True) if n else mpmath.mpf(1)
        want = float(mpmath.log(tail))
    got = log_negative_binomial_tail(np.array([float(n)]), r, np.array([odds]))[0]
    assert got == pytest.approx(want, rel=1e-11, abs=1e-12)


def test_log_negative_binomial_tail_without_time():
    tail = log_negative_binomial_tail(np.array([0.0, 1.0]), 0.5, np.array([0.0, 0.0]))
    assert tail.tolist() == [0.0, -np.inf]


def test_log1pexp_does_not_overflow():
    got = log1pexp(np.array([-800.0, 0.0, 800.0]))
    assert got.tolist() == pytest.approx([0.0, np.log(2), 800.0])
