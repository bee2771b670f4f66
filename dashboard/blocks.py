"""How do a headline, cards and charts look on every page? Drawn alike everywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import plotly.graph_objects as go
import polars as pl
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from dashboard import wording
from dashboard.charts.theme import CONFIG
from dashboard.glossary import term
from dashboard.reports.page_document import PagePicture
from dashboard.views.cards import Card

_COLUMNS = 4
# Cards beside each other are as high as each other, with a change or without; in pixels, with a sparkline and without.
_TALL, _LOW = 190, 116


def headline(sentence: str, second: str = "") -> None:
    """The answer in one sentence; what must be said beside it in a smaller one."""
    st.subheader(_dollars(sentence), anchor=False)
    if second:
        st.markdown(_dollars(second))


def cards(shown: Sequence[Card]) -> None:
    """Cards in a grid of four, two a row on a phone; the first ones are twice as wide, so that the rows are full."""
    grid = st.grid(_COLUMNS, min_column_width=150, gap="small")
    wide = -len(shown) % _COLUMNS
    tall = any(card.series for card in shown)
    for index, card in enumerate(shown):
        with grid.cell(column_span=2) if index < wide else grid.cell():
            _card(card, _TALL if tall else _LOW)


def _card(card: Card, height: int) -> None:
    entry = term(card.term)
    mark = f" :orange-badge[{card.mark}]" if card.mark else ""
    explained = entry.help + ("\n\nThe line: month by month, 13 months." if card.series else "")
    if card.mark:
        explained += f"\n\n**{term(card.mark_term).name}.** {term(card.mark_term).help}"
    detail = f" :small[:gray[{card.detail}]]" if card.detail else ""
    st.metric(
        f"{entry.name}{mark}",
        _dollars(card.value) + detail,
        card.change or card.note or None,
        delta_color="primary" if card.change else "off",
        delta_arrow="off" if card.rises is None else "up" if card.rises else "down",
        delta_description=card.note if card.change else None,
        help=explained,
        border=True,
        height=height,
        chart_data=card.series,
    )


def remark(text: str) -> None:
    """A quiet line of its own; nothing where there is nothing to say."""
    if text:
        st.caption(_joined(_dollars(text)))


@contextmanager
def panel(title: str, subtitle: str, *terms: str) -> Iterator[None]:
    """A framed place for one chart or table: the question as the title, the basis below, the definitions behind ⓘ."""
    explained = "\n\n".join(f"**{term(key).name}.** {term(key).help}" for key in terms)
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{title}**", help=explained or None)
        st.caption(_joined(_dollars(subtitle)))
        yield


def chart(figure: go.Figure, alt: str, key: str) -> None:
    """A chart as wide as its place, with its answer in words for those who cannot see it."""
    st.plotly_chart(figure, config=CONFIG, alt=alt, key=key)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as it stands on the page, kept for the page's files; `name` begins no other chart's there."""

    name: str
    question: str
    basis: str
    figure: go.Figure
    alt: str

    def picture(self) -> PagePicture:
        """The same for paper."""
        figure = self.figure.to_plotly_json()
        return PagePicture(self.name, wording.unmarked(self.question), wording.unmarked(self.basis), figure, self.alt)


def drawn(own: Drawn, *terms: str) -> Drawn:
    """A panel with nothing but a chart; the chart's key is its name."""
    with panel(own.question, own.basis, *terms):
        chart(own.figure, own.alt, own.name)
    return own


def counts(frame: pl.DataFrame) -> dict[str, ColumnConfig]:
    """How a table writes its whole numbers: in groups of thousands, as sentences do."""
    whole = (name for name, kind in frame.schema.items() if kind.is_integer())
    return {name: st.column_config.NumberColumn(format="localized") for name in whole}


def movers(columns: Mapping[str, Sequence[object]], currency: str) -> None:
    """The table of partners that moved; the name stays in sight when a narrow screen scrolls it."""
    sign = wording.symbol(currency).strip()
    st.dataframe(
        pl.DataFrame(columns, strict=False),
        hide_index=True,
        height="content",
        alt="Partners whose pipeline moved most, with the change and since when",
        column_config={
            "partner": st.column_config.TextColumn("Partner", pinned=True, width="medium"),
            "pipeline": st.column_config.NumberColumn(f"Pipeline {sign}", format="compact"),
            "change": st.column_config.NumberColumn(f"Change {sign}", format="compact"),
            "since": st.column_config.DateColumn("Since", format="MMM YYYY", help=_SINCE),
            "sure": st.column_config.TextColumn("More than chance?", help=_SURE),
            "eqls": st.column_config.NumberColumn("EQLs"),
            "eqls_change": st.column_config.NumberColumn("Change in EQLs", format="%+d"),
            "series": st.column_config.BarChartColumn("Every 4 weeks", width="medium", color="blue", help=_SERIES),
        },
    )


_SINCE = "When the pipeline created moved to its new level (CUSUM change point of the series at the end of the row)."
_SERIES = "Pipeline created in each four weeks up to the end of the period, a year of them."
_SURE = "Whether the change is larger than the numbers of deals in both periods make by chance alone (95 %)."


def _joined(text: str) -> str:
    """A number and its percent sign never part at the end of a line."""
    return re.sub(r"(?<=\d) %", f"{wording.THIN}%", text)


def _dollars(text: str) -> str:
    # Two dollar signs in Markdown would start a formula.
    return text.replace("\\$", "$").replace("$", "\\$")
