"""How is the quarterly review drawn? The picture, what certainty buys, pages, past decisions, exports."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
import streamlit as st

from dashboard import blocks, navigation, states, wording
from dashboard.charts import ranks
from dashboard.frames import review as frames
from dashboard.glossary import term
from dashboard.metrics.performance import Partner
from dashboard.metrics.rank_history import ReviewResult
from dashboard.metrics.review import RankingMetric
from dashboard.reports import review_pack as pack
from dashboard.settings import settings
from dashboard.views import review_picture
from dashboard.views import review_words as words

PICTURE_HEIGHT = 560
WITHOUT_PAGE = "(no page of this partner)"


def metric() -> RankingMetric:
    """By what is ranked."""
    options = [words.METRICS[one] for one in RankingMetric]
    said = st.selectbox("Rank by", options, key="review_metric", bind="query-params", width=280)
    return next(one for one in RankingMetric if words.METRICS[one] == said)


def needs_50_eqls() -> bool:
    """Whether suggestions to act want 50 EQLs."""
    return st.toggle(
        term("needs_50_eqls").name, key="review_needs_50", bind="query-params", help=term("needs_50_eqls").help
    )


def picture(result: ReviewResult, rows: Sequence[ranks.Row]) -> None:
    """The ranks with their intervals, the best half beside the other one."""
    parts = review_picture.halves(rows)
    if not parts:
        states.too_little("None of the listed partners is ranked; the last tab says why.")
        return
    tall = max(ranks.height(part) for part in parts) > PICTURE_HEIGHT
    with st.container(height=PICTURE_HEIGHT if tall else "content", border=False):
        for index, (place, part) in enumerate(zip(st.columns(len(parts)), parts, strict=True)):
            with place:
                blocks.chart(
                    ranks.ranks(part, review_picture.zones(result, part)),
                    review_picture.in_words(result),
                    f"ranks_{index}",
                )
    blocks.remark(review_picture.tied(parts))


def legend(result: ReviewResult) -> str:
    """What colours and marks mean, with how many there are."""
    found = words.counts(result)
    marks = {"double": ":blue[▲]", "end": ":red[✕]", "wait": ":orange[○]", "keep": ":gray[●]"}
    return " · ".join(
        f"{marks[kind.value]} {words.SUGGESTIONS[kind].lower()} {wording.count(found[kind])}"
        for kind in words.SUGGESTIONS
    )


def certainty_buys(result: ReviewResult) -> None:
    """How often acting on the table would be wrong, beside acting on what is sure."""
    bars = review_picture.rule_bars(result)
    blocks.remark(words.what_it_buys(result))
    if bars:
        blocks.chart(ranks.wrong_shares(bars), review_picture.rules_in_words(bars), "wrong_shares")


def pages(result: ReviewResult, partners: Sequence[Partner], when: str) -> None:
    """The referring pages of one partner, the largest pipeline first; a click leads to the leads of a page."""
    names = {own.partner_id: own.name for own in partners}
    labels = {key: name if list(names.values()).count(name) == 1 else f"{name} ({key})" for key, name in names.items()}
    places = {key: result.review.rows[key].place.rank for key in names}
    order = sorted(names, key=lambda key: (places[key] is None, places[key] or 0, key))
    said = st.selectbox("Partner", [labels[key] for key in order], key="review_partner", bind="query-params")
    key = next((one for one in order if labels[one] == said), None)
    if key is None:
        return
    own = frames.referring_pages(result.performance.window.period).filter(pl.col("partner_id") == key)
    if st.button("Open the partner's page", key="review_open_partner", icon=":material/handshake:"):
        navigation.go("partner", id=key)
    if own.is_empty():
        states.too_little("No page of this partner was the first one of a lead in these 12 months.")
        return
    sign = wording.symbol(settings().currency).strip()
    shown = own.select(
        page=pl.coalesce("title", "url", "asset_id").fill_null(WITHOUT_PAGE),
        kind=pl.col("kind").map_elements(wording.label, return_dtype=pl.String),
        pipeline=pl.col("pipeline_cents") / 100,
        leads="leads",
        eqls="eqls",
        won="won",
        state=pl.when(pl.col("asset_id").is_null()).then(pl.lit("")).when("retired").then(pl.lit("retired"))
        .when(pl.col("leads") == 0).then(pl.lit("no lead in 12 months")).otherwise(pl.lit("live")),
        url="url",
    )  # fmt: skip
    event = st.dataframe(
        shown, hide_index=True, key=f"review_pages_{key}", on_select="rerun", selection_mode="single-row",
        alt="Referring pages, the largest pipeline first",
        placeholder="",
        column_config={
            "page": st.column_config.TextColumn("Page", pinned=True, width="large"),
            "kind": "Kind",
            "pipeline": st.column_config.NumberColumn(
                f"Pipeline {sign}", format="compact", help=term("page_pipeline").help
            ),
            "leads": st.column_config.NumberColumn("Leads", help=_LEADS),
            "eqls": "EQLs",
            "won": "Won",
            "state": "State",
            "url": st.column_config.LinkColumn("Address", validate=r"^https?://"),
        },
    )  # fmt: skip
    blocks.remark(
        f"Pipeline: deals opened in {when}. Leads, EQLs and won: of leads created in the 12 months up to its end. "
        "Choose a row to see its leads."
    )
    chosen = event.selection.rows
    if chosen and own["asset_id"][chosen[0]] is not None:
        year = f"{result.performance.window.pages_start.date()}..{result.performance.window.period.end.date()}"
        navigation.go("leads", cohort=year, of=key, group="asset", value=own["asset_id"][chosen[0]])


_LEADS = "Leads created in the 12 months up to the period's end that saw this page first."


def past(rows: Sequence[pack.PastDecision], before: str) -> None:
    """The decisions of the period before and what became of them."""
    if not rows:
        states.too_little(f"No decisions were recorded in the review of {before}.")
        return
    st.dataframe(
        {
            "Partner": [row.name for row in rows],
            "Decided": [row.decided for row in rows],
            "What became of it": [row.outcome for row in rows],
            "By": [row.by for row in rows],
            "When": [row.when for row in rows],
        },
        hide_index=True,
        alt=f"Decisions of {before} and what became of them",
        column_config={
            "Partner": st.column_config.TextColumn(pinned=True),
            "What became of it": st.column_config.TextColumn(width="large"),
        },
    )


def unranked(rows: Sequence[tuple[str, str]]) -> None:
    """Everyone who is not ranked, with the reason."""
    if not rows:
        states.too_little("All listed partners are ranked.")
        return
    st.dataframe(
        {"Partner": [name for name, _ in rows], "Why not ranked": [why for _, why in rows]},
        hide_index=True,
        alt="Partners that are not ranked, with the reason",
        column_config={"Partner": st.column_config.TextColumn(pinned=True)},
    )


def exports(document: Callable[[], pack.ReviewDocument], stem: str) -> None:
    """The review as files, made when somebody asks for them; what is not saved is not in them."""
    kinds = (
        ("Board PDF", "pdf", "application/pdf", lambda: pack.as_pdf(document())),
        ("XLSX", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         lambda: pack.as_xlsx(document())),
        ("CSV", "csv", "text/csv", lambda: pack.as_csv(document())),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for label, ending, mime, make in kinds:
            st.download_button(
                label, make, f"{stem}.{ending}", mime, key=f"review_{ending}", on_click="ignore",
                icon=":material/download:", help="As saved: decisions that are not saved yet are not in it.",
            )  # fmt: skip
