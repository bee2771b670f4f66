"""Which rows stand in the tables of a partner's page, and what is said about each table in one line?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from dashboard import wording
from dashboard.domain import Stage
from dashboard.metrics.partner_page import Brought, DealInProgress, Gap, Lack, OpenPipeline, Page, PartnerPage, Typical
from dashboard.views import review_words
from data_access.decisions import WITHDRAWN, Decision

Rows = dict[str, list[object]]
NO_PAGE = "No page of this partner"

# What is lacking, which number it lowers, and how the list behind it is named in a link (None: no list of leads).
LACKS = {
    Lack.NO_ASSET: ("Leads without a page", "they stand under no page, and lower pipeline per referring page"),
    Lack.NO_REFERRAL: ("Leads without a referral date", "the handover cannot be shown or timed"),
    Lack.UNCONFIRMED: ("EQLs not confirmed by both sides", "they may not be EQLs, and lower EQL → SQL"),
    Lack.UNTOUCHED: ("Leads untouched for 30 days", "nobody worked them: they lower lead → won"),
    Lack.NO_AMOUNT: ("Deals without an amount", "they are missing in pipeline and ARR"),
    Lack.UNCONVERTED: ("Deals without an exchange rate", "they are in no sum of money"),
    Lack.UNDATED: ("Closed deals without a date", "they are missing in won deals, win rate and ARR"),
}


def brought(page: PartnerPage, period: str, then: str | None, currency: str) -> Rows:
    """What it brought in 12 months, in the period and in the one compared with; only what the data know."""
    stretches = [("12 months", page.year), (period, page.quarter)]
    if then is not None and page.before is not None:
        stretches.append((then, page.before))
    present = page.performance.stages_present
    wanted = (
        (any(own.sessions is not None for _, own in stretches), "Traffic (sessions)", "sessions", False),
        (True, "Leads created", "leads", False),
        (Stage.EQL in present, "EQLs", "eqls", False),
        (Stage.SQL in present, "SQLs", "sqls", False),
        (True, "Deals opened", "opened", False),
        (True, "Deals won", "won", False),
        (True, "ARR won", "arr", True),
        (True, "Pipeline created", "pipeline", True),
    )
    shown = [(title, name, money) for there, title, name, money in wanted if there]
    rows: Rows = {"": [title for title, _, _ in shown]}
    for heading, own in stretches:
        rows[heading] = [_cell(own, name, currency if money else None) for _, name, money in shown]
    return rows


def _cell(own: Brought, name: str, currency: str | None) -> str:
    value = getattr(own, name)
    return wording.money(value, currency) if currency else wording.count(value)


def open_in_words(found: OpenPipeline, typical: Typical, currency: str) -> str:
    """What is open, what of it is likely to be won, and how many deals are late."""
    if not found.deals:
        return "No deal is in progress."
    said = f"{wording.several(found.deals, 'deal')} in progress, {wording.money(found.amount, currency)} together"
    if found.weighted is not None:
        said += f"; about {wording.money(found.weighted, currency)} of it will be won (estimated)"
    if typical.p90 is not None:
        late = wording.count(found.overdue) if found.overdue else "none"
        said += f"; {late} older than nine in ten deals were when they were won ({typical.p90:.0f}{wording.THIN}days)"
    return f"{said}."


def typical_in_words(typical: Typical) -> str:
    """How long deals that are won take."""
    if typical.median is None or typical.p75 is None:
        return "No deal was won in the last 12 months, so nothing is typical."
    return (
        f"Won deals took {wording.days(typical.median)} (median), three in four at most {wording.days(typical.p75)} "
        f"(all partners, last 12 months, n = {wording.count(typical.n)})"
    )


def deals(shown: Sequence[DealInProgress], currency: str) -> Rows:
    """Deals in progress as columns of text, in the order given."""
    return {
        "Deal": [deal.name or deal.deal_id for deal in shown],
        "Stage": [wording.label(deal.stage) if deal.stage else wording.NOTHING for deal in shown],
        f"Amount {wording.symbol(currency).strip()}": [wording.count(deal.amount) for deal in shown],
        "Opened": [day(deal.opened_on) for deal in shown],
        "Age": [f"{wording.days(deal.age_days)}{' · late' if deal.overdue else ''}" for deal in shown],
        "Still won (estimated)": [wording.rate(deal.chance, 0) for deal in shown],
        "Owner": [deal.owner or wording.NOTHING for deal in shown],
    }


def pages(shown: Sequence[Page]) -> Rows:
    """The pages as columns, in the order given; the row without a page says so."""
    return {
        "page": [title(page) if page.asset_id else NO_PAGE for page in shown],
        "kind": [wording.label(page.kind) if page.kind else None for page in shown],
        "leads": [page.leads for page in shown],
        "eqls": [page.eqls for page in shown],
        "won": [page.won for page in shown],
        "pipeline": [page.pipeline for page in shown],
        "refreshed": [page.refreshed_on for page in shown],
        "url": [f"{page.url or ''}{' (retired)' if page.retired else ''}".strip() or None for page in shown],
    }


def pages_in_words(shown: Sequence[Page], currency: str) -> str:
    """Which page brought most, and how much of the pipeline."""
    named = [page for page in shown if page.asset_id]
    total = sum(page.pipeline for page in shown)
    if not named:
        return "No page of this partner brought a lead in the 12 months up to the period’s end."
    best = named[0]
    if not best.pipeline:
        return f"{wording.several(len(named), 'page')}; none brought pipeline in the period."
    name = review_words.shortened(title(best))
    share = wording.rate(best.pipeline / total, 0)
    return (
        f"{wording.several(len(named), 'page')}; {wording.plain(name)} brought "
        f"{wording.money(best.pipeline, currency)}, {share} of the pipeline"
    )


def title(page: Page) -> str:
    """What a page is called; its address or key where it has no title."""
    return page.title or page.url or page.asset_id or ""


def gaps(found: Sequence[Gap]) -> Rows:
    """What is lacking, of how many, and what it costs."""
    return {
        "Gap": [LACKS[gap.lack][0] for gap in found],
        "How many": [_of(gap) for gap in found],
        "What it costs": [wording.beginning(LACKS[gap.lack][1]) for gap in found],
    }


def _of(gap: Gap) -> str:
    return f"{wording.count(gap.count)} of {wording.count(gap.of)} ({wording.rate(gap.count / gap.of, 0)})"


def gap_sentences(found: Sequence[Gap]) -> list[str]:
    """The gaps as sentences, for paper."""
    return [
        f"{LACKS[gap.lack][0]}: {wording.count(gap.count)} of {wording.count(gap.of)}; {LACKS[gap.lack][1]}."
        for gap in found
    ]


def decisions(made: Sequence[Decision], currency: str, zone: str, fiscal: int) -> Rows:
    """Decisions, the newest first, each with whether a later one superseded it."""
    seen: set[str] = set()
    rows: Rows = {name: [] for name in ("Period", "Decision", "Budget", "Note", "By", "When")}
    for one in made:
        word = "taken back" if one.decision == WITHDRAWN else one.decision
        values = (
            wording.period_name(one.period, fiscal),
            f"{wording.label(word)}{' (superseded)' if one.period in seen else ''}",
            wording.money(one.budget, currency),
            one.note or "",
            one.author,
            on_day(one.decided_at, zone),
        )
        seen.add(one.period)
        for name, value in zip(rows, values, strict=True):
            rows[name].append(value)
    return rows


def on_day(moment: datetime, zone: str) -> str:
    """The day of a moment in the reporting time zone."""
    return wording.day(moment.astimezone(ZoneInfo(zone)))


def day(on: date | None) -> str:
    """A day, or "–"."""
    return wording.NOTHING if on is None else wording.day(datetime.combine(on, time()))
