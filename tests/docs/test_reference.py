"""The reference lists every function and class that a user can call."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from pathlib import Path

import pytest

import crmanalytics as crm

DOCS = Path(__file__).parents[2] / "docs"
ROOMS = [name for name in crm.__all__ if inspect.ismodule(getattr(crm, name))]


@pytest.fixture(scope="module")
def pages():
    sys.path.insert(0, str(DOCS))
    try:
        import pages

        yield pages
    finally:
        sys.path.remove(str(DOCS))


def listed(text):
    """Return the names that the tables of a page list."""
    return re.findall(r"^   (\w+)$", text, re.MULTILINE)


def test_every_room_has_a_page(pages):
    assert pages.rooms() == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_of_a_room_is_listed_once(pages, room):
    module = importlib.import_module(f"crmanalytics.{room}")
    text = pages.page(f"crmanalytics.{room}")
    names = [name for name in module.__all__ if not inspect.ismodule(getattr(module, name))]
    called = [name for name in names if callable(getattr(module, name))]
    assert [name for name in called if listed(text).count(name) != 1] == []
    told = [name for name in names if name not in called and name not in text]
    assert told == [], "neither called nor told"


def test_the_functions_at_the_top_are_listed(pages):
    top = [n for n in crm.__all__ if inspect.isroutine(getattr(crm, n))]
    assert sorted(listed(pages.front())) == sorted(top)
