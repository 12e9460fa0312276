"""Whom to mail: published stopping points, and policies against all others."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv.markov import (
    MarkovChain,
    mailing_chain,
    mailing_policy,
    optimal_policy,
    optimal_stopping,
)
from crmanalytics.errors import ParameterError

PUBLISHED = [0.3, 0.2, 0.15, 0.05]
MONEY = {"margin": 40.0, "mailing_cost": 4.0, "discount_rate": 0.2, "periods_per_year": 1}

tables = st.lists(st.floats(0, 1), min_size=1, max_size=5)


def test_published_stopping_points():
    table = optimal_stopping(PUBLISHED, **MONEY)
    assert table["value"].tolist() == pytest.approx([40, 48, 51.5745, 53.1494, 52.3196], abs=5e-5)
    assert table.loc[table["best"], "stop_at"].tolist() == [4]


def test_published_policy():
    table = mailing_policy(PUBLISHED, **MONEY)
    assert table["mail"].tolist() == [True, True, True, False, False]
    assert table["value"].tolist() == pytest.approx([53.1494, 6.6207, 2.6437, 0, 0], abs=5e-5)


@given(table=tables, cost=st.floats(0, 30))
def test_the_policy_is_at_least_as_good_as_every_stopping_rule(table, cost):
    money = MONEY | {"mailing_cost": cost}
    policy = mailing_policy(table, **money)
    stopping = optimal_stopping(table, **money)
    best = float(stopping["value"].max())
    assert policy["value"].iloc[0] >= best - 1e-9 * abs(best)


@given(table=st.lists(st.floats(0, 1), min_size=1, max_size=4), base=st.floats(0, 0.3))
def test_the_policy_is_the_best_of_all(table, base):
    mail = mailing_chain(table, margin=40.0, mailing_cost=4.0)
    spontaneous = [base * p for p in table]
    silent = mailing_chain(spontaneous, margin=40.0, mailing_cost=0.0)
    found = mailing_policy(table, unmailed=spontaneous, **MONEY)["value"].to_numpy()
    values = []
    for choice in product([0, 1], repeat=len(table)):
        pick = np.array([*choice, 0])
        matrix = np.where(pick[:, None], mail.matrix, silent.matrix)
        rewards = np.where(pick, mail.rewards, silent.rewards)
        values.append(MarkovChain(matrix, rewards).value(0.2, periods_per_year=1).to_numpy())
    assert found == pytest.approx(np.max(values, axis=0), rel=1e-9, abs=1e-9)


def test_recency_and_frequency():
    grid = np.array([[0.3, 0.5], [0.1, 0.3]])
    chain = mailing_chain(grid, margin=40.0, mailing_cost=4.0)
    assert chain.states == ((1, 1), (1, 2), (2, 1), (2, 2), "lost")
    assert chain.rewards == (36.0, 36.0, -4.0, -4.0, 0.0)
    expected = [
        [0, 0.3, 0.7, 0, 0],
        [0, 0.5, 0, 0.5, 0],
        [0, 0.1, 0, 0, 0.9],
        [0, 0.3, 0, 0, 0.7],
        [0, 0, 0, 0, 1],
    ]
    assert chain.matrix == pytest.approx(np.array(expected))


def test_frequency_without_effect_changes_nothing():
    plain = mailing_policy(PUBLISHED, **MONEY)["value"].to_numpy()[:-1]
    table = mailing_policy(np.repeat(np.array(PUBLISHED)[:, None], 3, axis=1), **MONEY)
    assert table["value"].to_numpy()[:-1].reshape(4, 3) == pytest.approx(
        np.repeat(plain[:, None], 3, axis=1)
    )


def test_mailing_that_costs_nothing_always_pays_and_useless_mailing_never():
    free = mailing_policy(PUBLISHED, **(MONEY | {"mailing_cost": 0.0}))
    assert free["mail"].tolist() == [True] * 4 + [False]
    useless = mailing_policy(PUBLISHED, unmailed=PUBLISHED, **MONEY)
    assert not useless["mail"].any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: optimal_stopping([[0.1]], **MONEY), "use mailing_policy"),
        (lambda: mailing_chain([], margin=1.0, mailing_cost=1.0), "of shape"),
        (lambda: mailing_chain([1.1], margin=1.0, mailing_cost=1.0), "at most 1"),
        (lambda: mailing_policy(PUBLISHED, **(MONEY | {"discount_rate": 0.0})), "positive"),
        (lambda: optimal_policy({}, 0.1, periods_per_year=1), "at least one chain"),
    ],
)
def test_says_what_is_wrong(call, message):
    with pytest.raises(ParameterError, match=message):
        call()
