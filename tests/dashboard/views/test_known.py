"""Does the page say what it leaves out, and why?"""

from __future__ import annotations

from dashboard.views.known import EVERYTHING, Known, no_partner, not_given


def test_nothing_is_said_where_nothing_is_missing() -> None:
    assert not_given(EVERYTHING) == ""
    assert not_given(Known(sessions=False, sqls=False)) == ""  # nobody looks for these


def test_what_is_missing_is_named_once() -> None:
    assert not_given(Known(eqls=False, costs=False)) == (
        "The data of these 13 months hold no EQL dates and no costs; numbers that need them are left out."
    )


def test_the_way_to_partners_is_named() -> None:
    assert "docs/importing.md" in no_partner(False) and "yet" in no_partner(False)
    assert "13 months" in no_partner(True) and "yet" not in no_partner(True)
