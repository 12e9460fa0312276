"""The page says what the tables say, defines every number, and needs nothing but itself."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pandas as pd
import pytest

import crmanalytics as crm
from crmanalytics import columns as c
from crmanalytics.errors import InvalidValuesError, MissingColumnsError, ParameterError
from crmanalytics.report import sections
from crmanalytics.report.sections import SECTIONS

VOID = {"meta", "link", "br", "img", "path", "use", "rect"}


class Outline(HTMLParser):
    """Identifiers, references and unclosed elements of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src", "xlink:href", "action"):
                self.links.append((tag, value))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag


def words(page):
    text = unescape(re.sub(r"<[^>]+>", " ", page)).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", text)


def test_elements_are_closed_and_identifiers_unique(page):
    outline = Outline(page)
    assert outline.open == []
    assert len(outline.ids) == len(set(outline.ids))
    inside = {link[1:] for _, link in outline.links if link.startswith("#")}
    assert inside <= set(outline.ids)


def test_nothing_is_fetched(page):
    outside = [link for _, link in Outline(page).links if not link.startswith(("#", "data:"))]
    assert outside == []
    assert "@import" not in page
    assert re.findall(r"url\((?!#)", page) == []
    # names of XML are no addresses, but there is nothing else that looks like one
    assert set(re.findall(r"https?://[^\"'\s<]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }


def test_equal_material_gives_an_equal_page_section_by_section(material, page):
    seen = []
    assert crm.report.render(material, progress=seen.append) == page
    assert seen == [make.__name__ for make in SECTIONS]


def test_each_question_has_its_section_and_its_charts(page):
    outline = Outline(page)
    assert {make.__name__ for make in SECTIONS} - set(outline.ids) == {"top_customers"}
    assert page.count("<svg") == 11
    assert page.count('role="img" aria-label=') == 11


def test_headline_numbers(material, page):
    scored, text = material.scored, words(page)
    assert f"{len(scored):,} customers made {scored['orders'].sum():,} purchases" in text
    assert f"${scored['total'].sum():,.0f}" in text
    assert f"will buy again {scored['p_active'].sum():,.0f}" in text
    assert f"expected value ${scored['clv'].sum():,.0f}" in text
    once = int((scored["frequency"] == 0).sum())
    assert f"{once:,} of them ({once / len(scored):.0%}) have bought only once so far." in text
    half = int(crm.segments.core_customers(scored)["customers"].iloc[0])
    assert f"{half:,} of {len(scored):,} customers" in text


def test_model_fit_is_told_in_words(material, page):
    known = crm.split(material.transactions, at="1997-09-30", until="1998-06-30", unit="W")
    found = crm.clv.diagnostics.calibration_holdout(crm.clv.BGNBD.fit(known), known).iloc[1]
    text = words(page)
    assert f"It expected {found['expected']:,.0f} purchases; {found['actual']:,.0f} were" in text
    assert f"{abs(found['difference']):.1%} too few" in text


def test_every_column_of_the_scores_is_defined(material, page):
    text = words(page)
    undefined = [x for x in material.scored if f" {x} {c.DESCRIPTIONS.get(x, '?')}" not in text]
    assert undefined == []


def test_tables_hold_what_was_computed(material, page):
    profile = crm.rfm.profile(material.scored)
    for row in profile.itertuples():
        name = row.segment.replace("'", "&#39;")
        expected = (
            f'<tr><td data-key="{name}">{name}</td>'
            f'<td class="number" data-key="{float(row.customers)!r}">{row.customers:,}</td>'
        )
        assert expected in page
    best = material.scored.sort_values("clv", ascending=False)["customer_id"].iloc[0]
    assert f'data-key="{best}">{best}</td>' in page


def test_without_a_value_expected_purchases_stand_in(changed, material):
    page = crm.report.render(changed(scored=material.scored.drop(columns="clv")))
    assert "were not given" in words(page)
    assert "Expected purchases by decile" in page
    assert page.count("<svg") == 11


def test_what_cleaning_removed_is_listed(changed):
    cleaning = pd.DataFrame(
        {"rule": ["missing <date>"], "rows": [3], "money": [-12.5], "customers": [2]}
    )
    page = crm.report.render(changed(cleaning=cleaning))
    assert "missing &lt;date&gt;" in page
    assert "missing <date>" not in page
    assert "3 of 6,922 rows were removed" in words(page)
    nothing = sections.cleaning(changed(cleaning=None))
    assert nothing.lead == ("Nothing: every row of the log was used.",)


def test_names_of_the_reader_are_shown_as_text(changed, material):
    scored = material.scored.assign(customer_id="<script>alert(1)</script>")
    page = crm.report.render(changed(scored=scored, title="A & B <i>"))
    assert "<script>alert" not in page
    assert "A &amp; B &lt;i&gt;" in page


def test_a_model_that_cannot_be_tested_says_why(changed):
    section = sections.fit(changed(check_at="1997-01-02"))
    assert "could not be tested on a later period: nobody had bought twice" in section.lead[0]
    assert [table.title for table in section.tables] == ["Parameters of the models"]


def test_a_model_that_part_of_the_log_does_not_determine_is_held(changed):
    section = sections.fit(changed(check_at="1997-01-14"))
    assert "held near moderate values" in section.lead[-1]
    assert len(section.charts) == 4


@pytest.mark.parametrize(
    ("until", "word"), [("1997-03-31", "week"), ("1998-06-30", "month"), ("2002-06-30", "quarter")]
)
def test_periods_suit_the_length_of_the_log(changed, until, word):
    section = sections.activity(changed(until=until, check_at="1997-01-31"))
    assert section.tables[0].title == f"{word.capitalize()} by {word}"


def test_it_is_written_in_one_step(material, page, tmp_path):
    path = crm.report.write(tmp_path / "deep" / "report.html", material)
    assert path.read_text(encoding="utf-8") == page
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_material_is_checked(changed, material):
    with pytest.raises(MissingColumnsError, match="p_alive"):
        changed(scored=material.scored.drop(columns="p_alive"))
    with pytest.raises(InvalidValuesError, match="no rows"):
        changed(scored=material.scored.head(0))
    with pytest.raises(ParameterError, match="must be before until"):
        changed(check_at="1998-06-30")
    with pytest.raises(ParameterError, match="discount_rate and margin"):
        changed(margin=None)
    from dataclasses import replace

    nameless = replace(material.purchases, model=replace(material.purchases.model, unit=None))
    with pytest.raises(ParameterError, match="unit"):
        changed(purchases=nameless)
