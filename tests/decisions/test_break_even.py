"""The break-even probability: published thresholds, and the profit is 0 there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.decisions import break_even_probability
from crmanalytics.errors import ParameterError

USUAL = {"clv": 200, "offer_cost": 10, "contact_cost": 1, "acceptance": 0.3}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, 0.16417910447761194),
        ({"clv": 50}, 0.5),
        ({"clv": 1000}, 0.035830618892508145),
        ({"acceptance": 0.05}, 0.5641025641025641),
    ],
)
def test_published_thresholds(changed, expected):
    assert break_even_probability(**{**USUAL, **changed}) == pytest.approx(expected, abs=1e-15)


@given(st.floats(0, 1000), st.floats(0, 50), st.floats(0, 10), st.floats(0.01, 1), st.floats(0, 1))
def test_the_profit_of_a_contact_is_nothing_there(clv, offer, contact, accept, stayers):
    at = float(
        break_even_probability(
            clv=clv, offer_cost=offer, contact_cost=contact, acceptance=accept, stayers=stayers
        )
    )

    def profit(p):
        return p * accept * (clv - offer) - (1 - p) * stayers * offer - contact

    if np.isinf(at):
        assert profit(1.0) <= 1e-9 or profit(1.0) <= profit(0.0)
    elif at <= 1e6:
        assert profit(at) == pytest.approx(0, abs=1e-6 * (1 + at * clv))
        assert (at <= 1) == (profit(1.0) >= -1e-9) or abs(at - 1) < 1e-6


def test_many_at_once_and_nothing_to_lose():
    found = break_even_probability(**{**USUAL, "clv": np.array([200.0, 0.0])})
    assert found.shape == (2,)
    assert np.isinf(found[1]) or found[1] > 1
    free = break_even_probability(clv=100, offer_cost=0, contact_cost=0, acceptance=0.3)
    assert free == 0


def test_what_is_refused():
    with pytest.raises(ParameterError, match="acceptance"):
        break_even_probability(**{**USUAL, "acceptance": 1.2})
    with pytest.raises(ParameterError, match="offer_cost"):
        break_even_probability(**{**USUAL, "offer_cost": -1})
