"""Does the board get the review whole: on paper, in the workbook, as CSV?"""

from __future__ import annotations

import csv
import dataclasses
import io
import re
import zipfile
from collections import Counter

import fastexcel
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from dashboard.formulas import STARTS
from dashboard.reports.figures import Kind
from dashboard.reports.review_pack import (
    Budget,
    BudgetLine,
    ReviewDocument,
    ReviewLine,
    as_csv,
    as_pdf,
    as_xlsx,
)
from dashboard.reports.review_paper import paper
from dashboard.reports.review_tables import COLUMNS
from dashboard.reports.typesetting import one_line
from tests.dashboard.reports import documents

LINE_END = re.compile(r"\s+")


def pages(made: bytes) -> list[str]:
    return [LINE_END.sub(" ", page.extract_text().replace("\u202f", " ")) for page in PdfReader(io.BytesIO(made)).pages]


def sheet(made: bytes, name: str, above: int) -> pl.DataFrame:
    """A sheet as a spreadsheet program reads it; `above` lines stand before its table, one of them empty."""
    return fastexcel.read_excel(made).load_sheet(name, header_row=above).to_polars()


def parts(made: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(made)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def rows(made: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made)))


@pytest.fixture(scope="module")
def sixty() -> ReviewDocument:
    return documents.review(60)


@pytest.fixture(scope="module")
def paper_of_sixty(sixty: ReviewDocument) -> list[str]:
    return pages(as_pdf(sixty))


def test_sixty_partners_are_a_few_pages_with_the_answer_first(sixty: ReviewDocument, paper_of_sixty: list[str]) -> None:
    found = paper_of_sixty
    assert 3 <= len(found) <= 6
    first = found[0]
    for words in (sixty.title, sixty.headline, sixty.second, "Freed by ending $140 k", "Balance $60.0 k", *sixty.notes):
        assert words in first
    assert "Decided for 60 partners: 33 keep, 16 wait, 7 end and 4 double." in first
    for number, page in enumerate(found, start=1):
        assert f"{number} / {len(found)}" in page
        assert f"data as of {sixty.as_of}" in page


def test_every_partner_and_every_figure_is_on_paper(sixty: ReviewDocument, paper_of_sixty: list[str]) -> None:
    table = " ".join(page for page in paper_of_sixty if "multiple suggested" in page)
    first = sixty.rows[0]
    assert first.win_rate.value == pytest.approx(11 / 24)
    assert "Northwind Integrations 1 1–4 24 97 % <" in table
    assert "99 49 11 45.8 % 28–65 %" in table
    for row in sixty.rows:
        assert row.name in table


def test_the_head_of_the_table_stands_on_each_of_its_pages(paper_of_sixty: list[str]) -> None:
    found = [page for page in paper_of_sixty if "Per page" in page and "Cost" in page]
    assert len(found) >= 2
    assert all("P bottom EQLs SQLs won win rate" in page for page in found)


def test_those_for_whom_money_moves_stand_first_with_their_reason(
    sixty: ReviewDocument, paper_of_sixty: list[str]
) -> None:
    decided = paper(sixty)["decided"]["rows"]
    assert [row["decision"] for row in decided] == ["End"] * 7 + ["Double"] * 4
    assert all(row["reason"] for row in decided)
    assert decided[0]["before"] == "$20.0\u202fk" and decided[0]["budget"] == "$0"
    assert "Agreed with the manager" in paper_of_sixty[0]


def test_a_kept_partner_whose_budget_changes_is_named_too_and_namesakes_are_told_apart() -> None:
    twins = [ReviewLine(key, "Twin", suggestion="Keep", decision="Keep", budget=9.0) for key in ("a", "b", "c")]
    lines = [BudgetLine("Twin", "Keep", before, 9.0, key) for key, before in (("a", 9.0), ("b", 4.0), ("c", None))]
    document = dataclasses.replace(documents.review(1), rows=twins, budget=Budget(0.0, 5.0, -5.0, lines))
    assert [row["before"] for row in paper(document)["decided"]["rows"]] == ["$4.00"]


def test_before_anything_is_decided_the_suggestions_are_shown() -> None:
    found = paper(documents.review(60, decided=False))
    assert found["decided"]["title"] == "What the figures suggest"
    assert found["budget"] == []
    assert {row["decision"] for row in found["decided"]["rows"]} == {"–"}


def test_badges_become_letters_with_a_legend(sixty: ReviewDocument) -> None:
    table = paper(sixty)["table"]
    assert table["legend"] == "a: too few EQLs · b: new partner"
    assert Counter(row[-1] for row in table["rows"])["a"] == sum(r.badges == ("too few EQLs",) for r in sixty.rows)


@pytest.mark.parametrize(("number", "most"), [(0, 1), (1, 3), (12, 4), (500, 9)])
def test_any_number_of_partners_can_be_set(number: int, most: int) -> None:
    document = documents.review(number, nasty=True)
    found = PdfReader(io.BytesIO(as_pdf(document))).pages
    assert 1 <= len(found) <= most
    assert document.headline in found[0].extract_text()


def test_what_is_not_on_the_paper_of_500_is_said() -> None:
    document = documents.review(500)
    table = paper(document)["table"]
    moving = [row for row in document.rows if row.suggestion in ("End", "Double")]
    assert len(table["rows"]) == len(moving)
    assert f"The other {500 - len(moving)} partners are in the workbook." in table["note"]


