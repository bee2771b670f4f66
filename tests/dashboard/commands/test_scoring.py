"""Can scorecards be listed, checked, exported and published without a browser, and is a wrong one refused?"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.scoring.scorecard_file import as_document, default_model, parse
from data_access.engine import Database

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.database


def scoring(database: Database, *options: str) -> subprocess.CompletedProcess[str]:
    """The command as a person would use it."""
    address = database.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [sys.executable, "-m", "dashboard", "scoring", *options]
    environment = {**os.environ, "DATABASE_URL": address}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120)


def written(folder: Path, **changes: object) -> str:
    file = folder / "card.json"
    file.write_text(json.dumps(as_document(default_model()) | changes), encoding="utf-8")
    return str(file)


def test_from_a_file_to_the_history_and_back(database: Database, tmp_path: Path) -> None:
    assert "comes with the program is active" in scoring(database, "history").stdout
    file = written(tmp_path, name="Looser", threshold=65)
    checked = scoring(database, "check", file)
    assert checked.returncode == 0 and "sound: 11 criteria, threshold 65" in checked.stdout
    assert "threshold 70 → 65" in checked.stdout
    assert checked.stdout.endswith("and account_overlap: misspelt, or not imported?\n")
    done = scoring(database, "publish", file, "--name", "Spring", "--note", "more leads", "--by", "Ann")
    assert done.stdout.startswith("Version 1 is the active model: threshold 70 → 65")
    again = scoring(database, "publish", "--version", "0", "--by", "Bo", "--replaces", "1")
    assert again.stdout.startswith("Version 2 is the active model: threshold 65 → 70")
    late = scoring(database, "publish", "--version", "1", "--by", "Cy", "--replaces", "1")
    assert late.returncode == 2 and "Bo published version 2 in the meantime" in late.stderr
    listed = scoring(database).stdout
    assert "2 (active): Joint scorecard 40/60" in listed and "1: Spring, published" in listed and "more leads" in listed
    out = tmp_path / "out.json"
    assert scoring(database, "export", "--version", "1", "--out", str(out)).returncode == 0
    assert (parse(out.read_text(encoding="utf-8")).threshold, parse(out.read_text(encoding="utf-8")).name) == (
        65,
        "Spring",
    )


def test_what_is_wrong_is_said_in_a_sentence_and_nothing_is_written(database: Database, tmp_path: Path) -> None:
    wrong = written(tmp_path, threshold=101)
    for options, sentence in (
        (("check", wrong), "above the 100 points"),
        (("publish", wrong), "above the 100 points"),
        (("check", str(tmp_path / "none.json")), "cannot be read"),
        (("export", "--version", "9"), "no version 9"),
        (("publish", "--version", "9"), "no version 9"),
    ):
        refused = scoring(database, *options)
        assert refused.returncode == 2 and sentence in refused.stderr and "Traceback" not in refused.stderr
    assert "Nobody has published" in scoring(database, "history").stdout
