"""Does the embedded Postgres keep data, locks and rights through kills, crowds and wrong folders?"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from dashboard.domain import UserError
from data_access import embedded, postgres_binaries, server_state
from data_access.embedded import Access, EmbeddedServer

pytestmark = pytest.mark.database

ROOT = Path(__file__).resolve().parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another user")

HOLD = """
import sys, time
from pathlib import Path
from data_access.embedded import EmbeddedServer
access = EmbeddedServer(Path(sys.argv[1]), {"fsync": "off", "shared_buffers": "32MB"}).acquire()
print(access.port, flush=True)
time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def home(short_folder: Path) -> Path:
    return short_folder / "home"


@pytest.fixture(scope="module")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped cluster with one row in it, for copying: initdb takes a second."""
    import tempfile

    folder = Path(tempfile.mkdtemp(prefix="eql"))
    folder.chmod(0o755)
    server = new_server(folder / "home")
    ask(server.acquire(), "CREATE TABLE kept AS SELECT 42 AS answer")
    server.release()
    yield folder / "home"
    shutil.rmtree(folder)


@pytest.fixture
def used_home(made_home: Path, home: Path) -> Path:
    """A copy of the stopped cluster, with its owners and rights."""
    subprocess.run(["cp", "-a", made_home, home], check=True)
    return home


def new_server(home: Path) -> EmbeddedServer:
    return EmbeddedServer(home, {"fsync": "off", "shared_buffers": "32MB"})


def connect(access: Access, **changed: object) -> psycopg.Connection:
    given = {"user": "eql_owner", "password": access.owner_password, "dbname": "eql", **changed}
    return psycopg.connect(host="127.0.0.1", port=access.port, connect_timeout=2, autocommit=True, **given)


def ask(access: Access, sql: str) -> object:
    with connect(access) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchone()[0] if cursor.description else None


def holder(home: Path, seconds: float = 60) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLD, str(home), str(seconds)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def postmaster_pid(home: Path) -> int | None:
    left = server_state.postmaster(home / "server" / "data")
    return left.pid if left and left.alive else None


def wait_until(met: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if met():
            return True
        time.sleep(0.05)
    return False


def test_it_is_private_and_checks_its_pages(home: Path) -> None:
    server = new_server(home)
    access = server.acquire()
    try:
        assert ask(access, "SHOW data_checksums") == "on"
        assert ask(access, "SHOW listen_addresses") == "127.0.0.1"
        assert ask(access, "SHOW unix_socket_directories") == ""
        assert ask(access, "SHOW server_encoding") == "UTF8"
        assert ask(access, "SELECT lower('ÄÉ')") == "äé"
        with pytest.raises(psycopg.OperationalError, match="password"):
            connect(access, password="guess")
        assert (home / "access.json").stat().st_mode & 0o777 == 0o600
        assert (home / "server" / "data").stat().st_mode & 0o777 == 0o700
        assert access.owner_password not in repr(access)
        assert Path(f"/proc/{postmaster_pid(home)}").stat().st_uid != 0
        with connect(access, user="eql_app", password=access.app_password) as app:
            assert app.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
    finally:
        server.release()


def test_durability_stays_on() -> None:
    # Nobody may trade a company's data for speed: no setting of ours touches these.
    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(EmbeddedServer(Path("/nowhere"))._tuning)


def test_the_last_user_stops_it_and_the_data_stay(used_home: Path) -> None:
    first, second = new_server(used_home), new_server(used_home)
    port = first.acquire().port
    assert second.acquire().port == port
    first.release()
    assert postmaster_pid(used_home) is not None, "the second user still works with it"
    second.release()
    assert postmaster_pid(used_home) is None
    assert not (used_home / "server" / "data" / "postmaster.pid").exists(), "a clean stop"
    third = new_server(used_home)
    access = third.acquire()
    assert access.port == port, "the port is remembered"
    assert ask(access, "SELECT answer FROM kept") == 42
    third.release()
    third.release()


def test_a_killed_user_leaves_a_server_that_the_next_one_takes_over(used_home: Path) -> None:
    process = holder(used_home)
    port = int(process.stdout.readline())
    process.kill()
    process.wait()
    left = postmaster_pid(used_home)
    assert left is not None, "nobody was there to stop it"
    server = new_server(used_home)
    access = server.acquire()
    assert (access.port, postmaster_pid(used_home)) == (port, left)
    assert ask(access, "SELECT answer FROM kept") == 42
    server.release()
    assert postmaster_pid(used_home) is None


def test_a_killed_server_starts_again_with_its_data(used_home: Path) -> None:
    server, other = new_server(used_home), new_server(used_home)
    access = server.acquire()
    ask(access, "INSERT INTO kept VALUES (43)")
    killed = postmaster_pid(used_home)
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: postmaster_pid(used_home) is None)
    again = other.acquire()
    assert postmaster_pid(used_home) not in (None, killed)
    assert ask(again, "SELECT sum(answer) FROM kept") == 85
    other.release()
    assert postmaster_pid(used_home) is not None, "the first user never left"
    server.release()
    assert postmaster_pid(used_home) is None


def test_revive_mends_a_crash_and_respects_a_clean_stop(used_home: Path) -> None:
    server = new_server(used_home)
    access = server.acquire()
    assert server.revive() is False, "it runs"
    os.kill(postmaster_pid(used_home), signal.SIGKILL)
    assert wait_until(lambda: postmaster_pid(used_home) is None)
    assert server.revive() is True
    assert ask(access, "SELECT answer FROM kept") == 42, "at the same port with the same password"
    os.kill(postmaster_pid(used_home), signal.SIGINT)  # the fast shutdown that pg_ctl stop asks for
    assert wait_until(lambda: not (used_home / "server" / "data" / "postmaster.pid").exists())
    assert server.revive() is False
    server.release()


def test_stopped_and_started_by_hand_it_is_found_where_it_was(used_home: Path) -> None:
    server, data = new_server(used_home), used_home / "server" / "data"
    access = server.acquire()
    account = postgres_binaries.choose_account(used_home / "server")
    pg_ctl = [postgres_binaries.find_binaries().folder / "pg_ctl", "--pgdata", data, "--wait", "--silent"]
    for action in (["stop"], ["start", "--log", used_home / "server" / "hand.log"]):
        assert account.run([*pg_ctl, *action], cwd=used_home / "server").returncode == 0
    assert ask(access, "SELECT answer FROM kept") == 42
    assert ask(access, "SHOW listen_addresses") == "127.0.0.1"
    server.release()
    assert postmaster_pid(used_home) is None


def test_two_first_starts_at_once_share_one_server(home: Path) -> None:
    crowd = [holder(home, 3) for _ in range(3)]
    ports = {int(process.stdout.readline()) for process in crowd}
    assert len(ports) == 1
    assert [process.wait(60) for process in crowd] == [0, 0, 0]
    assert wait_until(lambda: postmaster_pid(home) is None), "the last one stopped it"


@pytest.mark.slow
def test_a_first_start_killed_at_any_moment_can_be_repeated(home: Path) -> None:
    dice = random.Random(7)
    for _ in range(5):
        process = holder(home)
        time.sleep(dice.uniform(0.2, 1.6))
        process.kill()
        process.wait()
    server = new_server(home)
    assert ask(server.acquire(), "SELECT count(*) FROM pg_roles WHERE rolname IN ('eql_owner', 'eql_app')") == 2
    server.release()
    assert sorted(entry.name for entry in (home / "server").iterdir()) == ["data", "server.log", "settings.conf"], (
        "nothing half is left"
    )
    assert postmaster_pid(home) is None


def test_a_stranger_with_the_old_process_number_does_not_keep_it_down(used_home: Path) -> None:
    # In a container the numbers begin anew: postmaster.pid then names a process that has nothing to do with us.
    server = new_server(used_home)
    server.acquire()
    os.kill(postmaster_pid(used_home), signal.SIGKILL)
    assert wait_until(lambda: postmaster_pid(used_home) is None)
    pid_file = used_home / "server" / "data" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    account = postgres_binaries.choose_account(used_home / "server")
    stranger = subprocess.Popen(["sleep", "60"], user=account.uid, cwd="/")
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        time.sleep(1)  # the killed server's children go
        other = new_server(used_home)
        assert ask(other.acquire(), "SELECT answer FROM kept") == 42
        other.release()
    finally:
        stranger.kill()
        stranger.wait()
        server.release()


def test_another_major_version_is_refused_and_untouched(used_home: Path) -> None:
    data = used_home / "server" / "data"
    (data / "PG_VERSION").write_text("12\n")
    before = sorted((path.name, path.stat().st_mtime_ns) for path in data.iterdir())
    with pytest.raises(UserError, match=r"PostgreSQL 12.*EQL_HOME.*nothing was touched"):
        new_server(used_home).acquire()
    assert sorted((path.name, path.stat().st_mtime_ns) for path in data.iterdir()) == before


def test_files_that_are_no_database_are_not_overwritten(home: Path) -> None:
    data = home / "server" / "data"
    data.mkdir(parents=True)
    home.chmod(0o755)
    (data / "thesis.txt").write_text("three years of work")
    with pytest.raises(UserError, match="nothing was touched"):
        new_server(home).acquire()
    assert (data / "thesis.txt").read_text() == "three years of work"


def test_a_port_in_use_is_chosen_anew(used_home: Path) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        taken = squatter.getsockname()[1]
        (used_home / "port").write_text(str(taken))
        server = new_server(used_home)
        access = server.acquire()
        assert access.port != taken
        assert ask(access, "SELECT answer FROM kept") == 42
        server.release()
    assert int((used_home / "port").read_text()) == access.port


def test_lost_passwords_are_said_not_replaced(used_home: Path) -> None:
    (used_home / "access.json").unlink()
    with pytest.raises(UserError, match=r"access\.json.*is gone"):
        new_server(used_home).acquire()
    assert not (used_home / "access.json").exists()


def test_a_file_in_place_of_the_folder_is_said(short_folder: Path) -> None:
    (short_folder / "file").write_text("")
    with pytest.raises(UserError, match="is no folder"):
        new_server(short_folder / "file").acquire()


def test_a_place_where_no_folder_can_be_is_said() -> None:
    with pytest.raises(UserError, match=r"cannot be used .* EQL_HOME"):
        new_server(Path("/proc/no/such/place")).acquire()


@as_root
def test_a_folder_out_of_reach_is_said_and_its_parents_keep_their_rights(short_folder: Path) -> None:
    short_folder.chmod(0o700)
    with pytest.raises(UserError, match="cannot reach"):
        new_server(short_folder / "home").acquire()
    assert short_folder.stat().st_mode & 0o777 == 0o700


@as_root
def test_an_own_closed_folder_opens_to_the_server_only(short_folder: Path) -> None:
    home = short_folder / "home"
    home.mkdir(mode=0o700)
    server = new_server(home)
    server.acquire()
    server.release()
    assert home.stat().st_mode & 0o777 == 0o710


@as_root
def test_binaries_out_of_reach_are_copied_once(
    short_folder: Path, used_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = postgres_binaries.find_binaries()
    closed = short_folder / "closed"
    shutil.copytree(found.folder.parent, closed / "pg", ignore=shutil.ignore_patterns("include"))
    closed.chmod(0o700)
    out_of_reach = postgres_binaries.Binaries(closed / "pg" / "bin", found.version)
    monkeypatch.setattr(embedded, "find_binaries", lambda: out_of_reach)
    server = new_server(used_home)
    access = server.acquire()
    assert ask(access, "SELECT answer FROM kept") == 42
    server.release()
    assert closed.stat().st_mode & 0o777 == 0o700
    assert (used_home / f"postgresql-{found.version}" / "bin" / "postgres").exists()


@as_root
def test_the_owner_of_an_existing_folder_runs_it(short_folder: Path) -> None:
    (short_folder / "server").mkdir()
    os.chown(short_folder / "server", 65534, 65534)
    assert postgres_binaries.choose_account(short_folder / "server").uid == 65534


def test_passwords_are_long_and_differ(used_home: Path, made_home: Path) -> None:
    passwords = json.loads((used_home / "access.json").read_text())
    assert len(set(passwords.values())) == 2
    assert all(len(word) >= 32 for word in passwords.values())
