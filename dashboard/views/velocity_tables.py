"""How do the controls and tables of the page "Win rate and velocity" look?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from dashboard import navigation, wording
from dashboard.charts.theme import CONFIG
from dashboard.formulas import harmless
from dashboard.glossary import term
from dashboard.metrics.performance import PartnerPerformance
from dashboard.metrics.velocity import Split
from dashboard.views.velocity import SPLITS


def find(partners: Sequence[PartnerPerformance]) -> str | None:
    """A partner to look for by name, and the way to its page; its key."""
    names = {p.partner.partner_id: p.partner.name for p in partners}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        found: str | None = st.selectbox(
            "Find a partner", sorted(names, key=lambda key: names[key].casefold()), index=None, key="find",
            format_func=lambda key: names.get(key, key), placeholder="Mark one in the picture",
            label_visibility="collapsed", bind="query-params",
        )  # fmt: skip
        if st.button("Open", icon=":material/open_in_new:", disabled=found is None, key="open", help="Its own page"):
            navigation.go("partner", id=found)
    return found if found in names else None


def clickable(figure: go.Figure, alt: str, key: str) -> None:
    """A chart whose dots lead to the partner that their custom data name."""
    event = st.plotly_chart(figure, config=CONFIG, alt=alt, key=key, on_select="rerun", selection_mode="points")
    points = event["selection"]["points"]
    if points and points[0].get("customdata"):
        navigation.go("partner", id=str(points[0]["customdata"][1]))


def split(offered: Sequence[Split], key: str = "split") -> Split:
    """By what the deals are put into groups."""
    chosen: Split | None = st.segmented_control(
        "Compare", list(offered), format_func=SPLITS.__getitem__, default=offered[0], key=key, bind="query-params",
        required=True, label_visibility="collapsed",
    )  # fmt: skip
    return chosen if chosen and chosen in offered else offered[0]


def groups(columns: Mapping[str, Sequence[object]]) -> None:
    """The groups of the curves."""
    st.dataframe(
        pl.DataFrame(columns, strict=False),
        hide_index=True,
        height="content",
        alt="Groups with the share won by each day and the median days to close",
        column_config={
            "Group": st.column_config.TextColumn(pinned=True),
            "Median days to close": st.column_config.TextColumn(help=term("median_days_to_close").help),
            "Won deals alone": st.column_config.TextColumn(help="The plain median, which forgets the deals that wait."),
        },
    )


def partners(
    columns: Mapping[str, Sequence[object]], keys: Sequence[str], config: Mapping[str, Any], name: str
) -> None:
    """A table with a partner a row, as CSV too; a chosen row leads to the partner."""
    frame = pl.DataFrame(columns, strict=False)
    event = st.dataframe(
        frame,
        hide_index=True,
        height="content" if frame.height <= 15 else 560,
        alt="Partners, one a row",
        on_select="rerun",
        selection_mode="single-row",
        key=name,
        column_config={"Partner": st.column_config.TextColumn(pinned=True, width="medium"), **config},
    )
    st.download_button(
        "Download as CSV",
        lambda: csv(frame),
        file_name=f"{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"{name}_csv",
    )
    if event["selection"]["rows"]:
        navigation.go("partner", id=keys[event["selection"]["rows"][0]])


def plain(columns: Mapping[str, Sequence[object]], alt: str) -> None:
    """A list that leads nowhere."""
    frame = pl.DataFrame(columns, strict=False)
    st.dataframe(frame, hide_index=True, height="content" if frame.height <= 8 else 320, width="content", alt=alt)


def csv(frame: pl.DataFrame) -> bytes:
    """The table as CSV with a byte order mark; a name that a spreadsheet would run gets an apostrophe in front."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    safe = frame.with_columns(pl.col(texts).map_elements(harmless, return_dtype=pl.String))
    return safe.write_csv().encode("utf-8-sig")


def rate_columns(partners: Sequence[PartnerPerformance]) -> Mapping[str, list[object]]:
    """Raw and shrunken win rates of partners, in the order given; shares in percent."""
    return {
        "Partner": [p.partner.name for p in partners],
        "Shrunken": [_percent(p.shrunken_win_rate.value) for p in partners],
        "Credible interval": [wording.interval(p.shrunken_win_rate) for p in partners],
        "Raw": [_percent(p.summary.win_rate.value) for p in partners],
        "Interval": [wording.interval(p.summary.win_rate) for p in partners],
        "Won": [p.summary.won_deals for p in partners],
        "Closed": [p.summary.won_deals + p.summary.lost_deals for p in partners],
        "Open": [p.summary.open_deals for p in partners],
    }


RATE_CONFIG = {
    "Shrunken": st.column_config.NumberColumn(format="%.1f %%"),
    "Raw": st.column_config.NumberColumn(format="%.1f %%"),
}


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


VELOCITY_CONFIG = {
    "A day": st.column_config.NumberColumn(format="compact"),
    "Won amount": st.column_config.NumberColumn(format="compact"),
    "Win rate %": st.column_config.NumberColumn(format="%.1f"),
    "Mainly": st.column_config.TextColumn(width="medium", help="The driver that moved most."),
}
