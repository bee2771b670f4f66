"""The quarterly review as a document, as rows, as JSON and as the numbers that a decision keeps: one source for all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine

from dashboard import wording
from dashboard.glossary import term
from dashboard.metrics.budget import Budget as Balance
from dashboard.metrics.budget import Spending, budget_of
from dashboard.metrics.cells import Reading
from dashboard.metrics.performance import PartnerPerformance, Performance, partners_of, performance
from dashboard.metrics.rank_history import ReviewResult, periods_before, rank_history
from dashboard.metrics.review import RankingMetric, ReviewRow, quarterly_review
from dashboard.metrics.suggestion import Suggestion
from dashboard.metrics.summary import Summary
from dashboard.period import Period
from dashboard.reports import review_pack as pack
from dashboard.reports.figures import Card
from dashboard.settings import Settings
from dashboard.views import review_words as words
from dashboard.window import Window
from data_access.decisions import WITHDRAWN, Decision, Numbers, last_decisions
from data_access.ranks import read_rank_cells
from data_access.reading import read_performance

Decisions = Mapping[str, Decision]
ZONES = {Suggestion.DOUBLE: pack.Zone.TOP, Suggestion.END: pack.Zone.BOTTOM}
TERMS = (
    "pipeline_per_referring_page", "rank_interval", "p_top", "p_bottom", "suggestion", "too_few_eqls", "win_rate",
    "interval", "pipeline_multiple", "budget",
)  # fmt: skip


def standing(decisions: Decisions) -> dict[str, Decision]:
    """The decisions that hold: without those that were withdrawn."""
    return {key: own for key, own in decisions.items() if own.decision != WITHDRAWN}


def lines(result: ReviewResult, listed: Sequence[str], decisions: Decisions) -> list[pack.ReviewLine]:
    """One line for each listed partner that is ranked, best first."""
    everyone = {own.partner.partner_id: own for own in result.performance.partners}
    holding = standing(decisions)
    rows = [(key, result.review.rows[key]) for key in listed]
    ranked = sorted(
        ((row.place.rank, key, row) for key, row in rows if row.place.rank is not None), key=lambda r: r[:2]
    )
    return [line(result, everyone[key], row, holding.get(key)) for _, key, row in ranked]


def line(result: ReviewResult, own: PartnerPerformance, row: ReviewRow, made: Decision | None) -> pack.ReviewLine:
    """One partner of the table."""
    key, summary, sure = own.partner.partner_id, own.summary, row.certainty
    before = result.ranks_before(key)
    return pack.ReviewLine(
        partner_id=key,
        name=own.partner.name,
        rank=row.place.rank,
        rank_low=sure.low if sure else None,
        rank_high=sure.high if sure else None,
        p_top=sure.p_top if sure else None,
        p_bottom=sure.p_bottom if sure else None,
        last_rank=before[-1] if before else None,
        eqls=summary.eqls_in_period,
        sqls=summary.sqls_in_period,
        won=summary.won_deals,
        win_rate=summary.win_rate,
        arr=summary.arr,
        pipeline=summary.pipeline_created,
        pages=summary.referring_pages_12_months,
        per_page=summary.pipeline_per_referring_page,
        cost=summary.programme_cost,
        multiple=summary.pipeline_multiple,
        badges=words.badges(own, result.review.metric, result.performance.window.period),
        suggestion=words.SUGGESTIONS[row.suggested.suggestion] if row.suggested else "",
        reason=words.reason(row.suggested),
        decision=words.SUGGESTIONS[Suggestion(made.decision)] if made else "",
        note=(made.note or "") if made else "",
        budget=made.budget if made else None,
    )


def unranked(result: ReviewResult, listed: Sequence[str]) -> list[tuple[str, str]]:
    """Name and reason of each listed partner that is not ranked, by name."""
    names = {own.partner.partner_id: own.partner.name for own in result.performance.partners}
    found = [
        (names[key], words.reasons_against(row, result.review.metric))
        for key in listed
        if (row := result.review.rows[key]).place.rank is None
    ]
    return sorted(found, key=lambda pair: pair[0].casefold())


def balance(result: ReviewResult, choices: Mapping[str, tuple[str, float | None]]) -> Balance:
    """The budget of what was chosen: decision and budget by partner."""
    cost = {own.partner.partner_id: own.direct_cost for own in result.performance.partners}
    return budget_of(
        Spending(key, Suggestion(decision), cost[key], budget)
        for key, (decision, budget) in choices.items()
        if key in cost
    )


def numbers_of(result: ReviewResult, partner_id: str, data_version: int) -> Numbers:
    """What a decision keeps of the numbers as they stood; JSON-ready."""
    own = next(p for p in result.performance.partners if p.partner.partner_id == partner_id)
    row, window = result.review.rows[partner_id], result.performance.window
    summary = own.summary
    return {
        **_certainty(row),
        "metric": result.review.metric.value,
        "value": row.value,
        "rank": row.place.rank,
        "reasons": [why.value for why in row.place.reasons],
        "needs_50_eqls": result.needs_50_eqls,
        "eqls": summary.eqls_in_period,
        "sqls": summary.sqls_in_period,
        "won": summary.won_deals,
        "win_rate": asdict(summary.win_rate),
        "arr": summary.arr,
        "pipeline": summary.pipeline_created,
        "pages": summary.referring_pages_12_months,
        "cost": summary.programme_cost,
        "direct_cost": own.direct_cost,
        "multiple": summary.pipeline_multiple,
        "currency": window.currency,
        "as_of": window.as_of.isoformat(),
        "data_version": data_version,
    }


def _certainty(row: ReviewRow) -> dict[str, Any]:
    sure, suggested = row.certainty, row.suggested
    return {
        "rank_interval": {"low": sure.low, "high": sure.high, "content": sure.content} if sure else None,
        "p_top": sure.p_top if sure else None,
        "p_bottom": sure.p_bottom if sure else None,
        "suggestion": suggested.suggestion.value if suggested else None,
        "why": suggested.why.value if suggested else None,
    }


def review_section(result: ReviewResult) -> dict[str, Any]:
    """The review for the JSON report: `ranking` joins the report's ranking, `partners` (by id) its partners."""
    review = result.review
    return {
        "ranking": {
            "metric": review.metric.value,
            "needs_50_eqls": result.needs_50_eqls,
            "consequences": asdict(review.consequences) if review.consequences else None,
            "periods_before": [period.label for period in result.periods_before],
        },
        "partners": {
            key: _certainty(row)
            | {
                "ranking_value": row.value,
                "expected": asdict(row.certainty.expected) if row.certainty else None,
                "reason": words.reason(row.suggested) or words.reasons_against(row, review.metric),
                "last_rank": result.ranks_before(key)[-1],
                "ranks_before": result.ranks_before(key),
            }
            for key, row in review.rows.items()
        },
    }


