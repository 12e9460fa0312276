"""Transition probabilities from panels, and the errors of the values they give."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest

from crmanalytics.clv.markov import MarkovChain, estimate_transitions
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError

MATRIX = np.array([[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.0, 0.1, 0.9]])
REWARDS = [10.0, 2.0, 0.0]


def simulate(customers, periods, seed):
    rng = np.random.default_rng(seed)
    states = [rng.integers(0, 3, customers)]
    edges = np.cumsum(MATRIX, axis=1)
    for _ in range(periods - 1):
        states.append((rng.random(customers)[:, None] > edges[states[-1]]).sum(axis=1))
    return pd.DataFrame(
        {
            "customer_id": np.tile(np.arange(customers), periods),
            "period": np.repeat(np.arange(periods), customers),
            "state": np.array(["a", "b", "c"])[np.concatenate(states)],
        }
    )


def test_finds_the_matrix_within_its_errors():
    table = estimate_transitions(simulate(2_000, 6, seed=1)).probabilities
    off = (table["probability"] - MATRIX.ravel()).abs()
    assert (off <= 4 * table["standard_error"] + 1e-12).all()
    assert table["count"].sum() == 2_000 * 5


def test_standard_errors_of_values_are_those_of_repeated_samples():
    truth = MarkovChain(MATRIX, REWARDS).value(0.1, periods_per_year=1).to_numpy()
    frames = [
        estimate_transitions(simulate(300, 4, seed)).value(REWARDS, 0.1, periods_per_year=1)
        for seed in range(150)
    ]
    values = np.array([f["value"] for f in frames])
    errors = np.array([f["standard_error"] for f in frames])
    # The spread of 150 values has a standard error of 6 percent.
    assert errors.mean(axis=0) == pytest.approx(values.std(axis=0), rel=0.2)
    covered = np.abs(values - truth) <= 1.96 * errors
    assert (covered.mean(axis=0) > 0.88).all()


def test_rows_may_come_in_any_order_and_from_polars():
    panel = simulate(50, 5, seed=3)
    shuffled = panel.sample(frac=1, random_state=1)
    assert estimate_transitions(shuffled) == estimate_transitions(panel)
    renamed = pl.from_pandas(panel).rename({"customer_id": "who"})
    assert estimate_transitions(renamed, customer_id="who") == estimate_transitions(panel)


def test_absent_customers_move_to_the_state_named():
    panel = pd.DataFrame(
        {"customer_id": [1, 1, 2, 3], "period": [0, 4, 2, 4], "state": ["in", "in", "in", "in"]}
    )
    estimate = estimate_transitions(panel, absent="out")
    # 1: in out out out in; 2: in out out; 3: in
    assert estimate.states == ("in", "out")
    assert estimate.counts == ((0.0, 2.0), (1.0, 3.0))
    assert estimate_transitions(panel).counts == ((0.0,),)


def test_a_state_never_left_keeps_its_customers_and_a_prior_moves_them():
    panel = pd.DataFrame({"customer_id": [1, 1], "period": [0, 1], "state": ["a", "b"]})
    assert estimate_transitions(panel).matrix.tolist() == [[0, 1], [0, 1]]
    smoothed = estimate_transitions(panel, prior=1.0)
    assert smoothed.matrix == pytest.approx(np.array([[1 / 3, 2 / 3], [0.5, 0.5]]))


@pytest.mark.parametrize(
    ("change", "options", "error", "message"),
    [
        ({"period": [0, 0]}, {}, InvalidValuesError, "1 rows repeat"),
        ({"state": ["a", None]}, {}, InvalidValuesError, "must not be missing"),
        ({}, {"states": ["a"]}, InvalidValuesError, r"not in states \(first: 'b'\)"),
        ({}, {"state": "status"}, MissingColumnsError, "no column 'status'"),
        ({}, {"prior": -1.0}, ParameterError, "prior"),
    ],
)
def test_says_what_is_wrong(change, options, error, message):
    columns = {"customer_id": [1, 1], "period": [0, 1], "state": ["a", "b"]} | change
    with pytest.raises(error, match=message):
        estimate_transitions(pd.DataFrame(columns), **options)
