"""What do all tests share? A clean environment, a real Postgres of their own, Chromium where there is one."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from pathlib import Path

import hypothesis
import psycopg
import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import URL

NewDatabase = Callable[..., AbstractContextManager["Database"]]
ROOT = Path(__file__).resolve().parents[1]
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def _forget_settings() -> None:
    # Nothing that a person set for their own dashboard may reach a test, or a test their data.
    for name in [name for name in os.environ if name.startswith(("EQL_", "PG")) or name == "DATABASE_URL"]:
        del os.environ[name]


_forget_settings()

from dashboard import answers  # noqa: E402
from dashboard import settings as settings_module  # noqa: E402
from data_access.embedded import EmbeddedServer  # noqa: E402
from data_access.engine import Database, app_engine, dispose, embedded_database  # noqa: E402
from data_access.schema import migrate  # noqa: E402

settings_module.Settings.model_config["env_file"] = None
# A loaded machine is slow by the minute; a slow example is no failure.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@contextmanager
def _short_folder() -> Iterator[Path]:
    """A folder that an unprivileged Postgres can reach too; pytest's own have mode 700."""
    folder = Path(tempfile.mkdtemp(prefix="eql"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """An empty folder in which a test may run an embedded server of its own."""
    with _short_folder() as folder:
        yield folder


@pytest.fixture(scope="session")
def _template() -> Iterator[Database]:
    """A migrated database in a server of this test session, from which the others are copied."""
    with _short_folder() as folder:
        server = EmbeddedServer(folder / "home", extra={"fsync": "off", "shared_buffers": "64MB"})
        try:
            database = embedded_database(server)
            migrate(database)
            dispose(database)
            yield database
        finally:
            server.release()


@pytest.fixture(scope="session")
def _new_database(_template: Database) -> NewDatabase:
    numbers = count(1)

    @contextmanager
    def make(template: str = str(_template.owner_url.database)) -> Iterator[Database]:
        name = f"test_{next(numbers)}"
        _administer(_template, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        database = Database(
            _template.owner_url.set(database=name),
            _template.app_url.set(database=name),
            embedded=True,
            server=_template.server,
        )
        try:
            yield database
        finally:
            dispose(database)
            _administer(_template, f"DROP DATABASE {name} WITH (FORCE)")

    return make


def _administer(template: Database, statement: str) -> None:
    url: URL = template.owner_url.set(drivername="postgresql", database="postgres")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def database(_new_database: NewDatabase) -> Iterator[Database]:
    """A migrated database without rows, fresh for each test."""
    with _new_database() as fresh:
        yield fresh


@pytest.fixture
def served(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The database of this test alone, with the app looking at it."""
    monkeypatch.setattr(answers, "_engine", app_engine(database))
    monkeypatch.setattr(answers, "_seen", None)
    monkeypatch.setattr(answers, "_good_at", None)
    answers.forget()
    yield database
    answers.forget()


@pytest.fixture
def empty_database(_new_database: NewDatabase) -> Iterator[Database]:
    """A database into which nothing was migrated yet."""
    with _new_database("template0") as fresh:
        yield fresh


@pytest.fixture(scope="module")
def module_database(_new_database: NewDatabase) -> Iterator[Database]:
    """A migrated database without rows that the tests of one module share."""
    with _new_database() as fresh:
        yield fresh


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with other companies' files, where it lies beside the repository."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the folder ../shared/data with other companies' files is missing")
    return folder


@pytest.fixture(scope="session")
def chromium() -> Path:
    """An executable Chromium: of the system, else Playwright's own; skips where there is none."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", own):
        found = shutil.which(name)
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:
            return Path(found)
    pytest.skip("no Chromium was found and none could be installed")


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    """One Chromium for all tests of a process: Playwright allows no second one beside it."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
        yield running
        running.close()
