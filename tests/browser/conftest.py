"""A real dashboard on a real Postgres with the simulated company, looked at in a real Chromium."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page

from data_access.demo import DemoOptions, load
from data_access.embedded import EmbeddedServer
from data_access.engine import dispose, embedded_database
from data_access.schema import migrate
from data_access.server_state import any_free_port, postmaster

ROOT = Path(__file__).resolve().parents[2]
APP = ROOT / "dashboard" / "app.py"
BAD_SIGNS = re.compile(r"Traceback|Error:|postgresql://|psycopg|sqlalchemy|site-packages|\bnan\b|\bNone\b(?! of )")
SETTLED = """() => !document.querySelector('[data-testid="stStatusWidget"]')
    && !document.querySelector('[data-testid="stApp"][data-test-script-state="running"]')
    && !document.querySelector('[data-testid="stSkeleton"]')"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.database)
            item.add_marker(pytest.mark.slow)


@dataclass
class Site:
    """A running dashboard: its address, its log, and the server behind it, which can be stopped and started."""

    url: str
    log: Path
    home: Path
    servers: list[EmbeddedServer] = field(default_factory=list)

    def stop_postgres(self) -> None:
        """As an administrator would: everybody is disconnected."""
        running = postmaster(self.home / "server" / "data")
        assert running is not None
        os.kill(running.pid, signal.SIGINT)
        until(lambda: not running.alive, 20)

    def start_postgres(self) -> None:
        """On the port that it had."""
        self.servers.append(EmbeddedServer(self.home))
        self.servers[-1].acquire()

    def rows(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """What stands in the database."""
        url = embedded_database(self.servers[-1]).owner_url.set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            return connection.execute(question, values or None).fetchall()


def until(condition: Callable[[], bool], seconds: float) -> None:
    """Waits for a condition; AssertionError where it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s"
        time.sleep(0.1)


@contextmanager
def serving(folder: Path, leads: int | None, script: Path = APP) -> Iterator[Site]:
    """The dashboard on a database of its own with so many simulated leads; None leaves the database empty."""
    server = EmbeddedServer(folder / "home", {"fsync": "off"})
    site = Site(f"http://127.0.0.1:{any_free_port()}", folder / "app.log", folder / "home", [server])
    try:
        database = embedded_database(server)
        migrate(database)
        if leads:
            load(database, DemoOptions(leads=leads, until=datetime.now(UTC).date()))
        dispose(database)
        url = database.owner_url.set(drivername="postgresql").render_as_string(hide_password=False)
        with site.log.open("wb") as log:
            app = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", site.url.rsplit(":", 1)[1]],
                cwd=folder, env=os.environ | {"DATABASE_URL": url}, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            until(lambda: _answers(f"{site.url}/_stcore/health"), 60)
            yield site
        finally:
            app.terminate()
            app.wait(20)
    finally:
        for one in reversed(site.servers):
            one.release()


@pytest.fixture(scope="module")
def site(session_folder: Callable[[], Path], request: pytest.FixtureRequest) -> Iterator[Site]:
    """The dashboard that the tests of one module share; the module says with LEADS if it wants other than 6,000."""
    with serving(session_folder(), getattr(request.module, "LEADS", 6_000)) as running:
        yield running


def _answers(url: str) -> bool:
    with suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)
    return False


def opened(browser: Browser, url: str, width: int = 1440, scheme: str = "light") -> Page:
    """The page at an address once it has been drawn."""
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 600 else 844}, color_scheme=scheme, service_workers="block"
    )
    page = context.new_page()
    page.goto(url)
    drawn(page)
    return page


def drawn(page: Page) -> None:
    """Waits until the script has run through."""
    page.wait_for_selector("h3, [data-testid=stAlert]", timeout=60_000)
    page.wait_for_function(SETTLED, timeout=60_000)


def words_of(page: Page) -> str:
    """What is written on the page; fails where anything went wrong on it."""
    words = page.locator("[data-testid=stMain]").inner_text()
    assert not BAD_SIGNS.search(words), words
    assert page.locator("[data-testid=stException], [data-testid=stAlertContentError]").count() == 0
    return words


def fits(page: Page) -> None:
    """Fails where the page scrolls sideways."""
    wide = page.evaluate(
        "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth; }"
    )
    assert wide <= 0, f"the page scrolls sideways by {wide} pixels"


@pytest.fixture(scope="session")
def session_folder() -> Iterator[Callable[[], Path]]:
    """Makes folders that an unprivileged Postgres can reach; they go at the end."""
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="eql")))
        made[-1].chmod(0o755)
        return made[-1]

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)
