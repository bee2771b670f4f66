"""What does the picture of the ranks show? Rows best first, in two halves, long stretches without a decision folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

from dashboard import wording
from dashboard.charts.ranks import Row, RuleBar, Tone, Zones
from dashboard.charts.theme import name as safe
from dashboard.metrics.rank_history import ReviewResult
from dashboard.metrics.review import ReviewRow
from dashboard.metrics.suggestion import Suggestion
from dashboard.views import review_words as words

# From so many partners on, neighbours that are all to keep are folded into one row.
FOLDED_FROM = 80
# Up to so many partners stand in one column.
ONE_COLUMN = 24
# Of a folded stretch so many stay on each side, so that one sees how it begins.
STAY = 0


def rows_of(result: ReviewResult) -> dict[str, Row]:
    """The row of every ranked partner by its key, best first; equals by key."""
    names = {own.partner.partner_id: own.partner.name for own in result.performance.partners}
    sharing = Counter(row.place.rank for row in result.review.rows.values())
    ranked = sorted((row.place.rank, key) for key, row in result.review.rows.items() if row.place.rank is not None)
    return {key: _row(names[key], result.review.rows[key], sharing) for _, key in ranked}


def halves(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of the picture, best first: one column of them, or two where they are many."""
    half = (len(rows) + 1) // 2 if len(rows) > ONE_COLUMN else len(rows)
    parts = [list(rows[:half]), list(rows[half:])]
    if len(rows) >= FOLDED_FROM:
        parts = [folded(part) for part in parts]
    return [part for part in parts if part]


def folded(rows: Sequence[Row]) -> list[Row]:
    """The rows with every long stretch of partners to keep replaced by one line that counts them."""
    kept: list[Row] = []
    for keep, run in groupby(rows, key=lambda row: row.tone is Tone.KEEP):
        own = list(run)
        if keep and len(own) > 2 * STAY + 1:
            inner = own[STAY : len(own) - STAY]
            line = f"{len(inner)} to keep, {inner[0].rank}–{inner[-1].rank}"
            kept += [*own[:STAY], Row(line, Tone.KEEP), *own[len(own) - STAY :]]
        else:
            kept += own
    return kept


def zones(result: ReviewResult, rows: Sequence[Row]) -> Zones:
    """The outer fifths; of very many ranks only those that the rows reach, so that their bars can be told apart."""
    ranked, size = result.review.ranking.eligible, result.review.ranking.group_size
    if ranked < FOLDED_FROM:
        return Zones(ranked, size, 1, ranked)
    reached = [place for row in rows for place in (row.rank, row.low, row.high, row.last) if place]
    return Zones(ranked, size, min(reached, default=1), max(reached, default=ranked))


def rule_bars(result: ReviewResult) -> list[RuleBar]:
    """What the certainty buys, as bars."""
    return [
        RuleBar(rule.name, rule.consequence.wrong or 0.0, _said(rule), rule.careful) for rule in words.rules(result)
    ]


def tied(parts: Sequence[Sequence[Row]]) -> str:
    """What the thin lines are, where places are shared; empty where none is."""
    if not any(row.rank != row.last for part in parts for row in part if row.rank):
        return ""
    return "Partners with equal values share the better rank; the thin line reaches to the last place they share."


def in_words(result: ReviewResult) -> str:
    """The picture for ears."""
    found = words.counts(result)
    said = [f"{words.SUGGESTIONS[kind]}: {wording.count(found[kind])}" for kind in Suggestion]
    ranked = wording.several(result.review.ranking.eligible, "partner")
    return f"{ranked} by rank, each with the interval that holds its true rank. {'. '.join(said)}."


def rules_in_words(bars: Sequence[RuleBar]) -> str:
    """What the certainty buys, for ears."""
    return ". ".join(f"{bar.name}: {bar.said}" for bar in bars)


def _said(rule: words.Rule) -> str:
    named = rule.consequence.named
    return f"{wording.rate(rule.consequence.wrong, 0)} of {wording.count(named)} wrong"


def _row(name: str, row: ReviewRow, sharing: Mapping[int | None, int]) -> Row:
    sure, suggested = row.certainty, row.suggested
    tone = Tone(suggested.suggestion.value) if suggested else Tone.KEEP
    low, high = (sure.low, sure.high) if sure else (None, None)
    rank = row.place.rank or 0
    return Row(name, tone, rank, low, high, _hover(name, row), rank + sharing[rank] - 1)


def _hover(name: str, row: ReviewRow) -> str:
    lines = [f"<b>{safe(name, 40)}</b>", f"rank {row.place.rank}"]
    if row.certainty is not None:
        content = wording.rate(row.certainty.content, 0)
        lines[-1] += f", {words.rank_interval(row)} with {content} probability"
        top, bottom = wording.rate(row.certainty.p_top, 0), wording.rate(row.certainty.p_bottom, 0)
        lines.append(f"top fifth: {top}, bottom fifth: {bottom}")
    if row.suggested is not None:
        lines.append(f"{words.SUGGESTIONS[row.suggested.suggestion]}: {words.reason(row.suggested)}")
    return "<br>".join(lines)
