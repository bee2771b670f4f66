"""What of the page "Channels" goes into files? Its answers, tables and pictures, made from the same results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard import wording
from dashboard.charts import channel_page as charts
from dashboard.charts import channels
from dashboard.domain import Estimate
from dashboard.glossary import term
from dashboard.metrics.campaigns import Rivalry
from dashboard.metrics.channel_value import Comparison, Line
from dashboard.metrics.reallocation import History
from dashboard.reports.figures import Card, Column, Kind
from dashboard.reports.page_document import PageDocument, PagePicture, PageTable
from dashboard.settings import settings
from dashboard.views import channel_page as words
from dashboard.views import channel_page_rows as rows
from dashboard.views.exports import Head
from dashboard.views.overview import conversions_in_words

_COUNTS = (
    Column("channel", "Channel"),
    Column("leads", "Leads", Kind.COUNT),
    Column("mqls", "MQLs", Kind.COUNT),
    Column("eqls", "EQLs", Kind.COUNT),
    Column("sqls", "SQLs", Kind.COUNT),
    Column("won", "Won leads", Kind.COUNT),
    Column("qualified_to_sql", "Qualified → SQL", Kind.RATE),
    Column("qualified_to_sql_low", "from", Kind.RATE),
    Column("qualified_to_sql_high", "to", Kind.RATE),
    Column("qualified_to_won", "Qualified → won", Kind.RATE),
    Column("qualified_to_won_low", "from", Kind.RATE),
    Column("qualified_to_won_high", "to", Kind.RATE),
    Column("won_deals", "Won deals", Kind.COUNT),
    Column("win_rate", "Win rate", Kind.RATE),
    Column("median_days_to_close", "Median days", Kind.DAYS),
    Column("median_days_low", "from", Kind.DAYS),
    Column("median_days_high", "to", Kind.DAYS),
)
_QUOTIENTS = (
    ("arr_per_cost", "ARR per cost"),
    ("pipeline_per_cost", "Pipeline per cost"),
    ("cost_per_lead", "Per lead"),
    ("cost_per_mql", "Per MQL"),
    ("cost_per_eql", "Per EQL"),
    ("cost_per_sql", "Per SQL"),
    ("cost_per_win", "Per won deal"),
    ("contract_value", "Contract value"),
)
_MONEY = (
    Column("channel", "Channel"),
    Column("cost", "Cost", Kind.MONEY),
    Column("arr", "ARR", Kind.MONEY),
    Column("pipeline_created", "Pipeline created", Kind.MONEY),
    *(
        column
        for key, heading in _QUOTIENTS
        for column in (
            Column(key, heading, Kind.MONEY),
            Column(f"{key}_low", "from", Kind.MONEY),
            Column(f"{key}_high", "to", Kind.MONEY),
        )
    ),
)
_RIVALS = (
    Column("name", "Campaign or partner"),
    Column("arr", "ARR", Kind.MONEY),
    Column("arr_low", "from", Kind.MONEY),
    Column("arr_high", "to", Kind.MONEY),
    Column("won_deals", "Won deals", Kind.COUNT),
    Column("times", "Times the campaign's", Kind.MULTIPLE),
    Column("times_low", "from", Kind.MULTIPLE),
    Column("times_high", "to", Kind.MULTIPLE),
)
_CAMPAIGNS = (
    Column("campaign", "Campaign"),
    Column("channel", "Channel"),
    Column("leads", "Leads", Kind.COUNT),
    Column("spend", "Spend (estimated)", Kind.MONEY),
    Column("won_deals", "Won deals", Kind.COUNT),
    Column("arr", "ARR", Kind.MONEY),
)
_SPENDING = (
    Column("place", "Channel or partner"),
    Column("spend", "Spend a quarter", Kind.MONEY),
    Column("least", "least in eight quarters", Kind.MONEY),
    Column("most", "most", Kind.MONEY),
    Column("arr", "ARR a quarter", Kind.MONEY),
    Column("pipeline", "Pipeline a quarter", Kind.MONEY),
)


def document(
    head: Head,
    found: Comparison,
    rivalry: Rivalry,
    histories: Mapping[str, History],
    names: Mapping[str, str],
    whose: str = words.PARTNERS,
) -> PageDocument:
    """All that the page says; `names`: partners' by id, `whose`: what the partners' line is called."""
    currency = settings().currency
    return replace(head, said=[*head.said, words.ASSOCIATION]).document(
        tables(found, rivalry, histories, names, whose),
        pictures(found, rivalry, names, head.period, currency, whose),
        [Card(term(card.term).name, card.value, detail=card.detail) for card in words.cards(found, currency)],
    )


def tables(
    found: Comparison, rivalry: Rivalry, histories: Mapping[str, History], names: Mapping[str, str],
    whose: str = words.PARTNERS,
) -> list[PageTable]:  # fmt: skip
    """Lines with their leads and money, the campaign question, campaigns, and what was spent; empty ones left out."""
    spending, lines = [_spent(history, names) for history in histories.values()], rows.listed(found)
    made = [
        PageTable("channels", "What became of each channel's leads?", _COUNTS, [_counts(own, whose) for own in lines]),
        PageTable("costs", "What did each cost and return?", _MONEY, [_money(own, whose) for own in lines]),
        PageTable("rivals", "Which partners made more than the largest paid campaign?", _RIVALS,
                  _rivals(rivalry, names)),
        PageTable("campaigns", "What did the paid campaigns bring?", _CAMPAIGNS, _campaigns(rivalry)),
        PageTable("spending", "What was spent a quarter, and what came?", _SPENDING, spending),
    ]  # fmt: skip
    return [table for table in made if table.rows]


def _bounds(own: Estimate | None) -> list[float | None]:
    return [own.value, own.low, own.high] if own else [None, None, None]


def _counts(line: Line, whose: str) -> list[Any]:
    own = line.summary
    steps = [line.step(last) for last in ("sql", "won")]
    return [
        words.line_name(line, whose), own.leads, own.mqls, own.eqls, own.sqls, own.won,
        *(value for step in steps for value in _bounds(step[1] if step else None)),
        own.won_deals, own.win_rate.value, *_bounds(line.median_days),
    ]  # fmt: skip


def _money(line: Line, whose: str) -> list[Any]:
    quotients = [value for key, _ in _QUOTIENTS for value in _bounds(getattr(line, key))]
    arr = line.summary.arr if line.contract_value.n else None
    return [words.line_name(line, whose), line.cost or None, arr, line.summary.pipeline_created, *quotients]


def _rivals(found: Rivalry, names: Mapping[str, str]) -> list[list[Any]]:
    if found.largest is None:
        return []
    first = [found.largest.name, *_bounds(found.largest_arr), found.largest.won_deals, None, None, None]
    others = [
        [names.get(own.partner_id, own.partner_id), *_bounds(own.arr), own.won_deals, *_bounds(own.times)]
        for own in found.above
    ]
    return [first, *others]


def _campaigns(found: Rivalry) -> list[list[Any]]:
    return [
        [own.name or "no campaign named", wording.label(own.channel), own.leads, own.spend, own.won_deals, own.arr]
        for own in found.campaigns
    ]


def _spent(history: History, names: Mapping[str, str]) -> list[Any]:
    arr, pipeline = (sum(own.total for own in part[-history.learned :]) for part in (history.arr, history.pipeline))
    return [
        words.bare_name(history.place, names), history.spend, *history.seen,
        arr / history.learned, pipeline / history.learned,
    ]  # fmt: skip


def pictures(
    found: Comparison, rivalry: Rivalry, names: Mapping[str, str], name: str, currency: str,
    whose: str = words.PARTNERS,
) -> list[PagePicture]:  # fmt: skip
    """The charts of the page; those without anything to show are left out."""
    converting, made = rows.conversions(found, whose), []
    if converting:
        figure = channels.comparison(converting).to_plotly_json()
        basis = f"Leads created in {name}, with 95 % intervals; grey and dashed: reference"
        alt = conversions_in_words(converting)
        title = wording.unmarked(words.converting_title(found, whose))
        made.append(PagePicture("conversions", title, basis, figure, alt))
    for key, question, shown, level in (
        ("returns", f"What does each {words.unit(currency)} come with?", rows.returns(found, currency, whose), None),
        ("lead_costs", "What does a qualified lead cost?", rows.qualified_costs(found, currency, whose), None),
        ("rivals", "Which partners made more than the largest paid campaign?",
         rows.rivals(rivalry, names, currency), rivalry.largest.arr if rivalry.largest else None),
    ):  # fmt: skip
        if shown:
            figure = charts.dots(shown, rows.marks(shown, currency), level).to_plotly_json()
            made.append(PagePicture(key, question, f"{name}, with 95 % intervals", figure, rows.in_words(shown)))
    return made
