"""Operations: how fresh and how complete are the data, and what had to be set aside?"""

from datetime import UTC, datetime

import streamlit as st

from dashboard import blocks, frames, states, wording
from dashboard.views import data_state, tables

now = datetime.now(UTC)
health, batches = frames.health(), frames.import_batches()
blocks.headline(data_state.answer(health, batches, now))
states.sources()
st.caption("This page shows all data: the filters beside do not apply to it.")
tables.ages(data_state.ages(health, now))

TITLES = ("Health", "Imports", "Set aside", "Rows", "Dictionary")
checks, imports, aside, rows, dictionary = st.tabs(TITLES, key="part", bind="query-params")
if checks.open:
    with checks:
        tables.oddities(data_state.oddities(health))
if imports.open:
    with imports:
        tables.imports(batches)
if aside.open:
    with aside:
        tables.quarantine(batches, frames.quarantine)
if rows.open:
    with rows:
        tables.row_counts(frames.row_counts())
        st.caption(f"Data version {wording.count(health.version.number)}.")
if dictionary.open:
    with dictionary:
        tables.dictionary(frames.dictionary())
