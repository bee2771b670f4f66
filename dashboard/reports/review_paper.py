"""What stands where on the review's paper? The document as texts, in the order of review.typ."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from dashboard import wording
from dashboard.reports.figures import Kind, Picture, bounds, probability, written
from dashboard.reports.rank_pictures import NAMED_AT_MOST, rank_intervals
from dashboard.reports.review_pack import ReviewDocument, ReviewLine
from dashboard.reports.typesetting import pdf, shortened

LONGEST_NAME = 34
# Decisions that move something stand on the first page with their reason; the others are named.
MOVING = ("end", "double")
REASONED_AT_MOST = 30  # beyond, they are named too: reasons for all are in the workbook
NAMED_IN_A_GROUP = 60
OUTERMOST = 20  # where nothing moves among too many partners: so many from either end of the table
HEADINGS = (  # group of columns, heading, side, share of the width
    ("", "Partner", "left", 1.0),
    ("Rank", "now", "right", 0),
    ("Rank", "interval", "right", 0),
    ("Rank", "last", "right", 0),
    ("Rank", "P top", "right", 0),
    ("Rank", "P bottom", "right", 0),
    ("What it brought", "EQLs", "right", 0),
    ("What it brought", "SQLs", "right", 0),
    ("What it brought", "won", "right", 0),
    ("What it brought", "win rate", "right", 0),
    ("What it brought", "95 %", "right", 0),
    ("What it brought", "ARR", "right", 0),
    ("What it brought", "pipeline", "right", 0),
    ("Per page", "pages", "right", 0),
    ("Per page", "pipeline", "right", 0),
    ("Cost", "cost", "right", 0),
    ("Cost", "multiple", "right", 0),
    ("What follows", "suggested", "left", 0),
    ("What follows", "decided", "left", 0),
    ("What follows", "budget", "right", 0),
)


def as_pdf(document: ReviewDocument) -> bytes:
    """The review as a PDF: A4, the answer on page 1, the same bytes for the same document."""
    return pdf("review.typ", paper(document), document.moment)


def paper(document: ReviewDocument) -> dict[str, Any]:
    """Everything that review.typ sets, as texts."""
    return {
        "title": document.title,
        "period": document.period,
        "eyebrow": f"{document.period} · data as of {document.as_of} · money in {document.currency}",
        "footer": f"{document.title} · {document.period} · data as of {document.as_of}",
        "headline": document.headline,
        "second": document.second,
        "notes": list(document.notes),
        "cards": [asdict(card) for card in document.cards],
        "decided": _decided(document),
        "grouped": _grouped_decisions(document),
        "budget": _budget(document),
        "pictures": [asdict(p) for p in _pictures(document)],
        "picture-note": _picture_note(document),
        "table": _figures(document),
        "unranked": _groups((reason, name) for name, reason in document.unranked),
        "certainty": _certainty(document),
        "last": _last(document),
        "definitions": [list(entry) for entry in document.definitions],
    }


def _verdict(row: ReviewLine) -> str:
    return (row.decision or row.suggestion).casefold()


def _decided(document: ReviewDocument) -> dict[str, Any]:
    """The partners for which money moves, ends first, each with its reason and its budget."""
    before = {line.partner_id or line.name: line.before for line in document.budget.lines}
    return {
        "title": "What is decided" if _counted(document) else "What the figures suggest",
        "sentence": _decided_sentence(document),
        "rows": [
            {
                "name": shortened(row.name, LONGEST_NAME * 2),
                "suggestion": row.suggestion,
                "decision": row.decision or wording.NOTHING,
                "reason": row.reason,
                "note": row.note,
                "before": written(before.get(row.partner_id, before.get(row.name)), Kind.MONEY, document.currency),
                "budget": written(row.budget, Kind.MONEY, document.currency),
            }
            for row in _reasoned(document)
        ],
    }


def _reasoned(document: ReviewDocument) -> list[ReviewLine]:
    moving = _moving(document)
    return moving if len(moving) <= REASONED_AT_MOST else []


def _moving(document: ReviewDocument) -> list[ReviewLine]:
    changed = {
        line.partner_id or line.name
        for line in document.budget.lines
        if None not in (line.before, line.after) and line.before != line.after
    }
    moving = [row for row in document.rows if _verdict(row) in MOVING or changed & {row.partner_id, row.name}]
    order = {verdict: place for place, verdict in enumerate(MOVING)}
    return sorted(moving, key=lambda row: order.get(_verdict(row), len(order)))


def _counted(document: ReviewDocument) -> Counter[str]:
    return Counter(row.decision for row in document.rows if row.decision)


def _decided_sentence(document: ReviewDocument) -> str:
    counted = _counted(document)
    if not counted:
        return ""
    said = [f"{wording.count(number)} {decision.casefold()}" for decision, number in counted.most_common()]
    return f"Decided for {wording.several(counted.total(), 'partner')}: {wording.enumeration(said)}."


def _grouped_decisions(document: ReviewDocument) -> list[dict[str, str]]:
    shown = {row.partner_id for row in _reasoned(document)}
    others = [row for row in document.rows if row.partner_id not in shown and _verdict(row)]
    others.sort(key=lambda row: MOVING.index(_verdict(row)) if _verdict(row) in MOVING else len(MOVING))
    return _groups((row.decision or row.suggestion, row.name) for row in others)


def _groups(pairs: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    """Names under what they have in common: `Wait (3): A, B, C`."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for label, name in pairs:
        found[label].append(shortened(name, LONGEST_NAME))
    return [
        {"label": f"{label} ({wording.count(len(names))})", "names": _list(names)} for label, names in found.items()
    ]


