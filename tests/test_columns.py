"""The vocabulary: every name once, described, and said in the words that the design fixes."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import crmanalytics as crm
from crmanalytics import columns

NAMES = {k: v for k, v in vars(columns).items() if k.isupper() and isinstance(v, str)}
SOURCES = sorted(Path(crm.__file__).parent.rglob("*.py"))


def test_every_column_is_described_in_words():
    assert set(NAMES.values()) == set(columns.DESCRIPTIONS)
    assert all(len(text.split()) >= 3 or text for text in columns.DESCRIPTIONS.values())
    assert len(set(columns.DESCRIPTIONS.values())) == len(columns.DESCRIPTIONS)


def test_a_constant_says_its_name():
    odd = {k: v for k, v in NAMES.items() if k.lower() != v.lower() and k != "SURVEY_DATE"}
    assert odd == {}


@pytest.mark.parametrize("name", ["recency", "T"])
def test_recency_and_t_have_the_literature_s_meaning(name):
    assert "from the first" in columns.DESCRIPTIONS[name]
    assert "in the frame's unit" in columns.DESCRIPTIONS[name]


def test_how_long_ago_the_last_purchase_was_is_not_called_recency():
    assert "days from the last purchase" in columns.DESCRIPTIONS["days_since_last"]


def test_the_columns_of_a_summary_are_all_in_the_vocabulary():
    log = crm.datasets.load_cdnow_sample()
    customers = crm.summarize(log, until="1997-09-30", unit="W")
    halves = crm.split(log, at="1997-09-30", until="1998-06-30", unit="W")
    scored = crm.rfm.segment(crm.rfm.score(customers))
    for frame in (log, customers, halves, scored):
        assert set(frame.columns) <= set(columns.DESCRIPTIONS)


def parameters_of_public_functions():
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                arguments = [*node.args.args, *node.args.kwonlyargs]
                yield from ((source.stem, node.name, a.arg) for a in arguments)


def test_no_function_threads_names_of_columns_under_another_ending():
    threaded = [found for found in parameters_of_public_functions() if found[2].endswith("_col")]
    assert threaded == []
