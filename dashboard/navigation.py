"""Which pages are there, and for whom? Grouped by who comes; a group shows once it has a page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_PAGES = Path(__file__).resolve().parents[1] / "pages"


def choose() -> st.Page:
    """Draws the navigation and returns the page that is wanted."""
    groups = {
        "Executives": [
            st.Page(
                _PAGES / "overview.py",
                title="Overview",
                icon=":material/insights:",
                default=True,
                help="What partners brought in the period, against what, and how partner leads compare with others.",
            )
        ],
        "Partner managers": [],
        "Marketing": [],
        "Operations": [
            st.Page(
                _PAGES / "data.py",
                title="Data",
                icon=":material/database:",
                help="How fresh and how complete the data are: imports, rows set aside, row counts, the dictionary.",
            )
        ],
    }
    return st.navigation({group: pages for group, pages in groups.items() if pages}, expanded=True)
