"""Does an importer that is killed leave all of its rows, or none?"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.database

ROOT = Path(__file__).resolve().parents[3]
ROWS = 40_000
LEADS = (
    '[file.leads.lead]\nlead_id = "id"\ncreated_at = "created"\naccount_id = { column = "firm", unknown = "create" }\n'
)


def killed_after(seconds, paths, database):
    """Starts an importer, kills it with SIGKILL after some seconds; whether it was still running."""
    url = database.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
    importer = subprocess.Popen(
        [sys.executable, "-m", "dashboard", "import", str(paths[0]), "--mapping", str(paths[1])],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        importer.wait(seconds)
    except subprocess.TimeoutExpired:
        importer.send_signal(signal.SIGKILL)
        importer.wait()
        return True
    assert importer.returncode == 0
    return False


def kill_at_random_moments(times, write, ask, database):
    text = "id,created,firm\n" + "".join(f"{i},2025-01-01 10:00:00,f{i % 900}\n" for i in range(ROWS))
    paths = write("leads.csv", text), write("m.toml", LEADS)
    started = time.monotonic()
    assert not killed_after(300, paths, database)
    whole = time.monotonic() - started
    assert ask("SELECT count(*) FROM eql.lead") == [(ROWS,)]
    dice, killed = random.Random(20), 0
    for number in range(times):
        path = write("leads.csv", text.replace("10:00", f"{number // 60 + 11}:{number % 60:02d}"))
        before = ask("SELECT max(batch_id), count(*) FROM eql.import_batch WHERE undone_at IS NULL")[0]
        killed += killed_after(whole * dice.uniform(0.2, 1.0), (path, paths[1]), database)
        wait_until_alone(ask)
        found = ask("SELECT created_at, count(*) FROM eql.lead GROUP BY 1")
        assert len(found) == 1 and found[0][1] == ROWS, f"a partial import: {found}"
        after = ask("SELECT max(batch_id), count(*) FROM eql.import_batch WHERE undone_at IS NULL")[0]
        minute = f"{number // 60 + 11}:{number % 60:02d}"
        assert (after != before) == (found[0][0].strftime("%H:%M") == minute)
    assert killed > times / 3


def wait_until_alone(ask):
    """Until the server has noticed that the importer is gone."""
    for _ in range(200):
        if ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == [(0,)]:
            return
        time.sleep(0.05)
    pytest.fail("the dead importer still holds its lock")


def test_a_killed_import_leaves_nothing(write, ask, database):
    kill_at_random_moments(5, write, ask, database)


@pytest.mark.slow
def test_twenty_killed_imports_leave_nothing(write, ask, database):
    kill_at_random_moments(20, write, ask, database)
