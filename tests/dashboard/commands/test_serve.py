"""Does `run` start, fill, serve and stop everything, and find another port where it must?"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.commands.serve import _as_environment, _next_free_port
from dashboard.domain import UserError
from dashboard.settings import Settings
from data_access.server_state import any_free_port, postmaster

ROOT = Path(__file__).resolve().parents[3]


class Served:
    """`python -m dashboard run` in a process of its own, with its own data folder and port."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port, self.process = home, port, None

    def start(self) -> str:
        """Starts it and returns what it printed up to the line with its address."""
        environment = {**os.environ, "EQL_HOME": str(self.home), "EQL_PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "run"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        printed = ""
        for line in self.process.stdout:
            printed += line
            if "The dashboard is at" in line:
                return printed
        raise AssertionError(printed)

    def stop(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        code = self.process.wait(30)
        self.process.stdout.close()
        return code

    @property
    def postgres(self) -> int | None:
        left = postmaster(self.home / "server" / "data")
        return left.pid if left and left.alive else None


@pytest.fixture
def served(short_folder: Path) -> Iterator[Served]:
    one = Served(short_folder / "home", any_free_port())
    yield one
    if one.process is not None and one.process.poll() is None:
        one.stop(signal.SIGTERM)


def healthy(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
        return answer.status == 200


@pytest.mark.database
@pytest.mark.slow
def test_a_life_of_the_dashboard(served: Served) -> None:
    first = served.start()
    assert "First start" in first
    assert f"http://localhost:{served.port}" in first
    assert healthy(served.port)

    crashed = served.postgres
    os.kill(crashed, signal.SIGKILL)
    deadline = time.monotonic() + 20
    while served.postgres in (None, crashed) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert served.postgres not in (None, crashed), "a crashed Postgres is started again"

    assert served.stop(signal.SIGINT) == 130
    assert served.postgres is None
    with pytest.raises(OSError, match="refused"):
        healthy(served.port)

    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", served.port))
        squatter.listen()
        second = served.start()
        assert "First start" not in second, "the data are still there"
        assert f"Port {served.port} is in use" in second
        taken = int(re.search(r"http://localhost:(\d+)", second).group(1))
        assert taken != served.port
        assert healthy(taken)
        assert served.stop(signal.SIGTERM) == 128 + signal.SIGTERM
    assert served.postgres is None


def test_the_wanted_port_is_taken_where_it_is_free() -> None:
    port = any_free_port()
    assert _next_free_port(port, port) == port


def test_a_server_on_the_other_loopback_address_counts_as_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    # "localhost" may mean ::1: the browser would show the stranger.
    try:
        squatter = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with squatter:
        port = squatter.getsockname()[1]
        assert _next_free_port(port, port) > port
    assert f"Port {port} is in use" in capsys.readouterr().out


def test_no_free_port_is_said() -> None:
    with pytest.raises(UserError, match="EQL_PORT"):
        _next_free_port(70_000, 69_990)


def test_the_app_gets_the_settings_of_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    given = Settings(database_url="postgresql://u:p@h/x", home=Path("relative"), currency="EUR", port=9000)
    environment = _as_environment(given)
    assert environment["DATABASE_URL"] == "postgresql://u:p@h/x"
    assert environment["EQL_HOME"] == str(tmp_path / "relative")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert Settings().model_copy(update={"home": None}) == given.model_copy(update={"home": None})
    # A reference in dollars is none in euros unless somebody set it, and here nobody did.
    assert Settings().money_reference("reference_cost_per_eql") is None


def test_a_reference_that_was_set_counts_in_every_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    given = Settings(currency="EUR", reference_cost_per_eql="200..300")
    for name, value in _as_environment(given).items():
        monkeypatch.setenv(name, value)
    assert Settings().money_reference("reference_cost_per_eql") == (200, 300)
    assert Settings(currency="USD").money_reference("reference_cost_per_sql") == (800, 800)
