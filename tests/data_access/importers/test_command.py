"""Do `import` and `imports` say in words and exit codes what happened?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from data_access.engine import owner_engine

ROOT = Path(__file__).resolve().parents[3]
OWN = ROOT / "tests" / "data"

pytestmark = pytest.mark.database


@pytest.fixture
def dashboard(database):
    """Runs a command in a process of its own: (exit code, output, errors)."""
    url = database.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)

    def dashboard(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", "dashboard", *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return dashboard


def test_from_file_to_undo(dashboard, write, tmp_path):
    code, out, errors = dashboard("import", OWN / "salesforce-opportunities.csv")
    assert (code, errors) == (0, "")
    assert "9 rows = 4 accepted + 5 quarantined" in out
    assert "Imported as batch 1" in out
    code, out, _ = dashboard("imports")
    assert "salesforce_opportunities (salesforce)" in out
    assert "deal: 4 inserted" in dashboard("imports", "show", 1)[1]
    target = tmp_path / "set-aside.csv"
    assert dashboard("imports", "quarantine", 1, "--out", target)[1].startswith("5 rows written")
    assert "Copyright" in target.read_text(encoding="utf-8-sig")
    assert "Batch 1 has been taken back." in dashboard("imports", "undo", 1)[1]


def test_moments_are_told_in_the_reporting_zone(dashboard, database, monkeypatch):
    monkeypatch.setenv("EQL_TIME_ZONE", "Asia/Kolkata")
    dashboard("import", OWN / "salesforce-opportunities.csv")
    dashboard("imports", "undo", 1)
    with owner_engine(database).begin() as connection:
        moments = "imported_at = '2026-01-31T20:10:00Z', undone_at = '2026-02-01T00:00:00Z'"
        connection.execute(text(f"UPDATE eql.import_batch SET {moments}"))
    assert "    1    1 Feb 2026 01:40 IST  salesforce_opportunities" in dashboard("imports")[1]
    assert "taken back 1 Feb 2026 05:30 IST" in dashboard("imports")[1]
    assert "imported_at       1 Feb 2026 01:40 IST" in dashboard("imports", "show", 1)[1]


def test_wrong_input_is_one_sentence_and_exit_code_2(dashboard, write):
    for arguments in (
        ("import",),
        ("import", "nowhere.csv"),
        ("import", write("a.csv", "")),
        ("import", write("b.csv", "a,b\n1,2\n")),
        ("import", OWN / "hubspot-deals.csv", "--mapping", "nothing"),
        ("imports", "undo", 99),
    ):
        code, out, errors = dashboard(*arguments)
        assert (code, out) == (2, ""), arguments
        assert errors.count("\n") == 1 and "Traceback" not in errors


def test_a_refused_import_has_exit_code_2_and_says_why(dashboard, write):
    path = write("p.csv", (OWN / "partnerstack-deals.csv").read_text().replace("Jan 12, 2025", "someday"))
    code, out, _ = dashboard("import", path)
    assert code == 2
    assert "not_a_date in column Measure date, first at line 2: 'someday'" in out
    assert "Nothing was imported" in out
    assert dashboard("import", path, "--max-errors", "50%")[0] == 0


def test_suggest_prints_a_mapping_and_needs_no_database(write):
    path = write("leads.csv", "lead id,created\n1,2025-01-01\n")
    done = subprocess.run(
        [sys.executable, "-m", "dashboard", "import", "--suggest", str(path)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert 'lead_id = "lead id"' in done.stdout
