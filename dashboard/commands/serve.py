"""`run`: the dashboard in the browser, with its database started, migrated and filled."""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress

from pydantic import SecretStr
from sqlalchemy import text

from dashboard.commands import ROOT
from dashboard.domain import UserError
from dashboard.settings import Settings, settings
from data_access.engine import Database, dispose, open_database, owner_engine
from data_access.schema import migrate
from data_access.server_state import is_free

PORTS_TRIED = 20
FILLING_LOCK = 4_591_002  # two first starts at once must not both load the simulated company
PR_SET_PDEATHSIG = 1
# Matrices here are small: on a busy machine the threads of their library wait ten times as long as they work.
SINGLE_THREADED = {"OPENBLAS_NUM_THREADS": "1"}


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds `run`."""
    parser = subparsers.add_parser("run", help="serve the dashboard; loads a simulated company on first use")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serves until it is told to stop; the embedded Postgres goes with it unless somebody else uses it."""
    config = settings()
    with open_database(config) as database:
        migrate(database)
        _fill_when_empty(database)
        dispose(database)
        return _serve(config, database)


def _fill_when_empty(database: Database) -> None:
    with owner_engine(database).connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": FILLING_LOCK})
        question = "SELECT EXISTS (SELECT FROM eql.lead) OR EXISTS (SELECT FROM eql.import_batch)"
        filled = connection.execute(text(question)).scalar_one()
        connection.commit()
        if not filled:
            from data_access.demo import DemoOptions, load  # later starts do without its weight

            print("First start: loading a simulated company …", flush=True)
            load(database, DemoOptions())
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": FILLING_LOCK})
        connection.commit()


def _serve(config: Settings, database: Database) -> int:
    port = _next_free_port(config.port, config.port)
    while True:
        app = _start_app(config, port)
        try:
            if _came_up(app, port):
                print(f"The dashboard is at http://localhost:{port}. Ctrl-C stops it.", flush=True)
                return _watch(app, database)
            if app.poll() is not None and not _is_free(port):  # somebody was quicker
                port = _next_free_port(port + 1, config.port)
                continue
            raise UserError("The dashboard did not start; the lines above say why.")
        finally:
            _stop(app)


def _start_app(config: Settings, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py"]
    options = ["--server.port", str(port), "--logger.hideWelcomeMessage", "true"]
    environment = {**SINGLE_THREADED, **os.environ, **_as_environment(config)}
    return subprocess.Popen([*command, *options], cwd=ROOT, env=environment, preexec_fn=_die_with_parent)


def _as_environment(config: Settings) -> dict[str, str]:
    """The settings as the app shall see them, whatever folder and `.env` this process was started in.

    References that nobody set stay unset: what is the program's own does not count in every currency.
    """
    values = {}
    for name in type(config).model_fields:
        value = getattr(config, name)
        if value is not None and (name in config.model_fields_set or not name.startswith("reference_")):
            shown = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            values["DATABASE_URL" if name == "database_url" else f"EQL_{name.upper()}"] = shown
    if config.home is not None:
        values["EQL_HOME"] = os.path.abspath(config.home.expanduser())  # noqa: PTH100 -- links stay as they are
    return values


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def _die_with_parent() -> None:
    # A killed parent must not leave a dashboard behind that holds the port and the database.
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _came_up(app: subprocess.Popen[bytes], port: int, patience_s: float = 60) -> bool:
    deadline = time.monotonic() + patience_s
    while app.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2):
            return True
        time.sleep(0.05)
    return False


def _watch(app: subprocess.Popen[bytes], database: Database) -> int:
    """Waits for the app's end; a Postgres that crashed meanwhile is started again."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            return app.wait(timeout=1)
        if database.server is not None:
            with suppress(UserError):  # the page shows its banner; the next second tries again
                database.server.revive()


def _stop(app: subprocess.Popen[bytes]) -> None:
    if app.poll() is None:
        app.terminate()
        try:
            app.wait(timeout=10)
        except subprocess.TimeoutExpired:
            app.kill()
            app.wait()


def _next_free_port(first: int, wanted: int) -> int:
    for port in range(first, min(wanted + PORTS_TRIED, 65536)):
        if _is_free(port):
            if port != wanted:
                print(f"Port {wanted} is in use; taking {port} (EQL_PORT chooses another).", flush=True)
            return port
    raise UserError(f"Ports {wanted} to {wanted + PORTS_TRIED - 1} are all in use: choose another with EQL_PORT.")


def _is_free(port: int) -> bool:
    # Browsers try ::1 first for "localhost": a stranger there would be shown instead of us.
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with suppress(OSError), socket.socket(family) as probe:
            probe.settimeout(0.5)
            if probe.connect_ex((address, port)) == 0:
                return False
    return is_free(port)
