"""What stands in the pack of one partner? Its page's results as the document that becomes PDF and HTML."""

from __future__ import annotations

from datetime import datetime, time

import numpy as np

from dashboard import wording
from dashboard.glossary import term
from dashboard.metrics.partner_page import Page, PartnerPage
from dashboard.metrics.partner_standing import Compared as ComparedRow
from dashboard.metrics.survival import IncidenceCurve, band, incidence_at
from dashboard.period import Period
from dashboard.reports import figures
from dashboard.reports import partner_pack as pack
from dashboard.settings import Settings
from dashboard.views import partner, partner_charts, partner_tables
from dashboard.views.comparison import Versus
from dashboard.views.headline import Setting

CURVE_DAYS = range(0, 366, 5)
TERMS = ("eql", "pipeline_created", "arr", "shrunken_win_rate", "standing", "weighted_pipeline", "typical_days")


def partner_document(
    page: PartnerPage, when: Setting, versus: Versus | None, settings: Settings
) -> pack.PartnerDocument:
    """The document of a partner's page; the same words as on screen, without Markdown.

    The partner reads it at the review: what we think of doing with it, and decisions with their notes, stay at home.
    """
    window = page.performance.window
    return pack.PartnerDocument(
        header=_header(page),
        title=page.partner.name,
        period=when.period,
        as_of=wording.moment(window.as_of, settings.time_zone),
        moment=window.as_of,
        currency=when.currency,
        sentence=f"{partner.outcome(page, when, versus)} {partner.limits(page, when, advice=False)}".strip(),
        type_name=partner.peers_name(page.peers).removeprefix("the "),
        cards=[
            figures.Card(term(card.term).name, card.value, card.change or "", card.note, card.detail)
            for card in partner.cards(page, versus, when.currency)
        ],
        funnel=_funnel(page),
        months=_months(page),
        compared=[_compared(row, when.currency) for row in page.compared],
        curve=_curve(page),
        pages=[_page_line(own) for own in page.pages],
        deals=[
            pack.OpenDeal(
                deal.name or deal.deal_id,
                wording.label(deal.stage) if deal.stage else "",
                deal.amount,
                deal.age_days,
                page.typical.median,
            )
            for deal in page.deals
        ],
        gaps=partner_tables.gap_sentences(page.gaps),
        notes=_notes(page, when.currency),
        definitions=[(term(key).name, term(key).help.replace("\n\n", " ")) for key in TERMS],
    )


def file_name(page: PartnerPage, period: Period, ending: str) -> str:
    """A name for the download that every system takes: `partner-P0001-2026-Q3.pdf`."""
    key = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in page.partner.partner_id)
    return f"partner-{key[:40]}-{period.label.replace('..', '-to-')}.{ending}"


def _header(page: PartnerPage) -> pack.PartnerHeader:
    own = page.partner
    return pack.PartnerHeader(
        own.name,
        wording.label(own.partner_type),
        wording.label(own.tier) if own.tier else "",
        own.region or "",
        own.manager or "",
        wording.day(datetime.combine(own.joined_on, time())) if own.joined_on else "",
        wording.label(own.status),
    )


def _funnel(page: PartnerPage) -> list[pack.FunnelStep]:
    following = {step.first: step for step in page.funnel.steps}
    found = []
    for stage, count in page.funnel.counts.items():
        label, step = partner_charts.STAGES[stage], following.get(stage)
        found.append(pack.FunnelStep(label, count, step.own, step.immature) if step else pack.FunnelStep(label, count))
    return found


def _months(page: PartnerPage) -> list[pack.Month]:
    return [
        pack.Month(month, own.sessions, own.leads, own.eqls, own.sqls, own.won, own.arr, own.pipeline)
        for month, own in page.months.items()
    ]


def _compared(row: ComparedRow, currency: str) -> pack.Compared:
    percentile, low, high = partner_charts.shares(row)
    return pack.Compared(
        partner_charts.MEASURES[row.measure],
        partner_charts.value(row, currency),
        partner_charts.median(row, currency),
        percentile,
        low,
        high,
    )


def _curve(page: PartnerPage) -> list[pack.CurvePoint]:
    """Both curves every five days, each as long as a deal was followed."""
    if not page.curve.n and not page.peer_curve.n:
        return []
    bands = [band(curve) for curve in (page.curve, page.peer_curve)]
    points = []
    for day in CURVE_DAYS:
        own, others = (
            _at(curve, bounds, day) for curve, bounds in zip((page.curve, page.peer_curve), bands, strict=True)
        )
        points.append(pack.CurvePoint(day, *own, *others))
    return points


def _at(
    curve: IncidenceCurve, bounds: tuple[np.ndarray, np.ndarray], day: int
) -> tuple[float | None, float | None, float | None]:
    if not curve.n or day > curve.days[-1]:
        return None, None, None
    place = int((curve.days <= day).sum())
    if not place:
        return 0.0, 0.0, 0.0
    return incidence_at(curve, day), float(bounds[0][place - 1]), float(bounds[1][place - 1])


def _page_line(own: Page) -> pack.PageLine:
    if own.asset_id is None:
        return pack.PageLine(partner_tables.NO_PAGE, "", own.leads, own.eqls, own.won, own.pipeline)
    kind = wording.label(own.kind) if own.kind else ""
    return pack.PageLine(partner_tables.title(own), kind, own.leads, own.eqls, own.won, own.pipeline)


def _notes(page: PartnerPage, currency: str) -> list[str]:
    shown = len(page.deals)
    said = [
        partner_tables.open_in_words(page.open, page.typical, currency),
        partner_tables.typical_in_words(page.typical),
        partner.compared_with(page.peers),
    ]
    if shown < page.open.deals:
        said.append(f"The {wording.count(shown)} oldest of {wording.count(page.open.deals)} deals are listed.")
    return [text if text.endswith(".") else f"{text}." for text in said]
