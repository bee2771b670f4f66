"""What does a page show when there is nothing, too little, old data or an error? The states that all pages share."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dashboard import answers, frames, wording
from dashboard.domain import UserError
from dashboard.glossary import term
from dashboard.settings import settings
from data_access.engine import DatabaseUnavailable, QueryTooSlow

_LOG = logging.getLogger(__name__)
_WATCH_SECONDS = 20.0
_RECOVERY_SECONDS = 3.0
_MISSED = "missed"


@contextmanager
def guarded() -> Iterator[None]:
    """Whatever goes wrong inside becomes one sentence; the particulars go to the server's log, never to the screen."""
    try:
        yield
    except UserError as error:
        if isinstance(error, DatabaseUnavailable) and not isinstance(error, QueryTooSlow):
            st.session_state[_MISSED] = True
        st.error(wording.plain(error), icon=":material/error:")
    except Exception:
        reference = secrets.token_hex(3)
        _LOG.exception("A page failed (reference %s)", reference)
        st.error(
            f"Something went wrong on our side. The numbers are safe; the server's log says more under {reference}.",
            title="This page could not be drawn",
            icon=":material/error:",
        )


def banner() -> bool:
    """The amber banner while the numbers are old because the database does not answer; returns whether it is shown."""
    freshness = answers.freshness()
    if freshness.stale:
        st.warning(
            f"The database does not answer. Shown are the last good numbers, {wording.age(freshness.age)} old "
            f"({wording.moment(freshness.as_of, settings().time_zone)}). The page recovers by itself.",
            title="Not up to date",
            icon=":material/history:",
        )
    return freshness.stale


def watch(shown: bool | None) -> None:
    """Looks every few seconds whether the database has gone or come back, and redraws the page only then.

    `shown` is what `banner` returned; None where the page did not come that far. A page that missed something because
    the database was away is drawn again once it answers, however soon that was.
    """
    missed = st.session_state.pop(_MISSED, False)
    if shown is None and not missed:
        return
    drawing = True

    @st.fragment(run_every=_WATCH_SECONDS if shown is False else _RECOVERY_SECONDS, key="watch")
    def pulse() -> None:
        nonlocal drawing
        if drawing:  # the page itself: drawing it anew at once would only hide what it says
            drawing = False
            return
        now = _is_stale()
        if now != shown or (missed and now is False):
            st.rerun()

    pulse()


def _is_stale() -> bool | None:
    """What `banner` would return now; None where there have never been numbers."""
    try:
        return answers.freshness().stale
    except UserError:
        return None


def sources(incomplete: bool = False) -> None:
    """One quiet line: as of when, whose data these are, and whether some money is missing from the sums."""
    freshness, origin = answers.freshness(), frames.origin()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"Data as of {wording.moment(freshness.as_of, settings().time_zone)}", width="content")
        if origin.simulated:
            st.badge("Simulated company", icon=":material/science:", color="orange", help=_SIMULATED)
        elif origin.sources:
            st.badge(wording.plain(", ".join(filter(None, origin.sources))), icon=":material/database:", color="gray")
        if incomplete:
            st.badge("Incomplete", icon=":material/currency_exchange:", color="orange", help=term("incomplete").help)


def empty() -> None:
    """No data yet: what to do next."""
    st.subheader("There are no data yet")
    st.markdown("Import your own files, or look around in a simulated company first. In a terminal:")
    st.code("python -m dashboard import leads.csv deals.csv\npython -m dashboard demo", language="shell")
    st.markdown("This page fills by itself at your next click after that. The README says how to describe your files.")


def too_little(what: str) -> None:
    """A place where a chart would stand if there were enough data."""
    st.info(what, icon=":material/hourglass_empty:")


_SIMULATED = (
    "An invented company whose numbers show what the dashboard can do. They disappear once you import your own data."
)
