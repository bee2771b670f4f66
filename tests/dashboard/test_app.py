"""What do people see when there is nothing, when a page fails, and when all is well?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import frames
from dashboard.domain import UserError
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine

APP = Path(__file__).resolve().parents[2] / "dashboard" / "app.py"
pytestmark = pytest.mark.database


@pytest.fixture
def served(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The app on a database of this test alone."""
    monkeypatch.setattr(frames, "_engine", app_engine(database))
    monkeypatch.setattr(frames, "_seen", None)
    monkeypatch.setattr(frames, "_good_at", None)
    frames._answers.clear()
    yield database
    frames._answers.clear()


def run() -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=60).run()


def test_empty_database_says_what_to_do_next(served: Database) -> None:
    app = run()
    assert not app.exception and not app.error
    assert app.subheader[0].value == "There are no data yet"
    assert "python -m dashboard import" in app.code[0].value


def test_overview_and_data_page(served: Database) -> None:
    load(served, DemoOptions(leads=3_000, until=datetime.now(UTC).date()))
    app = run()
    assert not app.exception and not app.error
    assert app.subheader[0].value.startswith("Partners brought")
    assert len(app.metric) == 7
    app.switch_page("../pages/data.py").run()
    assert not app.exception and not app.error
    assert "newest lead or deal" in app.subheader[0].value
    for part in ("Imports", "Set aside", "Rows", "Dictionary"):
        app.session_state["part"] = part
        app.run()
        assert not app.exception and not app.error, part


def test_period_without_numbers_offers_one_with(served: Database) -> None:
    load(served, DemoOptions(leads=1_000, until=datetime.now(UTC).date()))
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["period"] = "2001-Q1"
    app.run()
    assert not app.exception and not app.error
    assert app.subheader[0].value == "Partners brought no leads and no deals in Q1 2001."
    (way_out,) = [button for button in app.button if button.label.startswith("Show Q")]
    way_out.click().run()
    assert not app.exception and len(app.metric) == 7


@pytest.mark.parametrize(
    ("error", "seen"),
    [
        (UserError("Mend *this* first."), "Mend \\*this\\* first\\."),
        (RuntimeError("postgresql://u:secret@h/d"), "went wrong"),
    ],
)
def test_errors_are_one_sentence_without_internals(
    served: Database, monkeypatch: pytest.MonkeyPatch, error: Exception, seen: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(frames, "choices", fail)
    app = run()
    assert not app.exception
    assert seen in app.error[0].value
    assert "secret" not in "".join(str(element.value) for element in app.error)
