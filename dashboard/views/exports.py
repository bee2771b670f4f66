"""How does a page leave the screen? As CSV, workbook, board PDF and pictures, made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dashboard.reports import page_files
from dashboard.reports.page_document import PageDocument


def offer(stem: str, document: Callable[[], PageDocument]) -> None:
    """The buttons of a page's exports; `document` is called only when one is clicked."""
    kinds: tuple[tuple[str, str, str, Callable[[PageDocument], bytes], str], ...] = (
        ("Board PDF", "pdf", "application/pdf", page_files.as_pdf, "The page on paper."),
        ("XLSX", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", page_files.as_xlsx,
         "A sheet for each table."),
        ("CSV", "zip", "application/zip", page_files.as_csv, "A file for each table, together in one archive."),
        ("Charts", "png.zip", "application/zip", page_files.as_png, "Each chart as PNG, together in one archive."),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for label, ending, mime, write, meaning in kinds:
            st.download_button(
                label, lambda write=write: write(document()), f"{stem}.{ending}", mime,  # type: ignore[misc]
                key=f"export_{ending}", on_click="ignore", icon=":material/download:", help=meaning,
            )  # fmt: skip
