"""What of the Overview goes into files? Its answer, cards and charts, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboard.blocks import Drawn
from dashboard.charts.arr import Quarter
from dashboard.charts.channels import Row
from dashboard.glossary import term
from dashboard.metrics.performance import PartnerPerformance, Performance
from dashboard.reports import figures
from dashboard.reports.figures import Column, Kind
from dashboard.reports.page_document import PageDocument, PageTable
from dashboard.views import cards, movers, overview
from dashboard.views.exports import Head
from dashboard.views.known import Known

_CONVERSIONS = (
    Column("leads_of", "Leads of"),
    Column("step", "Step"),
    Column("rate", "Rate", Kind.RATE),
    Column("low", "From", Kind.RATE),
    Column("high", "to", Kind.RATE),
    Column("n", "Cases", Kind.COUNT),
    Column("reference_low", "Reference from", Kind.RATE),
    Column("reference_high", "to", Kind.RATE),
)
_PARTNERS = (
    Column("partner_id", "Key"),
    Column("partner", "Partner"),
    Column("leads", "Leads", Kind.COUNT),
    Column("eqls", "EQLs", Kind.COUNT),
    Column("won_deals", "Won deals", Kind.COUNT),
    Column("arr", "ARR", Kind.MONEY),
    Column("pipeline_created", "Pipeline created", Kind.MONEY),
    Column("pipeline_change", "Change in pipeline", Kind.MONEY),
    Column("more_than_chance", "More than chance?"),
)


@dataclass(frozen=True, slots=True)
class Shows:
    """What the page shows: `bars` with `tiers` and their `unit` (the currency, None for deals), `rows`, `weeks`
    (frames.trend), `before`: the compared period, if any.
    """

    head: Head
    cards: Sequence[cards.Card]
    bars: Sequence[Quarter]
    tiers: Sequence[str]
    unit: str | None
    rows: Sequence[Row]
    weeks: pl.DataFrame
    facts: Known
    now: Performance
    before: Performance | None
    drawn: Sequence[Drawn]


def document(shows: Shows) -> PageDocument:
    """All that the page says, and the numbers of every partner."""
    tables = [_quarters(shows), _conversions(shows), _partners(shows), _weeks(shows)]
    return shows.head.document(tables, [own.picture() for own in shows.drawn], [_card(own) for own in shows.cards])


def _card(own: cards.Card) -> figures.Card:
    name = f"{term(own.term).name} ({own.mark})" if own.mark else term(own.term).name
    return figures.Card(name, own.value, own.change or "", own.note, own.detail)


def _quarters(shows: Shows) -> PageTable:
    kind = Kind.COUNT if shows.unit is None else Kind.MONEY
    columns = (
        Column("quarter", "Quarter"), Column("total", "All", kind), Column("target", "Target", kind),
        *(Column(f"tier_{number}", tier, kind) for number, tier in enumerate(shows.tiers, 1)),
    )  # fmt: skip
    rows = [[bar.label, bar.total, bar.target, *bar.values] for bar in shows.bars]
    return PageTable("quarters", f"What was won in each quarter{'' if shows.unit is None else ', ARR'}?", columns, rows)


def _conversions(shows: Shows) -> PageTable:
    rows = [
        [row.group, row.basis, row.estimate.value, row.estimate.low, row.estimate.high, row.estimate.n,
         *(row.reference or (None, None))]
        for row in shows.rows
    ]  # fmt: skip
    return PageTable("conversions", "Whose leads convert better?", _CONVERSIONS, rows)


def _weeks(shows: Shows) -> PageTable:
    measured = overview.measures(shows.facts)
    columns = (
        Column("week", "Week from"),
        *(Column(name, title, Kind.MONEY if money else Kind.COUNT) for title, name, money in measured),
    )
    weeks = shows.weeks.select("week", *(name for _, name, _ in measured))
    return PageTable(
        "weeks", "What came each week?", columns, [[str(first), *own] for first, *own in weeks.iter_rows()]
    )


def _partners(shows: Shows) -> PageTable:
    every = movers.movers(shows.now.partners, shows.before.partners, len(shows.now.partners)) if shows.before else []
    moved = {own.partner_id: own for own in every}
    ordered = sorted(shows.now.partners, key=lambda own: (-own.summary.pipeline_created, own.partner.name))
    rows = [_partner(own, moved.get(own.partner.partner_id)) for own in ordered]
    return PageTable("partners", "What did each partner bring?", _PARTNERS, rows)


def _partner(own: PartnerPerformance, moved: movers.Mover | None) -> list[Any]:
    change = [moved.change, movers.SURE[moved.sure]] if moved else [None, ""]
    found = own.summary
    numbers = [found.leads, found.eqls_in_period, found.won_deals, found.arr, found.pipeline_created]
    return [own.partner.partner_id, own.partner.name, *numbers, *change]
