"""How do the tables of the Data page look? Imports, rows set aside, oddities, row counts, the dictionary."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

import polars as pl
import streamlit as st

from dashboard import states, wording
from dashboard.settings import settings
from dashboard.views import data_state
from dashboard.views.data_state import Oddity
from data_access.schema import Table

ROWS_SHOWN = 500
Quarantine = Callable[[int | None, int, int], pl.DataFrame]


def ages(rows: Sequence[tuple[str, str, datetime | None]]) -> None:
    """How old the newest of each kind is."""
    grid = st.grid(5, min_column_width=150, gap="small")
    for name, age, at in rows:
        with grid.cell():
            when = wording.moment(at, settings().time_zone) if at else "none yet"
            st.metric(name, age, when, delta_color="off", delta_arrow="off", border=True, height="stretch")


def oddities(found: Sequence[Oddity]) -> None:
    """What is odd about the data and what is done about it; the keys of one kind on demand."""
    st.dataframe(
        {
            "What": [odd.what for odd in found],
            "How many": [odd.number for odd in found],
            "What is done": [odd.treatment for odd in found],
        },
        hide_index=True,
        height="content",
        alt="What is odd about the data, how many of it, and what is done",
        column_config={"What": st.column_config.TextColumn(pinned=True)},
    )
    listed = [odd for odd in found if odd.keys]
    if not listed:
        return
    shown = st.selectbox(
        "Which ones?", listed, index=None, format_func=lambda odd: odd.what, placeholder="Show keys of …"
    )
    if shown:
        st.dataframe({"Key": list(shown.keys[:ROWS_SHOWN])}, hide_index=True, alt=f"Keys: {shown.what}")
        if len(shown.keys) > ROWS_SHOWN:
            st.caption(f"The first {wording.count(ROWS_SHOWN)} of {wording.count(len(shown.keys))}.")


def imports(batches: pl.DataFrame) -> None:
    """Import batches, the newest first."""
    if batches.is_empty():
        states.too_little("Nothing was imported from files yet: `python -m dashboard import FILE …` does it.")
        return
    names = {
        "batch_id": "No.",
        "imported_at": "Imported",
        "source": "Source",
        "mapping": "Mapping",
        "rows_read": "Rows read",
        "rows_accepted": "Accepted",
        "rows_quarantined": "Set aside",
        "imported_by": "By",
        "undone_at": "Taken back",
    }
    there = [name for name in names if name in batches.columns]
    st.dataframe(
        batches.select(there).rename({name: names[name] for name in there}),
        hide_index=True,
        alt="Import batches, the newest first",
        column_config={
            "Imported": st.column_config.DatetimeColumn(format="D MMM YYYY HH:mm", timezone=settings().time_zone),
            "Taken back": st.column_config.DatetimeColumn(format="D MMM YYYY HH:mm", timezone=settings().time_zone),
        },
    )
    st.caption("`python -m dashboard imports undo NUMBER` takes a batch back.")


def quarantine(batches: pl.DataFrame, read: Quarantine) -> None:
    """Rows that were set aside, by batch and reason, with all of them as CSV."""
    if batches.is_empty() or not int(batches["rows_quarantined"].sum()):
        states.too_little("No row was set aside: every imported row was understood.")
        return
    with_rows = {row["batch_id"]: data_state.batch_name(row) for row in batches.iter_rows(named=True)
                 if row["rows_quarantined"]}  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom"):
        batch = st.selectbox(
            "Import", list(with_rows), index=None, format_func=with_rows.__getitem__, placeholder="All"
        )
        found = read(batch, ROWS_SHOWN, 0)
        codes = sorted(found["code"].unique().to_list())
        code = st.selectbox("Reason", codes, index=None, format_func=wording.label, placeholder="All")
        st.download_button(
            "Download as CSV",
            lambda: data_state.quarantine_csv(lambda limit, after: read(batch, limit, after), code),
            file_name="set-aside.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
    shown = found if code is None else found.filter(pl.col("code") == code)
    names = {"file": "File", "line": "Line", "column_name": "Column", "reason": "Reason", "raw": "Row as it stood"}
    st.dataframe(
        shown.select(names).rename(names),
        hide_index=True,
        alt="Rows that were set aside, with file, line, column and reason",
        column_config={"Row as it stood": st.column_config.TextColumn(width="large")},
    )
    if found.height == ROWS_SHOWN:
        st.caption(f"The first {wording.count(ROWS_SHOWN)} rows; the download holds all of them.")


def row_counts(counts: Mapping[str, int]) -> None:
    """How many rows each table holds."""
    st.dataframe(
        {"Table": list(counts), "Rows": list(counts.values())},
        hide_index=True,
        height="content",
        width="content",
        alt="Rows in each table of the database",
        column_config={"Rows": st.column_config.NumberColumn(format="localized")},
    )


def dictionary(tables: Sequence[Table]) -> None:
    """The data dictionary, as the database describes itself."""
    wanted = st.text_input("Search", placeholder="A table, a column or a word of its meaning", icon=":material/search:")
    found = data_state.dictionary(tables, wanted)
    if found.is_empty():
        states.too_little("Nothing in the dictionary holds this text.")
        return
    st.dataframe(
        found,
        hide_index=True,
        height=520,
        alt="Tables and columns of the data contract with their meaning",
        column_config={"meaning": st.column_config.TextColumn(width="large")},
    )
