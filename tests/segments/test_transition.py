"""Transition matrices and the base they lead to; the chain of the value models takes them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.markov import MarkovChain, estimate_transitions
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.segments import forecast_base, migration, transition_matrix

STATES = ["good", "poor"]


@pytest.fixture(scope="module")
def days():
    rng = np.random.default_rng(4)
    before = pd.DataFrame({"customer_id": range(300), "segment": rng.choice(STATES, 300)})
    after = pd.DataFrame({"customer_id": range(40, 360), "segment": rng.choice(STATES, 320)})
    return before, after


@pytest.fixture(scope="module")
def moves(days):
    return migration(*days)


def test_the_markov_chain_takes_the_matrix_as_it_is(moves):
    matrix = transition_matrix(moves)
    chain = MarkovChain(matrix, [100.0, 10.0, 0.0], matrix.index)
    value = chain.value(0.1, periods_per_year=1)
    assert value.index.tolist() == ["good", "poor", "Left"]
    solved = np.linalg.solve(np.eye(3) - matrix.to_numpy() / 1.1, [100.0, 10.0, 0.0])
    assert value.to_numpy() == pytest.approx(solved)
    assert value["good"] > value["poor"] > value["Left"] == 0
    start = {"good": 1000.0, "poor": 500.0}
    theirs = chain.forecast([1000, 500, 0], periods=3)
    ours = forecast_base(matrix, start, 3)
    np.testing.assert_allclose(ours["customers"], theirs.to_numpy().ravel())


def test_it_equals_the_estimate_from_a_panel(days, moves):
    known = days[0]["customer_id"]
    panel = pd.concat([days[0].assign(period=0), days[1].assign(period=1)])
    panel = panel[panel["customer_id"].isin(known)].rename(columns={"segment": "state"})
    estimate = estimate_transitions(panel, states=STATES, absent="Left")
    matrix = transition_matrix(moves)
    np.testing.assert_allclose(matrix.to_numpy(), estimate.matrix)
    theirs = estimate.probabilities
    ours = moves[(moves["from_state"] != "Entered") & (moves["to_state"] != "Entered")]
    assert ours["count"].tolist() == theirs["count"].tolist()
    np.testing.assert_allclose(ours["standard_error"], theirs["standard_error"].fillna(0))


def test_moves_of_several_years_are_added_up(moves):
    twice = pd.concat([moves, moves])
    pd.testing.assert_frame_equal(transition_matrix(twice), transition_matrix(moves))
    one = pd.DataFrame({"from_state": ["a", "a"], "to_state": ["a", "b"], "count": [1, 1]})
    two = pd.DataFrame({"from_state": ["b", "a"], "to_state": ["a", "b"], "count": [4, 2]})
    both = transition_matrix(pd.concat([one, two]))
    assert both.to_numpy().tolist() == [[0.25, 0.75], [1.0, 0.0]]


def test_states_kept_and_prior():
    table = pd.DataFrame({"from_state": ["Entered", "a"], "to_state": ["a", "a"], "count": [3, 1]})
    assert transition_matrix(table).index.tolist() == ["a"]
    every = transition_matrix(table, without=None)
    assert every.loc["Entered", "a"] == 1
    smooth = transition_matrix(table, without=None, prior=1.0)
    assert smooth.loc["Entered"].tolist() == [0.2, 0.8]
    polars = transition_matrix(pl.from_pandas(table))
    pd.testing.assert_frame_equal(polars, transition_matrix(table))


def test_the_forecast_is_that_of_many_customers_moving():
    matrix = pd.DataFrame([[0.7, 0.3], [0.2, 0.8]], index=STATES, columns=STATES)
    found = forecast_base(matrix, [100, 50], 3, entrants={"poor": 20})
    rng = np.random.default_rng(0)
    runs = np.empty((20_000, 2))
    good, poor = np.full(20_000, 100), np.full(20_000, 50)
    for _ in range(3):
        kept, rising = rng.binomial(good, 0.7), rng.binomial(poor, 0.2)
        good, poor = kept + rising, good - kept + poor - rising + 20
    runs[:, 0], runs[:, 1] = good, poor
    last = found[found["period"] == 3]
    np.testing.assert_allclose(last["customers"], runs.mean(axis=0), rtol=3e-3)
    np.testing.assert_allclose(last["standard_error"], runs.std(axis=0), rtol=0.03)
    assert last["customers"].sum() == pytest.approx(150 + 3 * 20)


weights = st.lists(st.floats(0.01, 1), min_size=3, max_size=3)


@given(
    st.lists(weights, min_size=3, max_size=3), st.lists(st.integers(0, 99), min_size=3, max_size=3)
)
def test_laws(rows, start):
    p = np.array(rows) / np.sum(rows, axis=1, keepdims=True)
    found = forecast_base(p, start, 4)
    sums = found.groupby("period")["customers"].sum()
    np.testing.assert_allclose(sums, sum(start), atol=1e-9)
    assert (found["standard_error"] >= 0).all()
    if sum(start):
        np.testing.assert_allclose(found.groupby("period")["share"].sum(), 1)
    at = found[found["period"] == 4]["customers"]
    np.testing.assert_allclose(at, np.array(start) @ np.linalg.matrix_power(p, 4), atol=1e-9)


@pytest.mark.parametrize(
    ("matrix", "start", "periods", "how", "words"),
    [
        ([[1.0]], [1], 0, {}, "periods"),
        ([[1.0]], [1], True, {}, "periods"),
        ([[1.0]], [1, 2], 1, {}, "1 numbers"),
        ([[1.0]], [-1], 1, {}, "from 0"),
        ([[1.0]], {"x": 1}, 1, {}, "does not have"),
        ([[1.0]], [1], 1, {"entrants": [np.nan]}, "entrants"),
        ([[0.9, 0.2], [0, 1]], [1, 1], 1, {}, "at most 1"),
        ([[-0.1, 1.1], [0, 1]], [1, 1], 1, {}, "probabilities"),
        ([[0.5, 0.5]], [1], 1, {}, "square"),
        (pd.DataFrame([[1.0]], index=["a"], columns=["b"]), [1], 1, {}, "same states"),
    ],
)
def test_impossible_forecasts(matrix, start, periods, how, words):
    with pytest.raises(ParameterError, match=words):
        forecast_base(matrix, start, periods, **how)


def test_impossible_moves(moves):
    with pytest.raises(InvalidValuesError, match="no rows"):
        transition_matrix(moves.head(0))
    with pytest.raises(MissingColumnsError, match="count"):
        transition_matrix(moves.drop(columns="count"))
    with pytest.raises(ParameterError, match="prior"):
        transition_matrix(moves, prior=-1)
    with pytest.raises(InvalidValuesError, match="negative"):
        transition_matrix(moves.assign(count=-1))
