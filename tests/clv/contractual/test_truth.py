"""The formulas against values computed with 50 and more digits, plain and hostile."""

import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest

from crmanalytics.clv import BetaDiscreteWeibull, ShiftedBetaGeometric
from crmanalytics.clv.contractual.lifetimes import discounted_survival
from crmanalytics.clv.contractual.survival import log_survival_ratio

TRUTH = json.loads(
    (Path(__file__).parents[2] / "reference" / "truth.json").read_text(encoding="utf-8")
)["sbg"]


def compute(model, t, n, d):
    derl = model.discounted_residual_lifetime
    return {
        "log_pmf": model.log_churn_probability(t),
        "log_survival": model.log_survival(t),
        "pmf": model.churn_probability(t),
        "survival": model.survival(t),
        "retention": model.retention_rate(t),
        "del": model.discounted_lifetime(discount_rate=d),
        "derl": derl(n - 1, discount_rate=d, moment="before_renewal"),
        "derl_after": derl(n, discount_rate=d, moment="after_renewal"),
    }


@pytest.mark.parametrize("case", TRUTH, ids=lambda case: case["id"])
@pytest.mark.parametrize("as_weibull", [False, True])
def test_agrees_with_high_precision_values(case, as_weibull):
    given = case["inputs"]
    parameters = given["alpha"], given["beta"]
    with np.errstate(all="raise", under="ignore"):
        model = (
            BetaDiscreteWeibull(*parameters, 1.0)
            if as_weibull
            else ShiftedBetaGeometric(*parameters)
        )
        found = compute(model, given["t"], given["n"], given["d"])
    assert found.keys() == case["outputs"].keys()
    for name, told in case["outputs"].items():
        truth = float(told)
        tolerance = max(1e-11, 50 * 2.2e-16 * case["cond"][name])
        scale = max(1.0, abs(truth)) if name.startswith("log") else abs(truth)
        assert abs(float(found[name]) - truth) <= tolerance * scale, name


def exact_log_ratio(alpha, beta, c, start, ahead):
    a, b, c, n, k = map(mpmath.mpf, (alpha, beta, c, start, ahead))
    g = mpmath.loggamma
    x, y = n**c if n else mpmath.mpf(0), (n + k) ** c
    return (g(b + y) - g(a + b + y)) - (g(b + x) - g(a + b + x))


HOSTILE = [
    (0.7, 3.8, 1.6, 0, 5),
    (0.7, 3.8, 0.3, 12, 1),
    (1e-3, 1e-3, 1.3, 2, 1),
    (1e-6, 1e6, 0.5, 0, 1),
    (1e6, 1e6, 1.2, 3, 1),
    (1e6, 1e-6, 0.7, 1, 1),
    (1e3, 1e-3, 2.5, 9, 4),
    (0.5, 2.0, 1e-3, 100, 1),
    (0.5, 2.0, 0.9, 10_000_000, 1),
    (2.0, 50.0, 6.0, 40, 1),
    (1e-9, 1e9, 1.0, 7, 1),
    (1e-12, 1.0, 1.5, 0, 1),
    (1e-12, 1.0, 1e-4, 10_000_000, 1),
    (1e-9, 1e-3, 0.3, 5, 40),
    (2e-5, 7.0, 1e-5, 30, 1),
    (0.4, 1.3, 40.0, 1000, 1),  # t^c is 1e120
    (0.4, 1.3, 200.0, 1000, 500),  # t^c is 1e600: no double
    (0.4, 1.3, 400.0, 0, 2),
    (0.4, 1.3, 900.0, 1, 3),
]


@pytest.mark.parametrize("case", HOSTILE)
def test_log_survival_ratio_keeps_its_relative_digits(case):
    with mpmath.workdps(1600), np.errstate(all="raise", under="ignore"):
        truth = exact_log_ratio(*case)
        found = float(log_survival_ratio(*case))
        assert abs(found / truth - 1) < 1e-12


