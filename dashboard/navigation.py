"""Which pages are there, for whom, and how does one lead to another? Grouped by who comes."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, NoReturn

import streamlit as st

from dashboard.filters import LINK_KEYS

_PAGES = Path(__file__).resolve().parents[1] / "pages"


class Place(NamedTuple):
    """A page by its file's name and its title."""

    name: str
    title: str


def choose() -> st.Page:
    """Draws the navigation and returns the page that is wanted."""
    page = st.navigation(_groups(), expanded=True)
    st.session_state["page"] = Place(page.url_path or "overview", page.title)
    return page


def _groups() -> dict[str, list[st.Page]]:
    """The pages by whom they are for."""
    return {
        "Executives": [
            _page("overview", "Overview", "insights",
                  "What partners brought in the period, against what, and how partner leads compare with others.",
                  default=True),
            _page("arr", "ARR", "paid", "What partners brought, why it changed, and what is coming."),
        ],
        "Partner managers": [
            _page("review", "Quarterly review", "leaderboard",
                  "Whom to double, whom to end, and how sure the ranking is."),
            _page("funnel", "Funnel", "filter_alt", "Where leads get lost, in which group, and how long a step takes."),
            _page("velocity", "Win rate and velocity", "speed", "Who wins how often, how fast, and how sure that is."),
            _page("costs", "Costs and return", "receipt_long",
                  "What the programme costs and returns, content that pays, and whom to approach next."),
            _page("partner", "Partner", "handshake", "One partner on one page, also on paper."),
            _page("leads", "Leads", "list", "The leads behind a number.", hidden=True),
        ],
        "Marketing": [
            _page("what_if", "Scoring what-if", "tune",
                  "Move a weight or the threshold of the scorecard and see what would have happened."),
            _page("channels", "Channels", "alt_route",
                  "Partner leads against paid, organic and AI channels, and where the next money goes."),
            _page("attribution", "Attribution", "join_inner",
                  "Who gets how much credit for each deal, by which rule, adding up to the cent."),
        ],
        "Operations": [
            _page("data", "Data", "database",
                  "How fresh and how complete the data are: imports, rows set aside, row counts, the dictionary."),
        ],
    }  # fmt: skip


def _page(name: str, title: str, icon: str, meaning: str, *, default: bool = False, hidden: bool = False) -> st.Page:
    return st.Page(
        _PAGES / f"{name}.py",
        title=title,
        icon=f":material/{icon}:",
        default=default,
        help=meaning,
        visibility="hidden" if hidden else "visible",
    )


def go(name: str, **parameters: str | list[str] | None) -> NoReturn:
    """Leads to another page with `parameters` in the link; None leaves one out.

    The filters go along by themselves. The browser's own way back leads to the page as it was, and so does `back`.
    """
    own = {key: st.query_params.get_all(key) for key in st.query_params if key not in LINK_KEYS}
    st.session_state["came_from"] = (st.session_state["page"], own)
    wanted = {key: value for key, value in parameters.items() if value is not None}
    st.switch_page(_PAGES / f"{name}.py", query_params=wanted)


def back(otherwise: str) -> None:
    """The way back to the view that the page was opened from; to the page `otherwise` where a link opened it."""
    place, own = st.session_state.get("came_from", (Place(otherwise, otherwise.capitalize()), {}))
    label = f"Back to {place.title}"
    st.page_link(_PAGES / f"{place.name}.py", label=label, icon=":material/arrow_back:", query_params=own)
