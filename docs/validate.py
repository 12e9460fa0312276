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

FOOT = """
## Held by tests alone

More published numbers belong to data sets that are too large to come along, or not ours to hand on.
Tests hold them wherever the data are: segments, cuts of money and grids of the R package rfm; the
Online Retail logs of UCI (cleaning, cohorts, concentration, clusters); the Hillstrom experiment
(uplift); the other columns of the German credit data; the answers behind Kano, van Westendorp and
shares of designed samples; the composite indicators of COINr.

No number that others published stands beside ours yet for the models with covariates, for
beta-discrete-Weibull and for BG/CNBD-k with k above 1: tests hold these to laws, to sums of many
digits, to simulated customers whose parameters are known, and to the models that they contain.

## Where we differ on purpose

| number | elsewhere | here |
| --- | --- | --- |
| weeks between purchases | lifetimes: whole weeks, the rest cut off | days divided by seven |
| lift of equal scores | empulse: by the order of rows | 1, whatever the order |
| error of the total uplift | scikit-uplift: the sum over the bins | that of the total |
| raked weights | survey (R): stops at a gap of 1 by default | until the margins agree |
| index of satisfaction | plspm: 71.78, by standardised weights | 72.45; an argument says which |
| HTMT of signed correlations | cSEM: the default | both are given |
| weight of evidence | optbinning: non-events over events | events over non-events |
| F scores of ties | ranked first: by the order of rows | customers alike score alike |
"""


def page(found: list[Number]) -> str:
    """Return the page."""
    parts = [HEAD, f"{len(found)} numbers, {sum(number.agrees for number in found)} agree.\n"]
    themes = list(dict.fromkeys(number.theme for number in found))
    found = sorted(found, key=lambda number: themes.index(number.theme))
    for theme, members in groupby(found, key=lambda number: number.theme):
        parts.append(
            f"\n## {theme}\n\n| what | source | published | ours |\n| --- | --- | --- | --- |"
        )
        parts += [row(number) for number in members]
        parts.append("\n")
    return "".join(parts) + FOOT


def row(number: Number) -> str:
    """Return one row of a table."""
    ours = number.shown if number.agrees else f"{number.shown} (differs)"
    return f"\n| {number.what} | {number.source} | {number.printed} | {ours} |"


if __name__ == "__main__":
    (HERE / "validation.md").write_text(page(collect()), encoding="utf-8")
