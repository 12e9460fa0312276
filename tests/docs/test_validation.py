"""The validation page: each published number agrees, and the page says what comes out today."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def validate():
    sys.path.insert(0, str(DOCS))
    try:
        import validate

        yield validate
    finally:
        sys.path.remove(str(DOCS))


@pytest.fixture(scope="module")
def found(validate):
    return validate.collect()


def test_every_published_number_agrees(found):
    assert [f"{n.theme}, {n.what}: {n.printed} | {n.ours}" for n in found if not n.agrees] == []
    assert len(found) > 50


def test_the_page_is_up_to_date(validate, found):
    committed = (DOCS / "validation.md").read_text(encoding="utf-8")
    assert committed == validate.page(found), "run `make validation`"
