"""Does another company's file, with fields, words and signals of its own, come out of its own scorecard as by hand?"""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from dashboard.period import parse_period
from dashboard.reports.what_if import Asked, what_if_document
from dashboard.scoring.edits import with_changes
from dashboard.scoring.scorecard_file import parse
from dashboard.settings import Settings
from dashboard.window import Window
from data_access.engine import Database, app_engine, owner_engine
from data_access.importers.loading import Request, import_files
from data_access.publishing import publish
from data_access.scoring_models import active_model

pytestmark = pytest.mark.database
SETTINGS = Settings(time_zone="UTC", currency="EUR")
AS_OF = datetime(2026, 3, 1, tzinfo=UTC)
QUARTER = datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 10, 1, tzinfo=UTC)
COUNTRIES = ("Germany", " germany", "France", "Sweden", "n/a", "")
SECTORS = ("Hospital", "University", "hospital ", "Ministry", "")
PROGRAMMES = ("Executive MBA", "Nursing BSc", "Language course", "")
STAFF = ("", "40", "99", "100", "1.900", "2.000", "12.000")
COLUMNS = ("lead number", "created", "found us by", "agent", "country", "sector", "staff",
           "programme of interest", "portal", "brochure at", "visit at", "recommended at", "advisor at",
           "enrolled at", "fee", "currency")  # fmt: skip

MAPPING = """
source = "admissions"
date_formats = ["%d/%m/%Y %H:%M"]
decimal = ","
blanks = ["n/a"]

[file.leads]
match = ["lead number", "created", "enrolled at"]

[file.leads.account]
account_id = "lead number"
country = { column = "country", translate = { "Germany" = "DE", "France" = "FR", "Sweden" = "SE" } }
industry = "sector"
employees = "staff"

[file.leads.lead]
lead_id = "lead number"
account_id = "lead number"
created_at = "created"
partner_id = "agent"
channel = { column = "found us by", translate = { "Agent" = "partner", "Fair" = "event" } }
product_line = "programme of interest"
utm_source = "portal"
assigned_at = "advisor at"

[[file.leads.signal]]
lead_id = "lead number"
signal = { constant = "brochure_download" }
occurred_at = "brochure at"
when = { column = "brochure at", filled = true }

[[file.leads.signal]]
lead_id = "lead number"
signal = { constant = "campus_visit" }
occurred_at = "visit at"
when = { column = "visit at", filled = true }

[[file.leads.signal]]
lead_id = "lead number"
signal = { constant = "agent_recommendation" }
occurred_at = "recommended at"
when = { column = "recommended at", filled = true }

[file.leads.deal]
deal_id = "lead number"
lead_id = "lead number"
account_id = "lead number"
opened_at = "advisor at"
closed_at = "enrolled at"
status = { constant = "won" }
amount = "fee"
arr = "fee"
currency = { column = "currency", default = "EUR" }
when = { column = "enrolled at", filled = true }
"""

CARD: dict[str, Any] = {
    "format": 1,
    "name": "Admissions 30/70",
    "threshold": 55,
    "group_totals": {"fit": 30, "intent": 70},
    "icp_at_least": 12,
    "window_days": 60,
    "min_triggers": 1,
    "trigger_signals": ["brochure_download", "campus_visit"],
    "ecosystem_signals": ["agent_recommendation"],
    "buying_signals": ["campus_visit"],
    "overlap_signals": [],
    "required_gates": ["icp", "ecosystem"],
    "criteria": [
        {"name": "country", "group": "fit", "field": "account.country", "levels": [
            {"name": "home", "points": 9, "any_of": ["DE"]},
            {"name": "near", "points": 6, "any_of": ["FR"]},
            {"name": "far", "points": 1, "otherwise": True},
        ]},
        {"name": "sector", "group": "fit", "field": "account.industry", "levels": [
            {"name": "health", "points": 7, "any_of": ["hospital"]},
            {"name": "teaching", "points": 4, "any_of": ["University"]},
        ]},
        {"name": "staff", "group": "fit", "field": "account.employees", "levels": [
            {"name": "small", "points": 2, "below": 100},
            {"name": "middle", "points": 6, "from": 100, "below": 2000},
            {"name": "large", "points": 4, "from": 2000},
        ]},
        {"name": "programme", "group": "fit", "field": "lead.product_line", "levels": [
            {"name": "executive", "points": 5, "any_of": ["executive mba"]},
        ]},
        {"name": "portal", "group": "fit", "field": "lead.utm_source", "levels": [
            {"name": "known", "points": 3, "any_of": ["studyportals"]},
        ]},
        {"name": "brochure", "group": "intent", "signal": "brochure_download", "within_days": 30, "levels": [
            {"name": "seen", "points": 15, "at_least": 1},
        ]},
        {"name": "visit", "group": "intent", "signal": "campus_visit", "levels": [
            {"name": "seen", "points": 30, "at_least": 1},
        ]},
        {"name": "recommended", "group": "intent", "signal": "agent_recommendation", "levels": [
            {"name": "seen", "points": 25, "at_least": 1},
        ]},
    ],
}  # fmt: skip


