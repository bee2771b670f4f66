"""Does the what-if of the simulated company, its file and its page say what a second computation from rows says?"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import answers
from dashboard.commands.whatif import as_csv
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from tests.reference.rows_data import read_data
from tests.reference.rows_what_if import rows_what_if
from tests.what_if_comparison import PROGRAM, Card, against_rows, document, settings_of

APP = Path(__file__).resolve().parents[1] / "dashboard" / "app.py"
pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def simulated(_new_database: Callable) -> Iterator[Database]:
    """A simulated company of 3,000 leads, the same in every run, with a few deals in other currencies."""
    with _new_database() as database:
        load(database, DemoOptions(leads=3_000, until=date(2025, 11, 1)))
        yield database


def reweighted(**points: list[int]) -> Card:
    """The card that comes with the program, with the points of some criteria, level by level."""
    return PROGRAM | {
        "criteria": [
            own
            | {
                "levels": [
                    level | {"points": points.get(own["name"].replace(" ", "_"), was)[place]}
                    for place, level in enumerate(own["levels"])
                ]
            }
            for own in PROGRAM["criteria"]
            for was in [[level["points"] for level in own["levels"]]]
        ]
    }


SCENARIOS = {
    "lower": PROGRAM | {"threshold": 55},
    "higher": PROGRAM | {"threshold": 82, "min_triggers": 3},
    "no gates": PROGRAM | {"required_gates": [], "min_triggers": 0, "threshold": 60},
    "confirmed and fit": PROGRAM | {"required_gates": ["icp", "confirmed"], "icp_at_least": 25, "threshold": 50},
    "other weights": reweighted(company_size=[0, 2, 4, 12, 12], demo_request=[20, 0], partner_referral=[4, 0]),
    "other triggers": PROGRAM | {"trigger_signals": ["demo_request", "webinar_attended"], "threshold": 65},
    "another card": {
        "format": 1, "name": "Small", "threshold": 45, "group_totals": {"fit": 45, "intent": 55}, "icp_at_least": 5,
        "min_triggers": 1, "trigger_signals": ["use_case_confirmed", "demo_request"], "required_gates": ["buying"],
        "criteria": [
            {"name": "size", "group": "fit", "field": "account.employees", "levels": [
                {"name": "some", "points": 20, "from": 100, "below": 3000}]},
            {"name": "channel", "group": "fit", "field": "lead.channel", "levels": [
                {"name": "partner", "points": 15, "any_of": ["Partner"]}]},
            {"name": "prices", "group": "intent", "signal": "pricing_page_view", "within_days": 20, "levels": [
                {"name": "twice", "points": 30, "at_least": 2}, {"name": "once", "points": 20, "at_least": 1}]},
            {"name": "case", "group": "intent", "signal": "use_case_confirmed", "levels": [
                {"name": "seen", "points": 25, "at_least": 1}]},
        ],
    },
}  # fmt: skip
SEEN_FROM = (
    ("2025-Q3", datetime(2025, 11, 1, tzinfo=UTC), "UTC", "USD"),
    ("2024-12-31..2025-04-02", datetime(2025, 10, 1, 3, 30, tzinfo=UTC), "Asia/Kolkata", "EUR"),
)


@pytest.mark.parametrize("asked", SEEN_FROM, ids=lambda asked: asked[0])
def test_the_simulated_company(simulated: Database, asked: tuple[str, datetime, str, str]) -> None:
    period, as_of, zone, currency = asked
    window = Window(parse_period(period, Settings(time_zone=zone)), as_of, zone, currency)
    data = read_data(owner_engine(simulated), window, settings_of(window))
    for name, scenario in SCENARIOS.items():
        found = document(simulated, window, scenario, PROGRAM)
        assert list(against_rows(found, data, scenario, PROGRAM)) == [], name
        assert found["totals"]["gained"]["leads"] + found["totals"]["dropped"]["leads"] > 0, name


# What leaves the program


def test_the_file_for_a_spreadsheet_holds_the_same_numbers(simulated: Database) -> None:
    window = Window(parse_period("2025-Q3", Settings()), SEEN_FROM[0][1])
    found = document(simulated, window, SCENARIOS["other weights"], PROGRAM)
    written = {
        (row["scope"], row["id"], row["measure"]): row["value"] for row in csv.DictReader(io.StringIO(as_csv(found)))
    }
    rows = rows_what_if(
        read_data(owner_engine(simulated), window, settings_of(window)),
        SCENARIOS["other weights"], PROGRAM, sourced=True,
    )  # fmt: skip
    expected: dict[tuple[str, str, str], Any] = {
        **{("answer", "", f"totals.{name}"): value for name, value in leaves(rows["totals"])},
        **{("answer", "", f"without_partner.{name}"): value for name, value in leaves(rows["without_partner"])},
    }
    for own in rows["thresholds"]:
        expected |= {("threshold", str(own["threshold"]), name): value for name, value in leaves(own)}
    for key, own in rows["partners"].items():
        expected |= {("partner", key, name): value for name, value in leaves(own)}
    assert len(expected) > 2_000
    read = {key: None if written[key] == "" else type(value or 0.0)(written[key]) for key, value in expected.items()}
    assert read == {key: value if value is None else pytest.approx(value, rel=1e-12) for key, value in expected.items()}


def leaves(value: dict[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, own in value.items():
        name = f"{path}.{key}" if path else key
        if isinstance(own, dict):
            yield from leaves(own, name)
        else:
            yield name, own


def test_the_page_shows_the_same_numbers(
    simulated: Database, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Beside the line of the page there is a text for every threshold; all are those of the rows."""
    monkeypatch.setattr(answers, "_engine", app_engine(simulated))
    monkeypatch.setattr(answers, "_seen", None)
    monkeypatch.setattr(answers, "_good_at", None)
    answers.forget()
    request.addfinalizer(answers.forget)
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.query_params["period"] = "2025-Q3"
    app.run()
    app.query_params["scorecard"] = "threshold.60~triggers.1~company_size.6"
    app.switch_page("../pages/what_if.py").run()
    assert not app.exception and not app.error
    (line,) = [one for one in app.get("bidi_component") if "spoken" in one.proto.json]
    shown = {one["key"]: one["texts"] for one in json.loads(line.proto.json)["numbers"]}
    scenario = reweighted(company_size=[1, 4, 6, 5, 3]) | {"threshold": 60, "min_triggers": 1}
    window = Window(parse_period("2025-Q3", Settings()), datetime.now(UTC))
    data = read_data(owner_engine(simulated), window, settings_of(window))
    rows = rows_what_if(data, scenario, PROGRAM, sourced=True)["thresholds"]
    for name, key in (("eqls", "qualified"), ("gained", "gained"), ("dropped", "dropped"), ("won", "won")):
        assert [number(each) for each in shown[name]] == [own[key] for own in rows], name
    recall = [None if own["recall"] is None else f"{100 * own['recall']:.1f}" for own in rows]
    assert [plain(each).split(" %")[0] for each in shown["recall"]] == recall


def number(shown: str) -> int:
    """The number that a text begins with."""
    return int(re.match(r"[\d,]+", plain(shown))[0].replace(",", ""))


def plain(shown: str) -> str:
    return shown.replace("\u202f", " ").replace("\u00a0", " ")