def _list(names: Sequence[str]) -> str:
    more = len(names) - NAMED_IN_A_GROUP
    return ", ".join(names[:NAMED_IN_A_GROUP]) + (f" and {wording.count(more)} more" if more > 0 else "")


def _budget(document: ReviewDocument) -> list[dict[str, str]]:
    budget = document.budget
    figures = (("Freed by ending", budget.freed), ("Needed by doubling", budget.needed), ("Balance", budget.balance))
    return [
        {"label": label, "value": written(value, Kind.MONEY, document.currency)}
        for label, value in figures
        if value is not None
    ]


def _pictures(document: ReviewDocument) -> list[Picture]:
    return rank_intervals(document.ranks, document.zone_size, document.interval, document.ranked)


def _picture_note(document: ReviewDocument) -> str:
    said = (
        f"Ranked by {_ranked_by(document)}. Dot: rank; bar: its {document.interval} "
        "interval. Two partners whose bars overlap widely cannot be told apart. Coloured: surely in an outer fifth."
    )
    if len({entry.rank for entry in document.ranks}) < len(document.ranks):
        said += " Equal values share the better rank; the thin line reaches to the last place that they share."
    if len(document.ranks) > NAMED_AT_MOST:
        said += " Below the overview: the partners that are surely in an outer fifth."
    return said


def _figures(document: ReviewDocument) -> dict[str, Any]:
    """The wide table; badges become letters, explained below it."""
    rows = _worth_a_line(document)
    badges = list(dict.fromkeys(badge for row in rows for badge in row.badges))
    letters = {badge: _letter(place) for place, badge in enumerate(badges)}
    groups = list(dict.fromkeys(group for group, *_ in HEADINGS))
    return {
        "note": _figures_note(document, len(rows)),
        "groups": [{"label": group, "span": sum(g == group for g, *_ in HEADINGS)} for group in groups],
        "columns": [{"heading": heading, "side": side, "share": share} for _, heading, side, share in HEADINGS],
        "begins": [place for place in range(1, len(HEADINGS)) if HEADINGS[place][0] != HEADINGS[place - 1][0]],
        "rows": [[*_cells(row, document.currency), " ".join(letters[b] for b in row.badges)] for row in rows],
        "legend": " · ".join(f"{letter}: {badge}" for badge, letter in letters.items()),
    }


def _worth_a_line(document: ReviewDocument) -> list[ReviewLine]:
    """All partners, or of too many those for which money moves."""
    rows = list(document.rows)
    if len(rows) <= NAMED_AT_MOST:
        return rows
    moving = {row.partner_id for row in _moving(document)}
    return [row for row in rows if row.partner_id in moving] or rows[:OUTERMOST] + rows[-OUTERMOST:]


def _figures_note(document: ReviewDocument, shown: int) -> str:
    said = (
        "P top, P bottom: probability that the partner is truly in the top or bottom fifth. "
        f"Ranked by {_ranked_by(document)}."
    )
    hidden = len(document.rows) - shown
    return f"{said} The other {wording.several(hidden, 'partner')} are in the workbook." if hidden else said


def _ranked_by(document: ReviewDocument) -> str:
    return f"{document.ranked_by[:1].lower()}{document.ranked_by[1:]}"


def _letter(place: int) -> str:
    return chr(ord("a") + place) if place < 26 else str(place - 25)


def _cells(row: ReviewLine, currency: str) -> list[str]:
    money = (row.arr, row.pipeline, row.per_page, row.cost, row.budget)
    arr, pipeline, per_page, cost, budget = (written(value, Kind.MONEY, currency) for value in money)
    return [
        shortened(row.name, LONGEST_NAME),
        wording.count(row.rank),
        bounds(row.rank_low, row.rank_high),
        wording.count(row.last_rank),
        probability(row.p_top),
        probability(row.p_bottom),
        wording.count(row.eqls),
        wording.count(row.sqls),
        wording.count(row.won),
        wording.rate(row.win_rate.value),
        wording.interval(row.win_rate, 0),
        arr,
        pipeline,
        wording.count(row.pages),
        per_page,
        cost,
        wording.multiple(row.multiple),
        row.suggestion,
        row.decision,
        budget,
    ]


def _certainty(document: ReviewDocument) -> dict[str, Any]:
    rows = [
        (entry.rule, wording.count(entry.partners), wording.rate(entry.wrong, 0), wording.rate(entry.found, 0))
        for entry in document.consequences
    ]
    headings = ("Partners now", "Wrong", "Found")
    return _table((("Rule", 3.0),), headings, rows) | {"note": document.consequences_note}


def _last(document: ReviewDocument) -> dict[str, Any]:
    rows = [(shortened(e.name, LONGEST_NAME * 2), e.decided, e.by, e.when, e.outcome) for e in document.last_decisions]
    left = (("Partner", 1.2), ("Decided", 0.6), ("By", 0.7), ("When", 0.8), ("What became of it", 2.0))
    return _table(left, (), rows)


def _table(left: Sequence[tuple[str, float]], right: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    columns = [{"heading": heading, "side": "left", "share": share} for heading, share in left]
    columns += [{"heading": heading, "side": "right", "share": 1.0} for heading in right]
    return {"columns": columns, "rows": [list(row) for row in rows]}
