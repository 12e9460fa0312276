"""Each result keeps the arguments that it was made with, and Gini does not hang on the currency."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics import cohorts, segments

MONEY = pd.DataFrame({"total": [5.0, 3.0, 2.0]})
LOG = pd.DataFrame({"customer_id": [1, 2], "date": pd.to_datetime(["2024-01-05", "2024-02-02"])})


@pytest.mark.parametrize(
    ("result", "kept"),
    [
        (lambda: segments.lorenz(MONEY, points=3), {"value": "total", "points": 3}),
        (lambda: segments.concentration(MONEY, top=(0.5,)), {"top": [0.5], "level": 0.95}),
        (lambda: segments.whale_summary(MONEY, "total"), {"value": "total"}),
        (
            lambda: segments.tier_profile(segments.abc(MONEY), tier="abc"),
            {"tier": "abc", "value": "total"},
        ),
        (
            lambda: segments.cluster_profile(segments.cluster(MONEY, 2, "total"), ["total"]),
            {"columns": ["total"], "label": "cluster"},
        ),
        (
            lambda: cohorts.triangle(cohorts.retention(LOG, until="2024-02-29")),
            {"until": "2024-02-29", "period": "M", "value": "rate", "complete": False},
        ),
        (
            lambda: cohorts.average_retention(cohorts.retention(LOG, until="2024-02-29")),
            {"complete": True, "level": 0.95},
        ),
        (
            lambda: segments.preference_structure(MONEY, "total", scale=(1, 7), narrow=0.4),
            {"scale": [1.0, 7.0], "narrow": 0.4, "columns": ["total"]},
        ),
    ],
)
def test_arguments_are_kept(result, kept):
    attributes = result().attrs["crmanalytics"]
    assert {name: attributes.get(name) for name in kept} == kept


def test_a_triangle_of_many_values_keeps_the_frame_it_came_from():
    followed = cohorts.retention(LOG, until="2024-02-29")
    before = dict(followed.attrs["crmanalytics"])
    cohorts.triangle(followed, "active")
    assert followed.attrs["crmanalytics"] == before


@given(st.lists(st.integers(0, 500), min_size=2, max_size=40).filter(any), st.integers(-8, 8))
def test_another_currency_leaves_the_gini(drawn, power):
    euros = pd.DataFrame({"total": np.array(drawn, dtype=float)})
    other = euros * 2.0**power
    assert segments.gini(other) == segments.gini(euros)
    curve = segments.lorenz(euros)
    pd.testing.assert_frame_equal(segments.lorenz(other), curve)
