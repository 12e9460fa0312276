"""Progress for people: a bar on a terminal, nothing in a pipe."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tqdm import tqdm

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["steps"]


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with the name of each step as it begins."""
    bar = tqdm(total=total, disable=None, leave=False, bar_format="{desc:<32} {bar:24} {n}/{total}")
    # on a terminal the bar tells what goes on; the library's log is for programs
    logging.getLogger("crmanalytics").addHandler(logging.NullHandler())

    def begin(name: str) -> None:
        bar.set_description_str(name)
        bar.update(1)

    try:
        yield begin
    finally:
        bar.close()
