"""A report from small tables says what the one from whole frames says, as far as it goes."""

import pytest

import crmanalytics as crm
from crmanalytics import columns as c
from crmanalytics.report import sections
from crmanalytics.report.sections.digested import digested

EXPECTED = [c.P_ACTIVE, c.EXPECTED_PURCHASES, c.CLV]


@pytest.fixture(scope="module")
def digest(material):
    scored = material.scored
    same = ("purchases", "spend", "breaks", "until", "horizon", "discount_rate", "margin")
    by = scored.groupby("segment")
    return crm.report.Digest(
        totals=crm.report.Totals(
            customers=len(scored),
            repeat=int((scored["frequency"] > 0).sum()),
            orders=int(scored["orders"].sum()),
            revenue=scored["total"].sum(),
            first=str(scored["first_date"].min())[:10],
            active=scored[c.P_ACTIVE].sum(),
            purchases=scored[c.EXPECTED_PURCHASES].sum(),
            worth=scored[c.CLV].sum(),
        ),
        profile=crm.rfm.profile(scored),
        ahead=by[EXPECTED].sum().assign(customers=by.size()).reset_index(),
        grid=crm.rfm.grid(scored, n=material.breaks.n[:2]),
        best=scored.sort_values(["clv", "customer_id"], ascending=[False, True]).head(25),
        histogram=crm.clv.diagnostics.frequency_histogram(material.purchases, scored),
        names=tuple(scored.columns),
        rows=len(material.transactions),
        cleaning=material.cleaning,
        currency="$",
        **{name: getattr(material, name) for name in same},
    )


def test_sections_of_small_tables_are_those_of_whole_frames(material, digest):
    made = {section.id: section for section in digested(digest)}
    for make in (
        sections.headline,
        sections.segments,
        sections.top_customers,
        sections.cleaning,
        sections.definitions,
    ):
        section = make(material)
        assert made[section.id] == section
    whole = sections.fit(material)
    assert made["fit"].charts[0] == whole.charts[0]
    assert made["fit"].tables[0] == whole.tables[-1]
    assert made["alive"].tables == sections.alive(material).tables


def test_the_page_says_what_was_not_tested(digest):
    page = crm.report.render(digest)
    assert page == crm.report.render(digest)
    assert "was not tested" in page
    assert page.count("<svg") == 3


def test_without_money_there_is_no_value(digest):
    from dataclasses import replace

    none = replace(digest, totals=replace(digest.totals, worth=None))
    assert not none.has_value
    assert "expected value" not in str(digested(none)[0].figures)
