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


@pytest.mark.parametrize("both", [False, True])
def test_segments_of_equal_customers_miss_the_bound_by_less_than_one_customer(both):
    draw = np.random.default_rng(1)
    for _ in range(150):
        kinds, size = int(draw.integers(2, 5)), int(draw.integers(20, 200))
        kind = draw.integers(0, kinds, size)
        profit = np.round(draw.uniform(1, 100, kinds), 2)[kind]
        cost = np.round(draw.uniform(0.5, 60, kinds), 2)[kind]
        capacity = int(draw.integers(size // 10, size)) if both else None
        within = Limits.of(cost.sum() * draw.uniform(0.05, 0.7), capacity)
        found = choose(profit, cost, draw.random(size), within)
        assert found.chosen.sum() <= within.capacity
        assert cost[found.chosen].sum() <= within.budget * (1 + 1e-8)
        gap = profit_bound(profit, cost, within) - profit[found.chosen].sum()
        assert gap <= profit.max() * (1 + 1e-9)


def test_one_whom_the_budget_cannot_pay_keeps_nobody_else_out():
    profit, cost = np.array([200.0, 20.0, 20.0]), np.array([100.0, 10.0, 10.0])
    found = choose(profit, cost, np.array([0.1, 0.2, 0.3]), Limits(50.0, math.inf))
    assert found.chosen.tolist() == [False, True, True]
    assert profit_bound(profit, cost, Limits(50.0, math.inf)) == 40.0


def test_exchanges_are_as_fair_as_any_other_choice():
    profit, cost = np.array([60.0] * 4 + [10.0] * 4), np.array([60.0] * 4 + [1.0] * 4)
    won = np.zeros(8)
    for seed in range(200):
        found = choose(profit, cost, np.random.default_rng(seed).random(8), Limits(130.0, 4))
        assert found.chance.tolist() == [0.5] * 8
        won += found.chosen
    np.testing.assert_allclose(won / 200, 0.5, atol=0.11)


@pytest.mark.parametrize("money", [5e-324, 1e-300, 1e300])
def test_no_amount_of_money_breaks_the_choice(money):
    profit, cost = np.array([3.0, 2.0, 1.0]) * money, np.array([5e-324, money, money])
    within = Limits(money, 2)
    assert choose(profit, cost, np.zeros(3), within).chosen.sum() in (1, 2)
    assert np.isfinite(profit_bound(profit, cost, within))


def test_limits_are_checked():
    assert Limits.of(None, None) == Limits(math.inf, math.inf)
    with pytest.raises(ParameterError, match="budget must not be negative"):
        Limits.of(-1, None)
    with pytest.raises(ParameterError, match="capacity"):
        Limits.of(None, -1)
