"""Values of Markov chains: published, to twenty digits, and in the cases that diverge."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.clv.markov import MarkovChain
from crmanalytics.clv.markov.exact import _eliminate, solve
from crmanalytics.errors import FormatError, ParameterError

TRUTH = json.loads((Path(__file__).parents[2] / "reference" / "truth.json").read_text())["markov"]
PFEIFER = [
    [0.3, 0.7, 0, 0, 0],
    [0.2, 0, 0.8, 0, 0],
    [0.15, 0, 0, 0.85, 0],
    [0.05, 0, 0, 0, 0.95],
    [0, 0, 0, 0, 1],
]
REWARDS = [36, -4, -4, -4, 0]


def check(found, outputs, conditions, prefix):
    for i, value in enumerate(found):
        truth = float(outputs[f"{prefix}{i}"])
        tolerance = max(1e-11, 50 * 2.2e-16 * conditions[f"{prefix}{i}"])
        assert value == pytest.approx(truth, rel=tolerance, abs=0 if truth else 1e-300)


@pytest.mark.parametrize("case", TRUTH, ids=lambda case: case["id"])
def test_twenty_digits(case):
    given_ = case["inputs"]
    chain = MarkovChain(given_["P"], given_["R"])
    finite = chain.value(given_["d"], periods_per_year=1, horizon=given_["N"])
    check(finite, case["outputs"], case["cond"], "VN")
    if "V0" in case["outputs"]:
        check(chain.value(given_["d"], periods_per_year=1), case["outputs"], case["cond"], "V")


def test_published_example():
    chain = MarkovChain(PFEIFER, REWARDS)
    four = chain.value(0.2, periods_per_year=1, horizon=4)
    assert four.tolist() == pytest.approx([50.1150, 4.2199, 0.5921, -1.9801, 0], abs=5e-5)
    endless = chain.value(0.2, periods_per_year=1)
    assert endless.tolist() == pytest.approx([52.3196, 5.5538, 1.2508, -1.8200, 0], abs=5e-5)
    later = chain.forecast([1, 0, 0, 0, 0], 4).loc[4]
    assert later.tolist() == pytest.approx([0.1397, 0.1365, 0.1288, 0.1428, 0.4522], abs=5e-5)


@pytest.mark.parametrize(
    ("matrix", "rewards", "d", "value"),
    [
        (
            [[0.5, 0.5, 0, 0], [0.2, 0, 0.8, 0], [0.1, 0, 0, 0.9], [0, 0, 0, 1]],
            [100, 0, 0, 0],
            0.1,
            [231.08, 57.29, 21.01, 0],
        ),
    ],
)
def test_migration_example(matrix, rewards, d, value):
    found = MarkovChain(matrix, rewards).value(d, periods_per_year=1)
    assert found.tolist() == pytest.approx(value, abs=0.1)


@st.composite
def chains(draw):
    k = draw(st.integers(1, 6))
    cells = st.lists(st.floats(0, 1), min_size=k + 1, max_size=k + 1)
    rows = np.array([draw(cells) for _ in range(k)]) + 1e-3
    matrix = (rows / rows.sum(axis=1, keepdims=True))[:, :k]
    rewards = draw(st.lists(st.floats(-100, 100), min_size=k, max_size=k))
    return matrix, np.array(rewards)


@given(chain=chains(), d=st.floats(0, 1))
def test_the_value_solves_its_equation_and_is_the_limit(chain, d):
    matrix, rewards = chain
    own = MarkovChain(matrix, rewards)
    value = own.value(d, periods_per_year=1).to_numpy()
    scale = max(np.abs(value).max(), 1e-300)
    assert np.abs(value - rewards - matrix @ value / (1 + d)).max() <= 1e-10 * scale
    if d > 0.05:
        long = own.value(d, periods_per_year=1, horizon=1500)
        assert long.to_numpy() == pytest.approx(value, rel=1e-9, abs=1e-9 * scale)


@given(chain=chains(), seed=st.integers(0, 1000))
def test_states_may_be_permuted(chain, seed):
    matrix, rewards = chain
    order = np.random.default_rng(seed).permutation(len(rewards))
    value = MarkovChain(matrix, rewards).value(0.1, periods_per_year=12, horizon=9).to_numpy()
    other = MarkovChain(matrix[np.ix_(order, order)], rewards[order], order.tolist())
    again = other.value(0.1, periods_per_year=12, horizon=9)
    assert again.to_numpy() == pytest.approx(value[order], rel=1e-13)
    assert again.index.tolist() == order.tolist()


def test_simulation_agrees():
    rng = np.random.default_rng(2)
    size, value = 100_000, np.zeros(100_000)
    state = np.zeros(size, int)
    edges = np.cumsum(PFEIFER, axis=1)
    for t in range(5):
        value += np.array(REWARDS)[state] / 1.2**t
        state = (rng.random(size)[:, None] > edges[state]).sum(axis=1)
    exact = MarkovChain(PFEIFER, REWARDS).value(0.2, periods_per_year=1, horizon=4)[0]
    assert exact == pytest.approx(value.mean(), abs=4 * value.std() / size**0.5)


def test_without_discounting_endless_gains_are_infinite():
    chain = MarkovChain(
        [[0.5, 0.25, 0.25, 0], [0, 1, 0, 0], [0, 0, 0, 0.5], [0, 0, 0, 0]], [1.0, 2.0, 3.0, 4.0]
    )
    assert chain.value(0.0, periods_per_year=1).tolist() == [math.inf, math.inf, 5.0, 4.0]
    losing = MarkovChain([[0.5, 0.5], [0, 1]], [5.0, -1.0])
    assert losing.value(0.0, periods_per_year=1).tolist() == [-math.inf, -math.inf]


def test_without_discounting_a_closed_class_that_earns_nothing_is_worth_nothing():
    chain = MarkovChain([[0.5, 0.5, 0], [0, 0, 1], [0, 1, 0]], [8.0, 0.0, 0.0])
    assert chain.value(0.0, periods_per_year=1).tolist() == [16.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("matrix", "rewards", "message"),
    [
        ([[0, 1], [1, 0]], [10.0, -10.0], "does not settle"),
        ([[0, 0.5, 0.5], [0, 1, 0], [0, 0, 1]], [0.0, 1.0, -1.0], "endless gains and"),
    ],
)
def test_without_discounting_some_sums_have_no_value(matrix, rewards, message):
    with pytest.raises(ParameterError, match=message):
        MarkovChain(matrix, rewards).value(0.0, periods_per_year=1)


def test_nearly_singular_equations_are_eliminated_exactly():
    matrix, rewards = np.array([[0.5, 0.5], [0.25, 0.75]]), np.array([3.0, 7.0])
    d = 1e-18  # the stationary distribution (1/3, 2/3) earns 17/3 per period
    assert solve(matrix, rewards, d) == pytest.approx(np.full(2, 17 / 3 * 1e18), rel=1e-14)
    refined = solve(matrix, rewards, 0.1)
    assert np.array([float(x) for x in _eliminate(matrix, rewards, 0.1)]) == pytest.approx(refined)


def test_round_trip(tmp_path):
    chain = MarkovChain(PFEIFER, REWARDS, [("r", 1), ("r", 2), ("r", 3), ("r", 4), "lost"])
    path = chain.save(tmp_path / "chain.json")
    assert crm.load(path) == chain
    assert hash(crm.load(path)) == hash(chain)
    path.write_text(path.read_text().replace("0.7", "0.8"))
    with pytest.raises(FormatError):
        crm.load(path)


def test_states_named_by_numpy_can_be_saved(tmp_path):
    chain = MarkovChain([[0.5, 0.5], [0, 1]], [1, 0], np.array([7, 8]))
    assert crm.load(chain.save(tmp_path / "chain.json")) == chain


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0.5, 0.6], [0, 1]], [1, 1]), r"sum to at most 1; 1 do not \(row 0: 1.1\)"),
        (([[0.5, 0.5]], [1]), "square matrix"),
        (([[0.5]], [1, 2]), "transitions has 1 states, rewards 2"),
        (([[0.5, 0.5], [0, 1]], [1, 1], ["a", "a"]), "different names"),
        (([[-0.5]], [1]), "transitions must"),
    ],
)
def test_says_what_is_wrong_with_a_chain(arguments, message):
    with pytest.raises(ParameterError, match=message):
        MarkovChain(*arguments)


def test_says_what_is_wrong_with_a_question():
    chain = MarkovChain(PFEIFER, REWARDS)
    with pytest.raises(ParameterError, match="must not be negative"):
        chain.value(-0.1, periods_per_year=1)
    with pytest.raises(ParameterError, match="one per state"):
        chain.forecast([1, 2], 3)
