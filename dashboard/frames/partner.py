"""How is one partner doing? The questions of its page: everything about it in a period, and what was decided."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy import Engine

from dashboard import period as periods
from dashboard.answers import answer, current, engine
from dashboard.frames.performance import (
    lead_delays,
    performance_of_selection,
    period_frames,
    read_ahead,
    reading,
    window,
)
from dashboard.metrics import partner_page as metric
from dashboard.metrics.partner_page import Brought, PartnerPage
from dashboard.metrics.performance import ALL
from dashboard.metrics.review import Review, quarterly_review
from dashboard.period import Period
from dashboard.window import Window
from data_access.decisions import Decision, decisions_of
from data_access.engine import DatabaseUnavailable
from data_access.partner_page import PartnerRows, read_partner


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided about a partner, the newest first; None where the database did not say."""

    decisions: tuple[Decision, ...] | None


def partner_page(period: Period, compared: Period | None, partner_id: str) -> PartnerPage:
    """Everything about one partner in a period, beside another period; KeyError where there is no such partner."""

    def compute(engine: Engine, instant: datetime) -> PartnerPage:
        rows = partial(_rows, period, compared, partner_id)
        read_ahead(partial(period_frames, period), lead_delays, rows)
        return _composed(period, compared, partner_id, rows(), window(period, instant))

    return answer(("partner page", period, compared, partner_id), compute)


def decided(partner_id: str) -> Decided:
    """What was decided about the partner: read afresh, since somebody may just have saved."""
    with suppress(DatabaseUnavailable):
        return Decided(tuple(decisions_of(engine(), partner_id)))
    return Decided(None)


def _rows(period: Period, compared: Period | None, partner_id: str) -> PartnerRows:
    first = periods.months_before(period.end, 12)
    first = min(first, period.start, compared.start if compared else first)
    return current(
        ("partner rows", period, first, partner_id),
        lambda engine, instant: read_partner(engine, window(period, instant), partner_id, first),
    )


def _review(period: Period) -> Review:
    def compute(engine: Engine, instant: datetime) -> Review:
        return quarterly_review(performance_of_selection(period, ALL), reading(period).cells.deals)

    return current(("partner review", period), compute)


def _composed(
    period: Period, compared: Period | None, partner_id: str, rows: PartnerRows, window: Window
) -> PartnerPage:
    everybody, read, review = performance_of_selection(period, ALL), reading(period), _review(period)
    own = {p.partner.partner_id: p for p in everybody.partners}[partner_id]
    beside = metric.everybody_compared(everybody, read.cells, {partner_id})[partner_id]
    curve, typical = metric.all_curve(read), metric.typical_days(read.closing)
    start, end = period.start.date(), period.end.date()
    return PartnerPage(
        partner=own.partner,
        own=own,
        performance=everybody,
        review=review.rows[partner_id],
        ranked=review.ranking.eligible,
        peers=beside.peers,
        medians=metric.medians_of(beside.others),
        compared=beside.rows,
        funnel=metric.funnel_of(own, everybody, read.cells, beside.peers),
        curve=metric.curve_of(read.cells, [partner_id]),
        peer_curve=metric.curve_of(read.cells, beside.peers.ids),
        quarter=metric.brought(rows.days, start, end),
        before=metric.brought(rows.days, compared.start.date(), compared.end.date()) if compared else None,
        year=metric.brought(rows.days, window.pages_start.date(), end),
        months=_months(rows, window),
        open=metric.open_pipeline(rows.ages, curve, typical),
        deals=metric.deals_in_progress(rows.deals, curve, typical),
        typical=typical,
        pages=metric.pages_of(rows.pages),
        gaps=metric.gaps_of(rows.gaps),
    )


def _months(rows: PartnerRows, window: Window) -> dict[date, Brought]:
    """The months of the 12 up to the period's end that have begun, the oldest first."""
    first, end = window.pages_start.date(), window.period.end.date()
    last = min(end - timedelta(days=1), window.as_of_day)
    starts = [periods.add_months(first, step) for step in range(13)]
    return {
        start: metric.brought(rows.days, max(start, first), min(periods.add_months(start, 1), end))
        for start in starts
        if start <= last
    }


def default_partner(period: Period, chosen: frozenset[str] | None) -> str:
    """The chosen partner with the most pipeline created in the period, of all where none is chosen; ties by name."""
    everybody = performance_of_selection(period, ALL).partners
    own = [p for p in everybody if chosen is None or p.partner.partner_id in chosen] or list(everybody)
    best = min(own, key=lambda p: (-p.summary.pipeline_created, -p.summary.leads, p.partner.name, p.partner.partner_id))
    return best.partner.partner_id
