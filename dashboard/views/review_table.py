"""How does the table of the review look, column by column? The columns to decide in stand next to the suggestion."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import wording
from dashboard.glossary import term
from dashboard.metrics.rank_history import ReviewResult
from dashboard.metrics.review import RankingMetric
from dashboard.metrics.suggestion import Suggestion
from dashboard.reports.review_pack import ReviewLine
from dashboard.views import review_words as words
from dashboard.views.review_drafts import NOTHING_CHOSEN, Choice, Drawn

LABELS = {kind.value: label for kind, label in words.SUGGESTIONS.items()}
CODES = {label: code for code, label in LABELS.items()}
EDITABLE = ("decision", "budget", "note")
# What is ranked by stands beside the rank.
RANKED_BY = {
    RankingMetric.PIPELINE_PER_REFERRING_PAGE: "per_page",
    RankingMetric.PIPELINE_CREATED: "pipeline",
    RankingMetric.PIPELINE_MULTIPLE: "multiple",
    RankingMetric.ARR: "arr",
    RankingMetric.WIN_RATE: "win_rate",
    RankingMetric.COST_PER_EQL: "cost_per_eql",
}
OPTIONS = [words.SUGGESTIONS[kind] for kind in (Suggestion.DOUBLE, Suggestion.KEEP, Suggestion.WAIT, Suggestion.END)]


def numbers(result: ReviewResult, lines: Sequence[ReviewLine]) -> pl.DataFrame:
    """What the table shows of each line and nobody can change; `partner_id` beside."""
    rows = [result.review.rows[own.partner_id] for own in lines]
    frame = pl.DataFrame(
        {
            "partner_id": [own.partner_id for own in lines],
            "partner": [own.name for own in lines],
            "rank": [own.rank for own in lines],
            "interval": [words.rank_interval(row) for row in rows],
            "p_top": [_percent(own.p_top) for own in lines],
            "p_bottom": [_percent(own.p_bottom) for own in lines],
            "suggestion": [own.suggestion for own in lines],
            "why": [own.reason for own in lines],
            "per_page": [own.per_page for own in lines],
            "last_rank": pl.Series([own.last_rank for own in lines], dtype=pl.Int64),
            "ranks": [_ranks(result, own) for own in lines],
            "eqls": [own.eqls for own in lines],
            "sqls": [own.sqls for own in lines],
            "won": [own.won for own in lines],
            "win_rate": [_win_rate(own) for own in lines],
            "arr": [own.arr for own in lines],
            "pipeline": [own.pipeline for own in lines],
            "pages": [own.pages for own in lines],
            "cost": [own.cost for own in lines],
            "multiple": [own.multiple for own in lines],
            "badges": [", ".join(own.badges) for own in lines],
        },
        strict=False,
    )
    if result.review.metric is RankingMetric.COST_PER_EQL:
        frame = frame.with_columns(cost_per_eql=pl.Series([row.value for row in rows], dtype=pl.Float64))
    first = ("partner_id", "partner", "rank", RANKED_BY[result.review.metric])
    return frame.select(*first, pl.exclude(first))


def columns(shown: pl.DataFrame, drawn: Drawn, drafts: Mapping[str, Choice]) -> pl.DataFrame:
    """The rows of `numbers` with what was chosen next to the suggestion; `drafts` over what is saved."""
    chosen = [drafts.get(key, drawn.saved.get(key, NOTHING_CHOSEN)) for key in shown["partner_id"]]
    editable = [
        pl.Series("decision", [LABELS.get(choice.decision or "") for choice in chosen], dtype=pl.String),
        pl.Series("budget", [choice.budget for choice in chosen], dtype=pl.Float64),
        pl.Series("note", [choice.note for choice in chosen], dtype=pl.String),
    ]
    place = shown.columns.index("suggestion") + 1
    every = shown.get_columns()
    return pl.DataFrame([*every[1:place], *editable, *every[place:]])


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _ranks(result: ReviewResult, own: ReviewLine) -> list[int | None]:
    """Ranks as heights: the better, the higher."""
    every = [*result.ranks_before(own.partner_id), own.rank]
    return [None if rank is None else -rank for rank in every]


def _win_rate(own: ReviewLine) -> str:
    rate = own.win_rate
    if rate.value is None:
        return wording.NOTHING
    return f"{wording.rate(rate.value, 0)} ({wording.interval(rate, 0)}, n = {wording.count(rate.n)})"


def config(currency: str, period: str, before: str) -> dict[str, ColumnConfig]:
    """How each column is named, explained and written."""
    sign = wording.symbol(currency).strip()
    column = st.column_config
    return {
        "partner": column.TextColumn("Partner", pinned=True, width="medium"),
        "rank": column.NumberColumn("Rank", width=60),
        "interval": column.TextColumn("90 % interval", width=95, help=term("rank_interval").help),
        "p_top": column.NumberColumn("P(top)", format="%.0f %%", width=75, help=term("p_top").help),
        "p_bottom": column.NumberColumn("P(bottom)", format="%.0f %%", width=85, help=term("p_bottom").help),
        "suggestion": column.TextColumn("Suggestion", width=110, help=term("suggestion").help),
        "decision": column.SelectboxColumn("Decision", options=OPTIONS, width=125, help=term("decision").help),
        "budget": column.NumberColumn(
            f"Budget {sign}", min_value=0, max_value=1e15, width=95, help=term("budget").help
        ),
        "note": column.TextColumn("Note", max_chars=2000, width=170),
        "why": column.TextColumn("Why suggested", width=330),
        "per_page": column.NumberColumn(
            f"Per page {sign}", width=95, help=term("pipeline_per_referring_page").help, format="compact"
        ),
        "last_rank": column.NumberColumn(f"Rank {before}", width=95, help="The rank in the period before."),
        "ranks": column.LineChartColumn(
            "Five ranks", width=110, help="The ranks of the four periods before and of this one; up is better."
        ),
        "eqls": column.NumberColumn("EQLs", width=70, help=term("eql").help),
        "sqls": column.NumberColumn("SQLs", width=70, help=term("sql_stage").help),
        "won": column.NumberColumn("Won", width=65, help=term("won_deals").help),
        "win_rate": column.TextColumn(
            "Win rate (95 %)", width=170, help=f"{term('win_rate').help}\n\n{term('interval').help}"
        ),
        "arr": column.NumberColumn(f"ARR {sign}", width=85, help=term("arr").help, format="compact"),
        "pipeline": column.NumberColumn(
            f"Pipeline {sign}", width=95, help=term("pipeline_created").help, format="compact"
        ),
        "pages": column.NumberColumn("Pages", width=70, help=term("referring_pages").help),
        "cost": column.NumberColumn(
            f"Cost {sign}", width=85, help="Direct cost and share of the overhead.", format="compact"
        ),
        "multiple": column.NumberColumn("÷ cost", format="%.1f×", width=75, help=term("pipeline_multiple").help),
        "badges": column.TextColumn("Mind", width=190, help=_BADGES),
        "cost_per_eql": column.NumberColumn(f"Cost per EQL {sign}", width=110, help=term("cost_per_eql").help),
    }  # fmt: skip


_BADGES = "\n\n".join(
    f"**{term(key).name}.** {term(key).help}" for key in ("too_few_eqls", "new_partner", "immature", "incomplete")
)
