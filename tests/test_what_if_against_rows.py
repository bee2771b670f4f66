"""Does the what-if agree with a second computation from rows, to the last lead and cent?"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from dashboard import answers
from dashboard.commands.whatif import as_csv
from dashboard.filters import Filters
from dashboard.frames import what_if as frame
from dashboard.period import parse_period
from dashboard.reports.what_if import Asked, what_if_document
from dashboard.scoring.scorecard_file import parse
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.demo import DemoOptions, load
from data_access.engine import Database, app_engine, owner_engine
from data_access.scoring_models import ActiveModel
from tests.builders import Company
from tests.reference import rows_decoys as decoys
from tests.reference.rows_data import Data, read_data
from tests.reference.rows_scorecard import DEFAULT, DEFAULTS
from tests.reference.rows_what_if import may_be_of, rows_what_if
from tests.scorecards import random_card, signalling_company
from tests.strategies import random_company

APP = Path(__file__).resolve().parents[1] / "dashboard" / "app.py"
pytestmark = pytest.mark.database
Card = dict[str, Any]
Found = dict[str, Any]
# What is estimated, or names what a number belongs to; held against truth elsewhere.
NOT_SEEN = {"estimated", "expected_wins", "expected_arr", "partner_id", "name"}


def differences(product: Any, rows: Any, path: str = "") -> Iterator[str]:
    """Where the two part ways: the same names, exact counts, cents to 1e-6 of a cent, rates to twelve digits."""
    if isinstance(rows, dict) and isinstance(product, dict):
        for key in sorted((product.keys() ^ rows.keys()) - NOT_SEEN):
            yield f"{path}: only {'the product' if key in product else 'rows'} has {key!r}"
        for key in product.keys() & rows.keys():
            yield from differences(product[key], rows[key], f"{path}.{key}")
    elif isinstance(rows, list) and isinstance(product, list) and len(rows) == len(product):
        for place, (ours, theirs) in enumerate(zip(product, rows, strict=True)):
            yield from differences(ours, theirs, f"{path}[{place}]")
    elif not same(product, rows):
        yield f"{path}: product {product!r}, rows {rows!r}"


def same(product: Any, rows: Any) -> bool:
    """Whether two values count as equal; None and a number never do."""
    if isinstance(rows, float) and type(product) is float:
        return math.isclose(product, rows, rel_tol=1e-12, abs_tol=1e-8)
    return type(product) is type(rows) and product == rows


def document(database: Database, window: Window, scenario: Card, active: Card, sensitivity: float = 1.25) -> Found:
    """What the product says."""
    asked = Asked(window, parse(scenario), ActiveModel(parse(active)), sensitivity)
    return what_if_document(app_engine(database), asked, settings_of(window))


def settings_of(window: Window) -> Settings:
    return Settings(time_zone=window.zone, currency=window.currency)


def compare(database: Database, window: Window, scenario: Card, active: Card, sensitivity: float = 1.25) -> list[str]:
    """Where the two part ways over one question."""
    found = document(database, window, scenario, active, sensitivity)
    data = read_data(owner_engine(database), window, settings_of(window))
    return list(against_rows(found, data, scenario, active))


def against_rows(found: Found, data: Data, scenario: Card, active: Card) -> Iterator[str]:
    """Every number of the document that was seen. Partners without any lead of the cohort may be missing."""
    if found["leads_of"] not in may_be_of(data):
        yield f"leads of {found['leads_of']}"
    rows = rows_what_if(data, scenario, active, sourced=found["leads_of"] == "partners")
    partners = {own["partner_id"]: own for own in found["partners"]}
    if len(partners) < len(found["partners"]):
        yield "a partner comes twice"
    yield from differences({key: found[key] for key in rows} | {"partners": partners}, rows)
    if found["totals"]["estimated"]["qualified"]:
        yield from differences(asked_about(found), asked_about(rows), "estimated")


def asked_about(found: Found) -> Found:
    """How many never-worked leads an estimate is about: as the product says it, or as the rows do."""
    totals, thresholds = found["totals"], found["thresholds"]
    ours = totals.get("estimated")
    if ours is None:
        return {
            "qualified": totals["qualified"]["never"],
            "active": totals["active_qualified"]["never"],
            "gained": totals["gained"]["never"],
            "dropped": totals["dropped"]["never"],
            "at": [own["never"] for own in thresholds],
        }
    return {
        "qualified": ours["qualified"]["leads"],
        "active": ours["active"]["leads"],
        "gained": ours["change"]["leads"],
        "dropped": ours["change"]["dropped"],
        "at": [own["estimated"]["leads"] for own in thresholds],
    }


# Random companies


def muddled(random: Random, as_of: datetime) -> Company:
    """Sources with and without sales work, experiments, leads that are just old enough, at times no partner."""
    kinds, nobody = random.choice([4, 30, 60]), random.random() < 0.15
    if random.random() < 0.6:
        company = signalling_company(random, kinds)
    else:
        company = decoys.mislead(random_company(random, partners=random.choice([3, 20]), kinds=kinds), random)
    for row in company.rows["lead"]:
        row["source"] = random.choice(["crm", "crm", "list", "later"])
        row["experiment"] = random.randrange(4) == 0
        if row["source"] != "crm" or not random.randrange(3):
            row["assigned_at"] = row["first_contacted_at"] = None
        if row["source"] == "later" and not random.randrange(9):
            row["assigned_at"] = as_of + timedelta(days=1)
        if not random.randrange(12):
            row["created_at"] = as_of - timedelta(days=180) + random.choice([-1, 0, 1]) * timedelta(microseconds=1)
        if nobody:
            row["partner_id"] = None
    return company


def tight(card: Card, random: Random) -> Card:
    """The same card with groups that hold hardly more points than a lead can reach, and often a low bar."""
    best: Counter[str] = Counter()
    for criterion in card["criteria"]:
        best[criterion["group"]] += max(level["points"] for level in criterion["levels"])
    totals = {group: best[group] + random.choice([1, 1, 7]) for group in ("fit", "intent")}
    return (
        DEFAULTS
        | card
        | {
            "window_days": 90,
            "group_totals": totals,
            "icp_at_least": min(card["icp_at_least"], totals["fit"]),
            "threshold": random.randint(0, max(1, sum(totals.values()) // random.choice([1, 2, 4, 8]))),
            "min_triggers": random.choice([0, 0, 1, 2]),
            "required_gates": random.sample(GATES, random.choice([0, 0, 1, 1, 2, 4])),
        }
    )


def a_card(random: Random) -> Card:
    return tight(random.choice([random_card, decoys.random_card])(random), random)


def changed(card: Card, random: Random) -> Card:
    """The same criteria and levels, with other points, gates, triggers and threshold."""
    criteria = [
        own | {"levels": [level | {"points": random.randint(0, level["points"])} for level in own["levels"]]}
        for own in card["criteria"]
    ]
    return tight(card | {"criteria": criteria, "trigger_signals": random.sample(decoys.SIGNALS, 4)}, random)


def two_cards(random: Random) -> tuple[Card, Card]:
    """A scenario and an active scorecard: of the same criteria with other points, or of others altogether."""
    active, other = a_card(random), a_card(random)
    same_days = other | {"window_days": active["window_days"]}  # else the two cannot be compared
    return changed(active, random) if random.random() < 0.5 else same_days, active


GATES = ("icp", "ecosystem", "buying", "confirmed")
PERIODS = ("2025-Q3", "2025", "2025-07", "2025-01-01..2025-07-16", "2025-07-02..2025-09-03", "2023-01-01..2027-01-01")
MOMENTS = (
    datetime(2025, 9, 1, tzinfo=UTC),
    datetime(2025, 11, 5, 12, tzinfo=UTC),
    datetime(2026, 4, 5, 9, 30, tzinfo=UTC),
    datetime(2026, 6, 30, tzinfo=UTC),
)
PLACES = (("UTC", "USD"), ("UTC", "EUR"), ("Asia/Kolkata", "EUR"), ("America/New_York", "USD"), ("UTC", "GBP"))


def window_of(random: Random, as_of: datetime) -> Window:
    zone, currency = random.choice(PLACES)
    period = parse_period(random.choice(PERIODS), Settings(time_zone=zone))
    return Window(period, as_of, zone, currency)


@pytest.mark.parametrize("seed", range(12))
def test_random_companies(module_database: Database, seed: int) -> None:
    random = Random(seed)
    as_of = random.choice(MOMENTS)
    muddled(random, as_of).write(owner_engine(module_database), replace=True)
    for _ in range(4):
        window, (scenario, active) = window_of(random, as_of), two_cards(random)
        assert compare(module_database, window, scenario, active) == []


def test_a_sum_of_months_is_the_quarter(module_database: Database) -> None:
    """Cells are read by parts: what can be added does add up."""
    random = Random(5)
    muddled(random, MOMENTS[-1]).write(owner_engine(module_database), replace=True)
    scenario, active = two_cards(random)
    chosen = Settings(time_zone="America/New_York", currency="EUR")

    def of(period: str) -> Found:
        window = Window(parse_period(period, chosen), MOMENTS[-1], chosen.time_zone, chosen.currency)
        return document(module_database, window, scenario, active)

    quarter, months = of("2025-Q3"), [of(f"2025-{month:02d}") for month in (7, 8, 9)]
    assert quarter["totals"]["cohort"]["leads"] > 20
    added = sum((Counter(additive(month)) for month in months), Counter())
    assert {name: pytest.approx(value, abs=0.001) for name, value in additive(quarter).items() if value} == +added


@pytest.mark.parametrize(("partners_lead", "leads_of", "leads"), [
    ("2025-06-30 12:00", "partners", 0), ("2025-08-01 12:00", "partners", 1), (None, "everybody", 1),
])  # fmt: skip
def test_whose_leads_they_are_is_what_the_page_says(
    served: Database, partners_lead: str | None, leads_of: str, leads: int
) -> None:
    """A quarter without any partner's lead is not answered with everybody's, where earlier leads had a partner."""
    company = Company()
    company.add_partner("P")
    company.add_lead(created_at="2025-08-05 12:00")
    if partners_lead:
        company.add_lead(created_at=partners_lead, partner_id="P")
    company.write(owner_engine(served))
    period = parse_period("2025-Q3", Settings())
    found = document(served, Window(period, datetime.now(UTC)), PROGRAM, PROGRAM)
    assert (found["leads_of"], found["totals"]["cohort"]["leads"]) == (leads_of, leads)
    on_page = frame.cells(period, Filters("2025-Q3"), frame.active().model)
    assert on_page.measure("leads").sum() == leads


def additive(found: Found) -> dict[str, float]:
    """Counts and sums of totals, thresholds and partners by a name of their own."""
    sets = [(name, found["totals"][name]) for name in ("cohort", "qualified", "active_qualified", "gained", "dropped")]
    sets += [(f"at {own['threshold']}", own) for own in found["thresholds"]]
    sets += [(f"of {own['partner_id']}", own) for own in [*found["partners"], found["without_partner"]]]
    left_out = {"threshold", "precision", "recall", "estimated", "partner_id", "name", "expected_wins", "expected_arr"}
    return {f"{name} {key}": value for name, own in sets for key, value in own.items() if key not in left_out}


def test_sensitivity_changes_nothing_that_was_seen(module_database: Database) -> None:
    random = Random(8)
    muddled(random, MOMENTS[-1]).write(owner_engine(module_database), replace=True)
    window, (scenario, active) = window_of(random, MOMENTS[-1]), two_cards(random)
    assert compare(module_database, window, scenario, active, sensitivity=3.0) == []
    assert compare(module_database, window, active, active) == []


# Data that change


def publish(database: Database, card: Card) -> None:
    """Makes the card the only published one, as long as there has been any data."""
    columns, values = "(name, definition, author, published_at)", "('Card', CAST(:card AS jsonb), 'somebody', :moment)"
    row = f"INSERT INTO eql.scoring_model {columns} VALUES {values}"
    with owner_engine(database).begin() as connection:
        connection.execute(text("DELETE FROM eql.scoring_model"))
        connection.execute(text(row), {"card": json.dumps(card), "moment": datetime(2020, 1, 1, tzinfo=UTC)})


SOME = "abs(hashtext({} || :salt)) % 7 = 0"
LEAD, DEAL = SOME.format("lead_id"), SOME.format("deal_id")
CHANGES = (
    f"UPDATE eql.lead SET assigned_at = CASE WHEN assigned_at IS NULL THEN created_at + interval '1 day' END"
    f" WHERE {LEAD}",
    f"UPDATE eql.lead SET first_contacted_at = NULL, experiment = NOT experiment WHERE {LEAD}",
    f"UPDATE eql.lead SET created_at = created_at + interval '9 days', channel = 'moved' WHERE {LEAD}",
    f"UPDATE eql.lead SET partner_id = CASE WHEN partner_id IS NULL THEN 'P001' END WHERE {LEAD}",
    f"UPDATE eql.lead SET is_test = NOT is_test WHERE {LEAD}",
    f"UPDATE eql.lead SET merged_into = NULL, deleted_at = NULL, source = 'crm' WHERE {LEAD}",
    f"UPDATE eql.lead SET merged_into = (SELECT min(lead_id) FROM eql.lead) WHERE {LEAD} AND merged_into IS NULL"
    " AND lead_id <> (SELECT min(lead_id) FROM eql.lead)",
    f"UPDATE eql.lead SET eql_at = created_at, sql_at = NULL, vendor_confirmed_at = created_at WHERE {LEAD}",
    f"UPDATE eql.deal SET status = 'won', opened_at = coalesce(opened_at, closed_at), arr = 777.77,"
    f" closed_at = coalesce(closed_at, opened_at) WHERE {DEAL}",
    f"UPDATE eql.deal SET deleted_at = opened_at, currency = 'EUR' WHERE {DEAL}",
    f"UPDATE eql.deal SET lead_id = (SELECT max(lead_id) FROM eql.lead) WHERE {DEAL}",
    f"DELETE FROM eql.deal WHERE {DEAL}",
    f"DELETE FROM eql.signal WHERE {LEAD}",
    f"UPDATE eql.signal SET occurred_at = occurred_at + interval '5 days 3.7 seconds' WHERE {LEAD}",
    f"INSERT INTO eql.signal (lead_id, signal, occurred_at) SELECT lead_id, signal, created_at - interval '7 hours'"
    f" FROM eql.lead, unnest(ARRAY['demo_request', 'partner_referral']) AS s (signal) WHERE {LEAD}"
    " ON CONFLICT DO NOTHING",
    "UPDATE eql.account SET employees = 100, industry = 'Media', tech_stack = NULL"
    f" WHERE {SOME.format('account_id')}",
    "UPDATE eql.asset SET kind = 'webinar'",
    "UPDATE eql.partner SET partner_type = 'agency', tier = 'gold'",
    "UPDATE eql.fx_rate SET rate = rate * 3 WHERE currency = 'EUR'",
    "DELETE FROM eql.fx_rate WHERE day < '2025-08-01'",
    "UPDATE eql.lead SET assigned_at = NULL, first_contacted_at = NULL WHERE source = 'later'",
)  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_data_that_change(module_database: Database, seed: int) -> None:
    """What is kept from one question to the next takes in every change: the active model's questions, asked now."""
    random = Random(seed)
    muddled(random, datetime.now(UTC)).write(owner_engine(module_database), replace=True)
    card = a_card(random)
    publish(module_database, card)
    zone, currency = random.choice(PLACES)
    for number, change in enumerate([None, *random.sample(CHANGES, 7)]):
        if change:
            with owner_engine(module_database).begin() as connection:
                connection.execute(text(change), {"salt": str(number)} if ":salt" in change else {})
        scenario = changed(card, random) | {"trigger_signals": card["trigger_signals"]}
        period = parse_period(random.choice(PERIODS), Settings(time_zone=zone))
        window = Window(period, datetime.now(UTC) + timedelta(minutes=1), zone, currency)
        assert compare(module_database, window, scenario, card) == [], change
        assert taken_in(module_database), change


