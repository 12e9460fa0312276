"""Segments: labels by lookup, equal to labels by reading the rules."""

from __future__ import annotations

import itertools

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.rfm import rules, score, segment

SCORES = ["r_score", "f_score", "m_score"]
EVERY_CELL = pd.DataFrame(itertools.product(range(1, 6), repeat=3), columns=SCORES)


@pytest.mark.parametrize("name", ["default", "rfm-r-0.3.0"])
def test_every_cell_gets_the_first_rule_that_it_fits(name):
    named = rules(name)
    rows = list(named.table().itertuples(index=False))
    found = segment(EVERY_CELL, named)["segment"]
    for cell, label in zip(EVERY_CELL.itertuples(index=False), found, strict=True):
        fitting = [
            row[0]
            for row in rows
            if all(lo <= x <= hi for lo, hi, x in zip(row[1::2], row[2::2], cell, strict=True))
        ]
        assert label == (fitting or ["Others"])[0]


def test_the_frame_is_kept_and_not_changed(customers):
    scored = score(customers)
    before = scored.copy()
    named = segment(scored)
    pd.testing.assert_frame_equal(scored, before)
    pd.testing.assert_frame_equal(named[list(before)], before)
    assert named.columns.tolist() == [*before, "segment"]


@pytest.mark.parametrize(
    "convert", [pl.from_pandas, lambda f: pa.Table.from_pandas(f, preserve_index=False)]
)
def test_other_kinds_of_frames_give_their_own_kind(customers, convert):
    native = convert(score(customers).reset_index(drop=True))
    named = segment(native)
    assert type(named) is type(native)
    assert named.to_pandas()["segment"].tolist() == segment(score(customers))["segment"].tolist()


def test_a_frame_without_rows_gets_a_column_without_rows():
    assert segment(EVERY_CELL.head(0))["segment"].tolist() == []
    assert segment(pl.from_pandas(EVERY_CELL).head(0))["segment"].to_list() == []


def test_overlapping_rules_are_refused_unless_the_first_wins():
    mine = pd.DataFrame({"segment": ["A", "B"], "r_low": [1, 3], "r_high": [3, 5]})
    with pytest.raises(
        ParameterError, match=r"overlapping cells 311 .* of 'A' and 'B'.*overlap='first'"
    ):
        segment(EVERY_CELL, rules(mine))
    found = segment(EVERY_CELL, rules(mine, overlap="first"))["segment"]
    assert found.value_counts().to_dict() == {"A": 75, "B": 50}


def test_rows_of_one_segment_may_overlap():
    mine = pd.DataFrame({"segment": ["A", "A"], "r_low": [1, 3], "r_high": [3, 5]})
    assert set(segment(EVERY_CELL, rules(mine))["segment"]) == {"A"}


def test_uncovered_cells_are_refused_unless_they_have_a_name():
    mine = pd.DataFrame({"segment": ["A"], "r_low": [2], "r_high": [5]})
    inside = EVERY_CELL.query("r_score > 1")
    for frame in (EVERY_CELL, inside):
        with pytest.raises(ParameterError, match=r"uncovered cells 111 .*others='Others'"):
            segment(frame, rules(mine))
    found = segment(EVERY_CELL, rules(mine, others="Sonstige"))["segment"]
    assert found.value_counts().to_dict() == {"A": 100, "Sonstige": 25}


def test_impossible_input(customers):
    with pytest.raises(MissingColumnsError, match="Score the customers first"):
        segment(customers)
    with pytest.raises(InvalidValuesError, match=r"'r_score'.*at most 5"):
        segment(EVERY_CELL.assign(r_score=6))
    with pytest.raises(InvalidValuesError, match=r"'m_score'.*at least 1"):
        segment(EVERY_CELL.assign(m_score=0))
    with pytest.raises(ParameterError, match="must come from"):
        segment(EVERY_CELL, rules().table())
