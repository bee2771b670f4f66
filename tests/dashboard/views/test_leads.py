"""Does the list say which leads it holds, what each lacks, and is its CSV exact and harmless?"""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from dashboard.domain import Stage
from dashboard.formulas import harmless
from dashboard.metrics.qualification import waterfall_gates
from dashboard.period import parse_period
from dashboard.scoring.model import Gate
from dashboard.scoring.scorecard_file import default_model
from dashboard.settings import Settings
from dashboard.views.lead_link import Asked
from dashboard.views.leads import COLUMNS, as_csv, listed, sentence
from data_access.lead_list import LIST_SCHEMA, LeadQuery

MODEL = default_model()
QUARTER = parse_period("2026-Q3", Settings())
ALL = Gate.ICP | Gate.ECOSYSTEM | Gate.BUYING | Gate.TRIGGERS | Gate.SCORE


def said(query: LeadQuery, count: int = 187, **called: str) -> str:
    return sentence(Asked(QUARTER, query), count, called, waterfall_gates(MODEL), 1)


@pytest.mark.parametrize(
    ("query", "count", "expected"),
    [
        (LeadQuery(reached=Stage.EQL, missing=Stage.WON), 187, "187 leads of Q3 2026 became EQLs and are not won."),
        (LeadQuery(reached=Stage.EQL, missing=Stage.WON), 1, "1 lead of Q3 2026 became an EQL and is not won."),
        (LeadQuery(reached=Stage.WON), 0, "No lead of Q3 2026 was won."),
        (LeadQuery(), 2, "2 leads of Q3 2026 came through partners."),
        (LeadQuery(sourced=False), 2, "2 leads of Q3 2026 came in."),
        (LeadQuery(sourced=False, missing=Stage.OPPORTUNITY), 2, "2 leads of Q3 2026 have no deal."),
        (LeadQuery(fails=("icp",)), 2, "2 leads of Q3 2026 fail “ICP match”."),
        (
            LeadQuery(passes=("icp", "ecosystem", "buying", "triggers"), fails=("score",)), 2,
            "2 leads of Q3 2026 fail only “score threshold”.",
        ),
        (
            LeadQuery(passes=("overlap", "icp", "ecosystem", "buying", "triggers"), fails=("score",)), 1,
            "1 lead of Q3 2026 passes “account overlap” and fails only “score threshold”.",
        ),
        (
            LeadQuery(passes=("model",), fails=("recorded",)), 2,
            "2 leads of Q3 2026 pass the scoring model and fail “EQL in the CRM”.",
        ),
        (
            LeadQuery(signal="demo_request"), 2,
            "2 leads of Q3 2026 showed the signal “Demo request” before sales took over.",
        ),
        (
            LeadQuery(group="channel", group_value="", reached=Stage.MQL), 2,
            "2 leads of Q3 2026 with the channel “Not set” became MQLs.",
        ),
    ],
)  # fmt: skip
def test_sentence(query: LeadQuery, count: int, expected: str) -> None:
    assert said(query, count) == expected


def test_names_from_data_are_no_markup() -> None:
    text = said(LeadQuery(of="P1", attribute="industry", attribute_value="[x](http://evil)"), of="*Lumen* <b>")
    assert "\\[x\\]\\(http://evil\\)" in text.replace("\\:", ":").replace("\\.", ".") and "\\*Lumen\\*" in text
    assert "](" not in text and "<b>" not in text.replace("\\<", "")


def rows(*leads: dict[str, Any]) -> pl.DataFrame:
    blank = dict.fromkeys(LIST_SCHEMA) | {
        "lead_id": "L1",
        "gates": int(ALL),
        "created_at": datetime(2026, 8, 1, tzinfo=UTC),
    }
    return pl.DataFrame([blank | lead for lead in leads], schema=dict(LIST_SCHEMA))


def test_what_is_missing() -> None:
    frame = rows(
        {"company": "Acme"}, {"company": "Acme", "gates": int(ALL & ~Gate.ICP & ~Gate.BUYING)}, {"company": None},
        {"company": "Acme", "gates": int(Gate.CONFIRMED | Gate.OVERLAP)},
    )  # fmt: skip
    assert listed(frame, MODEL)["missing"].to_list() == [
        "", "ICP match, buying signal", "company unknown",
        "ICP match, ecosystem signal, buying signal, intent triggers, score threshold",
    ]  # fmt: skip
    both = replace(MODEL, requires=Gate.CONFIRMED)
    assert listed(frame, both)["missing"][0] == "confirmation by both sides"


def test_list_shows_codes_as_words_and_nothing_as_nothing() -> None:
    shown = listed(rows({"outcome": "undated", "amount_cents": 12345}, {}), MODEL)
    assert shown.columns == list(COLUMNS)
    assert shown["outcome"].to_list() == ["closed, no date", None]
    assert shown["amount"].to_list() == [123.45, None]


def test_csv_is_exact_and_runs_no_formula() -> None:
    evil = ["=1+1", "+x", "-x", "@x", "\tx", "\rx", "a=b", "", 'ü, "quoted"\nline']
    batches = [rows({"company": text, "amount_cents": 9007199254740993}) for text in evil]
    text = as_csv(iter(batches), MODEL)
    assert text.startswith(b"\xef\xbb\xbf")
    read = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"), newline="")))
    assert [line["company"] for line in read] == [harmless(each) for each in evil]
    assert {line["amount"] for line in read} == {"90071992547409.93"}
    assert {line["created_at"] for line in read} == {"2026-08-01T00:00:00Z"}
    assert as_csv(iter([]), MODEL).decode("utf-8-sig") == ",".join(COLUMNS) + "\n"
