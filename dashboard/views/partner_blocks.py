"""How do the parts of a partner's page look that are its own: the chooser, the tables, the pack to download?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl
import streamlit as st

from dashboard import blocks, states, wording
from dashboard.metrics.partner_page import PartnerPage
from dashboard.metrics.performance import Partner
from dashboard.reports import partner_document, partner_pack
from dashboard.settings import settings
from dashboard.views import partner_tables
from dashboard.views.comparison import Versus
from dashboard.views.headline import Setting
from dashboard.views.partner_tables import Rows
from data_access.decisions import Decision
from data_access.open_deals import DEALS_SHOWN

ID, CHOICE, SHOWN = "id", "partner_choice", "partner_shown"
FEW = 12
# On paper the way through the dashboard is of no use, and a part that fits on a sheet stays on one.
_PAPER = """<style>@media print {
[data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"], [data-testid="stSelectbox"],
[data-testid="stDownloadButton"], [data-testid="stButton"], [data-testid="stCheckbox"] { display: none !important }
[data-testid="stMainBlockContainer"] { padding: 0 !important; max-width: none !important }
[data-testid="stMain"], [data-testid="stApp"], [data-testid="stAppViewContainer"] { overflow: visible !important }
[data-testid="stColumn"], [data-testid="stMetric"], [data-testid="stTable"] tr { break-inside: avoid }
[data-testid="stLayoutWrapper"]:not(:has([data-testid="stColumn"])) { break-inside: avoid }
[data-testid="stMetricValue"] :is(div, p) { font-size: 1.3rem !important }
}</style>"""


def nobody() -> None:
    """The company has no partners: what to do about it."""
    st.subheader("There are no partners in the data", anchor=False)
    st.markdown(
        "This page shows one partner at a time. Name partners in the mapping of your files, or in the table "
        "`partner_alias`: docs/importing.md says how. The Overview answers for all leads and deals until then."
    )


def paper() -> None:
    """How the page prints: without navigation and buttons, its parts uncut."""
    st.html(_PAPER)


def chooser(partners: Sequence[Partner], default: str) -> str:
    """The partner that the link names, else `default`; a list with search to choose another, which the link follows."""
    names = {p.partner_id: p.name for p in partners}
    several = [name for name in names.values() if list(names.values()).count(name) > 1]
    ordered = sorted(names, key=lambda key: (names[key].casefold(), key))
    asked = st.query_params.get(ID)
    # The browser's way back from the leads loses the link's partner; the session does not, until the choice changes.
    before: tuple[str, str] | None = st.session_state.get(SHOWN)
    fallback = before[1] if before and before[0] == default and before[1] in names else default
    shown = asked if asked in names else default if asked else fallback
    st.session_state[SHOWN] = (default, shown)
    if asked is None:  # a link without a partner gets the one that is shown, so that it shows the same tomorrow
        st.query_params[ID] = shown
    st.session_state[CHOICE] = shown
    st.selectbox(
        "Partner", ordered, key=CHOICE, on_change=_follow, width="stretch",
        format_func=lambda key: f"{names[key]} ({key})" if names[key] in several else names[key],
    )  # fmt: skip
    if asked is not None and asked not in names:
        st.markdown(f":orange[The link asks for partner “{wording.plain(asked[:40])}”, which is not here.]")
    return shown


def _follow() -> None:
    st.query_params[ID] = st.session_state[CHOICE]


def static(rows: Rows) -> None:
    """A small table as text, good on paper; nothing in it is read as Markdown."""
    st.table(
        pl.DataFrame({key: [wording.plain(value) for value in values] for key, values in rows.items()}), hide_index=True
    )


def deals(page: PartnerPage, currency: str) -> None:
    """The deals in progress, the oldest first: those that need care, and all of them on demand."""
    blocks.remark(partner_tables.open_in_words(page.open, page.typical, currency))
    few = max(FEW, min(page.open.overdue, DEALS_SHOWN))
    every = f"All {len(page.deals)} deals"
    unfold = len(page.deals) > few and st.toggle(every, key="all_deals", bind="query-params")
    shown = page.deals if unfold else page.deals[:few]
    if shown:
        static(partner_tables.deals(shown, currency))
    if len(shown) < page.open.deals:
        st.caption(f"The {wording.count(len(shown))} oldest of {wording.count(page.open.deals)} deals.")


def pages(page: PartnerPage, currency: str) -> str | None:
    """The pages, the most pipeline first; returns the asset whose leads are wanted."""
    if not page.pages:
        return None
    sign = wording.symbol(currency).strip()
    event = st.dataframe(
        pl.DataFrame(partner_tables.pages(page.pages), strict=False),
        hide_index=True,
        height="content",
        key="partner_pages",
        placeholder=wording.NOTHING,
        on_select="rerun",
        selection_mode="single-row",
        alt="Pages of the partner, the most pipeline first, with leads, EQLs and won leads",
        column_config={
            "page": st.column_config.TextColumn("Page", pinned=True, width="medium"),
            "kind": st.column_config.TextColumn("Kind"),
            "leads": st.column_config.NumberColumn("Leads", help=_PAGE_LEADS),
            "eqls": st.column_config.NumberColumn("EQLs"),
            "won": st.column_config.NumberColumn("Won"),
            "pipeline": st.column_config.NumberColumn(f"Pipeline {sign}", format="localized", help=_PAGE_PIPELINE),
            "refreshed": st.column_config.DateColumn("Refreshed", format="D MMM YYYY"),
            "url": st.column_config.TextColumn("Address", width="medium"),
        },
    )
    st.caption("Select a row to see its leads.")
    rows = event.selection.rows
    return page.pages[rows[0]].asset_id if rows and rows[0] < len(page.pages) else None


def gaps(page: PartnerPage) -> bool:
    """What the data lack and what it costs; returns whether the leads are wanted."""
    if not page.gaps:
        st.markdown("None found.")
        return False
    static(partner_tables.gaps(page.gaps))
    return st.button("Show its leads", key="gap_leads", type="tertiary", icon=":material/list:")


def decisions(made: Sequence[Decision] | None, currency: str, zone: str, fiscal: int) -> None:
    """The decisions so far."""
    if made is None:
        states.too_little("The database does not answer: decisions are shown when it is back.")
    elif not made:
        st.markdown("Nothing was decided about it yet. Decisions are made on the page Quarterly review.")
    else:
        static(partner_tables.decisions(made, currency, zone, fiscal))


def pack(page: PartnerPage, when: Setting, versus: Versus | None) -> None:
    """The QBR pack as PDF and HTML, made only when somebody asks for it."""

    def document() -> partner_pack.PartnerDocument:
        return partner_document.partner_document(page, when, versus, settings())

    kinds: tuple[tuple[str, str, Callable[[], str | bytes]], ...] = (
        ("PDF", "application/pdf", lambda: partner_pack.as_pdf(document())),
        ("HTML", "text/html", lambda: partner_pack.as_html(document())),
    )
    for kind, mime, make in kinds:
        st.download_button(
            f"QBR pack as {kind}",
            make,
            file_name=partner_document.file_name(page, page.performance.window.period, kind.lower()),
            mime=mime,
            icon=":material/download:",
            on_click="ignore",
            help="Everything on this page for the quarterly business review with the partner.",
        )


_PAGE_LEADS = "Leads created in the 12 months up to the period’s end that met this page first."
_PAGE_PIPELINE = "Amount of the deals opened in the period whose lead met this page first."
