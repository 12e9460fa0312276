"""Write docs/validation.md: every published number next to ours. `make validation` calls it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from published import collect

if TYPE_CHECKING:
    from published import Number

HERE = Path(__file__).parent

HEAD = """# Published numbers beside ours

Each row is a number that a paper prints, or that another package gives on the same data, and what
comes out here, to as many digits. `make validation` writes this page; a test holds it up to date
and fails where a number is further off than one unit of the last digit that was printed (or of the
last but one, where it hangs on where the other package's optimiser stopped).

"""


def page(found: list[Number]) -> str:
    """Return the page."""
    parts = [HEAD, f"{len(found)} numbers, {sum(number.agrees for number in found)} agree.\n"]
    for theme, members in groupby(found, key=lambda number: number.theme):
        parts.append(
            f"\n## {theme}\n\n| what | source | published | ours |\n| --- | --- | --- | --- |"
        )
        parts += [row(number) for number in members]
        parts.append("\n")
    return "".join(parts)


def row(number: Number) -> str:
    """Return one row of a table."""
    ours = number.shown if number.agrees else f"{number.shown} (differs)"
    return f"\n| {number.what} | {number.source} | {number.printed} | {ours} |"


if __name__ == "__main__":
    (HERE / "validation.md").write_text(page(collect()), encoding="utf-8")
