"""How does a page leave the screen? As CSV, workbook, board PDF and pictures, made when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import streamlit as st

from dashboard import wording
from dashboard.reports import page_files
from dashboard.reports.figures import Card
from dashboard.reports.page_document import PageDocument, PagePicture, PageTable
from dashboard.settings import settings


@dataclass(frozen=True, slots=True)
class Head:
    """What every page says of itself. `stem` begins the names of its files, `period` is in words.

    `said`: its sentences, the answer first; `filters`: what was chosen, in a line; both as on screen.
    """

    stem: str
    title: str
    period: str
    said: Sequence[str]
    filters: str
    as_of: datetime

    def document(
        self, tables: Sequence[PageTable], pictures: Sequence[PagePicture], cards: Sequence[Card] = ()
    ) -> PageDocument:
        """The page on paper and in files; tables without a row are left out."""
        answer, *second = [wording.unmarked(sentence) for sentence in self.said if sentence]
        return PageDocument(
            stem=self.stem,
            title=self.title,
            period=self.period,
            answer=answer,
            second=second,
            cards=cards,
            tables=[table for table in tables if table.rows],
            pictures=pictures,
            filters=wording.unmarked(self.filters),
            currency=settings().currency,
            zone=settings().time_zone,
            as_of=self.as_of,
        )


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
