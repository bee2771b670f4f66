"""How do the tables about content and prospects look? A page of rows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from dashboard import blocks, wording
from dashboard.settings import settings

PAGE = 50


def page(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """The rows of the page that is chosen; the choice is drawn only where there are several, and sits in the link."""
    pages = -(-rows.height // PAGE)
    if pages <= 1:
        return rows
    chosen = st.selectbox(
        "Rows", range(1, pages + 1), key=key, bind="query-params", width=220, label_visibility="collapsed",
        format_func=lambda number: (
            f"Rows {wording.count(PAGE * (number - 1) + 1)} to {wording.count(min(PAGE * number, rows.height))} "
            f"of {wording.count(rows.height)}"
        ),
    )  # fmt: skip
    return rows.slice(PAGE * ((chosen or 1) - 1), PAGE)


def table(columns: Mapping[str, Sequence[Any]], alt: str, **more: Any) -> None:
    """A table whose first column stays in sight; `more`: configurations of further columns by name."""
    frame = pl.DataFrame(columns, strict=False)
    first = next(iter(columns))
    sign = wording.symbol(settings().currency).strip()
    config: dict[str, Any] = blocks.counts(frame)
    config[first] = st.column_config.TextColumn(pinned=True, width="medium")
    for name in frame.columns:
        if name in ("Pipeline", "ARR", "Expected pipeline", "Low", "High"):
            config[name] = st.column_config.NumberColumn(f"{name} {sign}", format="compact")
        elif name in ("Last refresh", "Published"):
            config[name] = st.column_config.DateColumn(format="D MMM YYYY")
    st.dataframe(
        frame,
        hide_index=True,
        height="content" if frame.height <= 12 else 460,
        alt=alt,
        placeholder=wording.NOTHING,
        column_config=config | more,
    )