def test_500_of_whom_none_moves_show_both_ends_of_the_table() -> None:
    document = documents.review(500)
    still = [dataclasses.replace(row, suggestion="Wait", decision="Wait") for row in document.rows]
    shown = paper(dataclasses.replace(document, rows=still, budget=Budget()))["table"]["rows"]
    assert [row[0] for row in shown] == [row.name for row in (*still[:20], *still[-20:])]


def test_the_workbook_has_its_sheets_and_those_alone_that_have_rows(sixty: ReviewDocument) -> None:
    usual = ["Review", "Ranks", "Budget", "Not ranked", "Certainty", "Last decisions", "Definitions"]
    assert fastexcel.read_excel(as_xlsx(sixty)).sheet_names == usual
    bare = dataclasses.replace(sixty, unranked=(), consequences=(), last_decisions=())
    assert fastexcel.read_excel(as_xlsx(bare)).sheet_names == ["Review", "Ranks", "Budget", "Definitions"]


def test_the_workbook_holds_numbers_to_sixteen_digits(sixty: ReviewDocument) -> None:
    found = sheet(as_xlsx(sixty), "Review", 6)
    assert found.columns == [column.heading for column in COLUMNS]
    assert found["Partner"].to_list() == [row.name for row in sixty.rows]
    for heading, key in (("ARR won", "arr"), ("P(bottom fifth)", "p_bottom"), ("Pipeline ÷ cost", "multiple")):
        assert found[heading].dtype == pl.Float64
        assert found[heading].to_list() == pytest.approx([getattr(row, key) for row in sixty.rows], rel=1e-15)
    assert found["Last quarter"].null_count() == sum(row.last_rank is None for row in sixty.rows)


def test_the_budget_sheet_adds_up(sixty: ReviewDocument) -> None:
    found = sheet(as_xlsx(sixty), "Budget", 2)
    changes = dict(zip(found["Partner"], found["Change"], strict=True))
    # 7 ends free 20 k each, 4 doublings need 20 k each: 140 k − 80 k = 60 k.
    assert (changes["Freed by ending"], changes["Needed by doubling"], changes["Balance"]) == (140e3, 80e3, 60e3)
    ends = found.filter(pl.col("Decided") == "End")["Change"]
    assert ends.sum() == -140e3


def test_the_workbook_has_formats_frozen_heads_filters_and_fits_its_paper(sixty: ReviewDocument) -> None:
    found = parts(as_xlsx(sixty))
    styles, first = found["xl/styles.xml"], found["xl/worksheets/sheet1.xml"]
    for code in ("&quot;$&quot;#,##0;", "0.0%", "#,##0"):
        assert code in styles
    assert '<pane xSplit="1" ySplit="7"' in first
    assert '<autoFilter ref="A7:AA67"' in first
    assert 'orientation="landscape"' in first and 'fitToHeight="0"' in first
    assert "Review!$7:$7" in found["xl/workbook.xml"].replace("'", "")


@pytest.mark.parametrize(("currency", "symbol"), [("BRL", "R$"), ("EUR", "€"), ("CHF", "CHF ")])
def test_money_has_the_sign_of_its_currency(currency: str, symbol: str) -> None:
    styles = parts(as_xlsx(dataclasses.replace(documents.review(1), currency=currency)))["xl/styles.xml"]
    assert f"&quot;{symbol}&quot;#,##0" in styles


def test_nothing_in_a_workbook_is_run_or_followed() -> None:
    found = parts(as_xlsx(documents.review(12, nasty=True)))
    assert not any("<f>" in content or "hyperlink" in content.casefold() for name, content in found.items()
                   if name.startswith("xl/worksheets/"))  # fmt: skip
    assert not any(name.startswith("xl/externalLinks") for name in found)
    assert sheet(as_xlsx(documents.review(12, nasty=True)), "Review", 6)["Partner"][3].startswith("=HYPERLINK")


def test_files_are_the_same_bytes_for_the_same_review() -> None:
    assert as_xlsx(documents.review(12, nasty=True)) == as_xlsx(documents.review(12, nasty=True))
    assert as_csv(documents.review(12, nasty=True)) == as_csv(documents.review(12, nasty=True))


def test_csv_has_one_row_a_partner_in_full_precision(sixty: ReviewDocument) -> None:
    found = rows(as_csv(sixty))
    assert [row["partner_id"] for row in found] == [row.partner_id for row in sixty.rows]
    for written, row in zip(found, sixty.rows, strict=True):
        assert float(written["pipeline_multiple"]) == row.multiple
        assert float(written["win_rate_low"]) == row.win_rate.low
        assert written["last_rank"] == ("" if row.last_rank is None else str(row.last_rank))
        assert (written["currency"], written["period"]) == ("USD", "Q3 2026")


def test_columns_have_the_names_of_the_report() -> None:
    names = {column.name for column in COLUMNS}
    assert {"arr", "pipeline_created", "referring_pages", "pipeline_per_referring_page", "programme_cost"} <= names
    assert all(re.fullmatch("[a-z_]+", name) for name in names)
    assert {column.kind for column in COLUMNS if column.name.startswith("p_")} == {Kind.PROBABILITY}


@given(st.text(max_size=80))
def test_any_name_comes_back_from_csv_and_never_as_a_formula(name: str) -> None:
    (found,) = rows(as_csv(dataclasses.replace(documents.review(0), rows=[ReviewLine("p", name)])))
    assert found["name"].removeprefix("'") == one_line(name).removeprefix("'")
    assert not found["name"].startswith(STARTS)


def test_a_review_without_partners_has_files_too() -> None:
    empty = documents.review(0)
    assert rows(as_csv(empty)) == []
    assert sheet(as_xlsx(empty), "Review", 6).height == 0
    assert empty.headline in pages(as_pdf(empty))[0]
