"""Who may see what, once sign-in is configured?"""

from __future__ import annotations

import pytest

from dashboard.domain import UserError
from dashboard.sign_in import Role, Viewer, admitted, viewer_of

LISTED = {"Ana@Example.com": {"role": "partner_manager"}, "bo@acme.com": {"partner": "p1"}}


def test_a_listed_person_has_the_role_whatever_the_case() -> None:
    viewer = viewer_of({"email": "ana@example.COM", "name": "Ana"}, LISTED)
    assert viewer == Viewer("Ana", Role.PARTNER_MANAGER)


def test_a_person_of_a_partner_sees_that_partner() -> None:
    assert viewer_of({"email": "bo@acme.com"}, LISTED) == Viewer("bo@acme.com", Role.PARTNER, "p1")


def test_everybody_else_is_a_viewer() -> None:
    assert viewer_of({"email": "eve@example.com", "name": "Eve"}, LISTED) == Viewer("Eve", Role.VIEWER)
    assert viewer_of({}, LISTED).role is Role.VIEWER


def test_an_unverified_address_is_no_ground_for_a_role() -> None:
    assert viewer_of({"email": "ana@example.com", "email_verified": False}, LISTED).role is Role.VIEWER


def test_people_of_partners_are_kept_out_while_pages_show_all_partners() -> None:
    with pytest.raises(UserError, match="no pages for people of partners"):
        admitted(viewer_of({"email": "bo@acme.com"}, LISTED))
    assert admitted(Viewer("Ana", Role.PARTNER_MANAGER)).name == "Ana"


@pytest.mark.parametrize("entry", [{"role": "king"}, {"role": "partner"}])
def test_a_wrong_entry_is_told(entry: dict[str, str]) -> None:
    with pytest.raises(UserError, match=r"eve@example\.com"):
        viewer_of({"email": "eve@example.com"}, {"eve@example.com": entry})
