import math

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given

from crmanalytics.transactions.exact import Money

ZEROS = np.zeros


def total(values):
    money = Money.of(np.asarray(values, dtype=np.float64))
    return float(money.value(money.sums(ZEROS(len(values), np.int64), 1))[0])


def test_decimals_sum_as_decimals():
    assert 0.1 + 0.2 + 0.3 != 0.6
    assert total([0.1, 0.2, 0.3]) == 0.6
    assert total([0.0001] * 10_000) == 1.0


@pytest.mark.parametrize(
    ("values", "scale"),
    [([1.0, 2.0], 100), ([0.25, 1.2345], 10_000), ([1 / 3], 1), ([1e15, 0.5], 1)],
)
def test_the_coarsest_scale_that_holds(values, scale):
    assert Money.of(np.array(values)).scale == scale


def test_a_late_exception_is_seen():
    values = np.full(5_000, 0.01)
    values[-1] = 1 / 3
    assert Money.of(values).scale == 1


WILD = st.floats(-1e12, 1e12, allow_subnormal=False)


@given(st.lists(WILD, max_size=60), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_sum(values, random):
    shuffled = random.sample(values, len(values))
    assert total(values) == total(shuffled)


@given(st.lists(WILD, max_size=60))
def test_the_sum_is_right_to_rounding(values):
    size = math.fsum(map(abs, values))
    assert total(values) == pytest.approx(math.fsum(values), rel=1e-15, abs=size * 1e-15)


@given(st.lists(st.integers(-(10**9), 10**9), max_size=60))
def test_cents_sum_exactly(cents):
    assert total([x / 100 for x in cents]) == sum(cents) / 100


def test_small_amounts_beside_huge_ones_are_not_lost():
    money = Money.of(np.array([1e12 / 3, 1e-7 / 3, 1e-7 / 3]))
    sums = money.value(money.sums(np.array([0, 1, 1]), 2))
    assert sums[1] == pytest.approx(2e-7 / 3, rel=1e-12)


def test_subsets_are_rows_of_the_whole():
    money = Money.of(np.array([0.1, 0.2, 0.4]))
    chosen = money.rows(np.array([True, False, True]))
    assert chosen.value(chosen.sums(ZEROS(2, np.int64), 1)).tolist() == [0.5]


def test_no_rows_at_all():
    assert Money.of(np.array([])).value((np.array([]),)).tolist() == []