def leads(random: Random) -> list[dict[str, Any]]:
    """Sixty leads as their company has them, in and around the quarter; moments lie apart or on a border."""
    rows = []
    for number in range(60):
        created = datetime(2025, 6, 20, tzinfo=UTC) + timedelta(hours=random.randrange(24 * 110))
        agent = random.choice(["Studenten Süd", "  studenten süd", "Campus Lyon", "Campus Lyon", ""])
        advisor = random.choice([None, created + timedelta(days=random.choice([20, 40, 80]))])
        rows.append(
            {
                "lead number": f"A-{number:03}",
                "created": created,
                "found us by": "Agent" if agent else "Fair",
                "agent": agent,
                "country": random.choice(COUNTRIES),
                "sector": random.choice(SECTORS),
                "staff": random.choice(STAFF),
                "programme of interest": random.choice(PROGRAMMES),
                "portal": random.choice(["studyportals", "StudyPortals", "google", ""]),
                "brochure at": random.choice([None, *(created + timedelta(days=day) for day in (-31, -30, 5, 30, 45))]),
                "visit at": random.choice([None, *(created + timedelta(days=day) for day in (3, 15, 20, 60, 61))]),
                "recommended at": random.choice([None, created, created, created + timedelta(days=1)]),
                "advisor at": advisor,
                "enrolled at": random.choice([None, advisor + timedelta(days=30)]) if advisor else None,
                "fee": random.choice([None, 4900.0, 12500.5, 1290.99]),
                "currency": random.choice(["EUR", "EUR", "", "CHF"]),
            }
        )
    return rows


def written(folder: Path, rows: list[dict[str, Any]]) -> Path:
    """The file as it would be exported, with a line that cannot be understood at its end."""
    file = folder / "leads.csv"
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(COLUMNS)
        writer.writerows([[cell(row[name]) for name in COLUMNS] for row in rows])
        writer.writerow(["A-999", "31/02/2026 10:00", *[""] * (len(COLUMNS) - 2)])
    return file


def cell(value: Any) -> str:
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y %H:%M")
    if isinstance(value, float):
        return "€ " + f"{value:,.2f}".translate(str.maketrans(",.", ".,"))
    return value or ""


def seen(row: dict[str, Any], column: str, days: int = 60) -> bool:
    at, advisor = row[column], row["advisor at"]
    near = at is not None and abs(at - row["created"]) <= timedelta(days=days)
    return near and (advisor is None or at < advisor)


def fit(row: dict[str, Any]) -> int:
    country, sector = row["country"].strip(), row["sector"].strip().lower()
    staff = int(row["staff"].replace(".", "") or -1)
    points: int = (
        {"": 0, "n/a": 0, "france": 6, "germany": 9}.get(country.lower(), 1)
        + {"hospital": 7, "university": 4}.get(sector, 0)
        + (0 if staff < 0 else 2 if staff < 100 else 6 if staff < 2000 else 4)
        + 5 * (row["programme of interest"] == "Executive MBA")
        + 3 * (row["portal"].lower() == "studyportals")
    )
    return points


def score(row: dict[str, Any]) -> int:
    intent = 15 * seen(row, "brochure at", 30) + 30 * seen(row, "visit at") + 25 * seen(row, "recommended at")
    return fit(row) + intent


def qualifies(row: dict[str, Any], threshold: int) -> bool:
    triggered = seen(row, "brochure at") or seen(row, "visit at")
    return score(row) >= threshold and fit(row) >= 12 and seen(row, "recommended at") and triggered


def euros(rows: list[dict[str, Any]]) -> float:
    return sum(row["fee"] or 0 for row in rows if row["enrolled at"] and row["currency"] != "CHF")


def by_hand(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "leads": len(rows),
        "never": sum(not row["advisor at"] for row in rows),
        "won": sum(bool(row["enrolled at"]) for row in rows),
        "arr": pytest.approx(euros(rows)),
        "pipeline": pytest.approx(euros(rows)),
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_from_another_companys_file_to_its_own_what_if(database: Database, tmp_path: Path, seed: int) -> None:
    rows = leads(Random(seed))
    mapping = tmp_path / "leads.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    done = import_files(owner_engine(database), Request((written(tmp_path, rows),), str(mapping)), "UTC")
    assert (done.files[0].accepted, done.files[0].quarantined) == (60, 1)
    assert done.total("partner").inserted == 2
    publish(owner_engine(database), parse(json.dumps(CARD)), "Vera", seen=None, parent=None)
    active = active_model(app_engine(database), datetime.now(UTC) + timedelta(days=1))
    assert (active.version, active.model.name) == (1, "Admissions 30/70")

    window = Window(parse_period("2025-Q3", SETTINGS), AS_OF, "UTC", "EUR")
    asked = Asked(window, with_changes(active.model, threshold=45), active, 1.25)
    found = what_if_document(app_engine(database), asked, SETTINGS)

    ours = [row for row in rows if row["agent"] and QUARTER[0] <= row["created"] < QUARTER[1]]
    before, after = ([row for row in ours if qualifies(row, threshold)] for threshold in (55, 45))
    gained = [row for row in after if row not in before]
    assert before and gained and euros(after), "the file must have something to find"
    expected = {"cohort": ours, "active_qualified": before, "qualified": after, "gained": gained, "dropped": []}
    told = {name: {key: found["totals"][name][key] for key in by_hand([])} for name in expected}
    assert told == {name: by_hand(own) for name, own in expected.items()}
    for at in (0, 40, 45, 55, 70):
        there = next(own for own in found["thresholds"] if own["threshold"] == at)
        own = [row for row in ours if qualifies(row, at)]
        assert (there["qualified"], there["arr"]) == (len(own), pytest.approx(euros(own))), at
    partners = {
        own["name"].lower(): (own["active_qualified"], own["qualified"], own["arr"]) for own in found["partners"]
    }
    for name in ("studenten süd", "campus lyon"):
        of = [[row for row in group if row["agent"].strip().lower() == name] for group in (before, after)]
        assert partners.get(name, (0, 0, 0)) == (len(of[0]), len(of[1]), pytest.approx(euros(of[1])))
