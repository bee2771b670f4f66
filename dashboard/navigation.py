"""Which pages are there, for whom, and how does one lead to another? Grouped by who comes."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import streamlit as st

_PAGES = Path(__file__).resolve().parents[1] / "pages"


def choose() -> st.Page:
    """Draws the navigation and returns the page that is wanted."""
    groups = {
        "Executives": [
            _page(
                "overview",
                "Overview",
                "insights",
                "What partners brought in the period, against what, and how partner leads compare with others.",
                default=True,
            )
        ],
        "Partner managers": [
            _page("review", "Quarterly review", "leaderboard",
                  "Whom to double, whom to end, and how sure the ranking is."),
            _page("funnel", "Funnel", "filter_alt", "Where leads get lost, in which group, and how long a step takes."),
            _page("velocity", "Win rate and velocity", "speed", "Who wins how often, how fast, and how sure that is."),
            _page("partner", "Partner", "handshake", "One partner on one page, also on paper."),
            _page("leads", "Leads", "list", "The leads behind a number.", hidden=True),
        ],
        "Marketing": [],
        "Operations": [
            _page(
                "data",
                "Data",
                "database",
                "How fresh and how complete the data are: imports, rows set aside, row counts, the dictionary.",
            )
        ],
    }  # fmt: skip
    there = {group: [page for page in pages if page] for group, pages in groups.items()}
    return st.navigation({group: pages for group, pages in there.items() if pages}, expanded=True)


def _page(
    name: str, title: str, icon: str, meaning: str, *, default: bool = False, hidden: bool = False
) -> st.Page | None:
    path = _PAGES / f"{name}.py"
    if not path.exists():
        return None
    return st.Page(
        path,
        title=title,
        icon=f":material/{icon}:",
        default=default,
        help=meaning,
        visibility="hidden" if hidden else "visible",
    )


def go(name: str, **parameters: str | list[str] | None) -> NoReturn:
    """Leads to another page with `parameters` in the link; None leaves one out.

    The filters go along by themselves. The browser's own way back leads to the page as it was.
    """
    wanted = {key: value for key, value in parameters.items() if value is not None}
    st.switch_page(_PAGES / f"{name}.py", query_params=wanted)
