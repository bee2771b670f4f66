"""Do names stay names on paper, whatever is in them, and is the same paper the same bytes?"""

from __future__ import annotations

import dataclasses
import io
import json
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from dashboard.domain import UserError
from dashboard.reports import review_pack, typesetting
from dashboard.reports.figures import Card
from dashboard.reports.typesetting import FONTS, one_line, shortened
from tests.dashboard.reports import documents

ANY_TEXT = st.text(max_size=300)


def read(made: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(made))


def said(made: bytes) -> str:
    """All words of a PDF, whatever their spacing and line ends."""
    return squeezed(" ".join(page.extract_text() for page in read(made).pages))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\u202f]+", "", text)


@given(ANY_TEXT)
def test_one_line_has_no_sign_that_steers(text: str) -> None:
    flat = one_line(text)
    steering = {unicodedata.category(c) for c in flat.replace("\u200c", "").replace("\u200d", "")} & {"Cc", "Cf", "Cs"}
    assert not steering
    assert one_line(flat) == flat
    assert "  " not in flat


def test_one_line_keeps_what_belongs_to_words_and_numbers() -> None:
    assert one_line("$1.2\u202fM,\u00a0so") == "$1.2\u202fM,\u00a0so"
    assert one_line("می\u200cخواهم") == "می\u200cخواهم"
    assert one_line("a\tb\r\nc\x00d \u202eevil\u202c") == "a b c d evil"


@given(ANY_TEXT, st.integers(1, 80))
def test_shortened_texts_fit(text: str, longest: int) -> None:
    short = shortened(text, longest)
    assert len(short) <= longest
    assert short == one_line(text) or short.endswith("…")


@pytest.mark.parametrize(
    "name", [name for name in documents.NASTY if len(name) < 60 and name.isascii() and name.isprintable()]
)
def test_names_are_never_markup(name: str) -> None:
    made = review_pack.as_pdf(dataclasses.replace(documents.review(1), headline=f"{name} is a name."))
    assert squeezed(name) in said(made)


def test_hundred_of_the_same_letter_break_instead_of_leaving_the_paper() -> None:
    made = review_pack.as_pdf(dataclasses.replace(documents.review(1), headline="m" * 200))
    page = read(made).pages[0]
    right: list[float] = []

    def visit(text: str, _: object, matrix: list[float], *__: object) -> None:
        if "m" * 8 in text:
            right.append(matrix[4])

    page.extract_text(visitor_text=visit)
    assert said(made).count("m" * 200) == 1
    assert page.extract_text().count("\n") >= 4
    assert right and max(right) < float(page.mediabox.width)


def test_arabic_hebrew_and_emoji_have_their_letters() -> None:
    document = dataclasses.replace(documents.review(1), headline="شركة חברת 🚀 Ünïcode Ελλάδα Россия ₹ €")
    fonts = fonts_of(review_pack.as_pdf(document))
    assert {"NotoSansArabic-Regular", "NotoSansHebrew-Regular", "NotoEmoji-Regular", "Inter-Regular"} <= fonts


def fonts_of(made: bytes) -> set[str]:
    return {name.lstrip("/").split("+")[-1].removesuffix("-Identity-H") for name in embedded(made)}


def embedded(made: bytes) -> set[str]:
    """The fonts of all pages and of the pictures on them."""
    found: set[str] = set()
    for page in read(made).pages:
        found |= resources(page["/Resources"])
    return found


def resources(of: object) -> set[str]:
    kept = of.get_object()  # type: ignore[attr-defined]
    found = {font.get_object()["/BaseFont"] for font in (kept.get("/Font") or {}).values()}
    for form in (kept.get("/XObject") or {}).values():
        if "/Resources" in form.get_object():
            found |= resources(form.get_object()["/Resources"])
    return found


def test_the_machines_fonts_are_asked_only_for_foreign_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    orders: list[dict[str, object]] = []
    monkeypatch.setattr(typesetting, "_press", lambda order: orders.append(json.loads(order)) or b"")
    for headline in ("Ünïcode 🚀 شركة − ≥ → 12\u202f345 “x” – …", "株式会社", "ไทย"):
        review_pack.as_pdf(dataclasses.replace(documents.review(12), headline=headline))
    assert [order["machine_fonts"] for order in orders] == [False, True, True]


def test_signs_without_a_letter_show_as_boxes_and_stop_nothing() -> None:
    made = review_pack.as_pdf(dataclasses.replace(documents.review(2), headline="\U00012000 \ufdd0 株式会社"))
    assert len(read(made).pages) >= 2


def test_the_same_document_is_the_same_bytes_and_another_moment_another_date() -> None:
    document = documents.review(5, nasty=True)
    first = review_pack.as_pdf(document)
    assert review_pack.as_pdf(document) == first
    assert read(first).metadata.creation_date == documents.MOMENT  # type: ignore[union-attr]
    later = dataclasses.replace(document, moment=datetime(2027, 1, 1, tzinfo=UTC))
    assert review_pack.as_pdf(later) != first
    undated = read(review_pack.as_pdf(dataclasses.replace(document, moment=None)))
    assert undated.metadata.creation_date is None  # type: ignore[union-attr]


def test_the_paper_has_a_title_a_language_and_tags_for_screen_readers() -> None:
    found = read(review_pack.as_pdf(documents.review(5)))
    assert found.metadata.title == "Quarterly partner review · Q3 2026"  # type: ignore[union-attr]
    assert str(found.root_object["/Lang"]).startswith("en")
    assert found.root_object["/MarkInfo"]["/Marked"]


def test_data_reach_the_template_only_as_data() -> None:
    for template in typesetting.HERE.glob("*.typ"):
        source = template.read_text(encoding="utf-8")
        assert "eval(" not in source
        assert "plugin(" not in source


def test_setting_that_takes_too_long_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typesetting, "LONGEST_SETTING", 0.001)
    with pytest.raises(UserError, match=r"more than a minute"):
        review_pack.as_pdf(documents.review(1))


def test_a_wrong_template_is_an_error_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "wrong.typ").write_text("#nothing-like-this")
    monkeypatch.setattr(typesetting, "HERE", tmp_path)
    monkeypatch.setattr(typesetting, "PRESS", Path(typesetting.__file__).with_name("press.py"))
    with pytest.raises(RuntimeError, match="unknown variable"):
        typesetting.pdf("wrong.typ", {})


def test_cards_with_long_values_stay_in_their_column() -> None:
    cards = [Card("Label", "56\u202f% 40–71\u202f%, n = 23", detail="d", change="c", versus="v")] * 5
    made = review_pack.as_pdf(dataclasses.replace(documents.review(1), cards=cards))
    assert said(made).count("n=23") == 5


def test_the_fonts_come_with_their_licence() -> None:
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    told = (FONTS / "README.md").read_text(encoding="utf-8")
    assert {font.name for font in FONTS.glob("*.ttf")} == set(re.findall(r"`(\S+\.ttf)`", told))
    assert sum(font.stat().st_size for font in FONTS.glob("*.ttf")) < 1_500_000
