"""How does the list of leads look? A page of rows, the way to the next one, and the download."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl
import streamlit as st

from dashboard import wording
from dashboard.settings import settings
from dashboard.views.lead_link import Asked, Stop, stop_text
from dashboard.views.leads import COLUMNS
from data_access.lead_list import PAGE, Place

PLACE = "place"  # its name in the link


def rows(shown: pl.DataFrame, alt: str) -> None:
    """One page of leads; the key of the lead stays in sight when a narrow screen scrolls the table."""
    sign, zone = wording.symbol(settings().currency).strip(), settings().time_zone
    days = {
        name: st.column_config.DatetimeColumn(COLUMNS[name], format="D MMM YYYY", timezone=zone)
        for name in ("created_at", "mql_at", "eql_at", "sql_at")
    }
    plain = {name: st.column_config.TextColumn(title) for name, title in COLUMNS.items() if name not in days}
    st.dataframe(
        shown,
        hide_index=True,
        height=min(38 + 35 * max(shown.height, 1), 740),
        alt=alt,
        key="leads",
        placeholder=wording.NOTHING,
        column_config=plain
        | days
        | {
            "lead_id": st.column_config.TextColumn(COLUMNS["lead_id"], pinned=True, width="small"),
            "amount": st.column_config.NumberColumn(f"Amount {sign}", format="localized", help=_AMOUNT),
            "score": st.column_config.NumberColumn(COLUMNS["score"], help=_SCORE),
            "missing": st.column_config.TextColumn(COLUMNS["missing"], width="medium", help=_MISSING),
        },
    )


def pager(asked: Asked, stop: Stop, found: pl.DataFrame, count: int) -> None:
    """Which rows are shown, and the ways to those before and after; the place is part of the link."""
    if count <= PAGE and not stop.earlier:
        return
    first, last = stop.earlier + 1, stop.earlier + found.height
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Newer", icon=":material/chevron_left:", disabled=stop.earlier == 0, on_click=_step,
            args=(stop_text(asked, _newer(stop, found)),), key="newer",
        )  # fmt: skip
        st.caption(f"{wording.count(first)} to {wording.count(last)} of {wording.count(count)}", width="content")
        st.button(
            "Older", icon=":material/chevron_right:", icon_position="right", disabled=last >= count, on_click=_step,
            args=(stop_text(asked, _older(stop, found)),), key="older",
        )  # fmt: skip


def _newer(stop: Stop, found: pl.DataFrame) -> Stop:
    if found.is_empty() or stop.earlier <= PAGE:
        return Stop()
    return Stop(stop.earlier - PAGE, before=Place(found["created_at"][0], found["lead_id"][0]))


def _older(stop: Stop, found: pl.DataFrame) -> Stop:
    if found.is_empty():
        return Stop()
    return Stop(stop.earlier + found.height, Place(found["created_at"][-1], found["lead_id"][-1]))


def _step(place: str) -> None:
    if place:
        st.query_params[PLACE] = place
    elif PLACE in st.query_params:
        del st.query_params[PLACE]


def download(csv: Callable[[], bytes], name: str, count: int, most: int) -> None:
    """The whole list as CSV, read when the button is pressed."""
    st.download_button(
        f"Download {wording.several(min(count, most), 'lead')} as CSV",
        csv,
        file_name=f"leads-{name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="download",
    )
    if count > most:
        st.caption(f"The download holds the newest {wording.count(most)}: narrow the list to get the others.")


_AMOUNT = (
    "All deals of the lead that were opened so far, at the rates of their opening days. Empty: no deal, or no rate."
)
_SCORE = "By the active scoring model, from what was known and seen before sales took over."
_MISSING = "The gates of the scoring model that the lead does not pass, and what the record lacks."