SUMS = [
    (0.7, 3.8, 1.6, 0, 0.1),
    (0.7, 3.8, 0.6, 3, 0.01),
    (0.3, 0.9, 2.7, 1, 0.002),
    (1e-3, 1e-3, 1.3, 2, 0.004),
    (1e3, 1e3, 1.2, 3, 0.0),
    (9.0, 2.0, 0.8, 5, 0.0),
    (2.0, 50.0, 6.0, 40, 0.01),
    (0.2, 1.4, 12.0, 0, 0.003),
    (3.0, 1.0, 30.0, 2, 0.0),
]


@pytest.mark.parametrize(("alpha", "beta", "c", "start", "rate"), SUMS)
def test_discounted_sums_equal_their_terms_added_up(alpha, beta, c, start, rate):
    terms = 60_000
    j = np.arange(terms)
    each = np.exp(log_survival_ratio(alpha, beta, c, start, j) - math.log1p(rate) * j)
    with np.errstate(all="raise", under="ignore"):
        found = discounted_survival(alpha, beta, c, start=start, rate=rate, horizon=math.inf)
        cut = discounted_survival(alpha, beta, c, start=start, rate=rate, horizon=777)
    assert cut == pytest.approx(math.fsum(each[:777]), rel=1e-12)
    rest = each[-1] * (start + terms) / (alpha * c - 1) if rate == 0 else 0.0
    assert found == pytest.approx(math.fsum(each) + rest, rel=1e-9 if rest > 1e-10 else 1e-12)


@pytest.mark.parametrize("start", [0, 1, 17, 100_000])
@pytest.mark.parametrize(("alpha", "beta"), [(1.001, 3.8), (2.5, 1e-3), (40.0, 1e4), (1e3, 1e3)])
def test_undiscounted_sum_equals_its_closed_form(alpha, beta, start):
    found = discounted_survival(alpha, beta, 1.0, start=start, rate=0.0, horizon=math.inf)
    truth = (alpha + beta + start - 1) / (alpha - 1)
    assert found == pytest.approx(truth, rel=1e-11)


@pytest.mark.parametrize("c", [0.02, 0.2, 0.7, 1.4, 3.0, 25.0])
@pytest.mark.parametrize("alpha", [1e-3, 0.5, 60.0, 1e5])
@pytest.mark.parametrize("beta", [1e-3, 3.0, 1e6])
@pytest.mark.parametrize("rate", [0.0, 1e-12, 1e-4, 50.0])
def test_sums_are_numbers_for_any_parameters(alpha, beta, c, rate):
    with np.errstate(all="raise", under="ignore"):
        found = [
            discounted_survival(alpha, beta, c, start=n, rate=rate, horizon=math.inf)
            for n in (0, 3)
        ]
    assert all(value >= 1 for value in found)
    if rate > 0:
        assert all(value <= (1 + rate) / rate * (1 + 1e-12) for value in found)


@pytest.mark.parametrize(
    ("alpha", "beta", "c", "rate"),
    [(0.9, 2.0, 0.7, 1e-9), (0.3, 5.0, 2.2, 1e-7), (4.0, 9.0, 0.4, 0.0)],
)
def test_slow_sums_agree_with_the_euler_maclaurin_formula(alpha, beta, c, rate):
    with mpmath.workdps(25):
        a, b, cc, d = map(mpmath.mpf, (alpha, beta, c, rate))

        def term(t):
            x = t**cc
            log_s = mpmath.loggamma(b + x) - mpmath.loggamma(a + b + x)
            return mpmath.exp(
                log_s - mpmath.loggamma(b) + mpmath.loggamma(a + b) - t * mpmath.log1p(d)
            )

        first = 400
        head = mpmath.fsum(term(mpmath.mpf(t)) for t in range(first))
        ends = [mpmath.mpf(first) * 8**k for k in range(16)] + ([mpmath.inf] if rate else [])
        if not rate:
            ends += [mpmath.mpf(10) ** k for k in range(18, 60, 4)]
        tail = mpmath.quad(term, ends)
        if not rate:
            tail += ends[-1] * term(ends[-1]) / (a * cc - 1)
        slope = [mpmath.diff(term, first, k) for k in (1, 3)]
        truth = head + tail + term(mpmath.mpf(first)) / 2 - slope[0] / 12 + slope[1] / 720
        found = discounted_survival(alpha, beta, c, start=0, rate=rate, horizon=math.inf)
        assert abs(found / truth - 1) < 1e-11
