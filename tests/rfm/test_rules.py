"""Rules: the named tables, tables of one's own, and what is wrong with them."""

from __future__ import annotations

import itertools

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import crmanalytics as crm
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.rfm import Rules, rules
from crmanalytics.rfm.rulebook import BOUNDS, Box


def table(*rows):
    return pd.DataFrame(rows, columns=["segment", *BOUNDS])


def span(n):
    return st.tuples(st.integers(1, n), st.integers(1, n)).map(sorted)


boxes = st.tuples(st.sampled_from("ABCD"), span(3), span(3), span(3)).map(
    lambda box: (box[0], *box[1], *box[2], *box[3])
)


def covers(row, cell):
    return all(low <= x <= high for low, high, x in zip(row[1::2], row[2::2], cell, strict=True))


def test_the_default_map_covers_each_of_the_125_cells_exactly_once():
    cells = rules().cells()
    assert len(cells) == 125
    assert (cells["rules"] == 1).all()
    assert cells["segment"].notna().all()
    assert cells["segment"].nunique() == 10
    assert rules().check().empty
    by_hand = list(rules().table().itertuples(index=False))
    for cell in itertools.product(range(1, 6), repeat=3):
        assert sum(covers(row, cell) for row in by_hand) == 1


def test_the_published_table_overlaps_and_leaves_gaps():
    report = rules("rfm-r-0.3.0").check()
    assert set(report["problem"]) == {"overlapping", "uncovered"}
    gap = report.query("problem == 'uncovered'").iloc[0]
    cells = rules("rfm-r-0.3.0").cells()
    others = cells[cells["segment"] == "Others"]
    assert gap["cells"] == len(others) > 0
    assert gap["where"].split() == [f"{r}{f}{m}" for r, f, m in others.to_numpy()[:, :3]]


def test_each_problem_is_reported_where_it_is():
    mine = rules(
        table(
            ("Top", 4, 5, 1, 5, 1, 5),
            ("Best", 5, 5, 5, 5, 5, 5),
            ("Rest", 1, 4, 1, 5, 1, 5),
            ("Rest", 1, 3, 5, 5, 1, 5),
        ),
    )
    report = mine.check()
    found = list(report[["problem", "segment", "rule", "other", "cells"]].itertuples(index=False))
    assert [tuple(row) for row in found] == [
        ("unreachable", "Best", 1, "", 1),
        ("unreachable", "Rest", 3, "", 15),
        ("overlapping", "Top", 0, "Best", 1),
        ("overlapping", "Top", 0, "Rest", 25),
    ]
    assert report["where"].iloc[0] == "555"


def test_gaps_are_reported_whether_they_have_a_name_or_not():
    gap = table(("Some", 1, 5, 1, 5, 1, 4))
    for others in (None, "Others"):
        report = rules(gap, others=others).check()
        assert report["problem"].tolist() == ["uncovered"]
        assert report["cells"].tolist() == [25]


@given(st.lists(boxes, min_size=1, max_size=6, unique=True))
def test_the_check_agrees_with_counting_cells_by_hand(rows):
    mine = rules(table(*rows), overlap="first", n=3)
    cells = list(itertools.product(range(1, 4), repeat=3))
    first = [next((row[0] for row in rows if covers(row, cell)), None) for cell in cells]
    named = mine.cells()
    assert [None if pd.isna(x) else x for x in named["segment"]] == first
    assert named["rules"].tolist() == [sum(covers(row, cell) for row in rows) for cell in cells]
    report = mine.check()
    uncovered = report.query("problem == 'uncovered'")["cells"].sum()
    assert uncovered == first.count(None)
    unreachable = report.query("problem == 'unreachable'")["rule"].tolist()
    assert unreachable == [
        place
        for place, row in enumerate(rows)
        if all(any(covers(r, x) for r in rows[:place]) for x in cells if covers(row, x))
    ]
    pairs = {
        (i, rows[j][0])
        for i, j in itertools.combinations(range(len(rows)), 2)
        if rows[i][0] != rows[j][0]
        and any(covers(rows[i], x) and covers(rows[j], x) for x in cells)
    }
    overlapping = report.query("problem == 'overlapping'")
    assert set(zip(overlapping["rule"], overlapping["other"], strict=True)) == pairs


def test_a_table_comes_back_as_it_was_given():
    mine = table(("A", 1, 2, 1, 5, 1, 5), ("B", 3, 5, 1, 5, 1, 5))
    pd.testing.assert_frame_equal(rules(mine).table(), mine, check_dtype=False)
    assert rules(pl.from_pandas(mine)) == rules(mine)
    assert rules(rules().table()) == rules()


def test_dimensions_may_be_left_out():
    mine = table(("A", 1, 2, 1, 5, 1, 5), ("B", 3, 5, 1, 5, 1, 5))
    assert rules(mine[["segment", "r_low", "r_high"]]) == rules(mine)


def test_rules_for_another_scale():
    mine = rules(table(("A", 1, 3, 1, 2, 1, 1)), n=(3, 2, 1))
    assert mine.check().empty
    assert len(mine.cells()) == 6


@pytest.mark.parametrize("name", ["default", "rfm-r-0.3.0"])
def test_rules_survive_a_file(tmp_path, name):
    assert crm.load(rules(name).save(tmp_path / "rules.json")) == rules(name)


@pytest.mark.parametrize(
    ("broken", "error", "words"),
    [
        (table(("A", 1, 5, 1, 5, 1, 5)).head(0), InvalidValuesError, "no rows"),
        (table(("A", 0, 5, 1, 5, 1, 5)), InvalidValuesError, r"'r_low'.*at least 1"),
        (table(("A", 1, 6, 1, 5, 1, 5)), InvalidValuesError, r"'r_high'.*at most 5"),
        (table(("A", 4, 2, 1, 5, 1, 5)), InvalidValuesError, r"'r_low'.*must not exceed"),
        (table(("A", 1.5, 2, 1, 5, 1, 5)), InvalidValuesError, "whole number"),
        (table((None, 1, 2, 1, 5, 1, 5)), InvalidValuesError, r"'segment'.*missing"),
        (table(*[("A", 1, 5, 1, 5, 1, 5)] * 2), InvalidValuesError, "repeat"),
        (table(("A", 1, 5, 1, 5, 1, 5)).drop(columns="f_high"), MissingColumnsError, "f_high"),
        (pd.DataFrame({"segment": ["A"]}), MissingColumnsError, "r_low"),
    ],
)
def test_broken_tables(broken, error, words):
    with pytest.raises(error, match=words):
        rules(broken)


def test_impossible_arguments():
    with pytest.raises(ParameterError, match="name of rules must be one of 'default'"):
        rules("Default")
    with pytest.raises(ParameterError, match="part of the rules named"):
        rules("default", others="Others")
    with pytest.raises(ParameterError, match="rules already"):
        rules(rules())
    with pytest.raises(ParameterError, match="one of 'refuse', 'first'"):
        rules(table(("A", 1, 5, 1, 5, 1, 5)), overlap="last")
    with pytest.raises(ParameterError, match="at least one"):
        Rules(())
    with pytest.raises(ParameterError, match="bounds must ascend"):
        Rules((Box("A", 5, 1, 1, 5, 1, 5),))
    with pytest.raises(ParameterError, match="three numbers"):
        Rules((Box("A", 1, 1, 1, 1, 1, 1),), n=(5, 5, 10))
