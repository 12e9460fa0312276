"""Shared by tests and examples: figures that one of them opened are closed after it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    yield
    if "matplotlib.pyplot" in sys.modules:  # never loaded for this alone
        sys.modules["matplotlib.pyplot"].close("all")
