"""What do AI referrals hand to a page's files? Tables of raw values and the chart."""

from __future__ import annotations

from typing import Any

from dashboard.charts import ai_referrals as charts
from dashboard.filters import Filters
from dashboard.frames import ai_referrals as asked
from dashboard.frames.performance import choices
from dashboard.metrics.ai_referrals import AiReferrals, Brought
from dashboard.period import Period
from dashboard.reports.figures import Column, Kind
from dashboard.reports.page_document import PagePicture, PageTable
from dashboard.views import ai_referrals_words as words

_BROUGHT = (
    Column("leads", "Leads", Kind.COUNT),
    Column("eqls", "EQLs", Kind.COUNT),
    Column("won_deals", "Won deals", Kind.COUNT),
    Column("arr", "ARR", Kind.MONEY),
    Column("opened", "Deals opened", Kind.COUNT),
    Column("pipeline", "Pipeline", Kind.MONEY),
)
_SHARE = (
    Column("share_of_eqls", "Of all EQLs", Kind.RATE),
    Column("low", "From", Kind.RATE),
    Column("high", "to", Kind.RATE),
)


def tables(period: Period, chosen: Filters) -> list[PageTable]:
    """AI referrals by source, partner and month, and the names in utm_source."""
    found = asked.ai_referrals(period, chosen)
    return [
        PageTable(
            "ai-sources", "What do AI assistants and overviews bring?", (Column("source", "Source"), *_BROUGHT),
            [[name, *_brought(own)] for name, own in (*found.sources.items(), ("All AI referrals", found.total))],
        ),
        PageTable("ai-partners", "To whom do they come?", (Column("partner", "Partner"), *_BROUGHT, *_SHARE),
                  _partners(found)),
        PageTable("ai-months", "Do they grow?", (Column("month", "Month"), *_BROUGHT, *_SHARE), _months(found)),
        PageTable(
            "ai-names", "Which names were recognised, and which look like AI?",
            (Column("name", "utm_source"), Column("source", "Counted as"), Column("leads", "Leads", Kind.COUNT)),
            [*([name or words.BY_CHANNEL, source, leads] for name, source, leads in found.names),
             *([name, "not counted", leads] for name, leads in found.lookalikes)],
        ),
    ]  # fmt: skip


def pictures(period: Period, chosen: Filters) -> list[PagePicture]:
    """The shares by month, where there is any AI referral."""
    found = asked.ai_referrals(period, chosen)
    if not any(month.brought.leads for month in found.months):
        return []
    months = [month.month for month in found.months]
    figure = charts.trend(months, words.series(found)).to_plotly_json()
    return [PagePicture("ai-referrals", "Do AI referrals grow?", words.BY_MONTH, figure, words.months_in_words(found))]


def _brought(own: Brought) -> list[Any]:
    return [own.leads, own.eqls, own.won_deals, own.arr, own.opened, own.pipeline]


def _partners(found: AiReferrals) -> list[list[Any]]:
    names = choices().names
    return [
        [
            words.NOBODY if own.partner_id is None else names.get(own.partner_id, own.partner_id),
            *_brought(own.brought),
            *(own.share_of_eqls.value, own.share_of_eqls.low, own.share_of_eqls.high),
        ]
        for own in found.partners
    ]


def _months(found: AiReferrals) -> list[list[Any]]:
    return [
        [
            f"{own.month:%Y-%m}",
            *_brought(own.brought),
            *(own.share_of_eqls.value, own.share_of_eqls.low, own.share_of_eqls.high),
        ]
        for own in found.months
    ]
