"""What is being done, shown on a terminal and nowhere else."""

from __future__ import annotations

import shutil
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["steps"]


@contextmanager
def steps(total: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on the terminal's error stream; the value given announces the next step.

    Parameters
    ----------
    total : int
        How many steps there will be.

    Yields
    ------
    callable
        To be called with the name of each step before it begins.
    """
    from tqdm import tqdm

    begun = 0
    form = "{desc:<28} {bar} {n_fmt}/{total_fmt}, {elapsed}"
    with tqdm(
        total=total,
        disable=not sys.stderr.isatty(),
        file=sys.stderr,
        leave=False,
        # some terminals say that they have no lines and no columns
        ncols=min(shutil.get_terminal_size().columns - 1, 79),
        nrows=shutil.get_terminal_size().lines,
        bar_format=form,
    ) as bar:

        def announce(name: str) -> None:
            nonlocal begun
            bar.update(int(begun > 0))
            begun += 1
            bar.set_description_str(name)

        yield announce
        bar.update(int(begun > 0))
