"""What stands where on a partner's paper? The document as texts and pictures, in the order of partner.typ."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dashboard.reports import partner_parts
from dashboard.reports.figures import Picture
from dashboard.reports.partner_pack import PartnerDocument
from dashboard.reports.partner_pictures import funnel_bars, incidence_curve, percentile_strip, span, twelve_months
from dashboard.reports.typesetting import pdf, shortened


def as_pdf(document: PartnerDocument) -> bytes:
    """The pack as a PDF: A4 portrait, the same bytes for the same document."""
    return pdf("partner.typ", paper(document), document.moment)


def paper(document: PartnerDocument) -> dict[str, Any]:
    """Everything that partner.typ sets, as texts."""
    title = shortened(document.title, 120)
    return {
        "title": title,
        "period": document.period,
        "eyebrow": f"{document.period} · data as of {document.as_of} · money in {document.currency}",
        "footer": f"{shortened(document.title, 60)} · {document.period} · data as of {document.as_of}",
        "headline": document.sentence,
        "second": "",
        "facts": partner_parts.facts(document),
        "cards": [asdict(card) for card in document.cards],
        "funnel": _picture(funnel_bars(document.funnel)),
        "curve": _picture(incidence_curve(document.curve, document.type_name, document.curve_basis)),
        "twelve": [asdict(picture) for picture in twelve_months(document.months, document.currency)],
        "span": span(document.months),
        "months": partner_parts.months(document).for_paper(spread=True),
        "compared": partner_parts.compared(document).for_paper(),
        "strips": [_picture(percentile_strip(entry)) for entry in document.compared],
        "pages": partner_parts.pages(document).for_paper(),
        "deals": partner_parts.deals(document).for_paper(),
        "gaps": list(document.gaps),
        "notes": list(document.notes),
        "decisions": partner_parts.decisions(document).for_paper(),
        "definitions": [list(entry) for entry in document.definitions],
    }


def _picture(picture: Picture | None) -> dict[str, Any] | None:
    return asdict(picture) if picture else None
