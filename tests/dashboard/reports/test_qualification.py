"""Does the report's qualification say what a lead-by-lead reading says, under the active model?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random

import pytest
from sqlalchemy import text

from dashboard.domain import UserError
from dashboard.period import parse_period
from dashboard.reports.qualification import qualification_section
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from tests.reference.qualified import judge
from tests.scorecards import random_card, signalling_company

pytestmark = pytest.mark.database
QUARTER = parse_period("2025-Q3", Settings())
AS_OF = datetime(2026, 6, 30, tzinfo=UTC)
PUBLISH = """
INSERT INTO eql.scoring_model (name, definition, author, published_at) VALUES ('x', CAST(:card AS jsonb), 'me', :at)
"""


def publish(database: Database, card: object, at: str | None) -> None:
    with owner_engine(database).begin() as connection:
        connection.execute(text(PUBLISH), {"card": json.dumps(card), "at": at})


def section(database: Database) -> dict:
    return qualification_section(app_engine(database), Window(QUARTER, AS_OF), Settings())


@pytest.mark.parametrize("seed", [3, 4])
def test_section_is_what_the_rows_say(database: Database, seed: int) -> None:
    random = Random(seed)
    company = signalling_company(random, kinds=40).write(owner_engine(database))
    card = random_card(random)
    publish(database, card, "2026-01-01")
    leads = judge(company.rows, card, QUARTER.start, QUARTER.end, AS_OF)
    sourced = [lead for lead in leads if lead.row["partner_id"]]
    found = section(database)
    json.dumps(found)
    required = {"score", "triggers", *card["required_gates"]}
    overlapping = [lead for lead in sourced if "overlap" in lead.gates]
    for key, group in (("totals", leads), ("partner_sourced", sourced), ("overlapping", overlapping)):
        part = found[key]
        assert part["leads"] == len(group)
        assert part["by_model"] == sum(required <= lead.gates for lead in group)
        assert part["recorded"] == sum("recorded" in lead.gates for lead in group)
        assert part["both"] == sum(required | {"recorded"} <= lead.gates for lead in group)
        assert part["without_icp"] == sum(required <= lead.gates and "icp" not in lead.gates for lead in group)
        order = [step["gate"] for step in part["steps"]]
        assert set(order) == required | {"icp"}
        for place, step in enumerate(part["steps"]):
            assert step["passed"] == sum(set(order[: place + 1]) <= lead.gates for lead in group)
            assert step["fails"] == sum(step["gate"] not in lead.gates for lead in group)
            assert step["only"] == sum(set(order) - lead.gates == {step["gate"]} for lead in group)
        known = sum(lead.known for lead in group)
        assert part["completeness"] == (pytest.approx(known / len(group) / len(card["criteria"])) if group else None)
    assert sum(each["leads"] for each in found["partners"]) == len(sourced)
    assert found["model"]["threshold"] == card["threshold"] and found["model"]["version"] == 1


def test_the_newest_published_model_is_active(database: Database) -> None:
    assert section(database)["model"]["version"] is None, "until somebody publishes one, that of the program is"
    for number, at in enumerate(("2026-01-02", "2026-01-01", None, "2026-07-01")):
        publish(database, random_card(Random(number)), at)
    assert section(database)["model"]["version"] == 1, "a draft is not active, nor one published after as_of"


def test_a_model_that_cannot_be_read_is_said_to_be(database: Database) -> None:
    publish(database, {"name": "broken", "criteria": "none"}, "2026-01-01")
    with pytest.raises(UserError, match=r"Version 1 of the scoring model cannot be read. .*“criteria”"):
        section(database)


def test_a_period_without_leads_has_no_rates(database: Database) -> None:
    totals = section(database)["totals"]
    assert totals["leads"] == 0 and totals["completeness"] is None and totals["disqualified"] == []
    assert totals["model_rate"] == {"value": None, "low": None, "high": None, "n": 0}
