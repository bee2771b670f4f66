"""Do the blocks that all pages are made of write their words as people read them?"""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def page() -> None:
    """Drawn by the test in an app of its own."""
    from dashboard import blocks

    with blocks.panel("How much?", "with 95 % intervals, in $ and $", "arr"):
        blocks.remark("80 % of $5 or 100 percent")


def test_a_number_and_its_percent_sign_never_part() -> None:
    app = AppTest.from_function(page).run(timeout=60)
    assert not app.exception
    assert [own.value for own in app.caption] == [
        "with 95\u202f% intervals, in \\$ and \\$",
        "80\u202f% of \\$5 or 100 percent",
    ]
