"""Does the what-if agree with a second computation from rows, to the last lead and cent, whatever the company?"""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text

from dashboard.filters import Filters
from dashboard.frames import what_if as frame
from dashboard.period import parse_period
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, owner_engine
from tests.builders import Company
from tests.reference import rows_decoys as decoys
from tests.reference.rows_scorecard import DEFAULTS
from tests.scorecards import random_card, signalling_company
from tests.strategies import random_company
from tests.what_if_comparison import PROGRAM, Card, Found, compare, differences, document

pytestmark = pytest.mark.database


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


# The tool of this comparison


def test_a_difference_of_one_lead_a_cent_or_a_name_is_seen() -> None:
    rows = {"leads": 7, "arr": 1_000_000.01, "partners": {"A": {"won": 1}}, "rate": None}
    assert not list(differences(rows | {"estimated": 1}, rows))
    for other in ({"leads": 8}, {"arr": 1_000_000.02}, {"partners": {"B": {"won": 1}}}, {"rate": 0.0}, {"more": 1}):
        assert list(differences(rows | other, rows))
    assert list(differences([1], [1, 2])) and list(differences({"leads": True}, {"leads": 1}))
