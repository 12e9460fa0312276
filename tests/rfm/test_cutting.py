"""Where one column is cut, beside pandas and by definition."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.rfm.cutting import cut, interval

whole = st.lists(st.integers(-20, 20), min_size=1, max_size=60).map(np.array)
sizes = st.integers(1, 9)
policies = st.sampled_from(["cut", "low", "average", "high", "rfm-r"])


def groups(values, n, ties):
    values = values.astype(float)
    return interval(values, cut(values, n, ties), "left" if ties == "rfm-r" else "right") + 1


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=60, unique=True), sizes)
def test_the_default_rule_is_qcut(values, n):
    if n == 1:
        assert cut(np.array(values, dtype=float), 1, "cut") == ()
        return
    expected = pd.qcut(pd.Series(values, dtype=float), n, labels=False, duplicates="drop")
    edges = np.quantile(np.array(values, dtype=float), np.arange(n + 1) / n)
    if len(np.unique(edges)) == n + 1:
        exact = np.isin(edges, values).sum() == 2  # an edge on a value may be off by an ulp there
        ours = groups(np.array(values), n, "cut") - 1
        assert not exact or ours.tolist() == expected.tolist()


@pytest.mark.parametrize("n", [3, 5, 7, 9])
def test_quantiles_are_those_of_numpy(n):
    values = np.random.default_rng(n).lognormal(size=1001)
    assert cut(values, n, "cut") == pytest.approx(np.quantile(values, np.arange(1, n) / n))


@given(whole, sizes)
def test_rank_policies_follow_their_definitions(values, n):
    ranks = {
        how: pd.Series(values).rank(method=how).to_numpy() for how in ("min", "average", "max")
    }
    rows = len(values)
    low = np.floor(n * (ranks["min"] - 1) / rows + 1e-9) + 1
    assert groups(values, n, "low").tolist() == low.tolist()
    for ties, how in (("average", "average"), ("high", "max")):
        expected = np.ceil(n * ranks[how] / rows - 1e-9)
        assert groups(values, n, ties).tolist() == expected.tolist()


@given(whole, sizes, policies)
def test_groups_ascend_with_values_and_ties_share(values, n, ties):
    found = groups(values, n, ties)
    order = np.argsort(values)
    assert (np.diff(found[order]) >= 0).all()
    assert ((found >= 1) & (found <= n)).all()
    assert pd.Series(found).groupby(values).nunique().max() == 1


@given(whole, sizes)
def test_copies_of_every_customer_leave_the_highest_rank_alone(values, n):
    assert cut(values.astype(float), n, "high") == cut(
        np.repeat(values, 3).astype(float), n, "high"
    )


@given(whole, sizes, policies)
def test_cuts_ascend(values, n, ties):
    found = cut(values.astype(float), n, ties)
    assert len(found) == n - 1
    assert list(found) == sorted(found)
    assert not any(math.isnan(x) for x in found)


def test_huge_values_do_not_overflow():
    assert cut(np.array([-1.7e308, 1.7e308]), 2, "cut") == (0.0,)
