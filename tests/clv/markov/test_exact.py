"""Sixty-digit sums against rational arithmetic, without any rounding at all."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.markov.exact import finite_sum, solve


@st.composite
def systems(draw):
    k = draw(st.integers(1, 4))
    cells = draw(st.lists(st.integers(0, 40), min_size=k * k, max_size=k * k))
    matrix = np.array(cells, float).reshape(k, k) + 1
    matrix /= 2.0 ** np.ceil(np.log2(matrix.sum(axis=1, keepdims=True)))
    rewards = draw(st.lists(st.integers(-50, 50), min_size=k, max_size=k))
    exponent = draw(st.integers(0, 40))
    return matrix, np.array(rewards, float), 2.0**-exponent


def rational(matrix, rewards, rate):
    rows = [[Fraction(float(p)) for p in row] for row in matrix]
    return rows, [Fraction(float(r)) for r in rewards], 1 / (1 + Fraction(rate))


@given(system=systems(), horizon=st.integers(0, 12))
def test_finite_sums_are_exact(system, horizon):
    matrix, rewards, rate = system
    rows, reward, factor = rational(*system)
    value = reward
    for _ in range(horizon):
        value = [
            r + factor * sum(p * v for p, v in zip(row, value, strict=True))
            for r, row in zip(reward, rows, strict=True)
        ]
    assert finite_sum(matrix, rewards, rate, horizon).tolist() == [float(v) for v in value]


@given(system=systems())
def test_solutions_are_exact_to_the_last_digit(system):
    matrix, rewards, rate = system
    rows, reward, factor = rational(*system)
    k = len(reward)
    table = [
        [(1 if i == j else 0) - factor * rows[i][j] for j in range(k)] + [reward[i]]
        for i in range(k)
    ]
    for i in range(k):
        table[i] = [x / table[i][i] for x in table[i]]
        for j in range(k):
            if j != i:
                table[j] = [x - table[j][i] * y for x, y in zip(table[j], table[i], strict=True)]
    expected = [float(row[-1]) for row in table]
    assert solve(matrix, rewards, rate) == pytest.approx(expected, rel=3e-16, abs=0)
