"""The formulas of `docs/ideas/purchase-formulas.md`, typed in as they are printed there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import beta as B  # noqa: N812 - as it is printed
from scipy.special import factorial, gammaln

from crmanalytics import clv

x, t_x, T, k = 3, 20.0, 39.0, 3
r, alpha, a, b, s, beta = 0.5, 6.2, 0.9, 1.6, 0.6, 11.7
ONE = pd.DataFrame({"frequency": [x], "recency": [t_x], "T": [T]})


def near(value):
    return pytest.approx(value, rel=1e-11)


def ratio(shape, more):
    """Gamma(shape + more) / Gamma(shape)."""
    return np.exp(gammaln(shape + more) - gammaln(shape))


def test_mbg_nbd():
    model, odds = clv.MBGNBD(r, alpha, a, b), a / (b + x) * ((alpha + T) / (alpha + t_x)) ** (r + x)
    likelihood = B(a, b + x + 1) / B(a, b) * ratio(r, x) * alpha**r / (alpha + T) ** (r + x)
    assert model.probability_alive(ONE)[0] == near(1 / (1 + odds))
    assert model.log_likelihood(ONE)[0] == near(np.log(likelihood * (1 + odds)))


@pytest.mark.parametrize(
    ("cls", "first"), [(clv.BGCNBDk, a / (b + x - 1)), (clv.MBGCNBDk, a / (b + x))]
)
def test_regular_timing(cls, first):
    j = np.arange(k)
    total = (ratio(r + k * x, j) / factorial(j) * ((T - t_x) / (alpha + T)) ** j).sum()
    odds = first * ((alpha + T) / (alpha + t_x)) ** (r + k * x) / total
    assert cls(r, alpha, a, b, k=k).probability_alive(ONE)[0] == near(1 / (1 + odds))


def test_pareto_nbd():
    model, t = clv.ParetoNBD(r, alpha, s, beta), 39.0
    lives = (alpha + T) ** -(r + x) * (beta + T) ** -s
    left = quad(lambda u: (alpha + u) ** -(r + x) * (beta + u) ** -(s + 1), t_x, T, epsrel=1e-13)
    both, alive = lives + s * left[0], lives / (lives + s * left[0])
    likelihood = ratio(r, x) * alpha**r * beta**s * both
    later = 1 - ((beta + T) / (beta + T + t)) ** (s - 1)
    expected = alive * (r + x) * (beta + T) / ((alpha + T) * (s - 1)) * later
    assert model.log_likelihood(ONE)[0] == near(np.log(likelihood))
    assert model.probability_alive(ONE)[0] == near(alive)
    assert model.expected_purchases(ONE, t)[0] == near(expected)


def test_bg_bb():
    n, last, gamma, delta = 6, 4, 0.66, 2.78
    one = pd.DataFrame({"frequency": [x], "recency": [last], "T": [n]})
    model, i = clv.BGBB(alpha, beta, gamma, delta), np.arange(n - last)
    lives = B(alpha + x, beta + n - x) / B(alpha, beta) * B(gamma, delta + n) / B(gamma, delta)
    left = B(alpha + x, beta + last - x + i) / B(alpha, beta)
    left = (left * B(gamma + 1, delta + last + i) / B(gamma, delta)).sum()
    assert model.log_likelihood(one)[0] == near(np.log(lives + left))
    assert model.probability_alive(one)[0] == near(lives / (lives + left))


def test_gamma_gamma():
    p, q, v, z = 6.25, 3.74, 15.44, 40.0
    model = clv.GammaGamma(p, q, v)
    one = pd.DataFrame({"frequency": [x], "monetary_value": [z]})
    terms = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
    terms += (p * x - 1) * np.log(z) + p * x * np.log(x) - (p * x + q) * np.log(v + x * z)
    assert model.log_likelihood(one)[0] == near(terms)
    assert model.expected_spend(one)[0] == near(p * (v + x * z) / (p * x + q - 1))
    assert model.mean_spend == near(p * v / (q - 1))


def test_covariates():
    known = ONE.assign(z=2.0)
    pareto = clv.ParetoNBDCovariates(r, alpha, s, beta, purchase={"z": 0.5}, dropout={"z": 0.3})
    plain = clv.ParetoNBD(r, alpha * np.exp(-1.0), s, beta * np.exp(-0.6))
    assert pareto.log_likelihood(known)[0] == near(plain.log_likelihood(ONE)[0])
    kinds = {"purchase": {"z": 0.5}, "dropout_a": {"z": 0.3}, "dropout_b": {"z": -0.2}}
    plain = clv.BGNBD(r, alpha * np.exp(-1.0), a * np.exp(0.6), b * np.exp(-0.4))
    given = clv.BGNBDCovariates(r, alpha, a, b, **kinds)
    assert given.log_likelihood(known)[0] == near(plain.log_likelihood(ONE)[0])