def review_document(
    result: ReviewResult,
    settings: Settings,
    decisions: Decisions,
    last: Decisions,
    listed: Sequence[str] | None = None,
) -> pack.ReviewDocument:
    """The document behind PDF, workbook and CSV: of the listed partners, or of all.

    `decisions` and `last` are those on this period and on the one before, by partner. A decided partner's budget is the
    one that was named, else what its decision makes of its direct cost.
    """
    review, window = result.review, result.performance.window
    names = {own.partner.partner_id: own.partner.name for own in result.performance.partners}
    shown = list(names) if listed is None else list(listed)
    found = _budget(result, decisions)
    next_budget = {own.partner_id: own.after for own in found.lines}
    rows = [replace(own, budget=next_budget.get(own.partner_id)) for own in lines(result, shown, decisions)]
    when = wording.period_name(window.period.label, settings.fiscal_year_start)
    return pack.ReviewDocument(
        title="Quarterly review",
        period=when,
        as_of=wording.moment(window.as_of, window.zone),
        moment=window.as_of,
        currency=window.currency,
        headline=words.answer(result, when),
        second=words.basis(result),
        notes=words.notes(result, len(shown)),
        ranked_by=words.METRICS[review.metric],
        zone_size=review.ranking.group_size,
        ranked=review.ranking.eligible,
        cards=_key_figures(result.performance.partner_sourced, window.currency),
        ranks=[_rank_line(own, review.rows[own.partner_id]) for own in rows],
        rows=rows,
        unranked=unranked(result, shown),
        budget=_balance_sheet(found, names),
        consequences=[
            pack.Consequence(rule.name, rule.consequence.named, rule.consequence.wrong, rule.consequence.found)
            for rule in words.rules(result)
        ],
        consequences_note=words.what_it_buys(result),
        last_decisions=past_decisions(result, last, settings),
        definitions=[(term(key).name, " ".join(filter(None, (term(key).meaning, term(key).reading)))) for key in TERMS],
    )


