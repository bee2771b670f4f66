"""Does the table of partners that change hold their numbers, and no formula that a spreadsheet would run?"""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date
from typing import Any

from dashboard.reports.what_if_partners import COLUMNS, as_csv, as_xlsx, rows
from dashboard.scoring.cells import Work
from dashboard.scoring.rank_change import Ranked, rank_changes
from tests.dashboard.views.toy_scores import Leads, found_of

LEADS = (
    Leads((40, 45), 100, Work.WORKED, won=20, arr=200_000_00, pipeline=400_000_00),
    Leads((20, 45), 30, Work.WORKED, won=2, arr=10_000_00),
    Leads((20, 45), 40, pipeline=300_000_00, owner=1),
    Leads((40, 30), 5, Work.WORKED, won=1, arr=1_234_56, pipeline=1_000_00, owner=1),
)
NAMES = {"A": "=HYPERLINK(1)", "B": "B, “quoted”"}


KNOWN = {"A": Ranked("active", date(2020, 1, 1), 2), "B": Ranked("active", date(2020, 1, 1), 1)}


def rows_at(threshold: int) -> list[dict[str, Any]]:
    found = found_of(LEADS, threshold=threshold)
    return rows(found, rank_changes(found, KNOWN, date(2026, 7, 1)), NAMES)


def test_partners_that_change_most_come_first() -> None:
    first, second = rows_at(65)
    # Pipeline per page: A 400,000 ÷ 2 under both; B 1,000 ÷ 1, then 1,000 + 300,000: first.
    assert first == {
        "partner": "B, “quoted”", "partner_id": "B", "active_rank": 2, "rank": 1, "action": "keep", "too_few": "yes",
        "active_eqls": 5, "eqls": 45, "gained": 40, "dropped": 0, "won_change": 0, "expected_wins": None,
        "arr_change": 0.0, "expected_arr": None, "pipeline_change": 300_000.0,
    }  # fmt: skip
    assert (second["rank"], second["too_few"], second["won_change"], second["arr_change"]) == (2, "", 2, 10_000.0)


def test_whoever_does_not_change_is_left_out() -> None:
    assert [row["partner_id"] for row in rows_at(75)] == ["B"]
    assert rows_at(70) == []


def test_files_run_nothing() -> None:
    listed = rows_at(65)
    parsed = list(csv.DictReader(io.StringIO(as_csv(listed).decode("utf-8-sig"))))
    assert [each["partner"] for each in parsed] == ["B, “quoted”", "'=HYPERLINK(1)"]
    assert [each["gained"] for each in parsed] == ["40", "30"]
    book = zipfile.ZipFile(io.BytesIO(as_xlsx(listed, ("Title", "=1+1"), "USD")))
    sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and sheet.count("<row ") == len(listed) + 3  # title, its line, headings
    assert all(column.heading in book.read("xl/sharedStrings.xml").decode() for column in COLUMNS)
