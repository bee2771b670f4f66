"""Which columns has the review as a workbook and as CSV? The same, in full precision."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from dashboard.formulas import harmless
from dashboard.reports import workbook
from dashboard.reports.figures import Column, Kind
from dashboard.reports.review_pack import ReviewDocument, ReviewLine
from dashboard.reports.typesetting import one_line
from dashboard.reports.workbook import Sheet

COLUMNS = (
    Column("name", "Partner"),
    Column("rank", "Rank", Kind.COUNT),
    Column("rank_low", "Rank from", Kind.COUNT),
    Column("rank_high", "Rank to", Kind.COUNT),
    Column("last_rank", "Last quarter", Kind.COUNT),
    Column("p_top", "P(top fifth)", Kind.PROBABILITY),
    Column("p_bottom", "P(bottom fifth)", Kind.PROBABILITY),
    Column("eqls", "EQLs", Kind.COUNT),
    Column("sqls", "SQLs", Kind.COUNT),
    Column("won", "Won", Kind.COUNT),
    Column("win_rate", "Win rate", Kind.RATE),
    Column("win_rate_low", "Win rate from", Kind.RATE),
    Column("win_rate_high", "Win rate to", Kind.RATE),
    Column("win_rate_n", "Deals closed", Kind.COUNT),
    Column("arr", "ARR won", Kind.MONEY),
    Column("pipeline_created", "Pipeline created", Kind.MONEY),
    Column("referring_pages", "Referring pages", Kind.COUNT),
    Column("pipeline_per_referring_page", "Pipeline per page", Kind.MONEY),
    Column("programme_cost", "Programme cost", Kind.MONEY),
    Column("pipeline_multiple", "Pipeline ÷ cost", Kind.MULTIPLE),
    Column("badges", "To note"),
    Column("suggestion", "Suggested"),
    Column("decision", "Decided"),
    Column("budget", "Next budget", Kind.MONEY),
    Column("reason", "Why"),
    Column("note", "Note"),
    Column("partner_id", "Partner id"),
)
RENAMED = {
    "pipeline_created": "pipeline",
    "referring_pages": "pages",
    "pipeline_per_referring_page": "per_page",
    "programme_cost": "cost",
    "pipeline_multiple": "multiple",
}


def cells(row: ReviewLine) -> list[Any]:
    """The values of a partner in the order of COLUMNS."""
    derived = {
        "win_rate": row.win_rate.value,
        "win_rate_low": row.win_rate.low,
        "win_rate_high": row.win_rate.high,
        "win_rate_n": row.win_rate.n,
        "badges": ", ".join(row.badges),
    }
    return [
        derived[column.name] if column.name in derived else getattr(row, RENAMED.get(column.name, column.name))
        for column in COLUMNS
    ]


def as_csv(document: ReviewDocument) -> str:
    """One row a partner in full precision, money in the document's currency; names cannot become formulas."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*(column.name for column in COLUMNS), "period", "as_of", "currency"])
    for row in document.rows:
        values = [*cells(row), document.period, document.as_of, document.currency]
        writer.writerow([harmless(one_line(v)) if isinstance(v, str) else v for v in values])
    return out.getvalue()


def as_xlsx(document: ReviewDocument) -> bytes:
    """The review as a workbook: Review, Ranks, Budget, what else there is, Definitions."""
    sheets = (_review(document), _ranks(document), _budget(document), *_background(document), _definitions(document))
    return workbook.as_xlsx(sheets, document.currency, f"{document.title} · {document.period}", document.moment)


def _above(document: ReviewDocument, title: str) -> tuple[str, ...]:
    basis = f"{document.period} · data as of {document.as_of} · money in {document.currency}"
    return (title, f"{document.headline} {document.second}".strip(), basis)


def _review(document: ReviewDocument) -> Sheet:
    rows = [cells(row) for row in document.rows]
    above = (*_above(document, document.title), *document.notes)
    return Sheet("Review", COLUMNS, rows, above, unprinted=3)


def _ranks(document: ReviewDocument) -> Sheet:
    columns = (*COLUMNS[:4], *COLUMNS[5:7], Column("zone", "Surely in"))
    zones = {"top": "top fifth", "bottom": "bottom fifth"}
    rows = [(e.name, e.rank, e.low, e.high, e.p_top, e.p_bottom, zones.get(e.zone, "")) for e in document.ranks]
    above = ("Ranks and how sure we are", f"Ranked by {document.ranked_by}; intervals hold {document.interval}.")
    return Sheet("Ranks", columns, rows, above)


def _budget(document: ReviewDocument) -> Sheet:
    columns = (
        Column("name", "Partner"),
        Column("decision", "Decided"),
        Column("before", "Budget until now", Kind.MONEY),
        Column("after", "Next budget", Kind.MONEY),
        Column("change", "Change", Kind.MONEY),
    )
    budget = document.budget
    rows: list[Sequence[Any]] = [
        (e.name, e.decision, e.before, e.after, None if None in (e.before, e.after) else e.after - e.before)  # type: ignore[operator]
        for e in budget.lines
    ]
    sums = (("Freed by ending", budget.freed), ("Needed by doubling", budget.needed), ("Balance", budget.balance))
    rows += [(label, "", None, None, value) for label, value in sums if value is not None]
    return Sheet("Budget", columns, rows, ("Budget",), filtered=False)


def _background(document: ReviewDocument) -> list[Sheet]:
    """Sheets that stand there only where they have rows."""
    why = (Column("name", "Partner"), Column("reason", "Why it is not ranked"))
    rules = (
        Column("rule", "Rule"),
        Column("partners", "Partners now", Kind.COUNT),
        Column("wrong", "Wrong", Kind.PROBABILITY),
        Column("found", "Found", Kind.PROBABILITY),
    )
    past = (
        Column("name", "Partner"),
        Column("decided", "Decided"),
        Column("by", "By"),
        Column("when", "When"),
        Column("outcome", "What became of it"),
    )
    certainty = [(e.rule, e.partners, e.wrong, e.found) for e in document.consequences]
    decisions = [(e.name, e.decided, e.by, e.when, e.outcome) for e in document.last_decisions]
    sheets = (
        Sheet("Not ranked", why, list(document.unranked), ("Not ranked",)),
        Sheet("Certainty", rules, certainty, ("What the certainty buys", document.consequences_note)),
        Sheet("Last decisions", past, decisions, ("Last quarter's decisions",), wide=frozenset({"outcome"})),
    )
    return [sheet for sheet in sheets if sheet.rows]


def _definitions(document: ReviewDocument) -> Sheet:
    columns = (Column("term", "Term"), Column("meaning", "Meaning"))
    return Sheet(
        "Definitions", columns, list(document.definitions), ("What the words mean",), wide=frozenset({"meaning"})
    )
