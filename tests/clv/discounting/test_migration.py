"""Case 5: Dwyer's counts, the same from a chain, and the value by simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.discounting import migration_counts, migration_value
from crmanalytics.clv.markov import mailing_chain
from crmanalytics.errors import ParameterError

DWYER = [0.3, 0.2, 0.15, 0.05]


def test_case_5_counts_are_dwyers():
    counts = migration_counts(DWYER, periods=5, initial=1000.0)
    assert counts == pytest.approx([1000, 300, 230, 195, 139.7, 95.67])


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=6), n=st.integers(0, 15))
def test_case_5_counts_are_those_of_the_chain(p, n):
    counts = migration_counts(p, periods=n, initial=1000.0)
    chain = mailing_chain(p, margin=1.0, mailing_cost=0.0)
    start = [1000.0] + [0.0] * len(p)
    assert chain.forecast(start, n)[1].to_numpy() == pytest.approx(counts, rel=1e-9, abs=1e-9)


def test_case_5_by_simulation():
    rng = np.random.default_rng(5)
    size = 200_000
    age, value = np.ones(size, int), np.full(size, 40.0)
    chance = np.array([*DWYER, 0.0])
    for t in range(1, 9):
        value -= 4 * (age <= 4) * 1.2 ** -((t - 0.5) / 2)
        back = rng.random(size) < chance[np.minimum(age, 5) - 1]
        value += 40 * back * 1.2 ** -(t / 2)
        age = np.where(back, 1, age + 1)
    expected = migration_value(40.0, 4.0, DWYER, 0.2, periods=8, periods_per_year=2)
    assert expected == pytest.approx(value.mean(), abs=4 * value.std() / size**0.5)


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=5), n=st.integers(0, 12), d=st.floats(0, 1))
def test_case_5_is_the_sum_over_its_cohort(p, n, d):
    waiting, total = np.zeros(len(p) + 1), 0.0
    waiting[0] = 1.0  # by periods since the last purchase; the last entry is lost
    for t in range(n + 1):
        total += 40 * waiting[0] / (1 + d) ** t
        if t < n:
            total -= 4 * waiting[:-1].sum() / (1 + d) ** (t + 0.5)
        back = (waiting[:-1] * p).sum()
        waiting[1:] = _aged(waiting, p)
        waiting[0] = back
    found = migration_value(40.0, 4.0, p, d, periods=n, periods_per_year=1)
    assert found == pytest.approx(total, rel=1e-10, abs=1e-10)


def _aged(waiting, p):
    aged = waiting[:-1] * (1 - np.array(p))
    aged[-1] += waiting[-1]
    return aged


@pytest.mark.parametrize(
    ("probabilities", "periods"), [(DWYER, None), (DWYER, 1.5), ([0.5, 1.5], 3), ([-0.1], 3)]
)
def test_says_what_is_wrong(probabilities, periods):
    with pytest.raises(ParameterError, match=r"finite|whole|probabilities"):
        migration_counts(probabilities, periods=periods)
