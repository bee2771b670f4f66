"""What of the page "Costs and return" goes into files? Made from the same results as the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dashboard.charts import cost_page as charts
from dashboard.metrics.cost_page import CostPage, PartnerReturn
from dashboard.metrics.cost_table import CATEGORIES, CostKind, CostTable
from dashboard.metrics.gate import GATE
from dashboard.metrics.pilots import Pilot
from dashboard.period import Period
from dashboard.reports.figures import Card, Column, Kind
from dashboard.reports.page_document import PageDocument, PagePicture, PageTable
from dashboard.settings import settings
from dashboard.views import content_document, prospects_document
from dashboard.views import cost_page as words
from dashboard.views.cards import Card as ScreenCard
from dashboard.views.exports import Head
from dashboard.views.headline import Setting

if TYPE_CHECKING:
    from dashboard.filters import Filters

_RETURN = (
    Column("partner_id", "Key"),
    Column("name", "Partner"),
    Column("verdict", "Gate"),
    Column("reason", "Why too early"),
    Column("cost", "Cost", Kind.MONEY),
    Column("direct", "Direct", Kind.MONEY),
    Column("overhead", "Overhead", Kind.MONEY),
    Column("pipeline_created", "Pipeline", Kind.MONEY),
    Column("pipeline_multiple", "Pipeline ÷ cost", Kind.MULTIPLE),
    Column("pipeline_multiple_low", "Multiple, from", Kind.MULTIPLE),
    Column("pipeline_multiple_high", "Multiple, to", Kind.MULTIPLE),
    Column("eqls_in_period", "EQLs", Kind.COUNT),
    Column("cost_per_eql", "Cost per EQL", Kind.MONEY),
    Column("cost_per_eql_low", "Per EQL, from", Kind.MONEY),
    Column("cost_per_eql_high", "Per EQL, to", Kind.MONEY),
    Column("sqls_in_period", "SQLs", Kind.COUNT),
    Column("cost_per_sql", "Cost per SQL", Kind.MONEY),
    Column("cost_per_sql_low", "Per SQL, from", Kind.MONEY),
    Column("cost_per_sql_high", "Per SQL, to", Kind.MONEY),
    Column("first_full_quarter", "First full quarter"),
    Column("gate_multiple", "Pipeline ÷ cost then", Kind.MULTIPLE),
    Column("gate_multiple_low", "Multiple then, from", Kind.MULTIPLE),
    Column("gate_multiple_high", "Multiple then, to", Kind.MULTIPLE),
    Column("incomplete", "Incomplete"),
)
_CATEGORY = (
    Column("category", "Category"),
    Column("direct", "Of one partner", Kind.MONEY),
    Column("overhead", "Overhead", Kind.MONEY),
    Column("channel", "Channels", Kind.MONEY),
    Column("total", "All", Kind.MONEY),
    Column("rows", "Rows", Kind.COUNT),
    Column("unconverted", "Without a rate", Kind.COUNT),
)
_PILOT = (
    Column("partner_id", "Key"),
    Column("name", "Partner"),
    Column("phase", "Phase"),
    Column("joined_on", "Joined"),
    Column("sample_from", "Sample from"),
    Column("sample_to", "Sample to"),
    Column("days_left", "Days left", Kind.DAYS),
    Column("eqls_before", "EQLs before", Kind.COUNT),
    Column("eqls", "EQLs", Kind.COUNT),
    Column("expected_eqls", "Expected", Kind.COUNT),
    Column("expected_eqls_low", "Expected, from", Kind.COUNT),
    Column("expected_eqls_high", "Expected, to", Kind.COUNT),
    Column("chance_of_50", "Chance of 50", Kind.PROBABILITY),
)


def document(
    head: Head, page: CostPage, cards: Sequence[ScreenCard], when: Setting, period: Period, chosen: Filters
) -> PageDocument:
    """All that the page says, with its content and prospects; `cards` as on screen."""
    return head.document(
        [
            *tables(page),
            *content_document.tables(period, chosen),
            *prospects_document.tables(period, chosen),
        ],
        [
            *pictures(page, when),
            *content_document.pictures(period, chosen),
            *prospects_document.pictures(period, chosen),
        ],
        [_card(own) for own in cards],
    )


_CARD_NAMES = {
    "programme_cost": "Programme cost",
    "pipeline_multiple": "Pipeline ÷ cost",
    "cost_per_eql": "Cost per EQL",
    "cost_per_sql": "Cost per SQL",
}


def _card(own: ScreenCard) -> Card:
    return Card(_CARD_NAMES[own.term], own.value, versus=own.note, detail=own.detail)


def tables(page: CostPage) -> list[PageTable]:
    """Partners, categories and pilots, as raw numbers."""
    return [
        PageTable("return", "Who is worth what it costs?", _RETURN, [_return(own) for own in page.partners]),
        PageTable("cost_categories", "What was it spent on?", _CATEGORY, _categories(page.table)),
        PageTable("pilots", "How far are the pilots?", _PILOT, [_pilot(own) for own in page.pilots]),
    ]


def _return(own: PartnerReturn) -> list[Any]:
    gate, each = own.gate, own.own
    return [
        own.partner.partner_id, own.partner.name, words.VERDICTS[gate.verdict],
        words.REASONS[gate.reason] if gate.reason else "",
        each.cost, own.direct, own.overhead, each.pipeline,
        each.multiple.value, each.multiple.low, each.multiple.high,
        each.eqls, each.cost_per_eql.value, each.cost_per_eql.low, each.cost_per_eql.high,
        each.sqls, each.cost_per_sql.value, each.cost_per_sql.low, each.cost_per_sql.high,
        gate.quarter.label if gate.quarter else "", gate.multiple.value, gate.multiple.low, gate.multiple.high,
        "yes" if each.incomplete or gate.incomplete else "",
    ]  # fmt: skip


def _categories(table: CostTable) -> list[list[Any]]:
    rows = [
        (category, [table.cell(category, kind) for kind in CostKind], table.of_category(category))
        for category in CATEGORIES
    ]
    rows.append(("all", [table.of_kind(kind) for kind in CostKind], table.total))
    return [
        [name, *(share.cost for share in kinds), total.cost, total.rows, total.unconverted]
        for name, kinds, total in rows
    ]


def _pilot(own: Pilot) -> list[Any]:
    days = (own.joined_on, own.sample_from, own.sample_to)
    return [
        own.partner.partner_id, own.partner.name, own.phase.value, *(day.isoformat() for day in days), own.days_left,
        own.eqls_before, own.eqls, own.expected.value, own.expected.low, own.expected.high, own.chance,
    ]  # fmt: skip


def pictures(page: CostPage, when: Setting) -> list[PagePicture]:
    """The gates and the categories; a picture of nothing is left out."""
    fiscal, found = settings().fiscal_year_start, []
    lines = words.gate_lines(page.partners, when.currency, fiscal)
    if lines:
        figure = charts.gates(lines, GATE).to_plotly_json()
        basis = "Each partner’s own first full quarter, whatever the period; 95 % intervals"
        alt = words.gates_in_words(page.partners)
        found.append(PagePicture("gates", "Who brought five times what it cost?", basis, figure, alt))
    rows = words.spent_rows(page.table)
    if rows:
        figure = charts.spent(rows, list(words.KINDS.values()), when.currency, words.spent_ticks(rows)).to_plotly_json()
        alt = words.spent_in_words(page.table, when.currency)
        found.append(PagePicture("spent", "What was it spent on?", f"All costs of {when.period}, by day", figure, alt))
    return found
