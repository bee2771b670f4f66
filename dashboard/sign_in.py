"""Who is looking? A gate that lets everybody in until sign-in is configured, and asks for it from then on.

Sign-in is OpenID Connect, configured by `[auth]` in `.streamlit/secrets.toml`; `[viewers."ana@example.com"]` gives a
person a role and, for people of a partner, the partner whose numbers they may see.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import streamlit as st

from dashboard.domain import UserError


class Role(StrEnum):
    """What a person comes for; everything that a role may do is decided by it alone."""

    VIEWER = "viewer"
    EXECUTIVE = "executive"
    PARTNER_MANAGER = "partner_manager"
    MARKETING = "marketing"
    OPERATIONS = "operations"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person at the screen. `partner_scope` is the one partner that they may see; None means all."""

    name: str
    role: Role
    partner_scope: str | None = None


EVERYBODY = Viewer("", Role.VIEWER)


def gate() -> Viewer:
    """The viewer; without sign-in configured everybody, else stops the page until somebody has signed in."""
    if not configured():
        return EVERYBODY
    if not st.user.is_logged_in:
        _ask()
        st.stop()
    return admitted(viewer_of(st.user.to_dict(), st.secrets.get("viewers", {})))


def admitted(viewer: Viewer) -> Viewer:
    """The viewer; UserError for people of a partner, since no page narrows its numbers to one partner yet."""
    if viewer.partner_scope is not None or viewer.role is Role.PARTNER:
        raise UserError("There are no pages for people of partners yet: ask your partner manager for the numbers.")
    return viewer


def configured() -> bool:
    """Whether secrets.toml has an `[auth]` section."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def viewer_of(claims: Mapping[str, Any], viewers: Mapping[str, Any]) -> Viewer:
    """The viewer behind the claims of the identity provider; UserError where a role or a scope is configured wrongly.

    A person who is not listed sees everything that a viewer may see: who may sign in at all is the provider's business.
    An e-mail address that the provider calls unverified is no ground for a role.
    """
    email = str(claims.get("email") or "").lower()
    name = str(claims.get("name") or email or "Signed in")
    listed = {address.lower(): entry for address, entry in viewers.items()}
    if email not in listed or claims.get("email_verified") is False:
        return Viewer(name, Role.VIEWER)
    entry = listed[email]
    scope = entry.get("partner")
    try:
        role = Role(entry.get("role", Role.PARTNER if scope else Role.VIEWER))
    except ValueError:
        raise UserError(f"The role of {email} in secrets.toml is none of {', '.join(Role)}.") from None
    if role is Role.PARTNER and not scope:
        raise UserError(f"{email} has the role partner in secrets.toml, but no partner is named there.")
    return Viewer(name, role, scope)


def corner(viewer: Viewer) -> None:
    """Who is signed in, with the way out; nothing where there is no sign-in."""
    if viewer == EVERYBODY:
        return
    with st.sidebar.container(horizontal=True, vertical_alignment="center"):
        st.text(viewer.name)
        st.button("Sign out", type="tertiary", on_click=st.logout)


def _ask() -> None:
    st.subheader("Partner performance")
    st.text("Sign in with your company account to see the numbers.")
    st.button("Sign in", type="primary", on_click=st.login)
