"""Is whatever goes wrong said in one sentence, and the particulars kept to the log?"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def faulty_page() -> None:
    from dashboard import states

    with states.guarded():
        raise ValueError("password of somebody")


def mistaken_page() -> None:
    from dashboard import states
    from dashboard.domain import UserError

    with states.guarded():
        raise UserError("Write *2026-Q3*.")


def test_a_fault_is_said_with_a_reference_and_its_particulars_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    app = AppTest.from_function(faulty_page).run()
    said = app.error[0].value
    assert said.startswith("Something went wrong on our side.") and "password" not in said
    reference = said.removesuffix(".").split()[-1]
    assert reference in caplog.text and "password of somebody" in caplog.text
    assert not app.exception


def test_a_mistake_is_said_as_it_is() -> None:
    app = AppTest.from_function(mistaken_page).run()
    assert app.error[0].value == r"Write \*2026\-Q3\*\."