def _key_figures(sourced: Summary, currency: str) -> list[Card]:
    """What all partners together brought and cost, whoever is listed."""
    return [
        Card(term(key).name, value)
        for key, value in (
            ("arr", wording.money(sourced.arr, currency)),
            ("pipeline_created", wording.money(sourced.pipeline_created, currency)),
            ("eql", wording.count(sourced.eqls_in_period)),
            ("programme_cost", wording.money(sourced.programme_cost, currency)),
            ("pipeline_multiple", wording.multiple(sourced.pipeline_multiple)),
        )
    ]


def _rank_line(own: pack.ReviewLine, row: ReviewRow) -> pack.RankLine:
    rank = row.place.rank or 0
    low, high = own.rank_low or rank, own.rank_high or rank
    zone = ZONES.get(row.suggested.suggestion, pack.Zone.MIDDLE) if row.suggested else pack.Zone.MIDDLE
    return pack.RankLine(own.name, rank, low, high, own.p_top, own.p_bottom, zone)


def _budget(result: ReviewResult, decisions: Decisions) -> Balance:
    return balance(result, {key: (own.decision, own.budget) for key, own in standing(decisions).items()})


def _balance_sheet(found: Balance, names: Mapping[str, str]) -> pack.Budget:
    if not found.lines:
        return pack.Budget()
    moved = [
        pack.BudgetLine(names[own.partner_id], words.SUGGESTIONS[own.decision], own.before, own.after, own.partner_id)
        for own in found.lines
    ]
    return pack.Budget(found.freed, found.needed, found.balance, moved)


def past_decisions(result: ReviewResult, last: Decisions, settings: Settings) -> list[pack.PastDecision]:
    """Last period's decisions and what became of them, by name."""
    everyone = {own.partner.partner_id: own for own in result.performance.partners}
    found = [
        pack.PastDecision(
            name=everyone[key].partner.name,
            decided=words.decided(made, settings.currency),
            by=made.author,
            when=wording.moment(made.decided_at, settings.time_zone),
            outcome=words.outcome(result, everyone[key], made),
        )
        for key, made in standing(last).items()
        if key in everyone
    ]
    return sorted(found, key=lambda own: own.name.casefold())


def read_review(
    engine: Engine,
    period: Period,
    as_of: datetime,
    settings: Settings,
    metric: RankingMetric = RankingMetric.PIPELINE_PER_REFERRING_PAGE,
    needs_50_eqls: bool = False,
) -> ReviewResult:
    """The review of a period as the page computes it, read at once; raises what `read_performance` raises."""
    window = Window(period, as_of, settings.time_zone, settings.currency)
    reading = read_performance(engine, window)
    return review_of(engine, performance(reading, window, settings), reading, settings, metric, needs_50_eqls)


def review_of(
    engine: Engine,
    everybody: Performance,
    reading: Reading,
    settings: Settings,
    metric: RankingMetric = RankingMetric.PIPELINE_PER_REFERRING_PAGE,
    needs_50_eqls: bool = False,
) -> ReviewResult:
    """The review of a period that is read already; only the periods before are read."""
    review = quarterly_review(everybody, reading.cells.deals, metric, needs_50_eqls)
    cells = read_rank_cells(engine, everybody.window, periods_before(everybody.window.period, settings))
    history = rank_history(cells, partners_of(reading.partners), metric, settings.overhead)
    return ReviewResult(everybody, review, cells.periods, tuple(history), needs_50_eqls)


def read_review_document(engine: Engine, period: Period, as_of: datetime, settings: Settings) -> pack.ReviewDocument:
    """The document of a review with the decisions that hold; raises what `read_review` raises."""
    result = read_review(engine, period, as_of, settings)
    before = result.periods_before[-1].label
    decisions = last_decisions(engine, period.label, before)
    return review_document(result, settings, decisions[period.label], decisions[before])
