"""How does a partner's pack look as one file of HTML? Styles and pictures inside, no script, nothing to load."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from dashboard import palette
from dashboard.reports import partner_parts
from dashboard.reports.figures import Card, Picture
from dashboard.reports.partner_pack import PartnerDocument
from dashboard.reports.partner_parts import Table
from dashboard.reports.partner_pictures import funnel_bars, incidence_curve, percentile_strip, span, twelve_months
from dashboard.reports.typesetting import one_line

STYLES = Path(__file__).with_name("partner_page.css")
LONGEST_FIGURE, LONG = 9, ' class="long"'
NOTHING_FROM_OUTSIDE = "default-src 'none'; style-src 'unsafe-inline'"


def as_html(document: PartnerDocument) -> str:
    """The pack as a page; every text from the data is escaped, and the page may load nothing at all."""
    styles = STYLES.read_text(encoding="utf-8").replace("MARK", palette.PARTNER)
    title = text(document.title)
    basis = text(f"{document.period} · data as of {document.as_of} · money in {document.currency}")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{NOTHING_FROM_OUTSIDE}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} · {text(document.period)}</title><style>\n{styles}</style></head>\n<body><main>\n"
        f'<header><p class="quiet">{basis}</p><h1>{title}</h1><p class="answer">{text(document.sentence)}</p>'
        f"{_facts(document)}</header>\n{_cards(document.cards)}{''.join(_sections(document))}"
        f"<footer>{title} · {basis}</footer>\n</main></body></html>\n"
    )


def text(value: object) -> str:
    """A text from the data as HTML shows it, and never runs it."""
    return html.escape(one_line(value))


def _sections(document: PartnerDocument) -> list[str]:
    return [
        _flow(document),
        _section("How does it compare?", _compared(document)),
        _section("Gaps in the data that cost it", _bullets(document.gaps)),
        _section("What to keep in mind", _bullets(document.notes)),
        _months(document),
        _section("Pages", _table(partner_parts.pages(document), "Pages")),
        _section("Deals in progress", _table(partner_parts.deals(document), "Deals in progress")),
        _section("Decisions so far", _table(partner_parts.decisions(document), "Decisions so far")),
        _section("What the words mean", _words(document.definitions)),
    ]


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{title}</h2>{inner}</section>\n" if inner else ""


def _facts(document: PartnerDocument) -> str:
    facts = "".join(f"<div><dt>{k}</dt><dd>{text(v)}</dd></div>" for k, v in partner_parts.facts(document))
    return f'<dl class="facts">{facts}</dl>' if facts else ""


def _cards(cards: Sequence[Card]) -> str:
    if not cards:
        return ""
    lines = (
        f"<li><span>{text(c.label)}</span><b{LONG if len(c.value) > LONGEST_FIGURE else ''}>{text(c.value)}</b>"
        + "".join(f"<span>{text(more)}</span>" for more in (c.detail, c.change, c.versus) if more)
        + "</li>"
        for c in cards
    )
    return f'<ul class="cards">{"".join(lines)}</ul>\n'


def _flow(document: PartnerDocument) -> str:
    parts = (
        ("How far did leads get?", funnel_bars(document.funnel)),
        ("How fast are its deals won?", incidence_curve(document.curve, document.type_name, document.curve_basis)),
    )
    drawn = "".join(_section(title, _picture(picture)) for title, picture in parts if picture)
    return f'<div class="two">{drawn}</div>\n' if drawn else ""


def _picture(picture: Picture | None) -> str:
    return picture.svg if picture else ""


def _compared(document: PartnerDocument) -> str:
    table = partner_parts.compared(document)
    strips = [percentile_strip(entry) for entry in document.compared]
    rows = [[*row[:3], strip, row[3]] for row, strip in zip(table.rows, strips, strict=True)]
    columns = (*table.columns[:3], ("0 · percentile · 100", 0.0), ("interval", 0.0))
    return _table(Table(columns, rows), "Compared with its type")


def _months(document: PartnerDocument) -> str:
    pictures = twelve_months(document.months, document.currency)
    if not pictures:
        return ""
    drawn = "".join(f"<div>{_picture(picture)}</div>" for picture in pictures)
    note = f'<p class="quiet">{span(document.months)}; figures: sum of these months</p>'
    table = _table(partner_parts.months(document), "Month by month")
    return _section("Month by month", f'<div class="small">{drawn}</div>{note}{table}')


def _bullets(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{text(item)}</li>' for item in items)}</ul>" if items else ""


def _words(definitions: Sequence[tuple[str, str]]) -> str:
    lines = "".join(f"<div><dt>{text(term)}</dt><dd>{text(meaning)}</dd></div>" for term, meaning in definitions)
    return f'<dl class="words">{lines}</dl>' if lines else ""


def _table(table: Table, caption: str) -> str:
    """A table with headers that screen readers announce; on a narrow screen it scrolls within its own frame."""
    if not table.rows:
        return ""
    kinds = ["" if share else ' class="number"' for _, share in table.columns]
    head = "".join(
        f'<th scope="col"{kind}>{text(heading)}</th>' for (heading, _), kind in zip(table.columns, kinds, strict=True)
    )
    body = "".join(f"<tr>{_row(row, kinds)}</tr>" for row in table.rows)
    more = f'<p class="quiet">{text(table.more)}</p>' if table.more else ""
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{caption}"><table><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{more}"
    )


def _row(row: Sequence[str | Picture | None], kinds: Sequence[str]) -> str:
    cells = (_picture(cell) if isinstance(cell, Picture) else text(cell or "") for cell in row)
    first, *others = zip(cells, kinds, strict=True)
    return f'<th scope="row"{first[1]}>{first[0]}</th>' + "".join(f"<td{kind}>{cell}</td>" for cell, kind in others)
