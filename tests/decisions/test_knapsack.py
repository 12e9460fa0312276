"""Choosing within limits: beside every possible choice, and fair to equals."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.decisions.knapsack import Limits, choose, profit_bound
from crmanalytics.errors import ParameterError

people = st.lists(st.tuples(st.integers(-3, 20), st.integers(0, 9)), min_size=1, max_size=9)
limits = st.builds(
    Limits, st.one_of(st.just(math.inf), st.integers(0, 40).map(float)), st.integers(0, 9)
)


def best_of_all(profit, cost, within):
    found = 0.0
    for who in itertools.product([False, True], repeat=len(profit)):
        mask = np.array(who)
        if mask.sum() <= within.capacity and cost[mask].sum() <= within.budget:
            found = max(found, profit[mask].sum())
    return found


def arrays(rows):
    return tuple(np.array(rows, dtype=float).T)


@given(people, limits)
def test_the_choice_holds_the_limits_and_the_bound_holds_all_choices(rows, within):
    profit, cost = arrays(rows)
    lot = np.random.default_rng(0).random(len(profit))
    found = choose(profit, cost, lot, within)
    best, bound = best_of_all(profit, cost, within), profit_bound(profit, cost, within)
    earned = profit[found.chosen].sum()
    assert found.chosen.sum() <= within.capacity
    assert cost[found.chosen].sum() <= within.budget * (1 + 1e-8)
    assert (profit[found.chosen] > 0).all()
    assert earned <= best + 1e-9
    assert best <= bound + 1e-6
    # the best choice is missed by no more than the two customers at the margin
    assert best - earned <= 2 * max(profit.max(), 0.0) + 1e-6
    if math.isinf(within.budget):
        assert earned == best == pytest.approx(bound)


@given(people, limits, st.randoms(use_true_random=False))
def test_order_of_rows_plays_no_part(rows, within, random):
    lot = np.arange(len(rows), dtype=float)
    at = list(range(len(rows)))
    random.shuffle(at)
    profit, cost = arrays(rows)
    first = choose(profit, cost, lot, within).chosen
    second = choose(profit[at], cost[at], lot[at], within).chosen
    np.testing.assert_array_equal(first[at], second)


def test_equals_have_equal_chances():
    profit, cost = np.array([5.0] * 4 + [9.0]), np.array([2.0] * 4 + [2.0])
    won = np.zeros(5)
    for seed in range(400):
        lot = np.random.default_rng(seed).random(5)
        found = choose(profit, cost, lot, Limits(6.0, math.inf))
        won += found.chosen
        assert found.chance.tolist() == [0.5] * 4 + [1.0]
    np.testing.assert_allclose(won[:4] / 400, 0.5, atol=0.09)
    assert won[4] == 400


def test_large_choices_come_close_to_the_bound():
    draw = np.random.default_rng(3)
    profit, cost = draw.gamma(2, 20, 20_000) - 10, draw.gamma(3, 2, 20_000)
    for within in (Limits(20_000.0, math.inf), Limits(20_000.0, 5000), Limits(math.inf, 5000)):
        found = choose(profit, cost, draw.random(20_000), within)
        gap = profit_bound(profit, cost, within) - profit[found.chosen].sum()
        assert 0 <= gap + 1e-6 < 2 * profit.max()
        assert gap < 1e-3 * profit[found.chosen].sum()


def test_limits_are_checked():
    assert Limits.of(None, None) == Limits(math.inf, math.inf)
    with pytest.raises(ParameterError, match="budget must not be negative"):
        Limits.of(-1, None)
    with pytest.raises(ParameterError, match="capacity"):
        Limits.of(None, -1)
