"""Does the command say in figures, or in one sentence, what another scorecard would have done?"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dashboard.commands import build_parser
from dashboard.commands.whatif import scenario
from dashboard.domain import UserError
from dashboard.scoring.scorecard_file import default_model
from data_access.engine import Database, owner_engine
from tests.builders import Company

ROOT = Path(__file__).resolve().parents[3]
FIT = {"employees": 500, "industry": "Software", "tech_stack": ["crm", "data_warehouse"]}
FORTY = FIT | {"use_case": "revenue attribution"}
CREATED = datetime(2025, 8, 1, 12, tzinfo=UTC)


def whatif(database: Database, *options: str) -> subprocess.CompletedProcess[str]:
    """The command as a person would use it."""
    address = database.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [sys.executable, "-m", "dashboard", "whatif", "--period", "2025-Q3", "--as-of", "2026-06-30", *options]
    environment = {**os.environ, "DATABASE_URL": address}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def company(database: Database) -> None:
    """Three leads with 40 points of fit: A with 12 + 12 + 6 = 30 of intent, B with 12 + 12, and C with none."""
    rows = Company()
    rows.add_partner("P", name="=Formula & Co")
    account = rows.add_account(**FORTY)
    for key in "ABC":
        worked = {"assigned_at": datetime(2025, 9, 1, tzinfo=UTC)} if key == "A" else {}
        rows.add_lead(key, created_at=CREATED, account_id=account, partner_id="P", channel="partner", **worked)
    for lead, signals in (
        ("A", ("demo_request", "partner_referral", "budget_confirmed")),
        ("B", ("demo_request", "partner_referral")),
    ):
        for signal in signals:
            rows.add_signal(lead, signal, datetime(2025, 8, 2, tzinfo=UTC))
    rows.add_deal(
        "A", status="won", opened_at="2025-09-02", closed_at="2025-10-01", amount=100, arr="80.05",
        currency="USD",
    )  # fmt: skip
    rows.write(owner_engine(database))


@pytest.mark.database
def test_a_lower_threshold_lets_one_more_lead_through(database: Database) -> None:
    company(database)
    found = json.loads(whatif(database, "--threshold", "64").stdout)
    assert found["scenario"]["changes"] == ["threshold 70 → 64"]
    totals = found["totals"]
    assert {name: totals[name]["leads"] for name in ("cohort", "active_qualified", "qualified", "gained")} == {
        "cohort": 3, "active_qualified": 1, "qualified": 2, "gained": 1,
    }  # fmt: skip
    assert (totals["qualified"]["won"], totals["qualified"]["arr"], totals["qualified"]["never"]) == (1, 80.05, 1)
    assert totals["precision"]["value"] == 1  # the one worked lead, 332 days old, is won
    assert [row["qualified"] for row in found["thresholds"][63:72]] == [2, 2, 1, 1, 1, 1, 1, 1, 0]
    assert [(row["partner_id"], row["gained"]) for row in found["partners"]] == [("P", 1)]


@pytest.mark.database
def test_points_gates_and_triggers_are_options(database: Database) -> None:
    company(database)
    asked = ("--points", "demo_request=8", "--points", "partner_referral=16", "--min-triggers", "3", "--gates", "")
    found = json.loads(whatif(database, *asked).stdout)
    assert found["scenario"]["required_gates"] == ["score", "triggers"]
    assert found["totals"]["qualified"]["leads"] == 1  # 40 + 8 + 16 + 6 = 70, on the threshold


@pytest.mark.database
def test_csv_tames_formulas_in_names(database: Database) -> None:
    company(database)
    rows = list(csv.DictReader(io.StringIO(whatif(database, "--format", "csv").stdout)))
    assert {row["name"] for row in rows if row["scope"] == "partner"} == {"'=Formula & Co"}
    assert [row["value"] for row in rows if row["measure"] == "totals.qualified.leads"] == ["1"]


def test_points_and_totals_are_judged_together() -> None:
    points = (
        "demo_request=10",
        "integration_install=11",
        "partner_referral=11",
        "budget_confirmed=5",
        "company_size=17",
    )
    options = [word for text in points for word in ("--points", text)]
    found = scenario(build_parser().parse_args(["whatif", "--totals", "45/55", *options]), default_model())
    assert (found.fit_total, found.intent_total) == (45, 55)  # 12 + 5 of fit; 60 - 2 - 1 - 1 - 1 of intent


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--threshold", "101"), "The threshold of 101 is above the 100 points of both groups."),
        (("--points", "company_sise=3"), "company_sise"),
        (("--points", "company_size=13"), "a lead can reach 41 points of fit"),
        (("--totals", "45-55"), "--totals '45-55' is not two numbers: write 45/55."),
        (("--gates", "magic"), "There is no gate “magic”"),
        (("--model", "nowhere.json"), "The scoring model nowhere.json cannot be read"),
    ],
)
def test_wrong_options_are_refused_in_one_sentence(options: tuple[str, ...], said: str) -> None:
    with pytest.raises(UserError, match=re.escape(said)) as refused:
        scenario(build_parser().parse_args(["whatif", *options]), default_model())
    assert "\n" not in str(refused.value)


@pytest.mark.database
def test_the_sensitivity_is_a_factor(database: Database) -> None:
    done = whatif(database, "--sensitivity", "4")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "--sensitivity is a factor from 1 to 3.\n")
