"""Distinct rows: the three ways of finding them agree with sorting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmanalytics.clv import grouping
from crmanalytics.clv.grouping import group_rows


def reference(columns):
    table, codes, counts = np.unique(
        np.column_stack(columns), axis=0, return_inverse=True, return_counts=True
    )
    return table.T, codes.reshape(-1), counts


def check(columns):
    groups = group_rows(*columns)
    table, codes, counts = reference(columns)
    for got, want in zip(groups.columns, table, strict=True):
        np.testing.assert_array_equal(got, want)
    np.testing.assert_array_equal(groups.counts, counts)
    np.testing.assert_array_equal(groups.codes, codes)
    weights = np.linspace(1, 2, len(columns[0]))
    np.testing.assert_allclose(groups.totals(weights), np.bincount(codes, weights=weights))


days = st.integers(0, 800)


@given(
    rows=st.lists(st.tuples(st.integers(0, 30), days, days), min_size=1, max_size=60),
    grid=st.sampled_from([1.0, 7.0, 365.25 / 12, 365.25, 100.0, np.pi]),
)
def test_groups_are_the_sorted_distinct_rows(rows, grid):
    x, first, second = np.array(rows, dtype=float).T
    check([x, first / grid, second / grid])


@given(rows=st.lists(st.tuples(st.floats(0, 1e300), st.sampled_from([0.1, 0.3])), min_size=1))
def test_any_numbers_are_grouped(rows):
    check(list(np.array(rows).T.copy()))


def test_wide_ranges_are_counted_by_sorting_instead_of_a_table():
    generator = np.random.default_rng(1)
    check([generator.integers(0, 10**6, 500).astype(float) for _ in range(3)])


def test_colliding_hashes_do_no_harm(monkeypatch):
    monkeypatch.setattr(grouping, "_mixed", lambda c: np.zeros(len(c[0]), dtype=np.uint64))
    generator = np.random.default_rng(2)
    values = generator.random(5)
    check([values[generator.integers(0, 5, 100)] for _ in range(2)])


@pytest.mark.parametrize("value", [0.0, 1e-300, 5e15, 1.7e308])
def test_a_single_row(value):
    check([np.array([value])])
