"""Which tables and pictures has a partner's pack? As texts, the same for paper and for HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboard import wording
from dashboard.reports.figures import Kind, Picture, written
from dashboard.reports.partner_pack import OpenDeal, PartnerDocument
from dashboard.reports.partner_pictures import percentile
from dashboard.reports.typesetting import shortened

LONGEST_NAME = 80
TABLE_AT_MOST = 40  # rows of pages and deals; the rest is counted


@dataclass(frozen=True, slots=True)
class Table:
    """A table as texts: (heading, share of the width, 0 for a number) a column; `more` says what is left out."""

    columns: Sequence[tuple[str, float]]
    rows: Sequence[Sequence[str | Picture | None]]
    more: str = ""

    def for_paper(self, *, spread: bool = False) -> dict[str, Any]:
        """What house.typ sets; `spread`: numbers share the width instead of standing close together."""
        return {
            "columns": [
                {"heading": heading, "side": "left" if share else "right", "share": share or float(spread)}
                for heading, share in self.columns
            ],
            "rows": [list(row) for row in self.rows],
            "more": self.more,
        }


def facts(document: PartnerDocument) -> list[tuple[str, str]]:
    """The header's known facts, named."""
    header = document.header
    named = (
        ("Type", header.kind),
        ("Tier", header.tier),
        ("Region", header.region),
        ("Manager", header.manager),
        ("Partner since", header.since),
        ("Status", header.status),
    )
    return [(name, value) for name, value in named if value]


def months(document: PartnerDocument) -> Table:
    """Twelve months, a row each."""
    kinds = (*(Kind.COUNT,) * 5, Kind.MONEY, Kind.MONEY)
    rows = [
        [f"{m.month:%b %Y}"]
        + [
            written(value, kind, document.currency)
            for value, kind in zip((m.traffic, m.leads, m.eqls, m.sqls, m.won, m.pipeline, m.arr), kinds, strict=True)
        ]
        for m in document.months
    ]
    headings = ("Sessions", "Leads", "EQLs", "SQLs", "Won", "Pipeline created", "ARR won")
    return Table((("Month", 1.0), *((heading, 0) for heading in headings)), rows)


def compared(document: PartnerDocument) -> Table:
    """Own value beside the median of the type, and the percentile."""
    rows = [[entry.measure, entry.own, entry.median, percentile(entry)] for entry in document.compared]
    median = f"Median of {document.type_name}" if document.type_name else "Median of its type"
    return Table((("", 1.0), ("This partner", 0), (median, 0), ("Percentile (interval)", 0)), rows)


def pages(document: PartnerDocument) -> Table:
    """Pages, those first that the document has first."""
    rows = [
        [
            shortened(page.title, LONGEST_NAME),
            page.kind,
            wording.count(page.leads),
            wording.count(page.eqls),
            wording.count(page.won),
            written(page.pipeline, Kind.MONEY, document.currency),
        ]
        for page in document.pages[:TABLE_AT_MOST]
    ]
    columns = (("Page", 3.0), ("Kind", 1.2), ("Leads", 0), ("EQLs", 0), ("Won", 0), ("Pipeline", 0))
    return Table(columns, rows, _more(document.pages, "page"))


def deals(document: PartnerDocument) -> Table:
    """Deals in progress, with what is typical."""
    rows = [
        [
            shortened(deal.name, LONGEST_NAME),
            deal.stage,
            written(deal.amount, Kind.MONEY, document.currency),
            wording.days(deal.age_days),
            wording.days(deal.typical_days),
            _overdue(deal),
        ]
        for deal in document.deals[:TABLE_AT_MOST]
    ]
    columns = (("Deal", 3.0), ("Stage", 1.2), ("Amount", 0), ("Age", 0), ("Typical", 0), ("", 0))
    return Table(columns, rows, _more(document.deals, "deal"))


def _overdue(deal: OpenDeal) -> str:
    if deal.age_days is None or deal.typical_days is None or deal.age_days <= deal.typical_days:
        return ""
    return "older than typical"


def decisions(document: PartnerDocument) -> Table:
    """Decisions so far."""
    rows = [
        [d.period, d.decision, written(d.budget, Kind.MONEY, document.currency), d.note, d.by, d.when]
        for d in document.decisions
    ]
    columns = (("Review of", 0.8), ("Decision", 0.7), ("Budget", 0), ("Note", 2.0), ("By", 0.8), ("When", 0.9))
    return Table(columns, rows)


def _more(items: Sequence[object], noun: str) -> str:
    hidden = len(items) - TABLE_AT_MOST
    return f"and {wording.several(hidden, f'more {noun}')}" if hidden > 0 else ""
