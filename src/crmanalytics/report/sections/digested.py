"""The sections of a report of customers who are not in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmanalytics.report.parts import Section
from crmanalytics.report.sections.base import headline_of, segments_of
from crmanalytics.report.sections.fit import histogram_of, parameters_of
from crmanalytics.report.sections.notes import cleaning_of, definitions_of
from crmanalytics.report.sections.value import ahead_of, top_of
from crmanalytics.report.wording import number, percent, span

if TYPE_CHECKING:
    from crmanalytics.report.digest import Digest

__all__ = ["digested"]

_NOT_TESTED = (
    "Whether these forecasts hold for a later period was not tested: that needs the log in memory, "
    "or a sample of its customers."
)


def digested(digest: Digest) -> list[Section]:
    """Return what small tables can show, in the order in which a reader asks."""
    totals = digest.totals
    expected = (
        f"{number(totals.active)} customers ({percent(totals.active / totals.customers)}) are "
        f"expected to buy at least once in the next {span(digest.horizon, digest.unit)}."
    )
    ahead = ahead_of(digest.ahead, digest.currency)
    chart, table = histogram_of(digest.histogram), parameters_of(digest)
    return [
        headline_of(totals, digest),
        segments_of(digest.profile, digest.grid, digest.currency),
        Section("alive", "What to expect, and of whom", (expected,), tables=(ahead,)),
        top_of(digest.best, digest),
        Section("fit", "Does the model describe the base?", (_NOT_TESTED,), (), (chart,), (table,)),
        cleaning_of(digest.cleaning, digest.rows, digest.currency),
        definitions_of(digest.names, digest),
    ]