def taken_in(database: Database) -> bool:
    """Whether there is something kept, and nothing that it has still to take in."""
    with owner_engine(database).connect() as connection:
        question = "SELECT (SELECT count(*) FROM eql.score_dirty) = 0 FROM eql.score_state"
        return bool(connection.execute(text(question)).scalar())


# The simulated company


@pytest.fixture(scope="module")
def simulated(_new_database: Callable) -> Iterator[Database]:
    """A simulated company of 3,000 leads, the same in every run, with a few deals in other currencies."""
    with _new_database() as database:
        load(database, DemoOptions(leads=3_000, until=date(2025, 11, 1)))
        yield database


PROGRAM = DEFAULTS | json.loads(DEFAULT.read_text(encoding="utf-8"))


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


# The tool of this comparison


def test_a_difference_of_one_lead_a_cent_or_a_name_is_seen() -> None:
    rows = {"leads": 7, "arr": 1_000_000.01, "partners": {"A": {"won": 1}}, "rate": None}
    assert not list(differences(rows | {"estimated": 1}, rows))
    for other in ({"leads": 8}, {"arr": 1_000_000.02}, {"partners": {"B": {"won": 1}}}, {"rate": 0.0}, {"more": 1}):
        assert list(differences(rows | other, rows))
    assert list(differences([1], [1, 2])) and list(differences({"leads": True}, {"leads": 1}))
