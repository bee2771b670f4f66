"""Can a partner read its pack: on paper, and in a browser without a server?"""

from __future__ import annotations

import dataclasses
import io
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser
from pypdf import PdfReader

from dashboard.reports.figures import Card
from dashboard.reports.partner_pack import PartnerDocument, PartnerHeader, as_html, as_pdf
from tests.dashboard.reports import documents

ALONE = {"meta", "br", "rect", "line", "circle", "path"}
LONG = "Long <b>شركة</b> 🚀 #x() " + "Wide Name " * 18


class Page(HTMLParser):
    """What a browser would find: elements with their attributes, texts, and whether everything is closed."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ALONE:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "desc"}:
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == tag]

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).replace("\u202f", " ").split())


def empty() -> PartnerDocument:
    """A partner of which nothing is known yet."""
    return PartnerDocument(PartnerHeader("New"), "Business review: New", "Q3 2026", "today", "USD", "Nothing yet.")


def on_paper(document: PartnerDocument) -> list[str]:
    found = PdfReader(io.BytesIO(as_pdf(document))).pages
    return [" ".join(page.extract_text().replace("\u202f", " ").split()) for page in found]


def test_the_paper_answers_first_and_holds_every_part() -> None:
    document = documents.partner()
    found = on_paper(document)
    assert 2 <= len(found) <= 4
    first, whole = found[0], " ".join(found)
    assert document.title in first and document.sentence in first
    for words in ("Type Integration", "Partner since 12 Mar 2024", "$312 k", "median of integrations: $120 k"):
        assert words in first
    for words in ("Lead", "↓ 37.1 % (33.8–40.4 %), n = 812", "88 (70–97)", *document.gaps, *document.notes):
        assert words in whole
    assert "Customer 8 & Sons Proposal $108 k 156 days 61 days older than typical" in whole
    assert "Q1 2026 Double $20.0 k M. Ito 2 Jun 2026" in whole
    for month in ("Oct 2025", "Sep 2026"):
        assert month in whole
    assert all(f"{number} / {len(found)}" in page for number, page in enumerate(found, start=1))


def test_a_partner_of_which_nothing_is_known_has_one_quiet_page() -> None:
    found = on_paper(empty())
    assert len(found) == 1
    assert "Nothing yet." in found[0]
    for heading in ("How does it compare?", "Pages", "Deals in progress", "Decisions", "What the words mean"):
        assert heading not in found[0]
        assert heading not in Page(as_html(empty())).text


def test_long_lists_are_cut_and_say_so() -> None:
    document = documents.partner(pages=60, deals=41)
    for whole in (" ".join(on_paper(document)), Page(as_html(document)).text):
        assert "and 20 more pages" in whole
        assert "and 1 more deal" in whole
        assert "part 39" in whole and "part 40" not in whole


def test_any_name_can_stand_on_paper() -> None:
    document = documents.partner(LONG, pages=1, deals=1)
    named = [dataclasses.replace(document.deals[0], name=name) for name in documents.NASTY]
    staged = [
        dataclasses.replace(step, stage=name) for step, name in zip(document.funnel, documents.NASTY, strict=False)
    ]
    whole = " ".join(on_paper(dataclasses.replace(document, deals=named, funnel=staged, gaps=documents.NASTY)))
    assert "<b>Bold</b> & <script>alert(1)</script>" in whole
    assert "#panic() $x^2$ *star* _under_ `code`" in whole


def test_the_same_pack_is_the_same_file() -> None:
    assert as_pdf(documents.partner(LONG)) == as_pdf(documents.partner(LONG))
    assert as_html(documents.partner(LONG)) == as_html(documents.partner(LONG))


def test_paper_and_page_say_the_same_figures() -> None:
    document = documents.partner()
    page, paper = Page(as_html(document)).text, " ".join(on_paper(document))
    figures = {word for word in page.replace("(", " ").replace(")", " ").split() if any(c.isdigit() for c in word)}
    assert len(figures) > 100
    missing = {word for word in figures if word.strip(".,;") not in paper}
    assert missing == set()


def test_the_page_has_headings_tables_with_headers_and_pictures_with_words() -> None:
    page = Page(as_html(documents.partner()))
    assert page.open == []
    assert len(page.all("h1")) == 1
    assert page.all("html") == [{"lang": "en"}]
    assert {cell["scope"] for cell in page.all("th")} == {"col", "row"}
    counted = Counter(tag for tag, _ in page.elements)
    assert counted["table"] == counted["caption"] == counted["thead"] == 5
    assert counted["svg"] == counted["desc"] == len([s for s in page.all("svg") if s["role"] == "img"]) == 12


def test_the_page_runs_and_loads_nothing() -> None:
    page = Page(as_html(documents.partner(LONG)))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "a", "form"}
    for tag, attributes in page.elements:
        assert not {name for name in attributes if name.startswith("on") or name in {"src", "href", "style"}}, tag
    assert "url(" not in as_html(documents.partner()) and "@import" not in as_html(documents.partner())
    assert {"default-src 'none'; style-src 'unsafe-inline'"} <= {m.get("content") for m in page.all("meta")}


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60))
def test_no_text_becomes_an_element(text: str) -> None:
    plain, filled = (
        dataclasses.replace(
            documents.partner(name, pages=1, deals=1),
            sentence=name,
            gaps=[name],
            type_name=name,
            cards=[Card(name, name, name or "x", name or "x", name or "x")],
            header=PartnerHeader(name, *[name or "x"] * 6),
        )
        for name in ("plain", f"x{text}")
    )
    found = [[tag for tag, _ in Page(as_html(document)).elements] for document in (plain, filled)]
    assert found[0] == found[1]


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", ["Northwind Integrations", LONG])
def test_the_page_opens_from_a_file(browser: Browser, tmp_path: Path, scheme: str, width: int, name: str) -> None:
    file = tmp_path / "pack.html"
    file.write_text(as_html(documents.partner(name)), encoding="utf-8")
    with browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme) as page:  # type: ignore[arg-type]
        asked, said = [], []
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.goto(file.as_uri())
        assert asked == [file.as_uri()] and said == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "only tables may scroll sideways"
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert ground == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(18, 22, 28)")
        assert page.get_by_role("heading", level=1).inner_text().startswith("Business review: ")
        assert page.get_by_role("img").count() == 12
        assert page.get_by_role("table", name="Deals in progress").get_by_role("row").count() == 10


@pytest.mark.browser
def test_the_page_prints_light_on_few_sheets(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "pack.html"
    file.write_text(as_html(documents.partner()), encoding="utf-8")
    with browser.new_page(color_scheme="dark") as page:
        page.goto(file.as_uri())
        made = page.pdf(prefer_css_page_size=True, print_background=True)
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert 2 <= len(PdfReader(io.BytesIO(made)).pages) <= 3
